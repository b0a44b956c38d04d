"""A run in a few numbers, and what to bear in mind when reading it."""

import streamlit as st

from dashboard.tables import number
from engine import Trajectory
from engine.keyfigures import KeyFigures, key_figures

NARROW = 16
"""Below this width m and √m, or 1 and m, are too close for separate regimes."""
LOOSE = 0.01


def figures(trajectory: Trajectory) -> None:
    """The key figures in one row, which wraps on a narrow screen."""
    with st.container(horizontal=True, gap="small"):
        for label, value, meaning in rows(key_figures(trajectory)):
            st.metric(label, value, help=meaning, width="content")


def rows(k: KeyFigures) -> list[tuple[str, str, str]]:
    """Label, value and meaning of each key figure."""
    low, high = map(number, k.best_window)
    return [
        ("Learning ends at t", number(k.feature_learning_end),
         "Mean-field: the alignment v comes to within 5 % of its maximum. Lazy: 95 % of the drop"
         " of the test error is done. A dash: there is nothing to learn, or it has not ended."),
        ("Best stopping time", number(k.best_time),
         f"Where the test error is least; from t = {low} to {high} it is within 1 % of that."),
        ("Best test error", number(k.best_test_error),
         f"The least test error, {number(k.excess_over_bayes)} above the Bayes error τ²/2."),
        ("Gap opens at t", number(k.gap_opens),
         "The test error first exceeds the train error by 10 % of itself. A dash: it never does."),
        ("Final γ", number(k.final_gamma),
         f"Complexity γ = a/√m at the end; it changed by {number(k.gamma_drift)}."),
        ("Interpolates", f"t = {number(k.interpolation_time)}" if k.interpolated else "no",
         "The train error falls to a millionth of its start."),
    ]


def flags(trajectory: Trajectory) -> None:
    """A warning if the run is not complete or lies outside the theory's range."""
    p, end = trajectory.parameters, trajectory.t[-1]
    if not trajectory.status.complete:
        st.warning(f"This run ended at t = {number(end)} of {number(p.t_max)}"
                   f" ({trajectory.status.value}). {trajectory.status.advice}", icon="⚠️")
    if p.m < NARROW:
        st.info(f"m = {p.m}: the curves solve the equations at this width, but the regimes are"
                " statements about large m and overlap here.")


def accuracy(trajectory: Trajectory) -> None:
    """How the curves were computed, under them."""
    ended = trajectory.status.advice if trajectory.status.complete else "Incomplete run."
    st.caption(f"{trajectory.label} (C.29–C.46), relative tolerance {trajectory.rtol:g},"
               f" {len(trajectory)} time steps. {ended} n, d → ∞ at fixed m; Gaussian"
               " approximation of the network; all neurons start alike.")
