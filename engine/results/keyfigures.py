"""What a run says in a few numbers: over its whole length, and in each of its regimes.

Everything is read off the arrays of a `Trajectory`; nothing is assumed from theory, so these
numbers can stand beside its predictions.  Between two nodes times are interpolated linearly in
log(t + t₁), t₁ being the first step, which is log t everywhere but in the first step.
"""

from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

import numpy as np

from engine.regimes import Regime, regimes
from engine.results.status import Status
from engine.results.trajectory import Trajectory

NEARLY = 0.95
"""Feature learning has ended when this fraction of its final effect is there."""
GAP = 0.1
"""The gap is open when e_ts − e_tr exceeds this fraction of e_ts."""
WINDOW = 0.01
"""Stopping anywhere in the best window costs at most this fraction of the best test error."""
IN_PLACE = 0.02
STILL = 0.02
INTERPOLATED = 1e-6
"""The data are interpolated when e_tr has fallen to this fraction of its start."""
UNCERTAINTY = {"feature_learning_end": 1.0, "gap_opens": 1.0, "interpolation_time": 7.0,
               "final_train_error": 1.0, "best_time": 16.0}
"""How far key figures move when rtol is divided by ten, in units of rtol × the figure: nineteen in
twenty of 62 settings (rtol = 0.01) move less.  The least is flat: best_window says more than
best_time."""
USUAL_UNCERTAINTY = 0.1
"""The same for the test error, γ and whatever is not in the table."""
FLOOR = 1e-4
"""Errors are no more accurate than this fraction of rtol × e_ts(0)."""


@dataclass(frozen=True)
class KeyFigures:
    """One run in a few numbers.  Times are in units of t; None means it did not happen.

    feature_learning_end  mean-field: |v| first comes to within 5 % of its maximum.
                          lazy: 95 % of the drop from e_ts(0) to its minimum is done.
                          None for a noise target, without a signal, when |v| is largest at
                          the start, or when the run ended while the quantity was still changing
    best_time             where e_ts is least (a node; the earliest of equals)
    best_window           times around it between which e_ts stays within 1 % of its minimum
    best_test_error       min e_ts
    excess_over_bayes     min e_ts − τ²/2
    gap_opens             first t with e_ts − e_tr > 0.1 e_ts
    interpolation_time    first t with e_tr ≤ 1e-6 e_tr(0); None if that does not last, as with
                          weight decay
    final_gamma           γ at the end;  gamma_drift: γ(end) − γ(0)
    final_train_error, final_test_error, end (the last time), rtol (0 for a closed form)
    floor                 the least error of a train or test error
    """

    feature_learning_end: float | None
    best_time: float
    best_window: tuple[float, float]
    best_test_error: float
    excess_over_bayes: float
    gap_opens: float | None
    interpolation_time: float | None
    final_gamma: float
    gamma_drift: float
    final_train_error: float
    final_test_error: float
    end: float
    status: Status
    rtol: float
    floor: float

    def error(self, name: str) -> float:
        """By how much the figure `name`, which has to exist, may be off: see `UNCERTAINTY`."""
        value = self.best_test_error if name == "excess_over_bayes" else getattr(self, name)
        share = UNCERTAINTY.get(name, USUAL_UNCERTAINTY) * self.rtol * abs(value)
        errors = "final_train_error", "final_test_error", "best_test_error", "excess_over_bayes"
        return max(share, self.floor) if name in errors else share

    @property
    def interpolated(self) -> bool:
        return self.interpolation_time is not None

    @property
    def interpolated_in_place(self) -> bool:
        """Interpolated with γ at the end within 2 % of its start: from a lazy start γ₀ is then
        at or above the threshold γ*."""
        return self.interpolated and \
            abs(self.gamma_drift) <= IN_PLACE * (self.final_gamma - self.gamma_drift)


@lru_cache(maxsize=256)
def key_figures(trajectory: Trajectory) -> KeyFigures:
    """The key figures of a run with at least one node.  Cost: a few passes over the nodes."""
    r = trajectory
    best = int(np.argmin(r.test_error))
    return KeyFigures(
        feature_learning_end=_feature_learning_end(r),
        best_time=float(r.t[best]),
        best_window=_window(r, best),
        best_test_error=float(r.test_error[best]),
        excess_over_bayes=float(r.test_error[best] - r.parameters.bayes_error),
        gap_opens=first_time(r.t, r.generalization_gap - GAP * r.test_error),
        interpolation_time=first_time(r.t, INTERPOLATED * r.train_error[0] - r.train_error)
        if r.train_error[-1] <= INTERPOLATED * r.train_error[0] else None,
        final_gamma=float(r.gamma[-1]),
        gamma_drift=float(r.gamma[-1] - r.gamma[0]),
        final_train_error=float(r.train_error[-1]),
        final_test_error=float(r.test_error[-1]),
        end=float(r.t[-1]),
        status=r.status,
        rtol=r.rtol or 0.0,
        floor=_floor(r),
    )


def _floor(r: Trajectory) -> float:
    return FLOOR * (r.rtol or 0.0) * float(r.test_error[0])


class Shape(str, Enum):
    """How a quantity goes from one time to another."""

    STAYS = "stays"
    FALLS = "falls"
    RISES = "rises"
    FALLS_THEN_RISES = "falls, then rises"
    RISES_THEN_FALLS = "rises, then falls"
    WANDERS = "wanders"


@dataclass(frozen=True)
class Course:
    """The way of one column of a run between two times: first, last, least and largest value."""

    column: str
    low: float
    high: float
    start: float
    end: float
    least: float
    most: float
    rtol: float
    floor: float

    @property
    def shape(self) -> Shape:
        """Changes below 2 % of the largest value count as none."""
        still = STILL * self.height
        dips = self.least < min(self.start, self.end) - still
        peaks = self.most > max(self.start, self.end) + still
        if self.most - self.least <= still:
            return Shape.STAYS
        if dips and peaks:
            return Shape.WANDERS
        if dips:
            return Shape.FALLS_THEN_RISES
        if peaks:
            return Shape.RISES_THEN_FALLS
        return Shape.FALLS if self.end < self.start else Shape.RISES

    @property
    def spread(self) -> float:
        return self.most - self.least

    @property
    def height(self) -> float:
        """The largest absolute value."""
        return max(abs(self.least), abs(self.most))

    def error(self, x: float) -> float:
        """By how much a value of this column may be off: see `UNCERTAINTY`."""
        share = UNCERTAINTY["final_train_error"] if self.column == "train_error" \
            else USUAL_UNCERTAINTY
        return max(share * self.rtol * abs(x), self.floor)


def course(trajectory: Trajectory, column: str, low: float, high: float) -> Course:
    """The way of `column`, read off all nodes between; after the run its last values hold."""
    r, end = trajectory, float(trajectory.t[-1])
    ends = r.values_at(np.array([min(low, end), min(high, end)]), (column,))[:, 0]
    x = np.concatenate([ends, getattr(r, column)[(r.t > low) & (r.t < high)]])
    return Course(column, low, high, float(ends[0]), float(ends[1]), float(x.min()),
                  float(x.max()), rtol=r.rtol or 0.0,
                  floor=_floor(r) if column in ("train_error", "test_error") else 0.0)


class Reach(str, Enum):
    """How much of a regime a run has seen that came to it.

    The last regime has no end: a run sees the whole of it only if it interpolates, for then nothing
    moves any more.
    """

    WHOLE = "whole regime"
    TO_HORIZON = "up to the horizon"
    PART = "run ended inside"
    AFTER_INTERPOLATION = "interpolated before"


@dataclass(frozen=True)
class Span:
    """A quantity at a regime's start and at its end."""

    start: float
    end: float

    @property
    def change(self) -> float:
        return self.end - self.start


@dataclass(frozen=True)
class RegimeMeasurement:
    """What a run did between a regime's edges, clipped to the run.

    first_layer is ‖w(t) − w(0)‖ at both edges; its change is that of the distance from the
    start, a lower bound of the way travelled within the regime.  v_least and v_most are of the
    neurons with least and largest v at that edge, which are v where neurons are identical.
    """

    regime: Regime
    reach: Reach
    time: Span
    first_layer: Span
    a: Span
    gamma: Span
    v: Span
    v_least: Span
    v_most: Span
    train_error: Span
    test_error: Span

    @property
    def gap(self) -> float:
        """e_ts − e_tr at the end of the regime."""
        return self.test_error.end - self.train_error.end


@dataclass(frozen=True)
class NotReached:
    """A regime before which the run ended."""

    regime: Regime


@lru_cache(maxsize=256)
def regime_measurements(trajectory: Trajectory) -> tuple[RegimeMeasurement | NotReached, ...]:
    """One measurement for each of `regimes(trajectory.parameters)`, in the order of time.

    After interpolation nothing moves any more, so the last values count for later regimes.
    """
    return tuple(_measure(trajectory, regime) for regime in regimes(trajectory.parameters))


def reached(trajectory: Trajectory) -> list[RegimeMeasurement]:
    """The measurements of the regimes that the run has come to."""
    return [m for m in regime_measurements(trajectory) if isinstance(m, RegimeMeasurement)]


def first_time(t: np.ndarray, excess: np.ndarray) -> float | None:
    """The first time at which `excess` (shape of t) turns positive, or None.

    Linear in log(t + t₁) between the nodes.
    """
    above = np.flatnonzero(excess > 0)
    if not above.size:
        return None
    n = int(above[0])
    return float(t[0]) if n == 0 else _crossing(t, excess, n - 1, n)


def _crossing(t: np.ndarray, excess: np.ndarray, i: int, j: int) -> float:
    """Where `excess` passes zero between the neighbouring nodes i and j."""
    share = excess[i] / (excess[i] - excess[j])
    x = np.log(t[[i, j]] + t[1])
    return float(np.clip(np.exp(x[0] + share * (x[1] - x[0])) - t[1], t[i], t[j]))


def _feature_learning_end(r: Trajectory) -> float | None:
    if r.parameters.target == "noise":
        return None
    learnt = r.test_error[0] - r.test_error if r.parameters.init == "lazy" else np.abs(r.v)
    most = int(np.argmax(learnt))
    if learnt[most] <= 0:
        return None
    # Neurons that start with the overlap that no later one passes have not learned it.
    if learnt[0] >= NEARLY * learnt[most]:
        return None
    end = first_time(r.t, learnt - NEARLY * learnt[most])
    # A curve that is still rising at the end of the run has no maximum yet.
    rising = most == len(r) - 1 and r.status is not Status.INTERPOLATED and end > r.t[-1] / 2
    return None if rising else end


def near_best(r: Trajectory, share: float) -> tuple[float, float]:
    """The times around its minimum between which e_ts exceeds it by less than this share."""
    return _window(r, int(np.argmin(r.test_error)), share)


def _window(r: Trajectory, best: int, share: float = WINDOW) -> tuple[float, float]:
    excess = r.test_error - (1 + share) * r.test_error[best]
    outside = np.flatnonzero(excess > 0)
    before, after = outside[outside < best], outside[outside > best]
    low = _crossing(r.t, excess, before[-1], before[-1] + 1) if before.size else float(r.t[0])
    high = _crossing(r.t, excess, after[0] - 1, after[0]) if after.size else float(r.t[-1])
    return low, high


def _measure(r: Trajectory, regime: Regime) -> RegimeMeasurement | NotReached:
    end = float(r.t[-1])
    stays = r.status is Status.INTERPOLATED
    if regime.low >= end and not stays:  # also a run cancelled before its first step
        return NotReached(regime)
    if regime.low >= end:
        reach = Reach.AFTER_INTERPOLATION
    elif regime.high <= end or stays:
        reach = Reach.WHOLE
    elif r.status is Status.REACHED_T_MAX:
        reach = Reach.TO_HORIZON
    else:
        reach = Reach.PART
    low, high = regime.low, max(regime.low, min(regime.high, end))
    columns = ("first_layer_displacement", "a", "gamma", "v", "train_error", "test_error")
    own = tuple(f"v_{g + 1}" for g in range(len(r.groups))) if r.groups else ()
    rows = r.values_at(np.array([low, high]), columns + own)
    span = lambda column: Span(*map(float, rows[:, columns.index(column)]))  # noqa: E731
    v = rows[:, len(columns):] if own else rows[:, [columns.index("v")]]
    return RegimeMeasurement(
        regime, reach, time=Span(low, high), first_layer=span("first_layer_displacement"),
        a=span("a"), gamma=span("gamma"), v=span("v"), v_least=Span(*map(float, v.min(axis=1))),
        v_most=Span(*map(float, v.max(axis=1))), train_error=span("train_error"),
        test_error=span("test_error"),
    )
