"""The page of maps: what it counts, what a chosen square shows, and what a box costs."""

import json
import math
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.service.links import MAPS, SHOWN
from engine import Parameters
from pages.maps import diagram, glance, reading, refine
from pages.maps.picture import figure
from pages.maps.tables import ENDINGS, QUANTITIES, load

PAGE = Path(__file__).parents[3] / "pages" / "maps" / "page.py"


def page(**words: str) -> AppTest:
    found = AppTest.from_file(str(PAGE), default_timeout=200)
    for name, text in words.items():
        found.query_params[name] = text
    return found.run()


def test_everything_that_a_link_can_name_can_be_drawn():
    assert tuple(QUANTITIES) == SHOWN
    for name in MAPS:
        one = load(name)
        assert set(one.table["ending"]) <= set(ENDINGS)
        for quantity in SHOWN:
            for kind in one.kinds(quantity):
                assert len(figure(one, quantity, kind, (0, 0)).data) >= 2


@pytest.mark.parametrize("name", MAPS)
def test_the_summary_counts_what_is_in_the_table(name):
    one = load(name)
    said = reading.summary(one)
    for kind in one.neurons:
        rows = one.table[one.table["neurons"] == kind]
        assert f"Of {len(rows)} runs of {reading.WHO[kind]}" in said
        assert f"{(rows['ending'] == 'overfits').sum()} overfit" in said
    if len(one.neurons) == 2:
        rests = one.grid("ending", "identical") == "rests"
        leave = (rests & (one.grid("ending", "unequal") == "overfits")).to_numpy().sum()
        assert f"{leave} of those that rest" in said or (leave == 0 and "None of those" in said)


def test_a_chosen_square_shows_its_run_and_opens_in_the_explorer():
    found = page(map="alpha_tau", place="6-7")
    assert not found.exception
    one = load("alpha_tau")
    x, y = one.values("x")[6], one.values("y")[7]
    assert any(f"= {x:g}" in heading.value and f"= {y:g}" in heading.value
               for heading in found.subheader)
    assert [button.label for button in found.button if button.label.startswith("Open")] == [
        "Open in the explorer: identical neurons", "Open in the explorer: neurons that differ"]


@pytest.mark.parametrize("place", ["99-99", "x", "3", "-1-2"])
def test_a_place_off_the_map_is_no_place(place):
    found = page(place=place)
    assert not found.exception and not any("=" in h.value for h in found.subheader)


@pytest.mark.parametrize("name", MAPS)
def test_a_cell_has_the_settings_of_its_place(name):
    one = load(name)
    x, y = one.values("x")[3], one.values("y")[4]
    for kind in one.neurons:
        p = one.parameters(x, y, kind)
        assert isinstance(p, Parameters)
        assert (getattr(p, one.x), getattr(p, one.y)) == (x, y)
        assert p.identical == (kind == "identical")


def test_of_growth_only_those_are_shown_that_have_it():
    found = page(map="alpha_tau", shown="e_folding_per_m")
    assert not found.exception
    assert len(found.get("plotly_chart")) == 1
    lazy = page(map="alpha_gamma0", shown="e_folding_per_m")
    assert not lazy.exception and not lazy.get("plotly_chart")
    assert any("mean-field start" in info.value for info in lazy.info)


def test_what_shrinks_is_said_to_shrink_and_is_grey():
    one, quantity = load("alpha_decay"), QUANTITIES["e_folding_per_m"]
    assert quantity.said(-0.25) == "they shrink, by e in 0.250" and quantity.said(0.5) == "0.500"
    assert quantity.said(math.nan) == "–"
    values = one.grid("e_folding_per_m", "identical").to_numpy()
    drawn, _, grey, mark = figure(one, "e_folding_per_m", "identical", None).data
    assert (np.isfinite(np.asarray(drawn.z, float)) == (values > 0)).all() and (values < 0).any()
    assert (np.isfinite(np.asarray(grey.z, float)) == (values < 0)).all()
    assert mark.name == "they shrink" and mark.showlegend
    assert f"shrink in {(values < 0).sum()}" in reading.note(one, "e_folding_per_m")


@pytest.mark.parametrize("name", MAPS)
def test_the_browser_gets_the_curves_of_every_square(name):
    one, sent = load(name), json.loads(glance.described(name))
    assert len(glance.described(name)) < 400_000
    x, y = 3, 4
    for k, kind in enumerate(one.neurons):
        row = one.table[(one.table["neurons"] == kind) & (one.table["x"] == one.values("x")[x])
                        & (one.table["y"] == one.values("y")[y])].iloc[0]
        train, test = sent["errors"][k][y][x]
        # Half a hundredth of a decade is 1.2 %.
        assert 10 ** (test[-1] / glance.STEPS) == pytest.approx(row["final_test_error"], rel=0.015)
        assert 10 ** (train[-1] / glance.STEPS) == pytest.approx(row["final_train_error"],
                                                                 rel=0.015, abs=1e-7)
        assert sent["kinds"][k]["said"][y][x] == f"{reading.WHO[kind]} {reading.DO[row['ending']]}"
    p = one.parameters(one.values("x")[x], one.values("y")[y], one.neurons[0])
    assert sent["last"][x] == p.t_max


def test_the_diagram_draws_every_threshold_above_its_bound():
    table, times = diagram.tables()
    panel = diagram.threshold_panel(table)
    assert len(panel.traces) == 2 * len(diagram.COLOURS) == 2 * table["activation"].nunique()
    for threshold, bound in zip(panel.traces[::2], panel.traces[1::2], strict=True):
        assert (threshold.y > bound.y).all()
    assert [trace.y.tolist() for trace in diagram.inverse_panel(table).traces[::2]] == \
        [trace.x.tolist() for trace in panel.traces[::2]]
    assert sum(len(trace.x) for trace in diagram.times_panel(times).traces) == len(times)
    assert len(diagram.exponent_panel(table).traces) == len(diagram.COLOURS)


def test_a_box_is_refined_between_its_corners():
    values = refine._between(0.1, 0.4, "alpha")
    assert (len(values), values[0], values[-1]) == (refine.FINE, 0.1, 0.4)
    assert refine._between(16, 20, "m") == [16, 17, 18, 19, 20]
