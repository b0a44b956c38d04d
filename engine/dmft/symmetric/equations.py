"""SymmDMFT for the scheme: one sweep, the errors of a row, and what the step control watches.

Unknowns of a row are γ, v (one number for each direction), ν and the rows of C_⊥, C̃ and C_A.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np

from engine.directions import component_names
from engine.dmft.scheme.card import Equations, provide
from engine.dmft.scheme.derivative import past
from engine.dmft.scheme.error import small_error
from engine.dmft.scheme.products import dot
from engine.dmft.symmetric.coefficients import (
    Model,
    overlap,
    polynomial,
    pull,
    signal,
)
from engine.dmft.symmetric.correlations import (
    correlate_labels,
    correlate_weights,
    label_covariance,
    multiplier,
    second_layer,
)
from engine.dmft.symmetric.history import History, allocate, rebuild
from engine.dmft.symmetric.history import label_covariance as whole_label_covariance
from engine.dmft.symmetric.responses import (
    allocate_row,
    couple,
    physical,
    respond,
    respond_diagonal,
)
from engine.kernels import kernel

OBSERVABLES = ("train_error", "test_error", "Co", "Cd0")


def equations(model: Model, gamma0: float, v0: Sequence[float] = ()) -> Equations:
    """SymmDMFT of `model` from γ(0) = gamma0 and v(0) = v0, of each direction or all 0."""
    k = max(1, len(model.dterms))
    names = ("gamma", *(component_names(k) if model.terms.size else ("v",)), "nu", *OBSERVABLES)
    error = 1 + names.index("train_error")
    return Equations(
        model, partial(allocate, k), allocate_row, partial(_start, model, gamma0, v0),
        lambda H, n: rebuild(H, model, n), _fastest(model, gamma0), model.label_variance, names,
        lambda row: objective(model, row[error], row[1]))


def objective(model: Model, train_error: float, gamma: float) -> float:
    """e_tr + λγ²/2, whose gradient flow this is."""
    return train_error + 0.5 * model.penalty * gamma**2


def _start(model: Model, gamma0: float, v0: Sequence[float], H: History) -> None:
    """Row 0: weights that have only v in common, C_⊥ = C̃ = 1 − ‖v‖², R_⊥ = R_∥ = 1.

    C_A(0,0) = −Σ_C(0,0), because R_A is the identity at t = 0.
    """
    H.gamma[0] = gamma0
    if v0:
        H.v[:, 0] = v0
    H.C_perp[0, 0] = H.C_conn[0, 0] = 1.0 - np.sum(H.v[:, 0] ** 2)
    H.R_perp[0, 0], H.R_par[0, 0], H.R_A[0, 0] = 1.0, 1.0, 1.0
    H.C_A[0, 0] = -whole_label_covariance(H, model, 1)[0, 0]


def _fastest(model: Model, gamma0: float) -> float:
    """1/(αγ₀² [h'(1) + (m−1)h'(0)]), at most 1."""
    rate = model.alpha * gamma0**2 * (model.dh.sum() + model.m_minus_1 * model.dh[0])
    return 1.0 / max(rate, 1.0)


@kernel(fastmath=True)
def unknowns(x, n, k):
    """The rows C_⊥, C̃ and C_A, views of a vector x that begins with (γ, v_1 … v_k, ν)."""
    at = k + 2
    return x[at:at + n + 1], x[at + n + 1:at + 2 * n + 2], x[at + 2 * n + 2:at + 3 * n + 3]


@kernel(fastmath=True)
def sweep(H, model, row, step, new):
    """From the row's (γ, v, ν, C_⊥, C̃, C_A) in H to their new values in the vector `new`.

    False if there is no response at equal times.
    """
    n = step.n
    k_max, nu = H.v.shape[0], H.nu[n]
    couple(H, model, row, n)
    if not respond_diagonal(H, row, step, nu):
        return False
    respond(H, row, step, nu)
    C_perp, C_conn, C_A = unknowns(new, n, k_max)
    label_covariance(H, model, row, n)
    correlate_labels(H, row.Sigma_C, n, C_A)
    for k in range(n + 1):
        row.KC_perp[k] = row.perp_A[k] * C_A[k]
        row.KC_par[k] = row.par_A[k] * C_A[k]
    Q_perp = correlate_weights(H.C_perp, H.R_perp, row.K_perp, row.KC_perp, step, C_perp)
    Q_par = correlate_weights(H.C_conn, H.R_par, row.K_par, row.KC_par, step, C_conn)
    I_A = 0.0
    for k in range(1, n + 1):
        I_A += H.R_A[n, k]
    V2 = 0.0
    for i in range(k_max):
        V = model.alpha * H.gamma[n] * model.sqrt_m * pull(model, H.v, n, i) * I_A
        V -= past(step, H.v[i]) + dot(row.K_par, H.v[i], 1, n)
        V2 += V * V
        new[1 + i] = V
    x = multiplier(max(Q_perp, 0.0), Q_par, V2, row.K_perp[n], row.K_par[n], model)
    u, w = 1.0 / (x + row.K_perp[n]), 1.0 / (x + row.K_par[n])
    for k in range(n):
        C_perp[k] *= u
        C_conn[k] *= w
    v2 = 0.0
    for i in range(k_max):
        new[1 + i] *= w
        v2 += new[1 + i] * new[1 + i]
    C_conn[n] = Q_par * w * w
    # C_d(n,n) = 1 exactly, whatever rounding did in x.
    C_perp[n] = (1.0 - v2 - model.inv_m * C_conn[n]) / (1.0 - model.inv_m)
    new[0] = second_layer(H, model, row, step, C_A)
    new[1 + k_max] = x - step.d0
    return True


@kernel(fastmath=True)
def weigh(H, model, step, weight):
    """γ against itself, v against 1/√m, ν against d0, C_⊥ and C̃ against 1, C_A its diagonal."""
    n = step.n
    k_max = H.v.shape[0]
    weight[0], weight[1 + k_max] = 1.0 / H.gamma[n], 1.0 / step.d0
    for i in range(k_max):
        weight[1 + i] = max(1.0, model.sqrt_m)
    C_perp, C_conn, C_A = unknowns(weight, n, k_max)
    scale = 1.0 / max(abs(H.C_A[n, n]), 1e-300)
    for k in range(n + 1):
        C_perp[k], C_conn[k], C_A[k] = 1.0, 1.0, scale
    C_A[0] = 0.0  # C_A(t,0) has no weight in any sum


@kernel(fastmath=True)
def accept(H, model, n):
    """The errors of row n.

    e_tr = −½C_A(t,t) (C.45)
    e_ts = ½[τ² + ‖φ‖² − 2aφ̂(v) + a²h(1)/m + a²(m−1)/m h(C_o(t,t))] (C.46)
    """
    if n > 0 and not model.trains_gamma:
        H.gamma[n] = H.gamma[n - 1]  # to the last bit
    gamma = H.gamma[n]
    H.Co[n] = model.inv_m * (H.C_conn[n, n] - H.C_perp[n, n]) + overlap(H.v, n, H.v, n)
    Co0 = model.inv_m * (H.C_conn[n, 0] - H.C_perp[n, 0]) + overlap(H.v, n, H.v, 0)
    H.Cd0[n] = H.C_perp[n, 0] + Co0
    H.train_error[n] = -0.5 * H.C_A[n, n]
    spread = polynomial(model.h, 1.0) + model.m_minus_1 * polynomial(model.h, H.Co[n])
    fit = model.sqrt_m * gamma * signal(model, H.v, n)
    H.test_error[n] = 0.5 * (model.label_variance - 2.0 * fit + gamma * gamma * spread)


@kernel()
def sizes(H, model, n, size, leaving):
    """γ counts against itself, v_i against 1 and, leaving a plateau, 1/√m.

    The train error counts against its present value and a little more, so that its exponential
    decay to zero does not hold the step.
    """
    for i in range(size.size):
        size[i] = leaving[i] = np.inf
    k_max = H.v.shape[0]
    size[0] = leaving[0] = H.gamma[n]
    for i in range(k_max):
        size[1 + i], leaving[1 + i] = 1.0, 1.0 / max(model.sqrt_m, 1.0)
    size[2 + k_max] = H.train_error[n] + small_error(model.label_variance, H.train_error[0])


@kernel(fastmath=True)
def sound(H, row, n):
    """On the physical branch, with −C_A(n,n) ≥ 0."""
    return physical(H, row, n) and H.C_A[n, n] <= 0.0


provide(History, sweep, weigh, sound, accept, sizes)
