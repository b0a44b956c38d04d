"""Does the form of `engine.limits.curves.squares` solve the finite-m equations of groups?

At t = Θ(1/√m) it is inserted into C.7–C.21 reduced to groups, with R_A = δ and, for different
neurons i of group g and j of group l,

    C_ij(t,s) = v_g(t)v_l(s) − γ_gγ_l/(m⟨γ²⟩),   C_ii = 1,   R_ii = 1,   R_ij = −γ_gγ_l/(m⟨γ²⟩)
    C_A(t,s) = −[τ'² − f₂² + ⟨γ²⟩(h(1) − h'(0)) + ½h''(0)(S(t) − S_∞)(S(s) − S_∞)]

R_A is left with ∫Σ_R ds, which vanishes with the time; C_A and v with what their expansion in
v = O(m^{−1/4}) leaves out: v² of the terms that count, and in v's equation v of them where there is
a z³ part.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy.interpolate import CubicSpline

from engine.limits.checks.residual import WIDTHS, Residual, Residues, tabulate
from engine.limits.curves.squares import learning_squares, start
from engine.limits.levels import noise_left
from engine.parameters import Parameters

TIMES, FINE = 25, 16
"""Times of insertion, and of the form, whose velocity is a spline's, for each of them."""
HORIZON = 6.0
"""Time up to which the form is inserted, in units of the growth time 1/(αγ₀φ̂''(0)√m)."""


def squares_residuals(p: Parameters, widths: Sequence[int] = WIDTHS) -> list[Residual]:
    """The residual of R_A, C_A and v at each width, as `residuals` gives those of other regimes.

    Claimed are m^{−1/2}, and m^{−1/4} for v where h has a z³ term: for starts as in dimension
    d ≥ √m, so that v(0) is of order m^{−1/4} or less and as often above 0 as below.  Raises
    LimitError as `learning_squares`.  Cost: milliseconds a width.
    """
    rows = [insert(p.replace(m=int(m))).relative() for m in widths]
    cubic = len(p.covariance.coefficients.h) > 3 and p.covariance.coefficients.h[3] != 0
    return tabulate(rows, widths, lambda name: -0.25 if cubic and name == "v" else -0.5)


def insert(p: Parameters) -> Residues:
    """The form in the equations of width p.m, at TIMES times up to the horizon and their pairs."""
    known, root = p.covariance, math.sqrt(p.m)
    end = HORIZON / (p.alpha * p.gamma0 * float(known.ddphi_hat(0.0)) * root)
    form = learning_squares(p, np.linspace(0.0, end, FINE * TIMES))
    slopes = CubicSpline(form.t, form.v)(form.t, 1) / root
    share, gamma, _ = start(p)
    sizes, mode = share * p.m, np.outer(gamma, gamma) / (p.m * (share @ gamma**2))
    found = Residues()

    def weighted(own: Any, other: np.ndarray) -> float:
        """m⁻² Σ_ij a_i a_j (·), from its values for a neuron with itself and for two."""
        pairs = np.outer(sizes * gamma, sizes * gamma) * other
        return float(pairs.sum() + (sizes * gamma**2 * (own - np.diagonal(other))).sum()) / p.m

    response = weighted(known.dh_1, -known.dh(0.0) * mode)
    found.add("R_A", 1.0, response * end)
    rest = noise_left(p) + (share @ gamma**2) * (known.h_1 - known.dh_0)
    stiffness = float(known.ddh(0.0))
    each = slice(None, None, FINE)
    for v, S, slope in zip(form.v[each], form.learned[each], slopes[each], strict=True):
        for u, T in zip(form.v[each], form.learned[each], strict=True):
            signal = root * share @ (gamma * (known.phi_hat(v) + known.phi_hat(u)))
            Sigma_C = p.tau**2 + p.phi_norm2 - signal \
                + weighted(known.h_1, known.h(np.outer(v, u) - mode))
            found.add("C_A", 0.0, Sigma_C, -(rest + stiffness / 2 * (S - form.whole)
                                             * (T - form.whole)))
        found.add("v", *_alignment(p, v, slope, sizes, gamma, mode))
    return found


def _alignment(p: Parameters, v: np.ndarray, slope: np.ndarray, sizes: np.ndarray,
               gamma: np.ndarray, mode: np.ndarray) -> tuple[Any, ...]:
    """The size that counts, and the terms of v_g' + ν_g v_g − αa_g φ̂'(v_g) + m⁻¹Σ_j M^R_gj v_j, all
    in units of √m."""
    known, share = p.covariance, sizes / p.m
    C = np.outer(v, v) - mode
    pull = p.alpha * gamma * known.dphi_hat(v)
    memory = lambda other, own: p.alpha / math.sqrt(p.m) * gamma * (  # noqa: E731
        (known.dh(C) * other) @ (sizes * gamma)
        + gamma * (known.dh_1 * own - known.dh(np.diagonal(C)) * np.diagonal(other)))
    drag = memory(np.broadcast_to(v, C.shape), v)
    nu = pull * v - memory(C, 1.0)
    # What is common to the neurons in the direction γ is the linear part's: it is at rest up to ℓ.
    lean = lambda x: x - gamma * (share @ (gamma * x)) / (share @ gamma**2)  # noqa: E731
    return (float(np.max(np.abs(p.alpha * gamma * known.ddphi_hat(0.0) * v))),
            lean(slope), lean(nu * v), -lean(pull), lean(drag))
