"""The newest row of the correlations of SymmDMFT, of ν, v and γ, given its responses.

    C_A = −R̂_A Σ_C R̂_Aᵀ                                                           (C.19)
    (D + ν + K̂_⊥) C_⊥ = −K^C_⊥ R̂_⊥ᵀ,       (D + ν + K̂_∥) C̃ = −K^C_∥ R̂_∥ᵀ            (C.34–C.41)
    (D + ν + K̂_∥) v = αγ√m ∇φ̂(v) I_A                                               (C.33)
"""

import numpy as np

from engine.dmft.scheme.derivative import past, past_rows
from engine.dmft.scheme.products import add_columns, add_rows, dot
from engine.dmft.symmetric.coefficients import signal
from engine.kernels import kernel


@kernel(fastmath=True)
def label_covariance(H, model, row, n):
    """Row n of Σ_C = τ² + ‖φ‖² − aφ̂(v) − a'φ̂(v') + γγ'[h(C_d) + (m−1)h(C_o)]  (C.43)."""
    fit_n = H.gamma[n] * model.sqrt_m * signal(model, H.v, n)
    for k in range(n + 1):
        fit = fit_n + H.gamma[k] * model.sqrt_m * signal(model, H.v, k)
        row.Sigma_C[k] = model.label_variance - fit + H.gamma[n] * H.gamma[k] * row.h_sum[k]


@kernel(fastmath=True)
def correlate_labels(H, Sigma_C, n, new):
    """Row n of C_A from (1 + Σ̂_R) C_A = −Σ_C R̂_Aᵀ, into new[0..n].  Cost: 3/2 n²."""
    A_n = H.R_A[n, n]
    for k in range(n):
        new[k] = 0.0
    add_rows(H.Sigma_R[n], H.C_A, n, new)
    add_columns(Sigma_C, H.R_A, n, new)
    for k in range(n):
        new[k] *= A_n
    new[n] = -A_n * (dot(H.Sigma_R[n], new, 1, n) + dot(Sigma_C, H.R_A[n], 1, n + 1))


@kernel(fastmath=True)
def correlate_weights(C, R, K, KC, step, out):
    """−(known part of DC) − K̂ C − K^C R̂ᵀ, the numerators of row n; returns that of [n,n].

    Everything in the row is proportional to 1/(d0 + ν + K̂[n,n]); the numerator of the
    diagonal is returned with R̂[n,·] in units of R̂[n,n], so that it goes with the square.
    """
    n = step.n
    past_rows(step, C, out)
    for k in range(n):
        out[k] = -out[k]
    add_rows(K, C, n, out)
    add_columns(KC, R, n, out)
    return -past(step, out) - dot(K, out, 1, n) - dot(KC, R[n], 1, n + 1) / R[n, n]


@kernel(fastmath=True)
def multiplier(Q_perp, Q_par, V2, kappa_perp, kappa_par, model):
    """x = d0 + ν from C_d(n,n) = 1, by Newton; V2 = ‖V‖².

    (1 − 1/m) Q_⊥/(x+κ_⊥)² + (Q_∥/m + ‖V‖²)/(x+κ_∥)² = 1: the left side is convex and
    falls to the right of both poles, so Newton from the left end climbs to the root.
    """
    A, B = (1.0 - model.inv_m) * Q_perp, model.inv_m * Q_par + V2
    x = np.sqrt(max(A, 0.0)) - kappa_perp
    if B > 0.0:
        x = max(x, np.sqrt(B) - kappa_par)
    for _ in range(60):
        u, w = 1.0 / (x + kappa_perp), 1.0 / (x + kappa_par)
        f = A * u * u + B * w * w - 1.0
        dx = f / (2.0 * (A * u * u * u + B * w * w * w))
        x += dx
        if abs(dx) <= 1e-14 * abs(x):
            break
    return x


@kernel(fastmath=True)
def second_layer(H, model, row, step, C_A):
    """γ at node n from C.36: γ' = αφ̂(v)I_A/√m − (α/m)[R̂_A γ(h_d + (m−1)h_o) + C_A γ(…) + λγ].

    The terms in γ_n itself are implicit.
    """
    n = step.n
    if not model.trains_gamma:
        return H.gamma[n - 1]
    memory = 0.0
    I_A = 0.0
    for k in range(1, n + 1):
        I_A += H.R_A[n, k]
        memory += C_A[k] * H.Sigma_R[n, k] / H.gamma[n]
        if k < n:
            memory += H.R_A[n, k] * H.gamma[k] * row.h_sum[k]
    drive = model.inv_sqrt_m * signal(model, H.v, n) * I_A - model.inv_m * memory
    stiffness = model.alpha * model.inv_m * H.R_A[n, n] * row.h_sum[n]
    return (model.alpha * drive - past(step, H.gamma)) / (step.d0 + stiffness + model.decay)
