import json

import numpy as np
import pandas as pd
import pytest

from engine import solve
from engine.limits.levels import levels
from studies.store import RESULTS
from studies.unequal_figures import (
    HORIZON,
    LAZY,
    MEAN_FIELD,
    NODES,
    RTOL,
    curves,
    kept,
)


def stored(figure):
    return pd.read_csv(RESULTS / f"unequal_{figure}.csv")


@pytest.mark.parametrize("figure", ["overfitting", "groups", "lazy", "network"])
def test_every_table_says_what_made_it(figure):
    made = json.loads((RESULTS / f"unequal_{figure}.csv.json").read_text())
    assert made["command"].endswith(figure) and made["rtol"] == RTOL


def test_a_stored_curve_is_the_one_that_solving_again_gives():
    m = 256
    table = stored("overfitting").query("m == @m and neurons == 'identical'")
    again = curves(solve(MEAN_FIELD.replace(m=m, t_max=float(HORIZON * m)), RTOL))
    # Another step policy may move the end by some rtol.
    end = again["test_error"].iloc[-1]
    assert table["test_error"].iloc[-1] == pytest.approx(end, rel=10 * RTOL)


def test_only_unequal_neurons_leave_the_plateau():
    ends = stored("overfitting").groupby(["m", "neurons"])["train_error"].last().unstack()
    noise = MEAN_FIELD.bayes_error
    assert (ends["identical"] > 0.8 * noise).all() and (ends["unequal"] < 0.01 * noise).all()


def test_the_leaders_keep_the_feature_and_the_laggards_unlearn_it():
    end = stored("groups").groupby("group").last()
    assert end["v"].idxmax() == 4 and end["v"][4] > 0.7 and (end["v"][:3].abs() < 0.3).all()
    assert end["a"].idxmax() == 1


def test_wide_lazy_networks_come_near_the_plateau_with_the_quadratic_part_learned():
    table = stored("lazy").query("m == 4096 and neurons != 'identical'")
    least = table.groupby("neurons")["test_error"].min()
    # 2 %: corrections of order m^-1/2 = 1.6 %.
    assert least.to_numpy() == pytest.approx(levels(LAZY).learned_plateau(LAZY.gamma0), rel=0.02)


def test_thinning_keeps_both_ends_and_the_order():
    rows = kept(1000)
    assert rows[0] == 0 and rows[-1] == 999 and len(rows) == NODES and np.all(np.diff(rows) > 0)
    assert np.array_equal(kept(3), [0, 1, 2])


def test_real_lazy_networks_end_nearer_to_unequal_neurons_than_to_identical_ones():
    end = stored("network").query("setting == 'lazy'").groupby("source")["test_error"].last()
    assert abs(end["real"] - end["groups"]) < abs(end["real"] - end["symmetric"]) / 2
