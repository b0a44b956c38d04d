"""The theory's column of the table of regimes against runs at two widths."""

import math

import pytest

from dashboard.words.theory import expected
from engine import Parameters, solve

ORDERS = {"Θ(1/√m)": -0.5, "o(1)": -0.5, "Θ(1)": 0.0, "O(1)": 0.0}
"""The power of m that each sign stands for; where the theory says o(1), it is again 1/√m."""
LAZY = Parameters(init="lazy", tau=0.6)


@pytest.mark.parametrize(("p", "regime", "power"), [
    (LAZY, "lazy-1", -1.0), (LAZY, "lazy-2", 0.0), (Parameters(), "mean-field-1", 0.0),
    (Parameters(target="noise", tau=1.0), "noise-1", 0.0),
])
def test_the_first_layer_moves_as_its_cell_says(p, regime, power):
    """The distance from the start at one scaled time; 0.05: corrections at m = 10⁴ are 1/√m."""
    moved = []
    for m in (10**4, 10**6):
        t = 2.0 * m**power
        run = solve(p.replace(m=m, t_max=t), 1e-3)
        moved.append(run.first_layer_displacement[-1])
    order = ORDERS[expected(p)[regime].first_layer.short]
    assert math.log(moved[1] / moved[0]) / math.log(100) == pytest.approx(order, abs=0.05)
