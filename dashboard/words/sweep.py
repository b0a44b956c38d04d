"""What changes along runs that differ in one parameter, read off these runs alone."""

from collections.abc import Sequence

import numpy as np

from dashboard.words.figures import figure
from dashboard.words.tour import rises
from engine import Trajectory
from engine.results.keyfigures import KeyFigures, key_figures

TOLD = {"best_test_error": "the least test error", "final_test_error": "the test error at the end",
        "interpolation_time": "the time of interpolation",
        "feature_learning_end": "the end of learning", "gap_opens": "the opening of the gap"}
"""Key figures that a title may name."""
LEAST_RATIO = 1.05
"""By which a key figure changes over the runs if it is named."""


def headline(runs: Sequence[Trajectory], names: Sequence[str]) -> str:
    """What the runs, called "τ = 0.1" and so on, have in common, and what changes along them."""
    figures = [key_figures(run) for run in runs]
    trend = _trend(figures)
    return (f"{names[0]} to {names[-1].rpartition(' ')[2]}: {_outcome(figures, names)}"
            + (f", and {trend}" if trend else ""))


def _outcome(figures: Sequence[KeyFigures], names: Sequence[str]) -> str:
    """Which of the runs end above their least test error, in the words of the tour."""
    worse = [rises(k) for k in figures]
    gaps = all(k.gap_opens is not None for k, bad in zip(figures, worse, strict=True) if bad)
    said = "it overfits" if gaps else "training on costs test error"
    count = sum(worse)
    if count == 0:
        return "training on is at no cost in test error"
    if count == len(worse):
        return "all overfit" if gaps else said
    if worse == sorted(worse, reverse=True):
        return f"{said} only up to {names[count - 1]}"
    if worse == sorted(worse):
        return f"{said} only from {names[-count]} on"
    return f"{said} only at {', '.join(n for n, bad in zip(names, worse, strict=True) if bad)}"


def _trend(figures: Sequence[KeyFigures]) -> str:
    """The key figure that changes most among those that all runs have and that go one way, each
    step by more than both may be off; empty where there is none."""
    moves = {}
    for name in TOLD:
        values = [getattr(k, name) for k in figures]
        if None in values or min(values) <= 0:
            continue
        errors = np.array([k.error(name) for k in figures])
        steps, off = np.diff(values), errors[1:] + errors[:-1]
        if (steps > off).all() or (steps < -off).all():
            moves[name] = abs(np.log(values[-1] / values[0]))
    most = max(moves, key=lambda name: moves[name], default=None)
    if most is None or moves[most] < np.log(LEAST_RATIO):
        return ""
    first, last = (figure(figures[n], most) for n in (0, -1))
    up = getattr(figures[-1], most) > getattr(figures[0], most)
    return f"{TOLD[most]} {'rises' if up else 'falls'} from {first} to {last}"
