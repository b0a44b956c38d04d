"""The page of regimes: a ladder of widths on one scaled time axis, and what to look for in it."""

import math
from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.components import legend
from dashboard.components.chart import (
    BLUE,
    GREEN,
    ORANGE,
    PURPLE,
    SKY,
    VERMILION,
    Axis,
    Line,
    Panel,
    Trace,
    shades,
    show_curves,
)
from dashboard.service import visitor
from dashboard.service.jobs import compute
from dashboard.service.links import WIDTHS
from dashboard.words import number
from dashboard.words.regimes import LOOK, LOOK_WITH_DECAY, SCALED_TIME
from dashboard.words.theory import has_signal
from engine import Parameters, Status, Trajectory
from engine.limits import (
    LimitError,
    first_corrections,
    locking_width,
    predicted_locking_width,
)
from engine.limits.checks import residual
from engine.limits.checks.collapse import Approach, Ladder, ladder, whole_runs
from engine.limits.checks.residual import FORMS, Residual, residuals
from engine.limits.curves.adiabatic import Asymptotics, asymptotics
from engine.limits.threshold import variance
from engine.parameters import T_MAX_PER_M
from engine.regimes import KINDS, Regime, regimes

CLOSE = 0.1
"""Widths whose curves differ by less than this share of the largest value lie on each other."""
PLACES = 80
POWER = {0: "", 0.5: "√m ", 1: "m "}
QUANTITY = {"train_error": "train error", "test_error": "test error", "v": "v",
            "first_layer_displacement": "‖w − w(0)‖", "overlap": "C_o(t,t)", "a": "a",
            "gamma": "γ = a/√m"}
EQUATIONS = {
    "R_A": "response of the residuals", "C_A": "their covariance, hence the train error",
    "R_⊥": "response of the neurons' differences", "R_∥": "response of their mean",
    "C_⊥": "motion of the neurons' differences", "C_o": "overlap of two neurons",
    "v": "alignment", "a": "second layer", "norm": "‖w‖ = 1",
}


class Choice(NamedTuple):
    """A regime's key and the widths of the ladder."""

    key: str
    widths: tuple[int, ...]


def choices(p: Parameters) -> Choice:
    """The widgets for regime and widths.

    The regime of another start or target gives way to the first of this one.
    """
    known = regimes(p)
    keys = [r.key for r in known]
    key = visitor.get("regime") if visitor.get("regime") in keys else keys[0]
    left, right = st.columns([3, 2])
    left.radio("Regime", keys, keys.index(key), horizontal=True,
               format_func={r.key: f"{r.name}: {r.scale}" for r in known}.get,
               **visitor.bound("regime", part=f"of {keys[0]}"))
    low, high = visitor.get("widths")
    right.select_slider(
        "Widths m", WIDTHS, (low, high), **visitor.bound("widths", _two),
        help="From the narrowest to the widest network, in powers of 4. The sidebar's m is not"
             " used here.")
    return Choice(key, tuple(m for m in WIDTHS if low <= m <= high))


def _two(widths: tuple[int, int]) -> tuple[int, int]:
    """The chosen widths, or two neighbours where both ends of the slider meet."""
    low, high = widths
    if low < high:
        return low, high
    return (low, WIDTHS[1]) if low == WIDTHS[0] else (WIDTHS[WIDTHS.index(low) - 1], high)


def collapse(p: Parameters, choice: Choice) -> None:
    """The ladder on its scaled time axis, its score, and what to look for."""
    late = p.weight_decay and KINDS[choice.key].power == 1
    p = _at_no_width(p)
    try:
        found = compute(("ladder", p, choice), partial(ladder, p, choice.key, choice.widths),
                        "Solving at every width")
    except LimitError as error:
        st.info(f"No ladder here: {error}")
        return
    if found is None:
        return
    st.subheader(verdict(found))
    st.markdown(LOOK[choice.key] + (LOOK_WITH_DECAY if late else ""))
    drawn = ladder_panels(found)
    with legend.shared(legend.of(drawn[0].traces), key="ladder"):
        show_curves(drawn, key="ladder", axis=_scaled_axis(found))
    if found.limit is None:
        st.caption("The theory has no curve for this regime.")
    if more := corrections(p, found):
        st.markdown(more)
    if found.approaches:
        st.markdown(f"**{score(found)}**")
        left, right = st.columns([3, 2])
        left.dataframe(score_frame(found), hide_index=True)
        with right:
            show_curves([distance_panel(found)], key="distance",
                        axis=Axis("width m", "m", cursor=False, range=(
                            0.7 * found.widths[0], 1.4 * found.widths[-1])))
        st.caption("Distance: the largest difference from the m → ∞ curve for"
                   f" {SCALED_TIME[found.regime.power][1]} from {found.window[0]:g} to"
                   f" {found.window[1]:g}, relative to the limit's largest value; its power of m"
                   " with the standard error of the fit. The theory says −1, or −1/2 where a"
                   " quadratic activation meets a lazy start (F.2.4), and −1/2 on t/√m.")


def apart(found: Ladder) -> float:
    """The largest distance in the window, relative to a quantity's largest value: of the widest run
    from the m → ∞ curve, or of the two widest runs where there is none."""
    if found.approaches:
        return max(fit.distances[-1] for fit in found.approaches.values())
    places = np.geomspace(*found.window, PLACES)
    seen = lambda run, column: np.interp(places, *found.scaled(run, column))  # noqa: E731
    differences = []
    for column in found.columns:
        narrow, wide = (seen(run, column) for run in found.runs[-2:])
        differences.append(np.max(np.abs(wide - narrow)) / (np.max(np.abs(wide)) or 1.0))
    return float(max(differences))


def verdict(found: Ladder) -> str:
    """What is seen of the ladder, as a title."""
    off = apart(found)
    if found.approaches:
        where = f"m = {found.widths[-1]:,} is within {100 * off:.2g} % of m → ∞"
        if off < CLOSE:
            return f"These widths collapse: {where}"
        return f"These widths do not collapse yet: only {where}"
    pair = f"m = {found.widths[-2]:,} and {found.widths[-1]:,} differ by {100 * off:.2g} %"
    return f"These widths {'collapse' if off < CLOSE else 'do not collapse'}: {pair}"


def corrections(p: Parameters, found: Ladder) -> str:
    """What finite m adds to the mean-field plateau, where there is one; else nothing."""
    if not found.regime.key.startswith("mean-field"):
        return ""
    try:
        slopes, width = first_corrections(p), None
        if found.regime.key == "mean-field-2" and p.tau > 0:
            width = compute(("locking width", p), partial(locking_width, p),
                            "Which widths leave the plateau?")
    except LimitError:
        return ""
    if found.regime.key == "mean-field-1":
        return (f"The first corrections grow like t/m: a by {number(slopes.a)} t/m, v by"
                f" {number(slopes.v)} t/m, C_o(t,t) by {number(slopes.overlap)} t/m, for"
                " 1 ≪ t ≪ √m (G.49–G.76).")
    if width is None:
        return ""
    return (f"From our own analysis of the equations, not in the paper: networks with m ≤"
            f" {width[0]:,} leave the plateau within t = 200 m, those with m ≥ {width[1]:,} do not."
            " That is for identical neurons: from t = Θ(√m) on, wide networks of them rest at a"
            " distance of order 1/√m from the target, where the rugged landscape of the noise holds"
            f" them; the equations at rest predict m = {number(predicted_locking_width(p), 2)} as"
            " the border. It grows with the noise and like 1/α. Neurons that differ, by however"
            " little, leave at t = Θ(m) (seen from m = 64 to 16,384).")


def _at_no_width(p: Parameters) -> Parameters:
    """Equal keys for settings that differ in what a ladder replaces."""
    return p.replace(m=128, t_max=None)


def _scaled_axis(found: Ladder) -> Axis:
    label, symbol = SCALED_TIME[found.regime.power]
    return Axis(f"scaled time {label}", symbol, range=(found.window[0] / 10, found.window[1]))


def ladder_panels(found: Ladder) -> list[Panel]:
    """One panel for every quantity that the regime predicts: the widths, and the limit dashed."""
    panels = []
    for column in found.columns:
        traces = [by_width(run, *found.scaled(run, column), colour, found.window[1])
                  for run, colour in ramp(found.runs)]
        if found.limit is not None:
            traces.append(Trace("m → ∞", *found.scaled(found.limit, column), VERMILION, "dash"))
        name = named(found.regime, column)
        panels.append(Panel(name, name, traces,
                            alt=f"{name} against scaled time for widths"
                                f" {', '.join(map(str, found.widths))}"
                                + (" and m → ∞." if found.limit is not None else ".")))
    return panels


def named(regime: Regime, column: str) -> str:
    """The quantity with the power of m that makes it of order 1."""
    return POWER[regime.kind.scalings[column]] + QUANTITY[column]


def distance_panel(found: Ladder) -> Panel:
    """Distance to the limit against m, both logarithmic."""
    colours = (BLUE, ORANGE, GREEN, PURPLE, SKY)
    markers = ("circle", "square", "diamond", "triangle-up", "x")
    traces = [Trace(named(found.regime, column), found.widths, fit.distances, colour,
                    marker=marker) for (column, fit), colour, marker
              in zip(found.approaches.items(), colours, markers, strict=False)]
    return Panel("Distance to the limit against m", "distance", traces, log_y=True, wide=True,
                 alt="Distance to the limit against the width, both on logarithmic axes.")


def score(found: Ladder) -> str:
    """How fast the ladder collapses, in one sentence."""
    fits = {c: f for c, f in found.approaches.items() if max(f.distances) > 0}
    slowest = max(fits, key=lambda c: fits[c].exponent)
    fit, name = fits[slowest], named(found.regime, slowest)
    if fit.exponent > -0.1:
        return (f"At these widths {name} does not approach the limit: its distance goes like"
                f" m^({power_text(fit)}).")
    return f"Slowest is {name}, whose distance falls like m^({power_text(fit)})."


def power_text(fit: Approach) -> str:
    """−0.98 ± 0.02, or without the error where two widths give none."""
    text = f"{fit.exponent:.2f}".replace("-", "−")
    return text if math.isnan(fit.error) else f"{text} ± {fit.error:.2f}"


def score_frame(found: Ladder) -> pd.DataFrame:
    """Distances at each width and their powers of m."""
    return pd.DataFrame([
        {"quantity": named(found.regime, column)}
        | {f"m = {m}": number(d) for m, d in zip(found.widths, fit.distances, strict=True)}
        | {"power of m": power_text(fit) if max(fit.distances) > 0 else "exact"}
        for column, fit in found.approaches.items()])


def consistency(p: Parameters, key: str) -> None:
    """The residual table of the regime's form."""
    st.markdown("The paper guesses the form of a solution on a time scale, then inserts it into the"
                " equations of width m. What is left must vanish as m grows, with the power of m"
                " that the neglected terms have.")
    if key not in FORMS:
        others = [f"“{r.name}: {r.scale}”" for r in regimes(p) if r.key in FORMS]
        st.info("This regime's curve is not a closed form in two times, so there is nothing to"
                f" insert. Choose {' or '.join(others)} above.")
        return
    if not st.toggle("Insert the form at five widths (a few seconds)", key="insert form"):
        return
    p = _at_no_width(p)
    try:
        rows = compute(("residuals", p, key), partial(residuals, p, key), "Inserting the form")
    except LimitError as error:
        st.info(str(error))
        return
    if rows:
        st.dataframe(residual_frame(rows), hide_index=True)
        st.caption("Residual: the most that is left of an equation, relative to its largest term."
                   " Power of m: fitted over all widths, and between the last two, where higher"
                   " orders matter least.")


def residual_frame(rows: list[Residual]) -> pd.DataFrame:
    """One line per equation."""
    power = lambda x: f"{x:.2f}".replace("-", "−")  # noqa: E731
    return pd.DataFrame([
        {"equation": row.equation, "which is": EQUATIONS[row.equation]}
        | {f"m = {m}": number(x, 2) for m, x in zip(residual.WIDTHS, row.values, strict=False)}
        | {"fitted power": "exact" if row.exact else f"{power(row.exponent)} ± {row.error:.2f}",
           "last two": "exact" if row.exact else power(row.last),
           "claimed": power(row.claimed)} for row in rows])


def slow_picture(p: Parameters, widths: tuple[int, ...]) -> None:
    """γ against e_tr with the curve (γ, e_∞(γ)), and a/√m, v√m and their product."""
    p = _at_no_width(p)
    runs = compute(("whole runs", p, widths), partial(whole_runs, p, widths, T_MAX_PER_M),
                   "Solving through all regimes")
    if runs is None:
        return
    st.markdown("Seen over all times, a run is a path in the plane of complexity γ and train"
                " error.")
    curve, scale = None, 0.0
    try:
        curve = compute(("asymptotics", p.alpha, p.covariance.coefficients.h[2:]),
                        partial(asymptotics, p), "Computing e_∞(γ)")
        scale = math.sqrt(variance(p))
    except LimitError as error:
        st.info(f"There is no curve e_∞(γ): {error}")
    if curve is not None:
        st.markdown("When t is of order m, the first layer has time to do what it can at the"
                    " present γ: the path lies on the curve of the errors e_∞(γ) that gradient flow"
                    " reaches with γ held fixed (red, dashed), and slides down it to the threshold"
                    " γ*, where e_∞ vanishes.")
    if curve is not None and p.init == "lazy" and p.gamma0 >= scale * curve.threshold:
        st.markdown(f"Here γ₀ = {p.gamma0:g} is above γ* = {number(scale * curve.threshold)}: the"
                    " train error falls to zero without any drift. Lower γ₀ in the sidebar to see"
                    " the slide.")
    show_curves([adiabatic_panel(runs, curve, scale)], key="adiabatic",
                axis=Axis("complexity γ = a/√m", "γ", log=False, cursor=False,
                          range=_gamma_range(runs, curve, scale)))
    if has_signal(p):
        st.markdown("The signal is unlearned as γ grows: v falls like 1/γ, so that a·v, the linear"
                    " part of the network's output, stays at φ̂′(0)/h′(0).")
        products = product_panels(runs)
        with legend.shared(legend.of(products[0].traces), key="products"):
            show_curves(products, key="products",
                        axis=Axis("scaled time t / m", "t/m", range=(1e-3, T_MAX_PER_M)))


def _gamma_range(runs, curve: Asymptotics | None, scale: float) -> tuple[float, float]:
    top = max(float(run.gamma.max()) for run in runs)
    return 0.0, 1.05 * max(top, scale * curve.threshold if curve else 0.0)


def adiabatic_panel(runs: list[Trajectory], curve: Asymptotics | None, scale: float) -> Panel:
    """(γ, e_tr) of every run, and (γ, e_∞(γ)) dashed; scale is τ'."""
    traces = [by_width(run, run.gamma, run.train_error, colour) for run, colour in ramp(runs)]
    lines = []
    if curve is not None:
        gamma = np.linspace(0, curve.threshold, 200)
        traces.append(Trace("e_∞(γ), m → ∞", scale * gamma, scale**2 * curve.at(gamma, "error"),
                            VERMILION, "dash"))
        lines = [Line(None, f"γ* = {number(scale * curve.threshold)}", x=scale * curve.threshold)]
    top = max(float(run.train_error.max()) for run in runs)
    return Panel("Train error against complexity", "train error", traces, wide=True, height=360,
                 y_range=(0.0, 1.05 * top), lines=lines,
                 alt="Train error against complexity for each width, and the limit curve.")


def product_panels(runs: list[Trajectory]) -> list[Panel]:
    """γ = a/√m, √m v and a v against t/m."""
    p = runs[0].parameters
    root = lambda run: math.sqrt(run.parameters.m)  # noqa: E731
    level = [Line(p.covariance.linear_fit, "φ̂′(0)/h′(0)")] if p.covariance.dh_0 > 0 else []
    columns = (("γ = a/√m", lambda run: run.gamma, ()),
               ("√m v", lambda run: root(run) * run.v, ()),
               ("a·v", lambda run: run.a * run.v, level))
    high = lambda y: 1.1 * max(float(y(run).max()) for run in runs)  # noqa: E731
    return [Panel(title, title, [by_width(run, run.t / run.parameters.m, y(run), colour,
                                          T_MAX_PER_M) for run, colour in ramp(runs)], lines=lines,
                  y_range=(0.0, high(y)) if title.startswith("γ") else None,
                  alt=f"{title} against t/m for each width.") for title, y, lines in columns]


def ramp(runs: Sequence[Trajectory]) -> Iterator[tuple[Trajectory, str]]:
    """Each width with its colour along the ramp."""
    return zip(runs, shades(len(runs)), strict=True)


def by_width(run: Trajectory, x, y, colour: str, end: float | None = None) -> Trace:
    """A width's curve.  An interpolated run stays where it is up to x = end."""
    if end is not None and run.status is Status.INTERPOLATED and x[-1] < end:
        x, y = np.append(x, end), np.append(y, y[-1])
    return Trace(f"m = {run.parameters.m:,}", x, y, colour)
