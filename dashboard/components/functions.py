"""Two small drawings beside the choice of activation and target: σ and φ, and their h and φ̂."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from dashboard.components.chart import BLUE, VERMILION
from dashboard.words.directions import signal_text, target_text
from dashboard.words.numbers import number
from engine import Parameters
from engine.activations import FUNCTIONS, expand
from engine.network.activation import activation, target

WIDTH, HEIGHT, TOP = 130, 92, 16
"""Of one drawing, and of its legend above it."""
POINTS = 81
FIELDS, OVERLAPS = np.linspace(-3, 3, POINTS), np.linspace(-1, 1, POINTS)


class Curve(NamedTuple):
    name: str
    y: np.ndarray
    colour: str
    dash: str = ""


def show_functions(p: Parameters) -> None:
    """Draw what activation and target are, and what the theory knows of them."""
    # Of constant names and formatted numbers alone: no text of a visitor is in the drawing.
    st.markdown(drawing(p), unsafe_allow_html=True)
    st.caption(in_words(p))


def drawing(p: Parameters) -> str:
    """Both drawings as one SVG; what it shows is said in words for those who do not see it."""
    known = p.covariance
    left, right = [Curve("σ(x)", activation(p)(FIELDS), BLUE)], [Curve("h(q)", known.h(OVERLAPS),
                                                                      BLUE)]
    if known.matched:
        left, right = [left[0]._replace(name="σ = φ")], [right[0]._replace(name="h = φ̂")]
    elif p.target != "noise" and p.directions is None:
        left.append(Curve("φ(x)", target(p)(FIELDS), VERMILION, "5 3"))
        right.append(Curve("φ̂(q)", known.phi_hat(OVERLAPS), VERMILION, "5 3"))
    return (f'<svg viewBox="0 0 {2 * WIDTH + 20} {TOP + HEIGHT}" role="img" width="100%"'
            f' aria-label="{_said(left, "x", FIELDS)} {_said(right, "q", OVERLAPS)}"'
            f' font-size="11" fill="currentColor">'
            f'{_panel(left, 0)}{_panel(right, WIDTH + 20)}</svg>')


def in_words(p: Parameters) -> str:
    """The functions' formulas, and what the polynomial in the place of h leaves out."""
    said = [f"{symbol} = {_formula(name, p.normalise)}" for symbol, name in
            (("σ", p.activation), ("φ", None if p.target == "noise" else p.target_function))
            if name]
    if p.directions is not None:
        said.append(f"φ(z) = {target_text(p.directions)}")
        said.append(f"φ̂(v) = {signal_text(p)}")
    if p.activation and (left_out := p.covariance.tail.ddh):
        said.append(f"h to degree {len(p.covariance.coefficients.h) - 1}, which leaves out"
                    f" {number(left_out / p.covariance.ddh_1, 1)} of h″(1)")
    return ". ".join(filter(None, ("; ".join(said), "Left: x from −3 to 3, right: overlap q from −1"
                                   " to 1.")))


def _formula(name: str, normalise: bool) -> str:
    mean, scale = expand(name, normalise).mean, expand(name, normalise).scale
    formula = FUNCTIONS[name].formula + (f" − {number(mean)}" if abs(mean) > 1e-12 else "")
    return formula if scale == 1 else f"({formula})/{number(scale)}"


def _said(curves: Sequence[Curve], variable: str, x: np.ndarray) -> str:
    return " ".join(
        f"{c.name} goes from {number(c.y[0])} at {variable} = {x[0]:g} over"
        f" {number(c.y[POINTS // 2])} at 0 to {number(c.y[-1])} at {x[-1]:g}." for c in curves)


def _panel(curves: Sequence[Curve], left: int) -> str:
    """Curves over axes through 0, each scaled to the panel together, with a legend above."""
    low, high = min(0, *(c.y.min() for c in curves)), max(0, *(c.y.max() for c in curves))
    x = left + np.linspace(0, WIDTH, POINTS)
    height: Any = lambda y: TOP + 2 + (HEIGHT - 4) * (high - y) / (high - low)  # noqa: E731
    zero, middle = float(height(0.0)), left + WIDTH / 2
    parts = [f'<path d="M{left} {zero:.1f}h{WIDTH}M{middle} {TOP}v{HEIGHT}" stroke="currentColor"'
             ' stroke-opacity="0.35" fill="none"/>']
    for place, curve in enumerate(curves):
        points = " ".join(f"{a:.1f},{b:.1f}" for a, b in zip(x, height(curve.y), strict=True))
        line = f'fill="none" stroke="{curve.colour}" stroke-width="2"' + (
            f' stroke-dasharray="{curve.dash}"' if curve.dash else "")
        start = left + 64 * place
        parts.append(f'<polyline points="{points}" {line}/>'
                     f'<path d="M{start} 7h18" {line}/>'
                     f'<text x="{start + 22}" y="11">{curve.name}</text>')
    return "".join(parts)
