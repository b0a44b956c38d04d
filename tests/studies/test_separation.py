import json

import numpy as np
import pandas as pd
import pytest

from engine import solve
from studies.separation import GENERAL_RTOL, HORIZONS, KEY, PATH, RTOL, STARTS


@pytest.fixture(scope="module")
def table():
    return pd.read_csv(PATH)


def test_every_cell_is_measured_once_and_says_what_made_it(table):
    assert not table.duplicated(list(KEY)).any() and set(table["start"]) <= set(STARTS)
    made = json.loads(PATH.with_name(PATH.name + ".json").read_text())
    assert (made["rtol"], made["general_rtol"]) == (RTOL, GENERAL_RTOL)


def test_the_theory_of_identical_neurons_is_the_stored_one(table):
    rows = table[(table["start"] == "mean-field") & (table["m"] == 8)]
    base = next(p for p in STARTS["mean-field"] if p.h == (0.0, 0.9, 0.5))
    end = solve(base.replace(m=8, t_max=8.0 * HORIZONS["mean-field"]), RTOL).test_error[-1]
    stored = rows.loc[rows["activation"] == "quadratic", "identical_test_error_end"]
    assert stored.to_numpy() == pytest.approx(end, rel=10 * RTOL)


def test_finite_d_supplies_the_spread_that_groups_of_that_d_have(table):
    rows = table[(table["start"] == "mean-field") & (table["d"] >= 50)]
    ratio = rows["sd_v_12"] / rows["general_sd_v_12"]
    # The sd over m = 8 neurons of 4 networks scatters by 1/sqrt(2 * 32) = 12 %.
    assert np.median(ratio) == pytest.approx(1, abs=0.12)


def test_late_lazy_networks_come_nearer_to_groups_as_d_grows(table):
    rows = table[(table["start"] == "lazy, γ₀ = 0.3") & (table["model"] == "real")
                 & (table["m"] == 32)].sort_values("d")
    away = rows["test_error_end"] / rows["general_test_error_end"]
    assert len(away) == 3 and away.is_monotonic_decreasing
