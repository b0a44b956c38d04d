"""Row n of the discretised equations as a fixed point, reached with Anderson mixing."""

import numpy as np

from engine.kernels import kernel
from engine.symmdmft.mixing import forget, mismatch, mix, remember
from engine.symmdmft.model import polynomial
from engine.symmdmft.sweep import UNKNOWNS, derivative, parabola, physical, sweep, unknowns

BACK = 0.3
"""Part of a change of x that is kept when the whole of it leads to where no response is."""
CONVERGED, FAILED = 0, 1


@kernel(fastmath=True)
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
    w1, w2, w3 = parabola(H.t, n)
    a, b, c = n - 1, n - 2, max(n - 3, 0)
    for X in (H.C_perp, H.C_conn, H.C_A):
        for k in range(max(n - 2, 1)):
            X[n, k] = w1 * X[a, k] + w2 * X[b, k] + w3 * X[c, k]
        for k in range(max(n - 2, 1), n + 1):
            X[n, k] = w1 * X[a, k - 1] + w2 * X[b, max(k - 2, 0)] + w3 * X[c, max(k - 3, 0)]
    for y in (H.gamma, H.v, H.nu):
        y[n] = w1 * y[a] + w2 * y[b] + w3 * y[c]
    H.R_perp[n, n], H.R_par[n, n] = H.R_perp[n - 1, n - 1], H.R_par[n - 1, n - 1]


@kernel(fastmath=True)
def gather(H, n, x):
    """The unknowns of row n from the history into x, in the order of `unknowns`."""
    x[0], x[1], x[2] = H.gamma[n], H.v[n], H.nu[n]
    C_perp, C_conn, C_A = unknowns(x, n)
    for k in range(n + 1):
        C_perp[k], C_conn[k], C_A[k] = H.C_perp[n, k], H.C_conn[n, k], H.C_A[n, k]


@kernel(fastmath=True)
def scatter(x, n, H):
    H.gamma[n], H.v[n], H.nu[n] = x[0], x[1], x[2]
    C_perp, C_conn, C_A = unknowns(x, n)
    for k in range(n + 1):
        H.C_perp[n, k], H.C_conn[n, k], H.C_A[n, k] = C_perp[k], C_conn[k], C_A[k]


@kernel(fastmath=True)
def weigh(H, model, step, weight):
    """1/scale of each unknown, so that a residual of 1 means an error of 100 %."""
    n = step.n
    weight[0], weight[1], weight[2] = 1.0 / H.gamma[n], max(1.0, model.sqrt_m), 1.0 / step.d0
    C_perp, C_conn, C_A = unknowns(weight, n)
    scale = 1.0 / max(abs(H.C_A[n, n]), 1e-300)
    for k in range(n + 1):
        C_perp[k], C_conn[k], C_A[k] = 1.0, 1.0, scale
    C_A[0] = 0.0  # C_A(t,0) has no weight in any sum


@kernel(fastmath={"reassoc"})
def finite(values, size):
    """Tested here, without the rest of fastmath, which assumes that NaN does not occur."""
    total = 0.0
    for k in range(size):
        total += values[k]
    return np.isfinite(total)


@kernel()
def advance(H, model, row, mixing, n, tol, max_sweeps, reach):
    """Solve row n; returns (CONVERGED or FAILED, sweeps used, last residual).

    Cost: 6 n² multiply–adds a sweep.
    """
    step = derivative(H.t, n, reach)
    size = UNKNOWNS * (n + 2)
    gather(H, n, mixing.x)
    weigh(H, model, step, mixing.weight)
    forget(mixing)
    residual = np.inf
    for count in range(1, max_sweeps + 1):
        if not sweep(H, model, row, step, mixing.new) or not finite(mixing.new, size):
            if count == 1:
                return FAILED, count, residual
            # Too far: the response at equal times has no root there.
            mixing.x[:size] *= BACK
            mixing.x[:size] += (1.0 - BACK) * mixing.last_x[:size]
            scatter(mixing.x, n, H)
            H.R_perp[n, n], H.R_par[n, n] = H.R_perp[n - 1, n - 1], H.R_par[n - 1, n - 1]
            continue
        residual = mismatch(mixing, size)
        if not np.isfinite(residual):
            break
        if residual < tol:
            scatter(mixing.new, n, H)
            sound = physical(H, row, n) and H.C_A[n, n] <= 0.0
            return CONVERGED if sound else FAILED, count, residual
        if count > 1:
            remember(mixing, size)
        mix(mixing, size)
        scatter(mixing.x, n, H)
    return FAILED, count, residual


@kernel(fastmath=True)
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


@kernel()
def take(H, model, row, mixing, n, tol, max_sweeps, reach):
    """Predict, solve and, if it has a solution, accept row n; returns what `advance` does."""
    predict(H, n)
    outcome, sweeps, residual = advance(H, model, row, mixing, n, tol, max_sweeps, reach)
    if outcome == CONVERGED:
        accept(H, model, n)
    return outcome, sweeps, residual


@kernel(fastmath=True)
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
