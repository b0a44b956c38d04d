"""Every figure of the paper has its row, is drawn, and agrees as far as its row says."""

import io

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner

from dashboard.service import links
from engine.cli import main
from pages.paper import pictures
from pages.paper.figures import FIGURES, Agreement
from pages.paper.runs import X, Y
from pages.paper.shown import explorer_link, script


@pytest.fixture(scope="module")
def found():
    """found(figure): what it is drawn from, solved once."""
    known = {}

    def get(figure):
        if figure.number not in known:
            known[figure.number] = figure.find and figure.find()
        return known[figure.number]

    return get


def test_all_33_figures_have_a_row():
    assert [figure.number for figure in FIGURES] == list(range(1, 34))


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: str(figure.number))
def test_a_figure_agrees_as_far_as_its_row_says(figure, found):
    said = pictures.findings(figure, found(figure))
    assert said, "a verdict needs a statement"
    held = all(finding.holds for finding in said)
    assert figure.agreement is (Agreement.FULL if held else Agreement.PART), said
    assert not any(bad in finding.measured for finding in said for bad in ("nan", "inf"))


@pytest.mark.parametrize("figure", FIGURES, ids=lambda figure: str(figure.number))
def test_every_plot_of_a_figure_holds_curves_within_its_axes(figure, found):
    charts = pictures.charts(figure, found(figure))
    relaxation = bool(figure.find and found(figure).thresholds)
    assert len(charts) == max(1, len(figure.plots) + relaxation)
    for panel, axis in charts:
        assert panel.alt and axis.range[0] < axis.range[1]
        for trace in panel.traces:
            assert len(trace.x) == len(trace.y) > 1 and np.all(np.isfinite(trace.y)), trace.name
        names = [trace.name for trace in panel.traces]
        assert len(names) == len(set(names))


@pytest.mark.parametrize("figure", [f for f in FIGURES if f.settings],
                         ids=lambda figure: str(figure.number))
def test_a_figures_link_opens_its_setting(figure):
    query = dict(part.split("=") for part in explorer_link(figure.settings).partition("?")[2]
                 .split("&"))
    values, warnings = links.read(query)
    assert warnings == [] and links.settings_of(values).parameters == figure.settings


def test_the_file_holds_what_is_drawn(found):
    figure = FIGURES[23]
    charts = pictures.charts(figure, found(figure))
    table = pd.read_csv(io.StringIO(pictures.table(charts).to_csv(index=False)))
    panel = charts[0].panel
    first = panel.traces[0]
    rows = table[(table["plot"] == panel.title) & (table["curve"] == first.name)]
    np.testing.assert_allclose(rows["y"], first.y)


def test_the_shell_lines_give_the_curves_that_are_drawn(found, tmp_path):
    figure = FIGURES[23]
    lines = script(figure, found(figure))
    assert len(lines) == 5
    for line, run in zip(lines, [*found(figure).runs, *found(figure).limits.values()],
                         strict=True):
        words = line.split()
        assert words[:3] == ["python", "-m", "engine"]
        words[-1] = str(tmp_path / words[-1])
        result = CliRunner().invoke(main, words[3:])
        assert result.exit_code == 0, result.output
        saved = pd.read_csv(words[-1])
        np.testing.assert_allclose(saved["v"].to_numpy()[-1], run.v[-1], rtol=1e-6)


def test_axes_and_quantities_of_the_table_exist():
    for figure in FIGURES:
        for plot in figure.plots:
            assert plot.x in X and set(plot.curves) <= set(Y)


@pytest.mark.parametrize("number", [6, 7])
def test_what_the_stored_study_leaves_shrinks_with_dimension(number, monkeypatch):
    def most(dimension: int) -> float:
        monkeypatch.setattr(pictures, "DIMENSION", dimension)
        rows = pictures._study(FIGURES[number - 1])
        return float((rows["mean"] - rows["theory"]).abs().max())

    assert most(100) < most(30) < most(15)
