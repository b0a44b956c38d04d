"""Two-time functions of the past as lower-triangular matrices on the time nodes.

Response-like objects hold cell-integrated values R̂[n,k] = ∫_{t_{k−1}}^{t_k} R(t_n,s) ds, so
that a product of operators is a product of matrices and δ(t−s) is the identity.
Correlation-like objects hold point values C[n,k] = C(t_n,t_k), stored symmetric so that
every sum over the past runs along contiguous rows.  Node 0 carries initial values only.
"""

from typing import NamedTuple

import numpy as np


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
