"""The talk's table: what each layer and each error does in each regime, by theory and in a run."""

from contextlib import suppress
from dataclasses import fields
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.components import controls
from dashboard.service import visitor
from dashboard.service.jobs import compute, solved
from dashboard.service.links import Settings
from dashboard.words.marks import mark, power_mark
from dashboard.words.numbers import number
from dashboard.words.regimes import names, title
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
from dashboard.words.theory import expected, has_signal, learns_to_bayes, memorises
from engine import Parameters, Trajectory
from engine.limits import LIMITS, LimitError, limit
from engine.limits.checks.displacement import displacement_scalings
from engine.limits.levels import levels
from engine.regimes import regimes
from engine.results.keyfigures import (
    NotReached,
    Reach,
    RegimeMeasurement,
    Span,
    key_figures,
    reached,
    regime_measurements,
)


def counterpart(settings: Settings) -> Settings:
    """The same settings from the other initialisation, at the scale last chosen for it."""
    init = "mean-field" if settings.parameters.init == "lazy" else "lazy"
    scale = "gamma0" if init == "lazy" else "a0"
    return Settings(settings.parameters.replace(init=init, **{scale: visitor.get(scale)}),
                    settings.rtol)


def pair(settings: Settings) -> dict[str, Trajectory]:
    """The runs from both initialisations, "lazy" first; one is left out if it was stopped."""
    both = sorted((settings, counterpart(settings)), key=lambda s: s.parameters.init)
    runs = {s.parameters.init: solved(s, f"Solving from the {s.parameters.init} start")
            for s in both}
    return {init: run for init, run in runs.items() if run is not None}


def other_scale(p: Parameters) -> None:
    """The slider of the other start's a₀ or γ₀."""
    controls.slider("a0" if p.init == "lazy" else "gamma0")


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


def regime_cards(trajectory: Trajectory) -> None:
    """The whole table of one run: four cells per regime, theory, its limit's numbers, the run's.

    Cells stand side by side on a wide screen and below each other on a phone.
    """
    said, limits = expected(trajectory.parameters), limits_of(trajectory)
    figures, called = key_figures(trajectory), names(trajectory)
    for m in regime_measurements(trajectory):
        row, measured = said[m.regime.key], measured_row(m)
        curve = limits.get(m.regime.key, {})
        with st.container(border=True):
            st.markdown(f"**{scale(row, m.regime)}** · {title(m, called)}")
            for column, (name, heading) in zip(st.columns(4), HEADINGS.items(), strict=True):
                limit_says = f"  \n:red-background[{curve[name]}]" if curve else ""
                column.markdown(f"**{heading}**  \n{getattr(row, name).text}{limit_says}"
                                f"  \n:blue-background[{measured[name]}]"
                                f"  \n{mark(getattr(row, name).holds, m, figures)}")
            if said_more := remark(trajectory.parameters, figures, m):
                st.caption(said_more)


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


def short_table(settings: Settings) -> None:
    """Both initialisations, one line per regime: theory's scaling, and what the run measured."""
    for init, run in pair(settings).items():
        said, figures = expected(run.parameters), key_figures(run)
        rows = {}
        for m in regime_measurements(run):
            row, measured = said[m.regime.key], measured_row(m)
            rows[scale(row, m.regime)] = {
                heading: f"{getattr(row, name).short}  \n:blue-background[{measured[name]}]"
                         f"  \n{mark(getattr(row, name).holds, m, figures)}"
                for name, heading in HEADINGS.items()}
        st.markdown(f"**{NAMES[init]}**, {start_of(run.parameters)}")
        st.table(pd.DataFrame.from_dict(rows, orient="index"), border="horizontal")
    st.caption("Black: theory for m → ∞. Blue: this run, from the beginning of the regime to its"
               " end: ‖w − w(0)‖, γ, train error, test error. Marks: the run does at this width"
               " what theory says, small being below 0.3 and unchanged within 10 %; not yet; or"
               " the regime does not apply to it.")


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


def predictions(runs: dict[str, Trajectory]) -> pd.DataFrame:
    """Closed forms for m → ∞ at the settings of `runs` (by init), beside what the runs measured.

    A measurement is a dash where the run has not got that far, or ends otherwise than the
    formula supposes.
    """
    rows = [row for run in runs.values() for row in _predicted(run)]
    p = next(iter(runs.values())).parameters
    fixed = [("Bayes error", "τ²/2", p.bayes_error, None),
             ("Null error, f = 0", "½(τ² + ‖φ‖²)", p.null_error, None),
             ("Best linear fit", "½τ′²", levels(p).best_linear, None)]
    frame = pd.DataFrame(fixed + rows, columns=["Quantity", "Formula", "Theory", "Run"])
    return frame.assign(Theory=frame.Theory.map(number),
                        Run=frame.Run.map(lambda x: number(None if pd.isna(x) else x)))


def _predicted(run: Trajectory) -> list[tuple[str, str, float, float | None]]:
    p, known, figures = run.parameters, levels(run.parameters), key_figures(run)
    name = NAMES[p.init]
    rows = []
    if p.init == "lazy":
        if known.lazy_learning_end is not None:
            rows.append(("Lazy: linear learning ends at t", "ln 20/(2αγ₀²h′(0)m)",
                         known.lazy_learning_end, figures.feature_learning_end))
        whole = {m.regime.key: m for m in reached(run) if m.reach is Reach.WHOLE}
        rows.append(("Lazy: plateau of the test error (2.7)", "½[τ′² + γ₀²(h(1) − h′(0))]",
                     known.plateau(p.gamma0),
                     whole["lazy-2"].test_error.end if "lazy-2" in whole else None))
    elif learns_to_bayes(p):
        rows.append(("Mean-field: least test error", "τ²/2", known.bayes, figures.best_test_error))
    if figures.interpolated and memorises(p):
        rows.append((f"{name}: final test error at γ = {number(figures.final_gamma)}",
                     "½[τ′² + γ²(h(1) − h′(0))]", known.plateau(figures.final_gamma),
                     figures.final_test_error))
        if has_signal(p):
            rows.append((f"{name}: final linear part a·v", "φ̂′(0)/h′(0)",
                         p.covariance.linear_fit, float(run.a[-1] * run.v[-1])))
    return rows


def theory_table(settings: Settings) -> None:
    """The talk's table for both initialisations, theory only."""
    for s in sorted((settings, counterpart(settings)), key=lambda s: s.parameters.init):
        p = s.parameters
        said = expected(p)
        rows = {scale(said[regime.key], regime): {
            heading: getattr(said[regime.key], name).text for name, heading in HEADINGS.items()}
            for regime in regimes(p)}
        st.markdown(f"**{NAMES[p.init]}**, {start_of(p)}")
        st.table(pd.DataFrame.from_dict(rows, orient="index"), border="horizontal")
