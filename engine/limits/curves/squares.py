"""A lazy start of neurons that differ, with a z² term in h and φ: what they learn before t = Θ(1).

Ours, not the paper's, whose neurons are identical and learn the linear part alone.  Let group g
have a_g = γ_g√m and share w_g of the neurons, and ⟨·⟩ = Σ_g w_g(·).  At t = x/√m the linear part
is learned, ⟨γv⟩ = φ̂'(0)/(h'(0)√m), no neuron has moved in the other directions and R_A = δ.  With
v = O(m^{−1/4}), of both signs, the z² parts of target and network are of order 1 and the next ones
vanish, so that from C.7–C.10

    dv_g/dx = αγ_g [(φ̂''(0) − h''(0)S) v_g − ℓ],   S = √m ⟨γv²⟩,   ℓ keeps ⟨γv⟩ as it is
    e_tr = e_ts = ½[τ² + ‖φ‖² − f₁² − f₂² + ⟨γ²⟩(h(1) − h'(0))] + ¼h''(0)(S − S_∞)²

S → S_∞ = φ̂''(0)/h''(0), f₂² = φ̂''(0)²/(2h''(0)): for equal γ the logistic law, of rate
2αγ₀φ̂''(0)√m.  Then, at t = Θ(1) and later, the force √m(…)v_g leaves S = S_∞, I_A∫R_A cancelling,
and what is left is the paper's problem with τ'² − f₂² in the place of τ'² (`noise_left`).  All to
leading order in m^{−1/2} and, from t = Θ(1) on, in the spread of a(0).
"""

import math
from typing import NamedTuple

import numpy as np
from scipy.integrate import solve_ivp

from engine.limits.frame import LimitError, check_one_direction
from engine.limits.levels import noise_left
from engine.parameters import Parameters


class Squares(NamedTuple):
    """Times (nodes,), v_g (nodes, groups), the learned z² part S of S_∞, and the error (nodes,)."""

    t: np.ndarray
    v: np.ndarray
    learned: np.ndarray
    whole: float
    error: np.ndarray


def learning_squares(p: Parameters, t: np.ndarray) -> Squares:
    """v_g and the error at t = Θ(1/√m), at times t of shape (nodes,), rising from 0.

    Raises LimitError for a start or a target to which it does not apply.  Cost: milliseconds.
    """
    check_one_direction(p)
    if noise_left(p) == p.reduced_noise or p.covariance.dh_0 == 0:
        raise LimitError("the z² part is learned before t = Θ(1) from a lazy start of neurons that"
                         " differ, if h and φ have such a part and a linear one. Set init to lazy"
                         " and start_d or spread, and take h = quadratic.")
    known, root = p.covariance, math.sqrt(p.m)
    share, gamma, v = start(p)
    mean = lambda x: x @ share  # noqa: E731
    pull, stiffness = float(known.ddphi_hat(0.0)), float(known.ddh(0.0))
    # t = Θ(1/m): the mean network takes the linear part, each neuron as its γ pulls.
    taken = float(known.dphi_hat_0) / (known.dh_0 * root)
    v = v + gamma * (taken - mean(gamma * v)) / mean(gamma**2)

    def rate(_: float, v: np.ndarray) -> np.ndarray:
        force = p.alpha * (pull - stiffness * root * mean(gamma * v**2)) * gamma * v
        return force - gamma * mean(gamma * force) / mean(gamma**2)

    found = solve_ivp(rate, (0.0, root * t[-1]), v, t_eval=root * np.asarray(t), method="LSODA",
                      rtol=1e-8, atol=1e-12)
    learned, whole = root * (found.y.T**2 @ (share * gamma)), pull / stiffness
    rest = (noise_left(p) + mean(gamma**2) * (known.h_1 - known.dh_0)) / 2
    return Squares(np.asarray(t), found.y.T, learned, whole,
                   rest + stiffness / 4 * (learned - whole) ** 2)


def start(p: Parameters) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Shares, γ_g and v_g(0) of the groups, each of shape (groups,)."""
    groups = p.neurons
    return (np.array([group.size / p.m for group in groups]),
            np.array([p.gamma0 * group.factor * group.sign for group in groups]),
            np.array([group.v0 for group in groups]))
