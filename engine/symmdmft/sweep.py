"""One sweep of the fixed-point iteration for row n of the discretised SymmDMFT equations.

The implicitly discretised gradient flow (BDF3, variable step) has the exact DMFT

    R̂_A = (1 + Σ̂_R)⁻¹                      C_A = −R̂_A Σ_C R̂_Aᵀ                       (C.19)
    (D + ν + K̂_x) R̂_x = 1,  x ∈ {⊥, ∥}
    (D + ν + K̂_⊥) C_⊥ = −K^C_⊥ R̂_⊥ᵀ,       (D + ν + K̂_∥) C̃ = −K^C_∥ R̂_∥ᵀ            (C.34–C.41)
    (D + ν + K̂_∥) v = αγ√m φ̂'(v) I_A                                               (C.33)

with the memory kernels K = M/m of each symmetry sector (⊥: differences of neurons, ∥: their
mean).  Given the row's correlations, `couple` and `respond` solve the responses exactly;
given those, `correlate` returns the correlations anew.
"""

from typing import NamedTuple

import numpy as np

from engine.kernels import kernel
from engine.symmdmft.model import polynomial

UNKNOWNS = 3
"""Correlations of a row, C_⊥, C̃ and C_A, and as many numbers, γ, v and ν."""


class Step(NamedTuple):
    """Row n of the time derivative: (Dy)_n = d0 y_n + d1 y_{n−1} + d2 y_{n−2} + d3 y_{n−3}."""

    n: int
    d0: float
    d1: float
    d2: float
    d3: float


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


@kernel()
def parabola(t, n):
    """Weights of y_{n−1}, y_{n−2}, y_{n−3} in the parabola through them at t_n.

    A line at n = 2, a constant at n = 1.
    """
    if n == 1:
        return 1.0, 0.0, 0.0
    x, a, b = t[n], t[n - 1], t[n - 2]
    if n == 2:
        w = (x - a) / (a - b)
        return 1.0 + w, -w, 0.0
    c = t[n - 3]
    return ((x - b) * (x - c) / ((a - b) * (a - c)),
            (x - a) * (x - c) / ((b - a) * (b - c)),
            (x - a) * (x - b) / ((c - a) * (c - b)))


@kernel()
def derivative(t, n, reach):
    """Row n of the variable-step BDF3 matrix (BDF1 and BDF2 at the first two nodes).

    BDF3 is BDF2 + (c/h)(y_n − parabola through the three values before), c = h/(t_n − t_{n−3}).
    `reach` raises c.  The scheme is then of second order, with an error c h² y''', and at equal
    steps stable whatever c; but d0 = (3/2 + c)/h grows with c, and row n has a solution only
    while the landscape has no curvature below −d0 (see `physical`).
    """
    step = t[n] - t[n - 1]
    if n == 1:
        return Step(n, 1.0 / step, -1.0 / step, 0.0, 0.0)
    w = step / (t[n - 1] - t[n - 2])
    d0, d1, d2 = (1 + 2 * w) / ((1 + w) * step), -(1 + w) / step, w * w / ((1 + w) * step)
    if n == 2:
        return Step(n, d0, d1, d2, 0.0)
    c = max(reach / step, 1.0 / (t[n] - t[n - 3]))
    l1, l2, l3 = parabola(t, n)
    return Step(n, d0 + c, d1 - c * l1, d2 - c * l2, -c * l3)


@kernel(fastmath=True)
def past(step, y):
    """What is known of (Dy)_n: d1 y_{n−1} + d2 y_{n−2} + d3 y_{n−3}."""
    n = step.n
    return step.d1 * y[n - 1] + step.d2 * y[max(n - 2, 0)] + step.d3 * y[max(n - 3, 0)]


@kernel(fastmath=True)
def past_rows(step, X, out):
    """out[k] = d1 X[n−1,k] + d2 X[n−2,k] + d3 X[n−3,k] for k < n."""
    n = step.n
    one, two, three = X[n - 1], X[max(n - 2, 0)], X[max(n - 3, 0)]
    for k in range(n):
        out[k] = step.d1 * one[k] + step.d2 * two[k] + step.d3 * three[k]


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
        Co = e * (H.C_conn[n, k] - H.C_perp[n, k]) + H.v[n] * H.v[k]
        Cd = H.C_perp[n, k] + Co
        g = H.gamma[n] * H.gamma[k]
        d1, o1 = polynomial(model.dh, Cd), polynomial(model.dh, Co)
        d2, o2 = polynomial(model.ddh, Cd), polynomial(model.ddh, Co)
        row.h_sum[k] = polynomial(model.h, Cd) + model.m_minus_1 * polynomial(model.h, Co)
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


@kernel(fastmath=True)
def add_rows(weights, matrix, n, out):
    """out[k] −= Σ_{1≤j<n} weights[j] matrix[j,k] for k < n; four rows at a time."""
    j = 1
    while j + 3 < n:
        w0, w1, w2, w3 = weights[j], weights[j + 1], weights[j + 2], weights[j + 3]
        r0, r1, r2, r3 = matrix[j], matrix[j + 1], matrix[j + 2], matrix[j + 3]
        for k in range(n):
            out[k] -= w0 * r0[k] + w1 * r1[k] + w2 * r2[k] + w3 * r3[k]
        j += 4
    while j < n:
        w0, r0 = weights[j], matrix[j]
        for k in range(n):
            out[k] -= w0 * r0[k]
        j += 1


@kernel(fastmath=True)
def add_columns(weights, matrix, n, out):
    """out[k] −= Σ_{1≤l≤k} weights[l] matrix[k,l] for k < n (matrix lower triangular)."""
    for k in range(1, n):
        row = matrix[k]
        total = 0.0
        for l in range(1, k + 1):
            total += weights[l] * row[l]
        out[k] -= total


@kernel(fastmath=True)
def dot(x, y, low, high):
    total = 0.0
    for k in range(low, high):
        total += x[k] * y[k]
    return total


@kernel(fastmath=True)
def correlate_labels(H, model, row, n, new):
    """Row n of C_A from (1 + Σ̂_R) C_A = −Σ_C R̂_Aᵀ, into new[0..n].  Cost: 3/2 n².

    Σ_C = τ² + ‖φ‖² − aφ̂(v) − a'φ̂(v') + γγ'[h(C_d) + (m−1)h(C_o)]              (C.43)
    """
    signal_n = H.gamma[n] * model.sqrt_m * polynomial(model.phi_hat, H.v[n])
    for k in range(n + 1):
        signal = signal_n + H.gamma[k] * model.sqrt_m * polynomial(model.phi_hat, H.v[k])
        row.Sigma_C[k] = model.label_variance - signal + H.gamma[n] * H.gamma[k] * row.h_sum[k]
    A_n = H.R_A[n, n]
    for k in range(n):
        new[k] = 0.0
    add_rows(H.Sigma_R[n], H.C_A, n, new)
    add_columns(row.Sigma_C, H.R_A, n, new)
    for k in range(n):
        new[k] *= A_n
    new[n] = -A_n * (dot(H.Sigma_R[n], new, 1, n) + dot(row.Sigma_C, H.R_A[n], 1, n + 1))


@kernel(fastmath=True)
def correlate_weights(C, R, K, KC, step, out):
    """−(known part of DC) − K̂ C − K^C R̂ᵀ, the numerators of row n; returns that of [n,n].

    Everything in the row is proportional to 1/(d0 + ν + K̂[n,n]); the numerator of the
    diagonal is returned with R̂[n,·] in units of R̂[n,n], so that it goes with the square.
    """
    n = step.n
    past_rows(step, C, out)
    for k in range(n):
        out[k] = -out[k]
    add_rows(K, C, n, out)
    add_columns(KC, R, n, out)
    return -past(step, out) - dot(K, out, 1, n) - dot(KC, R[n], 1, n + 1) / R[n, n]


@kernel(fastmath=True)
def lagrange(Q_perp, Q_par, V, kappa_perp, kappa_par, model):
    """x = d0 + ν from C_d(n,n) = 1, by Newton.

    (1 − 1/m) Q_⊥/(x+κ_⊥)² + (Q_∥/m + V²)/(x+κ_∥)² = 1: the left side is convex and
    falls to the right of both poles, so Newton from the left end climbs to the root.
    """
    A, B = (1.0 - model.inv_m) * Q_perp, model.inv_m * Q_par + V * V
    x = np.sqrt(max(A, 0.0)) - kappa_perp
    if B > 0.0:
        x = max(x, np.sqrt(B) - kappa_par)
    for _ in range(60):
        u, w = 1.0 / (x + kappa_perp), 1.0 / (x + kappa_par)
        f = A * u * u + B * w * w - 1.0
        dx = f / (2.0 * (A * u * u * u + B * w * w * w))
        x += dx
        if abs(dx) <= 1e-14 * abs(x):
            break
    return x


@kernel(fastmath=True)
def second_layer(H, model, row, step, C_A):
    """γ at node n from C.36: γ' = αφ̂(v)I_A/√m − (α/m)[R̂_A γ(h_d + (m−1)h_o) + C_A γ(…)].

    The term in γ_n itself is implicit.
    """
    n = step.n
    if not model.trains_gamma:
        return H.gamma[n - 1]
    memory = 0.0
    I_A = 0.0
    for k in range(1, n + 1):
        I_A += H.R_A[n, k]
        memory += C_A[k] * H.Sigma_R[n, k] / H.gamma[n]
        if k < n:
            memory += H.R_A[n, k] * H.gamma[k] * row.h_sum[k]
    drive = model.inv_sqrt_m * polynomial(model.phi_hat, H.v[n]) * I_A - model.inv_m * memory
    stiffness = model.alpha * model.inv_m * H.R_A[n, n] * row.h_sum[n]
    return (model.alpha * drive - past(step, H.gamma)) / (step.d0 + stiffness)


@kernel(fastmath=True)
def unknowns(x, n):
    """The rows C_⊥, C̃ and C_A, views of a vector x that begins with (γ, v, ν)."""
    return x[3:n + 4], x[n + 4:2 * n + 5], x[2 * n + 5:3 * n + 6]


@kernel(fastmath=True)
def sweep(H, model, row, step, new):
    """From the row's (γ, v, ν, C_⊥, C̃, C_A) in H to their new values in the vector `new`.

    False if there is no response at equal times.
    """
    n = step.n
    nu = H.nu[n]
    couple(H, model, row, n)
    if not respond_diagonal(H, row, step, nu):
        return False
    respond(H, row, step, nu)
    C_perp, C_conn, C_A = unknowns(new, n)
    correlate_labels(H, model, row, n, C_A)
    for k in range(n + 1):
        row.KC_perp[k] = row.perp_A[k] * C_A[k]
        row.KC_par[k] = row.par_A[k] * C_A[k]
    Q_perp = correlate_weights(H.C_perp, H.R_perp, row.K_perp, row.KC_perp, step, C_perp)
    Q_par = correlate_weights(H.C_conn, H.R_par, row.K_par, row.KC_par, step, C_conn)
    I_A = 0.0
    for k in range(1, n + 1):
        I_A += H.R_A[n, k]
    V = model.alpha * H.gamma[n] * model.sqrt_m * polynomial(model.dphi_hat, H.v[n]) * I_A
    V -= past(step, H.v) + dot(row.K_par, H.v, 1, n)
    x = lagrange(max(Q_perp, 0.0), Q_par, V, row.K_perp[n], row.K_par[n], model)
    u, w = 1.0 / (x + row.K_perp[n]), 1.0 / (x + row.K_par[n])
    for k in range(n):
        C_perp[k] *= u
        C_conn[k] *= w
    v = V * w
    C_conn[n] = Q_par * w * w
    # C_d(n,n) = 1 exactly, whatever rounding did in x.
    C_perp[n] = (1.0 - v * v - model.inv_m * C_conn[n]) / (1.0 - model.inv_m)
    new[0] = second_layer(H, model, row, step, C_A)
    new[1] = v
    new[2] = x - step.d0
    return True
