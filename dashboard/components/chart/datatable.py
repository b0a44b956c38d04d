"""The numbers of a chart as tables, for readers of screens and for those who like numbers."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.components.chart.panels import Axis, Panel

ROWS = 30
"""Rows of a table; curves with more points are read off at that many places."""


def data_table(panels: Sequence[Panel], axis: Axis, x_range: tuple[float, float],
               key: str) -> None:
    """A switch under the chart `key` that shows one table a panel."""
    if not st.toggle("Show the numbers of these plots", key=f"numbers of {key}"):
        return
    for panel in panels:
        st.caption(f"{panel.title}: {panel.y_label}")
        st.dataframe(frame(panel, axis, x_range), hide_index=True)


def frame(panel: Panel, axis: Axis, x_range: tuple[float, float]) -> pd.DataFrame:
    """The panel's curves by x: at their own points if these are few, else read off at `ROWS`.

    Between points a curve is a straight line, as it is drawn; outside its points it is empty.
    """
    scale = np.log if axis.log else np.asarray
    curves = {}
    for trace in panel.traces:
        x, y = (np.ravel(np.asarray(v, dtype=float)) for v in (trace.x, trace.y))
        drawn = np.isfinite(x) & np.isfinite(y) & ((x > 0) | (not axis.log))
        curves[trace.name] = x[drawn], y[drawn]
    x = np.unique(np.concatenate([*(x for x, _ in curves.values()), np.empty(0)]))
    if len(x) > ROWS:
        x = (np.geomspace if axis.log else np.linspace)(*x_range, ROWS)
    table = {axis.symbol: x}
    for name, (points, values) in curves.items():
        table[name] = np.full(len(x), np.nan) if len(points) == 0 else np.interp(
            scale(x), scale(points), values, left=np.nan, right=np.nan)
    return pd.DataFrame(table)
