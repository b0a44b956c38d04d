"""Lazy initialisation, a₀ = γ₀√m: t = Θ(1/m) and t = Θ(1) (appendix F).

The third regime, t = Θ(m), is in `adiabatic`.
"""

import math

import numpy as np

from engine.dmft.scheme.stepping import Stepping, integrate
from engine.dmft.symmetric.coefficients import noise_at_infinite_width
from engine.dmft.symmetric.equations import equations
from engine.limits.frame import LeadingOrder, Wanted, log_times
from engine.limits.levels import linear_alignment, linear_rate, noise_left, plateau_error
from engine.parameters import Parameters
from engine.results.trajectory import Trajectory


def linear_learning(p: Parameters, wanted: Wanted = Wanted()) -> Trajectory:
    """t = Θ(1/m): the mean neuron learns the linear part; train = test (F.50–F.59).

    With s = mt, K = αγ₀²h'(0), E = e^{−Ks}, b = φ̂'(0)/(γ₀h'(0)):
      √m v = b(1 − E)
      c = m C_o(t,t) = b²(1 − E)² + E² − 1,    the solution of c' = 2[αγ₀φ̂'(0)√m v − K(1 + c)]
      m ‖w(t) − w(0)‖² = (1 + b²)(1 − E)²,     the mean mode decays, the signal enters
      ν = αγ₀φ̂'(0)√m v − αγ₀²[h'(1) + h'(0)c]
      e = ½[τ² + ‖φ‖² − 2γ₀φ̂'(0)√m v + γ₀²(h(1) + h'(0)c)]
    """
    t = log_times(p, "lazy-1", wanted)
    gamma, known = p.gamma0, p.covariance
    dh_0 = known.dh_0
    b = float(linear_alignment(p, gamma))
    E = np.exp(-linear_rate(p) * t)
    v1 = b * (1 - E)
    c = b**2 * (1 - E) ** 2 + E**2 - 1
    signal = gamma * b * dh_0 * gamma * v1  # γ₀ φ̂'(0) √m v
    e = 0.5 * (p.tau**2 + p.phi_norm2 - 2 * signal + gamma**2 * (known.h_1 + dh_0 * c))
    moved = math.sqrt((1 + b**2) / p.m) * (1 - E) if dh_0 > 0 else 0.0
    return LeadingOrder(
        t=t, gamma=gamma, v=v1 / math.sqrt(p.m), overlap=c / p.m,
        nu=p.alpha * signal - p.alpha * gamma**2 * (known.dh_1 + dh_0 * c),
        train_error=e, test_error=e, displacement=moved).trajectory(p, "lazy-1")


def fitting(p: Parameters, wanted: Wanted = Wanted()) -> Trajectory:
    """t = Θ(1): weights move orthogonally to U and fit what a linear model leaves (F.16–F.33).

    m C_o → −C_d + b², m R_o → −R_d remove h'(0): SymmDMFT at m = ∞ for h̃(z) = h(z) − h'(0)z
    with pure noise τ' (F.61–F.71), γ frozen at γ₀; √m v = b = φ̂'(0)/(γ₀h'(0)).  The curve starts
    at the plateau (2.7), where the regime before it ends; the test error stays there.  Neurons that
    differ have learned the z² part before (`squares`): τ'² and the plateau are lower by f₂², ½f₂².
    Cost: one run of the solver.
    """
    left = noise_left(p)
    b = float(linear_alignment(p, p.gamma0))
    run = Stepping(equations(noise_at_infinite_width(p.covariance, left, p.alpha), p.gamma0),
                   wanted.end(p, "lazy-2"), wanted.rtol)
    integrate(run, monitor=wanted.monitor)
    o = run.columns()
    moved = np.sqrt(np.maximum(2 - 2 * o["Cd0"], 0.0))
    return LeadingOrder(
        t=o["t"], gamma=p.gamma0, v=b / math.sqrt(p.m), nu=o["nu"],
        train_error=o["train_error"], displacement=moved,
        test_error=plateau_error(p, p.gamma0) - (p.reduced_noise - left) / 2,
        overlap=(b**2 - 1) / p.m,
        how={"status": run.status, "rtol": wanted.rtol,
             "work": {"nodes": len(o["t"]), **run.work}}).trajectory(p, "lazy-2")
