"""The plateau of a mean-field start with φ = σ: how it moves at finite m, and when it can be left.

Near the fixed point (a, v) = (1, 1) write v = 1 − δ.  With h and its derivatives at 1 and
c = h'' + h' − h'²/h, the second layer follows as a = 1 + (h'/h)δ, the signal pulls with
ν = αcδ (C.33), and the differences of the neurons, C_⊥(t,t) = 1 − v² = 2δ, obey the linear
equations of the ⊥ sector with noise C_A = −τ² (C.34, C.38),

  (∂_t + ν) R_⊥ = g ∫ R_⊥ R_⊥ ds + δ,    (∂_t + ν) C_⊥ = g ∫ (R_⊥ C_⊥ + C_⊥ R_⊥ᵀ) ds,
  g = ατ²h''/m.

t ≪ √m: g is a perturbation of δ₀ = 1/(2αct), with R_⊥ = q/q', C_⊥ = qq', q² = 2δ₀, hence
  δ' = −2δ(αcδ − 2gt):  δ − δ₀ = (2τ²h''/3c) t/m                                (G.49–G.76).
t ≫ √m: these are the equations of a spherical 2-spin glass, whose multiplier tends to 2√g:
  ν → 2τ√(αh''/m),  δ → ν/(αc):  a plateau at a distance 1/√m from the target, which lasts.

The same marginality at any v, with C_⊥(t,t) = 1 − v², gives ν = 2aσ√(αh''/m), where
σ² = τ² + ‖φ‖² − 2aφ̂(v) + a²h(v²) and a = φ̂(v)/h(v²).  The signal's pull αa[φ̂'(v)/v − ah'(v²)]
can hold it for some v < 1 only if m is large enough (`locking_width`): narrower networks unlearn
the feature, wider ones never leave the plateau.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.polynomial.polynomial import polyder, polyval
from scipy.optimize import minimize_scalar

from engine.limits.frame import LimitError
from engine.parameters import Parameters


@dataclass(frozen=True)
class Slopes:
    """Growth of the 1/m corrections: x(t) ≈ x_∞(t) + slope · t/m for 1 ≪ t ≪ √m."""

    a: float
    v: float
    nu: float
    overlap: float


@dataclass(frozen=True)
class LockedPlateau:
    """Where a, v and ν of width m rest for t ≫ √m, to first order in 1/√m."""

    a: float
    v: float
    nu: float


def first_corrections(p: Parameters) -> Slopes:
    """The slopes a*, v*, ν*, c* of G.49–G.76.  Raises LimitError unless φ = σ learns (1, 1)."""
    h, dh, ddh, c = _derivatives(p)
    kappa = 2 * p.tau**2 * ddh / (3 * c)
    return Slopes(a=dh / h * kappa, v=-kappa, nu=p.alpha * c * kappa, overlap=-2 * kappa)


def locked_plateau(p: Parameters) -> LockedPlateau:
    """The state at t ≫ √m of a network of width p.m.  Raises LimitError as above.

    An estimate of what follows when `locking_width` < p.m; narrower networks leave it.
    """
    h, dh, ddh, c = _derivatives(p)
    nu = 2 * p.tau * math.sqrt(p.alpha * ddh / p.m)
    delta = nu / (p.alpha * c)
    return LockedPlateau(a=1 + dh / h * delta, v=1 - delta, nu=nu)


def locking_width(p: Parameters) -> float:
    """m_c: wider networks stay on the plateau for ever.

      m_c = min_v 4σ(v)² h''(1) / (α [φ̂'(v)/v − a(v)h'(v²)]²)

    To leading order in 1/√m, while the minimum lies at v ≈ 0.6: the solver's m_c is 1.2 to 1.7
    times larger.  Raises LimitError as above.
    """
    _derivatives(p)
    dh, ddh, dphi = polyder(p.h), polyder(p.h, 2), polyder(p.phi_hat)

    def width(v):
        a = polyval(v, p.phi_hat) / polyval(v**2, p.h)
        left = p.tau**2 + p.phi_norm2 - 2 * a * polyval(v, p.phi_hat) + a**2 * polyval(v**2, p.h)
        pull = polyval(v, dphi) / v - a * polyval(v**2, dh)
        return 4 * left * polyval(1.0, np.atleast_1d(ddh)) / (p.alpha * pull**2)

    v = np.linspace(0.01, 0.999, 400)
    best = int(np.argmin(width(v)))
    found = minimize_scalar(width, bounds=(v[max(best - 1, 0)], v[min(best + 1, len(v) - 1)]),
                            method="bounded")
    return float(found.fun)


def _derivatives(p: Parameters) -> tuple[float, float, float, float]:
    """h, h', h'' at 1 and c.  c > 0 unless h has a single power."""
    if p.init != "mean-field" or p.target == "noise" or p.phi_hat != p.h or p.h[1] == 0:
        raise LimitError("the plateau at (a, v) = (1, 1) needs a mean-field start, a single-index"
                         " target with φ = σ, and h'(0) > 0.")
    if not p.train_second_layer or sum(p.h[2:]) == 0:
        raise LimitError("the plateau at (a, v) = (1, 1) needs a trained second layer and an h with"
                         " a term of order z² or higher.")
    k, h = np.arange(len(p.h)), np.array(p.h)
    value, dh, ddh = h.sum(), k @ h, (k * (k - 1)) @ h
    return float(value), float(dh), float(ddh), float(ddh + dh - dh**2 / value)
