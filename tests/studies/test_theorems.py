"""The stored gaps against m and n/d, and the powers fitted to them."""

import json

import numpy as np
import pandas as pd
import pytest

from engine import solve
from studies.theorems import PATH, RTOL, fits, measured, setting


def test_the_table_says_what_made_it():
    made = json.loads(PATH.with_name(PATH.name + ".json").read_text())
    assert made["command"] == "python -m studies.theorems" and made["rtol"] == RTOL


def test_a_stored_row_is_what_solving_again_gives():
    row = pd.read_csv(PATH).query("neurons == 'identical' and m == 64 and samples == 19.2").iloc[0]
    again = measured(solve(setting(64, 19.2), RTOL))
    # Another step policy may move a time by some rtol.
    for name in ("t_0.1", "guaranteed", "gap_guaranteed", "C_1", "C"):
        assert row[name] == pytest.approx(again[name], rel=10 * RTOL), name


def test_powers_are_found_where_they_are_known():
    m, samples = (x.ravel() for x in np.meshgrid([16, 32, 64, 128], [4.8, 9.6, 19.2]))
    table = pd.DataFrame({"neurons": "identical", "m": m, "samples": samples, "alpha": samples / m})
    for level in (0.1, 0.5):
        table[f"t_{level}"] = m**0.25 * samples**0.5 * m / samples
    found = fits(table)
    assert found["power_m"].to_numpy() == pytest.approx(0.25, abs=1e-9)
    assert found["power_samples"].to_numpy() == pytest.approx(0.5, abs=1e-9)
    assert found["power_m_at_alpha"].to_numpy() == pytest.approx(0.75, abs=1e-9)
