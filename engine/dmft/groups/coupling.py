"""Σ̂_R and K̂ of the newest row of p groups, linear in the responses at the same pair of times.

    Σ_R = m⁻² Σ_ij a_i a_j' h'(C_ij) R_ij
    M^R_ij = α a_i a_j' [R_A h'(C_ij) + C_A h''(C_ij) R_ij]                            (C.18)

with R_gl = (R_∥,gl − δ_gl R_⊥,g)/√(m_g m_l) between different neurons and R_d = R_⊥ + R_gg.
"""

from engine.dmft.symmetric.coefficients import overlap, polynomial
from engine.kernels import kernel


@kernel(fastmath=True)
def couple(H, model, row, n):
    """The coefficients, from the row's correlations."""
    for g in range(model.size.size):
        own(H, model, row, n, g)
        others(H, model, row, n, g)


@kernel(fastmath=True)
def own(H, model, row, n, g):
    """What neurons of group g do to each other and to themselves."""
    p, size, e = model.size.size, model.size[g], 1.0 / model.size[g]
    C_perp, C_conn = H.C_perp[g, n], H.C_conn[g, g, n]
    gamma, v = H.gamma[g], H.v[g]
    d0 = o0 = 0.0
    for k in range(n + 1):
        Co = e * (C_conn[k] - C_perp[k]) + overlap(v, n, v, k)
        Cd = C_perp[k] + Co
        d0, o0 = polynomial(model.h, Cd), polynomial(model.h, Co)
        d1, o1 = polynomial(model.dh, Cd), polynomial(model.dh, Co)
        d2, o2 = polynomial(model.ddh, Cd), polynomial(model.ddh, Co)
        row.h_sum[g, k] = gamma[k] * (d0 + (size - 1.0) * o0)
        per = gamma[k] / model.width
        row.t_perp[g, k] = per * (size - 1.0) * (d1 - o1)
        row.t_par[g, k * p + g] = per * (d1 + (size - 1.0) * o1)
        b = model.alpha * gamma[n] * gamma[k]
        row.perp_A[g, k] = b * (d1 - o1)
        row.perp_r[g, k] = b * ((1.0 - e) * d2 + e * o2)
        row.perp_p[g, k] = b * e * (d2 - o2)
        row.par_A[g, k * p + g] = b * (d1 + (size - 1.0) * o1)
        row.par_r[g, k] = b * (1.0 - e) * (d2 - o2)
        row.par_p[g, k * p + g] = b * (e * d2 + (1.0 - e) * o2)
    row.weight[g, g] = d0 + (size - 1.0) * o0


@kernel(fastmath=True)
def others(H, model, row, n, g):
    """What neurons of other groups l do to one of group g."""
    p = model.size.size
    for l in range(p):
        if l == g:
            continue
        root = model.root[g] * model.root[l]
        C_conn, gamma, v = H.C_conn[g, l, n], H.gamma[l], H.v[l]
        o0 = 0.0
        for k in range(n + 1):
            Co = C_conn[k] / root + overlap(H.v[g], n, v, k)
            o0, o1, o2 = (polynomial(model.h, Co), polynomial(model.dh, Co),
                          polynomial(model.ddh, Co))
            row.h_sum[g, k] += model.size[l] * gamma[k] * o0
            row.t_par[g, k * p + l] = gamma[k] / model.width * root * o1
            b = model.alpha * H.gamma[g, n] * gamma[k]
            row.par_A[g, k * p + l] = b * root * o1
            row.par_p[g, k * p + l] = b * o2
        row.weight[g, l] = model.size[l] * o0


@kernel(fastmath=True, forceinline=True)
def memory(H, row, at, r, P, A):
    """Σ̂_R and K̂ at [n,k], at = (n, k), from the responses there: r (p,), P (p, p) and A."""
    n, k = at
    p, total, C_A = r.size, 0.0, H.C_A[n, k]
    for g in range(p):
        part = row.t_perp[g, k] * r[g]
        row.K_perp[g, k] = row.perp_A[g, k] * A + C_A * (
            row.perp_r[g, k] * r[g] + row.perp_p[g, k] * P[g, g])
        for l in range(p):
            x = k * p + l
            part += row.t_par[g, x] * P[g, l]
            row.K_par[g, x] = row.par_A[g, x] * A + C_A * row.par_p[g, x] * P[g, l]
        row.K_par[g, k * p + g] += C_A * row.par_r[g, k] * r[g]
        row.Sigma[g, k] = part
        total += H.gamma[g, n] * part
    H.Sigma_R[n, k] = total


@kernel(fastmath=True)
def labels_response(H, row, n, r, P):
    """Σ̂_R at [n,n] from the responses there."""
    p, total = r.size, 0.0
    for g in range(p):
        part = row.t_perp[g, n] * r[g]
        for l in range(p):
            part += row.t_par[g, n * p + l] * P[g, l]
        total += H.gamma[g, n] * part
    return total
