"""Several seeds of a finite network on common times: a tidy table beside the theory's curve.

    runs = simulate(Parameters(m=16, t_max=160), NetworkSettings(d=200, seeds=10))
    runs.frame                      # seed, t, a, v, train_error, test_error, ...
    runs.quantiles("test_error")    # t, low, median, high
"""

import math
import time
from typing import Any

import numpy as np
import pandas as pd

from engine.monitor import Monitor
from engine.network.model import Network
from engine.network.settings import NetworkSettings, check
from engine.network.training import Progress, train
from engine.parameters import Parameters
from engine.regimes import regimes
from engine.results.ensemble import COLUMNS, Ensemble
from engine.results.status import Status

TIMES = 100
GROUP_BYTES = 300_000_000
"""Networks that are trained in turns, so that their band grows together, share this memory."""


def observation_times(p: Parameters, count: int = TIMES) -> np.ndarray:
    """`count` times, evenly spread in log t from well before the first regime's scale to t_max."""
    start = min(1e-2 * p.m ** regimes(p)[0].power, 1e-3 * p.t_max)
    return np.geomspace(start, p.t_max, count)


def simulate(p: Parameters, settings: NetworkSettings = NetworkSettings(), *,
             times: np.ndarray | None = None,
             monitor: Monitor = Monitor()) -> Ensemble:
    """Train `settings.seeds` networks and record them at t = 0 and `times` (on mini-batches: after
    the last whole step before each of them).

    monitor  gets the share of t_max done, over all seeds, and the ensemble so far at every time
             that a group of seeds has reached; cancelled before a step, what was recorded is
             returned
    Equal arguments give equal numbers, bit for bit, on one machine.
    Cost: per step two products of 2 n D m flops (D = d; `settings.features(p)` for "gaussian").
    Raises ParameterError when the data of one network exceed the memory limit.
    """
    check(p, settings)
    times = observation_times(p) if times is None else np.asarray(times, dtype=float)
    if settings.mini_batches:
        times = _whole_steps(times, settings.sgd_step(p))
    runs = _Runs(p, settings, times, monitor)
    size = max(1, GROUP_BYTES // settings.bytes_per_network(p))
    seeds = range(settings.first_seed, settings.first_seed + settings.seeds)
    for begin in range(0, settings.seeds, size):
        if not monitor.cancel():
            runs.run(seeds[begin:begin + size])
    return runs.result()


def _whole_steps(times: np.ndarray, step: float) -> np.ndarray:
    """The last multiple of `step` before each of `times`, once each and at least one step."""
    # A time that is a multiple up to rounding counts as one.
    return step * np.unique(np.maximum(1, np.floor(times / step * (1 + 1e-12))))


class _Runs:
    """The rows recorded so far and what remains to be done."""

    def __init__(self, p: Parameters, settings: NetworkSettings, times: np.ndarray,
                 monitor: Monitor):
        self.p, self.settings, self.times = p, settings, times
        self.monitor = monitor
        self.rows: list[tuple[Any, ...]] = []
        self.statuses: dict[int, Status] = {}
        self.share: dict[int, float] = {}
        self.work = 0
        self.started = time.perf_counter()

    def run(self, seeds: range) -> None:
        """Train a group of seeds in turns, one observation time after the other."""
        active = {}
        for seed in seeds:
            network = Network(self.p, self.settings, seed)
            error, *_ = network.gradient()
            self.rows.append(observe(network, seed, 0.0, error, 0.0))
            active[seed] = network, train(network, self.times, self.monitor)
        for t in self.times:
            for seed, (network, training) in list(active.items()):
                state = next(training)
                self._record(network, seed, t, state)
                if state.status is not None:
                    del active[seed]
                    self.statuses[seed] = state.status
                    self.work += state.evaluations
            if not self.monitor.cancel():
                self.monitor.publish(self.result())

    def _record(self, network: Network, seed: int, t: float, state: Progress) -> None:
        self.share[seed] = 1.0 if state.status else t / self.times[-1]
        self.monitor.progress(sum(self.share.values()) / self.settings.seeds)
        if state.status is Status.INTERPOLATED:
            # Nothing more happens: the last values hold to the end.
            row = observe(network, seed, t, state.error, state.step)
            at = COLUMNS.index("t")
            self.rows += [(*row[:at], later, *row[at + 1:])
                          for later in self.times[self.times >= t]]
        elif state.t == t:
            error = network.gradient()[0] if state.error is None else state.error
            self.rows.append(observe(network, seed, t, error, state.step))

    def result(self) -> Ensemble:
        frame = pd.DataFrame(self.rows, columns=[*COLUMNS, *self.p.component_names])
        frame = frame.sort_values(["seed", "t"], kind="stable", ignore_index=True)
        return Ensemble(self.p, self.settings, frame, dict(self.statuses), self.work,
                        time.perf_counter() - self.started)


def observe(network: Network, seed: int, t: float, train_error: float | None,
            step: float | None) -> tuple[Any, ...]:
    """One row of the table, in the order of COLUMNS, then v_1 … v_k of several directions, of which
    v is the norm; float64 throughout.

    ν is that of the network's last gradient.
    """
    p, a, W = network.p, network.a, network.W
    m = p.m
    v = W @ network.U
    components, v_spread = v.mean(axis=0), math.sqrt(v.var(axis=0).sum())
    mean_v = np.linalg.norm(components) if p.directions else components[0]
    moved = np.sum((W - network.W_start) ** 2, axis=1)
    C = W @ W.T
    others = C[~np.eye(m, dtype=bool)]
    held_out, sd = network.held_out_error()
    root_m = math.sqrt(m)
    shift = abs(a.mean() - p.a_start)
    return (seed, t, a.mean(), a.mean() / root_m, mean_v, network.nu.mean(), train_error,
            network.test_error(), math.sqrt(moved.mean()), shift, shift / root_m,
            others.mean(), held_out, sd, a.std(), v_spread, np.sqrt(moved).std(), others.std(),
            step, *(components if p.directions else ()))
