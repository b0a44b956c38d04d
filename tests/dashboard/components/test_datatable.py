"""The tables under the charts hold what is drawn."""

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.components.chart import Axis, Panel, Trace
from dashboard.components.chart.datatable import ROWS, frame
from dashboard.components.curves import run_panels, smooth, time_axis
from engine import Parameters, solve

PAGES = Path(__file__).parents[3] / "pages"


def test_the_table_reads_the_curves_as_they_are_drawn():
    run = solve(Parameters(m=16))
    axis = time_axis(run)
    panel = run_panels(run)[0]
    table = frame(panel, axis, axis.range)
    assert list(table) == [axis.symbol, *(trace.name for trace in panel.traces)]
    assert len(table) == ROWS
    drawn = smooth(run)
    for t, value in table[["t", "test"]].dropna().to_numpy():
        near = drawn[(drawn["t"] > t / 1.1) & (drawn["t"] < 1.1 * t)]["test_error"]
        assert near.min() * (1 - 1e-9) <= value <= near.max() * (1 + 1e-9)


def test_few_points_are_shown_as_they_are_and_gaps_stay_empty():
    panel = Panel("Distance", "distance", [Trace("a", [50, 100], [0.2, 0.1]),
                                           Trace("b", [100, 200], [0.3, np.nan])])
    table = frame(panel, Axis("d", "d"), (10, 300))
    assert table["d"].tolist() == [50, 100]
    assert table["a"].tolist() == [0.2, 0.1]
    assert table["b"].tolist()[1:] == [0.3] and np.isnan(table["b"][0])


@pytest.mark.parametrize("page", ["explorer", "lazy_vs_mean_field", "exercises"])
def test_every_chart_has_a_switch_for_its_numbers(page):
    app = AppTest.from_file(str(PAGES / page / "page.py"), default_timeout=120).run()
    switch, = [t for t in app.toggle if t.label == "Show the numbers of these plots"]
    before = len(app.dataframe)
    switch.set_value(True).run()
    assert not app.exception
    assert len(app.dataframe) > before
