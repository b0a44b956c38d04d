"""The newest row of the responses of p groups, given its correlations.

    R̂_A = (1 + Σ̂_R)⁻¹                                                          (C.19)
    (D + ν_g + K̂_⊥,g) R̂_⊥,g = 1,     (D + ν + K̂_∥) R̂_∥ = 1,  ν = diag ν_g        (C.10)

`couple` writes Σ̂_R and K̂ as linear functions of the responses at the same pair of times;
`respond_diagonal` solves them at equal times, `respond` downwards in k.
"""

from typing import NamedTuple

import numpy as np

from engine.bundles import bundle
from engine.dmft.scheme.derivative import past_rows
from engine.dmft.scheme.linear import solve
from engine.dmft.symmetric.coefficients import polynomial
from engine.kernels import kernel

TOLERANCE, MOST = 1e-11, 40
"""Relative error at which `iterate` is done, and passes before a dense solve takes over."""


@bundle
class Column(NamedTuple):
    """The linear problem for the responses at one [n,k], and its solution.

    R̂_⊥ eliminated, it is, for X = R̂_∥ and A = R̂_A,

        E X + (w∘X) P_kk = rhs[0] + A rhs[1],   A = A_0 + A_1 Σ̂_R,
        Σ̂_R = label[0] + A label[1] + Σ_gl slope_gl X_gl
    """

    r_kk: np.ndarray  # (p,), the responses at [k,k]
    P_kk: np.ndarray  # (p, p)
    rho: np.ndarray  # (2, p): R̂_⊥,g = (rho[0] + A rho[1] − D2 X_gg)/D1
    D1: np.ndarray  # (p,)
    D2: np.ndarray
    rhs: np.ndarray  # (2, p, p)
    w: np.ndarray  # (p, p)
    slope: np.ndarray  # (p, p)
    label: np.ndarray  # (2,)
    r: np.ndarray  # (p,), the solution
    P: np.ndarray  # (p, p)
    inverse: np.ndarray  # (p, p), of E
    known: np.ndarray  # (p, p), work space
    of_A: np.ndarray  # (p, p)
    new: np.ndarray  # (p, p)


def allocate_column(groups: int) -> Column:
    p, square, pair = (groups,), (groups, groups), (2, groups, groups)
    return Column(*(np.zeros(shape) for shape in (
        p, square, (2, groups), p, p, pair, square, square, (2,), p, square, square, square, square,
        square)))


@bundle
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
    r, P, dr, dP = column.r_kk, column.P_kk, column.r, column.P
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


@kernel(fastmath=True)
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


@kernel(fastmath=True)
def respond(H, model, row, step):
    """Row n of the responses below the diagonal, exactly, downwards in k.

    As in SymmDMFT each k is a linear problem for the responses at [n,k].  Cost: 1/2 p³n², and
    some 8 p³ for each k.
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
        memory(H, row, n, k, column.r, column.P, A, C_A)
        H.R_A[n, k] = A
        for g in range(p):
            H.R_perp[g, n, k] = column.r[g]
            for l in range(p):
                H.R_par[g, l, n, k] = column.P[g, l]
        carry(H, row, k, A)


@kernel(fastmath=True)
def solve_column(H, model, row, step, k, C_A, A_0, A_1):
    """The responses r, P at [n,k] into row.column; returns R̂_A = A_0 + A_1 Σ̂_R.

      (x_g + K̂_⊥,g[n,n]) r_g + K̂_⊥,g[n,k] r_kk,g = rho_g
      E P + K̂_∥[n,k] P_kk = rhs[0],  E = diag x + K̂_∥[n,n],  x = d0 + ν
    """
    column = row.column
    eliminate(H, model, row, step, k, C_A)
    A = iterate(row.E, column, A_0, A_1)
    for g in range(model.size.size):
        column.r[g] = (column.rho[0, g] + A * column.rho[1, g]
                       - column.D2[g] * column.P[g, g]) / column.D1[g]
    return A


@kernel(fastmath=True)
def eliminate(H, model, row, step, k, C_A):
    """R̂_⊥ put into the equations of R̂_∥ and R̂_A, which become those of `Column`."""
    n, p, column = step.n, model.size.size, row.column
    rho, rhs, P_kk, w = column.rho, column.rhs, column.P_kk, column.w
    column.label[0] = column.label[1] = 0.0
    for g in range(p):
        r_kk = column.r_kk[g]
        D1 = step.d0 + H.nu[g, n] + row.K_perp[g, n] + C_A * row.perp_r[g, k] * r_kk
        D2 = C_A * row.perp_p[g, k] * r_kk
        rho[1, g] = -row.perp_A[g, k] * r_kk
        if model.size[g] == 1.0:  # no such sector
            D1, D2, rho[0, g], rho[1, g] = 1.0, 0.0, 0.0, 0.0
        column.D1[g], column.D2[g] = D1, D2
        gamma, of_r = H.gamma[g, n], C_A * row.par_r[g, k] / D1
        for l in range(p):
            w[g, l] = C_A * row.par_p[g, l, k]
            column.slope[g, l] = gamma * row.t_par[g, l, k]
            rhs[0, g, l] -= of_r * rho[0, g] * P_kk[g, l]
            rhs[1, g, l] = -of_r * rho[1, g] * P_kk[g, l]
        for i in range(p):
            of_A = row.par_A[g, i, k]
            for l in range(p):
                rhs[1, g, l] -= of_A * P_kk[i, l]
        w[g, g] -= of_r * D2
        per = gamma * row.t_perp[g, k] / D1
        column.slope[g, g] -= per * D2
        column.label[0] += per * rho[0, g]
        column.label[1] += per * rho[1, g]


@kernel()
def iterate(E, column, A_0, A_1):
    """Solve the problem of `Column` for X = column.P and A, which is returned, by

        X ← E⁻¹ [rhs[0] + A rhs[1] − (w∘X) P_kk] with A such that its equation holds for the new X

    A pass brings one to four digits, since memory in one step is little beside d0; where it is
    not, a dense solve takes over.
    """
    p, X, known, new = E.shape[0], column.P, column.known, column.new
    of_A, slope = column.of_A, column.slope
    multiply(column.inverse, column.rhs[1], of_A)
    denominator = column.label[1]
    for g in range(p):
        for l in range(p):
            denominator += slope[g, l] * of_A[g, l]
            known[g, l] = column.rhs[0, g, l]
            X[g, l] = 0.0
    denominator = 1.0 - A_1 * denominator
    before = 0.0
    for _ in range(MOST):
        multiply(column.inverse, known, new)
        label = column.label[0]
        for g in range(p):
            for l in range(p):
                label += slope[g, l] * new[g, l]
        A = (A_0 + A_1 * label) / denominator
        change = largest = 0.0
        for g in range(p):
            for l in range(p):
                value = new[g, l] + A * of_A[g, l]
                change, largest = max(change, abs(value - X[g, l])), max(largest, abs(value))
                X[g, l] = value
        # What is left is smaller than this change as this change is than the one before.
        if change * change <= TOLERANCE * largest * before or largest == 0.0:
            return A
        before = change
        for g in range(p):
            for l in range(p):
                known[g, l] = column.rhs[0, g, l]
            for j in range(p):
                weight = column.w[g, j] * X[g, j]
                for l in range(p):
                    known[g, l] -= weight * column.P_kk[j, l]
    return dense(E, column, A_0, A_1)


@kernel(fastmath=True)
def multiply(A, B, out):
    """out = A B, all (p, p)."""
    p = A.shape[0]
    for g in range(p):
        for l in range(p):
            out[g, l] = 0.0
        for i in range(p):
            for l in range(p):
                out[g, l] += A[g, i] * B[i, l]


@kernel()
def dense(E, column, A_0, A_1):
    """The same by a solve of p² + 1 unknowns."""
    p = E.shape[0]
    size = p * p + 1
    L, x = np.zeros((size, size)), np.empty((size, 1))
    for g in range(p):
        for l in range(p):
            at = g * p + l
            x[at, 0], L[at, p * p] = column.rhs[0, g, l], -column.rhs[1, g, l]
            L[p * p, at] = -A_1 * column.slope[g, l]
            for i in range(p):
                L[at, i * p + l] += E[g, i]
                L[at, g * p + i] += column.w[g, i] * column.P_kk[i, l]
    x[p * p, 0], L[p * p, p * p] = A_0 + A_1 * column.label[0], 1.0 - A_1 * column.label[1]
    solve(L, x)
    for g in range(p):
        for l in range(p):
            column.P[g, l] = x[g * p + l, 0]
    return x[p * p, 0]


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
            # a second row where there is one
            last = min(i + 1, p - 1)
            r0, r1 = H.R_par[i, l, k], H.R_par[last, l, k]
            for g in range(p):
                K, out = row.K_par[g], row.sum_par[g, l]
                w0, w1 = K[i, k], K[last, k] if last > i else 0.0
                for j in range(1, k):
                    out[j] += w0 * r0[j] + w1 * r1[j]
            i += 2
