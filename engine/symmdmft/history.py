"""Two-time functions of the past as lower-triangular matrices on the time nodes.

Response-like objects hold cell-integrated values R̂[n,k] = ∫_{t_{k−1}}^{t_k} R(t_n,s) ds, so
that a product of operators is a product of matrices and δ(t−s) is the identity.
Correlation-like objects hold point values C[n,k] = C(t_n,t_k), stored symmetric so that
every sum over the past runs along contiguous rows.  Node 0 carries initial values only.
"""

from typing import NamedTuple

import numpy as np
from numpy.polynomial.polynomial import polyval
from scipy.linalg import solve_triangular

from engine.kernels import kernel
from engine.symmdmft.model import Model


class History(NamedTuple):
    """All rows up to the current one; matrices (N, N), vectors (N,)."""

    t: np.ndarray
    C_perp: np.ndarray
    C_conn: np.ndarray  # C̃, the connected part of C_∥ = C̃ + m v vᵀ
    C_A: np.ndarray
    R_perp: np.ndarray
    R_par: np.ndarray
    R_A: np.ndarray
    Sigma_R: np.ndarray
    gamma: np.ndarray
    v: np.ndarray
    nu: np.ndarray
    Co: np.ndarray  # C_o(t,t)
    Cd0: np.ndarray  # C_d(t,0)
    train_error: np.ndarray
    test_error: np.ndarray


_VECTORS = {"t", "gamma", "v", "nu", "Co", "Cd0", "train_error", "test_error"}
_RESPONSES = ("R_perp", "R_par", "R_A", "Sigma_R")
_RECENT = 8


def allocate(nodes: int) -> History:
    """An empty history for up to `nodes` rows."""
    return History(*(np.zeros(nodes if name in _VECTORS else (nodes, nodes))
                     for name in History._fields))


def grown(old: History, used: int, nodes: int) -> History:
    """A copy of the first `used` rows with room for `nodes`."""
    new = allocate(nodes)
    for name, source, target in zip(History._fields, old, new, strict=True):
        if name in _VECTORS:
            target[:used] = source[:used]
        else:
            target[:used, :used] = source[:used, :used]
    return new


def thinned(H: History, n: int, target: int) -> int:
    """Drop nodes of the far past, in place, until at most `target` of the n rows are left.

    Returns the number of rows left.  A dropped node's functions are taken as cubic in time
    between its neighbours, two on each side: correlations lose its row and column, and its
    cell of every response is shared out among the neighbours' cells so that sums against
    cubics stay what they were.  (With lines in place of cubics, marginal states jump at every
    thinning.)  Nodes go first where they are densest against their distance from both t = 0
    and the present; the first two and the last `_RECENT` stay.  Cost O(n²).
    """
    t = H.t[:n].copy()
    keep = _sparse(t, target)
    kept, dropped = np.flatnonzero(keep), np.flatnonzero(~keep)
    for name, X in zip(History._fields, H, strict=True):
        if name in _RESPONSES:
            _share_out(X, t, kept, dropped)
        if name in _VECTORS:
            X[:len(kept)] = X[kept]
        else:
            _compact(X, kept)
    return len(kept)


def _sparse(t: np.ndarray, target: int) -> np.ndarray:
    """Which nodes to keep, of shape (n,): no two neighbours are dropped at once."""
    n = left = len(t)
    crowding = (t[2:] - t[:-2]) / np.minimum(t[1:-1], t[-1] - t[1:-1])
    crowding[0] = np.inf
    crowding[n - 2 - _RECENT:] = np.inf
    keep = np.ones(n, dtype=bool)
    for j in 1 + np.argsort(crowding):
        if left <= target or not np.isfinite(crowding[j - 1]):
            break
        if keep[j - 1] and keep[j + 1]:
            keep[j] = False
            left -= 1
    return keep


@kernel()
def _share_out(X, t, kept, dropped):
    """Add the cells of the dropped nodes to those of their neighbours that stay."""
    for j in dropped:
        right = np.searchsorted(kept, j)
        near = kept[max(right - 2, 1):right + 2]
        farthest = near[-1]
        all_four, nearer = lagrange(t[near], t[j]), lagrange(t[near[:-1]], t[j])
        for i in range(near[-2], t.size):
            # Rows that end before the farthest neighbour do with the nearer ones.
            weights = all_four if i >= farthest else nearer
            for k in range(weights.size):
                X[i, near[k]] += X[i, j] * weights[k]


@kernel()
def _compact(X, kept):
    """Move the rows and columns that stay to the front, in place."""
    for i in range(kept.size):
        for k in range(kept.size):
            X[i, k] = X[kept[i], kept[k]]


@kernel()
def lagrange(nodes, t):
    """Weights of the values at `nodes` in the polynomial through them at t."""
    weights = np.ones(nodes.size)
    for i in range(nodes.size):
        for k in range(nodes.size):
            if k != i:
                weights[i] *= (t - nodes[k]) / (nodes[i] - nodes[k])
    return weights


def relabelled(H: History, model: Model, n: int) -> None:
    """R̂_A = (1 + Σ̂_R)⁻¹ and C_A = −R̂_A Σ_C R̂_Aᵀ anew from a thinned history, in place (C.19).

    Thinning breaks both by its quadrature error; where the train error is tiny, that much
    would make it negative.  Rebuilt, −C_A is a covariance whatever was dropped.  Cost O(n³) in
    BLAS.
    """
    gamma, v = H.gamma[:n], H.v[:n]
    C_perp = H.C_perp[:n, :n]
    Co = model.inv_m * (H.C_conn[:n, :n] - C_perp) + np.outer(v, v)
    h_sum = polyval(C_perp + Co, model.h) + model.m_minus_1 * polyval(Co, model.h)
    signal = gamma * model.sqrt_m * polyval(v, model.phi_hat)
    Sigma_C = (model.label_variance - signal[:, None] - signal
               + np.outer(gamma, gamma) * h_sum)
    # Node 0 has no weight in any sum.
    inverse = solve_triangular(np.eye(n - 1) + np.tril(H.Sigma_R[1:n, 1:n]), np.eye(n - 1),
                               lower=True, check_finite=False)
    H.R_A[1:n, 1:n] = inverse
    H.C_A[1:n, 1:n] = -inverse @ Sigma_C[1:, 1:] @ inverse.T
    H.C_A[1:n, 0] = H.C_A[0, 1:n] = -inverse @ Sigma_C[1:, 0]
    H.train_error[1:n] = -0.5 * np.diagonal(H.C_A)[1:n]
