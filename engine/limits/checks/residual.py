"""Does an asymptotic form solve the finite-m equations?  Step (ii) of the paper's method.

A regime's leading-order form is inserted into C.29–C.43 at finite m, in the sectors ⊥ and ∥:

  R_A       (1 + Σ_R) R_A = 1                   C_A   (1 + Σ_R) C_A = −Σ_C R_Aᵀ
  R_⊥, R_∥  (∂_t + ν + K_x) R_x = δ             C_⊥   (∂_t + ν + K_⊥) C_⊥ = −K^C_⊥ R_⊥ᵀ
  v         (∂_t + ν + K_∥) v = αaφ̂'(v) I_A     C_o   [equation of C_∥ − equation of C_⊥]/m
  a         C.36                                norm  C_d(t,t) = 1

The residual of an equation is the most that is left of it, relative to its largest term; a change
of order 1 of the unknown within the time considered counts as one.

Closed forms are inserted as functions, with R_A = δ; integrals are Gauss–Legendre sums.  The
t = Θ(1) lazy form solves the discretised m = ∞ equations, so it is inserted into the discretised
finite-m ones, where no discretisation error enters.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.polynomial import Chebyshev
from numpy.polynomial.legendre import leggauss

from engine.dmft.scheme.control import Control
from engine.dmft.scheme.derivative import derivative
from engine.dmft.scheme.stepping import Stepping, integrate
from engine.dmft.symmetric.coefficients import infinite_width
from engine.dmft.symmetric.equations import equations
from engine.dmft.symmetric.history import History
from engine.limits.checks.collapse import power_of
from engine.limits.curves.meanfield import neuron_flow
from engine.limits.frame import LimitError, check_one_direction, regime
from engine.limits.levels import linear_alignment, linear_rate
from engine.limits.threshold import time_unit
from engine.monitor import Monitor
from engine.parameters import Parameters
from engine.regimes import KINDS, load

WIDTHS = (16, 64, 256, 1024, 4096)
HORIZON = 4.0
"""Time up to which forms are inserted, in units of the fastest relaxation of the regime."""
SAMPLES, QUADRATURE, DEGREE = 6, 32, 64
STEP = 1e-3
"""Step of numerical derivatives, of fourth order, as a fraction of the time considered."""
FORMS = {key: kind.form for key, kind in KINDS.items() if kind.form}
"""The function below that inserts the form of each regime that has one."""
EXACT = 1e-6
"""Residuals that never exceed this are the solver's tolerance: the equation holds exactly."""


@dataclass(frozen=True)
class Residual:
    """One equation's residuals at the widths and their powers of m (nan where it holds exactly).

    exponent, error   fitted over all widths, with its standard error
    last              between the two largest widths, where higher orders matter least
    claimed           what the form claims (`claimed`)
    """

    equation: str
    values: tuple[float, ...]
    exponent: float
    error: float
    last: float
    claimed: float

    @property
    def exact(self) -> bool:
        return max(self.values) < EXACT


def residuals(p: Parameters, key: str, widths: Sequence[int] = WIDTHS, *,
              monitor: Monitor = Monitor()) -> list[Residual]:
    """The residual of each equation with the form of regime `key` inserted at each width.

    A cancelled table has the widths that were done.  Raises LimitError for a regime that has no
    form of two times, and for weight decay, which the inserted equations leave out: it is a power
    of m smaller than all that is looked at.  Cost: about 0.1 s a width.
    """
    regime(p, key)
    check_one_direction(p)
    if p.weight_decay:
        raise LimitError("the equations are inserted without weight decay. Set weight_decay to 0.")
    if key not in FORMS:
        raise LimitError(f"{key} has no form of two times to insert; {', '.join(FORMS)} have.")
    form, rows = load(FORMS[key]), []
    for n, m in enumerate(widths):
        if monitor.cancel():
            break
        rows.append(form(p.replace(m=int(m))).relative())
        monitor.progress((n + 1) / len(widths))
    return tabulate(rows, widths, lambda name: claimed(p, key, name))


def tabulate(rows: Sequence[dict[str, float]], widths: Sequence[int],
             claim: Callable[[str], float]) -> list[Residual]:
    """Residuals by equation at the first widths, a row for each, with their powers of m."""
    found, at = [], tuple(widths[:len(rows)])
    for name in rows[0] if rows else ():
        values = tuple(row[name] for row in rows)
        powers = (np.nan, np.nan, np.nan)
        if max(values) > EXACT and len(rows) > 1:
            powers = (*power_of(at, values), power_of(at[-2:], values[-2:])[0])
        found.append(Residual(name, values, *powers, claim(name)))
    return found


def claimed(p: Parameters, key: str, equation: str) -> float:
    """The power of m: −1 everywhere but in two places.

    −½   in C_A, v and C_o where a lazy start meets a quadratic term of the signal,
         √m φ̂(v) = φ̂'(0)(√m v) + φ̂''(0)(√m v)²/(2√m) + …
    −2   in a at t = Θ(1/m): its velocity is O(1/m) too, and there is no time to move
    """
    quadratic = p.covariance.ddphi_hat(0.0) != 0 and p.covariance.dphi_hat_0 != 0
    if key.startswith("lazy") and quadratic and equation in ("C_A", "v", "C_o"):
        return -0.5
    return -2.0 if (key, equation) == ("lazy-1", "a") else -1.0


@dataclass
class Residues:
    """For each equation the largest |sum of terms| and the largest single term seen so far."""

    left: dict[str, float] = field(default_factory=dict)
    largest: dict[str, float] = field(default_factory=dict)

    def add(self, name: str, size: Any, *terms: Any) -> None:
        """Terms that should cancel (numbers or arrays of one shape), and the size that counts."""
        most = lambda x: float(np.max(np.abs(x)))  # noqa: E731
        self.left[name] = max(self.left.get(name, 0.0), most(sum(terms)))
        self.largest[name] = max(self.largest.get(name, 0.0), most(size), *map(most, terms))

    def relative(self) -> dict[str, float]:
        return {name: left and left / self.largest[name] for name, left in self.left.items()}


class Kernels(NamedTuple):
    """Pointwise kernels at (t, s), K = M/m: the factor of R_A, what has none, and K^C."""

    Sigma_R: np.ndarray
    Sigma_C: np.ndarray
    h_sum: np.ndarray
    perp_A: np.ndarray
    perp: np.ndarray
    perp_C: np.ndarray
    par_A: np.ndarray
    par: np.ndarray
    par_C: np.ndarray


class TwoTimes(NamedTuple):
    """γ and v at t and at s, correlations and responses at (t, s); of one shape, or scalars."""

    gamma: Any
    gamma_s: Any
    v: Any
    v_s: Any
    C_perp: Any
    C_conn: Any
    R_perp: Any
    R_par: Any
    C_A: Any


def kernels(p: Parameters, at: TwoTimes) -> Kernels:
    """C.38–C.43 in the two sectors at width p.m.

    With cell-integrated R̂ for R, Sigma_R, perp and par are cell-integrated too.
    """
    known, m = p.covariance, p.m
    gamma, gamma_s, v, v_s, C_perp, C_conn, R_perp, R_par, C_A = at
    h, dh, ddh, phi_hat = known.h, known.dh, known.ddh, known.phi_hat
    C_o, R_o = (C_conn - C_perp) / m + v * v_s, (R_par - R_perp) / m
    C_d, R_d = C_perp + C_o, R_perp + R_o
    d1, o1, d2, o2 = dh(C_d), dh(C_o), ddh(C_d), ddh(C_o)
    g = gamma * gamma_s
    b = p.alpha * g
    signal = np.sqrt(m) * (gamma * phi_hat(v) + gamma_s * phi_hat(v_s))
    h_sum = h(C_d) + (m - 1) * h(C_o)
    perp_A, par_A = b * (d1 - o1), b * (d1 + (m - 1) * o1)
    return Kernels(
        g * (d1 * R_d + (m - 1) * o1 * R_o), p.tau**2 + p.phi_norm2 - signal + g * h_sum, h_sum,
        perp_A, b * C_A * (d2 * R_d - o2 * R_o), perp_A * C_A,
        par_A, b * C_A * (d2 * R_d + (m - 1) * o2 * R_o), par_A * C_A)


Function = Callable[..., Any]
"""Of t, or of (t, t'), numbers or arrays."""


class Form(NamedTuple):
    """A closed form at one width, with R_A = δ: functions of t, or of (t, t')."""

    gamma: Function
    v: Function
    nu: Function
    C_perp: Function
    C_conn: Function  # C̃ = C_∥ − m v v'
    R_perp: Function
    R_par: Function
    C_A: Function

    def kernels(self, p: Parameters, t: float, s: Any) -> Kernels:
        return kernels(p, TwoTimes(
            self.gamma(t), self.gamma(s), self.v(t), self.v(s), self.C_perp(t, s),
            self.C_conn(t, s), self.R_perp(t, s), self.R_par(t, s), self.C_A(t, s)))


def insert(p: Parameters, form: Form, horizon: float) -> Residues:
    """`form` in the equations at SAMPLES times and all pairs t' ≤ t of them, up to horizon."""
    found = Residues()
    times = horizon * np.arange(1, SAMPLES + 1) / SAMPLES
    for t in times:
        _insert_one_time(p, form, t, horizon, found)
        for early in times[times <= t]:
            _insert_two_times(p, form, t, early, horizon, found)
    return found


def _insert_one_time(p: Parameters, form: Form, t: float, horizon: float,
                     found: Residues) -> None:
    s, ds = _quadrature(0, t)
    past, now = form.kernels(p, t, s), form.kernels(p, t, t)
    gamma, v, root = form.gamma(t), form.v(t), np.sqrt(p.m)
    found.add("R_A", 1.0, ds @ past.Sigma_R)
    found.add("v", form.v(horizon) / horizon, *_alignment_terms(p, form, t, horizon))
    found.add("a", gamma / horizon, _slope(form.gamma, t, horizon),
              -p.alpha * p.covariance.phi_hat(v) / root, p.alpha / p.m * gamma * now.h_sum,
              p.alpha / p.m * (ds @ (form.C_A(t, s) * past.Sigma_R)) / gamma)
    found.add("norm", 1.0, form.C_perp(t, t) - 1,
              (form.C_conn(t, t) - form.C_perp(t, t)) / p.m + v**2)


def _insert_two_times(p: Parameters, form: Form, t: float, early: float, horizon: float,
                      found: Residues) -> None:
    s, ds = _quadrature(0, t)
    u, du = _quadrature(0, early)
    past, before, now = (form.kernels(p, t, at) for at in (s, u, t))
    found.add("C_A", 0.0, form.C_A(t, early), form.kernels(p, t, early).Sigma_C,
              ds @ (past.Sigma_R * form.C_A(s, early)))

    def terms(C: Function, R: Function, local: Any, K: np.ndarray,
              K_C: np.ndarray) -> tuple[Any, ...]:
        return (_slope(lambda z: C(z, early), t, horizon), (form.nu(t) + local) * C(t, early),
                ds @ (K * C(s, early)), du @ (K_C * R(early, u)))

    perp = terms(form.C_perp, form.R_perp, now.perp_A, past.perp, before.perp_C)
    par = terms(form.C_conn, form.R_par, now.par_A, past.par, before.par_C)
    found.add("C_⊥", 1 / horizon, *perp)
    C_o = (form.C_conn(t, early) - form.C_perp(t, early)) / p.m + form.v(t) * form.v(early)
    found.add("C_o", C_o / horizon, *(x / p.m for x in par), *(-x / p.m for x in perp),
              *(form.v(early) * x for x in _alignment_terms(p, form, t, horizon)))
    if early < t:
        between, db = _quadrature(early, t)
        k = form.kernels(p, t, between)
        for name, R, local, K in (("R_⊥", form.R_perp, now.perp_A, k.perp),
                                  ("R_∥", form.R_par, now.par_A, k.par)):
            found.add(name, 1 / horizon, _slope(lambda z, R=R: R(z, early), t, horizon),
                      (form.nu(t) + local) * R(t, early), db @ (K * R(between, early)))


def _alignment_terms(p: Parameters, form: Form, t: float,
                     horizon: float) -> tuple[Any, ...]:
    s, ds = _quadrature(0, t)
    past, now, v = form.kernels(p, t, s), form.kernels(p, t, t), form.v(t)
    signal = p.covariance.dphi_hat(v)
    return (_slope(form.v, t, horizon), (form.nu(t) + now.par_A) * v,
            -p.alpha * form.gamma(t) * np.sqrt(p.m) * signal, ds @ (past.par * form.v(s)))


def _quadrature(low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    x, w = leggauss(QUADRATURE)
    return low + (high - low) * (x + 1) / 2, (high - low) * w / 2


def _slope(f: Function, t: float, horizon: float) -> float:
    e = STEP * horizon
    return (8 * (f(t + e) - f(t - e)) - f(t + 2 * e) + f(t - 2 * e)) / (12 * e)


def linear_learning(p: Parameters) -> Residues:
    """t = Θ(1/m) (F.50–F.59).  With E = e^{−Kmt}, b = φ̂'(0)/(γ₀h'(0)), v = b(1 − E)/√m:

      C_⊥ = R_⊥ = 1,  R_∥ = E/E',  C̃ = EE',
      −C_A = τ² + ‖φ‖² − γ₀φ̂'(0)√m(v + v') + γ₀²[h(1) + h'(0) m C_o]
    """
    g, known = p.gamma0, p.covariance
    dh_0, dh_1 = known.dh_0, known.dh_1
    b, K = float(linear_alignment(p, g)), linear_rate(p)
    v = lambda t: b * -np.expm1(-K * t) / np.sqrt(p.m)  # noqa: E731
    m_C_o = lambda t, s: np.exp(-K * (t + s)) - 1 + p.m * v(t) * v(s)  # noqa: E731
    signal = g * g * dh_0 * b * np.sqrt(p.m)
    form = Form(
        gamma=lambda t: g, v=v,
        nu=lambda t: p.alpha * signal * v(t) - p.alpha * g**2 * (dh_1 + dh_0 * m_C_o(t, t)),
        C_perp=lambda t, s: 1 + 0 * s, C_conn=lambda t, s: np.exp(-K * (t + s)),
        R_perp=lambda t, s: 1 + 0 * s, R_par=lambda t, s: np.exp(-K * (t - s)),
        C_A=lambda t, s: -(p.tau**2 + p.phi_norm2 - signal * (v(t) + v(s))
                           + g**2 * (known.h_1 + dh_0 * m_C_o(t, s))))
    return insert(p, form, HORIZON / (p.alpha * g**2 * dh_1 * p.m))


def mean_relaxation(p: Parameters) -> Residues:
    """t = Θ(1) of pure noise (G.7).  With E = e^{−ρt}, ρ = αa₀²h'(0):

      C_⊥ = R_⊥ = 1,  R_∥ = E/E',  C̃ = EE' + (τ²/ρ)(1 − E)(1 − E'),  C_A = −τ²,  ν = 0
    """
    rho = p.alpha * p.a0**2 * p.covariance.dh_0
    E = lambda t: np.exp(-rho * t)  # noqa: E731
    # √ρ (1 − E)/ρ, which vanishes without a linear part.
    learnt = lambda t: -np.expm1(-rho * t) / np.sqrt(rho) if rho else 0 * t  # noqa: E731
    form = Form(
        gamma=lambda t: p.a0 / np.sqrt(p.m), v=lambda t: 0 * t, nu=lambda t: 0.0,
        C_perp=lambda t, s: 1 + 0 * s,
        C_conn=lambda t, s: E(t) * E(s) + p.tau**2 * learnt(t) * learnt(s),
        R_perp=lambda t, s: 1 + 0 * s, R_par=lambda t, s: E(t) / E(s),
        C_A=lambda t, s: -p.tau**2 + 0 * s)
    return insert(p, form, _mean_field_horizon(p))


def feature_learning(p: Parameters) -> Residues:
    """t = Θ(1) with a signal: (a, v) of (2.10).  With ν = vv'/(1 − v²) and q = √(1 − v²):

      C_o = v v',  C_⊥ = C̃ = q q',  R_⊥ = q/q',  R_∥ = (q/q') e^{−α∫a²h'(v²)dt}
      −C_A = τ² + ‖φ‖² − aφ̂(v) − a'φ̂(v') + aa'h(vv')
    """
    horizon, known = _mean_field_horizon(p), p.covariance
    # Derivatives look a little beyond the last sample.
    domain = [0.0, 1.1 * horizon]
    a = Chebyshev.interpolate(lambda t: neuron_flow(p, t)[0], DEGREE, domain)
    v = Chebyshev.interpolate(lambda t: neuron_flow(p, t)[1], DEGREE, domain)
    damping = Chebyshev.interpolate(lambda t: p.alpha * a(t)**2 * known.dh(v(t)**2), DEGREE,
                                    domain).integ(lbnd=0)
    q = lambda t: np.sqrt(1 - v(t) ** 2)  # noqa: E731
    out = lambda t: a(t) * known.phi_hat(v(t))  # noqa: E731
    form = Form(
        gamma=lambda t: a(t) / np.sqrt(p.m), v=v,
        nu=lambda t: p.alpha * a(t) * v(t) * (known.dphi_hat(v(t))
                                              - a(t) * known.dh(v(t) ** 2) * v(t)),
        C_perp=lambda t, s: q(t) * q(s), C_conn=lambda t, s: q(t) * q(s),
        R_perp=lambda t, s: q(t) / q(s),
        R_par=lambda t, s: q(t) / q(s) * np.exp(damping(s) - damping(t)),
        C_A=lambda t, s: -(p.tau**2 + p.phi_norm2 - out(t) - out(s)
                           + a(t) * a(s) * known.h(v(t) * v(s))))
    return insert(p, form, horizon)


def _mean_field_horizon(p: Parameters) -> float:
    return HORIZON / (p.alpha * p.covariance.dh_1 * max(p.a0, 1.0) ** 2)


def fitting(p: Parameters) -> Residues:
    """t = Θ(1) from a lazy start (F.16–F.33): the discretised m = ∞ solution C_⊥, R_⊥, R_A, C_A, ν

    with C̃ = R_∥ = 0, that is m C_o = −C_d + b² and m R_o = −R_d, and v = b/√m, γ = γ₀.
    """
    model, g = infinite_width(p), p.gamma0
    horizon = 2 * HORIZON * time_unit(model, g, max(p.reduced_noise, 1e-12))
    # Rows are solved far better than they are spaced: only the former matters here.
    run = Stepping(equations(model, g), horizon, 1e-3, Control(mismatch=1e-4, reach=0.0))
    integrate(run)
    return _insert_rows(p, run.H, run.n, horizon)


def _insert_rows(p: Parameters, H: History, n: int, horizon: float) -> Residues:
    """Rows with t > horizon/SAMPLES of the discretised equations (`engine.dmft.symmetric`)."""
    g, v, m = p.gamma0, float(linear_alignment(p, p.gamma0)) / np.sqrt(p.m), p.m
    inner = np.s_[1:n, 1:n]  # node 0 has no weight in any sum
    C, R, R_A, C_A = H.C_perp[inner], H.R_perp[inner], H.R_A[inner], H.C_A[inner]
    k = kernels(p, TwoTimes(g, g, v, v, C, 0.0, R, 0.0, C_A))
    D, nu, t = _derivative(H.t[:n]), np.diag(H.nu[1:n]), H.t[1:n]
    K_perp, K_par = np.tril(k.perp_A * R_A + k.perp), np.tril(k.par_A * R_A + k.par)
    I_A, late = R_A.sum(axis=1), t > horizon / SAMPLES
    lower = np.tril(np.ones_like(C))[late]
    found = Residues()
    add = lambda name, size, *terms: found.add(  # noqa: E731
        name, size, *(x[late] * (lower if x.ndim == 2 else 1) for x in terms))
    add("R_A", 1.0, np.tril(k.Sigma_R) @ R_A, R_A - np.eye(n - 1))
    add("C_A", 0.0, C_A, np.tril(k.Sigma_R) @ C_A, k.Sigma_C @ R_A.T)
    add("R_⊥", 1.0, (D[:, 1:] + nu) @ R, K_perp @ R, -np.eye(n - 1))
    add("C_⊥", 1 / horizon, D @ H.C_perp[:n, 1:n], nu @ C, K_perp @ C, np.tril(k.perp_C) @ R.T)
    add("v", v / horizon, nu @ (v + 0 * t), K_par.sum(axis=1) * v,
        -p.alpha * g * np.sqrt(m) * p.covariance.dphi_hat(v) * I_A)
    add("a", g / horizon, -p.alpha * p.covariance.phi_hat(v) / np.sqrt(m) * I_A,
        p.alpha / m * g * (R_A * k.h_sum).sum(axis=1),
        p.alpha / m * (C_A * np.tril(k.Sigma_R)).sum(axis=1) / g)
    diagonal = np.diagonal(C)
    add("norm", 1.0, diagonal - 1, v**2 - diagonal / m)
    return found


def _derivative(t: np.ndarray) -> np.ndarray:
    """The BDF3 matrix of the solver, rows of nodes 1 … n−1, columns of all nodes."""
    D = np.zeros((len(t) - 1, len(t)))
    for n in range(1, len(t)):
        step = derivative(t, n, 0.0)
        for back, weight in enumerate(step[1:2 + min(n, 3)]):
            D[n - 1, n - back] = weight
    return D
