"""Curves of networks on digits: of the present width, and the stored ones of all widths."""

from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.components.chart import (
    BLUE,
    GREY,
    VERMILION,
    Axis,
    Line,
    Panel,
    Trace,
    shades,
    show_curves,
)
from dashboard.components.curves import smooth
from engine import Trajectory

RESULTS = Path(__file__).parents[2] / "studies" / "results"
STARTS = {"mean-field": "Mean-field start, a₀ = 1", "lazy": "Lazy start, γ₀ = 1"}
SETS = {"equal alpha": "n = αmd, α = 0.1", "equal n": "n = 300"}
COLOURS = {"overfitted": VERMILION, "learned": BLUE}
LEAST = 1e-3


@st.cache_data
def results(name: str = "") -> pd.DataFrame:
    """A table of `studies.digits`: curves, "_times" or "_fits"."""
    return pd.read_csv(RESULTS / f"digits{name}.csv")


def errors(theory: Trajectory, table: pd.DataFrame | None) -> Panel:
    """Networks on digits, solid in the band of their seeds; theory dashed."""
    frame = smooth(theory)
    traces = [Trace(f"{name}, theory", frame["t"], frame[f"{name}_error"], GREY, dash)
              for name, dash in (("train", "dash"), ("test", "dot"))]
    if table is not None:
        for name, colour in (("train", VERMILION), ("test", BLUE)):
            by_time = table[table["t"] > 0].groupby("t")[f"{name}_error"]
            traces.append(Trace(f"{name}, digits", list(by_time.groups), by_time.median(), colour,
                                band=(by_time.min(), by_time.max())))
    p = theory.parameters
    return Panel("Train and test error on digits", "error", traces, log_y=True, wide=True,
                 height=330, y_range=(LEAST, 2.0), lines=_levels(p.bayes_error),
                 alt="Train and test error over training time of networks on handwritten digits,"
                     " and of the theory beside them.")


def _levels(flips: float) -> list[Line]:
    return [Line(flips, "τ²/2: flipped labels alone")] if flips > 0 else []


def widths() -> None:
    """Errors of all stored widths at equal α, a panel for each start."""
    table = results()
    table = table[(table["source"] == "digits") & (table["set"] == "equal alpha")
                  & (table["t"] > 0)]
    numbers = sorted(table["m"].unique())
    panels = []
    for start, title in STARTS.items():
        traces = [Trace(f"{error} m = {m:,}", rows["t"], rows[f"{error}_error"], colour, dash)
                  for m, colour in zip(numbers, shades(len(numbers)), strict=True)
                  for rows in [table[(table["m"] == m) & (table["start"] == start)]]
                  for error, dash in (("train", "dash"), ("test", "solid"))]
        panels.append(Panel(title, "error", traces, log_y=True, y_range=(LEAST, 2.0), height=360,
                            lines=_levels(0.32),
                            alt=f"{title}: train and test error on digits at several widths."))
    show_curves(panels, key="digits widths",
                axis=Axis(range=(float(table["t"].min()), float(table["t"].max()))))


def powers() -> None:
    """Times of learning and of overfitting against m, with the fitted powers; theory beside: a
    panel for each set and start."""
    times, fits = results("_times"), results("_fits")
    panels = []
    for (name, which), (start, title) in product(SETS.items(), STARTS.items()):
        traces = []
        for event, colour in COLOURS.items():
            for source, marker in (("digits", "circle"), ("theory", "cross")):
                rows = times[(times["set"] == name) & (times["start"] == start)
                             & (times["source"] == source)]
                middle = rows.groupby("m")[event].median()
                traces.append(Trace(f"{event}, {source}", middle.index, middle,
                                    colour if source == "digits" else GREY, marker=marker,
                                    line=False))
            for fit in fits[(fits["set"] == name) & (fits["start"] == start)
                            & (fits["source"] == "digits")
                            & (fits["event"] == event)].itertuples():
                m = np.array([fit.least_m, fit.most_m])
                traces.append(Trace(f"{event}: m^({fit.power:.2f} ± {fit.error:.2f})", m,
                                    fit.factor * m**fit.power, colour, "dash"))
        panels.append(Panel(f"{title}; {which}", "t", traces, log_y=True, height=340,
                            alt=f"{title}, {which}: times of learning and of overfitting against"
                                " m, of digits with a fitted power and of the theory."))
    show_curves(panels, key="digits powers",
                axis=Axis("width m", "m", range=(12.0, 1400.0), cursor=False))
