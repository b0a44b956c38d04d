"""Training one network on the time axis of the DMFT, t = Σ η.

    for state in train(network, times, monitor):   # at each of the times
        record(network, state)

The caller owns progress and records; a run that cannot go on ends early and says why.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from engine.monitor import Monitor
from engine.network.model import Student
from engine.network.settings import RATE
from engine.results.status import Status

TURN = 0.05
"""Share by which the gradient may turn or change in one step.  Half of it is the local error of
an explicit step, and near the edge of stability the stiffest direction alone exceeds it."""
LARGEST_TURN = 0.2
"""A step that changes the gradient by more is undone: its error is no longer small."""
ROUNDING = 1e-4
"""Share of the first gradient below which a change is float32 rounding, not a turn."""
GROWTH, CUT = 1.15, 0.5
FIRST_SHARE = 0.01
"""The first step moves no neuron by more than this."""
RISE = 1e-6
"""Relative rise of the train error that is rounding (float32 fields), not instability."""
INTERPOLATED = 1e-9
"""Train error, relative to its start, below which float32 fields carry no information."""
LEAST_STEP = 1e-12
EXPLODED = 100.0


@dataclass
class Progress:
    """Where a training stands: time, steps, learning rate, gradients evaluated, how it ended.

    error is R̂ at the present state; None where only mini-batches have been seen.
    """

    t: float = 0.0
    steps: int = 0
    evaluations: int = 0
    step: float = 0.0
    error: float | None = None
    status: Status | None = None


def train(network: Student, times: np.ndarray,
          monitor: Monitor = Monitor()) -> Iterator[Progress]:
    """Yield at each of `times` (increasing), or once more with a final status when stopped.

    `monitor` is asked before every step whether to stop.

    The same Progress object is yielded each time; its `status` is set with the last yield.
    """
    run = _mini_batches if network.settings.mini_batches else _descend
    yield from run(network, times, monitor)


def _descend(network: Student, times: np.ndarray, monitor: Monitor) -> Iterator[Progress]:
    """Full-batch descent.  A step is undone and halved when the objective (the train error, and the
    penalty of weight decay) rises or the gradient turns too far."""
    fixed = network.settings.step
    state = Progress()
    error, g_a, g_W = network.gradient()
    objective = error + network.penalty()
    rounding = ROUNDING * _norm(g_a, g_W)
    start = state.error = error
    state.evaluations = 1
    state.step = fixed or _first_step(network, g_a, g_W)
    for t in times:
        while state.t < t:
            state.status = _stop(state, network, monitor)
            if state.status is None and objective <= INTERPOLATED * start:
                state.status = Status.INTERPOLATED
            if state.status is not None:
                yield state
                return
            # A step cut short to meet `t` says nothing against the longer one.
            step = min(state.step, t - state.t)
            a, W = network.a, network.W
            network.move(step, g_a, g_W)
            new_error, new_a, new_W = network.gradient()
            state.evaluations += 1
            if fixed and not new_error < EXPLODED * start:
                network.a, network.W = a, W
                state.status = Status.DIVERGED
                yield state
                return
            turn = _norm(new_a - g_a, new_W - g_W) / max(_norm(g_a, g_W), rounding, 1e-300)
            new_objective = new_error + network.penalty()
            falls = new_objective <= objective * (1 + RISE) + 1e-14 * start
            if not fixed and not (falls and turn <= LARGEST_TURN):
                network.a, network.W = a, W
                state.step = CUT * step
                continue
            state.t = t if step == t - state.t else state.t + step
            state.steps += 1
            if not fixed:
                wanted = step * TURN / max(turn, 1e-12)
                state.step = min(max(wanted, CUT * step), max(GROWTH * step, state.step))
            objective, g_a, g_W = new_objective, new_a, new_W
            state.error = new_error
        if t == times[-1]:
            state.status = Status.REACHED_T_MAX
        yield state


def _mini_batches(network: Student, times: np.ndarray, monitor: Monitor) -> Iterator[Progress]:
    """The paper's SGD (I.4, I.5): one learning rate, batches without replacement, every epoch in
    a new order; stops when the error explodes.  Momentum and Adam go another way along the same
    gradients.

    The times must be multiples of the step.
    """
    rule = RULES[network.settings.algorithm](network)
    size = network.settings.batch_size(network.p)
    state = Progress(step=network.settings.sgd_step(network.p))
    start, *_ = network.gradient()
    state.evaluations = 1
    order, used = network.rng.permutation(network.n), 0
    kept = network.a, network.W
    for t in times:
        for _ in range(round(t / state.step) - state.steps):
            state.status = _stop(state, network, monitor)
            if state.status is not None:
                yield state
                return
            if used + size > network.n:
                order, used = network.rng.permutation(network.n), 0
            rows = order[used:used + size]
            used += size
            error, g_a, g_W = network.gradient(rows)
            state.evaluations += 1
            state.steps += 1
            if not error < EXPLODED * start:
                network.a, network.W = kept
                state.status = Status.DIVERGED
                yield state
                return
            kept = network.a, network.W
            # The whole gradient: the paper takes its radial part out by the norm alone.
            network.move(state.step, *rule(g_a, g_W - network.nu[:, None] * network.W))
        state.t = t
        if t == times[-1]:
            state.status = Status.REACHED_T_MAX
        yield state


class Rule:
    """SGD: where a step goes, of shapes (m,) and (m, d), in place of the gradient."""

    def __init__(self, network: Student):
        pass

    def __call__(self, g_a: np.ndarray, g_W: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return g_a, g_W


class Momentum(Rule):
    """u ← βu + (1 − β)g, θ ← θ − Δt u: PyTorch's SGD with momentum β and η d/n = (1 − β)Δt."""

    def __init__(self, network: Student):
        self.beta = network.settings.inertia
        self.a, self.W = np.zeros_like(network.a), np.zeros_like(network.W)

    def __call__(self, g_a: np.ndarray, g_W: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        self.a = _mean(self.a, g_a, self.beta)
        self.W = _mean(self.W, g_W, self.beta)
        return self.a, self.W


class Adam(Rule):
    """θ ← θ − rate · û/(√ŝ + ε) with the running means û of g = ∇R̂_S and ŝ of g² (Kingma & Ba,
    arXiv 1412.6980).  Weight decay is in g."""

    BETAS = (0.9, 0.999)
    EPSILON = 1e-8

    def __init__(self, network: Student):
        settings, p = network.settings, network.p
        self.per_time = (settings.rate or RATE) / settings.sgd_step(p)
        self.scale = settings.d / network.n
        self.steps = 0
        self.first, self.second = ([np.zeros_like(network.a), np.zeros_like(network.W)]
                                   for _ in range(2))

    def __call__(self, g_a: np.ndarray, g_W: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        self.steps += 1
        start_first, start_second = (1 - beta**self.steps for beta in self.BETAS)
        moves = []
        for layer, flow in enumerate((g_a, g_W)):
            g = self.scale * flow
            self.first[layer] = _mean(self.first[layer], g, self.BETAS[0])
            self.second[layer] = _mean(self.second[layer], g * g, self.BETAS[1])
            size = np.sqrt(self.second[layer] / start_second) + self.EPSILON
            moves.append(self.per_time / start_first * self.first[layer] / size)
        return moves[0], moves[1]


RULES = {"sgd": Rule, "momentum": Momentum, "adam": Adam}


def _mean(mean: np.ndarray, new: np.ndarray, beta: float) -> np.ndarray:
    return beta * mean + (1 - beta) * new


def _stop(state: Progress, network: Student, monitor: Monitor) -> Status | None:
    if monitor.cancel():
        return Status.CANCELLED
    if state.evaluations >= network.settings.max_steps:
        return Status.NODE_LIMIT
    if state.step < LEAST_STEP:
        return Status.STALLED
    return None


def _first_step(network: Student, g_a: np.ndarray, g_W: np.ndarray) -> float:
    fastest = max(np.abs(g_a).max() / abs(network.p.a_start),
                  np.sqrt((g_W**2).sum(axis=1).max()), 1e-9)
    return FIRST_SHARE / fastest


def _norm(g_a: np.ndarray, g_W: np.ndarray) -> float:
    return math.sqrt(np.vdot(g_a, g_a) + np.vdot(g_W, g_W))
