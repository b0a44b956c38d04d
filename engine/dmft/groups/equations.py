"""p groups for the scheme: one sweep, the errors of a row, and what the step control watches.

Unknowns of a row are γ_g, v_g, ν_g and the rows of C_⊥,g, C̃_gl and C_A.
"""

import math
from collections.abc import Sequence
from functools import partial

import numpy as np

from engine.directions import component_names
from engine.dmft.groups.coefficients import Groups, Start
from engine.dmft.groups.correlations import (
    correlate_means,
    drive,
    label_covariance,
    multipliers,
    sandwich,
    second_layer,
)
from engine.dmft.groups.coupling import couple
from engine.dmft.groups.history import History, allocate, lay_out, names, rebuild
from engine.dmft.groups.history import label_covariance as whole_label_covariance
from engine.dmft.groups.responses import respond, respond_diagonal
from engine.dmft.groups.row import allocate_row
from engine.dmft.scheme.card import Equations, provide
from engine.dmft.scheme.error import small_error
from engine.dmft.symmetric.coefficients import overlap, polynomial, signal
from engine.dmft.symmetric.correlations import correlate_labels, correlate_weights
from engine.kernels import kernel

GAP = 0.01
"""Differences between groups below this part of their common size are not watched closely."""
FINELY = 10.0
"""Differences are to be as accurate, relative to their own size, as values relative to theirs,
within this factor."""


def equations(model: Groups, start: Start) -> Equations:
    """The general DMFT of `model` from `start`."""
    p, k = start.v.shape
    called = names(p, component_names(k) if model.terms.size else ("v",))
    return Equations(model, partial(allocate, p, k), partial(allocate_row, p, k),
                     partial(_start, model, start), lambda H, n: rebuild(H, model, n),
                     _fastest(model, start), model.label_variance, called,
                     partial(_objective, model, 1 + called.index("train_error")))


def _objective(model: Groups, error: int, row: Sequence[float]) -> float:
    """e_tr + (λ/2) Σ_g m_g γ_g²/m of a row, whose gradient flow this is; e_tr is row[error]."""
    p, penalty = len(model.size), model.decay * model.width / model.alpha
    return row[error] + 0.5 * penalty * float(model.share @ np.square(row[1:1 + p]))


def _start(model: Groups, start: Start, H: History) -> None:
    """Row 0: C_A(0,0) = −Σ_C(0,0), because R_A is the identity at t = 0."""
    H.gamma[:, 0], H.v[:, :, 0] = start.gamma, start.v
    alone = model.size == 1
    C_perp = np.where(alone, 0.0, 1.0 - np.diagonal(start.overlaps))
    both = start.v @ start.v.T
    connected = start.overlaps - both
    np.fill_diagonal(connected, np.where(alone, 1.0 - np.diagonal(both) - C_perp,
                                         np.diagonal(connected)))
    H.C_perp[:, 0, 0] = C_perp
    H.C_conn[:, :, 0, 0] = np.outer(model.root, model.root) * connected + np.diag(C_perp)
    # The response at equal times, from which the first cell is predicted.
    H.R_perp[:, 0, 0] = np.where(alone, 0.0, 1.0)
    H.R_par[:, :, 0, 0] = np.eye(len(model.size))
    H.R_A[0, 0] = 1.0
    H.C_A[0, 0] = -whole_label_covariance(H, model, 1)[0, 0]


def _fastest(model: Groups, start: Start) -> float:
    """1/(α⟨γ²⟩ [h'(1) + (m−1)h'(0)]), at most 1."""
    rate = model.alpha * (model.share @ start.gamma**2) * (
        model.dh.sum() + (model.width - 1) * model.dh[0])
    return 1.0 / max(rate, 1.0)


@kernel(fastmath=True)
def unknowns(x, n, p, k):
    """γ (p,), v (p, k), ν (p,), C_⊥ (p, n + 1), C̃ (p, p, n + 1) and C_A (n + 1,), views of the
    vector x."""
    at, size = (2 + k) * p, n + 1
    C_perp = x[at:at + p * size].reshape(p, size)
    C_conn = x[at + p * size:at + (p + p * p) * size].reshape(p, p, size)
    C_A = x[at + (p + p * p) * size:at + (p + p * p + 1) * size]
    return x[:p], x[p:at - p].reshape(p, k), x[at - p:at], C_perp, C_conn, C_A


@kernel()
def sweep(H, model, row, step, new):
    """From the row's unknowns in H to their new values in the vector `new`.

    False if there is no response at equal times.  Cost: some 2p³n² multiply–adds.
    """
    n, p = step.n, model.size.size
    couple(H, model, row, n)
    if not respond_diagonal(H, model, row, step):
        return False
    respond(H, model, row, step)
    gamma, v, nu, C_perp, C_conn, C_A = unknowns(new, n, p, H.v.shape[1])
    label_covariance(H, model, row, n)
    correlate_labels(H, row.Sigma_C, n, C_A)
    x, Q_perp = row.diagonal.x, row.diagonal.Q_perp
    for g in range(p):
        x[g] = step.d0 + H.nu[g, n]
        for k in range(n + 1):
            row.KC_perp[g, k] = row.perp_A[g, k] * C_A[k]
            for l in range(k * p, (k + 1) * p):
                row.KC_par[g, l] = row.par_A[g, l] * C_A[k]
        if model.size[g] == 1.0:
            for k in range(n + 1):
                C_perp[g, k] = 0.0
        else:
            Q_perp[g] = max(0.0, correlate_weights(
                H.C_perp[g], H.R_perp[g], row.K_perp[g], row.KC_perp[g], step, C_perp[g]))
    correlate_means(H, row, step)
    drive(H, model, row, step)
    multipliers(row, model, n)
    finish(model, row, n, v, C_perp, C_conn)
    second_layer(H, model, row, step, C_A, gamma)
    for g in range(p):
        nu[g] = x[g] - step.d0
    return True


@kernel(fastmath=True)
def finish(model, row, n, v, C_perp, C_conn):
    """Numerators become the rows of v, C_⊥ and C̃; C_d,g(n,n) = 1 whatever rounding did in x."""
    x, P, b = row.diagonal.x, row.diagonal.P, row.diagonal.b
    p = x.size
    for g in range(p):
        if model.size[g] > 1.0:
            u = 1.0 / (x[g] + row.K_perp[g, n])
            for k in range(n):
                C_perp[g, k] *= u
        for j in range(b.shape[0]):
            v[g, j] = 0.0
            for i in range(p):
                v[g, j] += P[g, i] * b[j, i]
            v[g, j] /= model.root[g]
        for l in range(p):
            into = C_conn[g, l]
            for k in range(n):
                into[k] = 0.0
            for i in range(p):
                P_gi, numerators = P[g, i], row.numerators[i]
                for k in range(n):
                    into[k] += P_gi * numerators[k * p + l]
    C_nn = np.empty((p, p))
    sandwich(P, row.diagonal.Q, C_nn)
    for g in range(p):
        for l in range(p):
            C_conn[g, l, n] = C_nn[g, l]
    for g in range(p):
        v2 = 0.0
        for j in range(v.shape[1]):
            v2 += v[g, j] * v[g, j]
        if model.size[g] > 1.0:
            e = 1.0 / model.size[g]
            C_perp[g, n] = (1.0 - v2 - e * C_conn[g, g, n]) / (1.0 - e)
        else:
            C_conn[g, g, n] = 1.0 - v2


@kernel(fastmath=True)
def weigh(H, model, step, weight):
    """γ against its size over all neurons, v against 1/√m, ν against d0, C_⊥ and C̃ against 1, C_A
    its diagonal."""
    n, p = step.n, model.size.size
    gamma, v, nu, C_perp, C_conn, C_A = unknowns(weight, n, p, H.v.shape[1])
    size, scale = common_size(H.gamma, model, n), 1.0 / max(abs(H.C_A[n, n]), 1e-300)
    for g in range(p):
        gamma[g], nu[g] = 1.0 / size, 1.0 / step.d0
        for i in range(v.shape[1]):
            v[g, i] = math.sqrt(model.width)
        for k in range(n + 1):
            C_perp[g, k] = 1.0
        for l in range(p):
            for k in range(n + 1):
                C_conn[g, l, k] = 1.0
    for k in range(n + 1):
        C_A[k] = scale
    C_A[0] = 0.0  # C_A(t,0) has no weight in any sum


@kernel(fastmath=True)
def common_size(values, model, n):
    """Root mean square of a value over all neurons."""
    total = 0.0
    for g in range(model.size.size):
        total += model.share[g] * values[g, n] ** 2
    return math.sqrt(total)


@kernel(fastmath=True)
def sound(H, row, n):
    """Are the responses at [n,n] on the branch that steps h → 0 reach, and −C_A(n,n) ≥ 0?"""
    if H.C_A[n, n] > 0.0:
        return False
    for g in range(row.K_perp.shape[0]):
        A = H.R_A[n, n]
        slope = H.C_A[n, n] * row.perp_r[g, n] \
            - row.perp_A[g, n] * A * A * H.gamma[g, n] * row.t_perp[g, n]
        if 1.0 + H.R_perp[g, n, n] ** 2 * slope <= 0.0:
            return False
    return True


@kernel(fastmath=True)
def accept(H, model, n):
    """The errors of row n, overlaps, and the differences between groups; lays the row out.

    e_tr = −½C_A(t,t)
    e_ts = ½[τ² + ‖φ‖² − (2/m) Σ_i a_i φ̂(v_i) + m⁻² Σ_ij a_i a_j h(C_ij(t,t))]      (C.20, C.21)
    """
    p = model.size.size
    mean_gamma = 0.0
    for g in range(p):
        if n > 0 and not model.trains_gamma:
            H.gamma[g, n] = H.gamma[g, n - 1]  # to the last bit
        mean_gamma += model.share[g] * H.gamma[g, n]
    for i in range(H.v.shape[1]):
        mean_v = 0.0
        for g in range(p):
            mean_v += model.share[g] * H.v[g, i, n]
        for g in range(p):
            H.v_gap[g, i, n] = H.v[g, i, n] - mean_v
    variance = model.label_variance
    root = math.sqrt(model.width)
    for g in range(p):
        H.gamma_gap[g, n] = H.gamma[g, n] - mean_gamma
        gamma, v, e = H.gamma[g, n], H.v[g], 1.0 / model.size[g]
        variance -= 2.0 * root * model.share[g] * gamma * signal(model, v, n)
        for l in range(p):
            Co = H.C_conn[g, l, n, n] / (model.root[g] * model.root[l]) + overlap(v, n, H.v[l], n)
            others = model.size[l]
            if l == g:
                Co -= e * H.C_perp[g, n, n]
                others -= 1.0
                variance += model.share[g] * gamma * gamma * polynomial(model.h, 1.0)
            H.overlap[g, l, n] = Co
            variance += model.share[g] * gamma * H.gamma[l, n] * others * polynomial(model.h, Co)
        start = e * (H.C_conn[g, g, n, 0] - H.C_perp[g, n, 0]) + overlap(v, n, v, 0)
        H.Cd0[g, n] = H.C_perp[g, n, 0] + start
    H.errors[0, n] = -0.5 * H.C_A[n, n]
    H.errors[1, n] = 0.5 * variance
    for g in range(p):
        for l in range(p):
            for k in range(n):
                H.R_par[g, l, n, k] = H.R_past[n, g, k * p + l]
    lay_out(H, n)


@kernel()
def sizes(H, model, n, size, leaving):
    """As in SymmDMFT for γ_g and v_g, and their differences between groups against themselves:
    they grow off a plateau long before the means show it."""
    p = model.size.size
    for i in range(size.size):
        size[i] = leaving[i] = np.inf
    gamma = common_size(H.gamma, model, n)
    gap_gamma = max(common_size(H.gamma_gap, model, n), GAP * gamma)
    square_v = 0.0
    for i in range(H.v.shape[1]):
        square_v += common_size(H.v_gap[:, i], model, n) ** 2
    gap_v = max(math.sqrt(square_v), GAP)
    q = p * H.v.shape[1]
    at = 2 * p + q + 2
    for g in range(p):
        size[g] = leaving[g] = max(gamma, abs(H.gamma[g, n]))
        size[at + g], leaving[at + g] = FINELY * gap_gamma, gap_gamma
    for g in range(q):
        size[p + g], leaving[p + g] = 1.0, 1.0 / math.sqrt(model.width)
        size[at + p + g], leaving[at + p + g] = FINELY * gap_v, gap_v
    size[2 * p + q] = H.errors[0, n] + small_error(model.label_variance, H.errors[0, 0])


provide(History, sweep, weigh, sound, accept, sizes)
