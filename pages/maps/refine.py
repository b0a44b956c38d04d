"""A box of a map looked at more closely: runs between the stored ones, on request."""

from functools import partial
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.components import live
from engine.fields import canonical
from engine.monitor import Monitor, Stopped
from engine.parameters import TABLE
from engine.sweep.kinds import cell, outcome
from pages.maps import picture
from pages.maps.tables import QUANTITIES, StoredMap

FINE = 9
"""Cells across and upwards."""


def show(one: StoredMap, quantity: str, neurons: str, points: list[dict[str, Any]]) -> None:
    """The Start button with its cost, and the finer map as far as it is computed."""
    columns, rows = ([round(point[axis]) for point in points] for axis in "xy")
    xs = _between(one.values("x")[min(columns)], one.values("x")[max(columns)], one.x)
    ys = _between(one.values("y")[min(rows)], one.values("y")[max(rows)], one.y)
    known = one.table[one.table["neurons"] == neurons]
    inside = known[known["x"].between(xs[0], xs[-1]) & known["y"].between(ys[0], ys[-1])]
    count, seconds = len(xs) * len(ys), float(inside["seconds"].mean())
    live.show(f"refine {neurons}", ("refine", one.name, neurons, tuple(xs), tuple(ys)),
              partial(_compute, one, neurons, xs, ys), partial(_draw, one, quantity, neurons),
              f"Refine the box: {count} runs, about {count * seconds:.0f} s")


def _between(low: float, high: float, setting: str) -> list[float]:
    """FINE values from low to high, evenly spread in the logarithm; whole where they must be."""
    values = np.geomspace(low, high, FINE) if high > low else np.array([low])
    whole = TABLE[setting].kind == "integer"
    return sorted({round(x) if whole else canonical(x) for x in values.tolist()})


def _compute(one: StoredMap, neurons: str, xs: list[float], ys: list[float],
             monitor: Monitor) -> pd.DataFrame:
    """The finer table, published row by row of the map."""
    rows: list[dict[str, Any]] = []
    for n, y in enumerate(ys):
        for k, x in enumerate(xs):
            p = one.parameters(x, y, neurons)
            found = outcome(cell("solve", **p.as_dict()).text, Monitor(cancel=monitor.cancel))
            if found.message:
                raise ValueError(found.message)
            rows.append({"x": x, "y": y, "neurons": neurons, **found.figures})
            monitor.progress((n * len(xs) + k + 1) / (len(xs) * len(ys)))
        if monitor.cancel():
            raise Stopped
        monitor.publish(pd.DataFrame(rows))
    return pd.DataFrame(rows)


def _draw(one: StoredMap, quantity: str, neurons: str, table: pd.DataFrame | None) -> None:
    if table is None or table.empty:
        return
    st.markdown(f"The box, {QUANTITIES[quantity].label}:")
    st.plotly_chart(picture.figure(StoredMap(one.name, table, one.made), quantity, neurons, None),
                    key=f"refined {neurons}", config={"displayModeBar": False})
