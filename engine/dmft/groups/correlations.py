"""The newest row of the correlations of p groups, of ν_g, v_g and γ_g, given its responses.

    C_A = −R̂_A Σ_C R̂_Aᵀ                                                           (C.19)
    (D + ν_g + K̂_⊥,g) C_⊥,g = −K^C_⊥,g R̂_⊥,gᵀ,   (D + ν + K̂_∥) C̃ = −K^C_∥ R̂_∥ᵀ     (C.9)
    (D + ν + K̂_∥) V = √m_g α a_g φ̂'(v_g) I_A,  V_g = √m_g v_g                     (C.8)
    C_d,g(t,t) = 1 for every g, from which ν_g
"""

import math

import numpy as np

from engine.dmft.scheme.derivative import past
from engine.dmft.scheme.linear import solve
from engine.dmft.scheme.products import dot
from engine.dmft.symmetric.coefficients import polynomial
from engine.kernels import kernel


@kernel(fastmath=True)
def label_covariance(H, model, row, n):
    """Row n of Σ_C (C.14) from the row's `h_sum`."""
    root = math.sqrt(model.width)
    for k in range(n + 1):
        row.Sigma_C[k] = model.label_variance
    for g in range(model.size.size):
        gamma, v, share = H.gamma[g], H.v[g], model.share[g]
        signal_n = root * share * gamma[n] * polynomial(model.phi_hat, v[n])
        for k in range(n + 1):
            row.Sigma_C[k] += (share * gamma[n] * row.h_sum[g, k] - signal_n
                               - root * share * gamma[k] * polynomial(model.phi_hat, v[k]))


@kernel(fastmath=True)
def correlate_means(H, row, step, N):
    """Numerators E C̃[n,·] of row n into N (p, p, n + 1), for k < n; returns Q = E C̃[n,n] Eᵀ.

    Rows of the past are read once for all groups.
    """
    n, p = step.n, row.E.shape[0]
    for i in range(p):
        for l in range(p):
            C, one = H.C_conn[i, l], H.C_conn[i, l, n - 1]
            two, three = C[max(n - 2, 0)], C[max(n - 3, 0)]
            for k in range(n):
                N[i, l, k] = -(step.d1 * one[k] + step.d2 * two[k] + step.d3 * three[k])
    for i in range(p):
        for l in range(p):
            add_symmetric(row.K_par, H.C_conn, i, l, n, N)
            add_columns_of(row.KC_par, H.R_par, l, i, n, N)
    Q, whole, scaled = np.empty((p, p)), np.empty((p, p)), np.empty(n + 1)
    for g in range(p):
        for l in range(p):
            Q[g, l] = -past(step, N[l, g])
            for i in range(p):
                Q[g, l] -= dot(row.K_par[g, i], N[l, i], 1, n)
    for l in range(p):
        for i in range(p):
            # E R̂_∥[n,s]: what R̂_∥ is to the row's numerators
            for s in range(1, n + 1):
                scaled[s] = 0.0
            for j in range(p):
                E_lj, R = row.E[l, j], H.R_par[j, i, n]
                for s in range(1, n + 1):
                    scaled[s] += E_lj * R[s]
            for g in range(p):
                Q[g, l] -= dot(row.KC_par[g, i], scaled, 1, n + 1)
    for g in range(p):
        for l in range(p):
            whole[g, l] = 0.5 * (Q[g, l] + Q[l, g])
    return whole


@kernel(fastmath=True)
def add_symmetric(weights, matrix, i, l, n, out):
    """out[g, l, k] −= Σ_{1≤j<n} weights[g, i, j] matrix[i, l, j, k] for all g and k < n, once
    called for all i and l.

    matrix[i, l, j, k] is matrix[l, i, k, j], so that of each [i, l] little more than the lower
    triangle is read, for what it adds as the one and as the other: four rows at a time, each read
    once for all g.  weights[:, :, 0] are zero.
    """
    rows, j = matrix[i, l], 1
    while j + 3 < n:
        r0, r1, r2, r3 = rows[j], rows[j + 1], rows[j + 2], rows[j + 3]
        for g in range(weights.shape[0]):
            w, x, into, mirrored = weights[g, i], weights[g, l], out[g, l], out[g, i]
            w0, w1, w2, w3 = w[j], w[j + 1], w[j + 2], w[j + 3]
            for k in range(j + 4):
                into[k] -= w0 * r0[k] + w1 * r1[k] + w2 * r2[k] + w3 * r3[k]
            t0 = t1 = t2 = t3 = 0.0
            for k in range(j):
                t0 += x[k] * r0[k]
                t1 += x[k] * r1[k]
                t2 += x[k] * r2[k]
                t3 += x[k] * r3[k]
            mirrored[j] -= t0
            mirrored[j + 1] -= t1
            mirrored[j + 2] -= t2
            mirrored[j + 3] -= t3
        j += 4
    for last in range(j, n):
        r0 = rows[last]
        for g in range(weights.shape[0]):
            w0, into = weights[g, i, last], out[g, l]
            for k in range(n):
                into[k] -= w0 * r0[k]
            out[g, i, last] -= dot(weights[g, l], r0, 1, j)


@kernel(fastmath=True)
def add_columns_of(weights, matrix, l, i, n, out):
    """out[g, l, k] −= Σ_{1≤s≤k} weights[g, i, s] matrix[l, i, k, s] for all g and k < n.

    matrix is lower triangular.  Four rows at a time, whose sums then run side by side.
    """
    rows, k = matrix[l, i], 1
    while k + 3 < n:
        r0, r1, r2, r3 = rows[k], rows[k + 1], rows[k + 2], rows[k + 3]
        for g in range(weights.shape[0]):
            w = weights[g, i]
            t0 = t1 = t2 = t3 = 0.0
            for s in range(1, k + 4):  # zero beyond the diagonal
                t0 += w[s] * r0[s]
                t1 += w[s] * r1[s]
                t2 += w[s] * r2[s]
                t3 += w[s] * r3[s]
            into = out[g, l]
            into[k] -= t0
            into[k + 1] -= t1
            into[k + 2] -= t2
            into[k + 3] -= t3
        k += 4
    while k < n:
        for g in range(weights.shape[0]):
            out[g, l, k] -= dot(weights[g, i], rows[k], 1, k + 1)
        k += 1


@kernel(fastmath=True)
def drive(H, model, row, step, b):
    """b = E V of row n (C.8)."""
    n = step.n
    I_A = 0.0
    for k in range(1, n + 1):
        I_A += H.R_A[n, k]
    for g in range(b.size):
        force = model.alpha * H.gamma[g, n] * math.sqrt(model.width) \
            * polynomial(model.dphi_hat, H.v[g, n]) * I_A
        b[g] = model.root[g] * (force - past(step, H.v[g]))
        for l in range(b.size):
            b[g] -= model.root[l] * dot(row.K_par[g, l], H.v[l], 1, n)


@kernel()
def multipliers(Q_perp, Q, b, row, model, n, x):
    """x_g = d0 + ν_g, in place, from C_d,g(n,n) = 1; returns P = (diag x + K̂_∥)⁻¹ there.

    (1 − 1/m_g) Q_⊥,g/(x_g + K̂_⊥,g)² + [(P Q Pᵀ)_gg + (P b)_g²]/m_g = 1 for every g, by Newton
    from the x given, with ∂P/∂x_h = −P e_h e_hᵀ P; steps keep x_g + K̂_⊥,g and the diagonal of E
    above a third of what they are.
    """
    p = x.size
    E, P, PQP, J = np.empty((p, p)), np.empty((p, p)), np.empty((p, p)), np.empty((p, p))
    V, F = np.empty(p), np.empty((p, 1))
    for _ in range(60):
        inverse_at(row, n, x, E, P)
        sandwich(P, Q, PQP)
        for g in range(p):
            V[g] = 0.0
            for i in range(p):
                V[g] += P[g, i] * b[i]
        for g in range(p):
            e = 1.0 / model.size[g]
            F[g, 0] = e * (PQP[g, g] + V[g] * V[g]) - 1.0
            for h in range(p):
                J[g, h] = -2.0 * e * P[g, h] * (PQP[h, g] + V[g] * V[h])
            if model.size[g] > 1.0:
                u = 1.0 / (x[g] + row.K_perp[g, n])
                F[g, 0] += (1.0 - e) * Q_perp[g] * u * u
                J[g, g] -= 2.0 * (1.0 - e) * Q_perp[g] * u * u * u
        solve(J, F)
        change = 0.0
        for g in range(p):
            room = x[g] + row.K_par[g, g, n]
            if model.size[g] > 1.0:
                room = min(room, x[g] + row.K_perp[g, n])
            change = max(change, abs(F[g, 0] / x[g]))
            x[g] -= min(F[g, 0], 0.67 * room)
        if not change > 1e-14:
            break
    inverse_at(row, n, x, E, P)
    return P


@kernel()
def inverse_at(row, n, x, E, P):
    """P = (diag x + K̂_∥[n,n])⁻¹; E is work space."""
    for g in range(x.size):
        for l in range(x.size):
            E[g, l] = row.K_par[g, l, n]
            P[g, l] = 1.0 if g == l else 0.0
        E[g, g] += x[g]
    solve(E, P)


@kernel(fastmath=True)
def sandwich(P, Q, out):
    """out = P Q Pᵀ."""
    p = P.shape[0]
    for g in range(p):
        for j in range(p):
            PQ_gj = 0.0
            for i in range(p):
                PQ_gj += P[g, i] * Q[i, j]
            for l in range(p):
                out[g, l] = (out[g, l] if j > 0 else 0.0) + PQ_gj * P[l, j]


@kernel()
def second_layer(H, model, row, step, C_A, gamma):
    """γ_g at node n from C.7, into gamma; the terms in γ(t_n) itself are implicit:

    γ_g' = αφ̂(v_g)I_A/√m − (α/m) Σ_l ∫ R_A m_l γ_l h(C_gl) − (α/m_g) ∫ C_A Sigma_g − (αλ/m) γ_g
    """
    n, p = step.n, gamma.size
    if not model.trains_gamma:
        for g in range(p):
            gamma[g] = H.gamma[g, n - 1]
        return
    I_A = 0.0
    for k in range(1, n + 1):
        I_A += H.R_A[n, k]
    M, x, rate = np.empty((p, p)), np.empty((p, 1)), model.alpha / model.width
    for g in range(p):
        memory = dot(H.R_A[n], row.h_sum[g], 1, n)
        memory += model.width / model.size[g] * dot(C_A, row.Sigma[g], 1, n + 1)
        force = model.alpha / math.sqrt(model.width) * polynomial(model.phi_hat, H.v[g, n]) * I_A
        x[g, 0] = force - rate * memory - past(step, H.gamma[g])
        for l in range(p):
            M[g, l] = rate * H.R_A[n, n] * row.weight[g, l]
        M[g, g] += step.d0 + model.decay
    solve(M, x)
    for g in range(p):
        gamma[g] = x[g, 0]
