"""The newest row of the tagged neuron's correlations, of δν, δv and δγ, given its responses.

    (D + ν + K̂_⊥) C_own = −(δν + K̂_own) C_⊥ − K^C_own R̂_⊥ᵀ − K^C_⊥ R̂_ownᵀ
    (D + ν + K̂_⊥) C_in  = −(δν + K̂_in) C̃_∥ − K^C_in R̂_∥ᵀ − K^C_⊥ R̂_outᵀ
    (D + ν + K̂_∥) C_out = −(δν + K̂_out) C_⊥ − K^C_out R̂_⊥ᵀ − K^C_∥ R̂_inᵀ
    (D + ν + K̂_⊥) δv = α(δa φ̂' + a φ̂'' δv) I_A − (δν + K̂_in) v
    2v δv + (1 − 2/m) C_own + (2/m) C_in = 0 at equal times, from which δν
"""

from typing import NamedTuple

import numpy as np

from engine.dmft.scheme.derivative import past, past_rows
from engine.dmft.scheme.products import add_columns, add_rows, dot
from engine.dmft.symmetric.coefficients import polynomial
from engine.kernels import kernel


class Equation(NamedTuple):
    """(D + ν + K)X = −(δν + dK)Y − dKC Rᵀ − KC dRᵀ for one correlation X = δY: histories (N, N),
    and of the row n its kernels and new_Y, (nodes,)."""

    X: np.ndarray
    Y: np.ndarray
    new_Y: np.ndarray
    K: np.ndarray
    dK: np.ndarray
    KC: np.ndarray
    dKC: np.ndarray
    R: np.ndarray
    dR: np.ndarray


@kernel(fastmath=True)
def correlate(step, equation, scale, delta_nu, out):
    """out[k] = X[n,k] for k < n, with scale 1/(d₀ + ν + K[n])."""
    n, new_Y, dK = step.n, equation.new_Y, equation.dK
    past_rows(step, equation.X, out)
    for k in range(n):
        out[k] = -out[k] - (delta_nu + dK[n]) * new_Y[k]
    add_rows(equation.K, equation.X, n, out)
    add_rows(dK, equation.Y, n, out)
    add_columns(equation.dKC, equation.R, n, out)
    add_columns(equation.KC, equation.dR, n, out)
    for k in range(n):
        out[k] *= scale


@kernel(fastmath=True)
def correlate_diagonal(step, equation, column, scale, delta_nu):
    """X[n,n]; column[k] is X[k,n]."""
    n, new_Y = step.n, equation.new_Y
    total = past(step, column) + dot(equation.K, column, 1, n)
    total += dot(equation.dK, new_Y, 1, n + 1) + delta_nu * new_Y[n]
    total += dot(equation.dKC, equation.R[n], 1, n + 1)
    total += dot(equation.KC, equation.dR[n], 1, n + 1)
    return -scale * total


@kernel(fastmath=True)
def pull(H, model, row, step, scale, delta_nu):
    """δv at node n for this δν, without 2vδv's own share in it."""
    n, base = step.n, model.symmetric
    I_A = 0.0
    for k in range(1, n + 1):
        I_A += H.R_A[n, k]
    force = base.alpha * base.sqrt_m * I_A * (
        H.delta_gamma[n] * polynomial(base.dphi_hat, H.v[0, n])
        + H.gamma[n] * polynomial(model.ddphi_hat, H.v[0, n]) * H.delta_v[n])
    force -= past(step, H.delta_v) + dot(row.symmetric.K_perp, H.delta_v, 1, n)
    return scale * (force - dot(row.K_in, H.v[0], 1, n + 1) - delta_nu * H.v[0, n])


@kernel(fastmath=True)
def second_layer(H, model, row, step, C_A):
    """δγ at node n:

    δγ' = αφ̂'(v)δv I_A/√m − (α/m) ∫ R_A {δ of Σ_l γ_l h(C_il)} − (α/m) ∫ C_A {δ of Σ_l γ_l h'R_il}
          − (αλ/m) δγ
    """
    n, base, e = step.n, model.symmetric, model.symmetric.inv_m
    if not base.trains_gamma:
        return H.delta_gamma[n - 1]
    I_A = memory = 0.0
    for k in range(1, n + 1):
        I_A += H.R_A[n, k]
        own, into, out = H.R_own[n, k], H.R_in[n, k], H.R_out[n, k]
        change = row.R_change[k] + row.h_self[k] * (own + e * (into + out - 2.0 * own))
        change += row.h_pair[k] * ((1.0 - e) * (into - own) - e * (out - own))
        memory += H.R_A[n, k] * row.h_change[k] + C_A[k] * change
    drive = base.inv_sqrt_m * polynomial(base.dphi_hat, H.v[0, n]) * H.delta_v[n] * I_A
    drive -= base.inv_m * memory
    return (base.alpha * drive - past(step, H.delta_gamma)) / (step.d0 + base.decay)
