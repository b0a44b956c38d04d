"""Mean-field initialisation on pure noise: t = Θ(1) and t = Θ(√m) (appendix G).

The third scale, t = Θ(m), is in `adiabatic`.
"""

import math

import numpy as np
from scipy.integrate import cumulative_trapezoid
from scipy.interpolate import PchipInterpolator

from engine.limits.curves.pspin import descend
from engine.limits.frame import LeadingOrder, LimitError, Wanted, log_times
from engine.parameters import Parameters
from engine.results.trajectory import Trajectory


def relaxation(p: Parameters, wanted: Wanted = Wanted()) -> Trajectory:
    """t = Θ(1): the mean neuron follows the linear part of the noise (G.7).

    With ρ = αa₀²h'(0) and E = e^{−ρt}, to the first order at which each curve moves:
      c = m C_o(t,t) = E² + (τ²/ρ)(1 − E)² − 1  →  τ²/ρ − 1
      S = m ∫Σ_R ds = a₀²[h̃'(1)t + h'(0)(1 − E)/ρ]
      e_ts = τ²/2 + a₀²(h(1) + h'(0)c)/(2m),   e_tr = e_ts − τ²S/m
      m ‖w(t) − w(0)‖² = (1 + τ²/ρ)(1 − E)² + αa₀²τ²h̃'(1)t²
      ν = (α/m)[τ²S − a₀²(h'(1) + h'(0)c)] + (α/m)τ²a₀²h̃''(1)t,   a = a₀
    """
    t = log_times(p, "noise-1", wanted)
    a2, known = p.a0**2, p.covariance.smooth()
    dh_0, bend = known.dh_0, known.ddh_1
    slope = known.dh_1 - dh_0  # h̃'(1)
    rho = p.alpha * a2 * dh_0
    E = np.exp(-rho * t)
    # (1 − E)/ρ, which tends to t without a linear part.
    drift = -np.expm1(-rho * t) / rho if rho > 0 else t
    c = E**2 + p.tau**2 * rho * drift**2 - 1
    S = a2 * (slope * t + dh_0 * drift)
    test = 0.5 * p.tau**2 + a2 * (known.h_1 + dh_0 * c) / (2 * p.m)
    moved = (1 - E) ** 2 + p.alpha * a2 * p.tau**2 * (dh_0 * drift**2 + slope * t**2)
    nu = p.alpha / p.m * (p.tau**2 * (S + a2 * bend * t) - a2 * (slope + dh_0 * (1 + c)))
    return LeadingOrder(
        t=t, a=p.a0, overlap=c / p.m, nu=nu, test_error=test,
        train_error=test - p.tau**2 * S / p.m, displacement=np.sqrt(moved / p.m)
    ).trajectory(p, "noise-1")


def glassy_drift(p: Parameters, wanted: Wanted = Wanted()) -> Trajectory:
    """t = Θ(√m): descent in a spherical p-spin landscape of covariance h̃ (G.14–G.28).

    With x = t/√m and the landscape's own time dθ = √α τ a dx:
      da/dx = τ√α |E|(θ)  ⇒  a² = a₀² + 2∫|E|dθ,   a ≈ Ax with A = τ√α |E|(∞)  (G.29)
      e_tr = τ²/2 − τa|E|/(√(αm)),   ν = √α τ a μ(θ)/√m,   C_d(t,0) = C(θ,0)
      m C_o(t,t) = τ²/ρ − 1 with ρ = αa²h'(0),
      e_ts = τ²/2 + [a²(h(1) − h'(0)) + τ²/α]/(2m)   (the last term only if h'(0) > 0)
    Raises LimitError for τ = 0 or without a term beyond z.  Cost: one p-spin descent, cached.
    """
    if p.tau == 0:
        raise LimitError("τ = 0: without noise nothing drives the drift. Raise tau.")
    t = log_times(p, "noise-sqrt-m", wanted)
    flow = descend(p.covariance)
    speed = math.sqrt(p.alpha) * p.tau
    # Beyond the solved horizon |E| and μ stay at their last values.
    end = max(10 * flow.theta[-1], 10 * (speed * t[-1]) ** 2 / p.m)
    theta = np.concatenate([flow.theta, flow.theta[-1] * np.geomspace(1, end / flow.theta[-1],
                                                                      400)[1:]])
    hold = lambda y, last: np.concatenate([y, np.full(len(theta) - len(y), last)])  # noqa: E731
    energy = hold(flow.energy, flow.final_energy)
    a = np.sqrt(p.a0**2 + 2 * cumulative_trapezoid(energy, theta, initial=0))
    t_of_theta = math.sqrt(p.m) * cumulative_trapezoid(1 / (speed * a), theta, initial=0)
    columns = np.column_stack([energy, a, hold(flow.mu, flow.mu[-1]),
                               hold(flow.overlap_with_start, flow.overlap_with_start[-1])])
    energy, a, mu, kept = PchipInterpolator(t_of_theta, columns)(t).T
    known = p.covariance
    linear = p.tau**2 / p.alpha if known.dh_0 > 0 else 0.0
    overlap = (linear / (a**2 * known.dh_0) - 1) / p.m if known.dh_0 > 0 else 0.0
    return LeadingOrder(
        t=t, a=a, overlap=overlap, nu=speed * a * mu / math.sqrt(p.m),
        train_error=0.5 * p.tau**2 - p.tau * a * energy / math.sqrt(p.alpha * p.m),
        test_error=0.5 * p.tau**2 + (a**2 * (known.h_1 - known.dh_0) + linear) / (2 * p.m),
        displacement=np.sqrt(np.maximum(2 - 2 * kept, 0.0))
    ).trajectory(p, "noise-sqrt-m")


def growth_rate(p: Parameters) -> float:
    """A = τ√α |E| of a(t) ≈ A t/√m (G.29), E the energy that the descent reaches."""
    return p.tau * math.sqrt(p.alpha) * descend(p.covariance).final_energy
