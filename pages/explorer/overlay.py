"""Finite networks over the theory, on the explorer: trained on request, in the background."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

import streamlit as st

from dashboard.components import live
from dashboard.components.chart import BLUE, GREEN, PURPLE, SKY, VERMILION, Panel
from dashboard.components.controls import axes
from dashboard.components.networks import MOST, PAGE_BYTES, median, span
from dashboard.service import visitor
from dashboard.service.links import OVERLAY
from dashboard.words.numbers import number
from engine import ParameterError, Parameters
from engine.monitor import Monitor
from engine.network import Ensemble, Estimate, NetworkSettings, estimate, simulate

SEEDS = 5
DIMENSIONS = (25, 50, 100)
"""The least first; a larger one only where it costs SOON at most."""
SOON = 5.0
"""Estimated seconds."""
MINUTE = 60.0
"""Estimated seconds of the dearest networks of this page."""
HORIZONS = (1.0, 1 / 4, 1 / 16, 1 / 64)
"""Parts of the run's horizon up to which networks are trained: the longest that takes a MINUTE."""
CURVES = ((("train", "train_error", VERMILION), ("test", "test_error", BLUE)),
          (("first layer", "first_layer_displacement", GREEN),
           ("second layer", "gamma_displacement", PURPLE)),
          (("γ = a/√m", "gamma", VERMILION), ("alignment v", "v", SKY)))
"""Names, columns and colours by panel, as `curves.run_panels` draws the theory."""


@dataclass(frozen=True)
class Offer:
    """What can be trained and what it costs; without a `cost` nothing can, and `why` says it."""

    parameters: Parameters
    settings: NetworkSettings
    cost: Estimate | None
    why: str = ""


def offer(p: Parameters, monitor: Monitor) -> Offer:
    """The networks that this page trains beside a run, for `live.known`."""
    small, cost = NetworkSettings(d=DIMENSIONS[0], seeds=SEEDS), None
    try:
        for part in HORIZONS:
            monitor.check()
            shorter = p.replace(t_max=part * p.t_max)
            cost = estimate(shorter, small, math.inf, PAGE_BYTES)
            if cost.complete and cost.seconds <= min(MINUTE, MOST):
                return _larger(shorter, small, cost) if part == 1 else \
                    Offer(shorter, small, cost)
    except ParameterError as error:
        return Offer(p, small, None, str(error))
    return Offer(p, small, None, f"Even d = {small.d}, up to t = {number(shorter.t_max)} alone,"
                                 f" would take {span(cost.seconds)}, more than this page trains.")


def _larger(p: Parameters, settings: NetworkSettings, cost: Estimate) -> Offer:
    for d in DIMENSIONS[1:]:
        try:
            dearer = estimate(p, replace(settings, d=d), math.inf, PAGE_BYTES)
        except ParameterError:
            break
        if not dearer.complete or dearer.seconds > SOON:
            break
        settings, cost = replace(settings, d=d), dearer
    return Offer(p, settings, cost)


def control(p: Parameters, alone: bool) -> Offer | None:
    """The switch, and what is known of the cost; returns what is to be trained, if anything.
    `alone` says whether one run is on the page."""
    with st.container(horizontal=True):
        axes()
        wanted = visitor.get(OVERLAY.name)
        st.toggle(OVERLAY.label, wanted, help=OVERLAY.meaning, **visitor.bound(OVERLAY.name))
    if not wanted:
        return None
    if not alone:
        st.caption("Networks are laid over one run: unpin A, or end the sweep.")
        return None
    if not p.identical and p.start_d is None:
        st.caption("No networks here: their second layers start alike, and these settings have"
                   " them differ. Choose identical neurons, or those of a dimension.")
        return None
    found = live.known("overlay offer", ("overlay offer", p), partial(offer, p),
                       "Estimating what networks cost")
    if found is None:
        return None
    if found.cost is None:
        st.caption(f"No networks at these settings. {found.why} The page Networks shows the nearest"
                   " settings that it trains.")
        return None
    q, settings = found.parameters, found.settings
    horizon = "" if q.t_max == p.t_max else f", up to t = {number(q.t_max)}"
    st.caption(f"{settings.seeds} networks of width {q.m:,} and dimension {settings.d},"
               f" n = {settings.samples(q):,} samples each, by gradient descent{horizon}:"
               f" {span(found.cost.seconds)} on a free core of the server, once started above the"
               " figure. Dotted: their median, in"
               " its band from the 10 % to the 90 % quantile. The theory is of d → ∞.")
    return found


def show(found: Offer | None, draw: Callable[[Ensemble | None], None]) -> None:
    """The theory by `draw`, with the networks over it once the visitor has started them."""
    if found is None:
        live.still(draw)
        return
    p, settings = found.parameters, found.settings
    live.show("overlay", ("networks", p, settings), partial(simulate, p, settings), draw,
              f"Train {settings.seeds} networks")


def over(panels: list[Panel], runs: Ensemble | None) -> list[Panel]:
    """The panels with the networks' curves over those of the theory."""
    if runs is None or not len(runs.frame.query("t > 0")):
        return panels
    return [replace(panel, traces=[*panel.traces, *(
        median(runs, f"{name}, networks", column, colour, "dot")
        for name, column, colour in curves)])
        for panel, curves in zip(panels, CURVES, strict=True)]
