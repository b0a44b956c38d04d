"""Where the theory serves: distance against d on request, and the measured map."""

import math
from functools import lru_cache, partial
from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.components import live
from dashboard.components.chart import show_curves
from dashboard.service.links import Settings
from dashboard.words import number
from engine import Parameters, Trajectory
from engine.network import finite_size
from pages.networks import training
from pages.networks.reading import PLAIN, reading

MAP = Path(__file__).parent / "network_map.csv"
SEEDS = 10
BUDGET = 60.0
"""Seconds that a study on the page may take beyond its smallest sizes."""
PLANNED = "sizes asked for"
"""Where the session keeps the settings of which the sizes are wanted."""
ROW = 35
"""Pixels of a table's row."""


def scaling(settings: Settings, theory: Trajectory) -> None:
    """Run both models at several d and separate the d → ∞ part of their distance."""
    p = settings.parameters
    st.markdown(f"At the settings drawn above (m = {p.m}, t up to {p.t_max / p.m:.3g} m)."
                " Both models miss d → ∞; only the real network also misses the Gaussian"
                " approximation. The distance is the root mean square, over log time, of the"
                " difference of both errors in units of the theory's test error. What is left of"
                " it as d → ∞ is the part that the approximation makes; the line is offset +"
                " slope/d, and asks for d well above m.")
    if st.session_state.get(PLANNED) != p:
        st.button("Which sizes fit into a minute?", on_click=_ask, args=(p,),
                  help="Estimates what each size takes, which takes seconds itself.")
        return
    try:
        found = live.known("plan", ("plan", p, SEEDS), partial(_plan, p), "Estimating the cost")
    except ValueError as error:
        st.info(f"Not possible for these settings. {error}")
        return
    if found is None:
        return
    plan, seconds = found
    sizes = {name: [s.d for s in plan if s.algorithm == name] for name in finite_size.SIZES}
    start = f"Measure {SEEDS} seeds each ({training.span(seconds)})"
    if seconds > training.MOST:
        st.info(f"Even the smallest sizes would take {training.span(seconds)}: choose a smaller"
                " width or a shorter horizon.")
        return
    st.caption(f"Real networks at d = {_list(sizes['gd'])}; the Gaussian model, which needs"
               f" memory d^k, at d = {_list(sizes['gaussian'])}.")
    low = 1e-3 * p.t_max
    live.show("scaling", ("scaling", p), partial(finite_size.study, p, theory, plan, low=low),
              _draw, start)


def measured_map() -> None:
    """The table that `python -m studies.separation` wrote, with its date."""
    if not MAP.exists():
        return
    before, shown, source, after = _map()
    st.markdown(before)
    st.dataframe(shown, hide_index=True, height=ROW * (len(shown) + 1) + 3)
    st.caption(source)
    st.markdown(after)


@lru_cache(maxsize=1)
def _map() -> tuple[str, pd.DataFrame, str, str]:
    """The same for all visitors: words before the map, the map, its source, words after it."""
    table = pd.read_csv(MAP)
    plain = table[table["start"] == PLAIN].copy()
    before = ("The time t at which the mean errors are first off by more than"
                f" {100 * finite_size.DEPARTED:.0f} % of the theory's test error (–: not up to"
                f" t = {plain['t_max_per_m'].iloc[0]:g} m), and in brackets the distance"
                " over the whole run: first from the theory of identical neurons, then from that"
                " of four groups which start as in the network's dimension d. Mean-field start,"
                " a₀ = 1, α = τ = 0.3, φ = σ.")
    plain["cell"] = [f"{first} · {second}" for first, second in zip(
        _cells(plain, ""), _cells(plain, "general_"), strict=True)]
    plain["column"] = [f"{model}, d = {d}" for model, d in zip(plain["model"], plain["d"],
                                                              strict=True)]
    order = plain.sort_values(["model", "d"], ascending=[False, True])["column"].unique()
    shown = plain.pivot(index=["activation", "m"], columns="column", values="cell")
    shown = shown[order].fillna("").reset_index()
    source = (f"Measured on {plain['date'].iloc[0]} by `python -m studies.separation`: mean of"
              f" {plain['seeds'].iloc[0]} seeds; what takes too long is left out. Measure your own"
              " settings above.")
    return before, shown, source, reading(table)


def _cells(table: pd.DataFrame, theory: str) -> list[str]:
    times = table[f"{theory}departure_per_m"] * table["m"]
    return [f"{_time(t)} ({distance:.2f})" for t, distance in zip(
        times, table[f"{theory}distance"], strict=True)]


def _time(t: float) -> str:
    return number(t, 2) if math.isfinite(t) else "–"


def _ask(p: Parameters) -> None:
    st.session_state[PLANNED] = p


def _plan(p: Parameters, monitor):
    return finite_size.plan(p, SEEDS, BUDGET, monitor=monitor)


def _draw(table: pd.DataFrame | None) -> None:
    if table is None or table.empty:
        return
    fits = {}
    for algorithm, rows in table.groupby("algorithm"):
        if len(rows) > 1:
            fits[algorithm] = finite_size.line(rows["d"], rows["distance"], rows["error"])
    show_curves([training.scaling_panel(table, fits)], key="scaling", axis=training.SCALING_AXIS)
    left = {name: f"{fit.offset:.3f} ± {fit.offset_error:.3f}" for name, fit in fits.items()}
    if "gd" in left:
        st.markdown(f"As d → ∞ the real networks keep a distance of **{left['gd']}**"
                    + (f", the Gaussian model {left['gaussian']}." if "gaussian" in left else "."))
    shown = table.drop(columns="complete").rename(columns={"departure": "leaves at t"})
    shown["algorithm"] = shown["algorithm"].map(training.NAMES)
    shown["leaves at t"] = [number(t) if np.isfinite(t) else "–" for t in shown["leaves at t"]]
    with st.expander("The numbers"):
        st.dataframe(shown, hide_index=True)


def _list(sizes: list[int]) -> str:
    return ", ".join(map(str, sizes))
