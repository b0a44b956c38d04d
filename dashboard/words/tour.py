"""The run in three sentences whose verbs play the figure: learn, wait, overfit."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from dashboard.words.claims import Claim, Clause, Statement
from dashboard.words.moves import digits, moves
from dashboard.words.numbers import number, percent
from dashboard.words.regimes import SUNK
from dashboard.words.theory import has_signal, memorises
from engine import Parameters, Trajectory
from engine.limits import LimitError, plateau_rate, predicted_locking_width
from engine.results.departures import CLIMBED
from engine.results.keyfigures import STILL, KeyFigures, Shape, course, key_figures

HOW = {
    Shape.STAYS: "stays where it is", Shape.FALLS: "falls", Shape.RISES: "rises",
    Shape.FALLS_THEN_RISES: "falls, then rises", Shape.RISES_THEN_FALLS: "rises, then falls",
    Shape.WANDERS: "moves between bounds",
}
PAUSE = 1.5
"""The plateau is worth a look when the gap opens this many times later than learning ends."""
MUCH = 0.25
"""A test error that falls by more than this share is not said to wait."""
RELIABLE_WIDTH = 80
"""From here on the predicted locking width is within a tenth of the solver's."""


@dataclass(frozen=True)
class Stop:
    """One sentence of a tour: `before` verb `after`; the verb plays time from low to high."""

    before: str
    verb: str
    after: Statement
    low: float
    high: float

    def describe(self) -> dict[str, Any]:
        """What the chart takes."""
        return {"before": self.before, "verb": self.verb, "after": self.after.text,
                "low": self.low, "high": self.high}


def tour(run: Trajectory, start: float) -> list[Stop]:
    """What happens in `run` from the time `start`, one stop for each thing that does happen."""
    k = key_figures(run)
    if len(run) < 2:
        return []
    ends = k.feature_learning_end is not None
    learnt = (min(k.best_time, k.gap_opens or k.best_time) if k.feature_learning_end is None
              else k.feature_learning_end)
    stops = []
    if learnt > start:
        falls = course(run, "test_error", 0.0, learnt).shape is Shape.FALLS
        stops.append(Stop("Watch it", "learn" if ends and falls else "settle",
                          Statement("learn", _until(k, learnt), *_first(run, learnt)),
                          start, learnt))
    parted = _parted(k, learnt)
    end = k.interpolation_time or k.end
    if PAUSE * learnt < min(parted, end):
        wait = min(parted, end)
        stops.append(Stop("See it", _middle_verb(run, learnt, wait), Statement(
            "wait", _until(k, wait), *_plateau(run, k, learnt, wait)), learnt, wait))
    if parted < end:
        stops.append(Stop("Then watch it", _last_verb(run, k, parted, end), Statement(
            "overfit", _until(k, end), *_last(run, k, parted, end)), parted, end))
    return stops


def _parted(k: KeyFigures, learnt: float) -> float:
    """When the plateau ends: the gap is open, and a test error that rises has begun to."""
    if rises(k):
        return max(k.gap_opens or 0.0, learnt, k.best_time)
    return math.inf if k.gap_opens is None else max(k.gap_opens, learnt)


def _middle_verb(run: Trajectory, low: float, high: float) -> str:
    test = course(run, "test_error", low, high)
    return "learn on" if test.end < (1 - MUCH) * test.start else "wait"


def _last_verb(run: Trajectory, k: KeyFigures, low: float, high: float) -> str:
    """By what happens from low to high."""
    test = course(run, "test_error", low, high)
    if rises(k) and test.end > (1 + STILL) * test.start:
        return "overfit" if k.gap_opens is not None else "get worse"
    return "memorise" if k.interpolated and memorises(run.parameters) else "go on"


def headline(run: Trajectory) -> Statement:
    """What happens in `run`, at a glance."""
    k, stops = key_figures(run), tour(run, 0.0)
    if run.parameters.target == "noise":
        first = Clause("There is nothing to learn", Claim("setting", name="noise"))
    elif stops and stops[0].verb == "learn":
        first = Clause("First it learns", Claim("learns", high=stops[0].high))
    else:
        shape = course(run, "test_error", 0.0, k.end).shape
        first = Clause(f"The test error {HOW[shape]}",
                       Claim("moves", column="test_error", low=0.0, high=k.end, shape=shape.value))
        if shape in (Shape.RISES, Shape.FALLS_THEN_RISES):
            return Statement("headline", first)
    return Statement("headline", first, *_outcome(k, any(stop.verb == "wait" for stop in stops)))


def _outcome(k: KeyFigures, waits: bool) -> Iterator[Clause]:
    """What comes after the first stretch; `waits` if there is a plateau without a gap."""
    if rises(k) and k.gap_opens is not None:
        yield Clause(", then it overfits", Claim("overfits"))
    elif rises(k):
        if waits:
            yield Clause(", then it waits", Claim("waits"))
        share = k.final_test_error / k.best_test_error - 1
        yield Clause(f", and training on costs {percent(share)} in test error", Claim("cost"))
    elif not k.status.complete:
        yield Clause(", as far as the run goes", Claim("status", status=k.status.value))
    elif k.interpolated:
        yield Clause(", and it interpolates at no cost in test error", Claim("no cost"),
                     Claim("first", event="interpolation"))
    else:
        yield Clause(", and training on is at no cost in test error", Claim("no cost"))


def _until(k: KeyFigures, t: float) -> Clause:
    """The time at which a stop ends, with the digits that it has."""
    for name, event in (("feature_learning_end", "learning"), ("gap_opens", "gap"),
                        ("interpolation_time", "interpolation")):
        if t == getattr(k, name):
            return Clause(f" until t = {number(t, error=k.error(name))}:",
                          Claim("first", event=event))
    if t == k.end:
        return Clause(f" until t = {number(t)}, the end of the run:", Claim("end"))
    low, high = k.best_window
    if t == high:
        return Clause(f" until t = {number(high, 2)}, to which the test error stays within 1 % of"
                      " its least:", Claim("window", low=low, high=high))
    if k.error("best_time") > t / 2:
        return Clause(f" until the test error is least, between t = {number(low, 2)} and"
                      f" {number(high, 2)}:", Claim("window", low=low, high=high))
    return Clause(f" until t = {number(t, error=k.error('best_time'))}, where the test error is"
                  f" least (within 1 % of that from t = {number(low, 2)} to {number(high, 2)}):",
                  Claim("least at"), Claim("window", low=low, high=high))


def _first(run: Trajectory, end: float) -> Iterator[Clause]:
    p, k = run.parameters, key_figures(run)
    if p.target == "noise":
        yield Clause(" there is nothing to learn;", Claim("setting", name="noise"))
    test, train = (course(run, column, 0.0, end) for column in ("test_error", "train_error"))
    together = k.gap_opens is None or k.gap_opens >= end
    if together and test.shape is train.shape is Shape.FALLS:
        yield Clause(
            f" both errors fall together, the test error to {digits(test, test.end)}",
            Claim("together", t=end), Claim("value", column="test_error", t=end),
            *(Claim("moves", column=c.column, low=0.0, high=end, shape=c.shape.value)
              for c in (test, train)))
    else:
        yield moves(run, "test_error", 0.0, end, " the test error")
        yield moves(run, "train_error", 0.0, end, ", the train error")
        if not together:
            yield Clause(" (the gap between them opens at t ="
                         f" {number(k.gap_opens, error=k.error('gap_opens'))})",
                         Claim("first", event="gap"))
    if has_signal(p) and run.v.any():
        yield _height(run, end)


def _height(run: Trajectory, end: float) -> Clause:
    """How far the neurons have climbed, and for a lazy start what would be lazy."""
    v = course(run, "v", 0.0, end)
    most = v.height
    average = "" if run.parameters.identical else "on average "
    if most <= (1 + STILL) * abs(v.start):
        return Clause(f"; the neurons start at height {digits(v, abs(v.start))} {average}and are"
                      f" then at {digits(v, abs(v.end))}",
                      Claim("value", column="v", t=0.0), Claim("value", column="v", t=end))
    verb = "climb towards the latent direction u, to height" if most >= CLIMBED else \
        "stay low, below height"
    claims = [Claim("height between", low=0.0, high=end, climbed=most >= CLIMBED)]
    lazy = ""
    if run.parameters.init == "lazy" and run.parameters.identical:
        lazy = f" (theory for m → ∞: of order 1/√m, which is {number(run.parameters.m**-0.5)})"
        claims += [Claim("formula", name="1/√m"), Claim("theory", name="lazy overlap")]
    return Clause(f"; the neurons {average}{verb} {number(most)}{lazy}", *claims)


def _plateau(run: Trajectory, k: KeyFigures, low: float, high: float) -> Iterator[Clause]:
    yield moves(run, "test_error", low, high, " the test error")
    if course(run, "test_error", low, high).most <= (1 + STILL) * k.best_test_error:
        yield Clause(", and stopping is safe: it is never 2 % above the least.",
                     Claim("safe", low=low, high=high))


def rises(k: KeyFigures) -> bool:
    loss = k.final_test_error - k.best_test_error
    return loss > STILL * k.best_test_error and loss > k.error("best_test_error")


def _last(run: Trajectory, k: KeyFigures, low: float, high: float) -> Iterator[Clause]:
    yield moves(run, "train_error", low, high, " the train error")
    yield moves(run, "test_error", low, high, ", the test error")
    if not rises(k):
        yield Clause(", at no cost in test error", Claim("no cost"))
    most, last = float(abs(run.v).max()), float(abs(run.v[-1]))
    test = course(run, "test_error", low, high)
    # Where the test error falls, they go to where the target is fitted better.
    if (run.parameters.identical and test.end >= test.start
            and most > CLIMBED and last < SUNK * most):
        half = last <= 0.5 * most
        yield Clause(", and the neurons sink back: the feature is "
                     + ("unlearned" if half else "partly unlearned"),
                     Claim("sinks", how="mostly" if half else "partly"))


def beyond_identical_neurons(p: Parameters) -> str:
    """What the curves leave out because all neurons start alike; empty where nothing is known."""
    if not p.identical:
        return ""
    width = _locking_width(p.replace(m=128, t_max=None))
    if width is not None:
        growth = plateau_rate(p) * p.m
        about = "≈" if width >= RELIABLE_WIDTH else "at most ≈"
        return (f"At these settings networks of identical neurons wider than m {about}"
                f" {number(width, 2)} rest on the plateau. That is our finding, not the paper's,"
                " which expects overfitting at t = Θ(m); and the rest is unstable to differences"
                " between neurons, which these curves leave out: on the plateau of a wide network"
                f" they grow by e in a time of about {number(1 / growth, 2)} m.")
    if p.init == "lazy" and p.directions is None and p.covariance.ddphi_hat_0 != 0:
        return ("These curves are of identical neurons. From a lazy start with a z² term that is"
                " unstable: neurons that differ learn the z² part of the target too (our finding,"
                " not the paper's).")
    return ""


@lru_cache(maxsize=512)
def _locking_width(p: Parameters) -> float | None:
    try:
        return predicted_locking_width(p)
    except LimitError:
        return None
