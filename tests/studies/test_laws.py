"""The stored runs are those that the script asks for, and the prose says what they say."""

from pathlib import Path

import numpy as np
import pytest

from engine import solve
from studies.fits import markdown
from studies.laws import PATH, SETS, asked, measured, read, summary

DOC = Path(__file__).parents[2] / "docs" / "laws.md"


@pytest.fixture(scope="module")
def table():
    return read()


@pytest.fixture(scope="module")
def fits(table):
    return summary(table).set_index(["law", "setting"])


def test_the_document_has_the_fits_of_the_stored_runs(table):
    assert markdown(summary(table)) in DOC.read_text()


def test_every_run_that_the_script_asks_for_is_stored_once(table):
    wanted = [asked(name, *case) for name, cases in SETS.items() for case in cases]
    assert len(wanted) == len(table) == len(table.drop_duplicates(["set", "h", "alpha", "tau", "m",
                                                                   "spread", "start_d", "groups",
                                                                   "target", "init", "rtol"]))
    assert PATH.with_name(PATH.name + ".json").exists()


@pytest.mark.parametrize(("name", "number"), [("width", 0), ("lazy spread", 5), ("identical", 0),
                                              ("wide identical", 7)])
def test_solving_again_gives_the_stored_row(table, name, number):
    p, rtol = SETS[name][number]
    stored = table[table["set"] == name].iloc[number]
    again = measured(solve(p, rtol))
    for figure in ("left", "sd_0.05", "best_test_error", "test_error_end"):
        # Times at which a plateau ends are the least accurate: some rtol.
        assert again[figure] == pytest.approx(stored[figure], rel=5 * rtol, nan_ok=True)


@pytest.mark.parametrize(("law", "setting", "value", "tolerance"), [
    ("left, power of m", "spread 0.1", 1.0, 0.03),
    ("left, power of m", "spread 0.1, m ≥ 8,192", 1.22, 0.02),
    ("left/m: change from rtol 0.001 to 0.003", "spread 0.1, m ≥ 8,192", 0.0, 0.01),
    ("best excess × m", "identical, weak, τ = 0.3, m ≥ 16,384", 1.5, 0.05),
    ("excess at t = 10 m, power of m", "identical, cubic, τ = 0.3, m ≥ 16,384", -1.01, 0.01),
    ("left/m against ln 1/spread", "m = 1024", 0.57, 0.04),
    ("excess over Bayes when fitted, m → ∞, share of Bayes", "spread 0.1, m ≥ 256", 0.10, 0.01),
    ("sd v = 0.05, power of m", "lazy, spread 0.001, m ≥ 1024", -0.5, 0.03),
    ("least test error/learned plateau", "lazy, m ≥ 1024", 1.0, 0.01)])
def test_the_laws_in_the_prose_are_those_of_the_table(fits, law, setting, value, tolerance):
    assert fits.loc[(law, setting), "value"] == pytest.approx(value, abs=tolerance)


def test_the_spread_of_a_noise_target_does_not_grow(table):
    noise = table[table["target"] == "noise"]
    assert (noise["sd_a_end"] < noise["spread"]).all() and np.all(noise["sd_v_end"] == 0)
