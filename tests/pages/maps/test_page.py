"""The page of maps: what it counts, what a chosen square shows, and what a box costs."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.service.links import MAPS, SHOWN
from engine import Parameters
from pages.maps import reading, refine
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
            for kind in one.neurons:
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


def test_a_box_is_refined_between_its_corners():
    values = refine._between(0.1, 0.4, "alpha")
    assert (len(values), values[0], values[-1]) == (refine.FINE, 0.1, 0.4)
    assert refine._between(16, 20, "m") == [16, 17, 18, 19, 20]
