"""The stored maps are what the engine gives, and what the page and its links expect."""

import json

import numpy as np
import pandas as pd
import pytest

from dashboard.service.links import MAPS as NAMES
from dashboard.service.links import SHOWN
from engine import Parameters, solve
from engine.sweep.kinds import cell, outcome
from studies.maps import FIRST, FOLDER, MAPS, PER_DECADE, POINTS, RTOL, compute, thin

CELLS = 20


@pytest.fixture(scope="module")
def tables() -> dict[str, pd.DataFrame]:
    return {name: pd.read_csv(FOLDER / f"{name}.csv") for name in MAPS}


def test_twenty_random_cells_come_out_as_they_are_stored(tables):
    """Errors within 2e-3 of themselves and of a thousandth of the label: a fifth of rtol, for
    another processor's rounding; and the same ending where the errors' ratio is 5 % off ½.  Curves
    within 1 %, rtol, and a thousandth of the label: between nodes times count too."""
    every = pd.concat([table.assign(map=name) for name, table in tables.items()])
    every = every[every["ending"] != "unfinished"]
    for _, row in every.sample(CELLS, random_state=1, weights=1 / every["seconds"]).iterrows():
        settings = MAPS[row["map"]].settings(row["x"], row["y"], row["neurons"])
        run = solve(Parameters(**settings), RTOL)
        found = outcome(cell("solve", rtol=RTOL, **settings).text).figures
        place = (MAPS[row["map"]].neurons.index(row["neurons"]),
                 MAPS[row["map"]].ys.index(row["y"]), MAPS[row["map"]].xs.index(row["x"]))
        errors, stored = (10 ** (whole / PER_DECADE) for whole in
                          (thin(run), drawn(row["map"])[place]))
        assert errors == pytest.approx(stored, rel=0.01, abs=1e-3), row
        for column in ("final_train_error", "final_test_error", "best_test_error"):
            assert found[column] == pytest.approx(row[column], rel=2e-3, abs=1e-3), row
        if abs(row["final_train_error"] / row["final_test_error"] - 0.5) > 0.025:
            assert found["ending"] == row["ending"], row


def test_growth_is_known_where_identical_neurons_rest_and_comes_out_again(tables):
    """To 2 %: an average over the run's second half, whose plateau moves with rtol = 1 %."""
    for name, table in tables.items():
        applies = (table["neurons"] == "identical") & (table["ending"] == "rests") \
            & (MAPS[name].fixed["init"] == "mean-field")
        assert table.loc[~applies, "e_folding_per_m"].isna().all()
        # What is missing has no steps left: strong weight decay, and next to where runs overfit.
        missing = table.loc[applies, "e_folding_per_m"].isna().sum()
        assert missing <= (0.3 * applies.sum() if name == "alpha_decay" else 1)
    for name, sign in (("alpha_tau", 1), ("alpha_decay", -1)):
        known = tables[name][sign * tables[name]["e_folding_per_m"] > 0]
        row = known.sample(1, random_state=1).iloc[0]
        settings = MAPS[name].settings(row["x"], row["y"], row["neurons"])
        found = outcome(cell("stability", rtol=RTOL, **settings).text).figures
        assert found["e_folding_per_m"] == pytest.approx(row["e_folding_per_m"], rel=0.02), row


def drawn(name: str) -> np.ndarray:
    with np.load(FOLDER / f"{name}.npz") as kept:
        assert (kept["first"], kept["per_decade"]) == (FIRST, PER_DECADE)
        return kept["log10_errors"]


@pytest.mark.parametrize("name", MAPS)
def test_every_run_has_its_curves_and_they_are_small(tables, name):
    one, curves = MAPS[name], drawn(name)
    assert curves.shape == (len(one.neurons), len(one.ys), len(one.xs), 2, POINTS)
    assert (FOLDER / f"{name}.npz").stat().st_size < 1_000_000
    table = tables[name][tables[name]["ending"] != "unfinished"]
    ends = 10 ** (curves[..., -1].reshape(-1, 2)[table.index] / PER_DECADE)
    # Half a step is 0.12 %; of an error that has vanished nothing is kept.
    assert ends == pytest.approx(table[["final_train_error", "final_test_error"]].to_numpy(),
                                 rel=0.002, abs=1e-7)


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
