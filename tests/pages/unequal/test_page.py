"""The page of groups one by one: starts worth seeing, the table, and what it cannot take."""

import time
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from engine import Parameters, solve
from pages.unequal import bias
from pages.unequal.editor import antisymmetric, starts

PAGE = Path(__file__).parents[3] / "pages" / "unequal" / "page.py"


@pytest.mark.parametrize("m", [4, 7, 128, 1_000_000])
def test_every_start_is_one_that_can_be_solved(m):
    for name, changes in starts(m).items():
        assert Parameters(**({"m": m} | changes)).neurons == changes["groups"], name


def test_the_antisymmetric_start_answers_0_and_stays_antisymmetric():
    p = Parameters(t_max=40.0, **antisymmetric(4))
    run = solve(p)
    assert run.test_error[0] == pytest.approx(p.null_error, rel=1e-9)
    a, v = run.groups.a, run.groups.v
    # Partners see opposite signals; 1e-6: the solver's equations are solved to 1e-2 of rtol.
    assert a[:, :2] == pytest.approx(-a[:, 2:], rel=1e-6)
    assert v[:, :2] == pytest.approx(-v[:, 2:], abs=1e-6)
    assert run.groups.overlap[0, 0, 2] == 1 and run.groups.overlap[-1, 0, 2] < 0.5


def test_a_start_is_taken_by_its_button_and_shows_its_groups():
    page = AppTest.from_file(str(PAGE), default_timeout=200)
    page.query_params["m"] = "16"
    page.query_params["t_max"] = "4"
    page.run()
    assert not page.exception and page.info
    page.button(key="start one leader").click().run()
    assert not page.exception and not page.info
    assert page.query_params["groups"] in ("1:1.5,15:1", ["1:1.5,15:1"])
    assert any("Overlaps" in element.value for element in page.subheader)
    assert list(page.dataframe[-1].value.index) == ["1, 1", "1, 2", "2, 2"]


def test_the_norms_of_several_starts_are_compared_on_request():
    page = AppTest.from_file(str(PAGE), default_timeout=200)
    page.query_params["m"], page.query_params["tau"] = "16", "0.6"
    page.run()
    assert not page.table
    page.button(key="bias start").click().run()
    for _ in range(60):
        if page.table and len(page.table[-1].value) == 3 \
                and "–" not in set(page.table[-1].value["over γ*"]):
            break
        time.sleep(1.0)
        page.run()
    table = page.table[-1].value
    assert list(table.index) == ["equal", "spread of 10%", "random sign"]
    assert not page.exception and all(float(x) > 0 for x in table["over γ*"])


def test_groups_given_one_by_one_are_compared_too():
    own = Parameters(m=16, groups=((1, 0.5), (15,)))
    assert bias.starts(own)["groups of the table"] == own
    assert set(bias.starts(Parameters(spread=0.2))) == set(bias.starts(Parameters()))
