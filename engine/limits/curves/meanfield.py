"""Mean-field initialisation, a₀ = O(1), with a signal: t = Θ(1) (appendix G)."""

from dataclasses import replace
from typing import Any

import numpy as np
from scipy.integrate import solve_ivp

from engine.covariance import Covariance
from engine.limits.frame import LeadingOrder, LimitError, Wanted, log_times
from engine.parameters import Parameters
from engine.results.trajectory import Trajectory

ODE_RTOL = 1e-9


def population_flow(covariance: Covariance, alpha: float, a0: float, v0: Any,
                    t: Any) -> tuple[np.ndarray, np.ndarray]:
    """The flow (2.10) of one neuron (a, v), v ∈ R^k, for any k:

      v' = αa Q_v [∇φ̂(v) − a h'(‖v‖²) v],  Q_v = I − vvᵀ;    a' = α[φ̂(v) − a h(‖v‖²)]

    φ̂ of `covariance` gives a number for v of shape (k,), φ̂' the gradient ∇φ̂.  v0 has shape (k,),
    t shape (nodes,) increasing from 0.  Returns a (nodes,) and v (nodes, k).  Raises LimitError
    when the integration fails.  Cost: milliseconds.
    """
    known = covariance

    def rate(_: float, y: np.ndarray) -> np.ndarray:
        a, v = y[0], y[1:]
        q = v @ v
        force = known.dphi_hat(v) - a * known.dh(q) * v
        dv = alpha * a * (force - v * (v @ force))
        return np.concatenate([[alpha * (known.phi_hat(v) - a * known.h(q))], dv])

    found = solve_ivp(rate, (0.0, t[-1]), [a0, *v0], method="LSODA", t_eval=t,
                      rtol=ODE_RTOL, atol=1e-12)
    if not found.success:
        raise LimitError(f"the mean-field flow stopped at t = {found.t[-1]:g}: {found.message}")
    return found.y[0], found.y[1:].T


def neuron_flow(p: Parameters, t: Any) -> tuple[np.ndarray, np.ndarray]:
    """a and v of `population_flow` for p's target, from (a₀, v(0)); each of the shape of t, v of
    (k, nodes) where the target has several directions."""
    known, v0 = p.covariance, p.v0 or (0.0,) * p.k
    if known.series:
        a, v = population_flow(known, p.alpha, p.a0, v0, t)
        return a, v.T
    one_direction = replace(known, phi_hat=lambda v: known.phi_hat(v[0]))
    a, v = population_flow(one_direction, p.alpha, p.a0, v0, t)
    return a, v[:, 0]


def feature_learning(p: Parameters, wanted: Wanted = Wanted()) -> Trajectory:
    """t = Θ(1): the population flow (2.10) from (a₀, v(0)); train = test.

      e = ½[τ² + ‖φ‖² − 2aφ̂(v) + a²h(v²)],  C_o(t,t) = v²,  v² = ‖v‖²
    Only v moves, C_d(t,0) = ⟨v, v(0)⟩ + √(1 − v²)√(1 − v(0)²), ν = αa⟨v, ∇φ̂(v) − a h'(v²)v⟩.
    """
    t = log_times(p, "mean-field-1", wanted)
    a, v = neuron_flow(p, t)
    known, rows = p.covariance, np.atleast_2d(v)  # (k, nodes)
    q = np.sum(rows**2, axis=0)
    e = 0.5 * (p.tau**2 + p.phi_norm2 - 2 * a * known.phi_hat(v) + a**2 * known.h(q))
    pull = np.sum(rows * known.dphi_hat(v), axis=0)
    kept = rows[:, 0] @ rows + np.sqrt(np.maximum(1 - q, 0.0) * (1 - q[0]))
    return LeadingOrder(
        t=t, a=a, v=np.sqrt(q) if known.series else v, overlap=q, train_error=e, test_error=e,
        nu=p.alpha * a * (pull - a * known.dh(q) * q),
        displacement=np.sqrt(np.maximum(2 - 2 * kept, 0.0)), how={"rtol": ODE_RTOL},
        components=rows.T if known.series else None).trajectory(p, "mean-field-1")
