"""The newest row of the responses of p groups, given its correlations.

    R̂_A = (1 + Σ̂_R)⁻¹                                                          (C.19)
    (D + ν_g + K̂_⊥,g) R̂_⊥,g = 1,     (D + ν + K̂_∥) R̂_∥ = 1,  ν = diag ν_g        (C.10)

`couple` writes Σ̂_R and K̂ as linear functions of the responses at the same pair of times;
`respond_diagonal` solves them at equal times, `respond` downwards in k.
"""

from typing import NamedTuple

import numpy as np

from engine.dmft.scheme.derivative import past_rows
from engine.dmft.scheme.linear import solve
from engine.dmft.symmetric.coefficients import polynomial
from engine.kernels import kernel

TOLERANCE, MOST = 1e-11, 40
"""Relative error at which `iterate` is done, and passes before a dense solve takes over."""


class Column(NamedTuple):
    """The linear problem for the responses at one [n,k], and its solution.

    Index 0 of rho, rhs, r and P is what stands without R̂_A, index 1 the coefficient of R̂_A.
    """

    r_kk: np.ndarray  # (p,), the responses at [k,k]
    P_kk: np.ndarray  # (p, p)
    rho: np.ndarray  # (2, p), right sides of the equations of R̂_⊥
    rhs: np.ndarray  # (2, p, p), of R̂_∥
    r: np.ndarray  # (2, p)
    P: np.ndarray  # (2, p, p)
    D1: np.ndarray  # (p,): R̂_⊥,g = (rho_g − D2 R̂_∥,gg)/D1
    D2: np.ndarray
    w: np.ndarray  # (p, p)
    inverse: np.ndarray  # (p, p), of E
    known: np.ndarray  # (p, p), work space
    new: np.ndarray  # (p,)


def allocate_column(groups: int) -> Column:
    p = groups
    return Column(*(np.zeros(shape) for shape in (
        (p,), (p, p), (2, p), (2, p, p), (2, p), (2, p, p), (p,), (p,), (p, p), (p, p), (p, p),
        (p,))))


class Row(NamedTuple):
    """What a sweep holds of row n beside the history's own rows; time is the last axis."""

    t_perp: np.ndarray  # (p, N): Σ̂_R = Σ_g γ_g (t_perp R̂_⊥,g + Σ_l t_par R̂_∥,gl)
    t_par: np.ndarray  # (p, p, N)
    perp_A: np.ndarray  # K̂_⊥,g = perp_A R̂_A + C_A (perp_r R̂_⊥,g + perp_p R̂_∥,gg)
    perp_r: np.ndarray
    perp_p: np.ndarray
    par_A: np.ndarray  # K̂_∥,gl = par_A R̂_A + C_A (par_p R̂_∥,gl + δ_gl par_r R̂_⊥,g)
    par_r: np.ndarray
    par_p: np.ndarray
    h_sum: np.ndarray  # (p, N): Σ_l γ_l' h over all neurons, as one of group g sees them
    weight: np.ndarray  # (p, p): the same at equal times without γ_l
    Sigma: np.ndarray  # (p, N): group g's part of Σ̂_R without γ_g
    K_perp: np.ndarray
    K_par: np.ndarray
    Sigma_C: np.ndarray  # (N,)
    KC_perp: np.ndarray
    KC_par: np.ndarray
    sum_A: np.ndarray  # running sums over the past
    sum_perp: np.ndarray
    sum_par: np.ndarray
    E: np.ndarray  # (p, p): d0 + ν + K̂_∥ at equal times
    column: Column


_SHAPES = {"t_par": 2, "par_A": 2, "par_p": 2, "K_par": 2, "KC_par": 2, "sum_par": 2,
           "Sigma_C": 0, "sum_A": 0}
"""Axes of groups of those that do not have one."""


def allocate_row(groups: int, nodes: int) -> Row:
    fixed = {"weight": (groups, groups), "E": (groups, groups)}
    arrays = {name: np.zeros(fixed.get(name) or (groups,) * _SHAPES.get(name, 1) + (nodes,))
              for name in Row._fields[:-1]}
    return Row(**arrays, column=allocate_column(groups))


@kernel(fastmath=True)
def couple(H, model, row, n):
    """Linear coefficients of Σ̂_R and K̂ in the responses, from the row's correlations.

    Σ_R = m⁻² Σ_ij a_i a_j' h'(C_ij) R_ij,   M^R_ij = α a_i a_j' [R_A h'(C_ij) + C_A h''(C_ij) R_ij]
    with R_gl = (R_∥,gl − δ_gl R_⊥,g)/√(m_g m_l) between different neurons and R_d = R_⊥ + R_gg.
    """
    for g in range(model.size.size):
        own(H, model, row, n, g)
    for g in range(model.size.size):
        for l in range(model.size.size):
            if l != g:
                others(H, model, row, n, g, l)


@kernel(fastmath=True)
def own(H, model, row, n, g):
    """What neurons of group g do to each other and to themselves."""
    size, e = model.size[g], 1.0 / model.size[g]
    C_perp, C_conn = H.C_perp[g, n], H.C_conn[g, g, n]
    gamma, v = H.gamma[g], H.v[g]
    d0 = o0 = 0.0
    for k in range(n + 1):
        Co = e * (C_conn[k] - C_perp[k]) + v[n] * v[k]
        Cd = C_perp[k] + Co
        d0, o0 = polynomial(model.h, Cd), polynomial(model.h, Co)
        d1, o1 = polynomial(model.dh, Cd), polynomial(model.dh, Co)
        d2, o2 = polynomial(model.ddh, Cd), polynomial(model.ddh, Co)
        row.h_sum[g, k] = gamma[k] * (d0 + (size - 1.0) * o0)
        per = gamma[k] / model.width
        row.t_perp[g, k] = per * (size - 1.0) * (d1 - o1)
        row.t_par[g, g, k] = per * (d1 + (size - 1.0) * o1)
        b = model.alpha * gamma[n] * gamma[k]
        row.perp_A[g, k] = b * (d1 - o1)
        row.perp_r[g, k] = b * ((1.0 - e) * d2 + e * o2)
        row.perp_p[g, k] = b * e * (d2 - o2)
        row.par_A[g, g, k] = b * (d1 + (size - 1.0) * o1)
        row.par_r[g, k] = b * (1.0 - e) * (d2 - o2)
        row.par_p[g, g, k] = b * (e * d2 + (1.0 - e) * o2)
    row.weight[g, g] = d0 + (size - 1.0) * o0


@kernel(fastmath=True)
def others(H, model, row, n, g, l):
    """What neurons of group l do to one of another group g."""
    root = model.root[g] * model.root[l]
    C_conn, gamma, v = H.C_conn[g, l, n], H.gamma[l], H.v[l]
    o0 = 0.0
    for k in range(n + 1):
        Co = C_conn[k] / root + H.v[g, n] * v[k]
        o0, o1, o2 = polynomial(model.h, Co), polynomial(model.dh, Co), polynomial(model.ddh, Co)
        row.h_sum[g, k] += model.size[l] * gamma[k] * o0
        row.t_par[g, l, k] = gamma[k] / model.width * root * o1
        b = model.alpha * H.gamma[g, n] * gamma[k]
        row.par_A[g, l, k] = b * root * o1
        row.par_p[g, l, k] = b * o2
    row.weight[g, l] = model.size[l] * o0


@kernel(fastmath=True)
def memory(H, row, n, k, r, P, A, C_A):
    """Σ̂_R and K̂ at [n,k] from the responses there: r (p,), P (p, p), A and C_A."""
    total = 0.0
    for g in range(r.size):
        part = row.t_perp[g, k] * r[g]
        row.K_perp[g, k] = row.perp_A[g, k] * A + C_A * (
            row.perp_r[g, k] * r[g] + row.perp_p[g, k] * P[g, g])
        for l in range(r.size):
            part += row.t_par[g, l, k] * P[g, l]
            row.K_par[g, l, k] = row.par_A[g, l, k] * A + C_A * row.par_p[g, l, k] * P[g, l]
        row.K_par[g, g, k] += C_A * row.par_r[g, k] * r[g]
        row.Sigma[g, k] = part
        total += H.gamma[g, n] * part
    H.Sigma_R[n, k] = total


@kernel()
def respond_diagonal(H, model, row, step):
    """The responses at [n,n] by Newton from the previous diagonal; False if it fails.

    R̂_⊥,g (d0 + ν_g + K̂_⊥,g) = 1,  (d0 + ν + K̂_∥) R̂_∥ = 1,  R̂_A = 1/(1 + Σ̂_R).  Of the roots the
    one that continues the past is wanted, hence the starting point.  A Newton step is the same
    linear problem as a column below the diagonal.
    """
    n, p = step.n, model.size.size
    column, C_A = row.column, H.C_A[n, n]
    r, P, dr, dP = column.r_kk, column.P_kk, column.r[0], column.P[0]
    for g in range(p):
        r[g] = H.R_perp[g, n, n] if model.size[g] > 1.0 else 0.0
        for l in range(p):
            P[g, l] = H.R_par[g, l, n, n]
    for _ in range(60):
        A = equal_times(H, row, step, r, P)
        for g in range(p):
            column.rho[0, g] = r[g] * (step.d0 + H.nu[g, n] + row.K_perp[g, n]) - 1.0
            for l in range(p):
                column.rhs[0, g, l] = -1.0 if g == l else 0.0
                for i in range(p):
                    column.rhs[0, g, l] += row.E[g, i] * P[i, l]
        invert(row.E, column)
        dA = solve_column(H, model, row, step, n, C_A, 0.0, -A * A)
        if not np.isfinite(dA):
            return False
        scale = damping(dr, dP, r, P, model.size)
        change = largest = 0.0
        for g in range(p):
            r[g] -= scale * dr[g]
            change, largest = max(change, abs(dr[g])), max(largest, abs(r[g]))
            for l in range(p):
                P[g, l] -= scale * dP[g, l]
                change, largest = max(change, abs(dP[g, l])), max(largest, abs(P[g, l]))
        if change <= 1e-13 * largest:
            break
    else:
        return False
    H.R_A[n, n] = equal_times(H, row, step, r, P)
    invert(row.E, column)
    for g in range(p):
        H.R_perp[g, n, n] = r[g]
        for l in range(p):
            H.R_par[g, l, n, n] = P[g, l]
    return True


@kernel()
def equal_times(H, row, step, r, P):
    """Σ̂_R, K̂ and E at [n,n] from the responses there; returns R̂_A."""
    n, p = step.n, r.size
    A = 1.0 / (1.0 + labels_response(H, row, n, n, r, P))
    memory(H, row, n, n, r, P, A, H.C_A[n, n])
    for g in range(p):
        for l in range(p):
            row.E[g, l] = row.K_par[g, l, n]
        row.E[g, g] += step.d0 + H.nu[g, n]
    return A


@kernel()
def invert(E, column):
    """column.inverse = E⁻¹."""
    for g in range(E.shape[0]):
        for l in range(E.shape[0]):
            column.known[g, l] = E[g, l]
            column.inverse[g, l] = 1.0 if g == l else 0.0
    solve(column.known, column.inverse)


@kernel(fastmath=True)
def damping(change_r, change_P, r, P, size):
    """The part of a Newton step that leaves R̂_⊥,g and R̂_∥,gg at least half of what they are."""
    scale = 1.0
    for g in range(r.size):
        if size[g] > 1.0 and change_r[g] > 0.5 * r[g]:
            scale = min(scale, 0.5 * r[g] / change_r[g])
        if change_P[g, g] > 0.5 * P[g, g]:
            scale = min(scale, 0.5 * P[g, g] / change_P[g, g])
    return scale


@kernel()
def respond(H, model, row, step):
    """Row n of the responses below the diagonal, exactly, downwards in k.

    As in SymmDMFT each k is a linear problem for the responses at [n,k].  Cost: 1/2 p³n², and
    some 16 p³ for each k.
    """
    n, p = step.n, model.size.size
    A_n, column = H.R_A[n, n], row.column
    for k in range(n):
        row.sum_A[k] = 0.0
    for g in range(p):
        past_rows(step, H.R_perp[g], row.sum_perp[g])
        for l in range(p):
            past_rows(step, H.R_par[g, l], row.sum_par[g, l])
    for k in range(n - 1, 0, -1):
        # In a thinned history R̂_A[k,k] is no longer this inverse; the equation asks for it.
        C_A, A_k = H.C_A[n, k], 1.0 / (1.0 + H.Sigma_R[k, k])
        for g in range(p):
            column.r_kk[g], column.rho[0, g] = H.R_perp[g, k, k], -row.sum_perp[g, k]
            for l in range(p):
                column.P_kk[g, l] = H.R_par[g, l, k, k]
                column.rhs[0, g, l] = -row.sum_par[g, l, k]
        # R̂_A[n,k] = −A_k (sum_A + A_n Σ̂_R[n,k])
        A = solve_column(H, model, row, step, k, C_A, -A_k * row.sum_A[k], -A_k * A_n)
        memory(H, row, n, k, column.r[0], column.P[0], A, C_A)
        H.R_A[n, k] = A
        for g in range(p):
            H.R_perp[g, n, k] = column.r[0, g]
            for l in range(p):
                H.R_par[g, l, n, k] = column.P[0, g, l]
        carry(H, row, k, A)


@kernel()
def solve_column(H, model, row, step, k, C_A, A_0, A_1):
    """The responses r, P at [n,k] into r[0] and P[0] of row.column; returns R̂_A = A_0 + A_1 Σ̂_R.

      (x_g + K̂_⊥,g[n,n]) r_g + K̂_⊥,g[n,k] r_kk,g = rho_g
      E P + K̂_∥[n,k] P_kk = rhs[0],  E = diag x + K̂_∥[n,n],  x = d0 + ν
    """
    n, column = step.n, row.column
    eliminate(H, model, row, step, k, C_A)
    p, r, P = model.size.size, column.r, column.P
    for c in range(2):
        iterate(row.E, column, c)
        for g in range(p):
            r[c, g] = (column.rho[c, g] - column.D2[g] * P[c, g, g]) / column.D1[g]
    A = (A_0 + A_1 * labels_response(H, row, n, k, r[0], P[0])) / (
        1.0 - A_1 * labels_response(H, row, n, k, r[1], P[1]))
    for g in range(p):
        r[0, g] += A * r[1, g]
        for l in range(p):
            P[0, g, l] += A * P[1, g, l]
    return A


@kernel(fastmath=True)
def eliminate(H, model, row, step, k, C_A):
    """R̂_⊥ put into the equations of R̂_∥, which become E P + (w∘P) P_kk = rhs[c]."""
    n, p, column = step.n, model.size.size, row.column
    rho, rhs, P_kk, w = column.rho, column.rhs, column.P_kk, column.w
    for g in range(p):
        r_kk = column.r_kk[g]
        column.D1[g] = step.d0 + H.nu[g, n] + row.K_perp[g, n] + C_A * row.perp_r[g, k] * r_kk
        column.D2[g] = C_A * row.perp_p[g, k] * r_kk
        rho[1, g] = -row.perp_A[g, k] * r_kk
        if model.size[g] == 1.0:  # no such sector
            column.D1[g], column.D2[g], rho[0, g], rho[1, g] = 1.0, 0.0, 0.0, 0.0
        for l in range(p):
            w[g, l] = C_A * row.par_p[g, l, k]
        of_r = C_A * row.par_r[g, k] / column.D1[g]
        w[g, g] -= of_r * column.D2[g]
        for l in range(p):
            rhs[0, g, l] -= of_r * rho[0, g] * P_kk[g, l]
            rhs[1, g, l] = -of_r * rho[1, g] * P_kk[g, l]
        for i in range(p):
            of_A = row.par_A[g, i, k]
            for l in range(p):
                rhs[1, g, l] -= of_A * P_kk[i, l]


@kernel()
def iterate(E, column, c):
    """Solve E X + (w∘X) P_kk = rhs[c] for X = P[c] by X ← E⁻¹ [rhs − (w∘X) P_kk].

    A pass brings one to three digits, since memory in one step is little beside d0; where it is
    not, a dense solve takes over.
    """
    p, X, rhs = E.shape[0], column.P[c], column.rhs[c]
    known, new = column.known, column.new
    for g in range(p):
        for l in range(p):
            X[g, l] = 0.0
    before = 0.0
    for _ in range(MOST):
        for g in range(p):
            for l in range(p):
                known[g, l] = rhs[g, l]
            for j in range(p):
                weight = column.w[g, j] * X[g, j]
                for l in range(p):
                    known[g, l] -= weight * column.P_kk[j, l]
        change = largest = 0.0
        for g in range(p):
            for l in range(p):
                new[l] = 0.0
            for i in range(p):
                weight = column.inverse[g, i]
                for l in range(p):
                    new[l] += weight * known[i, l]
            for l in range(p):
                change, largest = max(change, abs(new[l] - X[g, l])), max(largest, abs(new[l]))
                X[g, l] = new[l]
        # What is left is smaller than this change as this change is than the one before.
        if change * change <= TOLERANCE * largest * before or largest == 0.0:
            return
        before = change
    dense(E, column, X, rhs)


@kernel()
def dense(E, column, X, rhs):
    """The same by a solve of p² unknowns."""
    p = E.shape[0]
    L, x = np.zeros((p * p, p * p)), np.empty((p * p, 1))
    for g in range(p):
        for l in range(p):
            x[g * p + l, 0] = rhs[g, l]
            for i in range(p):
                L[g * p + l, i * p + l] += E[g, i]
                L[g * p + l, g * p + i] += column.w[g, i] * column.P_kk[i, l]
    solve(L, x)
    for g in range(p):
        for l in range(p):
            X[g, l] = x[g * p + l, 0]


@kernel(fastmath=True)
def labels_response(H, row, n, k, r, P):
    """Σ̂_R at [n,k] from the responses there."""
    total = 0.0
    for g in range(r.size):
        part = row.t_perp[g, k] * r[g]
        for l in range(r.size):
            part += row.t_par[g, l, k] * P[g, l]
        total += H.gamma[g, n] * part
    return total


@kernel(fastmath=True)
def carry(H, row, k, A):
    """Add what row k of the past contributes, through [n,k], to the sums for smaller k.

    Of R̂_∥ four rows at a time.
    """
    p = row.K_perp.shape[0]
    sum_A, Sigma_k = row.sum_A, H.Sigma_R[k]
    for j in range(1, k):
        sum_A[j] += A * Sigma_k[j]
    for g in range(p):
        K, R_k, out = row.K_perp[g, k], H.R_perp[g, k], row.sum_perp[g]
        for j in range(1, k):
            out[j] += K * R_k[j]
    for l in range(p):
        i = 0
        while i + 3 < p:
            r0, r1, r2, r3 = (H.R_par[i, l, k], H.R_par[i + 1, l, k], H.R_par[i + 2, l, k],
                              H.R_par[i + 3, l, k])
            for g in range(p):
                K, out = row.K_par[g], row.sum_par[g, l]
                w0, w1, w2, w3 = K[i, k], K[i + 1, k], K[i + 2, k], K[i + 3, k]
                for j in range(1, k):
                    out[j] += w0 * r0[j] + w1 * r1[j] + w2 * r2[j] + w3 * r3[j]
            i += 4
        while i < p:
            r0 = H.R_par[i, l, k]
            for g in range(p):
                w0, out = row.K_par[g, i, k], row.sum_par[g, l]
                for j in range(1, k):
                    out[j] += w0 * r0[j]
            i += 1
