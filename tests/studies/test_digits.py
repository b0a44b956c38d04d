"""The stored networks on digits, and what is fitted to them."""

import json

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
    STARTS,
    TIMES,
    WIDTHS,
    fits,
    of_width,
    setting,
    times,
)


@pytest.mark.parametrize("path", [CURVES, TIMES, FITS])
def test_every_table_says_what_made_it(path):
    made = json.loads(path.with_name(path.name + ".json").read_text())
    assert made["command"] == COMMAND and made["seeds"] == {
        str(m): number for m, number in SEEDS.items()}


def test_all_widths_and_both_starts_are_there():
    table = pd.read_csv(TIMES).query("source == 'digits'")
    assert set(zip(table["set"], table["start"], table["m"], strict=True)) == {
        (name, start, m) for name, widths in WIDTHS.items() for start in STARTS for m in widths}
    for (_, _, m), rows in table.groupby(["set", "start", "m"]):
        assert len(rows) == of_width(SEEDS, m)


def test_the_stored_powers_are_those_of_the_stored_times():
    again = fits(pd.read_csv(TIMES))
    # Tables are stored to six digits.
    pd.testing.assert_frame_equal(again, pd.read_csv(FITS), rtol=1e-4, check_dtype=False)
    known = pd.DataFrame({"set": "equal n", "start": "lazy", "source": "digits", "m": [16, 64, 256],
                          "learned": [1.0, 1.0, 1.0], "overfitted": [2.0, 8.0, 32.0]})
    assert fits(known)["power"].to_numpy() == pytest.approx([0.0, 1.0])


def test_the_pages_claims_hold_of_the_stored_times():
    """What `pages.digits.reading` says agrees, and does not."""
    table = pd.read_csv(FITS).set_index(["set", "start", "source", "event"])
    power, error = table["power"], table["error"]
    for start in STARTS:
        of = ("equal alpha", start, "digits")
        apart = power[(*of, "overfitted")] - power[(*of, "learned")]
        assert apart > 3 * (error[(*of, "overfitted")] + error[(*of, "learned")])
        assert power[(*of, "overfitted")] > power[("equal alpha", start, "theory", "overfitted")]
    lazy = [("equal alpha", "lazy", source, "learned") for source in ("digits", "theory")]
    assert abs(power[lazy[0]] - power[lazy[1]]) < 2 * (error[lazy[0]] + error[lazy[1]])
    for event in ("learned", "overfitted"):
        assert power[("equal n", "mean-field", "digits", event)] == pytest.approx(1.0, abs=0.15)
    times = pd.read_csv(TIMES).groupby(["set", "start", "source", "m"]).median(numeric_only=True)
    for start in STARTS:
        digits, theory = (times.loc[("equal alpha", start, source)]["overfitted"].dropna()
                          for source in ("digits", "theory"))
        late = digits / theory[digits.index]
        assert late.iloc[0] > 1 and late.is_monotonic_increasing
    wide = times.loc[("equal alpha", "mean-field", "digits")]["learned"]
    # A power of 0.2 over the factor 4 of width.
    assert wide[1024] < 4**0.2 * wide[256]


def test_a_stored_curve_is_the_one_that_training_again_gives():
    """Another machine's rounding changes steps, and an error that a step makes is some per cent."""
    p = setting("equal alpha", "mean-field", 64)
    again = learn(p, of_width(SEEDS, 64), times=times(p),
                  max_steps=of_width(MOST_STEPS, 64)).groupby("t").median()
    stored = pd.read_csv(CURVES).query(
        "set == 'equal alpha' and start == 'mean-field' and m == 64 and source == 'digits'")
    for name in ERRORS:
        np.testing.assert_allclose(stored[name], again[name], rtol=0.05)
