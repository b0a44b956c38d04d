"""Where the theory serves: distance against d on request, and the measured map."""

import math
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from dashboard import live, networks
from dashboard.chart import show_curves
from dashboard.jobs import compute
from dashboard.links import Settings
from dashboard.words import number
from engine import ParameterError, Parameters, Trajectory
from engine.network import finite_size

MAP = Path(__file__).parent.parent / "assets" / "network_map.csv"
SEEDS = 10
BUDGET = 60.0
"""Seconds that a study on the page may take beyond its smallest sizes."""
MOST = 900.0


def scaling(settings: Settings, theory: Trajectory) -> None:
    """Run both models at several d and separate the d → ∞ part of their distance."""
    p = settings.parameters
    st.markdown("Both models miss d → ∞; only the real network also misses the Gaussian"
                " approximation. The distance is the root mean square, over log time, of the"
                " difference of both errors in units of the theory's test error. What is left of"
                " it as d → ∞ is the part that the approximation makes.")
    try:
        plan, seconds = compute(("plan", p, SEEDS), partial(_plan, p), "Estimating the cost")
    except ParameterError as error:
        st.info(f"Not possible for these settings. {error}")
        return
    sizes = {name: [s.d for s in plan if s.algorithm == name] for name in finite_size.SIZES}
    start = f"Measure {SEEDS} seeds each (about {networks.duration(seconds)})"
    if seconds > MOST:
        st.info(f"Even the smallest sizes would take {networks.duration(seconds)}: choose a smaller"
                " width or a shorter horizon.")
    else:
        st.caption(f"Real networks at d = {_list(sizes['gd'])}; the Gaussian model, which needs"
                   f" memory d^k, at d = {_list(sizes['gaussian'])}.")
    low = 1e-3 * p.t_max
    live.show("scaling", ("scaling", p), partial(finite_size.study, p, theory, plan, low=low),
              _draw, start, disabled=seconds > MOST)


def measured_map() -> None:
    """The table that `bench/network.py --map` wrote, with its date."""
    if not MAP.exists():
        return
    table = pd.read_csv(MAP)
    st.markdown("When the mean errors are first off by more than"
                f" {100 * finite_size.DEPARTED:.0f} % of the theory's test error, in units of m."
                " A dash: not up to the end of the run."
                " Mean-field start, a₀ = 1, α = τ = 0.3, φ = σ.")
    shown = table.pivot_table(index=["activation", "m"], columns=["model", "d"],
                              values="departure_per_m", sort=False, dropna=False)
    shown.columns = [f"{model}, d = {d}" for model, d in shown.columns]
    shown = shown.dropna(axis=1, how="all").map(
        lambda x: "" if math.isnan(x) else "–" if math.isinf(x) else number(x))
    st.dataframe(shown)
    st.caption(f"Measured on {table['date'].iloc[0]} by `python bench/network.py --map`: mean of"
               f" {table['seeds'].iloc[0]} seeds, up to t = {number(table['t_max_per_m'].iloc[0])}"
               " m. Measure your own settings above.")


def _plan(p: Parameters, progress, cancel):
    return finite_size.plan(p, SEEDS, BUDGET)


def _draw(table: pd.DataFrame | None) -> None:
    if table is None or table.empty:
        return
    fits = {}
    for algorithm, rows in table.groupby("algorithm"):
        if len(rows) > 1:
            fits[algorithm] = finite_size.fit(rows["d"], rows["distance"], rows["error"])
    show_curves([networks.scaling_panel(table, fits)], key="scaling", axis=networks.SCALING_AXIS)
    left = {name: f"{fit.offset:.3f} ± {fit.offset_error:.3f}" for name, fit in fits.items()}
    if "gd" in left:
        st.markdown(f"As d → ∞ the real networks keep a distance of **{left['gd']}**"
                    + (f", the Gaussian model {left['gaussian']}." if "gaussian" in left else "."))
    shown = table.drop(columns="complete").rename(columns={"departure": "leaves at t"})
    shown["algorithm"] = shown["algorithm"].map(networks.NAMES)
    shown["leaves at t"] = [number(t) if np.isfinite(t) else "–" for t in shown["leaves at t"]]
    with st.expander("The numbers"):
        st.dataframe(shown, hide_index=True)


def _list(sizes: list[int]) -> str:
    return ", ".join(map(str, sizes))
