"""What a request will cost, said before it starts."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from statistics import median
from typing import Any

import numpy as np
from scipy.optimize import nnls

from engine.activations import FUNCTIONS
from engine.dmft.solve import solve
from engine.fields import ParameterError
from engine.monitor import Monitor
from engine.network.model import Network
from engine.network.runs import observation_times, observe
from engine.network.settings import MAX_BYTES, NetworkSettings, check
from engine.network.training import train
from engine.parameters import PRESETS, Parameters
from engine.results.status import Status

PILOT_D = 100
PILOT_FIELDS = 300_000
"""Fields n·m of the pilot network at most, with d = 10 at least."""
PILOT_WORK = 50_000_000
"""Fields that the pilot evaluates before the rest of its run is extrapolated, MOST_PILOT
gradients at most."""
LATE = 0.75
"""Share of the pilot's gradients after which its rate is the last one."""
MOST_PILOT = 2000
MODEST_D, MODEST_M, MODEST_HORIZON = 100, 16, 10.0
"""Where `nearest` stops lowering d, m and t_max/m as long as another of them is larger."""
LEAST_D = 25
MAX_WORK = 3e14
"""Multiply–adds of one request, some hours of one core."""
SPREAD = 2.0
"""A run on a free core takes seconds/SPREAD to seconds·SPREAD.  Over 15 settings of all
algorithms seconds was 0.68 to 1.8 times the processor time used."""
PROBES = (("gd", 20, 4, 5.0), ("gd", 100, 16, 1.0), ("gd", 400, 4, 2.0), ("gd", 50, 64, 0.5),
          ("gd", 100, 64, 1.0), ("sgd", 100, 16, 4.0), ("sgd", 400, 16, 1.0),
          ("gaussian", 80, 4, 0.5), ("gaussian", 30, 24, 0.5))
"""Algorithm, d, m and α of the networks that the machine's speed is measured on."""
PLAIN = 25
"""Passes of a polynomial that take as long as a plain function with its slope."""
REPEATS = 7
TURNS = 1.25
"""Networks are trained in turns and find the processor's caches cold, probes find them warm."""


@dataclass(frozen=True)
class Estimate:
    """Cost of one request: gradients of one network, multiply–adds and seconds of all of them
    on one core, bytes of one network's data, and whether `max_steps` suffices."""

    steps: int
    work: float
    seconds: float
    bytes: int
    complete: bool

    @property
    def low(self) -> float:
        """Seconds that it takes at least, as a rule."""
        return self.seconds / SPREAD

    @property
    def high(self) -> float:
        """Seconds that it takes at most, as a rule."""
        return self.seconds * SPREAD


def estimate(p: Parameters, settings: NetworkSettings, most_work: float = MAX_WORK,
             most_bytes: float = MAX_BYTES) -> Estimate:
    """Steps from a small pilot network, seconds from this machine's measured speed.

    Cost: the pilot's PILOT_WORK, a DMFT run where the pilot does not come to its end, and half a
    second once a process for the machine's speed.
    Raises ParameterError when the data of one network exceed `most_bytes`, or the work of all
    exceeds `most_work`.
    """
    check(p, settings, most_bytes)
    if settings.mini_batches:
        steps = p.t_max / settings.sgd_step(p)
    elif settings.step is not None:
        steps = p.t_max / settings.step
    else:
        steps = _adaptive_steps(p, _pilot_dimension(p, settings.d))
    complete = bool(steps <= settings.max_steps)
    steps = int(min(steps, settings.max_steps)) + 1
    work = 2.0 * settings.batch_size(p) * settings.features(p) * p.m * steps * settings.seeds
    if not work <= most_work:
        raise ParameterError(
            "t_max", f"asks for {work:.1g} multiply-adds in all with d = {settings.d}, m = {p.m},"
            f" {settings.seeds} seeds, and a request may take {most_work:.1g}", p.t_max,
            "Take a shorter t_max, or a smaller d, m or number of seeds.")
    seconds = settings.seeds * speed().seconds(p, settings, steps)
    return Estimate(steps, work, seconds, settings.bytes_per_network(p), complete)


def nearest(p: Parameters, settings: NetworkSettings, most_seconds: float,
            most_bytes: float = MAX_BYTES, monitor: Monitor = Monitor()
            ) -> tuple[Parameters, NetworkSettings, Estimate]:
    """The first settings that take `most_seconds` at most when, one after the other, d goes down
    to 100, m to 16 at equal t_max/m, t_max to 10 m, and then all of them and the seeds.

    An algorithm that does not serve these settings at all gives way to gradient descent.
    Cost: an estimate for each try, some five of them.  Raises Stopped.
    """
    while True:
        monitor.check()
        try:
            cost = estimate(p, settings, math.inf, most_bytes)
            if cost.seconds <= most_seconds and cost.complete:
                return p, settings, cost
        except ParameterError as error:
            if error.field == "algorithm":
                settings = replace(settings, algorithm="gd")
                continue
        p, settings = _smaller(p, settings)


def _smaller(p: Parameters, settings: NetworkSettings) -> tuple[Parameters, NetworkSettings]:
    if settings.d > MODEST_D:
        return p, replace(settings, d=MODEST_D)
    if p.m > MODEST_M:
        return _narrower(p, max(MODEST_M, p.m // 2)), settings
    if p.t_max > MODEST_HORIZON * p.m:
        return p.replace(t_max=max(MODEST_HORIZON * p.m, p.t_max / 2)), settings
    if settings.d > LEAST_D:
        return p, replace(settings, d=max(LEAST_D, settings.d // 2))
    if p.m > 2:
        return _narrower(p, max(2, p.m // 2)), settings
    if settings.seeds > 1:
        return p, replace(settings, seeds=settings.seeds // 2)
    return p.replace(t_max=p.t_max / 2), settings


def _narrower(p: Parameters, m: int) -> Parameters:
    return p.replace(m=m, t_max=p.t_max / p.m * m)


@dataclass(frozen=True)
class Speed:
    """Seconds of this machine for each unit of `_start`, `_step` and `_observation`."""

    start: np.ndarray
    step: np.ndarray
    observation: np.ndarray

    def seconds(self, p: Parameters, settings: NetworkSettings, steps: int) -> float:
        """One network from its data to t_max in `steps` gradients."""
        times = len(observation_times(p))
        observation = self.observation @ _observation(p, settings)
        if settings.mini_batches:
            # Each observation evaluates the train error on all samples.
            observation += self.step @ _step(p, settings, settings.samples(p))
        step = self.step @ _step(p, settings, settings.batch_size(p))
        return float(self.start @ _start(p, settings) + steps * step + times * observation)


_agreed: list[Speed] = []


def agree(speed: Speed) -> None:
    """From now on take this for the machine's speed, as another process has measured it: what is
    offered for so many seconds is then the same in both."""
    _agreed[:] = [speed]


def speed() -> Speed:
    """This machine's speed on the networks PROBES, measured once a process unless agreed on."""
    return _agreed[0] if _agreed else _measured()


@cache
def _measured() -> Speed:
    """Costs per unit are fitted to relative errors and none is negative."""
    rows = []
    for algorithm, d, m, alpha in PROBES:
        p = Parameters(m=m, alpha=alpha, h=PRESETS["quadratic"])
        settings = NetworkSettings(d=d, seeds=1, algorithm=algorithm)
        network = Network(p, settings, 0)
        batch = np.arange(settings.batch_size(p)) if algorithm == "sgd" else None

        def step(network: Network = network, batch: np.ndarray | None = batch) -> None:
            _, g_a, g_W = network.gradient(batch)
            network.move(1e-6, g_a, g_W)
            np.vdot(g_W, g_W), np.vdot(g_W, g_W)

        rows.append(((_start(p, settings), _typical(lambda: Network(p, settings, 0))),  # noqa: B023
                     (_step(p, settings, settings.batch_size(p)), _typical(step)),
                     (_observation(p, settings),
                      _typical(lambda: observe(network, 0, 1.0, 1.0, 1.0)))))  # noqa: B023
    return Speed(*(_costs(*zip(*column, strict=True)) for column in zip(*rows, strict=True)))


def _costs(units: Any, seconds: Any) -> np.ndarray:
    """Seconds a unit, for each kind of unit: none negative."""
    seconds = np.array(seconds)[:, None]
    return nnls(np.array(units, dtype=float) / seconds, np.ones(len(seconds)))[0]


def _typical(function: Callable[[], object]) -> float:
    """Median seconds of a call; the first, which may compile, does not count."""
    function()
    seconds = []
    for _ in range(REPEATS):
        begin = time.perf_counter()
        function()
        seconds.append(time.perf_counter() - begin)
    return TURNS * median(seconds)


def _start(p: Parameters, settings: NetworkSettings) -> tuple[float, ...]:
    """One network, random numbers, monomials."""
    D = settings.features(p)
    gaussian = settings.algorithm == "gaussian"
    drawn = settings.samples(p) * D + (0 if gaussian else settings.held_out * D)
    return 1.0, drawn, D * gaussian


def _step(p: Parameters, settings: NetworkSettings, rows: int) -> tuple[float, ...]:
    """One gradient of `rows` samples: multiply–adds, numbers read, copied, passes over the
    fields and over the weights, derivatives of monomials."""
    D = settings.features(p)
    gaussian = settings.algorithm == "gaussian"
    degree = 1 if gaussian else _passes(p)
    return (1.0, rows * D * p.m, rows * D, rows * D * settings.mini_batches,
            rows * p.m * (2 + degree), p.m * settings.d, p.m * D * gaussian * _passes(p))


def _passes(p: Parameters) -> int:
    """Passes over the fields that σ costs: one a degree, PLAIN for a plain function."""
    return PLAIN if p.activation else len(p.h) - 1


def _observation(p: Parameters, settings: NetworkSettings) -> tuple[float, ...]:
    """One row of the table: held-out multiply–adds, numbers and fields; overlaps."""
    held_out = 0 if settings.algorithm == "gaussian" else settings.held_out
    degree = _passes(p)
    return (1.0, held_out * settings.d * p.m, held_out * settings.d, held_out * p.m * degree,
            p.m**2 * (degree + settings.d))


def _pilot_dimension(p: Parameters, d: int) -> int:
    return max(10, min(PILOT_D, d, int(PILOT_FIELDS / (p.alpha * p.m**2))))


@lru_cache(maxsize=256)
def _adaptive_steps(p: Parameters, d: int) -> float:
    """Gradients of full-batch descent, counted on a pilot in dimension d: above PILOT_D they
    hardly depend on it.  Where the pilot is not run to its end, the rest goes on at its last rate
    times (a(t)/a)² of the theory, with which the curvature grows."""
    settings = NetworkSettings(d=d, seeds=1, held_out=1)
    fields = settings.samples(p) * p.m
    settings = replace(settings, max_steps=min(MOST_PILOT, max(30, PILOT_WORK // fields)))
    t, gradients, statuses = zip(*(
        (state.t, state.evaluations, state.status)
        for state in train(Network(p, settings, 0), observation_times(p))), strict=True)
    if statuses[-1] is not Status.NODE_LIMIT:
        return gradients[-1]
    late = min(np.searchsorted(gradients, LATE * gradients[-1]), len(t) - 2)
    rate = (gradients[-1] - gradients[late]) / (t[-1] - t[late])
    times, growth = _growth(p)
    rest = np.append(t[-1], times[times > t[-1]])
    growth = np.interp(rest, times, growth)
    return gradients[-1] + rate * np.trapezoid(growth / growth[0], rest)


def _growth(p: Parameters) -> tuple[np.ndarray, np.ndarray]:
    """Times and a(t)² of the theory, up to t_max or to interpolation."""
    if p.covariance.kink:
        p = p.replace(activation=FUNCTIONS[p.covariance.kink].instead)
    run = solve(p, rtol=3e-2)
    t, a = run.t, run.a
    if run.status is not Status.INTERPOLATED and t[-1] < p.t_max:
        t, a = np.append(t, p.t_max), np.append(a, a[-1])
    return t, np.maximum(a / a[0], 0.2) ** 2
