"""Row n of the discretised equations as a fixed point, reached with Anderson mixing."""

from typing import NamedTuple

import numpy as np
from numba import njit

from engine.symmdmft.model import polynomial
from engine.symmdmft.sweep import FAST, bdf2, physical, sweep

DEPTH = 8
BACK = 0.3
"""Part of a change of x that is kept when the whole of it leads to where no response is."""
CONVERGED, FAILED = 0, 1


class Mixing(NamedTuple):
    """Work space of the iteration: x is a row's unknowns as one vector."""

    new: np.ndarray  # (4, nodes): what a sweep returns
    x: np.ndarray  # (3 nodes + 3,)
    residual: np.ndarray
    last_x: np.ndarray
    last_residual: np.ndarray
    dx: np.ndarray  # (DEPTH, 3 nodes + 3): last changes of x
    dresidual: np.ndarray
    weight: np.ndarray


def allocate_mixing(nodes: int) -> Mixing:
    size = 3 * nodes + 3
    return Mixing(np.zeros((4, nodes)), np.zeros(size), np.zeros(size),
                  np.zeros(size), np.zeros(size),
                  np.zeros((DEPTH, size)), np.zeros((DEPTH, size)), np.zeros(size))


@njit(**FAST)
def predict(H, n):
    """Start row n: near the diagonal at equal lag, further back at equal time.

    C(t,t') has a kink at t = t' but is smooth along it, and ages: extrapolating at equal
    lag (one index along the diagonal) is right where t' is close to t, extrapolating at
    fixed t' where t' ≪ t.
    """
    if n == 1:
        for k in range(2):
            H.C_perp[n, k] = H.C_perp[0, 0]
            H.C_conn[n, k] = H.C_conn[0, 0]
            H.C_A[n, k] = H.C_A[0, 0]
        H.gamma[n], H.v[n], H.nu[n] = H.gamma[0], H.v[0], H.nu[0]
        step = H.t[1] - H.t[0]
        H.R_perp[n, n], H.R_par[n, n] = step, step
        return
    w = (H.t[n] - H.t[n - 1]) / (H.t[n - 1] - H.t[n - 2])
    for k in range(n - 1):
        H.C_perp[n, k] = H.C_perp[n - 1, k] + w * (H.C_perp[n - 1, k] - H.C_perp[n - 2, k])
        H.C_conn[n, k] = H.C_conn[n - 1, k] + w * (H.C_conn[n - 1, k] - H.C_conn[n - 2, k])
        H.C_A[n, k] = H.C_A[n - 1, k] + w * (H.C_A[n - 1, k] - H.C_A[n - 2, k])
    for k in range(max(n - 1, 1), n + 1):
        j = max(k - 2, 0)
        H.C_perp[n, k] = (1 + w) * H.C_perp[n - 1, k - 1] - w * H.C_perp[n - 2, j]
        H.C_conn[n, k] = (1 + w) * H.C_conn[n - 1, k - 1] - w * H.C_conn[n - 2, j]
        H.C_A[n, k] = (1 + w) * H.C_A[n - 1, k - 1] - w * H.C_A[n - 2, j]
    H.gamma[n] = H.gamma[n - 1] + w * (H.gamma[n - 1] - H.gamma[n - 2])
    H.v[n] = H.v[n - 1] + w * (H.v[n - 1] - H.v[n - 2])
    H.nu[n] = H.nu[n - 1] + w * (H.nu[n - 1] - H.nu[n - 2])
    H.R_perp[n, n], H.R_par[n, n] = H.R_perp[n - 1, n - 1], H.R_par[n - 1, n - 1]


@njit(**FAST)
def gather(H, n, x):
    """The unknowns of row n from the history into the vector x; returns its length."""
    for k in range(n + 1):
        x[k], x[n + 1 + k], x[2 * n + 2 + k] = H.C_perp[n, k], H.C_conn[n, k], H.C_A[n, k]
    end = 3 * n + 3
    x[end], x[end + 1], x[end + 2] = H.gamma[n], H.v[n], H.nu[n]
    return end + 3


@njit(**FAST)
def scatter(x, n, H):
    for k in range(n + 1):
        H.C_perp[n, k], H.C_conn[n, k], H.C_A[n, k] = x[k], x[n + 1 + k], x[2 * n + 2 + k]
    end = 3 * n + 3
    H.gamma[n], H.v[n], H.nu[n] = x[end], x[end + 1], x[end + 2]


@njit(**FAST)
def weigh(H, model, step, weight):
    """1/scale of each unknown, so that a residual of 1 means an error of 100 %."""
    n = step.n
    for k in range(2 * n + 2):
        weight[k] = 1.0
    scale = 1.0 / max(abs(H.C_A[n, n]), 1e-300)
    for k in range(n + 1):
        weight[2 * n + 2 + k] = scale
    end = 3 * n + 3
    weight[end] = 1.0 / H.gamma[n]
    weight[end + 1] = max(1.0, model.sqrt_m)
    weight[end + 2] = 1.0 / step.d0


@njit(nogil=True, cache=True, error_model="numpy")
def finite(values, n):
    """Tested here, outside fastmath, which assumes that NaN does not occur."""
    for i in range(values.shape[0]):
        for k in range(n):
            if not np.isfinite(values[i, k]):
                return False
    return True


@njit(nogil=True, cache=True, error_model="numpy")
def mix(mixing, size, depth):
    """Anderson's update of mixing.x: the best combination of the last `depth` changes.

    Least squares through normal equations scaled to unit diagonal; directions with
    eigenvalues below 1e-10 are noise and dropped.
    """
    x, f = mixing.x, mixing.residual
    w = mixing.weight
    G = np.empty((depth, depth))
    b = np.empty(depth)
    for i in range(depth):
        for j in range(i + 1):
            G[i, j] = G[j, i] = weighted(mixing.dresidual[i], mixing.dresidual[j], w, size)
        b[i] = weighted(mixing.dresidual[i], f, w, size)
    scale = np.empty(depth)
    for i in range(depth):
        scale[i] = 1.0 / np.sqrt(max(G[i, i], 1e-300))
    for i in range(depth):
        b[i] *= scale[i]
        for j in range(depth):
            G[i, j] *= scale[i] * scale[j]
    if not np.all(np.isfinite(G)):
        return
    values, vectors = np.linalg.eigh(G)
    c = np.zeros(depth)
    for e in range(depth):
        if values[e] > 1e-10:
            p = 0.0
            for i in range(depth):
                p += vectors[i, e] * b[i]
            for i in range(depth):
                c[i] += vectors[i, e] * p / values[e]
    combine(x, f, mixing.dx, mixing.dresidual, c * scale, size)


@njit(**FAST)
def weighted(a, b, w, size):
    total = 0.0
    for k in range(size):
        total += a[k] * b[k] * w[k] * w[k]
    return total


@njit(**FAST)
def combine(x, f, dx, df, c, size):
    for k in range(size):
        x[k] += f[k]
    for i in range(c.size):
        for k in range(size):
            x[k] -= c[i] * (dx[i, k] + df[i, k])


@njit(**FAST)
def subtract_residual(mixing, H, n):
    """residual = new − x; returns its weighted maximum."""
    x, f, w = mixing.x, mixing.residual, mixing.weight
    worst = 0.0
    for k in range(n + 1):
        f[k] = mixing.new[0, k] - x[k]
        f[n + 1 + k] = mixing.new[1, k] - x[n + 1 + k]
        f[2 * n + 2 + k] = mixing.new[2, k] - x[2 * n + 2 + k]
    end = 3 * n + 3
    for i in range(3):
        f[end + i] = mixing.new[3, i] - x[end + i]
    f[2 * n + 2] = 0.0  # C_A(t,0) has no weight in any sum
    for k in range(end + 3):
        worst = max(worst, abs(f[k]) * w[k])
    return worst


@njit(nogil=True, cache=True, error_model="numpy")
def advance(H, model, row, mixing, n, tol, max_sweeps):
    """Solve row n; returns (CONVERGED or FAILED, sweeps used, last residual).

    Cost: 6 n² multiply–adds a sweep.
    """
    step = bdf2(H.t, n)
    size = gather(H, n, mixing.x)
    weigh(H, model, step, mixing.weight)
    residual = np.inf
    for count in range(1, max_sweeps + 1):
        if not sweep(H, model, row, step, mixing.new) or not finite(mixing.new, max(n + 1, 3)):
            if count == 1:
                return FAILED, count, residual
            # Too far: the response at equal times has no root there.
            for k in range(size):
                mixing.x[k] = mixing.last_x[k] + BACK * (mixing.x[k] - mixing.last_x[k])
            scatter(mixing.x, n, H)
            H.R_perp[n, n], H.R_par[n, n] = H.R_perp[n - 1, n - 1], H.R_par[n - 1, n - 1]
            continue
        residual = subtract_residual(mixing, H, n)
        if not np.isfinite(residual):
            return FAILED, count, residual
        if residual < tol:
            for k in range(size):
                mixing.x[k] += mixing.residual[k]
            scatter(mixing.x, n, H)
            sound = physical(H, row, n) and H.C_A[n, n] <= 0.0
            return CONVERGED if sound else FAILED, count, residual
        if count > 1:
            slot = (count - 2) % DEPTH
            for k in range(size):
                mixing.dx[slot, k] = mixing.x[k] - mixing.last_x[k]
                mixing.dresidual[slot, k] = mixing.residual[k] - mixing.last_residual[k]
        mixing.last_x[:size] = mixing.x[:size]
        mixing.last_residual[:size] = mixing.residual[:size]
        mix(mixing, size, min(count - 1, DEPTH))
        scatter(mixing.x, n, H)
    return FAILED, max_sweeps, residual


@njit(**FAST)
def accept(H, model, n):
    """Mirror row n into its column and record the errors.

    e_tr = −½C_A(t,t) (C.45)
    e_ts = ½[τ² + ‖φ‖² − 2aφ̂(v) + a²h(1)/m + a²(m−1)/m h(C_o(t,t))] (C.46)
    """
    for k in range(n):
        H.C_perp[k, n] = H.C_perp[n, k]
        H.C_conn[k, n] = H.C_conn[n, k]
        H.C_A[k, n] = H.C_A[n, k]
    if n > 0 and not model.trains_gamma:
        H.gamma[n] = H.gamma[n - 1]  # to the last bit
    v, gamma = H.v[n], H.gamma[n]
    H.Co[n] = model.inv_m * (H.C_conn[n, n] - H.C_perp[n, n]) + v * v
    Co0 = model.inv_m * (H.C_conn[n, 0] - H.C_perp[n, 0]) + v * H.v[0]
    H.Cd0[n] = H.C_perp[n, 0] + Co0
    H.train_error[n] = -0.5 * H.C_A[n, n]
    spread = polynomial(model.h, 1.0) + model.m_minus_1 * polynomial(model.h, H.Co[n])
    signal = model.sqrt_m * gamma * polynomial(model.phi_hat, v)
    H.test_error[n] = 0.5 * (model.label_variance - 2.0 * signal + gamma * gamma * spread)


@njit(**FAST)
def start(H, model, gamma0):
    """Row 0: independent weights, C_⊥ = C_∥ = 1, v = 0, and the errors of the start.

    C_A(0,0) = −Σ_C(0,0), because R_A is the identity at t = 0.
    """
    H.C_perp[0, 0] = 1.0
    H.C_conn[0, 0] = 1.0
    H.R_A[0, 0] = 1.0
    H.gamma[0] = gamma0
    H.C_A[0, 0] = -(model.label_variance + gamma0 * gamma0 * polynomial(model.h, 1.0))
    accept(H, model, 0)
