"""Theorems 1 and 2 beside the run of the present settings."""

import numpy as np
import streamlit as st

from dashboard.components.chart import (
    BLUE,
    GREY,
    PURPLE,
    SKY,
    VERMILION,
    Line,
    Panel,
    Trace,
    show_curves,
)
from dashboard.components.curves import smooth, time_axis
from dashboard.words import number
from engine import Trajectory, theorems

TUBE_POINTS = 100


def show(run: Trajectory) -> None:
    """The gap beside its bound, the errors beside the tube, and what was fitted."""
    st.markdown(reading(run))
    show_curves([_gap(run), *([_tube(run)] if theorems.covers_flow(run.parameters) else [])],
                key="theorems", axis=time_axis(run))


def reading(run: Trajectory) -> str:
    """What the theorems say of this run, in Markdown."""
    p = run.parameters
    if not theorems.covers_gap(p):
        advice = "" if p.beyond else \
            " Choose tanh, erf or sine as the activation to see the bounds."
        return (f"**At the settings of the sidebar** {_why_not(run)}: the plot has the gap alone."
                + advice)
    least = theorems.least(run)
    said = (f"**At the settings of the sidebar** L = {number(theorems.lipschitz(p))} and n/d = αm ="
            f" {p.alpha * p.m:g}. Fitted: the least constants with which this run keeps within"
            f" Theorem 1 all along are C₀ = {number(least.growth)} and C₁ = {number(least.gap)};"
            " the bound is drawn with them, so it touches the gap and says nothing of its height."
            f" Its scale t̂ = (n/d)^(1/4) is t = {number(theorems.gap_time(p))}.")
    if theorems.covers_flow(p):
        said += (f" The tube is drawn with the least C = {number(tube_constant(run))} that holds up"
                 f" to t = {number(theorems.flow_time(p))}, where c₀ = 1 would end it. That"
                 " c₀ = 1 is our choice.")
    elif p.init == "lazy":
        said += " Theorem 2 does not cover a lazy start, whose a₀ grows with m."
    else:
        said += " Theorem 2 does not cover this setting: it asks for a bounded φ and n/d > 1."
    if not p.identical:
        said += " Neurons differ; the mean of a stands for the largest."
    return said


def _why_not(run: Trajectory) -> str:
    p = run.parameters
    if p.directions is not None:
        return "the target has several directions, of which this page draws no bounds"
    if p.v0 is not None:
        return "the neurons have a common overlap with u at the start"
    if p.activation not in theorems.BOUNDED:
        return "σ is not bounded, and neither theorem covers it"
    if p.weight_decay:
        return "there is weight decay, and the theorems are on the flow without"
    if p.alpha * p.m < 1:
        return "there are fewer samples than dimensions, and the theorems ask for n ≥ d"
    return "φ is a polynomial whose slope is not bounded, and neither theorem covers it"


def tube_constant(run: Trajectory) -> float:
    """The least C of Theorem 2 for the run's times up to that with c₀ = 1."""
    p = run.parameters
    inside = run.t <= theorems.flow_time(p)
    return float(theorems.distance(run)[inside].max() / theorems.tube(p))


def _gap(run: Trajectory) -> Panel:
    p, frame = run.parameters, smooth(run)
    gap = np.abs(frame["test_error"] - frame["train_error"])
    traces, lines = [Trace("e_ts − e_tr", frame["t"], gap, BLUE)], []
    if theorems.covers_gap(p):
        bound = theorems.gap_bound(p, frame["t"], theorems.least(run))
        traces.append(Trace("Theorem 1, constants fitted", frame["t"], bound, PURPLE, "dash"))
        lines.append(Line(None, "t̂ = (n/d)^(1/4)", x=theorems.gap_time(p)))
    high = max(1e-12, *(float(np.max(trace.y)) for trace in traces))
    return Panel("The gap between test and train error", "gap", traces, log_y=True, wide=True,
                 lines=lines, y_range=(1e-6 * high, 2 * high),
                 alt="Gap between test and train error over training time, below the bound of"
                     " Theorem 1 where it covers the setting.")


def _tube(run: Trajectory) -> Panel:
    p, frame = run.parameters, smooth(run)
    t = np.concatenate([[0.0], np.geomspace(1e-3, 1.0, TUBE_POINTS)]) * theorems.flow_time(p)
    e, radius = theorems.flow(p, t), tube_constant(run) * theorems.tube(p)
    whole = np.concatenate([[0.0], frame["t"][frame["t"] > 0]])
    return Panel(
        "The tube around the mean-field flow", "error",
        [Trace("Theorem 2, C fitted, c₀ = 1", t, e, SKY, band=(e - radius, e + radius)),
         Trace("mean-field flow", whole, theorems.flow(p, whole), GREY, "dot"),
         Trace("train", frame["t"], frame["train_error"], VERMILION, "dash"),
         Trace("test", frame["t"], frame["test_error"], BLUE)],
        alt="Train and test error and the mean-field flow in the tube of Theorem 2.", wide=True)
