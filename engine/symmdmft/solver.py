"""Time stepping: step size, error control, and when to stop."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from engine.parameters import Parameters
from engine.symmdmft.history import History, allocate, grown
from engine.symmdmft.model import Model, finite_width
from engine.symmdmft.step import CONVERGED, accept, advance, allocate_mixing, predict, start
from engine.symmdmft.sweep import allocate_row
from engine.trajectory import Status, Trajectory

RTOL_LOW, RTOL_HIGH = 1e-6, 0.1
MAX_NODES = 800
"""Default node limit down to rtol = 1e-3: it bounds a glassy run to some ten seconds."""
MOST_NODES = 1800
"""Node limit at any tolerance: seven matrices of MOST_NODES² numbers take 181 MB."""


@dataclass(frozen=True, kw_only=True)
class Control:
    """Step-size policy.

    first         first step in units of the fastest time scale
    growth        a step is at most this much longer than the last one
    largest       a step is at most this fraction of t
    sweeps        fixed-point sweeps before a step counts as failed and is halved
    mismatch      a row is solved when no unknown changes by more than mismatch × rtol
    interpolated  train error, relative to its start, at which a run is complete
    """

    first: float = 1e-3
    growth: float = 1.5
    largest: float = 0.25
    sweeps: int = 30
    mismatch: float = 0.01
    interpolated: float = 1e-10


@dataclass
class Integration:
    """The state of a run between two rows; `H` holds rows 0 … n−1."""

    H: History
    n: int = 1
    status: Status | None = None
    work: dict[str, int] = field(default_factory=lambda: {"sweeps": 0, "rejected": 0})


def solve(
    parameters: Parameters,
    rtol: float = 1e-2,
    *,
    progress: Callable[[float], None] | None = None,
    cancel: Callable[[], bool] | None = None,
    max_nodes: int | None = None,
    control: Control = Control(),
) -> Trajectory:
    """The SymmDMFT solution for `parameters` from t = 0 to t_max (equations C.29–C.46).

    rtol       relative accuracy wanted of the curves, 1e-6 … 0.1
    progress   called with t/t_max in [0, 1] (on a log scale) after every row
    cancel     asked before every row; True ends the run with Status.CANCELLED
    max_nodes  time steps after which the run ends with Status.NODE_LIMIT; left out: 800,
               more below rtol = 1e-3, where a run needs about 1/√rtol times as many

    Never raises for numerical reasons: the status says how the run ended, and the partial
    result is kept.  Raises ValueError for rtol or max_nodes out of range.
    Cost: about 6n² multiply–adds a sweep, 4–10 sweeps a row, some hundred rows; memory
    56 max_nodes² bytes, 181 MB at most.
    """
    check_rtol(rtol)
    if max_nodes is None:
        max_nodes = min(round(MAX_NODES * max(1.0, math.sqrt(1e-3 / rtol))), MOST_NODES)
    model = finite_width(parameters)
    run = integrate(
        model, parameters.a_start / math.sqrt(parameters.m), parameters.t_max, rtol,
        progress=progress, cancel=cancel, max_nodes=max_nodes, control=control,
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
) -> Integration:
    """Step `model` from γ(0) = gamma0 to t_max; the layer below `solve`, for any `Model`."""
    if not isinstance(max_nodes, int) or not 3 <= max_nodes <= MOST_NODES:
        raise ValueError(f"max_nodes must be a whole number from 3 to {MOST_NODES};"
                         f" got {max_nodes!r}. Try {MAX_NODES}.")
    capacity = min(256, max_nodes)
    run = Integration(allocate(capacity))
    row, mixing = allocate_row(capacity), allocate_mixing(capacity)
    start(run.H, model, gamma0)
    first = step = min(control.first * fastest_scale(model, gamma0), t_max / 4)
    while run.status is None:
        n = run.n
        if cancel is not None and cancel():
            run.status = Status.CANCELLED
        elif n >= max_nodes:
            run.status = Status.NODE_LIMIT
        elif step < 1e-12 * run.H.t[n - 1]:
            run.status = Status.STALLED
        if run.status is not None:
            break
        if n >= capacity:
            capacity = min(2 * capacity, max_nodes)
            run.H = grown(run.H, n, capacity)
            row, mixing = allocate_row(capacity), allocate_mixing(capacity)
        H = run.H
        step = _fit(step, H.t[n - 1], t_max)
        H.t[n] = H.t[n - 1] + step
        predict(H, n)
        guess = np.array([H.gamma[n], H.v[n], -0.5 * H.C_A[n, n]])
        outcome, sweeps, _ = advance(H, model, row, mixing, n, control.mismatch * rtol,
                                     control.sweeps)
        run.work["sweeps"] += sweeps
        error = math.inf
        if outcome == CONVERGED:
            accept(H, model, n)
            error = _error(H, model, n, guess) / rtol if n > 1 else 1.0
        if not error < 4.0:
            run.work["rejected"] += 1
            step *= 0.5
            continue
        step = min(step * min(control.growth, 0.9 / math.sqrt(max(error, 1e-8))),
                   max(control.largest * H.t[n], first))
        run.n += 1
        if progress is not None:
            progress(min(1.0, math.log1p(H.t[n] / first) / math.log1p(t_max / first)))
        if H.train_error[n] < control.interpolated * H.train_error[0]:
            run.status = Status.INTERPOLATED
        elif H.t[n] >= t_max:
            run.status = Status.REACHED_T_MAX
    return run


def fastest_scale(model: Model, gamma0: float) -> float:
    """Time of the fastest relaxation at the start, 1/(αγ₀² [h'(1) + (m−1)h'(0)]), at most 1."""
    rate = model.alpha * gamma0**2 * (model.dh.sum() + model.m_minus_1 * model.dh[0])
    return 1.0 / max(rate, 1.0)


def trajectory(run: Integration, model: Model, p: Parameters, rtol: float, **changes) -> Trajectory:
    """The public result of an integration."""
    rows = slice(0, run.n)
    H = run.H
    gamma = H.gamma[rows].copy()
    width = math.sqrt(model.width) if math.isfinite(model.width) else math.sqrt(p.m)
    moved = np.sqrt(np.maximum(2.0 - 2.0 * H.Cd0[rows], 0.0))
    moved[0] = 0.0
    return Trajectory(**{
        "t": H.t[rows], "a": gamma * width, "gamma": gamma, "v": H.v[rows], "nu": H.nu[rows],
        "train_error": H.train_error[rows], "test_error": H.test_error[rows],
        "first_layer_displacement": moved,
        "second_layer_displacement": np.abs(gamma - gamma[0]) * width,
        "gamma_displacement": np.abs(gamma - gamma[0]), "overlap": H.Co[rows],
        "status": run.status, "parameters": p, "rtol": rtol,
        "work": {"nodes": run.n, **run.work},
    } | changes)


def _fit(step: float, t: float, t_max: float) -> float:
    """Land on t_max without a last step that is a sliver."""
    left = t_max - t
    if left <= step * 1.0001:
        return left
    return left / 2 if left < 2 * step else step


def _error(H: History, model: Model, n: int, guess: np.ndarray) -> float:
    """Predictor–corrector difference of γ, v and e_tr, each against its own size.

    e_tr counts against its present size plus 1 % of the noise, so that its exponential
    decay to zero does not hold the step.
    """
    gamma, v, e = guess
    return max(abs(H.gamma[n] - gamma) / H.gamma[n], abs(H.v[n] - v),
               abs(H.train_error[n] - e) / (H.train_error[n] + 0.01 * model.label_variance))
