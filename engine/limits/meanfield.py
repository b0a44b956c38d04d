"""Mean-field initialisation, a₀ = O(1), with a signal: t = Θ(1) (appendix G)."""

from collections.abc import Callable

import numpy as np
from numpy.polynomial.polynomial import polyder, polyval
from scipy.integrate import solve_ivp

from engine.limits.frame import LimitError, leading_order, log_times
from engine.parameters import Parameters
from engine.trajectory import Trajectory

ODE_RTOL = 1e-9


def population_flow(
    grad_phi_hat: Callable, phi_hat: Callable, h, alpha: float, a0: float, v0, t,
) -> tuple[np.ndarray, np.ndarray]:
    """The flow (2.10) of one neuron (a, v), v ∈ R^k, for any k:

      v' = αa Q_v [∇φ̂(v) − a h'(‖v‖²) v],  Q_v = I − vvᵀ;    a' = α[φ̂(v) − a h(‖v‖²)]

    h: coefficients of h(q), lowest power first.  v0 has shape (k,), t shape (nodes,)
    increasing from 0.  Returns a (nodes,) and v (nodes, k).  Raises LimitError when the
    integration fails.  Cost: milliseconds.
    """
    h, dh = np.asarray(h, dtype=float), polyder(h)

    def rate(_, y):
        a, v = y[0], y[1:]
        q = v @ v
        force = np.atleast_1d(grad_phi_hat(v)) - a * polyval(q, dh) * v
        dv = alpha * a * (force - v * (v @ force))
        return np.concatenate([[alpha * (phi_hat(v) - a * polyval(q, h))], dv])

    found = solve_ivp(rate, (0.0, t[-1]), [a0, *v0], method="LSODA", t_eval=t,
                      rtol=ODE_RTOL, atol=1e-12)
    if not found.success:
        raise LimitError(f"the mean-field flow stopped at t = {found.t[-1]:g}: {found.message}")
    return found.y[0], found.y[1:].T


def neuron_flow(p: Parameters, t) -> tuple[np.ndarray, np.ndarray]:
    """a and v of `population_flow` for p's target, from (a₀, 0); each of the shape of t."""
    dphi = np.atleast_1d(polyder(p.phi_hat))
    a, v = population_flow(lambda v: polyval(v, dphi), lambda v: polyval(v[0], p.phi_hat), p.h,
                           p.alpha, p.a0, [0.0], t)
    return a, v[:, 0]


def feature_learning(p: Parameters, t_end: float | None = None) -> Trajectory:
    """t = Θ(1): the population flow (2.10) from (a₀, 0); train = test.

      e = ½[τ² + ‖φ‖² − 2aφ̂(v) + a²h(v²)],  C_o(t,t) = v²
    Only the neuron's mean direction moves, C_d(t,0) = √(1 − v²), ν = αav(φ̂'(v) − a h'(v²)v).
    """
    t = log_times(p, "mean-field-1", t_end)
    a, v = neuron_flow(p, t)
    h, dh = np.array(p.h), polyder(p.h)
    phi, dphi = np.array(p.phi_hat), np.atleast_1d(polyder(p.phi_hat))
    e = 0.5 * (p.tau**2 + p.phi_norm2 - 2 * a * polyval(v, phi) + a**2 * polyval(v**2, h))
    return leading_order(
        p, "mean-field-1", t=t, a=a, v=v, overlap=v**2, train_error=e, test_error=e,
        nu=p.alpha * a * v * (polyval(v, dphi) - a * polyval(v**2, dh) * v),
        displacement=np.sqrt(2 - 2 * np.sqrt(np.maximum(1 - v**2, 0.0))), rtol=ODE_RTOL)
