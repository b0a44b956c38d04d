"""The history of p groups: its two-time functions by name, and C.19 restored after thinning."""

from typing import NamedTuple

import numpy as np
from numpy.polynomial.polynomial import polyval
from scipy.linalg import solve_triangular

from engine.bundles import bundle
from engine.dmft.groups.coefficients import Groups
from engine.dmft.scheme.history import stacks
from engine.dmft.symmetric.coefficients import overlaps
from engine.kernels import kernel


@bundle
class History(NamedTuple):
    """The scheme's stacks, and views of them by name; time is the last axis, groups the first.

    With (time, group) as one index, which is the last axis of C_past and R_past, C̃ is a symmetric
    matrix, R̂_∥ a lower triangular one, and sums over the past run along rows.
    """

    t: np.ndarray
    scalars: np.ndarray
    correlations: np.ndarray
    responses: np.ndarray
    observables: np.ndarray
    transposed: np.ndarray
    gamma: np.ndarray  # (p, N)
    v: np.ndarray  # (p, k, N), of k directions
    nu: np.ndarray
    C_perp: np.ndarray  # (p, N, N)
    C_conn: np.ndarray  # (p, p, N, N), C̃ = C_∥ − V Vᵀ with V_g = √m_g v_g
    C_A: np.ndarray  # (N, N)
    R_perp: np.ndarray
    R_par: np.ndarray
    R_A: np.ndarray
    Sigma_R: np.ndarray
    errors: np.ndarray  # (2, N): train, test
    gamma_gap: np.ndarray  # (p, N): γ_g minus the mean of all neurons
    v_gap: np.ndarray  # (p, k, N)
    Cd0: np.ndarray  # (p, N): C_d,g(t,0)
    overlap: np.ndarray  # (p, p, N): C_gl(t,t) of two different neurons
    C_past: np.ndarray  # (N·p, N·p): C̃_gl[k,j] at [k·p + g, j·p + l]
    R_past: np.ndarray  # (N, p, N·p): R̂_∥,gl[k,j] at [k, g, j·p + l]; for j > k R̂_∥,lg[j,k]


def allocate(groups: int, k: int, nodes: int) -> History:
    """An empty history of p = `groups` for up to `nodes` rows and k directions."""
    p, q = groups, groups * k
    pairs = np.arange(p * p).reshape(p, p)
    transposed = np.concatenate([np.arange(p), p + pairs.T.ravel(), [p + p * p]])
    stack = stacks(nodes, scalars=2 * p + q, correlations=p + p * p + 1, responses=p + p * p + 2,
                   observables=2 + 2 * p + q + p * p, transposed=transposed)
    s, C, R, o = (stack[name] for name in ("scalars", "correlations", "responses", "observables"))
    square = lambda X: X.reshape(p, p, *X.shape[1:])  # noqa: E731
    each = lambda x: x.reshape(p, k, -1)  # noqa: E731
    return History(
        **stack, gamma=s[:p], v=each(s[p:p + q]), nu=s[p + q:],
        C_perp=C[:p], C_conn=square(C[p:-1]), C_A=C[-1],
        R_perp=R[:p], R_par=square(R[p:-2]), R_A=R[-2], Sigma_R=R[-1],
        errors=o[:2], gamma_gap=o[2:2 + p], v_gap=each(o[2 + p:2 + p + q]),
        Cd0=o[2 + p + q:2 + 2 * p + q], overlap=square(o[2 + 2 * p + q:]),
        C_past=np.zeros((nodes * p, nodes * p)), R_past=np.zeros((nodes, p, nodes * p)))


def names(groups: int, components: tuple[str, ...]) -> tuple[str, ...]:
    """Of the scalars and observables of `allocate`, in their order; components are those of v."""
    each = lambda *names: tuple(f"{name}_{g}" for g in range(1, groups + 1)  # noqa: E731
                                for name in names)
    gaps = each(*(f"{name}_gap" for name in components))
    pairs = tuple(f"overlap_{g}_{l}" for g in range(1, groups + 1) for l in range(1, groups + 1))
    return (*each("gamma"), *each(*components), *each("nu"), "train_error", "test_error",
            *each("gamma_gap"), *gaps, *each("Cd0"), *pairs)


def rebuild(H: History, model: Groups, n: int) -> None:
    """R̂_A = (1 + Σ̂_R)⁻¹ and C_A = −R̂_A Σ_C R̂_Aᵀ anew from a thinned history, in place (C.19).

    As in SymmDMFT: rebuilt, −C_A is a covariance whatever was dropped.  Cost O(p²n² + n³).
    """
    Sigma_C = label_covariance(H, model, n)
    # Node 0 has no weight in any sum.
    inverse = solve_triangular(np.eye(n - 1) + np.tril(H.Sigma_R[1:n, 1:n]), np.eye(n - 1),
                               lower=True, check_finite=False)
    H.R_A[1:n, 1:n] = inverse
    H.C_A[1:n, 1:n] = -inverse @ Sigma_C[1:, 1:] @ inverse.T
    H.C_A[1:n, 0] = H.C_A[0, 1:n] = -inverse @ Sigma_C[1:, 0]
    H.errors[0, 1:n] = -0.5 * np.diagonal(H.C_A)[1:n]
    _lay_out(H, n)


def _lay_out(H: History, n: int) -> None:
    """The first n rows of C̃ and R̂_∥ into C_past and R_past, as `lay_out` does row by row."""
    p = len(H.gamma)
    C, R = (X[:, :, :n, :n].transpose(2, 0, 3, 1) for X in (H.C_conn, H.R_par))
    past = np.tri(n, dtype=bool)[:, None, :, None]
    H.C_past[:n * p, :n * p] = C.reshape(n * p, n * p)
    H.R_past[:n, :, :n * p] = np.where(past, R, R.transpose(2, 3, 0, 1)).reshape(n, p, n * p)


@kernel()
def lay_out(H, n):
    """Row n of C̃ and R̂_∥ into C_past and R_past."""
    p = H.v.shape[0]
    for g in range(p):
        for l in range(p):
            C, R = H.C_conn[g, l, n], H.R_par[g, l, n]
            for k in range(n):
                H.C_past[k * p + l, n * p + g] = C[k]
                H.R_past[k, l, n * p + g] = R[k]
            for k in range(n + 1):
                H.C_past[n * p + g, k * p + l] = C[k]
                H.R_past[n, g, k * p + l] = R[k]


def label_covariance(H: History, model: Groups, n: int) -> np.ndarray:
    """Σ_C on the first n nodes, (n, n):

    τ² + ‖φ‖² − m⁻¹ Σ_g m_g [a_g φ̂(v_g) + a_g' φ̂(v_g')] + m⁻² Σ_ij a_i a_j' h(C_ij)
    """
    gamma, v = H.gamma[:, :n], H.v[:, :, :n]
    signal = np.sqrt(model.width) * (model.share @ (gamma * overlaps(model, v.transpose(1, 0, 2))))
    total = model.label_variance - signal[:, None] - signal
    for g in range(len(model.size)):
        for l in range(g + 1):
            C = H.C_conn[g, l, :n, :n] - (H.C_perp[g, :n, :n] if g == l else 0.0)
            C = C / (model.root[g] * model.root[l]) + v[g].T @ v[l]
            pairs = model.size[g] * (model.size[l] - (g == l)) * polyval(C, model.h)
            if g == l:
                pairs += model.size[g] * polyval(H.C_perp[g, :n, :n] + C, model.h)
            pairs *= np.outer(gamma[g], gamma[l]) / model.width
            total += pairs if g == l else pairs + pairs.T
    return total
