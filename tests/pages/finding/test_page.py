"""The page of the finding: four figures from stored results, and the present settings."""

from pathlib import Path

from streamlit.testing.v1 import AppTest

from pages.finding import figures

PAGE = Path(__file__).parents[3] / "pages" / "finding" / "page.py"


def test_every_part_of_the_text_is_there_and_every_figure_is_drawn():
    page = AppTest.from_file(str(PAGE), default_timeout=120).run()
    assert not page.exception
    shown = "\n".join(element.value for element in page.markdown)
    for name in ("question", *figures.FIGURES, "derivation", "whose"):
        assert figures.TEXT[name].strip() in shown, name


def test_the_line_on_identical_neurons_follows_the_settings():
    lines = []
    for tau in ("0.3", "0.6"):
        page = AppTest.from_file(str(PAGE), default_timeout=120)
        page.query_params["tau"] = tau
        page.run()
        lines.append(page.info[0].value)
    assert lines[0] != lines[1]
