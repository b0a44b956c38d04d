"""The regimes of neurons that differ: what changes, when, and whether widths fall together."""

import math

import numpy as np
import pytest

from dashboard.words.regimes import UNEQUAL
from dashboard.words.theory import unequal_rows
from engine import Parameters
from engine.limits.checks.collapse import whole_runs
from engine.results.keyfigures import first_time
from pages.regimes.differing import panels, table

LAZY = Parameters(init="lazy", h="quadratic", gamma0=0.3, tau=0.6)


@pytest.mark.parametrize(("p", "changed"), [
    (Parameters(), {"mean-field-2"}), (LAZY, {"lazy-2", "lazy-3"}),
    (LAZY.replace(train_second_layer=False), {"lazy-2"}),
    (LAZY.replace(h="cubic"), set()), (LAZY.replace(phi=(0.0, 1.0)), set()),
    (Parameters(tau=0.0), set()), (Parameters(target="noise"), set()),
    (Parameters(phi=(0.0, 0.5)), set()), (Parameters(train_second_layer=False), set()),
])
def test_only_what_is_known_is_said_to_change(p, changed):
    assert set(unequal_rows(p)) == changed <= set(UNEQUAL)


def test_the_table_names_the_regimes_of_both():
    shown = table(LAZY)
    assert list(shown["Unequal neurons"]) == [
        "as it is", UNEQUAL["lazy-2"].name, UNEQUAL["lazy-3"].name]
    assert "z² part" in shown["What changes"].iloc[1]


def test_widths_leave_the_plateau_together_in_units_of_m():
    """t/m where e_tr is half the noise: within 15 % from m = 128 to 1024 (2.46 to 2.31 there)."""
    runs = whole_runs(Parameters(spread=0.1), (128, 1024), 5.0)
    left = [first_time(run.t, 0.0225 - run.train_error) / run.parameters.m for run in runs]
    assert left[1] == pytest.approx(left[0], rel=0.15)
    train = next(panel for panel in panels("mean-field-2", runs) if panel.title == "Train error")
    for trace, time in zip(train.traces, left, strict=True):
        # Half a step of the runs, which is a few per cent of the time.
        assert np.interp(0.0225, trace.y[::-1], trace.x[::-1]) == pytest.approx(time, rel=0.05)


def test_lazy_widths_learn_the_squares_together_in_units_of_one_over_root_m():
    """t√m where sd v = 0.1: within 40 %, since at m = 256 it still falls faster than m^(−1/2)."""
    runs = whole_runs(LAZY.replace(spread=0.1), (256, 4096), 1.0)
    times = [first_time(run.t, run.groups.sd(run.groups.v) - 0.1) * math.sqrt(run.parameters.m)
             for run in runs]
    assert times[1] == pytest.approx(times[0], rel=0.4)
