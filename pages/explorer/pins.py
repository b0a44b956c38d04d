"""Pin a run as A, move on, and compare it with the run on the page, B."""

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.components.chart import BLUE, VERMILION, Line, Panel, Trace
from dashboard.components.curves import smooth
from dashboard.components.runs import pinned_beside
from dashboard.service import visitor
from dashboard.service.links import Settings
from dashboard.words import number
from dashboard.words.figures import rows
from engine import Status, Trajectory
from engine.results.keyfigures import KeyFigures, key_figures

COMPARED = ("feature_learning_end", "best_time", "best_test_error", "gap_opens", "final_gamma",
            "interpolation_time")
"""In the order of `figures.rows`."""


def control(settings: Settings) -> Settings | None:
    """A button to pin the present settings as A or to let go of them; returns what is pinned."""
    pinned = visitor.get("pinned")
    st.button("Pin as A", key="pin", help="Keep this run in the picture while you move on.",
              disabled=pinned == settings,
              on_click=lambda: visitor.put(pinned=settings, sweep=None))
    if pinned is not None:
        st.button("Unpin", key="unpin", on_click=lambda: visitor.put(pinned=None))
    return pinned_beside(settings)


def comparison(a: Trajectory, b: Trajectory) -> None:
    """The key figures of both runs, their ratios of times, and the difference of test errors."""
    left, right = key_figures(a), key_figures(b)
    table = pd.DataFrame({"A (pinned)": {label: value for label, value, _ in rows(left)},
                          "B (shown)": {label: value for label, value, _ in rows(right)}})
    table["B / A"] = [_ratio(left, right, name) for name in COMPARED]
    with st.expander("Compare A and B", expanded=True):
        st.table(table, border="horizontal")
        t, difference = test_error_difference(a, b)
        most = int(np.argmax(np.abs(difference)))
        st.caption(f"The test errors differ most at t = {number(t[most])}: B minus A is"
                   f" {number(difference[most])}.")


def difference_panel(a: Trajectory, b: Trajectory) -> Panel:
    """Errors of b minus those of a over the times that both cover."""
    shown = smooth(b)
    shown = shown[shown["t"] <= _reach(a)]
    before = a.at(shown["t"])
    curve = lambda name, column, colour, dash: Trace(  # noqa: E731
        name, shown["t"], shown[column].to_numpy() - before[column].to_numpy(), colour, dash)
    return Panel("Difference of the errors, B minus A", "difference",
                 [curve("train", "train_error", VERMILION, "dash"),
                  curve("test", "test_error", BLUE, "solid")],
                 wide=True, lines=[Line(0.0, "equal")],
                 alt="Train and test error of run B minus those of run A over training time.")


def _reach(a: Trajectory) -> float:
    """The time up to which a run is known: an interpolated one stays as it is."""
    return np.inf if a.status is Status.INTERPOLATED else a.t[-1]


def test_error_difference(a: Trajectory, b: Trajectory) -> tuple[np.ndarray, np.ndarray]:
    """Times of b's nodes that both runs cover, and e_ts of b minus that of a there."""
    t = b.t[b.t <= _reach(a)]
    return t, b.test_error[: len(t)] - a.at(t)["test_error"].to_numpy()


def _ratio(left: KeyFigures, right: KeyFigures, name: str) -> str:
    a, b = getattr(left, name), getattr(right, name)
    if not a or not b:
        return "–"
    return number(b / a, error=b / a * (left.error(name) / a + right.error(name) / b))
