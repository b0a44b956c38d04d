"""The linear problem for the responses of p groups at one pair of times [n,k].

    (x_g + K̂_⊥,g[n,n]) r_g + K̂_⊥,g[n,k] r_kk,g = rho_g
    E P + K̂_∥[n,k] P_kk = rhs[0],  E = diag x + K̂_∥[n,n],  x = d0 + ν

with K̂[n,k] linear in r, P and A = R̂_A[n,k].  R̂_⊥ eliminated, it is, for X = P and A,

    E X + (w∘X) P_kk = rhs[0] + A rhs[1],   A = A_0 + A_1 Σ̂_R,
    Σ̂_R = label[0] + A label[1] + Σ_gl slope_gl X_gl

A sweep solves one for every k < n: calls would take as long as what they do, hence `forceinline`.
"""

from typing import NamedTuple

import numpy as np

from engine.dmft.scheme.linear import inner, multiply, solve
from engine.kernels import kernel

TOLERANCE, MOST = 1e-11, 40
"""Relative error at which `iterate` is done, and passes before a dense solve takes over."""


class Labels(NamedTuple):
    """C_A[n,k], and R̂_A[n,k] = A_0 + A_1 Σ̂_R[n,k]."""

    C_A: float
    A_0: float
    A_1: float


@kernel(fastmath=True, forceinline=True)
def solve_column(H, model, row, step, k, labels):
    """The responses r, P at [n,k] into row.column; returns R̂_A."""
    column = row.column
    eliminate(H, model, row, step, k, labels.C_A)
    A = iterate(row.diagonal.E, column, labels)
    for g in range(model.size.size):
        column.r[g] = (column.rho[0, g] + A * column.rho[1, g]
                       - column.D2[g] * column.P[g, g]) / column.D1[g]
    return A


@kernel(fastmath=True, forceinline=True)
def eliminate(H, model, row, step, k, C_A):
    """R̂_⊥ put into the equations of R̂_∥ and R̂_A, which become those of `Column`."""
    n, p, column = step.n, model.size.size, row.column
    rho, rhs, P_kk, w = column.rho, column.rhs, column.P_kk, column.w
    column.label[0] = column.label[1] = 0.0
    for g in range(p):
        gamma = H.gamma[g, n]
        for l in range(p):
            x = k * p + l
            w[g, l] = C_A * row.par_p[g, x]
            column.slope[g, l] = gamma * row.t_par[g, x]
            column.par_A[g, l] = -row.par_A[g, x]
    multiply(column.par_A, P_kk, rhs[1])
    for g in range(p):
        r_kk = column.r_kk[g]
        D1 = step.d0 + H.nu[g, n] + row.K_perp[g, n] + C_A * row.perp_r[g, k] * r_kk
        D2 = C_A * row.perp_p[g, k] * r_kk
        rho[1, g] = -row.perp_A[g, k] * r_kk
        if model.size[g] == 1.0:  # no such sector
            D1, D2, rho[0, g], rho[1, g] = 1.0, 0.0, 0.0, 0.0
        column.D1[g], column.D2[g] = D1, D2
        of_r = C_A * row.par_r[g, k] / D1
        for l in range(p):
            rhs[0, g, l] -= of_r * rho[0, g] * P_kk[g, l]
            rhs[1, g, l] -= of_r * rho[1, g] * P_kk[g, l]
        w[g, g] -= of_r * D2
        per = H.gamma[g, n] * row.t_perp[g, k] / D1
        column.slope[g, g] -= per * D2
        column.label[0] += per * rho[0, g]
        column.label[1] += per * rho[1, g]


@kernel(forceinline=True)
def iterate(E, column, labels):
    """Solve the problem of `Column` for X = column.P and A, which is returned, by

        X ← E⁻¹ [rhs[0] + A rhs[1] − (w∘X) P_kk] with A such that its equation holds for the new X

    from the X given.  A pass brings one to four digits, since memory in one step is little beside
    d0; where it is not, a dense solve takes over.
    """
    multiply(column.inverse, column.rhs[1], column.of_A)
    denominator = 1.0 - labels.A_1 * (column.label[1] + inner(column.slope, column.of_A))
    before = 0.0
    for _ in range(MOST):
        feed_back(column)
        multiply(column.inverse, column.known, column.new)
        label = column.label[0] + inner(column.slope, column.new)
        A = (labels.A_0 + labels.A_1 * label) / denominator
        change, size = move(column, A)
        # What is left is smaller than this change as this change is than the one before.  All are
        # squares of norms.
        if change <= TOLERANCE**2 * size or change * change <= TOLERANCE**2 * size * before:
            return A
        before = change
    return dense(E, column, labels)


@kernel(fastmath=True, forceinline=True)
def feed_back(column):
    """known = rhs[0] − (w∘X) P_kk."""
    X, w, rhs, known, wX = column.P, column.w, column.rhs[0], column.known, column.new
    for g in range(X.shape[0]):
        for l in range(X.shape[1]):
            wX[g, l] = w[g, l] * X[g, l]
    multiply(wX, column.P_kk, known)
    for g in range(X.shape[0]):
        for l in range(X.shape[1]):
            known[g, l] = rhs[g, l] - known[g, l]


@kernel(fastmath=True, forceinline=True)
def move(column, A):
    """X = new + A of_A; returns the squares of its change and of itself, summed."""
    change = size = 0.0
    for g in range(column.P.shape[0]):
        X, new, of_A = column.P[g], column.new[g], column.of_A[g]
        for l in range(X.size):
            value = new[l] + A * of_A[l]
            change += (value - X[l]) ** 2
            size += value * value
            X[l] = value
    return change, size


@kernel()
def dense(E, column, labels):
    """The same by a solve of p² + 1 unknowns."""
    p = E.shape[0]
    size = p * p + 1
    L, x = np.zeros((size, size)), np.empty((size, 1))
    for g in range(p):
        for l in range(p):
            at = g * p + l
            x[at, 0], L[at, p * p] = column.rhs[0, g, l], -column.rhs[1, g, l]
            L[p * p, at] = -labels.A_1 * column.slope[g, l]
            for i in range(p):
                L[at, i * p + l] += E[g, i]
                L[at, g * p + i] += column.w[g, i] * column.P_kk[i, l]
    x[p * p, 0] = labels.A_0 + labels.A_1 * column.label[0]
    L[p * p, p * p] = 1.0 - labels.A_1 * column.label[1]
    solve(L, x)
    for g in range(p):
        for l in range(p):
            column.P[g, l] = x[g * p + l, 0]
    return x[p * p, 0]


@kernel()
def invert(E, column):
    """column.inverse = E⁻¹."""
    for g in range(E.shape[0]):
        for l in range(E.shape[0]):
            column.par_A[g, l] = E[g, l]
            column.inverse[g, l] = 1.0 if g == l else 0.0
    solve(column.par_A, column.inverse)
