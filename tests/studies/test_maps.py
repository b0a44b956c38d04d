"""The stored maps are what the engine gives, and what the page and its links expect."""

import json

import pandas as pd
import pytest

from dashboard.service.links import MAPS as NAMES
from dashboard.service.links import SHOWN
from engine.sweep.kinds import cell, outcome
from studies.maps import FOLDER, MAPS, RTOL, compute

CELLS = 20


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return {name: pd.read_csv(FOLDER / f"{name}.csv") for name in MAPS}


def test_twenty_random_cells_come_out_as_they_are_stored(tables):
    """Errors within 2e-3 of themselves and of a thousandth of the label: a fifth of rtol, for
    another processor's rounding; and the same ending where the errors' ratio is 5 % off ½."""
    every = pd.concat([table.assign(map=name) for name, table in tables.items()])
    every = every[every["ending"] != "unfinished"]
    for _, row in every.sample(CELLS, random_state=1, weights=1 / every["seconds"]).iterrows():
        settings = MAPS[row["map"]].settings(row["x"], row["y"], row["neurons"])
        found = outcome(cell("solve", rtol=RTOL, **settings).text).figures
        for column in ("final_train_error", "final_test_error", "best_test_error"):
            assert found[column] == pytest.approx(row[column], rel=2e-3, abs=1e-3), row
        if abs(row["final_train_error"] / row["final_test_error"] - 0.5) > 0.025:
            assert found["ending"] == row["ending"], row


@pytest.mark.parametrize("name", MAPS)
def test_every_cell_is_there_once_and_the_settings_with_it(tables, name):
    one, table = MAPS[name], tables[name]
    assert len(table) == len(one.xs) * len(one.ys) * len(one.neurons)
    assert not table.duplicated(["x", "y", "neurons"]).any()
    made = json.loads((FOLDER / f"{name}.csv.json").read_text())
    assert (made["x"], made["y"], made["fixed"]) == (one.x, one.y, one.fixed)


def test_links_know_the_maps_and_what_they_show(tables):
    assert tuple(MAPS) == NAMES
    assert all(set(SHOWN) <= set(table) for table in tables.values())


def test_a_study_that_was_stopped_goes_on(tmp_path, monkeypatch):
    """The second time nothing is computed: the table comes from the kept cells."""
    from dataclasses import replace

    small = replace(MAPS["alpha_tau"], xs=(0.1, 0.3), ys=(0.3,), fixed=MAPS["alpha_tau"].fixed
                    | {"m": 4}, neurons=("identical",))
    monkeypatch.setitem(MAPS, "alpha_tau", small)
    kept = str(tmp_path / "cells.sqlite")
    first = compute("alpha_tau", kept)
    monkeypatch.setattr("engine.sweep.run._compute", None)
    pd.testing.assert_frame_equal(compute("alpha_tau", kept), first)
