"""The stored networks on digits, and what is fitted to them."""

import json
from itertools import product

import numpy as np
import pandas as pd
import pytest

from engine.network.digits import learn
from studies.digits import (
    COMMAND,
    CURVES,
    ERRORS,
    FITS,
    MOST_STEPS,
    SEEDS,
    SETS,
    STARTS,
    TIMES,
    WIDTHS,
    fits,
    setting,
    times,
)


@pytest.mark.parametrize("path", [CURVES, TIMES, FITS])
def test_every_table_says_what_made_it(path):
    made = json.loads(path.with_name(path.name + ".json").read_text())
    assert made["command"] == COMMAND and made["seeds"] == SEEDS


def test_all_widths_and_both_starts_are_there():
    table = pd.read_csv(TIMES).query("source == 'digits'")
    assert set(zip(table["set"], table["start"], table["m"], strict=True)) == set(
        product(SETS, STARTS, WIDTHS))
    assert (table.groupby(["set", "start", "m"]).size() == SEEDS).all()


def test_the_stored_powers_are_those_of_the_stored_times():
    again = fits(pd.read_csv(TIMES))
    # Tables are stored to six digits.
    pd.testing.assert_frame_equal(again, pd.read_csv(FITS), rtol=1e-4, check_dtype=False)
    known = pd.DataFrame({"set": "equal n", "start": "lazy", "source": "digits", "m": [16, 64, 256],
                          "learned": [1.0, 1.0, 1.0], "overfitted": [2.0, 8.0, 32.0]})
    assert fits(known)["power"].to_numpy() == pytest.approx([0.0, 1.0])


def test_a_stored_curve_is_the_one_that_training_again_gives():
    """Another machine's rounding changes steps, and an error that a step makes is some per cent."""
    p = setting("equal alpha", "mean-field", 64)
    again = learn(p, SEEDS, times=times(p), max_steps=MOST_STEPS).groupby("t").median()
    stored = pd.read_csv(CURVES).query(
        "set == 'equal alpha' and start == 'mean-field' and m == 64 and source == 'digits'")
    for name in ERRORS:
        np.testing.assert_allclose(stored[name], again[name], rtol=0.05)
