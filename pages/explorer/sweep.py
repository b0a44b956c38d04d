"""A sweep: five runs along one parameter, around the present one."""

from typing import NamedTuple

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.components.chart import shades
from dashboard.components.curves import round_below
from dashboard.service import visitor
from dashboard.service.jobs import solved_along
from dashboard.service.links import ROWS, Settings
from dashboard.words import sweep as words
from dashboard.words.figures import rows
from engine import ParameterError, Parameters, Trajectory
from engine.fields import canonical
from engine.results.keyfigures import key_figures

COUNT = 5
REACH = 8
"""Steps to each side of the present value from which the five are taken."""
FACTORS = {"alpha": 2, "gamma0": 2, "a0": 2, "m": 4, "spread": 3, "weight_decay": 3}
"""From one value to the next; τ goes in equal steps."""
FIRST = {"spread": 0.01, "weight_decay": 0.1}
"""The least above 0, where the present value is 0."""
LEAST_STEP = 0.1
"""Of τ."""


WHY_NOT = {"spread": "the neurons' differences are set in another way",
           "weight_decay": "the second layer is not trained"}
"""Why settings have no room for a parameter."""


class Sweep(NamedTuple):
    """Runs along one parameter, what each is called, and the number (from 0) of the present one."""

    runs: tuple[Trajectory, ...]
    names: tuple[str, ...]
    at: int

    @property
    def headline(self) -> str:
        """What changes along the runs."""
        return words.headline(self.runs, self.names)

    @property
    def aside(self) -> str:
        """Which run all else on the page is of."""
        return f"Bands, key figures, neurons and sentences are of {self.names[self.at]}."

    @property
    def legend(self) -> list[tuple[str, str]]:
        """Each run's name and colour."""
        names = [*self.names]
        names[self.at] += " (broad)"
        return list(zip(names, shades(len(names)), strict=True))


def offered(p: Parameters) -> list[str]:
    """The parameters that a sweep can go along from these settings."""
    names = ["alpha", "tau", "gamma0" if p.init == "lazy" else "a0", "m"]
    if not isinstance(p.groups, tuple) and p.start_d is None:
        names.append("spread")
    return names + ["weight_decay"] * p.train_second_layer


def control(p: Parameters) -> str | None:
    """A menu of parameters and a button to end the sweep; returns the parameter of the sweep."""
    names, key = offered(p), visitor.key("sweep")
    name = visitor.get("sweep")
    if name in ("gamma0", "a0"):  # the scale of the start has two names
        name = names[2]
    st.menu_button(
        "Sweep", names, key=key, format_func=lambda name: ROWS[name].label,
        on_click=lambda: visitor.put(sweep=st.session_state[key]),
        help=f"{COUNT} runs in one picture: values of one parameter around the present one.")
    if name is not None:
        st.button("End sweep", key="end sweep", on_click=lambda: visitor.put(sweep=None))
    return name if name in names else None


def flags(along: str | None) -> None:
    """Why the sweep that a link or an earlier setting asks for is not there."""
    if along is None and (name := visitor.get("sweep")) is not None:
        st.info(f"No sweep of {ROWS[name].label.lower()}: {WHY_NOT[name]}.")


def values(p: Parameters, name: str) -> list[float]:
    """Five values around the present one within the bounds of the table, the present included."""
    row, now = ROWS[name], getattr(p, name)
    steps = range(-REACH, REACH + 1)
    if name in FACTORS and now:
        ladder = [now * float(FACTORS[name]) ** k for k in steps]
    elif name in FACTORS:
        ladder = [0.0, *(FIRST[name] * float(FACTORS[name]) ** k for k in range(REACH))]
    else:
        step = round_below(max(now / 3, LEAST_STEP))
        ladder = [now + k * step for k in steps]
    short = round if row.kind == "integer" else lambda x: canonical(float(f"{x:.3g}"))
    inside = sorted({now, *(short(x) for x in ladder
                            if row.low <= short(x) <= row.high and x != now)})
    first = int(np.clip(inside.index(now) - COUNT // 2, 0, max(0, len(inside) - COUNT)))
    return inside[first:first + COUNT]


def solved(settings: Settings, name: str) -> Sweep | None:
    """The runs of the sweep; None where there is no second one, as when it was stopped."""
    along = {value: each for value in values(settings.parameters, name)
             if (each := _at(settings, name, value))}
    runs = solved_along(tuple(along.values()), f"Solving for {len(along)} values of"
                                               f" {ROWS[name].symbol}")
    done = dict(zip(along, runs, strict=False))
    now = getattr(settings.parameters, name)
    if now not in done or len(done) < 2:
        return None
    names = tuple(f"{ROWS[name].symbol} = {_written(value)}" for value in done)
    return Sweep(tuple(done.values()), names, list(done).index(now))


def _at(settings: Settings, name: str, value: float) -> Settings | None:
    """The same settings with another value, and a horizon in units of m; None where they
    contradict others."""
    p = settings.parameters
    changes = {name: value}
    if name == "m":
        changes["t_max"] = min(canonical(p.t_max / p.m * value), ROWS["t_max"].high)
    try:
        return Settings(p.replace(**changes), settings.rtol)
    except ParameterError:
        return None


def _written(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def table(swept: Sweep, name: str) -> None:
    """The key figures of all runs, and where the values are from."""
    row = ROWS[name]
    with st.expander(f"The {len(swept.runs)} runs in numbers", expanded=True):
        figures = [{label: value for label, value, _ in rows(key_figures(run))}
                   for run in swept.runs]
        st.table(pd.DataFrame(dict(zip(swept.names, figures, strict=True))), border="horizontal")
        early = [f"{called}: {run.status.advice}"
                 for called, run in zip(swept.names, swept.runs, strict=True)
                 if not run.status.complete]
        step = f"each {FACTORS[name]} times the one before" if name in FACTORS else "in equal steps"
        st.caption(f"{row.label} around the present value, {step}, within its bounds of"
                   f" {_written(row.low)} to {_written(row.high)}; all else as set, the horizon"
                   " in units of m. " + " ".join(early))
