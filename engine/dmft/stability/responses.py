"""The newest row of the tagged neuron's responses, given the correlations and SymmDMFT's row.

    (D + ν + K̂_⊥) R̂_own = −(δν + K̂_own) R̂_⊥
    (D + ν + K̂_⊥) R̂_in  = −(δν + K̂_in) R̂_∥
    (D + ν + K̂_∥) R̂_out = −(δν + K̂_out) R̂_⊥

with kernels K = M/m.  R_A does not change, so each k is a 3×3 linear problem.
"""

from typing import NamedTuple

import numpy as np

from engine.bundles import bundle
from engine.dmft.scheme.derivative import past_rows
from engine.dmft.symmetric import responses as symmetric
from engine.dmft.symmetric.coefficients import polynomial
from engine.kernels import kernel


@bundle
class Row(NamedTuple):
    """What a sweep holds of row n; arrays of length nodes, those of SymmDMFT in `symmetric`."""

    symmetric: symmetric.Row
    K_own: np.ndarray
    K_in: np.ndarray
    K_out: np.ndarray
    q_self: np.ndarray  # ∂K̂/∂R̂ of a neuron with itself, αγγ' C_A h''(C_d), and of a pair
    q_pair: np.ndarray
    KC_own: np.ndarray
    KC_in: np.ndarray
    KC_out: np.ndarray
    h_change: np.ndarray  # first-order part of Σ_l a_l h(C_il), in units of √m
    R_change: np.ndarray  # that of Σ_l a_l h'(C_il) R_il, without δR
    h_self: np.ndarray  # γ'h'(C_d), and h_pair with C_o
    h_pair: np.ndarray
    sum_own: np.ndarray  # running sums over the past
    sum_in: np.ndarray
    sum_out: np.ndarray


def allocate_row(nodes: int) -> Row:
    return Row(symmetric.allocate_row(nodes), *(np.zeros(nodes) for _ in Row._fields[1:]))


@kernel(fastmath=True)
def couple(H, model, row, n, C_A):
    """First-order parts of K, K^C and of the sums of the second layer, without the row's δR.

    M^R_1 = α{δa a' M^R[o] + aa' δM^R[o; C_1, R_1]} and likewise M_2, and M_s of a neuron with
    itself, C_s = C_1 + C_2 + C_own; K_own = K_s − K_1 − K_2.
    """
    base = model.symmetric
    alpha, e, less = base.alpha, base.inv_m, base.m_minus_1
    g_n, v_n, dg_n, dv_n = H.gamma[n], H.v[0, n], H.delta_gamma[n], H.delta_v[n]
    for k in range(n + 1):
        g, v, dg, dv = H.gamma[k], H.v[0, k], H.delta_gamma[k], H.delta_v[k]
        Co = e * (H.C_conn[n, k] - H.C_perp[n, k]) + v_n * v
        Cd = H.C_perp[n, k] + Co
        Ro = e * (H.R_par[n, k] - H.R_perp[n, k])
        Rd = H.R_perp[n, k] + Ro
        one = dv_n * v + e * (H.C_in[n, k] - H.C_own[n, k])
        two = v_n * dv + e * (H.C_out[n, k] - H.C_own[n, k])
        both = H.C_own[n, k] + one + two
        d1, o1 = polynomial(base.dh, Cd), polynomial(base.dh, Co)
        d2, o2 = polynomial(base.ddh, Cd), polynomial(base.ddh, Co)
        d3, o3 = polynomial(model.dddh, Cd), polynomial(model.dddh, Co)
        A, C = H.R_A[n, k], C_A[k]
        first, second, b = alpha * dg_n * g, alpha * g_n * dg, alpha * g_n * g
        pair, self_ = A * o1 + C * o2 * Ro, A * d1 + C * d2 * Rd
        slope = b * (A * o2 + C * o3 * Ro)
        K1, K2 = first * pair + slope * one, second * pair + slope * two
        Ks = (first + second) * self_ + b * (A * d2 + C * d3 * Rd) * both
        row.K_own[k] = Ks - K1 - K2
        row.K_in[k] = less * K1 + Ks - K2
        row.K_out[k] = less * K2 + Ks - K1
        row.q_self[k], row.q_pair[k] = b * C * d2, b * C * o2
        K1, K2 = C * (first * o1 + b * o2 * one), C * (second * o1 + b * o2 * two)
        Ks = C * ((first + second) * d1 + b * d2 * both)
        row.KC_own[k] = Ks - K1 - K2
        row.KC_in[k] = less * K1 + Ks - K2
        row.KC_out[k] = less * K2 + Ks - K1
        row.h_self[k], row.h_pair[k] = g * d1, g * o1
        others = less * one - two
        row.h_change[k] = (dg * (polynomial(base.h, Cd) - polynomial(base.h, Co))
                           + g * (d1 * both + o1 * others))
        row.R_change[k] = (dg * (d1 * Rd - o1 * Ro) + g * (d2 * both * Rd + o2 * others * Ro))


@kernel(fastmath=True)
def respond(H, model, row, step, nu, delta_nu):
    """Row n of R̂_own, R̂_in, R̂_out, downwards in k; completes K̂ of the row.  Cost: 3n²."""
    n, base = step.n, row.symmetric
    X_perp, X_par = step.d0 + nu + base.K_perp[n], step.d0 + nu + base.K_par[n]
    new = n, X_perp, X_par
    solve(H, model, row, new, n, delta_nu, (0.0, 0.0, 0.0))
    past_rows(step, H.R_own, row.sum_own)
    past_rows(step, H.R_in, row.sum_in)
    past_rows(step, H.R_out, row.sum_out)
    own_n, in_n, out_n = (delta_nu + row.K_own[n], delta_nu + row.K_in[n],
                          delta_nu + row.K_out[n])
    for k in range(n - 1, 0, -1):
        K_perp, K_par = base.K_perp[k], base.K_par[k]
        solve(H, model, row, new, k, 0.0,
              (row.sum_own[k] + own_n * H.R_perp[n, k] + K_perp * H.R_own[k, k],
               row.sum_in[k] + in_n * H.R_par[n, k] + K_perp * H.R_in[k, k],
               row.sum_out[k] + out_n * H.R_perp[n, k] + K_par * H.R_out[k, k]))
        K_own, K_in, K_out = row.K_own[k], row.K_in[k], row.K_out[k]
        R_perp, R_par = H.R_perp[k], H.R_par[k]
        R_own, R_in, R_out = H.R_own[k], H.R_in[k], H.R_out[k]
        for j in range(1, k):
            row.sum_own[j] += K_perp * R_own[j] + K_own * R_perp[j]
            row.sum_in[j] += K_perp * R_in[j] + K_in * R_par[j]
            row.sum_out[j] += K_par * R_out[j] + K_out * R_perp[j]


@kernel(fastmath=True)
def solve(H, model, row, new, k, delta_nu, sums):
    """R̂_own, R̂_in, R̂_out at [n,k] from X R̂ + (δν + K̂[n,k]) R̂_kk = −sums, new = (n, X_⊥, X_∥).

    In R_s = (1 − 2/m) R_own + (R_in + R_out)/m every K̂ is what `couple` wrote plus
      own: (q_s − q_p) R_s + q_p R_own,   in: (q_s − q_p) R_s + q_p R_in,   out likewise,
    so a solve is three divisions and one equation for R_s.
    """
    e, (n, X_perp, X_par), (own, into, out) = model.symmetric.inv_m, new, sums
    r, p = H.R_perp[k, k], H.R_par[k, k]
    both, pair = row.q_self[k] - row.q_pair[k], row.q_pair[k]
    # each R̂ = c − s R_s
    own_D, in_D, out_D = X_perp + pair * r, X_perp + pair * p, X_par + pair * r
    c_own = -(own + (delta_nu + row.K_own[k]) * r) / own_D
    c_in = -(into + (delta_nu + row.K_in[k]) * p) / in_D
    c_out = -(out + (delta_nu + row.K_out[k]) * r) / out_D
    s_own, s_in, s_out = both * r / own_D, both * p / in_D, both * r / out_D
    R_s = ((1.0 - 2.0 * e) * c_own + e * (c_in + c_out)) / (
        1.0 + (1.0 - 2.0 * e) * s_own + e * (s_in + s_out))
    R_own, R_in, R_out = c_own - s_own * R_s, c_in - s_in * R_s, c_out - s_out * R_s
    row.K_own[k] += both * R_s + pair * R_own
    row.K_in[k] += both * R_s + pair * R_in
    row.K_out[k] += both * R_s + pair * R_out
    H.R_own[n, k], H.R_in[n, k], H.R_out[n, k] = R_own, R_in, R_out
