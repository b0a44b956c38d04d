"""The newest row of the responses of SymmDMFT, given its correlations.

The implicitly discretised gradient flow has the exact DMFT

    R̂_A = (1 + Σ̂_R)⁻¹                                                             (C.19)
    (D + ν + K̂_x) R̂_x = 1,  x ∈ {⊥, ∥}                                            (C.34, C.35)

with the memory kernels K = M/m of each symmetry sector (⊥: differences of neurons, ∥: their
mean).  `couple` writes Σ̂_R and K̂ as linear functions of the responses at the same k, `respond`
solves them exactly.
"""

from typing import NamedTuple

import numpy as np

from engine.bundles import bundle
from engine.dmft.scheme.derivative import past_rows
from engine.dmft.symmetric.coefficients import polynomials
from engine.kernels import kernel


@bundle
class Row(NamedTuple):
    """What a sweep holds of row n beside the history's own rows; all of length nodes."""

    s_r: np.ndarray  # Σ̂_R = s_r R̂_⊥ + s_p R̂_∥
    s_p: np.ndarray
    perp_A: np.ndarray  # K̂_⊥ = perp_A R̂_A + C_A (perp_r R̂_⊥ + perp_p R̂_∥)
    perp_r: np.ndarray
    perp_p: np.ndarray
    par_A: np.ndarray  # K̂_∥ likewise
    par_r: np.ndarray
    par_p: np.ndarray
    h_sum: np.ndarray  # h(C_d) + (m−1) h(C_o)
    Cd: np.ndarray
    Co: np.ndarray
    h_d: np.ndarray  # h, h', h'' of C_d and of C_o
    h_o: np.ndarray
    dh_d: np.ndarray
    dh_o: np.ndarray
    ddh_d: np.ndarray
    ddh_o: np.ndarray
    K_perp: np.ndarray
    K_par: np.ndarray
    Sigma_C: np.ndarray
    KC_perp: np.ndarray
    KC_par: np.ndarray
    sum_A: np.ndarray  # running sums over the past
    sum_perp: np.ndarray
    sum_par: np.ndarray


def allocate_row(nodes: int) -> Row:
    return Row(*(np.zeros(nodes) for _ in Row._fields))


@kernel(fastmath=True)
def couple(H, model, row, n):
    """Linear coefficients of Σ̂_R and K̂ in the responses, from the row's correlations.

    Σ_R = γγ'[h'(C_d)R_d + (m−1)h'(C_o)R_o]                              (C.42)
    M^R_x/m = αγγ'[R_A h'(C_x) + C_A h''(C_x)R_x],  x ∈ {d, o}           (C.38–C.41)
    with R_d = R_⊥ + (R_∥−R_⊥)/m and R_o = (R_∥−R_⊥)/m.
    """
    e, one_less = model.inv_m, 1.0 - model.inv_m
    has_mean = 1.0 if e > 0.0 else 0.0  # at m = ∞ the ∥ sector decouples; K_∥ = 0 there
    for k in range(n + 1):
        row.Co[k] = e * (H.C_conn[n, k] - H.C_perp[n, k]) + H.v[0, n] * H.v[0, k]
    for i in range(1, H.v.shape[0]):
        for k in range(n + 1):
            row.Co[k] += H.v[i, n] * H.v[i, k]
    for k in range(n + 1):
        row.Cd[k] = H.C_perp[n, k] + row.Co[k]
    polynomials(model.h, row.Cd, n + 1, row.h_d)
    polynomials(model.h, row.Co, n + 1, row.h_o)
    polynomials(model.dh, row.Cd, n + 1, row.dh_d)
    polynomials(model.dh, row.Co, n + 1, row.dh_o)
    polynomials(model.ddh, row.Cd, n + 1, row.ddh_d)
    polynomials(model.ddh, row.Co, n + 1, row.ddh_o)
    for k in range(n + 1):
        g = H.gamma[n] * H.gamma[k]
        d1, o1 = row.dh_d[k], row.dh_o[k]
        d2, o2 = row.ddh_d[k], row.ddh_o[k]
        row.h_sum[k] = row.h_d[k] + model.m_minus_1 * row.h_o[k]
        row.s_r[k] = g * one_less * (d1 - o1)
        row.s_p[k] = g * (e * d1 + one_less * o1)
        b = model.alpha * g
        row.perp_A[k] = b * (d1 - o1)
        row.perp_r[k] = b * (one_less * d2 + e * o2)
        row.perp_p[k] = b * e * (d2 - o2)
        b *= has_mean
        row.par_A[k] = b * (d1 + model.m_minus_1 * o1)
        row.par_r[k] = b * one_less * (d2 - o2)
        row.par_p[k] = b * (e * d2 + one_less * o2)


@kernel(fastmath=True)
def respond_diagonal(H, row, step, nu):
    """R̂_⊥, R̂_∥, R̂_A at [n,n] by Newton from the previous diagonal; False if it fails.

    R̂_x(d0 + ν + K̂_x) = 1 with R̂_A = 1/(1 + Σ̂_R).  Of its roots the one that
    continues the past is wanted, hence the starting point.
    """
    n = step.n
    x = step.d0 + nu
    C_A = H.C_A[n, n]
    s_r, s_p = row.s_r[n], row.s_p[n]
    a1, r1, p1 = row.perp_A[n], C_A * row.perp_r[n], C_A * row.perp_p[n]
    a2, r2, p2 = row.par_A[n], C_A * row.par_r[n], C_A * row.par_p[n]
    r, p = H.R_perp[n, n], H.R_par[n, n]
    for _ in range(60):
        A = 1.0 / (1.0 + s_r * r + s_p * p)
        dA_r, dA_p = -A * A * s_r, -A * A * s_p
        K1, K2 = a1 * A + r1 * r + p1 * p, a2 * A + r2 * r + p2 * p
        F1, F2 = r * (x + K1) - 1.0, p * (x + K2) - 1.0
        J11 = x + K1 + r * (a1 * dA_r + r1)
        J12 = r * (a1 * dA_p + p1)
        J21 = p * (a2 * dA_r + r2)
        J22 = x + K2 + p * (a2 * dA_p + p2)
        det = J11 * J22 - J12 * J21
        dr, dp = (F1 * J22 - F2 * J12) / det, (F2 * J11 - F1 * J21) / det
        # Damped so that both stay positive.
        scale = 1.0
        if dr > 0.5 * r:
            scale = min(scale, 0.5 * r / dr)
        if dp > 0.5 * p:
            scale = min(scale, 0.5 * p / dp)
        r -= scale * dr
        p -= scale * dp
        if abs(dr) <= 1e-13 * abs(r) and abs(dp) <= 1e-13 * abs(p):
            break
    else:
        return False
    A = 1.0 / (1.0 + s_r * r + s_p * p)
    H.R_perp[n, n], H.R_par[n, n], H.R_A[n, n] = r, p, A
    H.Sigma_R[n, n] = s_r * r + s_p * p
    row.K_perp[n] = a1 * A + r1 * r + p1 * p
    row.K_par[n] = a2 * A + r2 * r + p2 * p
    return True


@kernel(fastmath=True)
def physical(H, row, n):
    """Is R̂_⊥[n,n] the smaller root of R̂_⊥(d0 + ν + K̂_⊥) = 1, which steps h → 0 reach?"""
    A = H.R_A[n, n]
    slope = H.C_A[n, n] * row.perp_r[n] - row.perp_A[n] * A * A * row.s_r[n]  # ∂K̂_⊥/∂R̂_⊥
    return 1.0 + H.R_perp[n, n] ** 2 * slope > 0.0


@kernel(fastmath=True)
def respond(H, row, step, nu):
    """Row n of the responses below the diagonal, exactly, downwards in k.

    Σ̂_R[n,k] and K̂[n,k] depend linearly on the responses at the same k, and all that was
    found for larger k enters through sums, so each k is a 2×2 linear problem.  Cost: 3/2 n².
    """
    n = step.n
    A_n = H.R_A[n, n]
    X_perp = step.d0 + nu + row.K_perp[n]
    X_par = step.d0 + nu + row.K_par[n]
    for k in range(n):
        row.sum_A[k] = 0.0
    past_rows(step, H.R_perp, row.sum_perp)
    past_rows(step, H.R_par, row.sum_par)
    for k in range(n - 1, 0, -1):
        # In a thinned history R̂_A[k,k] is no longer this inverse; the equation asks for it.
        C_A, A_k = H.C_A[n, k], 1.0 / (1.0 + H.Sigma_R[k, k])
        r_k, p_k = H.R_perp[k, k], H.R_par[k, k]
        # R̂_A[n,k] = A_0 + A_r r + A_p p
        A_0, A_r, A_p = -A_k * row.sum_A[k], -A_k * A_n * row.s_r[k], -A_k * A_n * row.s_p[k]
        K1_r = row.perp_A[k] * A_r + C_A * row.perp_r[k]
        K1_p = row.perp_A[k] * A_p + C_A * row.perp_p[k]
        K2_r = row.par_A[k] * A_r + C_A * row.par_r[k]
        K2_p = row.par_A[k] * A_p + C_A * row.par_p[k]
        b1 = -(row.sum_perp[k] + row.perp_A[k] * A_0 * r_k)
        b2 = -(row.sum_par[k] + row.par_A[k] * A_0 * p_k)
        M11, M12 = X_perp + K1_r * r_k, K1_p * r_k
        M21, M22 = K2_r * p_k, X_par + K2_p * p_k
        det = M11 * M22 - M12 * M21
        r, p = (b1 * M22 - b2 * M12) / det, (b2 * M11 - b1 * M21) / det
        A = A_0 + A_r * r + A_p * p
        K1, K2 = row.perp_A[k] * A_0 + K1_r * r + K1_p * p, row.par_A[k] * A_0 + K2_r * r + K2_p * p
        H.R_perp[n, k], H.R_par[n, k], H.R_A[n, k] = r, p, A
        H.Sigma_R[n, k] = row.s_r[k] * r + row.s_p[k] * p
        row.K_perp[k], row.K_par[k] = K1, K2
        Sigma_k, R_perp_k, R_par_k = H.Sigma_R[k], H.R_perp[k], H.R_par[k]
        for j in range(1, k):
            row.sum_A[j] += A * Sigma_k[j]
            row.sum_perp[j] += K1 * R_perp_k[j]
            row.sum_par[j] += K2 * R_par_k[j]
