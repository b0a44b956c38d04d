"""The page of groups one by one: starts worth seeing, the table, and what it cannot take."""

from pathlib import Path

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from engine import Parameters
from pages.unequal.editor import starts

PAGE = Path(__file__).parents[3] / "pages" / "unequal" / "page.py"


@pytest.mark.parametrize("m", [4, 7, 128, 1_000_000])
def test_every_start_is_one_that_can_be_solved(m):
    for name, groups in starts(m).items():
        assert Parameters(m=m, groups=groups).neurons == groups, name


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
    assert isinstance(page.table[0].value, pd.DataFrame)
