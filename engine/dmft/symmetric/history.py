"""The history of SymmDMFT: its two-time functions by name, and C.19 restored after thinning."""

from typing import NamedTuple

import numpy as np
from numpy.polynomial.polynomial import polyval
from scipy.linalg import solve_triangular

from engine.bundles import bundle
from engine.dmft.scheme.history import stacks
from engine.dmft.symmetric.coefficients import Model, overlaps


@bundle
class History(NamedTuple):
    """The scheme's stacks, and views of them by name: matrices (N, N), vectors (N,).

    v is (k, N), for the k directions of the target.
    """

    t: np.ndarray
    scalars: np.ndarray
    correlations: np.ndarray
    responses: np.ndarray
    observables: np.ndarray
    transposed: np.ndarray
    gamma: np.ndarray
    v: np.ndarray
    nu: np.ndarray
    C_perp: np.ndarray
    C_conn: np.ndarray  # C̃, the connected part of C_∥ = C̃ + m v vᵀ
    C_A: np.ndarray
    R_perp: np.ndarray
    R_par: np.ndarray
    R_A: np.ndarray
    Sigma_R: np.ndarray
    train_error: np.ndarray
    test_error: np.ndarray
    Co: np.ndarray  # C_o(t,t)
    Cd0: np.ndarray  # C_d(t,0)


def allocate(k: int, nodes: int) -> History:
    """An empty history for up to `nodes` rows and k directions."""
    arrays = stacks(nodes, scalars=2 + k, correlations=3, responses=4, observables=4)
    gamma, v, nu = np.split(arrays["scalars"], [1, 1 + k])
    scalars = [gamma[0], v, nu[0]]
    return History(*arrays.values(), *scalars, *arrays["correlations"],
                   *arrays["responses"], *arrays["observables"])


def rebuild(H: History, model: Model, n: int) -> None:
    """R̂_A = (1 + Σ̂_R)⁻¹ and C_A = −R̂_A Σ_C R̂_Aᵀ anew from a thinned history, in place (C.19).

    Thinning breaks both by its quadrature error; where the train error is tiny, that much
    would make it negative.  Rebuilt, −C_A is a covariance whatever was dropped.  Cost O(n³) in
    BLAS.
    """
    Sigma_C = label_covariance(H, model, n)
    # Node 0 has no weight in any sum.
    inverse = solve_triangular(np.eye(n - 1) + np.tril(H.Sigma_R[1:n, 1:n]), np.eye(n - 1),
                               lower=True, check_finite=False)
    H.R_A[1:n, 1:n] = inverse
    H.C_A[1:n, 1:n] = -inverse @ Sigma_C[1:, 1:] @ inverse.T
    H.C_A[1:n, 0] = H.C_A[0, 1:n] = -inverse @ Sigma_C[1:, 0]
    H.train_error[1:n] = -0.5 * np.diagonal(H.C_A)[1:n]


def label_covariance(H: History, model: Model, n: int) -> np.ndarray:
    """Σ_C on the first n nodes, (n, n):

    τ² + ‖φ‖² − [aφ̂(v) + a'φ̂(v')] + aa' [h(C_d) + (m−1) h(C_o)]/m
    """
    gamma, v = H.gamma[:n], H.v[:, :n]
    C_perp = H.C_perp[:n, :n]
    Co = model.inv_m * (H.C_conn[:n, :n] - C_perp) + v.T @ v
    h_sum = polyval(C_perp + Co, model.h) + model.m_minus_1 * polyval(Co, model.h)
    signal = gamma * model.sqrt_m * overlaps(model, v)
    return model.label_variance - signal[:, None] - signal + np.outer(gamma, gamma) * h_sum
