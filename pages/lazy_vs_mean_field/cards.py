"""The talk's table, cell by cell: each layer and error in each regime, by theory and in a run."""

from contextlib import suppress
from dataclasses import fields
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.components import controls
from dashboard.components.runs import pair
from dashboard.service.jobs import compute
from dashboard.service.links import Settings
from dashboard.words.marks import mark, power_mark
from dashboard.words.regimes import UNEQUAL, names, title
from dashboard.words.table import (
    HEADINGS,
    NAMES,
    arrow,
    measured_row,
    power,
    remark,
    scale,
    start_of,
)
from dashboard.words.theory import Row, expected, unequal_rows
from engine import Parameters, Trajectory
from engine.limits import LIMITS, LimitError, limit
from engine.limits.checks.displacement import displacement_scalings
from engine.regimes import Regime, regimes
from engine.results.keyfigures import (
    NotReached,
    RegimeMeasurement,
    Span,
    key_figures,
    reached,
    regime_measurements,
)

SPREAD = 0.1
"""Of the second layer, where neurons that differ are asked for."""


def other_scale(p: Parameters) -> None:
    """The slider of the other start's a₀ or γ₀."""
    controls.slider("a0" if p.init == "lazy" else "gamma0")


Runs = dict[str, Trajectory]


def both_kinds(settings: Settings, runs: Runs) -> tuple[Runs, Runs]:
    """The runs from both starts of identical neurons, and of those that differ.

    Where the settings have identical neurons, the others are solved only when the visitor asks and
    something is known to change; a start whose run was stopped is left out.
    """
    p = settings.parameters
    if not p.identical:
        return pair(Settings(p.alike, settings.rtol)), runs
    if not any(unequal_rows(run.parameters) for run in runs.values()):
        return runs, {}
    asked = st.toggle("Solve both for neurons that differ too: a spread of 10 %, in 4 groups (a few"
                      " seconds)", key="measure unequal")
    return runs, pair(Settings(p.replace(spread=SPREAD), settings.rtol)) if asked else {}


def limits_of(trajectory: Trajectory) -> dict[str, dict[str, str]]:
    """What the m → ∞ curves say of each regime between the times it was measured at: from → to,
    by the regime's key and the names of `HEADINGS`.  Regimes without a curve are left out."""
    found = {}
    for m in reached(trajectory):
        if m.regime.key not in LIMITS or m.time.end <= m.time.start:
            continue
        p = trajectory.parameters
        if not p.train_second_layer and m.regime.power == 1:
            continue
        with suppress(LimitError):
            curve = compute(("limit", p, m.regime.key, m.time.end),
                            partial(limit, p, m.regime.key, m.time.end), "Computing the limit")
            if curve is not None:
                found[m.regime.key] = _along(curve, m.time)
    return found


def _along(curve: Trajectory, time: Span) -> dict[str, str]:
    rows = curve.at(np.minimum([time.start, time.end], curve.t[-1]))
    columns = ("first_layer_displacement", "gamma", "train_error", "test_error")
    return {heading: arrow(Span(*map(float, rows[column])))
            for heading, column in zip(HEADINGS, columns, strict=True)}


def regime_cards(identical: Trajectory, differing: Trajectory | None) -> None:
    """The whole table of one start: four cells per regime, theory, its limit's numbers, the run's;
    below them what neurons that differ change, and what a run of them does, if there is one.

    Cells stand side by side on a wide screen and below each other on a phone.
    """
    said, others = expected(identical.parameters), unequal_rows(identical.parameters)
    figures, called, limits = key_figures(identical), names(identical), limits_of(identical)
    for m in regime_measurements(identical):
        key, row = m.regime.key, said[m.regime.key]
        with st.container(border=True):
            st.markdown(f"**{scale(row, m.regime)}** · {title(m, called)}")
            curve, measured = limits.get(key, {}), measured_row(m)
            for column, (name, heading) in zip(st.columns(4), HEADINGS.items(), strict=True):
                limit_says = f"  \n:red-background[{curve[name]}]" if curve else ""
                column.markdown(f"**{heading}**  \n{getattr(row, name).text}{limit_says}"
                                f"  \n:blue-background[{measured[name]}]"
                                f"  \n{mark(getattr(row, name).holds, m, figures)}")
            if said_more := remark(identical.parameters, figures, m):
                st.caption(said_more)
            if key in others:
                _third_column(row, others[key], m.regime, differing)


def _third_column(row: Row, other: Row, regime: Regime, run: Trajectory | None) -> None:
    """The cells of one regime that are others when neurons differ, with what their run does."""
    m = run and next(m for m in regime_measurements(run) if m.regime.key == regime.key)
    called = title(m, names(run)) if m else UNEQUAL[regime.key].name
    st.markdown(f"Unequal neurons: **{scale(other, regime)}** · {called}")
    measured, figures = (measured_row(m), key_figures(run)) if m else ({}, None)
    for column, (name, heading) in zip(st.columns(4), HEADINGS.items(), strict=True):
        cell = getattr(other, name)
        text = "as with identical neurons" if cell.text == getattr(row, name).text else cell.text
        seen = m and f"  \n:violet-background[{measured[name]}]  \n{mark(cell.holds, m, figures)}"
        column.markdown(f"**{heading}**  \n{text}{seen or ''}")


def scalings(p: Parameters) -> None:
    """How far the layers move in each regime, as powers of m fitted over a ladder of widths."""
    p = p.replace(m=128, t_max=None)
    rows, said = {}, expected(p)
    for regime in regimes(p):
        try:
            found = compute(("displacements", p, regime.key),
                            partial(displacement_scalings, p, regime.key), "Fitting powers of m")
        except LimitError as error:
            st.info(f"{regime.scale}: {error}")
            continue
        if found is None:
            return
        row = said[regime.key]
        rows[regime.scale] = {
            "First layer, theory": row.first_layer.short,
            "‖w − w(0)‖ ∝ m^": power(found["first_layer_displacement"]) + "  \n"
                               + power_mark(row.first_layer.power,
                                            found["first_layer_displacement"]),
            "Second layer, theory": row.second_layer.short,
            "|γ − γ(0)| ∝ m^": power(found["gamma_displacement"]) + "  \n"
                               + power_mark(row.second_layer.power, found["gamma_displacement"]),
            "|a − a(0)| ∝ m^": power(found["second_layer_displacement"])}
    st.markdown(f"**{NAMES[p.init]}**, {start_of(p, with_a=False)}")
    st.table(pd.DataFrame.from_dict(rows, orient="index"), border="horizontal")


def measurements_frame(trajectory: Trajectory) -> pd.DataFrame:
    """All that `regime_measurements` gives, as numbers, one row per regime."""
    def line(m: RegimeMeasurement | NotReached) -> dict:
        known = {"regime": m.regime.name, "scale": m.regime.scale}
        if isinstance(m, NotReached):
            return known | {"run": "not reached"}
        spans = {f.name: getattr(m, f.name) for f in fields(m) if f.name not in ("regime", "reach")}
        return known | {"run": m.reach.value} | {
            f"{name} {edge}": getattr(span, edge)
            for name, span in spans.items() for edge in ("start", "end")}

    return pd.DataFrame([line(m) for m in regime_measurements(trajectory)])
