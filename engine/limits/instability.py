"""How fast differences between neurons grow on the mean-field plateau, m → ∞.

On the plateau of `locking.py`, v = 1 − δ for t ≫ √m, a neuron that differs from the others drifts
away from them (`docs/unequal-neurons.md`): with h and its derivatives h, h₁, h₂, h₃ at 1 and
c = h₂ + h₁ − h₁²/h

    λ = 2αδ² [ψ + (c/2)(1 − h₃/h₂ − h₂/h₁)],   ψ = (h₂ − h₁)(1 − h₁/h) + h₃
    λm → (8τ²h₂/c²) [the same bracket],        independent of α

Corrections are powers of m^(−1/4): at m = 4096 λm is 12 % below (cubic) to 30 % above (weak)
its limit, at 10⁶ within 6 %.
"""

from numpy.polynomial import Polynomial

from engine.limits.locking import plateau_derivatives
from engine.parameters import Parameters


def plateau_rate(p: Parameters) -> float:
    """λ, the growth rate of differences between neurons at rest on the plateau, for width p.m.

    `engine.stability` gives it at any width and time; its values at m = 16384, 65536, 262144 and
    10⁶ extrapolate by powers of m^(−1/4) to this within 0.3 % for seven h (four of them chosen
    after the formula).  A derivation of a physicist, not a proof.  Positive for every h tried, so
    that the rest is unstable; before t = √m, and below `locking_width`, it does not apply.
    Raises LimitError as `locked_state`.
    """
    h, h1, h2, c = plateau_derivatives(p)
    h3 = Polynomial(p.covariance.coefficients.h).deriv(3)(1.0)
    bracket = (h2 - h1) * (1 - h1 / h) + h3 + c / 2 * (1 - h3 / h2 - h2 / h1)
    return 8 * p.tau**2 * h2 / c**2 * bracket / p.m
