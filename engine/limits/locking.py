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

At a finite distance the ⊥ sector is a spherical glass on C_⊥(t,t) = q = 1 − v² with the covariance
f(C) = h(v² + C) − h(v²) − h'(v²)C.  For a marginal glass (response χ = 1/√f'' within a state, and
X = (q f'' − f')/(q f'√f'') per change of C between states; f', f'' at q)

  E = ∫f'R = f'χ + X f(q),    J = ∫(f'' − f''(0))R = (f'' − f''(0))χ + X(f' − f''(0)q),

and a, v, ν and the residuals' size σ = √(2 e_tr) at rest obey, to first order in 1/√m,

  σ = σ₀ − aE/√(αm),  σ₀² = τ² + ‖φ‖² − 2aφ̂(v) + a²h(v²),  r = σ/σ₀       (C.19)
  r[φ̂(v) − ah(v²)] + σE/√(αm) = 0                                            (C.36)
  αar[φ̂'(v)/v − ah'(v²)] + aσ√(α/m) J = ν = 2aσ√(αf''/m) − αa²rf'/m          (C.33, C.34).

The left side of the last line, the pull of the signal, is bounded, the right side grows as m falls:
below some m_c there is no rest.  Narrower networks leave the plateau and unlearn the feature, wider
ones stay (`locking_width` in the solver, `predicted_locking_width` from these equations).
"""

import math
from dataclasses import dataclass

import numpy as np

from engine.dmft.solve import solve
from engine.limits.frame import LimitError, check_one_direction
from engine.monitor import Monitor
from engine.parameters import Parameters
from engine.results.trajectory import Trajectory

FIRST_WIDTH, NARROWEST, WIDEST, USUAL_RUNS = 256, 4, 10**6, 14
TINY, LARGEST_A = 1e-9, 1e3
"""Bounds that the fixed point for a at given v reaches only where there is none."""
LATE = 8.0
"""A network that rests at t looks as it did at t/LATE."""


@dataclass(frozen=True)
class Slopes:
    """Growth of the 1/m corrections: x(t) ≈ x_∞(t) + slope · t/m for 1 ≪ t ≪ √m."""

    a: float
    v: float
    nu: float
    overlap: float


@dataclass(frozen=True)
class LockedState:
    """Where a, v and ν of width m rest for t ≫ √m, to first order in 1/√m."""

    a: float
    v: float
    nu: float


def first_corrections(p: Parameters) -> Slopes:
    """The slopes a*, v*, ν*, c* of G.49–G.76.  Raises LimitError unless φ = σ learns (1, 1)."""
    h, dh, ddh, c = plateau_derivatives(p)
    kappa = 2 * p.tau**2 * ddh / (3 * c)
    return Slopes(a=dh / h * kappa, v=-kappa, nu=p.alpha * c * kappa, overlap=-2 * kappa)


def locked_state(p: Parameters) -> LockedState:
    """The state at t ≫ √m of a network of width p.m.  Raises LimitError as above.

    It holds for p.m well above `locking_width`; narrower networks leave it.
    """
    h, dh, ddh, c = plateau_derivatives(p)
    nu = 2 * p.tau * math.sqrt(p.alpha * ddh / p.m)
    delta = nu / (p.alpha * c)
    return LockedState(a=1 + dh / h * delta, v=1 - delta, nu=nu)


def locking_width(p: Parameters, t_per_m: float = 200.0, rtol: float = 1e-2, *,
                  monitor: Monitor = Monitor()) -> tuple[int, int]:
    """(widest m seen to leave, narrowest seen to stay) up to t = t_per_m m, 10 % apart.

    Found by bisection in m with the finite-width solver and `has_left`.  Near m_c the escape takes
    ever longer, so the bracket moves up a little with t_per_m.  Raises LimitError as above, without
    noise, when there is no such pair, and when a run ends too early to tell; Stopped when
    cancelled.  Cost: about 10 runs, 2 s.
    """
    plateau_derivatives(p)
    _check_noise(p)
    runs = 0

    def leaves(m: int) -> bool:
        nonlocal runs
        run = solve(p.replace(m=m, t_max=t_per_m * m), rtol,
                    monitor=Monitor(cancel=monitor.cancel))
        monitor.check()
        runs += 1
        monitor.progress(min(0.99, runs / USUAL_RUNS))
        return has_left(run)

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


def has_left(run: Trajectory) -> bool:
    """Has a network left the plateau by the end of `run`?

    It has when it forgets, v below half of its maximum, or memorises, e_tr below half of what it
    was at an eighth of the time.  (How the run ended says neither: a network with α ≥ 1 never
    interpolates, and one that is stopped by the solver may be anywhere.)  Raises LimitError for a
    run that is on the plateau when it ends before t_max.
    """
    forgets = run.v[-1] < run.v.max() / 2
    before = run.at([run.t[-1] / LATE])["train_error"].iloc[0]
    if forgets or run.train_error[-1] < before / 2:
        return True
    if not run.status.complete:
        m = run.parameters.m
        raise LimitError(f"the run at m = {m} ended on the plateau, at t = {run.t[-1] / m:.3g} m"
                         f" ({run.status.value}): it may leave later. Change rtol.")
    return False


def predicted_locking_width(p: Parameters) -> float:
    """m_c, below which the equations of the resting plateau have no solution near the target.

    Nothing is fitted.  The solver's m_c at t = 200 m is within 13 % of it, seen for the paper's
    three h, α from 0.15 to 0.6, τ from 0.1 to 0.6, and m_c from 20 to 3300.  At α = 1.2, where
    networks rest far from the target, it is up to 27 % below for m_c above 16 (`studies.plateau`).
    Raises LimitError as above, and without noise.  Cost: 2 ms.
    """
    plateau_derivatives(p)
    _check_noise(p)
    low, high = float(NARROWEST), float(WIDEST) * 100
    while high > 1.001 * low:
        m = math.sqrt(low * high)
        if _can_rest(p, m):
            high = m
        else:
            low = m
    return high


def _can_rest(p: Parameters, m: float) -> bool:
    """Is the pull of the signal anywhere enough?  Looked for from v = 1 down to where it is
    relatively strongest: the rest that is reached first."""
    v = np.linspace(0.995, 0.2, 400)
    excess = _excess_pull(p, v, m)
    falling = np.flatnonzero(np.diff(excess) < 0)
    return bool(np.any(excess[:falling[0] + 1 if falling.size else None] > 0))


def _excess_pull(p: Parameters, v: np.ndarray, m: float) -> np.ndarray:
    """The signal's ν less the glass's at every v, each with its own a and σ (module docstring)."""
    known, z, q = p.covariance, v**2, 1 - v**2
    h_z, dh_z, ddh_z = known.h(z), known.dh(z), known.ddh(z)
    f1, f2 = known.dh_1 - dh_z, known.ddh_1
    f0 = known.h_1 - h_z - dh_z * q
    chi, X = 1 / math.sqrt(f2), (q * f2 - f1) / (q * f1 * math.sqrt(f2))
    E, J = f1 * chi + X * f0, (f2 - ddh_z) * chi + X * (f1 - ddh_z * q)
    phi, dphi, root = known.phi_hat(v), known.dphi_hat(v), math.sqrt(p.alpha * m)
    # a h_z − φ = left E/root is a quadratic equation in a; where h_z is not the larger it has no
    # root on the side of E, and a grows without bound.
    room = h_z - (E / root)**2
    reach = np.sqrt((h_z * (p.tau**2 + p.phi_norm2) - phi**2) / np.where(room > 0, room, np.inf))
    a = np.where(room > 0, np.minimum((phi + reach * E / root) / h_z, LARGEST_A), LARGEST_A)
    left = np.sqrt(np.maximum(p.tau**2 + p.phi_norm2 - 2 * a * phi + a**2 * h_z, TINY))
    sigma = np.maximum(left - a * E / root, TINY)
    r = sigma / left
    pull = p.alpha * a * r * (dphi / v - a * dh_z) + a * sigma * math.sqrt(p.alpha / m) * J
    return pull - 2 * a * sigma * math.sqrt(p.alpha * f2 / m) + p.alpha * a**2 * r * f1 / m


def _check_noise(p: Parameters) -> None:
    if p.tau == 0:
        raise LimitError("τ = 0: without noise the plateau is the end. Raise tau.")


def plateau_derivatives(p: Parameters) -> tuple[float, float, float, float]:
    """h, h', h'' at 1 and c.  c > 0 unless h has a single power."""
    check_one_direction(p)
    known = p.covariance.smooth()
    if p.init != "mean-field" or not known.matched or known.dh_0 == 0:
        raise LimitError("the plateau at (a, v) = (1, 1) needs a mean-field start, a single-index"
                         " target with φ = σ, and h'(0) > 0.")
    if p.weight_decay:
        raise LimitError("weight decay moves the plateau, and how long it lasts, at the order of"
                         " what is computed here. Set weight_decay to 0.")
    if not p.train_second_layer or known.is_linear:
        raise LimitError("the plateau at (a, v) = (1, 1) needs a trained second layer and an h with"
                         " a term of order z² or higher.")
    h, dh, ddh = known.h_1, known.dh_1, known.ddh_1
    return h, dh, ddh, ddh + dh - dh**2 / h
