"""The newest row of the correlations of p groups, of ν_g, v_g and γ_g, given its responses.

    C_A = −R̂_A Σ_C R̂_Aᵀ                                                           (C.19)
    (D + ν_g + K̂_⊥,g) C_⊥,g = −K^C_⊥,g R̂_⊥,gᵀ,   (D + ν + K̂_∥) C̃ = −K^C_∥ R̂_∥ᵀ     (C.9)
    (D + ν + K̂_∥) V = √m_g α a_g ∇φ̂(v_g) I_A,  V_g = √m_g v_g                     (C.8)
    C_d,g(t,t) = 1 for every g, from which ν_g
"""

import math

import numpy as np

from engine.dmft.scheme.derivative import past
from engine.dmft.scheme.linear import solve
from engine.dmft.scheme.products import add_symmetric, dot, multiply_rows
from engine.dmft.symmetric.coefficients import overlap, pull, signal
from engine.kernels import kernel


@kernel(fastmath=True)
def label_covariance(H, model, row, n):
    """Row n of Σ_C (C.14) from the row's `h_sum`."""
    root = math.sqrt(model.width)
    for k in range(n + 1):
        row.Sigma_C[k] = model.label_variance
    for g in range(model.size.size):
        gamma, v, share = H.gamma[g], H.v[g], model.share[g]
        fit_n = root * share * gamma[n] * signal(model, v, n)
        for k in range(n + 1):
            row.Sigma_C[k] += (share * gamma[n] * row.h_sum[g, k] - fit_n
                               - root * share * gamma[k] * signal(model, v, k))


@kernel(fastmath=True)
def correlate_means(H, row, step):
    """Numerators E C̃[n,·] of row n for k < n, and row.diagonal.Q = E C̃[n,n] Eᵀ."""
    n, N, Q, E, part = step.n, row.numerators, row.diagonal.Q, row.diagonal.E, row.diagonal.part
    p, C = E.shape[0], H.C_past
    for k in range(n):
        # K^C_∥ R̂_∥ᵀ at [n,k]
        multiply_rows(row.KC_par, H.R_past[k], p, (k + 1) * p, part)
        for g in range(p):
            for l in range(p):
                N[g, k * p + l] = part[g, l]
    add_symmetric(row.K_par, C, p, n * p, N)
    for g in range(p):
        one, two, three = C[(n - 1) * p + g], C[max(n - 2, 0) * p + g], C[max(n - 3, 0) * p + g]
        into = N[g]
        for x in range(n * p):
            into[x] = -into[x] - (step.d1 * one[x] + step.d2 * two[x] + step.d3 * three[x])
    # At [n,n] the same with C̃[n,·]ᵀ E in the place of C̃ and E R̂_∥[n,·] in that of R̂_∥.
    multiply_rows(row.KC_par, H.R_past[n], p, (n + 1) * p, part)
    for g in range(p):
        a, b, c = (n - 1) * p + g, max(n - 2, 0) * p + g, max(n - 3, 0) * p + g
        for l in range(p):
            Q[g, l] = -(step.d1 * N[l, a] + step.d2 * N[l, b] + step.d3 * N[l, c])
            for i in range(p):
                Q[g, l] -= E[l, i] * part[g, i]
                for k in range(1, n):
                    Q[g, l] -= row.K_par[g, k * p + i] * N[l, k * p + i]
    for g in range(p):
        for l in range(g + 1):
            Q[g, l] = Q[l, g] = 0.5 * (Q[g, l] + Q[l, g])


@kernel(fastmath=True)
def drive(H, model, row, step):
    """row.diagonal.b = E V of row n (C.8), for each direction."""
    n, p = step.n, model.size.size
    I_A = 0.0
    for k in range(1, n + 1):
        I_A += H.R_A[n, k]
    for i in range(H.v.shape[1]):
        b = row.diagonal.b[i]
        for g in range(p):
            force = model.alpha * H.gamma[g, n] * math.sqrt(model.width) \
                * pull(model, H.v[g], n, i) * I_A
            b[g] = model.root[g] * (force - past(step, H.v[g, i]))
            for l in range(p):
                memory, v = 0.0, H.v[l, i]
                for k in range(1, n):
                    memory += row.K_par[g, k * p + l] * v[k]
                b[g] -= model.root[l] * memory


@kernel()
def multipliers(row, model, n):
    """x_g = d0 + ν_g of row.diagonal, in place, from C_d,g(n,n) = 1; P = (diag x + K̂_∥)⁻¹ there.

    (1 − 1/m_g) Q_⊥,g/(x_g + K̂_⊥,g)² + [(P Q Pᵀ)_gg + ‖(P b)_g‖²]/m_g = 1 for every g, by Newton
    from the x given, with ∂P/∂x_h = −P e_h e_hᵀ P; steps keep x_g + K̂_⊥,g and the diagonal of E
    above a third of what they are.
    """
    Q_perp, Q, b, x, P = (row.diagonal.Q_perp, row.diagonal.Q, row.diagonal.b, row.diagonal.x,
                          row.diagonal.P)
    k, p = b.shape
    PQP, J, V, F = np.empty((p, p)), np.empty((p, p)), np.empty((k, p)), np.empty((p, 1))
    for _ in range(60):
        inverse_at(row, n)
        sandwich(P, Q, PQP)
        for j in range(k):
            for g in range(p):
                V[j, g] = 0.0
                for i in range(p):
                    V[j, g] += P[g, i] * b[j, i]
        for g in range(p):
            e = 1.0 / model.size[g]
            F[g, 0] = e * (PQP[g, g] + overlap(V, g, V, g)) - 1.0
            for h in range(p):
                J[g, h] = -2.0 * e * P[g, h] * (PQP[h, g] + overlap(V, g, V, h))
            if model.size[g] > 1.0:
                u = 1.0 / (x[g] + row.K_perp[g, n])
                F[g, 0] += (1.0 - e) * Q_perp[g] * u * u
                J[g, g] -= 2.0 * (1.0 - e) * Q_perp[g] * u * u * u
        solve(J, F)
        change = 0.0
        for g in range(p):
            room = x[g] + row.K_par[g, n * p + g]
            if model.size[g] > 1.0:
                room = min(room, x[g] + row.K_perp[g, n])
            change = max(change, abs(F[g, 0] / x[g]))
            x[g] -= min(F[g, 0], 0.67 * room)
        if not change > 1e-14:
            break
    inverse_at(row, n)


@kernel()
def inverse_at(row, n):
    """P = (diag x + K̂_∥[n,n])⁻¹ of row.diagonal."""
    x, E, P = row.diagonal.x, row.diagonal.E, row.diagonal.P
    p = x.size
    for g in range(p):
        for l in range(p):
            E[g, l] = row.K_par[g, n * p + l]
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
        force = model.alpha / math.sqrt(model.width) * signal(model, H.v[g], n) * I_A
        x[g, 0] = force - rate * memory - past(step, H.gamma[g])
        for l in range(p):
            M[g, l] = rate * H.R_A[n, n] * row.weight[g, l]
        M[g, g] += step.d0 + model.decay
    solve(M, x)
    for g in range(p):
        gamma[g] = x[g, 0]
