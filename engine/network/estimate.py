"""What a request will cost, said before it starts."""

import time
from dataclasses import dataclass

import numpy as np

from engine.dmft.symmetric import solve
from engine.network.model import Network, backward
from engine.network.settings import MAX_BYTES, NetworkSettings, check
from engine.network.training import SGD_SHARE, curvature
from engine.parameters import ParameterError, Parameters
from engine.trajectory import Status

PILOT_D = 40
PILOT_FIELDS = 4_000_000
"""Fields n·m of the pilot network at most, with d = 10 at least."""
STABLE = 1.5
"""Adaptive steps settle at about STABLE/λ, below the edge of stability 2/λ."""
STEPS_AT_LEAST = 150
"""Steps of the start, where they grow from small ones, and of the observation times."""
MAX_WORK = 3e14
"""Multiply–adds of one request, some hours of one core."""
PROBE_NUMBERS = 4_000_000


@dataclass(frozen=True)
class Estimate:
    """Cost of one request: steps of one network, multiply–adds and seconds of all of them
    on one core, and bytes of one network's data."""

    steps: int
    work: float
    seconds: float
    bytes: int


def estimate(p: Parameters, settings: NetworkSettings, most_work: float = MAX_WORK,
             most_bytes: float = MAX_BYTES) -> Estimate:
    """Steps from the curvature of a small pilot network, which grows as a(t)² along the DMFT.

    Cost: a DMFT run and some 40 gradients at d = 40.  Within a factor of about 2 of the truth.
    Raises ParameterError when the data of one network exceed `most_bytes`, or the work of all
    exceeds `most_work`.
    """
    check(p, settings, most_bytes)
    t, growth = _growth(p)
    rate = curvature(Network(p, _pilot(p, settings), 0))
    if settings.step is not None:
        steps = t[-1] / settings.step
    elif settings.algorithm == "sgd":
        slower = 1 + settings.d / settings.batch_size(p)
        steps = t[-1] * rate * slower / (2 * SGD_SHARE)
    else:
        steps = STEPS_AT_LEAST + np.trapezoid(rate * growth, t) / STABLE
    steps = int(min(steps, settings.max_steps)) + 1
    D, rows = settings.features(p), settings.batch_size(p)
    work = 2.0 * rows * D * p.m * steps * settings.seeds
    if not work <= most_work:
        raise ParameterError(
            "t_max", f"asks for {work:.1g} multiply-adds in all with d = {settings.d}, m = {p.m},"
            f" {settings.seeds} seeds, and a request may take {most_work:.1g}", p.t_max,
            "Take a shorter t_max, or a smaller d, m or number of seeds.")
    seconds = steps * settings.seeds * _seconds_per_step(rows, D, p.m)
    return Estimate(steps, work, seconds, settings.bytes_per_network(p))


def _pilot(p: Parameters, settings: NetworkSettings) -> NetworkSettings:
    d = min(PILOT_D, settings.d, int(PILOT_FIELDS / (p.alpha * p.m**2)))
    return NetworkSettings(d=max(10, d), seeds=1, held_out=1)


def _growth(p: Parameters) -> tuple[np.ndarray, np.ndarray]:
    """Times and (a(t)/a₀)² of the theory, up to t_max or to interpolation."""
    run = solve(p, rtol=3e-2)
    t, a = run.t, run.a
    if run.status is not Status.INTERPOLATED and t[-1] < p.t_max:
        t, a = np.append(t, p.t_max), np.append(a, a[-1])
    return t, np.maximum(a / a[0], 0.2) ** 2


def _seconds_per_step(rows: int, D: int, m: int) -> float:
    """Measured on as many rows as are quick, then scaled."""
    few = max(1, min(rows, PROBE_NUMBERS // D))
    X, psi = np.ones((few, D), np.float32), np.full((D, m), 0.01, np.float32)
    y, a, sigma = np.ones(few), np.ones(m), np.ones(4, np.float32)

    def once() -> float:
        begin = time.perf_counter()
        Z = X @ psi
        backward(Z, y, a, sigma, sigma[:3])
        Z.T @ X
        return time.perf_counter() - begin

    once()
    return min(once() for _ in range(3)) * rows / few * 1.1 + 3e-5
