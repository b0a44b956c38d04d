"""What a run's regimes are called: by what the run does in them, not by what theory expects."""

from dashboard.words.numbers import number
from engine import Trajectory
from engine.results.keyfigures import (
    INTERPOLATED,
    STILL,
    Course,
    NotReached,
    Reach,
    RegimeMeasurement,
    course,
    regime_measurements,
)

CLIMBED = 0.3
"""A height |v| from which on a neuron counts as having climbed towards u."""
SUNK = 0.9


def names(run: Trajectory) -> dict[str, str]:
    """A name for every regime of the run, by the regime's key; the theory's where the run agrees,
    or has not come so far."""
    return {m.regime.key: m.regime.name if isinstance(m, NotReached) else _name(run, m)
            for m in regime_measurements(run)}


def title(m: RegimeMeasurement | NotReached, called: dict[str, str]) -> str:
    """The regime's name out of `names`, its times in the run, and what to know about them."""
    name = called[m.regime.key].replace("*", r"\*")
    if isinstance(m, NotReached):
        return f"{name} · the run did not get here"
    if m.reach is Reach.AFTER_INTERPOLATION:
        return f"{name} · nothing moves any more"
    text = f"{name} · t = {number(m.time.start)} to {number(m.time.end)}"
    how = {Reach.PART: " (the run ended early)", Reach.TO_HORIZON: ", the run's horizon"}
    return text + how.get(m.reach, "")


def _name(run: Trajectory, m: RegimeMeasurement) -> str:
    train, test, v = (course(run, column, m.time.start, m.time.end)
                      for column in ("train_error", "test_error", "v"))
    falls = test.end < (1 - STILL) * test.start
    match m.regime.key:
        case "lazy-1" if v.height > CLIMBED:
            return "Learning"
        case "lazy-2" if falls:
            return "Learning goes on"
        case "lazy-2" if train.start - train.end <= STILL * test.end:
            return "Waiting"
        case "mean-field-1" if v.height < CLIMBED:
            later = m.reach is not Reach.WHOLE or float(abs(run.v).max()) >= CLIMBED
            return "No features yet" if later else "No features"
        case "lazy-3" | "mean-field-2" | "noise-m":
            return _last(train, test, v, m)
    return m.regime.name


def _last(train: Course, test: Course, v: Course, m: RegimeMeasurement) -> str:
    """The name of t = Θ(m), where a run overfits, or does not."""
    if m.reach is Reach.AFTER_INTERPOLATION:
        return "After interpolation"
    if test.end > (1 + STILL) * test.least:
        sinks = v.height > CLIMBED and abs(v.end) < SUNK * v.height
        return "Overfitting and unlearning" if sinks else "Overfitting"
    return "Interpolating" if train.end < INTERPOLATED * train.start else "No overfitting"
