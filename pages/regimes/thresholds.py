"""The interpolation threshold on request, with its relaxation times."""

import math
from functools import partial

import numpy as np
import streamlit as st

from dashboard.components import live
from dashboard.components.chart import BLUE, VERMILION, Axis, Panel, Trace, show_curves
from dashboard.service import visitor
from dashboard.service.links import THRESHOLD, THRESHOLD_AT
from dashboard.words import number
from engine import Parameters
from engine.limits import Threshold, alpha_threshold, gamma_threshold
from engine.monitor import Monitor

KINDS = {"gamma": ("γ", "γ* at this α"), "alpha": ("α", "α* at this γ₀")}
"""Symbol and title of each threshold that a link can name."""


def search(p: Parameters) -> None:
    """Choose which threshold and width, then find it with progress and Stop."""
    st.markdown("Gradient flow with a frozen second layer interpolates above the threshold γ*, that"
                " is below α*. Near it the time t_rel until e_tr < 10⁻⁷ τ′² diverges like a power"
                " −ν of the distance: the fit of that law gives the threshold, and long runs on"
                " both sides bracket it without a fit.")
    left, right = st.columns(2)
    kind, at = visitor.get("threshold"), visitor.get("threshold_at")
    left.radio(THRESHOLD.label, THRESHOLD.choices, THRESHOLD.choices.index(kind), horizontal=True,
               format_func=lambda kind: KINDS[kind][1], **visitor.bound("threshold"))
    widths = THRESHOLD_AT.choices
    right.radio(THRESHOLD_AT.label, widths, widths.index(at), horizontal=True,
                format_func={"limit": "m → ∞", "m": f"m = {p.m:,}"}.get,
                **visitor.bound("threshold_at"))
    finite, m = at == "m", float(p.m) if at == "m" else math.inf
    symbol, name = KINDS[kind]
    if symbol == "α" and p.init == "mean-field" and not finite:
        st.info("A mean-field start is γ₀ = 0 as m → ∞, where nothing interpolates. Choose the"
                " width of the sidebar, or a lazy start.")
        return
    live.show("threshold", ("threshold", p, symbol, m), partial(_find, p, symbol, m),
              partial(_draw, symbol), f"Find {name} (10 s to some minutes)")


def _find(p: Parameters, symbol: str, m: float, monitor: Monitor) -> Threshold:
    if symbol == "γ":
        return gamma_threshold(p, m, monitor=monitor)
    return alpha_threshold(p, p.a_start / math.sqrt(p.m), m, monitor=monitor)


def _draw(symbol: str, found: Threshold | None) -> None:
    if found is None:
        return
    with st.container(horizontal=True, gap="small"):
        for label, value in figures(symbol, found):
            st.metric(label, value, width="content")
    distance = np.abs(np.array(found.x) - found.value)
    show_curves([relaxation_panel(symbol, found)], key="relaxation",
                axis=Axis(f"distance |{symbol} − {symbol}*|", "distance", cursor=False,
                          range=(0.8 * distance.min(), 1.25 * distance.max())))


def figures(symbol: str, found: Threshold) -> list[tuple[str, str]]:
    """Label and value of each number."""
    return [(f"{symbol}*", f"{number(found.value, 4)} ± {number(found.error, 1)}"),
            ("bracket without a fit", f"{number(found.low, 4)} – {number(found.high, 4)}"),
            ("exponent ν", f"{number(found.nu)} ± {number(found.nu_error, 1)}")]


def relaxation_panel(symbol: str, found: Threshold) -> Panel:
    """t_rel against the distance from the threshold, both logarithmic, and the fitted power."""
    distance, t_rel = np.abs(np.array(found.x) - found.value), np.array(found.t_rel)
    scale = np.exp(np.mean(np.log(t_rel) + found.nu * np.log(distance)))
    return Panel(
        "Relaxation time near the threshold", "t_rel",
        [Trace("runs", distance, t_rel, BLUE, marker="circle", line=False),
         Trace(f"∝ |{symbol} − {symbol}*|^(−{found.nu:.2f})", distance,
               scale * distance**-found.nu, VERMILION, "dash")], log_y=True, wide=True,
        alt="Relaxation time against the distance from the threshold, and its fitted power law.")
