"""t = Θ(m): γ drifts slowly while the first layer keeps at the train error e_∞(γ) (F.48, F.81).

Drift law.  In a' (C.36) put m C_o → −C_d + bb', m R_o → −R_d and γ(s)h'(0)b(s) = φ̂'(0): the
signal cancels against the linear part, h becomes h̃, and with z = t/m

    dγ/dz = −αγ ∫_0^t [R_A h̃(C_d) + C_A h̃'(C_d) R_d] ds = −α ∂_γ e_tr at fixed first layer.

Adiabatic closure: the integral and e_tr take the values they reach at fixed γ as t → ∞, called
G(γ) and e_∞(γ).  Both come from m = ∞ runs at fixed γ, extrapolated in time.

What the closure leaves out: the memory of the ⊥ sector ages on the scale of t itself, so it
still sees γ(s) < γ(t).  The closure is exact as γ → 0 or γ → γ*; in between runs at m up to 1e5
lie below the curve by up to about 2 % of e_∞.
"""

import functools
import math
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.polynomial.polynomial import polyval
from scipy.integrate import solve_ivp
from scipy.interpolate import PchipInterpolator

from engine.dmft.scheme.stepping import Stepping, integrate
from engine.dmft.symmetric.coefficients import Model, infinite_width
from engine.dmft.symmetric.equations import equations
from engine.dmft.symmetric.history import History
from engine.limits.curves.pspin import descend
from engine.limits.extrapolate import power_law_limit
from engine.limits.frame import LeadingOrder, LimitError, Wanted, log_times
from engine.limits.levels import linear_alignment, noise_left, plateau_error
from engine.limits.threshold import gamma_threshold, time_unit, variance
from engine.monitor import Monitor
from engine.parameters import Parameters
from engine.results.trajectory import Trajectory

FRACTIONS = (0.03, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.88, 0.94)
"""γ/γ* at which the asymptotics are computed."""
HORIZON = 1e4
RTOL = 5e-3
NODES = 700


@dataclass(frozen=True)
class Asymptotics:
    """What runs at fixed γ tend to, for τ' = 1, at the nodes γ from 0 to γ* (arrays of one shape).

    error   e_∞(γ);  slope  γG(γ) = ∂_γ e_tr at fixed first layer
    nu      ν;  displacement  ‖w − w(0)‖, at the end of the runs
    """

    gamma: np.ndarray
    error: np.ndarray
    slope: np.ndarray
    nu: np.ndarray
    displacement: np.ndarray

    @property
    def threshold(self) -> float:
        return float(self.gamma[-1])

    def at(self, gamma: Any, column: str) -> np.ndarray:
        """A column at any γ ≥ 0; beyond γ* its value there.

        √e_∞ is interpolated in place of e_∞, because e_∞ ~ (γ* − γ)² at the threshold.
        """
        inside = np.minimum(gamma, self.threshold)
        if column == "error":
            return PchipInterpolator(self.gamma, np.sqrt(self.error))(inside) ** 2
        return PchipInterpolator(self.gamma, getattr(self, column))(inside)


def asymptotics(p: Parameters, *, monitor: Monitor = Monitor()) -> Asymptotics:
    """The table for p.alpha and the activation.

    Raises LimitError when there is no threshold, Stopped when cancelled between two runs.
    Cost: about 5 s, a minute at α = 0.9, more beyond; once for each (α, h̃).
    """
    variance(p)
    noise = Parameters(init="lazy", target="noise", alpha=p.alpha, tau=1.0).replace(
        **{"activation": p.activation, "normalise": p.normalise} if p.activation else
          {"h": p.covariance.nonlinear.coefficients.h})
    known, steps = _known(noise), len(FRACTIONS) + 1
    if known.missing:
        raise LimitError(known.missing)
    if known.threshold is None:
        try:
            known.threshold = gamma_threshold(
                noise, rtol=1e-2, monitor=monitor.part(0, steps)).value
        except LimitError as error:
            known.missing = str(error)
            raise
    for n, fraction in enumerate(FRACTIONS):
        monitor.check()
        if fraction not in known.rows:
            known.rows[fraction] = _fixed_gamma(infinite_width(noise), fraction * known.threshold)
        monitor.progress((n + 2) / steps)
    rows = [_at_zero(noise), *(known.rows[fraction] for fraction in FRACTIONS)]
    # At γ* error and drift vanish; the first layer rests where the last runs leave it.
    rows.append((known.threshold, 0.0, 0.0, 0.0, rows[-1][-1]))
    return Asymptotics(*np.array(rows).T)


@dataclass
class _Known:
    """What has been computed for one (α, h̃): γ*, or why it is missing, and rows by γ/γ*."""

    threshold: float | None = None
    missing: str = ""
    rows: dict[float, tuple[float, ...]] = field(default_factory=dict)


@functools.lru_cache(maxsize=32)
def _known(noise: Parameters) -> _Known:
    return _Known()


def _at_zero(noise: Parameters) -> tuple[float, ...]:
    """γ = 0, from the p-spin descent: e_∞ = ½ and ∂_γ e_tr = −|E|/√α."""
    glass = descend(noise.covariance)
    return (0.0, 0.5, -glass.final_energy / math.sqrt(noise.alpha), 0.0,
            math.sqrt(2 - 2 * glass.overlap_with_start[-1]))


def _fixed_gamma(model: Model, gamma: float) -> tuple[float, ...]:
    run = Stepping(equations(model, gamma), HORIZON * time_unit(model, gamma, 1.0), RTOL,
                   max_nodes=NODES)
    slopes = integrate(run, observe=lambda H, n: gamma * drift_integral(H, model, n))
    o = run.columns()
    limit = lambda y: power_law_limit(o["t"], y)  # noqa: E731
    return (gamma, limit(o["train_error"]), limit(np.array(slopes)), limit(o["nu"]),
            math.sqrt(2 - 2 * o["Cd0"][-1]))


def drift_integral(H: History, model: Model, n: int) -> float:
    """∫_0^{t_n} [R_A h̃(C_d) + C_A h̃'(C_d) R_d] ds of an m = ∞ run, by its own quadrature."""
    past = slice(1, n + 1)
    C = H.C_perp[n, past]
    return float(H.R_A[n, past] @ polyval(C, model.h)
                 + (H.C_A[n, past] * polyval(C, model.dh)) @ H.R_perp[n, past])


def drift(p: Parameters, gamma_start: float, z: np.ndarray) -> np.ndarray:
    """γ(z) of dγ/dz = −α [γG(γ) + λγ], G for noise τ'; shape of z, which increases from 0."""
    table, scale = asymptotics(p), math.sqrt(noise_left(p))
    slope = PchipInterpolator(table.gamma, table.slope)

    def rate(_: float, gamma: np.ndarray) -> np.ndarray:
        g = gamma / scale
        data = scale * np.where(g < table.threshold, slope(np.minimum(g, table.threshold)), 0.0)
        return -p.alpha * (data + p.weight_decay * gamma)

    return solve_ivp(rate, (0.0, z[-1]), [gamma_start], t_eval=z, method="LSODA",
                     rtol=1e-7, atol=1e-10).y[0]


def overfitting(p: Parameters, wanted: Wanted = Wanted()) -> Trajectory:
    """t = Θ(m) from a lazy start: γ drifts from γ₀ to γ* if γ₀ < γ*, else nothing moves.

    Neurons that differ have learned the z² part (`squares`): γ* is lower by √(1 − f₂²/τ'²).

      e_tr = e_∞(γ(z)),  e_ts = plateau (2.7) at γ(z),  √m v = b(γ) = φ̂'(0)/(γh'(0)),
      m C_o(t,t) = b² − 1.
    The displacement is that of the fixed-γ runs, at γ(z): an estimate, because it depends on
    the path.  Errors as in `asymptotics`.
    """
    return _drifting(p, "lazy-3", p.gamma0, wanted)


def noise_overfitting(p: Parameters, wanted: Wanted = Wanted()) -> Trajectory:
    """t = Θ(m) of pure noise from a mean-field start: the same drift from γ = 0, dγ/dz(0) = A."""
    return _drifting(p, "noise-m", 0.0, wanted)


def _drifting(p: Parameters, key: str, gamma_start: float, wanted: Wanted) -> Trajectory:
    t = log_times(p, key, wanted)
    table, scale = asymptotics(p, monitor=wanted.monitor), math.sqrt(noise_left(p))
    gamma = drift(p, gamma_start, t / p.m)
    g = gamma / scale
    # b = 0 for noise, also at γ = 0.
    b = linear_alignment(p, np.maximum(gamma, 1e-300)) if p.target != "noise" else 0.0
    return LeadingOrder(
        t=t, gamma=gamma, v=b / math.sqrt(p.m),
        overlap=(b**2 - 1) / p.m if p.covariance.dh_0 > 0 else 0.0,
        nu=scale**2 * table.at(g, "nu"), train_error=scale**2 * table.at(g, "error"),
        test_error=plateau_error(p, gamma) - (p.reduced_noise - noise_left(p)) / 2,
        displacement=table.at(g, "displacement"),
        how={"rtol": RTOL}).trajectory(p, key)
