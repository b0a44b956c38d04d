"""The page lists all figures and draws the one that is open."""

import json
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages.paper.figures import FIGURES

PAGE = Path(__file__).parents[3] / "pages" / "paper" / "page.py"


def opened(**query) -> AppTest:
    page = AppTest.from_file(str(PAGE), default_timeout=120)
    for name, value in query.items():
        page.query_params[name] = str(value)
    page.run()
    assert not page.exception
    return page


def charts(page: AppTest) -> list[dict]:
    return [json.loads(chart.proto.bytes) for chart in page.get("bidi_component")
            if chart.proto.bytes]


def words(page: AppTest) -> str:
    return " ".join(e.value for kind in (page.markdown, page.caption, page.code) for e in kind)


def test_nothing_is_solved_before_a_figure_is_opened():
    page = opened()
    assert len(page.expander) == 33 and charts(page) == []
    for figure, box in zip(FIGURES, page.expander, strict=True):
        assert f"**Figure {figure.number}** {figure.shows}" in box.label


@pytest.mark.parametrize("number", [6, 24])
def test_an_open_figure_stands_beside_its_settings_with_what_agrees(number):
    page, figure = opened(figure=number), FIGURES[number - 1]
    assert len(charts(page)) == max(1, len(figure.plots))
    said = words(page)
    assert figure.caption in said and figure.chosen in said and "python -m" in said
    assert ":material/check_circle:" in said


def test_a_figure_that_takes_long_waits_to_be_asked_for():
    page = opened(figure=10)
    assert charts(page) == [] and any(b.label.startswith("Draw figure 10") for b in page.button)


def test_an_unknown_figure_is_said_to_be_none():
    page = opened(figure=34)
    assert any("Ignored figure=34" in warning.value for warning in page.warning)
