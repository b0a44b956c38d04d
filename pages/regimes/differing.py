"""The regimes with neurons that differ: names, time scales, and a ladder of widths on request."""

from functools import partial

import pandas as pd
import streamlit as st

from dashboard.components import legend, live
from dashboard.components.chart import Axis, Panel, show_curves
from dashboard.words.regimes import UNEQUAL
from dashboard.words.table import HEADINGS
from dashboard.words.theory import expected, unequal_rows
from engine import Parameters, Trajectory
from engine.limits.checks.collapse import whole_runs
from engine.regimes import regimes
from pages.regimes.ladders import Choice, by_width, ramp

SPREAD, GROUPS = 0.1, 4
T_PER_M, WIDEST = 20.0, 4096
"""How far runs go, and the widest of them: those of groups cost ten times those of identical
neurons."""
SHOWN = {"train_error": ("Train error", True), "test_error": ("Test error", True),
         "gamma": ("γ = a/√m", False), "sd_v": ("sd of v over the neurons", False)}
"""Title of each quantity, and whether its axis is logarithmic."""


def show(p: Parameters, choice: Choice) -> None:
    """What is known of unequal neurons at these settings; where it changes the chosen regime, a
    ladder of widths."""
    if p.target == "noise":
        st.markdown("Pure noise: neurons that differ stay in the same regimes, and differences of"
                    " the second layer do not grow (seen in runs, docs/laws.md).")
        return
    changed = unequal_rows(p)
    if not changed:
        st.markdown("At these settings nothing is known of neurons that differ.")
        return
    st.table(table(p), border="horizontal")
    st.caption("Our observations on the general equations (docs/laws.md, docs/unequal-neurons.md),"
               " not the paper's. Spread: standard deviation of a(0) over the neurons relative to"
               " its mean, or that of ⟨w, u⟩ at the start.")
    if choice.key not in changed:
        return
    widths = tuple(m for m in choice.widths if m <= WIDEST)
    different = p.replace(m=128, t_max=None, spread=SPREAD, groups=GROUPS)
    if len(widths) > 1:
        live.show("unequal ladder", ("whole runs", different, widths),
                  partial(whole_runs, different, widths, T_PER_M), partial(_draw, choice.key),
                  f"Solve m = {widths[0]:,} to {widths[-1]:,} with a spread of 10 % (some seconds)")


def table(p: Parameters) -> pd.DataFrame:
    """A row for each regime: what it is called and when it is, for identical and unequal neurons;
    the cells that change."""
    said, changed = expected(p), unequal_rows(p)
    rows = {}
    for r in regimes(p):
        name, scale, what = "as it is", "", ""
        if r.key in changed:
            name, scale = UNEQUAL[r.key].name, UNEQUAL[r.key].scale
            cells = ((heading, getattr(changed[r.key], column), getattr(said[r.key], column))
                     for column, heading in HEADINGS.items())
            what = "  \n".join(f"{heading}: {new.text}" for heading, new, old in cells
                               if new.text != old.text)
        rows[f"{r.name}: {r.scale}"] = {"Unequal neurons": name, "Time scale": scale,
                                        "What changes": what}
    return pd.DataFrame.from_dict(rows, orient="index")


def _draw(key: str, runs: list[Trajectory] | None) -> None:
    if not runs:
        return
    drawn = panels(key, runs)
    with legend.shared(legend.of(drawn[0].traces), key="unequal-ladder"):
        show_curves(drawn, key="unequal ladder",
                    axis=Axis(f"scaled time {UNEQUAL[key].time[0]}", UNEQUAL[key].time[1],
                              range=window(key, runs)))
    st.caption(f"Spread of 10 % in the second layer's start, {GROUPS} groups. Where the widths fall"
               " on each other the time scale is right.")


def window(key: str, runs: list[Trajectory]) -> tuple[float, float]:
    """From two decades before the scale's own time to the end of the shortest run."""
    end = min(run.parameters.t_max * run.parameters.m ** -UNEQUAL[key].power for run in runs)
    return 1e-2, end


def panels(key: str, runs: list[Trajectory]) -> list[Panel]:
    """The quantities of `SHOWN` in time scaled as unequal neurons have it, a curve for a width."""
    end = window(key, runs)[1]
    found = []
    for column, (title, log) in SHOWN.items():
        traces = [by_width(run, run.t * float(run.parameters.m) ** -UNEQUAL[key].power,
                           run.groups.sd(run.groups.v) if column == "sd_v"
                           else getattr(run, column), colour, end)
                  for run, colour in ramp(runs)]
        found.append(Panel(title, title, traces, log_y=log, alt=f"{title} of unequal neurons"
                           f" against {UNEQUAL[key].time[1]} at each width."))
    return found
