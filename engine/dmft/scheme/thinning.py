"""Fewer rows of the far past, so that a run costs what its newest rows do."""

import numpy as np

from engine.kernels import kernel

_RECENT = 8
"""Rows before the newest that stay."""


def thinned(H, n: int, target: int) -> int:
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
    for X in H.responses:
        _share_out(X, t, kept, dropped)
    for X in (*H.responses, *H.correlations):
        _compact(X, kept)
    H.t[:len(kept)] = H.t[kept]
    for stack in (H.scalars, H.observables):
        stack[:, :len(kept)] = stack[:, kept]
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
        all_four, nearer = interpolation(t[near], t[j]), interpolation(t[near[:-1]], t[j])
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
def interpolation(nodes, t):
    """Weights of the values at `nodes` in the polynomial through them at t."""
    weights = np.ones(nodes.size)
    for i in range(nodes.size):
        for k in range(nodes.size):
            if k != i:
                weights[i] *= (t - nodes[k]) / (nodes[i] - nodes[k])
    return weights
