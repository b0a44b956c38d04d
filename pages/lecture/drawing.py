"""A curve that a visitor draws on the page's chart, and how far it is from the true one.

    drawing.pencil(BLUE, keep, key="pencil")      # keep(points) is called with each finished line
    line = drawing.read(points, start, end)       # plain numbers, for a link
    curve = drawing.Drawing.of(line)
    drawing.factor(curve, truth(curve.t), floor)  # 1.3: on average a factor 1.3 off
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st

SCRIPT = Path(__file__).parent / "draw.js"
KNOTS = 24
"""Points that are kept of a line: what a hand draws, in a link of bearable length."""
DIGITS = 4
LEAST = 0.5
"""A line is judged when it covers this part of its stretch of log t."""
HINT = """<p>Draw between the dotted vertical lines of the plot, with mouse, finger or pen, from
left to right. A new line replaces the old one.</p>"""


Line = tuple[float, ...]
"""First and last time of a drawn line, then its errors at times evenly spread in log t."""


@dataclass(frozen=True)
class Drawing:
    """A drawn curve: errors y at times t, evenly spread in log t; both (points,)."""

    t: np.ndarray
    y: np.ndarray

    @classmethod
    def of(cls, line: Line) -> "Drawing":
        """The curve of what `read` returned."""
        low, high, *y = line
        return cls(np.geomspace(low, high, len(y)), np.array(y))


def pencil(colour: str, keep: Callable[[list], None], key: str) -> None:
    """Let the visitor draw in the first plot of the page's chart while this is on the page."""
    _component(data={"colour": colour}, key=key,
               on_drawn_change=lambda: keep(st.session_state[key]["drawn"]))


def read(points: Sequence[Sequence[float]], start: float, end: float) -> Line | None:
    """The drawn points (t, y) as a line between `start` and `end`; None if nothing lies there.

    Where the hand went back in time, the later stroke is left out.
    """
    points = np.asarray(points, dtype=float).reshape(-1, 2)
    t, y = np.log(points[(np.isfinite(points) & (points > 0)).all(axis=1)]).T
    forward = t > np.maximum.accumulate([-np.inf, *t])[:-1]
    t, y = t[forward], y[forward]
    low, high = np.clip([t.min(initial=np.inf), t.max(initial=-np.inf)], *np.log([start, end]))
    if low >= high:
        return None
    kept = np.exp([low, high, *np.interp(np.linspace(low, high, KNOTS), t, y)])
    return tuple(float(f"{number:.{DIGITS}g}") for number in kept)


def factor(drawing: Drawing, truth: np.ndarray, floor: float,
           stretch: tuple[float, float]) -> float | None:
    """exp of the mean |log(y / truth)|; None for a line too short to judge in its `stretch` of t.

    Errors below `floor`, where the plot ends, count as on it: nobody can draw lower.
    """
    start, end = stretch
    if np.log(drawing.t[-1] / drawing.t[0]) < LEAST * np.log(end / start):
        return None
    ratio = np.maximum(drawing.y, floor) / np.maximum(truth, floor)
    return float(np.exp(np.mean(np.abs(np.log(ratio)))))


_component = st.components.v2.component(
    "two_layer_dynamics_pencil", isolate_styles=False,
    html=HINT, js=SCRIPT.read_text())
