"""The words on a run, on the page: key figures, account, what to bear in mind."""

import math
from functools import partial

import streamlit as st

from dashboard.service.jobs import compute, solved
from dashboard.service.links import Settings
from dashboard.words.numbers import number
from dashboard.words.story import ends_at_threshold
from dashboard.words.story import story as told
from engine import Status, Trajectory
from engine.limits import gamma_threshold

NARROW = 16
"""Below this width m and √m, or 1 and m, are too close for separate regimes."""
_SHORTER = (" Choose a shorter horizon or a larger tolerance under “Horizon, accuracy, training” in"
            " the sidebar. The curves up to this time are valid.")
ADVICE = {
    Status.NODE_LIMIT: "Its horizon is more time steps away than a page grants." + _SHORTER,
    Status.STALLED: "The step size fell to the limit of double precision." + _SHORTER,
    Status.DIVERGED: "It left the finite numbers. What was computed before is kept.",
}
"""What a visitor can do about a run that ended early, with the controls that he has."""


def flags(trajectory: Trajectory) -> None:
    """A warning if the run is not complete or lies outside the theory's range."""
    p, end = trajectory.parameters, trajectory.t[-1]
    # Of a run that the visitor has stopped `jobs.compute` tells.
    if not trajectory.status.complete and trajectory.status is not Status.CANCELLED:
        st.warning(f"This run ended at t = {number(end)} of {number(p.t_max)}"
                   f" ({trajectory.status.value}). {ADVICE[trajectory.status]}", icon="⚠️")
    if p.m < NARROW:
        st.info(narrow(p.m))


def narrow(m: int) -> str:
    """What is to be borne in mind below `NARROW`."""
    return (f"m = {m}: the curves solve the equations at this width, but the regimes are"
            " statements about large m and overlap here.")


def accuracy(trajectory: Trajectory) -> None:
    """How the curves were computed, under them."""
    st.caption(computed(trajectory))


def computed(trajectory: Trajectory) -> str:
    """By which equations, how accurately, and how the run ended."""
    ended = trajectory.status.advice if trajectory.status.complete else (
        f"Incomplete: the run ended at t = {number(trajectory.t[-1])} of"
        f" {number(trajectory.parameters.t_max)}.")
    identical = trajectory.parameters.identical
    equations = "C.29–C.46" if identical else "C.7–C.21"
    alike = "all neurons start alike" if identical else \
        f"{len(trajectory.groups)} groups of neurons, alike within each"
    return (f"{trajectory.label} ({equations}), relative tolerance {trajectory.rtol:g},"
            f" {len(trajectory)} time steps. {ended} n, d → ∞ at fixed m; Gaussian"
            f" approximation of the network; {alike}.")


def story(trajectory: Trajectory) -> None:
    """The account of a run; where γ ends at the threshold, with the engine's γ* if asked."""
    p, found = trajectory.parameters, None
    if ends_at_threshold(trajectory) and p.v0 is None and st.toggle(
            "Compare γ with the engine's threshold γ* (10 s to some minutes)", key="ask threshold"):
        found = compute(("threshold", p, "γ", math.inf), partial(gamma_threshold, p, math.inf),
                        "Finding γ*")
    twin = None if p.identical else solved(Settings(p.alike, trajectory.rtol),
                                           "Solving for identical neurons")
    for chapter in told(trajectory, found.value if found else None, twin):
        st.markdown(f"**{chapter.title}**  \n" + " ".join(s.text for s in chapter.statements))
