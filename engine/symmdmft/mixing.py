"""Anderson mixing: the fixed point x = g(x) from the last few x and residuals g(x) − x.

A row's unknowns are a matrix of shape (4, nodes): rows C_⊥, C̃, C_A, and (γ, v, ν).
"""

from typing import NamedTuple

import numpy as np
from numba import njit

DEPTH = 8
"""Pairs kept; 5 and 14 were no better."""
RIDGE = 1e-10
"""Added to the normal equations: directions with smaller eigenvalues are noise."""
FAST = {"nogil": True, "cache": True, "fastmath": True, "error_model": "numpy"}


class Mixing(NamedTuple):
    """Work space for one row of time."""

    new: np.ndarray  # (4, nodes): g(x)
    x: np.ndarray
    residual: np.ndarray
    last_x: np.ndarray
    last_residual: np.ndarray
    weight: np.ndarray  # 1/scale of each unknown, 0 where there is none
    dx: np.ndarray  # (DEPTH, 4, nodes): last changes of x, in a ring
    dresidual: np.ndarray
    gram: np.ndarray  # (DEPTH, DEPTH): weighted scalar products of the dresidual
    pairs: np.ndarray  # (1,): pairs ever made since the last `forget`


def allocate_mixing(nodes: int) -> Mixing:
    nodes = max(nodes, 3)
    return Mixing(*(np.zeros((4, nodes)) for _ in range(6)),
                  np.zeros((DEPTH, 4, nodes)), np.zeros((DEPTH, 4, nodes)),
                  np.zeros((DEPTH, DEPTH)), np.zeros(1, dtype=np.int64))


@njit(**FAST)
def weighted(a, b, weight, width):
    total = 0.0
    for i in range(4):
        for k in range(width):
            total += a[i, k] * b[i, k] * weight[i, k] * weight[i, k]
    return total


@njit(**FAST)
def mismatch(mixing, width):
    """residual = g(x) − x; returns its weighted maximum."""
    worst = 0.0
    for i in range(4):
        for k in range(width):
            mixing.residual[i, k] = mixing.new[i, k] - mixing.x[i, k]
            worst = max(worst, abs(mixing.residual[i, k]) * mixing.weight[i, k])
    return worst


@njit(**FAST)
def remember(mixing, width):
    """Add the change since the last call to the pairs."""
    slot = mixing.pairs[0] % DEPTH
    mixing.pairs[0] += 1
    dx, df = mixing.dx[slot], mixing.dresidual[slot]
    for i in range(4):
        for k in range(width):
            dx[i, k] = mixing.x[i, k] - mixing.last_x[i, k]
            df[i, k] = mixing.residual[i, k] - mixing.last_residual[i, k]
    for j in range(min(mixing.pairs[0], DEPTH)):
        mixing.gram[slot, j] = weighted(mixing.dresidual[j], df, mixing.weight, width)
        mixing.gram[j, slot] = mixing.gram[slot, j]


@njit(nogil=True, cache=True, error_model="numpy")
def mix(mixing, width):
    """Move x to where the pairs say that the residual vanishes, plus what is left of it.

    Least squares through normal equations scaled to unit diagonal.  Keeps the old x and residual
    for `remember`.
    """
    depth = min(mixing.pairs[0], DEPTH)
    mixing.last_x[:, :width] = mixing.x[:, :width]
    mixing.last_residual[:, :width] = mixing.residual[:, :width]
    c = np.zeros(depth)
    if depth > 0:
        scale, b = np.empty(depth), np.empty(depth)
        for i in range(depth):
            scale[i] = 1.0 / np.sqrt(max(mixing.gram[i, i], 1e-300))
            b[i] = scale[i] * weighted(mixing.dresidual[i], mixing.residual, mixing.weight, width)
        G = np.empty((depth, depth))
        for i in range(depth):
            for j in range(depth):
                G[i, j] = mixing.gram[i, j] * scale[i] * scale[j]
        if np.all(np.isfinite(G)) and np.all(np.isfinite(b)):
            c = scale * np.linalg.solve(G + RIDGE * np.eye(depth), b)
    combine(mixing, c, width)


@njit(**FAST)
def combine(mixing, c, width):
    """x += residual − Σ_j c_j (dx_j + dresidual_j)."""
    x = mixing.x
    for i in range(4):
        for k in range(width):
            x[i, k] += mixing.residual[i, k]
    for j in range(c.size):
        dx, df = mixing.dx[j], mixing.dresidual[j]
        for i in range(4):
            for k in range(width):
                x[i, k] -= c[j] * (dx[i, k] + df[i, k])


@njit(**FAST)
def forget(mixing):
    mixing.pairs[0] = 0
