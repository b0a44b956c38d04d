"""Time stepping: row after row, what happens when one has no solution, and when to stop."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from engine.parameters import Parameters
from engine.symmdmft import control as policy
from engine.symmdmft.control import Control
from engine.symmdmft.history import History, allocate, grown, relabelled, thinned
from engine.symmdmft.mixing import allocate_mixing
from engine.symmdmft.model import Model, finite_width
from engine.symmdmft.step import CONVERGED, start, take
from engine.symmdmft.sweep import UNKNOWNS, allocate_row
from engine.trajectory import Status, Trajectory

RTOL_LOW, RTOL_HIGH = 1e-6, 0.1
MAX_NODES = 4000
"""Default limit of time steps; it bounds a glassy run to some ten seconds at rtol = 1e-2."""
GIVE_UP = 1000
"""Time steps from which on, or from a quarter of `max_nodes` on, `solve` gives a run up whose end
is beyond those that are left."""
SHORTEST = 1e-9
"""Shortest step as a fraction of t; shorter ones could not be told apart on a log axis."""
PATIENCE, RETREAT, MOST_RETREATS = 4, 3, 20
"""Steps without a solution in a row after which rows are taken back, how many, and how
often in a run."""
MOST_NODES = 100_000
"""Most time steps that may be asked for."""
MOST_ROWS = 1500
"""Most rows of history kept at any tolerance: seven matrices of MOST_ROWS² take 126 MB."""
TINY, MORE = 1e-4, 3
"""Below this part of the train error at the start, so many times as many rows are kept: what
thinning changes would be more than what is left of C_A."""
OBSERVABLES = ("t", "gamma", "v", "nu", "Co", "Cd0", "train_error", "test_error")


@dataclass
class Integration:
    """The state of a run between two rows.

    `H` holds `n` rows, those of the far past thinned out; `rows` the `OBSERVABLES` of all time
    steps, and `observed` what the caller's `observe` made of each.
    """

    H: History
    n: int = 1
    rows: list[tuple[float, ...]] = field(default_factory=list)
    observed: list = field(default_factory=list)
    lowest: float = math.inf
    last_sweeps: int = 0
    error: float = math.inf
    status: Status | None = None
    work: dict[str, int] = field(
        default_factory=lambda: {"sweeps": 0, "rejected": 0, "retreats": 0, "thinned": 0})

    def record(self, n: int) -> None:
        self.rows.append(tuple(getattr(self.H, name)[n] for name in OBSERVABLES))
        self.lowest = min(self.lowest, self.H.train_error[n])

    def back(self, step: float) -> float:
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
            del self.observed[len(self.rows):]
        self.lowest = min(row[OBSERVABLES.index("train_error")] for row in self.rows)
        self.work["retreats"] += 1
        return 0.3 * (self.H.t[self.n] - self.H.t[self.n - 1])

    def beyond(self, t_max: float, goal: float, left: int) -> bool:
        """Will neither t_max nor a train error of `goal` be reached in `left` more steps?

        Judged by as many steps as `GIVE_UP` / 4, kindly: as if steps went on to grow with t (in
        glassy states they do not), and the train error to fall as fast as it did on average.
        """
        window = min(GIVE_UP // 4, len(self.rows) - 2)
        t, e = (OBSERVABLES.index(name) for name in ("t", "train_error"))
        before, now = self.rows[-1 - window], self.rows[-1]
        steps = left / window
        return (math.log(t_max / now[t]) > steps * math.log(now[t] / before[t])
                and now[e] - goal > steps * (before[e] - now[e]))

    def observables(self) -> dict[str, np.ndarray]:
        """Arrays of shape (time steps + 1,), by the names of `OBSERVABLES`."""
        return dict(zip(OBSERVABLES, np.array(self.rows).T, strict=True))


def solve(
    parameters: Parameters,
    rtol: float = 1e-2,
    *,
    progress: Callable[[float], None] | None = None,
    cancel: Callable[[], bool] | None = None,
    max_nodes: int = MAX_NODES,
    control: Control = Control(),
) -> Trajectory:
    """The SymmDMFT solution for `parameters` from t = 0 to t_max (equations C.29–C.46).

    rtol       relative accuracy wanted of the curves, 1e-6 … 0.1
    progress   called with t/t_max in [0, 1] (on a log scale) after every row
    cancel     asked before every row; True ends the run with Status.CANCELLED
    max_nodes  time steps after which the run ends with Status.NODE_LIMIT; it ends so from a
               quarter of them on (at least 1000) when its end is clearly beyond the rest

    Never raises for numerical reasons: the status says how the run ended, and the partial
    result is kept.  Raises ValueError for rtol or max_nodes out of range.
    Cost: about 6n² multiply–adds a sweep for n ≤ 10/√rtol rows of history kept, 4–10 sweeps a
    time step (20 in glassy states), some hundred steps.  Memory 56n² bytes, 126 MB at most.
    """
    check_rtol(rtol)
    model = finite_width(parameters)
    run = integrate(
        model, parameters.a_start / math.sqrt(parameters.m), parameters.t_max, rtol,
        progress=progress, cancel=cancel, max_nodes=max_nodes, control=control,
        give_up_after=max(GIVE_UP, max_nodes // 4),
    )
    return trajectory(run, model, parameters, rtol)


def check_rtol(rtol: float) -> None:
    """Raises ValueError unless rtol is a number in the range that double precision serves."""
    if not isinstance(rtol, (int, float)) or not RTOL_LOW <= rtol <= RTOL_HIGH:
        raise ValueError(f"rtol must be a number from {RTOL_LOW:g} to {RTOL_HIGH:g};"
                         f" got {rtol!r}. Try 0.01.")


def integrate(
    model: Model, gamma0: float, t_max: float, rtol: float, *,
    progress=None, cancel=None, max_nodes: int = MAX_NODES, control: Control = Control(),
    give_up_after: int = MOST_NODES,
    observe: Callable[[History, int], object] | None = None,
) -> Integration:
    """Step `model` from γ(0) = gamma0 to t_max; the layer below `solve`, for any `Model`.

    `observe(H, n)` is called for every row n as soon as it is accepted, while the history still
    has it, and its results are kept in `observed`.  After `give_up_after` steps the run ends as
    soon as its end is `beyond` those left.
    """
    if not isinstance(max_nodes, int) or not 3 <= max_nodes <= MOST_NODES:
        raise ValueError(f"max_nodes must be a whole number from 3 to {MOST_NODES};"
                         f" got {max_nodes!r}."
                         f" Try {MAX_NODES}.")
    usual_rows = min(control.history or round(10 / math.sqrt(rtol)), MOST_ROWS)
    most_rows = min(MORE * usual_rows, MOST_ROWS)
    capacity = min(256, most_rows)
    run = Integration(allocate(capacity))
    row, mixing = allocate_row(capacity), allocate_mixing(UNKNOWNS * (capacity + 1))
    start(run.H, model, gamma0)
    run.record(0)
    if observe is not None:
        run.observed.append(observe(run.H, 0))
    initial_error = run.H.train_error[0]
    trust, failures, reached = control.largest, 0, 0.0
    goal = control.interpolated * initial_error
    first = step = min(control.first * policy.fastest_scale(model, gamma0), t_max / 4)
    while run.status is None:
        if cancel is not None and cancel():
            run.status = Status.CANCELLED
        elif len(run.rows) >= max_nodes or (
                len(run.rows) > give_up_after
                and run.beyond(t_max, goal, max_nodes - len(run.rows))):
            run.status = Status.NODE_LIMIT
        elif step < SHORTEST * run.H.t[run.n - 1]:
            run.status = Status.STALLED
        if run.status is not None:
            break
        tiny = run.H.train_error[run.n - 1] < TINY * initial_error
        rows = most_rows if tiny else usual_rows
        if run.n >= rows:
            run.n = thinned(run.H, run.n, round(0.95 * rows))
            relabelled(run.H, model, run.n)
            run.work["thinned"] += 1
        if run.n >= capacity:
            capacity = min(2 * capacity, most_rows)
            run.H = grown(run.H, run.n, capacity)
            row, mixing = allocate_row(capacity), allocate_mixing(UNKNOWNS * (capacity + 1))
        H, n = run.H, run.n
        step = policy.fit(step, H.t[n - 1], t_max)
        H.t[n] = H.t[n - 1] + step
        error = _row(run, model, row, mixing, control, rtol)
        if not error < 4.0:
            run.work["rejected"] += 1
            failures = failures + 1 if math.isinf(error) else 0
            trust = 0.7 * step / H.t[n]
            step *= 0.6
            if failures == PATIENCE:
                step, failures = run.back(step), 0
            continue
        failures = 0
        trust *= control.recovery
        run.error = error
        step = min(step * policy.factor(control, error, run.last_sweeps),
                   max(min(control.largest, trust) * H.t[n], first))
        run.n += 1
        run.record(n)
        if observe is not None:
            run.observed.append(observe(H, n))
        if progress is not None:
            reached = max(reached, math.log1p(H.t[n] / first) / math.log1p(t_max / first))
            progress(min(1.0, reached))
        if H.train_error[n] < goal:
            run.status = Status.INTERPOLATED
        elif H.t[n] >= t_max:
            run.status = Status.REACHED_T_MAX
    return run


def _row(run: Integration, model: Model, row, mixing, control: Control, rtol: float) -> float:
    """Solve row n at H.t[n]; its error in units of rtol, inf if it is no solution to go on from."""
    H, n = run.H, run.n
    reach = policy.reach(control, H.t, n, run.error, run.last_sweeps)
    outcome, sweeps, _ = take(H, model, row, mixing, n, control.mismatch * rtol,
                              control.sweeps, reach)
    run.work["sweeps"] += sweeps
    run.last_sweeps = sweeps
    if outcome != CONVERGED:
        return math.inf
    if policy.climbs(H, model, n, run.lowest, rtol):
        return math.inf
    return policy.error(H, model, n, rtol)


def trajectory(run: Integration, model: Model, p: Parameters, rtol: float, **changes) -> Trajectory:
    """The public result of an integration."""
    o = run.observables()
    gamma = o["gamma"]
    width = math.sqrt(model.width) if math.isfinite(model.width) else math.sqrt(p.m)
    moved = np.sqrt(np.maximum(2.0 - 2.0 * o["Cd0"], 0.0))
    moved[0] = 0.0
    return Trajectory(**{
        "t": o["t"], "a": gamma * width, "gamma": gamma, "v": o["v"], "nu": o["nu"],
        "train_error": o["train_error"], "test_error": o["test_error"],
        "first_layer_displacement": moved,
        "second_layer_displacement": np.abs(gamma - gamma[0]) * width,
        "gamma_displacement": np.abs(gamma - gamma[0]), "overlap": o["Co"],
        "status": run.status, "parameters": p, "rtol": rtol,
        "work": {"nodes": len(run.rows), **run.work},
    } | changes)
