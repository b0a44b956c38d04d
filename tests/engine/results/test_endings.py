"""How runs end, on settings whose end is known."""

import pytest

from engine import Parameters, solve
from engine.results.endings import Ending, ending


@pytest.mark.parametrize(("settings", "expected"), [
    # The paper's Figure 4: narrow enough to overfit; m = 512 rests (theory of the plateau).
    ({"m": 128}, Ending.OVERFITS),
    ({"m": 512, "t_max": 5000.0}, Ending.RESTS),
    # Its Figure 3, γ₀ above the threshold 0.56.
    ({"init": "lazy", "h": "quadratic", "gamma0": 1.0, "m": 64}, Ending.AT_ONCE),
    # No noise: a = 1 is the target's own.
    ({"m": 128, "tau": 0.0}, Ending.AT_ONCE),
])
def test_how_known_runs_end(settings, expected):
    assert ending(solve(Parameters(**settings))) is expected


def test_a_run_out_of_nodes_has_no_ending():
    assert ending(solve(Parameters(), max_nodes=40)) is Ending.UNFINISHED
