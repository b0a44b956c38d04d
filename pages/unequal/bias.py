"""Implicit bias of the second layer on request: ‖a‖ of several starts against the least needed."""

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.components import live
from dashboard.components.chart import Line, Panel, Trace, shades, show_curves
from dashboard.components.curves import time_axis
from dashboard.service.links import Settings
from dashboard.words import number
from dashboard.words.figures import figure
from engine import Group, Parameters, Status, Trajectory
from engine.limits.bias import Bias, implicit_bias, norm
from engine.results.keyfigures import key_figures

SPREAD = 0.1


def starts(p: Parameters) -> dict[str, Parameters]:
    """Starts that differ in their neurons alone: equal, spread, random signs, and those of `p`
    where they are given one by one."""
    half = p.m // 2
    signs = (Group(half), Group(p.m - half, sign=-1))
    found = {"equal": p.alike, f"spread of {SPREAD:.0%}": p.alike.replace(spread=SPREAD),
             "random sign": p.alike.replace(groups=signs)}
    return found | ({"groups of the table": p} if isinstance(p.groups, tuple)
                    and p not in found.values() else {})


def show(settings: Settings) -> None:
    """The button, and the picture with its table."""
    st.markdown("Gradient flow that starts below the threshold γ\\* ends, as m → ∞ and with"
                " identical neurons, at γ\\*: the least norm ‖a‖/m at which it interpolates (F.49,"
                " 2.12). That is an implicit bias towards small norms. Neurons that keep the"
                " feature leave less to be memorised; the label noise alone takes γ\\*(α, 0, τ) ="
                " (τ/τ′)γ\\*.")
    if not settings.parameters.train_second_layer:
        st.info("The second layer is frozen here: its norm does not change.")
        return
    compared = starts(settings.parameters)
    live.show("bias", ("bias", tuple(compared.items()), settings.rtol),
              partial(implicit_bias, compared, settings.rtol), _draw,
              f"Follow {len(compared)} starts and find γ* (5 s to some minutes)")


def _draw(found: Bias | None) -> None:
    if found is None:
        return
    runs = found.runs
    show_curves([panel(found)], key="bias", axis=time_axis(*runs.values()))
    st.table(table(found), border="horizontal")
    if found.reason:
        st.info(f"There is no γ*: {found.reason}")
    st.caption("‖a‖/m is the root of Σa_i², over m: γ = a/√m where all a are equal. γ* is that of"
               " identical neurons for m → ∞, with all a frozen at one value.")


def panel(found: Bias) -> Panel:
    """‖a‖/m over time for each start, with the norms needed as lines."""
    lines = [Line(level, label) for level, label in (
        (found.threshold, "γ*(α, φ, τ)"), (found.noise, "γ*(α, 0, τ), noise alone"))
        if level is not None]
    if found.threshold == found.noise:
        lines = lines[:1]
    traces = [Trace(name, *_curve(run), colour, dash) for (name, run), colour, dash in
              zip(found.runs.items(), shades(len(found.runs)), ("solid", "dash", "dot", "dashdot"),
                  strict=False)]
    return Panel("Norm of the second layer", "‖a‖/m", traces, lines=lines, wide=True,
                 alt="Norm of the second layer over training time for each start, and the least"
                     " norms that interpolation needs.")


def _curve(run: Trajectory) -> tuple[np.ndarray, np.ndarray]:
    """t and ‖a‖/m; an interpolated run stays where it is up to its horizon."""
    if run.status is not Status.INTERPOLATED:
        return run.t, norm(run)
    return np.append(run.t, run.parameters.t_max), np.append(norm(run), norm(run)[-1])


def table(found: Bias) -> pd.DataFrame:
    """A row for each start: the norm at both ends, in units of γ* too; where it interpolates."""
    rows = {}
    for name, run in found.runs.items():
        k, size = key_figures(run), norm(run)
        rows[name] = {
            "‖a‖/m at start": number(size[0]), "at end": number(size[-1]),
            "over γ*": number(size[-1] / found.threshold) if found.threshold else "–",
            "interpolates": f"t = {figure(k, 'interpolation_time')}" if k.interpolated
            else f"not up to t = {number(k.end)}",
            "test error": figure(k, "final_test_error")}
    return pd.DataFrame.from_dict(rows, orient="index")
