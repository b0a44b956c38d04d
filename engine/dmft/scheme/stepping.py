"""Time stepping: row after row, what happens when one has no solution, and when to stop."""

import inspect
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from engine.dmft.scheme import control as policy
from engine.dmft.scheme.card import Equations
from engine.dmft.scheme.control import Control
from engine.dmft.scheme.error import small_error
from engine.dmft.scheme.history import copied
from engine.dmft.scheme.mixing import allocate_mixing
from engine.dmft.scheme.row import CONVERGED, Effort, take
from engine.dmft.scheme.settings import MAX_NODES, SOLVER
from engine.dmft.scheme.thinning import thinned
from engine.monitor import Monitor
from engine.results.status import Status

GIVE_UP = 1000
"""Time steps from which on, or from a quarter of the most allowed on, a run may be given up whose
end is beyond those that are left."""
SHORTEST = 1e-9
"""Shortest step as a fraction of t; shorter ones could not be told apart on a log axis."""
PATIENCE, RETREAT, MOST_RETREATS = 4, 3, 20
"""Steps without a solution in a row after which rows are taken back, how many, and how
often in a run."""
ROWS = 256
"""About so many rows of history there is room for at first."""
MOST_ROWS = 1500
"""Most rows of history kept at any tolerance: seven matrices of MOST_ROWS² take 126 MB."""
TINY, MORE = 1e-4, 3
"""Once observables[0] has been below this part of its start, so many times as many rows are kept:
what thinning changes would be more than what is left."""


@dataclass
class Stepping:
    """A run of `equations` from t = 0 to t_max; iterating over it takes the steps.

        for n in run:       # once for row 0, then once for every accepted row
            ...             # run.H holds the history with its newest row n
        run.status          # how it ended; None when whoever iterates has left early

    After `give_up_after` steps the run ends as soon as its end is `beyond` those left.  `rows`
    holds t, scalars and observables of all time steps, also those thinned out of the history.
    In marginal states rows may be taken back: `rows` is then shorter than before, and what was
    noted of the others is to be forgotten.

    Raises ParameterError for rtol or max_nodes out of range (`SOLVER`).
    """

    equations: Equations
    t_max: float
    rtol: float
    control: Control = field(default_factory=Control)
    max_nodes: int = MAX_NODES
    give_up_after: int = int(SOLVER["max_nodes"].high)

    H: Any = None
    n: int = 1
    rows: list[tuple[float, ...]] = field(default_factory=list)
    status: Status | None = None
    work: dict[str, int] = field(
        default_factory=lambda: {"sweeps": 0, "rejected": 0, "retreats": 0, "thinned": 0})
    objective: float = math.inf
    lowest: float = math.inf
    small: float = 0.0
    last_sweeps: int = 0
    error: float = math.inf

    def __post_init__(self):
        self.rtol = SOLVER["rtol"].check(self.rtol)
        self.max_nodes = SOLVER["max_nodes"].check(self.max_nodes)

    @property
    def first(self) -> float:
        """The first step."""
        return min(self.control.first * self.equations.fastest, self.t_max / 4)

    @property
    def share(self) -> float:
        """t/t_max on a log scale, in [0, 1]."""
        return min(1.0, math.log1p(self.rows[-1][0] / self.first)
                   / math.log1p(self.t_max / self.first))

    def __iter__(self) -> Iterator[int]:
        control = self.control
        usual_rows = min(control.history or round(10 / math.sqrt(self.rtol)), MOST_ROWS)
        most_rows = min(MORE * usual_rows, MOST_ROWS)
        self._allocate(min(spread_out(ROWS), most_rows))
        self.equations.start(self.H)
        self._row(0)
        self._record()
        yield 0
        initial = self.H.observables[0, 0]
        # In Python: compiling it for one call takes longer.
        self.small = inspect.unwrap(small_error)(self.equations.label_variance, initial)
        goal = control.interpolated * self.lowest
        trust, failures, tiny = control.largest, 0, False
        first = step = self.first
        while self.status is None:
            if self._spent(goal):
                self.status = Status.NODE_LIMIT
                return
            if step < SHORTEST * self.H.t[self.n - 1]:
                self.status = Status.STALLED
                return
            tiny = tiny or self.H.observables[0, self.n - 1] < TINY * initial
            self._make_room(most_rows if tiny else usual_rows, most_rows)
            H, n = self.H, self.n
            step = policy.landing(step, H.t[n - 1], self.t_max)
            H.t[n] = H.t[n - 1] + step
            error = self._row(n)
            if not error < 4.0:
                self.work["rejected"] += 1
                failures = failures + 1 if math.isinf(error) else 0
                trust = 0.7 * step / H.t[n]
                step *= 0.6
                if failures == PATIENCE:
                    step, failures = self._back(step), 0
                continue
            failures = 0
            trust *= control.recovery
            self.error = error
            step = min(step * policy.factor(control, error, self.last_sweeps),
                       max(min(control.largest, trust) * H.t[n], first))
            self.n += 1
            self._record()
            if self.objective < goal:
                self.status = Status.INTERPOLATED
            elif H.t[n] >= self.t_max:
                self.status = Status.REACHED_T_MAX
            yield n

    def columns(self) -> dict[str, np.ndarray]:
        """Arrays of shape (time steps + 1,): t, scalars and observables by name."""
        return dict(zip(("t", *self.equations.names), np.array(self.rows).T, strict=True))

    def _spent(self, goal: float) -> bool:
        taken = len(self.rows)
        if taken >= self.max_nodes:
            return True
        if taken <= self.give_up_after:
            return False
        window = min(GIVE_UP // 4, taken - 2)
        ends = np.array([self.rows[-1 - window], self.rows[-1]])
        falling = [self.equations.falling(row) for row in ends]
        return beyond(ends[:, 0], falling, (self.t_max, goal),
                      (self.max_nodes - taken) / window)

    def _allocate(self, capacity: int) -> None:
        """A history, and work space for its rows, with room for `capacity` rows."""
        new = self.equations.allocate(capacity)
        self.H = new if self.H is None else copied(self.H, new)
        self._work_space = self.equations.allocate_row(capacity)
        self._mixing = allocate_mixing(len(new.scalars) + len(new.correlations) * capacity)

    def _make_room(self, rows: int, most_rows: int) -> None:
        """For one more row: thin out what exceeds `rows`, or grow."""
        if self.n >= rows:
            self.n = thinned(self.H, self.n, round(0.95 * rows))
            self.equations.rebuild(self.H, self.n)
            self.work["thinned"] += 1
        if self.n >= len(self.H.t):
            self._allocate(min(spread_out(3 * len(self.H.t) // 2), most_rows))

    def _row(self, n: int) -> float:
        """Solve row n at H.t[n]; its error in units of rtol, inf if it is no solution to go on
        from."""
        H, control = self.H, self.control
        effort = Effort(self.rtol, control.mismatch * self.rtol, control.sweeps,
                        policy.reach(control, H.t, n, self.error, self.last_sweeps))
        outcome, sweeps, error = take(H, self.equations.model, self._work_space, self._mixing, n,
                                      effort)
        self.work["sweeps"] += sweeps
        self.last_sweeps = sweeps
        if outcome != CONVERGED:
            return math.inf
        self._newest = self._values(n)
        self.objective = self.equations.falling(self._newest)
        if policy.climbs(self.objective, self.small, self.lowest, self.rtol):
            return math.inf
        return error

    def _values(self, n: int) -> tuple[float, ...]:
        """t, scalars and observables of row n."""
        H = self.H
        return (H.t[n], *H.scalars[:, n], *H.observables[:, n])

    def _record(self) -> None:
        self.rows.append(self._newest)
        self.lowest = min(self.lowest, self.objective)

    def _back(self, step: float) -> float:
        """Forget the last rows, as far as they are a bad start, for a shorter step from there.

        In marginal states a step can end where no next one begins, however short.
        """
        rows = min(RETREAT, self.n - 2)
        if rows < 1 or self.work["retreats"] >= MOST_RETREATS:
            return step
        self.n -= rows
        # The history may be thinned here, so that one of its rows is several time steps.
        while self.rows[-1][0] > self.H.t[self.n - 1]:
            self.rows.pop()
        self.lowest = min(map(self.equations.falling, self.rows))
        self.work["retreats"] += 1
        return 0.3 * (self.H.t[self.n] - self.H.t[self.n - 1])


def spread_out(rows: int) -> int:
    """About so many rows, whose length in memory is an odd number of cache lines of 8 numbers: rows
    a power of two apart would share few sets of the cache."""
    return 8 * (rows // 8 | 1)


def beyond(t, falling, goals: tuple[float, float], steps: float) -> bool:
    """Will neither t nor `falling` reach its goal in so many more steps as lie between its two
    values?

    Judged kindly: as if steps went on to grow with t (in glassy states they do not), and the
    observable to fall as fast as it did on average.
    """
    return (math.log(goals[0] / t[1]) > steps * math.log(t[1] / t[0])
            and falling[1] - goals[1] > steps * (falling[0] - falling[1]))


def integrate(run: Stepping, *, monitor: Monitor = Monitor(),
              observe: Callable[[Any, int], Any] | None = None) -> list[Any]:
    """Take all steps of `run`; what `observe(H, n)` returned for each of its rows.

    observe  called for every row n as soon as it is accepted, while the history still has it
    monitor  told `run.share` and asked whether to stop (with Status.CANCELLED) after every row
    """
    observed: list[Any] = []
    reached = 0.0
    for n in run:
        if observe is not None:
            del observed[len(run.rows) - 1:]
            observed.append(observe(run.H, n))
        if n:
            reached = max(reached, run.share)
            monitor.progress(reached)
        if run.status is None and monitor.cancel():
            run.status = Status.CANCELLED
            break
    return observed
