"""The picture of the phases is that of the engine, and says on which side of it a run starts."""

import pytest

from engine import Parameters, solve
from engine.limits import gamma_threshold
from engine.results.keyfigures import key_figures
from pages.regimes.phase import diagram, start, stored, words


@pytest.mark.parametrize("p", [
    Parameters(init="lazy", alpha=0.25), Parameters(init="lazy", alpha=0.15, h="weak", tau=1.0),
    Parameters(target="noise", h="quadratic", tau=2.5),
    Parameters(init="lazy", alpha=0.3, h=(0.0, 0.5, 0.0, 0.4), tau=0.6),
])
def test_the_threshold_drawn_is_the_one_that_a_search_finds(p):
    """To 2 %: the table was computed at rtol = 1 %, this at 1 % too, and lies between its nodes."""
    assert start(p).threshold == pytest.approx(gamma_threshold(p, rtol=1e-2).value, rel=0.02)


@pytest.mark.parametrize(("gamma0", "side"), [(0.2, "below"), (1.5, "above")])
def test_the_side_of_the_start_tells_whether_gamma_has_to_grow(gamma0, side):
    p = Parameters(init="lazy", gamma0=gamma0, m=512)
    here, run = start(p), solve(p)
    assert here.side == side and f"{side} γ* = " in words(p, here)
    assert key_figures(run).interpolated_in_place == (side == "above")
    assert len(diagram(p, here).traces) == (3 if side == "below" else 2)
    grown = run.gamma[-1] if side == "below" else here.threshold
    # Finite width: γ ends within a tenth of its m → ∞ value.
    assert grown == pytest.approx(here.threshold, rel=0.1)


@pytest.mark.parametrize("p", [
    Parameters(h=(0.0, 0.9, 0.2, 0.2)), Parameters(h=(0.0, 1.0)), Parameters(alpha=2.0),
    Parameters(activation="tanh"), Parameters(tau=0.0, phi=(0.0, 1.0)),
])
def test_what_is_not_stored_is_not_drawn(p):
    assert start(p) is None


def test_weak_and_quadratic_share_what_is_left_of_h():
    assert stored(Parameters(h="weak", target="noise"))["gamma"].tolist() == pytest.approx(
        stored(Parameters(h="quadratic", target="noise"))["gamma"].tolist())
