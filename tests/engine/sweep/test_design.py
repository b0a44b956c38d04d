"""Which cells a sweep has."""

import json
import math

import numpy as np
import pytest

from engine import TABLE, ParameterError, Parameters
from engine.sweep import MOST_CELLS, SweepError, cell, grid, listed, random_design, read_rows
from engine.sweep.axes import axis


def settings(cells):
    return [one.content["settings"] for one in cells]


@pytest.mark.parametrize(("name", "text", "expected"), [
    ("alpha", "0.3", [0.3]),
    ("alpha", "0.5:2:4", [0.5, 1.0, 1.5, 2.0]),
    ("alpha", "0.1:10:3:log", [0.1, 1.0, 10.0]),
    ("tau", "0.3,0.6", [0.3, 0.6]),
    ("m", "16,32,64", [16, 32, 64]),
    ("m", "2:4:9", [2, 3, 4]),
    ("init", "lazy,mean-field", ["lazy", "mean-field"]),
    ("h", "cubic;0,0.3,0.5", [Parameters(h="cubic").h, (0.0, 0.3, 0.5)]),
    ("groups", "2;8:0.9,8:1.1", [2, ((8, 0.9, 0.0, 1), (8, 1.1, 0.0, 1))]),
    ("train_second_layer", "1,0", [True, False]),
])
def test_a_text_means_these_values(name, text, expected):
    assert list(axis(TABLE[name], text).points) == expected


@pytest.mark.parametrize(("name", "text", "rule"), [
    ("alpha", "0.5:2", "LOW:HIGH:NUMBER"),
    ("alpha", "2:0.5:3", "must rise"),
    ("tau", "0:1:3:log", "above 0"),
    ("alpha", "0.5:2:1", "2 to 1000000 points"),
    ("alpha", "0.5:2:many", "2 to 1000000 points"),
    ("alpha", "0.5:200:3", "from 0.01 to 10"),
    ("alpha", "0.5:2:3:4", "LOW:HIGH:NUMBER"),
    ("alpha", "", "must be a number"),
    ("init", "lazy,eager", "one of lazy, mean-field"),
])
def test_an_axis_that_breaks_a_rule_is_refused_by_name(name, text, rule):
    with pytest.raises(ParameterError, match=rule) as caught:
        grid("solve", **{name: text})
    assert caught.value.field == name


def test_a_grid_is_every_combination_and_holds_no_cell_twice():
    cells = grid("solve", alpha="0.5:2:4", m=[16, 32, 16], tau=0.3)
    assert len(cells) == 8
    assert {(p["alpha"], p["m"]) for p in settings(cells)} == {
        (alpha, m) for alpha in (0.5, 1.0, 1.5, 2.0) for m in (16, 32)}


def test_equal_settings_are_one_cell_however_they_are_given():
    assert cell("solve", alpha=0.1 + 0.2, h="cubic") == cell(
        "solve", alpha=np.float64(0.3), h=(0, 0.9, 0, 1 / 6, 0), t_max=60 * 128.0)
    assert cell("threshold", alpha=0.3) != cell("threshold", alpha=0.3, m=64)


def test_where_both_starts_occur_each_takes_its_own_scale():
    cells = settings(grid("solve", init="lazy,mean-field", gamma0="0.5,1", a0=2))
    assert [(p["init"], p.get("gamma0"), p.get("a0")) for p in cells] == [
        ("lazy", 0.5, None), ("lazy", 1.0, None), ("mean-field", None, 2.0)]


def test_any_parameter_may_vary_neurons_that_differ_among_them():
    cells = settings(grid("solve", m=16, spread="0.1,0.2", groups="2;4", activation="tanh;erf"))
    assert len(cells) == 8
    assert all(not Parameters.from_dict(p).identical for p in cells)


def test_what_a_computation_does_not_use_is_refused():
    for kind, name in (("threshold", "a0"), ("stability", "spread"), ("network", "overlaps"),
                       ("solve", "seeds")):
        with pytest.raises(ParameterError, match=name):
            cell(kind, **{name: 0.1})
    with pytest.raises(ParameterError, match="regime"):
        cell("limit")


def test_a_regime_brings_its_start_and_target():
    assert cell("limit", regime="lazy-1").content["settings"]["init"] == "lazy"
    assert cell("limit", regime="noise-1").content["settings"]["target"] == "noise"


def test_too_many_cells_are_counted_before_they_are_made():
    with pytest.raises(SweepError, match="1000000000000 cells"):
        grid("solve", alpha="0.5:2:1000000", tau="0.1:1:1000000")
    with pytest.raises(SweepError, match="--yes"):
        random_design("solve", MOST_CELLS + 1, alpha="0.5:2")
    assert len(grid("solve", m="2:12:11", most=11)) == 11


def test_random_settings_lie_in_their_ranges_and_come_again_with_the_seed():
    draw = lambda seed: settings(random_design(  # noqa: E731
        "solve", 50, seed, alpha="0.05:2:log", m="16,32", tau="0:1"))
    cells = draw(1)
    assert cells == draw(1) != draw(2)
    alpha = np.array([p["alpha"] for p in cells])
    assert 0.05 <= alpha.min() < alpha.max() <= 2
    # The median of fifty is within a factor of two of the middle of the logarithm, √0.1, unless
    # one in 10⁵ seeds is met; uniform draws have theirs at 1.
    assert 0.5 < np.median(alpha) / math.sqrt(0.1) < 2
    assert {p["m"] for p in cells} == {16, 32}


@pytest.mark.parametrize("ending", ["csv", "json"])
def test_a_list_is_read_row_by_row(tmp_path, ending):
    path = tmp_path / f"cells.{ending}"
    path.write_text({
        "csv": 'm,h,spread\n16,cubic,\n32,"0,0.3,0.5",0.1\n',
        "json": json.dumps([{"m": 16, "h": "cubic"},
                            {"m": 32, "h": [0, 0.3, 0.5], "spread": 0.1}])}[ending])
    cells = listed("solve", read_rows(path), tau="0.3,0.6")
    assert [(p["m"], p["tau"], p.get("spread", 0)) for p in settings(cells)] == [
        (16, 0.3, 0), (16, 0.6, 0), (32, 0.3, 0.1), (32, 0.6, 0.1)]


@pytest.mark.parametrize(("text", "message"), [
    ("m,alpha\n16,0.3\n16,nan\n", "row 2, alpha: must be a number"),
    ("m,speed\n16,9\n", "row 1, speed: is no setting"),
    ("tau\n0.3\n", "given in the list and beside it"),
    ("tau\n", "one row"),
])
def test_a_bad_list_is_refused_with_its_row(tmp_path, text, message):
    path = tmp_path / "cells.csv"
    path.write_text(text)
    with pytest.raises((ParameterError, SweepError), match=message):
        listed("solve", read_rows(path), tau=0.3)
