"""The run in three sentences whose verbs play the figure: learn, wait, overfit."""

import math
from dataclasses import dataclass

from dashboard.words.numbers import number
from engine import Trajectory
from engine.keyfigures import KeyFigures, key_figures

LOSS = 0.02
"""A test error this fraction above its minimum has risen visibly."""
CLIMBED = 0.3
PAUSE = 1.5
"""The plateau is worth a look when the gap opens this many times later than learning ends."""


@dataclass(frozen=True)
class Stop:
    """One sentence of a tour: `before` verb `after`; the verb plays time from low to high."""

    before: str
    verb: str
    after: str
    low: float
    high: float


def tour(run: Trajectory, start: float) -> list[Stop]:
    """What happens in `run` from the time `start`, one stop for each thing that does happen."""
    k = key_figures(run)
    if len(run) < 2:
        return []
    learnt = k.feature_learning_end if k.feature_learning_end is not None else min(
        k.best_time, k.gap_opens or k.best_time)
    stops = []
    if learnt > start:
        stops.append(Stop("Watch it", "learn" if k.feature_learning_end is not None else "settle",
                          f" until t = {number(learnt)}: {_first(run)}.", start, learnt))
    parted = max(k.gap_opens or math.inf, learnt, k.best_time if _rises(k) else 0.0)
    end = k.interpolation_time or k.end
    if PAUSE * learnt < min(parted, end):
        wait = min(parted, end)
        stops.append(Stop("See it", "wait", f" until t = {number(wait)}: the test error hardly"
                          " changes, and stopping is safe.", learnt, wait))
    if parted < end:
        stops.append(Stop("Then watch it", "overfit", f" until t = {number(end)}:"
                          f" {_last(run, k)}.", parted, end))
    return stops


def _first(run: Trajectory) -> str:
    if run.parameters.target == "noise":
        return "there is nothing to learn, so it forgets its random start"
    most = number(float(abs(run.v).max()))
    if run.parameters.init == "lazy":
        return (f"both errors fall together, to the best linear fit; the neurons' height stays"
                f" below {most}, of order 1/√m: no features")
    if float(abs(run.v).max()) < CLIMBED:
        return f"the neurons' height stays below {most}: no features"
    return "both errors fall together, and the neurons climb towards the latent direction u"


def _rises(k: KeyFigures) -> bool:
    return k.final_test_error > (1 + LOSS) * k.best_test_error


def _last(run: Trajectory, k: KeyFigures) -> str:
    train = "the train error falls to zero" if k.interpolated else \
        f"the train error falls to {number(k.final_train_error)}"
    test = f", the test error rises to {number(k.final_test_error)}" if _rises(k) else \
        ", at no cost in test error"
    most, last = float(abs(run.v).max()), float(abs(run.v[-1]))
    sinks = ", and the neurons sink back: the feature is unlearned" \
        if run.parameters.init == "mean-field" and most > CLIMBED and last < 0.9 * most else ""
    return train + test + sinks
