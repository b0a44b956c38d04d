"""The newest row of the responses of p groups, given its correlations.

    R̂_A = (1 + Σ̂_R)⁻¹                                                          (C.19)
    (D + ν_g + K̂_⊥,g) R̂_⊥,g = 1,     (D + ν + K̂_∥) R̂_∥ = 1,  ν = diag ν_g        (C.10)

Σ̂_R and K̂ being linear in the responses at the same pair of times (`coupling.couple`),
`respond_diagonal` solves them at equal times, `respond` downwards in k.
"""

import numpy as np

from engine.dmft.groups.column import Labels, invert, solve_column
from engine.dmft.groups.coupling import labels_response, memory
from engine.dmft.scheme.derivative import past_rows
from engine.dmft.scheme.products import multiply_rows
from engine.kernels import kernel


@kernel()
def respond_diagonal(H, model, row, step):
    """The responses at [n,n] by Newton from the previous diagonal; False if it fails.

    R̂_⊥,g (d0 + ν_g + K̂_⊥,g) = 1,  (d0 + ν + K̂_∥) R̂_∥ = 1,  R̂_A = 1/(1 + Σ̂_R).  Of the roots the
    one that continues the past is wanted, hence the starting point.  A Newton step is the same
    linear problem as a column below the diagonal.
    """
    n, p = step.n, model.size.size
    column, E = row.column, row.diagonal.E
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
                    column.rhs[0, g, l] += E[g, i] * P[i, l]
        invert(E, column)
        dP[:] = 0.0
        dA = solve_column(H, model, row, step, n, Labels(H.C_A[n, n], 0.0, -A * A))
        if not np.isfinite(dA):
            return False
        scale = damping(column, model.size)
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
    invert(E, column)
    for g in range(p):
        H.R_perp[g, n, n] = r[g]
        for l in range(p):
            H.R_par[g, l, n, n] = H.R_past[n, g, n * p + l] = P[g, l]
    return True


@kernel(fastmath=True)
def equal_times(H, row, step, r, P):
    """Σ̂_R, K̂ and E at [n,n] from the responses there; returns R̂_A."""
    n, p, E = step.n, r.size, row.diagonal.E
    A = 1.0 / (1.0 + labels_response(H, row, n, r, P))
    memory(H, row, (n, n), r, P, A)
    for g in range(p):
        for l in range(p):
            E[g, l] = row.K_par[g, n * p + l]
        E[g, g] += step.d0 + H.nu[g, n]
    return A


@kernel(fastmath=True)
def damping(column, size):
    """The part of a Newton step that leaves R̂_⊥,g and R̂_∥,gg at least half of what they are."""
    scale = 1.0
    for g in range(size.size):
        if size[g] > 1.0 and column.r[g] > 0.5 * column.r_kk[g]:
            scale = min(scale, 0.5 * column.r_kk[g] / column.r[g])
        if column.P[g, g] > 0.5 * column.P_kk[g, g]:
            scale = min(scale, 0.5 * column.P_kk[g, g] / column.P[g, g])
    return scale


@kernel(fastmath=True)
def respond(H, model, row, step):
    """Row n of the responses below the diagonal, exactly, downwards in k.

    As in SymmDMFT each k is a linear problem for the responses at [n,k].  Where its solution
    begins is the last sweep's.  Cost: 1/2 p³n², and some 8 p³ for each k.
    """
    n, p = step.n, model.size.size
    A_n, column, R, fed = H.R_A[n, n], row.column, H.R_past, row.column.known
    for k in range(n):
        row.sum_A[k] = 0.0
    for g in range(p):
        past_rows(step, H.R_perp[g], row.sum_perp[g])
    past_responses(step, R, row.past_par)
    for k in range(n - 1, 0, -1):
        # Σ_{k<j<n} K̂_∥[n,j] R̂_∥[j,k]
        multiply_rows(row.K_par, R[k], (k + 1) * p, n * p, fed)
        for g in range(p):
            column.r_kk[g], column.rho[0, g] = H.R_perp[g, k, k], -row.sum_perp[g, k]
            for l in range(p):
                x = k * p + l
                column.P_kk[g, l], column.P[g, l] = R[k, g, x], R[n, g, x]
                column.rhs[0, g, l] = -row.past_par[g, x] - fed[g, l]
        # In a thinned history R̂_A[k,k] is no longer this inverse; the equation asks for it.
        A_k = 1.0 / (1.0 + H.Sigma_R[k, k])
        # R̂_A[n,k] = −A_k (sum_A + A_n Σ̂_R[n,k])
        labels = Labels(H.C_A[n, k], -A_k * row.sum_A[k], -A_k * A_n)
        A = solve_column(H, model, row, step, k, labels)
        memory(H, row, (n, k), column.r, column.P, A)
        H.R_A[n, k] = A
        for g in range(p):
            H.R_perp[g, n, k] = column.r[g]
            for l in range(p):
                R[n, g, k * p + l] = column.P[g, l]
        add_row(A, H.Sigma_R[k], k, row.sum_A)
        for g in range(p):
            add_row(row.K_perp[g, k], H.R_perp[g, k], k, row.sum_perp[g])


@kernel(fastmath=True)
def past_responses(step, R, out):
    """What is known of (DR̂_∥)_n; above the diagonal R̂_∥ is zero, whatever is kept there."""
    n, p = step.n, out.shape[0]
    for g in range(p):
        one, two, three, total = R[n - 1, g], R[max(n - 2, 0), g], R[max(n - 3, 0), g], out[g]
        for x in range(n * p):
            total[x] = step.d1 * one[x]
        for x in range((n - 1) * p):
            total[x] += step.d2 * two[x]
        for x in range((n - 2) * p):
            total[x] += step.d3 * three[x]


@kernel(fastmath=True, forceinline=True)
def add_row(weight, row, k, out):
    for j in range(1, k):
        out[j] += weight * row[j]
