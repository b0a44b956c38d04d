"""What the plain solutions of unequal neurons share: their result, and the residuals' functions."""

from dataclasses import dataclass, field

import numpy as np

from engine.results.status import Status


@dataclass(frozen=True, eq=False)
class Record:
    """Order parameters on a uniform grid of n nodes, of p neurons or groups of alike neurons.

    t                        (n,) training time
    a, v, nu                 (n, p) second-layer weight, alignment with u, Lagrange multiplier; v is
                             (n, p, k) of groups with several directions
    train_error, test_error  (n,) e_tr (C.24) and e_ts (C.25 with its a_i a_j and a_i)
    start_overlap            (n, p) C_d(t,0), of a neuron with its own start
    overlaps                 (n, p, p) equal-time overlaps of two different neurons; the diagonal
                             is 1 where there is one neuron only
    status                   REACHED_T_MAX, or DIVERGED and cut at the last finite node
    functions                of groups: the two-time functions C_d, R_d (p, n, n), C, R
                             (p, p, n, n), R_A, C_A (n, n); empty otherwise
    """

    t: np.ndarray
    a: np.ndarray
    v: np.ndarray
    nu: np.ndarray
    train_error: np.ndarray
    test_error: np.ndarray
    start_overlap: np.ndarray
    overlaps: np.ndarray
    status: Status
    functions: dict[str, np.ndarray] = field(default_factory=dict)


class Residuals:
    """R_A and C_A (C.19) on the grid, extended row by row as Σ_R and Σ_C become known.

    With η Σ_R strictly below the diagonal, R_A = (1 + ηΣ_R)⁻¹ and C_A = −R_A Σ_C R_Aᵀ (D.6).
    R_A's δ(t − s) is its diagonal of ones: sums over R_A carry no η, sums over C_A do.
    """

    def __init__(self, nodes: int, eta: float):
        self.eta = eta
        self.Sigma_R, self.Sigma_C, self.R_A, self.C_A = np.zeros((4, nodes, nodes))

    def extend(self, n: int, Sigma_R: np.ndarray, Sigma_C: np.ndarray) -> None:
        """Set row n from the rows Σ_R(t_n, t_k) and Σ_C(t_n, t_k), k ≤ n, of shape (n + 1,)."""
        past = slice(0, n + 1)
        self.Sigma_R[n, past] = Sigma_R
        self.Sigma_C[n, past] = self.Sigma_C[past, n] = Sigma_C
        self.R_A[n, past] = -self.eta * Sigma_R @ self.R_A[past, past]
        self.R_A[n, n] += 1.0
        row = -(self.R_A[n, past] @ self.Sigma_C[past, past]) @ self.R_A[past, past].T
        self.C_A[n, past] = self.C_A[past, n] = row


def start_array(name: str, value, default: float, shape: tuple[int, ...]) -> np.ndarray:
    """`value` as an array of `shape`, filled with `default` when None.  Raises ValueError."""
    array = np.full(shape, default) if value is None else np.array(value)
    if array.shape != shape or array.dtype.kind not in "fiu" or not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite numbers of shape {shape}; got {value!r}.")
    return array.astype(float)


def check_start(v: np.ndarray, C: np.ndarray) -> None:
    """Refuse neurons that no unit vectors have: C (m, m) with unit diagonal, C − v vᵀ ≥ 0 with v of
    shape (m,), or (m, k) of several directions."""
    v = v.reshape(len(C), -1)
    if not np.allclose(np.diagonal(C), 1.0, rtol=0, atol=1e-12):
        raise ValueError(f"overlaps must have a diagonal of ones; got {np.diagonal(C).tolist()}.")
    if not (np.allclose(C, C.T, rtol=0, atol=1e-12)
            and np.linalg.eigvalsh(C - v @ v.T).min() > -1e-12):
        raise ValueError("overlaps must be symmetric, and overlaps − v0 v0ᵀ positive semidefinite;"
                         f" got overlaps {C.tolist()}, v0 {v.tolist()}.")
