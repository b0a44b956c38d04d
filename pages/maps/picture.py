"""A map as a picture: a coloured square for each cell, to hover over, to choose, to box in."""

from functools import lru_cache

import numpy as np
import pandas as pd
import plotly.graph_objects as go

from dashboard.components.chart import BLUE, ORANGE, SKY
from dashboard.words import number
from engine import TABLE
from pages.maps.tables import ENDINGS, QUANTITIES, StoredMap, axis_title

GREY = "#bbbbbb"
COLOURS = dict(zip(ENDINGS, (SKY, ORANGE, BLUE, GREY), strict=True))
SCALE = "Cividis"
"""Told apart by the colour-blind, and in grey."""
HEIGHT = 430
TICKS = 5


@lru_cache(maxsize=64)
def figure(one: StoredMap, quantity: str, neurons: str, place: tuple[int, int] | None) -> go.Figure:
    """One quantity of one kind of neurons; axes count cells, so that all are equally large.

    All visitors share it: it is not to be changed."""
    grid = one.grid(quantity, neurons)
    picture = go.Figure(_endings(grid) if quantity == "ending" else
                        _numbers(grid, quantity, _range(one, quantity)))
    picture.add_trace(_squares(one, grid, quantity))
    if quantity == "ending":
        picture.add_traces(_legend(one))
    elif (shrinks := grid.to_numpy(dtype=float) < 0).any():
        picture.add_traces([_plain(shrinks), _mark("they shrink", GREY)])
    if place is not None:
        picture.add_shape(type="rect", x0=place[0] - .5, x1=place[0] + .5, y0=place[1] - .5,
                          y1=place[1] + .5, line={"color": "#d55e00", "width": 3})
    for axis, values, setting in (("xaxis", grid.columns, one.x), ("yaxis", grid.index, one.y)):
        at = np.unique(np.linspace(0, len(values) - 1, TICKS).round().astype(int))
        picture.update_layout({axis: {
            "title": axis_title(setting), "tickvals": at,
            "ticktext": [TABLE[setting].write(values[i]) for i in at],
            "range": [-.5, len(values) - .5], "showgrid": False, "zeroline": False,
            "fixedrange": True}})
    return picture.update_layout(height=HEIGHT, margin={"l": 10, "r": 10, "t": 10, "b": 10},
                                 showlegend=any(trace.showlegend for trace in picture.data),
                                 dragmode="pan", uirevision=one.name, legend={
                                     "orientation": "h", "y": 1.02, "yanchor": "bottom"})


def _range(one: StoredMap, quantity: str) -> tuple[float, float]:
    """Of the colours: over both kinds of neurons."""
    values = _scaled(one.table[quantity].to_numpy(dtype=float), quantity)
    return float(np.nanmin(values)), float(np.nanmax(values))


def _scaled(values: np.ndarray, quantity: str) -> np.ndarray:
    if not QUANTITIES[quantity].log:
        return values
    return np.log10(np.where(values > 0, values, np.nan))


def _numbers(grid: pd.DataFrame, quantity: str, ends: tuple[float, float]) -> go.Heatmap:
    low, high = ends
    ticks = np.linspace(low, high, TICKS)
    shown = 10**ticks if QUANTITIES[quantity].log else ticks
    return go.Heatmap(z=_scaled(grid.to_numpy(dtype=float), quantity), zmin=low, zmax=high,
                      colorscale=SCALE, hoverinfo="skip",
                      colorbar={"thickness": 14, "tickvals": ticks,
                                "ticktext": [number(x, 2) for x in shown]})


def _endings(grid: pd.DataFrame) -> go.Heatmap:
    names, count = list(ENDINGS), len(ENDINGS)
    steps = [(edge / count, COLOURS[name]) for n, name in enumerate(names) for edge in (n, n + 1)]
    return go.Heatmap(z=grid.map(names.index).to_numpy(), zmin=-.5, zmax=count - .5,
                      colorscale=steps, hoverinfo="skip", showscale=False)


def _legend(one: StoredMap) -> list[go.Scatter]:
    """A mark for each ending that the map has, of either kind of neurons."""
    seen = set(one.table["ending"])
    return [_mark(name, COLOURS[name]) for name in ENDINGS if name in seen]


def _mark(name: str, colour: str) -> go.Scatter:
    """A line of the legend."""
    return go.Scatter(x=[None], y=[None], mode="markers", name=name, showlegend=True,
                      marker={"symbol": "square", "size": 12, "color": colour})


def _plain(chosen: np.ndarray) -> go.Heatmap:
    """Grey squares at the cells chosen."""
    return go.Heatmap(z=np.where(chosen, 0.0, np.nan), colorscale=[(0, GREY), (1, GREY)],
                      hoverinfo="skip", showscale=False)


def _squares(one: StoredMap, grid: pd.DataFrame, quantity: str) -> go.Scatter:
    """Unseen marks that can be chosen: a heatmap's cells cannot."""
    columns, rows = np.meshgrid(range(len(grid.columns)), range(len(grid.index)))
    texts = [f"{axis_title(one.x)} = {TABLE[one.x].write(grid.columns[i])}<br>"
             f"{axis_title(one.y)} = {TABLE[one.y].write(grid.index[j])}<br>"
             f"<b>{said(grid.iloc[j, i], quantity)}</b>"
             for i, j in zip(columns.ravel(), rows.ravel(), strict=True)]
    return go.Scatter(x=columns.ravel(), y=rows.ravel(), mode="markers", text=texts,
                      hovertemplate="%{text}<extra></extra>",
                      marker={"symbol": "square", "size": 18, "opacity": 0}, showlegend=False)


def said(value: str | float, quantity: str) -> str:
    """A cell's value in words."""
    if quantity == "ending":
        return ENDINGS[str(value)]
    return QUANTITIES[quantity].said(float(value))
