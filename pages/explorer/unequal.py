"""Beside identical neurons: how unstable they are, and the same run with neurons that differ."""

from functools import partial

import streamlit as st

from dashboard.components.controls import neurons_like
from dashboard.service import visitor
from dashboard.service.jobs import compute
from dashboard.service.links import Settings
from dashboard.words.neurons import instability
from engine import Trajectory, stability
from engine.results.keyfigures import near_best

SPREAD = 0.1
"""Of the unequal neurons that one click shows."""
NEAR = 0.1
"""The plateau is where the test error is within this share of its least."""


def offer(settings: Settings, run: Trajectory) -> None:
    """One click pins the run and shows the same with unequal neurons; another measures how fast
    differences grow along it."""
    if not settings.parameters.identical:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button("Compare with neurons that differ by 10 %", key="offer unequal",
                  icon=":material/scatter_plot:",
                  help="Pins this run as A and shows the same with a spread of 10 % in the second"
                       " layer's start, in 4 groups: a few seconds.",
                  on_click=lambda: visitor.put(pinned=settings, **neurons_like({"spread": SPREAD})))
        known = settings.parameters.target != "noise" and settings.parameters.beyond is None
        asked = known and st.toggle(
            "How unstable are identical neurons here?", key="ask stability",
            help="Follows small differences of ⟨w, u⟩ between neurons along the run, to first"
                 " order: about a second.")
    if settings.parameters.beyond:
        st.caption("How unstable identical neurons are is known for one direction and v(0) = 0"
                   " alone.")
    if asked:
        _measured(settings, run)


def _measured(settings: Settings, run: Trajectory) -> None:
    p = settings.parameters
    found = compute(("stability", settings), partial(stability, p, settings.rtol),
                    "Following small differences")
    if found is None or len(found) < 2:
        return
    low, high = near_best(run, NEAR)
    high = min(high, float(found.t[-1]))
    if low < high:
        st.markdown(instability(run, low, high, found.e_folding(low, high)).text)
