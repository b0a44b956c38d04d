"""Where noise can be interpolated at all, and how the time for it diverges: under the maps."""

from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.components.chart import (
    BLUE,
    GREEN,
    ORANGE,
    PURPLE,
    Axis,
    Panel,
    Trace,
    show_curves,
)
from dashboard.words import number

STORED = Path(__file__).parents[2] / "studies" / "results"
"""`studies.phase` and what it wrote."""
COLOURS = {"cubic": BLUE, "quadratic": ORANGE, "erf": GREEN, "tanh": PURPLE}
NAMES = {"quadratic": "quadratic, weak"}
"""Two presets that differ in their linear part alone, which plays no part here."""
WIDE = 5.0
"""Width of erf's lines, pixels: tanh's lie upon them."""
ALPHAS = (0.009, 0.8)
MARKERS = {0.1: "circle", 0.3: "diamond"}


def show() -> None:
    """The section."""
    table, times = tables()
    st.header("What it takes to interpolate")
    st.markdown(words(table))
    left, right = st.columns(2)
    with left:
        show_curves([threshold_panel(table)], key="gamma star",
                    axis=Axis("data per weight α", "α", cursor=False, range=ALPHAS))
    with right:
        show_curves([inverse_panel(table)], key="alpha star",
                    axis=Axis("complexity γ₀/τ′", "γ₀/τ′", cursor=False))
    st.subheader("Near the threshold the time diverges")
    st.markdown(divergence_words(table))
    left, right = st.columns(2)
    with left:
        show_curves([times_panel(times)], key="divergence",
                    axis=Axis("distance (γ − γ*)/γ*", "(γ − γ*)/γ*", cursor=False))
    with right:
        show_curves([exponent_panel(table)], key="exponent",
                    axis=Axis("data per weight α", "α", cursor=False, range=ALPHAS))


@st.cache_data
def tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    """γ*, its bound and exponent by activation and α; relaxation times by distance."""
    return pd.read_csv(STORED / "phase.csv"), pd.read_csv(STORED / "phase_times.csv")


def words(table: pd.DataFrame) -> str:
    """What the lines are, and how far apart."""
    ratio = table["gamma_star"] / table["bound"]
    return ("Pure noise, a second layer that is kept as it is, wide networks. Above its solid line"
            " gradient flow fits the noise, below it a train error stays. **Below the dotted line"
            " of the same colour no weights at all fit it**: a bound by Sudakov's and Fernique's"
            f" inequality. γ* is {number(ratio.min())} to {number(ratio.max())} times the bound. In"
            " between there may be weights that fit, and gradient flow does not find them. On the"
            " right the same lines are read the other way: how much data a given complexity takes."
            " erf and tanh are meant as they are, not divided by their standard deviation."
            " Derivation and table: `docs/interpolation.md`.")


def divergence_words(table: pd.DataFrame) -> str:
    """The exponents found."""
    return ("The time until the train error is 10⁻⁷ τ′² grows like a power −ν of the distance from"
            " γ*, as in Figures 10 and 32 of the paper, which reads off ν ≈ 2. Fitted between 1 %"
            f" and 15 % here ν is {number(table['nu'].min())} to {number(table['nu'].max())} and"
            " rises with α: it may depend on α, or nearer to γ* it may not.")


def _of(table: pd.DataFrame) -> list[tuple[str, str, str, pd.DataFrame]]:
    """Activation, name, colour, rows."""
    return [(key, NAMES.get(key, key), colour, table[table["activation"] == key])
            for key, colour in COLOURS.items()]


def threshold_panel(table: pd.DataFrame) -> Panel:
    """γ*(α), solid, and what is needed at least, dotted."""
    traces = []
    for _, name, colour, rows in _of(table):
        alpha = rows["alpha"].to_numpy()
        traces += [Trace(f"γ*, {name}", alpha, rows["gamma_star"].to_numpy(), colour),
                   Trace(f"bound, {name}", alpha, rows["bound"].to_numpy(), colour, "dot",
                         width=1.5)]
    return Panel("Threshold γ*(α)", "γ/τ′", traces, log_y=True, wide=True, height=320,
                 alt="γ* of gradient flow rises with α and stays above the bound for every"
                     " activation.")


def inverse_panel(table: pd.DataFrame) -> Panel:
    """α*(γ₀), the same turned."""
    traces = []
    for _, name, colour, rows in _of(table):
        alpha = rows["alpha"].to_numpy()
        traces += [Trace(f"α*, {name}", rows["gamma_star"].to_numpy(), alpha, colour),
                   Trace(f"bound, {name}", rows["bound"].to_numpy(), alpha, colour, "dot",
                         width=1.5)]
    return Panel("Threshold α*(γ₀)", "α", traces, log_y=True, wide=True, height=320,
                 alt="The amount of data that is interpolated rises with the complexity γ₀ and"
                     " stays below the bound.")


def times_panel(times: pd.DataFrame) -> Panel:
    """t_rel against the distance from γ*."""
    traces = [Trace(f"{name}, α = {alpha:g}", own["distance"].to_numpy(), own["t_rel"].to_numpy(),
                    colour, "solid" if alpha == min(MARKERS) else "dash", marker=marker,
                    width=WIDE if key == "erf" else 2.2)
              for key, name, colour, rows in _of(times) for alpha, marker in MARKERS.items()
              if len(own := rows[np.isclose(rows["alpha"], alpha)])]
    return Panel("Time until the train error is 10⁻⁷ τ′²", "t_rel", traces, log_y=True, wide=True,
                 height=320,
                 alt="Relaxation times rise as a power when γ approaches γ* from above.")


def exponent_panel(table: pd.DataFrame) -> Panel:
    """ν against α."""
    traces = [Trace(name, rows["alpha"].to_numpy(), rows["nu"].to_numpy(), colour, marker="circle",
                    error=rows["nu_error"].to_numpy(), width=WIDE if key == "erf" else 2.2)
              for key, name, colour, rows in _of(table)]
    return Panel("Exponent ν of the fit", "ν", traces, wide=True, height=320,
                 alt="The fitted exponent rises with α, from about 2.")
