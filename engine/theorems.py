"""Theorems 1 and 2 of the paper (section 3) beside a run, up to constants that it does not give.

    1   |e_ts − e_tr| ≤ C₁ (L² A² + τ²) √(d/n),   |a(t̂)| ≤ A = a₀ + a₁ t̂,
        a₁ = C₀ L(τ + √k + a₀ L),   t̂ = αt
    2   up to t̂ = c₀ min(log m, log n/d)^{1/3} both errors are within
        C max(1/m, 1/d, d/n)^{1/2 − δ} of those of the mean-field flow (2.10)

Here k = 1, d = ∞, n/d = αm, and δ is left out.  1 asks for a bounded Lipschitz σ and a Lipschitz φ,
2 for functions that are bounded with their slopes, and a start a₀ that does not grow with m.  No
constant is known.  `least` gives those with which a run just keeps within the bounds: a fit, and
no part of the theorems.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.activations import EDGE, FUNCTIONS, Function, expand
from engine.limits.curves.meanfield import neuron_flow
from engine.parameters import Parameters
from engine.results.trajectory import Trajectory

BOUNDED = ("tanh", "erf", "sine")
"""The activations that are bounded with their slopes and curvatures."""
POLYNOMIAL = tuple(name for name in FUNCTIONS if name.startswith("hermite"))
"""Functions whose slope grows without bound."""


def covers_gap(p: Parameters) -> bool:
    """Does Theorem 1 speak of this setting?"""
    return (p.beyond is None and p.activation in BOUNDED and _lipschitz_target(p)
            and not p.weight_decay and p.alpha * p.m >= 1)


def covers_flow(p: Parameters) -> bool:
    """Does Theorem 2?  Its time is empty where n/d ≤ 1."""
    return (covers_gap(p) and p.alpha * p.m > 1 and p.init == "mean-field"
            and p.train_second_layer and (p.target == "noise" or _target_name(p) in BOUNDED))


def _target_name(p: Parameters) -> str | None:
    return p.activation if p.matched else p.target_function


def _lipschitz_target(p: Parameters) -> bool:
    if p.target == "noise":
        return True
    name = _target_name(p)
    return len(p.target_coefficients) <= 2 if name is None else name not in POLYNOMIAL


def lipschitz(p: Parameters) -> float:
    """The least L with ‖σ‖_∞, ‖σ‖_Lip, |φ(0)|, ‖φ‖_Lip ≤ L, for a setting that 1 covers."""
    x = np.linspace(-EDGE, EDGE, 4001)
    scale, mean, function = _function(p.activation, p.normalise)
    bounds = [np.abs(function.value(x) - mean).max() / scale,
              np.abs(function.slope(x)).max() / scale]
    name = _target_name(p)
    if p.target != "noise" and name is not None:
        scale, mean, function = _function(name, p.normalise)
        bounds += [abs(float(function.value(np.zeros(1))[0]) - mean) / scale,
                   np.abs(function.slope(x)).max() / scale]
    elif p.target != "noise":
        bounds.append(abs(p.target_coefficients[-1]))
    return float(max(bounds))


def _function(name: str | None, normalise: bool) -> tuple[float, float, Function]:
    assert name is not None
    expansion = expand(name, normalise)
    return expansion.scale, expansion.mean, FUNCTIONS[name]


@dataclass(frozen=True)
class Constants:
    """C₀ (0 where a never exceeds a₀) and C₁ of Theorem 1."""

    growth: float
    gap: float


def weights(p: Parameters, t: Any, growth: float) -> Any:
    """A(t̂) = a₀ + a₁t̂, the bound on |a|."""
    L = lipschitz(p)
    return p.a_start + growth * L * (p.tau + 1 + p.a_start * L) * p.alpha * np.asarray(t)


def gap_bound(p: Parameters, t: Any, constants: Constants) -> Any:
    """C₁ (L² A² + τ²) √(d/n)."""
    square = (lipschitz(p) * weights(p, t, constants.growth)) ** 2
    return constants.gap * (square + p.tau**2) / math.sqrt(p.alpha * p.m)


def gap_time(p: Parameters) -> float:
    """The t of t̂ = (n/d)^{1/4}: Theorem 1 keeps the gap small up to times much shorter."""
    return (p.alpha * p.m) ** 0.25 / p.alpha


def least(run: Trajectory) -> Constants:
    """The least constants with which a run keeps within Theorem 1; of unequal neurons the mean of
    a stands for the largest."""
    p = run.parameters
    later = run.t > 0
    slope = weights(p, run.t[later], 1.0) - p.a_start
    growth = max(0.0, float(((run.a[later] - p.a_start) / slope).max()))
    shape = gap_bound(p, run.t, Constants(growth, 1.0))
    return Constants(growth, float((np.abs(run.test_error - run.train_error) / shape).max()))


def flow_time(p: Parameters) -> float:
    """The t of t̂ = min(log m, log n/d)^{1/3}: c₀ times that is the time of Theorem 2."""
    return min(math.log(p.m), math.log(p.alpha * p.m)) ** (1 / 3) / p.alpha


def tube(p: Parameters) -> float:
    """max(1/m, d/n)^{1/2}: C times that is the half-width of Theorem 2."""
    return max(1 / p.m, 1 / (p.alpha * p.m)) ** 0.5


def flow(p: Parameters, t: np.ndarray) -> np.ndarray:
    """e(t) = ½[τ² + ‖φ‖² − 2aφ̂(v) + a²h(v²)] along the mean-field flow, t increasing from 0."""
    a, v = neuron_flow(p, t)
    known, q = p.covariance, np.sum(np.atleast_2d(v) ** 2, axis=0)
    return 0.5 * (p.tau**2 + p.phi_norm2 - 2 * a * known.phi_hat(v) + a**2 * known.h(q))


def distance(run: Trajectory) -> np.ndarray:
    """The larger of |e_tr − e| and |e_ts − e| at the run's times, e that of the flow."""
    e = flow(run.parameters, run.t)
    return np.maximum(np.abs(run.train_error - e), np.abs(run.test_error - e))
