"""Anderson mixing: the fixed point x = g(x) from the last few x and residuals g(x) − x."""

from typing import NamedTuple

import numpy as np

from engine.bundles import bundle
from engine.dmft.scheme.linear import solve
from engine.kernels import kernel

DEPTH = 8
"""Pairs kept; 5 and 14 were no better."""
RIDGE = 1e-10
"""Added to the normal equations: directions with smaller eigenvalues are noise."""


@bundle
class Mixing(NamedTuple):
    """Work space for one row of time; the vectors hold up to `size` unknowns."""

    new: np.ndarray  # (size,): g(x)
    x: np.ndarray
    residual: np.ndarray
    weighted: np.ndarray  # residual × weight
    last_x: np.ndarray
    last_residual: np.ndarray
    last_weighted: np.ndarray
    weight: np.ndarray  # 1/scale of each unknown
    moves: np.ndarray  # (DEPTH, size): last changes of g(x), in a ring
    changes: np.ndarray  # (DEPTH, size): those of `weighted`
    gram: np.ndarray  # (DEPTH, DEPTH): scalar products of the changes
    pairs: np.ndarray  # (1,): pairs ever made since the last `forget`


def allocate_mixing(size: int) -> Mixing:
    vectors = {name: np.zeros(size) for name in Mixing._fields[:8]}
    return Mixing(**vectors, moves=np.zeros((DEPTH, size)),
                  changes=np.zeros((DEPTH, size)), gram=np.zeros((DEPTH, DEPTH)),
                  pairs=np.zeros(1, dtype=np.int64))


@kernel(fastmath=True)
def product(x, y, size):
    total = 0.0
    for k in range(size):
        total += x[k] * y[k]
    return total


@kernel(fastmath=True)
def mismatch(mixing, size):
    """residual = g(x) − x; returns its weighted maximum."""
    worst = 0.0
    for k in range(size):
        mixing.residual[k] = mixing.new[k] - mixing.x[k]
        mixing.weighted[k] = mixing.residual[k] * mixing.weight[k]
        worst = max(worst, abs(mixing.weighted[k]))
    return worst


@kernel(fastmath=True)
def remember(mixing, size):
    """Add the change since the last call to the pairs."""
    slot = mixing.pairs[0] % DEPTH
    mixing.pairs[0] += 1
    move, change = mixing.moves[slot], mixing.changes[slot]
    for k in range(size):
        move[k] = (mixing.x[k] + mixing.residual[k]) - (mixing.last_x[k] + mixing.last_residual[k])
        change[k] = mixing.weighted[k] - mixing.last_weighted[k]
    for j in range(min(mixing.pairs[0], DEPTH)):
        mixing.gram[slot, j] = product(mixing.changes[j], change, size)
        mixing.gram[j, slot] = mixing.gram[slot, j]


@kernel()
def mix(mixing, size):
    """Move x to where the pairs say that the residual vanishes, plus what is left of it.

    Least squares through normal equations scaled to unit diagonal.  Keeps the old x and residual
    for `remember`.
    """
    depth = min(mixing.pairs[0], DEPTH)
    c, scale, G = np.empty((depth, 1)), np.empty(depth), np.empty((depth, depth))
    for i in range(depth):
        scale[i] = 1.0 / np.sqrt(max(mixing.gram[i, i], 1e-300))
        c[i, 0] = scale[i] * product(mixing.changes[i], mixing.weighted, size)
    for i in range(depth):
        for j in range(depth):
            G[i, j] = mixing.gram[i, j] * scale[i] * scale[j]
        G[i, i] += RIDGE
    solve(G, c)
    for i in range(depth):
        c[i, 0] = scale[i] * c[i, 0] if np.isfinite(c[i, 0]) else 0.0
    combine(mixing, c, size)


@kernel(fastmath=True)
def combine(mixing, c, size):
    """x += residual − Σ_j c_j moves_j; the old x and residual become the last ones."""
    x = mixing.x
    for k in range(size):
        mixing.last_x[k] = x[k]
        mixing.last_residual[k] = mixing.residual[k]
        mixing.last_weighted[k] = mixing.weighted[k]
        x[k] += mixing.residual[k]
    for j in range(c.shape[0]):
        move, c_j = mixing.moves[j], c[j, 0]
        for k in range(size):
            x[k] -= c_j * move[k]


@kernel(fastmath=True)
def forget(mixing):
    mixing.pairs[0] = 0
