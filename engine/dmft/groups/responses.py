"""The newest row of the responses of p groups, given its correlations.

    R̂_A = (1 + Σ̂_R)⁻¹                                                          (C.19)
    (D + ν_g + K̂_⊥,g) R̂_⊥,g = 1,     (D + ν + K̂_∥) R̂_∥ = 1,  ν = diag ν_g        (C.10)

`couple` writes Σ̂_R and K̂ as linear functions of the responses at the same pair of times;
`respond_diagonal` solves them at equal times, `respond` downwards in k.
"""

from typing import NamedTuple

import numpy as np

from engine.dmft.scheme.derivative import past_rows
from engine.dmft.symmetric.coefficients import polynomial
from engine.kernels import kernel

TOLERANCE, MOST = 1e-10, 40
"""Relative change of the last pass at which the columns of `split` count as solved, their error
then being smaller by one more factor of convergence, and passes before a dense solve takes over."""


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


_SHAPES = {"t_par": 2, "par_A": 2, "par_p": 2, "K_par": 2, "KC_par": 2, "sum_par": 2,
           "Sigma_C": 0, "sum_A": 0}
"""Axes of groups of those that do not have one."""


def allocate_row(groups: int, nodes: int) -> Row:
    fixed = {"weight": (groups, groups), "E": (groups, groups)}
    return Row(*(np.zeros(fixed.get(name) or (groups,) * _SHAPES.get(name, 1) + (nodes,))
                 for name in Row._fields))


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
    column, C_A = new_column(p), H.C_A[n, n]
    r, P, x = column.r_kk, column.P_kk, step.d0 + H.nu[:, n]
    for g in range(p):
        r[g] = H.R_perp[g, n, n] if model.size[g] > 1.0 else 0.0
        for l in range(p):
            P[g, l] = H.R_par[g, l, n, n]
    for _ in range(60):
        A = 1.0 / (1.0 + labels_response(H, row, n, n, r, P))
        memory(H, row, n, n, r, P, A, C_A)
        for g in range(p):
            column.rho[0, g] = r[g] * (x[g] + row.K_perp[g, n]) - 1.0
            for l in range(p):
                row.E[g, l] = row.K_par[g, l, n]
            row.E[g, g] += x[g]
        column.P[0] = row.E @ P - np.eye(p)
        dA = solve_column(H, model, row, x, n, n, C_A, 0.0, -A * A, column)
        if not np.isfinite(dA):
            return False
        scale = damping(column.r[0], column.P[0], r, P, model.size)
        change = largest = 0.0
        for g in range(p):
            r[g] -= scale * column.r[0, g]
            change, largest = max(change, abs(column.r[0, g])), max(largest, abs(r[g]))
            for l in range(p):
                P[g, l] -= scale * column.P[0, g, l]
                change, largest = max(change, abs(column.P[0, g, l])), max(largest, abs(P[g, l]))
        if change <= 1e-13 * largest:
            break
    else:
        return False
    A = 1.0 / (1.0 + labels_response(H, row, n, n, r, P))
    memory(H, row, n, n, r, P, A, C_A)
    H.R_A[n, n] = A
    for g in range(p):
        H.R_perp[g, n, n] = r[g]
        for l in range(p):
            H.R_par[g, l, n, n] = P[g, l]
            row.E[g, l] = row.K_par[g, l, n]
        row.E[g, g] += x[g]
    return True


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
    some p⁴ for each k.
    """
    n, p = step.n, model.size.size
    A_n, x = H.R_A[n, n], step.d0 + H.nu[:, n]
    row.sum_A[:n] = 0.0
    for g in range(p):
        past_rows(step, H.R_perp[g], row.sum_perp[g])
        for l in range(p):
            past_rows(step, H.R_par[g, l], row.sum_par[g, l])
    column = new_column(p)
    for k in range(n - 1, 0, -1):
        # In a thinned history R̂_A[k,k] is no longer this inverse; the equation asks for it.
        C_A, A_k = H.C_A[n, k], 1.0 / (1.0 + H.Sigma_R[k, k])
        for g in range(p):
            column.r_kk[g], column.rho[0, g] = H.R_perp[g, k, k], -row.sum_perp[g, k]
            for l in range(p):
                column.P_kk[g, l] = H.R_par[g, l, k, k]
                column.P[0, g, l] = -row.sum_par[g, l, k]
        # R̂_A[n,k] = −A_k (sum_A + A_n Σ̂_R[n,k])
        A = solve_column(H, model, row, x, n, k, C_A, -A_k * row.sum_A[k], -A_k * A_n, column)
        memory(H, row, n, k, column.r[0], column.P[0], A, C_A)
        H.R_A[n, k] = A
        for g in range(p):
            H.R_perp[g, n, k] = column.r[0, g]
            for l in range(p):
                H.R_par[g, l, n, k] = column.P[0, g, l]
        carry(H, row, k, A)


class Column(NamedTuple):
    """The linear problem for the responses at one [n,k], and its solution.

    Index 0 of rho, r and P is what stands without R̂_A, index 1 the coefficient of R̂_A.
    """

    r_kk: np.ndarray  # (p,), the responses at [k,k]
    P_kk: np.ndarray  # (p, p)
    rho: np.ndarray  # (2, p), right sides of the equations of R̂_⊥
    r: np.ndarray  # (2, p)
    P: np.ndarray  # (2, p, p): the right sides of R̂_∥ at first, R̂_∥ at last
    D1: np.ndarray  # (p,): R̂_⊥,g = (rho_g − D2 R̂_∥,gg)/D1
    D2: np.ndarray
    w: np.ndarray  # (p, p)
    LU: np.ndarray  # (p, p, p)
    pivot: np.ndarray  # (p, p)


@kernel()
def new_column(p):
    return Column(np.empty(p), np.empty((p, p)), np.empty((2, p)), np.empty((2, p)),
                  np.empty((2, p, p)), np.empty(p), np.empty(p), np.empty((p, p)),
                  np.empty((p, p, p)), np.empty((p, p), dtype=np.int64))


@kernel()
def solve_column(H, model, row, x, n, k, C_A, A_0, A_1, column):
    """The responses r, P at [n,k] into column.r[0] and column.P[0]; returns R̂_A = A_0 + A_1 Σ̂_R.

      (x_g + K̂_⊥,g[n,n]) r_g + K̂_⊥,g[n,k] r_kk,g = rho_g
      E P + K̂_∥[n,k] P_kk = P[0] as it was,  E = diag x + K̂_∥[n,n]
    """
    eliminate(model, row, x, n, k, C_A, column)
    factorise(row.E, column.w, column.P_kk, column.LU, column.pivot)
    p, r, P = x.size, column.r, column.P
    for c in range(2):
        split(row.E, column, P[c])
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
def eliminate(model, row, x, n, k, C_A, column):
    """R̂_⊥ put into the equations of R̂_∥, which become E P + (w∘P) P_kk = column.P[c]."""
    p, rho, P_kk, w = x.size, column.rho, column.P_kk, column.w
    for g in range(p):
        r_kk = column.r_kk[g]
        column.D1[g] = x[g] + row.K_perp[g, n] + C_A * row.perp_r[g, k] * r_kk
        column.D2[g] = C_A * row.perp_p[g, k] * r_kk
        rho[1, g] = -row.perp_A[g, k] * r_kk
        if model.size[g] == 1.0:  # no such sector
            column.D1[g], column.D2[g], rho[0, g], rho[1, g] = 1.0, 0.0, 0.0, 0.0
        for l in range(p):
            w[g, l] = C_A * row.par_p[g, l, k]
        of_r = C_A * row.par_r[g, k] / column.D1[g]
        w[g, g] -= of_r * column.D2[g]
        for l in range(p):
            of_A = 0.0
            for i in range(p):
                of_A += row.par_A[g, i, k] * P_kk[i, l]
            column.P[0, g, l] -= of_r * rho[0, g] * P_kk[g, l]
            column.P[1, g, l] = -of_A - of_r * rho[1, g] * P_kk[g, l]


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
    """Add what row k of the past contributes, through [n,k], to the sums for smaller k."""
    p = row.K_perp.shape[0]
    sum_A, Sigma_k = row.sum_A, H.Sigma_R[k]
    for j in range(1, k):
        sum_A[j] += A * Sigma_k[j]
    for g in range(p):
        K, R_k, out = row.K_perp[g, k], H.R_perp[g, k], row.sum_perp[g]
        for j in range(1, k):
            out[j] += K * R_k[j]
    for i in range(p):
        for l in range(p):
            P_k = H.R_par[i, l, k]
            for g in range(p):
                K, out = row.K_par[g, i, k], row.sum_par[g, l]
                for j in range(1, k):
                    out[j] += K * P_k[j]


@kernel(fastmath=True)
def factorise(E, w, P_kk, LU, pivot):
    """LU of E + diag_g(w_gl P_kk,ll) for each column l, with row exchanges."""
    p = E.shape[0]
    for l in range(p):
        M = LU[l]
        for g in range(p):
            for i in range(p):
                M[g, i] = E[g, i]
            M[g, g] += w[g, l] * P_kk[l, l]
        for c in range(p):
            best = c
            for g in range(c + 1, p):
                if abs(M[g, c]) > abs(M[best, c]):
                    best = g
            pivot[l, c] = best
            if best != c:
                for i in range(p):
                    M[c, i], M[best, i] = M[best, i], M[c, i]
            for g in range(c + 1, p):
                M[g, c] /= M[c, c]
                for i in range(c + 1, p):
                    M[g, i] -= M[g, c] * M[c, i]


@kernel(fastmath=True)
def back(M, pivot, b):
    """b becomes M⁻¹ b."""
    p = b.size
    for c in range(p):
        if pivot[c] != c:
            b[c], b[pivot[c]] = b[pivot[c]], b[c]
        for g in range(c + 1, p):
            b[g] -= M[g, c] * b[c]
    for c in range(p - 1, -1, -1):
        for i in range(c + 1, p):
            b[c] -= M[c, i] * b[i]
        b[c] /= M[c, c]


@kernel()
def split(E, column, X):
    """Solve E X + (w∘X) P_kk = rhs, whose right side X holds at first.

    Gauss–Seidel over the columns of X: what a column feels of itself is in `LU`.  Columns are
    coupled through the part of P_kk off its diagonal alone.
    """
    p, w, P_kk = E.shape[0], column.w, column.P_kk
    rhs, new = X.copy(), np.empty(p)
    X[:] = 0.0
    for _ in range(MOST):
        change = largest = 0.0
        for l in range(p):
            for g in range(p):
                new[g] = rhs[g, l]
                for j in range(p):
                    if j != l:
                        new[g] -= w[g, j] * X[g, j] * P_kk[j, l]
            back(column.LU[l], column.pivot[l], new)
            for g in range(p):
                change, largest = max(change, abs(new[g] - X[g, l])), max(largest, abs(new[g]))
                X[g, l] = new[g]
        if change <= TOLERANCE * largest:
            return
    X[:] = dense(E, w, P_kk, rhs)


@kernel()
def dense(E, w, P_kk, rhs):
    """The same by a solve of p² unknowns."""
    p = E.shape[0]
    L = np.zeros((p * p, p * p))
    for g in range(p):
        for l in range(p):
            for i in range(p):
                L[g * p + l, i * p + l] += E[g, i]
                L[g * p + l, g * p + i] += w[g, i] * P_kk[i, l]
    return np.linalg.solve(L, rhs.ravel()).reshape(p, p)
