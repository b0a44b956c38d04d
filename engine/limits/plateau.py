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

The rest is a balance at finite distance: marginality asks for ν = 2aσ√(αh''/m), with σ² twice the
train error, and the signal pulls with at most a finite ν.  Networks narrower than some m_c, where
it cannot, leave the plateau and unlearn the feature; wider ones stay (`locking_width`).
"""

import math
from dataclasses import dataclass

import numpy as np

from engine.limits.frame import LimitError, Stopped
from engine.parameters import Parameters
from engine.symmdmft import solve
from engine.trajectory import Status

FIRST_WIDTH, NARROWEST, WIDEST, USUAL_RUNS = 256, 4, 10**6, 14


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

    It holds for p.m well above `locking_width`; narrower networks leave it.
    """
    h, dh, ddh, c = _derivatives(p)
    nu = 2 * p.tau * math.sqrt(p.alpha * ddh / p.m)
    delta = nu / (p.alpha * c)
    return LockedPlateau(a=1 + dh / h * delta, v=1 - delta, nu=nu)


def locking_width(p: Parameters, t_per_m: float = 200.0, rtol: float = 1e-2, *,
                  progress=None, cancel=None) -> tuple[int, int]:
    """(widest m seen to interpolate, narrowest seen to stay) up to t = t_per_m m, 10 % apart.

    Found by bisection in m with the finite-width solver.  Near m_c the escape takes ever longer,
    so the bracket moves up a little with t_per_m.  Raises LimitError as above, and when none is
    found; Stopped when cancel(), asked between runs, says so.  Cost: about 10 runs, 2 s.
    """
    _derivatives(p)
    runs = 0

    def leaves(m: int) -> bool:
        nonlocal runs
        if cancel is not None and cancel():
            raise Stopped("stopped.")
        run = solve(p.replace(m=m, t_max=t_per_m * m), rtol, cancel=cancel)
        runs += 1
        if progress is not None:
            progress(min(0.99, runs / USUAL_RUNS))
        return run.status is Status.INTERPOLATED

    low = high = FIRST_WIDTH
    while leaves(high):
        low, high = high, 4 * high
        if high > WIDEST:
            raise LimitError(f"networks up to m = {low} leave the plateau.")
    while low == high or not leaves(low):
        low, high = low // 4, low
        if low < NARROWEST:
            raise LimitError(f"networks down to m = {high} stay on the plateau.")
    while high > 1.1 * low + 1:
        middle = round(math.sqrt(low * high))
        if leaves(middle):
            low = middle
        else:
            high = middle
    return low, high


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
