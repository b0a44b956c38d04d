"""SymmDMFT with the tagged neuron for the scheme: one sweep, and what the step control watches.

Unknowns of a row are δγ, δv, δν, then those of SymmDMFT in its order, then the rows of C_own, C_in
and C_out.  Vectors from place LINEAR on are therefore what SymmDMFT's kernels expect.
"""

import math

from engine.dmft.scheme.card import Equations, provide
from engine.dmft.stability.correlations import (
    Equation,
    correlate,
    correlate_diagonal,
    pull,
    second_layer,
)
from engine.dmft.stability.history import LINEAR, History, Model, allocate
from engine.dmft.stability.responses import allocate_row, couple, respond
from engine.dmft.symmetric import equations as symmetric
from engine.kernels import kernel

GAP = 0.01
"""δv and δa/a need no more accuracy than if each were this part of the larger of the two."""


def equations(model: Model, gamma0: float, delta_gamma: float, delta_v: float) -> Equations:
    """SymmDMFT of `model` from γ(0) = gamma0, and the tagged neuron from its δγ(0) and δv(0)."""
    base = symmetric.equations(model.symmetric, gamma0)

    def start(H: History) -> None:
        """C_own = C_in = 0: the neurons are independent beyond v = 0."""
        H.delta_gamma[0], H.delta_v[0] = delta_gamma, delta_v
        base.start(H)

    return Equations(model, allocate, allocate_row, start, base.rebuild, base.fastest,
                     base.label_variance, ("delta_gamma", "delta_v", "delta_nu", *base.names),
                     lambda row: base.falling((row[0], *row[1 + LINEAR:])))


@kernel(fastmath=True)
def unknowns(x, n):
    """The rows C_own, C_in and C_out, views of a vector of unknowns."""
    at, size = LINEAR + 3 + 3 * (n + 1), n + 1
    return x[at:at + size], x[at + size:at + 2 * size], x[at + 2 * size:at + 3 * size]


@kernel(fastmath=True)
def sweep(H, model, row, step, new):
    """From the row's unknowns in H to their new values in the vector `new`.

    False if there is no response at equal times.  Cost: 12n² on top of SymmDMFT's 6n².
    """
    n, old_nu, delta_nu, e = step.n, H.nu[step.n], H.delta_nu[step.n], model.symmetric.inv_m
    base = row.symmetric
    if not symmetric.sweep(H, model.symmetric, base, step, new[LINEAR:]):
        return False
    C_perp, C_conn, C_A = symmetric.unknowns(new[LINEAR:], n, 1)
    couple(H, model, row, n, C_A)
    respond(H, model, row, step, old_nu, delta_nu)
    x = step.d0 + new[LINEAR + 2]
    u, w = 1.0 / (x + base.K_perp[n]), 1.0 / (x + base.K_par[n])
    own, into, out = unknowns(new, n)
    for_own = Equation(H.C_own, H.C_perp, C_perp, base.K_perp, row.K_own, base.KC_perp, row.KC_own,
                       H.R_perp, H.R_own)
    for_in = Equation(H.C_in, H.C_conn, C_conn, base.K_perp, row.K_in, base.KC_perp, row.KC_in,
                      H.R_par, H.R_out)
    for_out = Equation(H.C_out, H.C_perp, C_perp, base.K_par, row.K_out, base.KC_par, row.KC_out,
                       H.R_perp, H.R_in)
    correlate(step, for_own, u, delta_nu, own)
    correlate(step, for_in, u, delta_nu, into)
    correlate(step, for_out, w, delta_nu, out)
    own[n] = correlate_diagonal(step, for_own, own, u, delta_nu)
    into[n] = correlate_diagonal(step, for_in, out, u, delta_nu)
    v = new[LINEAR + 1]
    delta_v = pull(H, model, row, step, u, delta_nu)
    # C_ii(t,t) stays 1: move δν, on which rows depend from both sides of C = −R K^C Rᵀ.
    excess = 2.0 * v * delta_v + (1.0 - 2.0 * e) * own[n] + 2.0 * e * into[n]
    by_own, by_in = 2.0 * u * C_perp[n], u * C_conn[n] + w * C_perp[n]
    change = excess / (2.0 * u * v * v + (1.0 - 2.0 * e) * by_own + 2.0 * e * by_in)
    for k in range(n):
        own[k] -= change * u * C_perp[k]
        into[k] -= change * u * C_conn[k]
        out[k] -= change * w * C_perp[k]
    delta_v -= change * u * v
    own[n] -= change * by_own
    into[n] -= change * by_in
    out[n] = into[n]
    new[0] = second_layer(H, model, row, step, C_A)
    new[1] = delta_v
    new[2] = delta_nu + change
    return True


@kernel(fastmath=True)
def largest(H, n):
    """The larger of |δv| and |δa/a|."""
    return max(abs(H.delta_v[n]), abs(H.delta_gamma[n]) / H.gamma[n], 1e-300)


@kernel(fastmath=True)
def weigh(H, model, step, weight):
    """SymmDMFT's unknowns as there; of the linear part δv and δγ against themselves, the rows
    against the larger of δv and δa/a."""
    n = step.n
    symmetric.weigh(H, model.symmetric, step, weight[LINEAR:])
    common = largest(H, n)
    weight[0] = 1.0 / (abs(H.delta_gamma[n]) + GAP * common * H.gamma[n])
    weight[1] = 1.0 / (abs(H.delta_v[n]) + GAP * common)
    weight[2] = 1.0 / (step.d0 * common)
    own, into, out = unknowns(weight, n)
    for k in range(n + 1):
        own[k] = into[k] = out[k] = 1.0 / common


@kernel()
def sizes(H, model, n, size, leaving):
    """SymmDMFT's as there; δv and δγ against themselves, so that their growth by the factor e in a
    time 1/λ is resolved however long it lasts: ln|δ| errs by a quarter of rtol times its change.
    """
    size[:LINEAR], leaving[:LINEAR] = math.inf, math.inf
    symmetric.sizes(H, model.symmetric, n, size[LINEAR:], leaving[LINEAR:])
    common = largest(H, n)
    size[0] = abs(H.delta_gamma[n]) + GAP * common * H.gamma[n]
    size[1] = abs(H.delta_v[n]) + GAP * common


@kernel(fastmath=True)
def sound(H, row, n):
    """As in SymmDMFT: the linear part always has a solution."""
    return symmetric.sound(H, row.symmetric, n)


@kernel(fastmath=True)
def accept(H, model, n):
    """The errors of row n, to which the linear part adds nothing."""
    symmetric.accept(H, model.symmetric, n)


provide(History, sweep, weigh, sound, accept, sizes)
