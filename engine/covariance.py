"""What the equations know of activation and target: two functions, as values.

    h(q) = E σ(G₁)σ(G_q),   φ̂(q) = E φ(G₁)σ(G_q),   E G₁G_q = q

`Parameters.covariance` gives them with their derivatives.  Everything that is written in terms of
h and φ̂ asks this record for values and does not look at how they are represented, so that an
activation whose h is not a polynomial needs one more function here that makes the record.
"""

import functools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from numpy.polynomial.polynomial import polyder, polyval

Function = Callable[[Any], Any]
"""Of one number or of an array, element by element."""


class Coefficients(NamedTuple):
    """h and φ̂ as polynomials, lowest power first: what the compiled kernels take."""

    h: tuple[float, ...]
    phi_hat: tuple[float, ...]


@dataclass(frozen=True)
class Covariance:
    """h and φ̂ with their derivatives.

    is_linear     h(q) = h'(0)q: nothing is left of it in `nonlinear`
    matched       φ = σ, so that φ̂ = h
    coefficients  for the compiled kernels alone; two records are equal when these are
    """

    coefficients: Coefficients
    h: Function = field(compare=False)
    dh: Function = field(compare=False)
    ddh: Function = field(compare=False)
    phi_hat: Function = field(compare=False)
    dphi_hat: Function = field(compare=False)
    ddphi_hat: Function = field(compare=False)
    is_linear: bool = field(compare=False)
    matched: bool = field(compare=False)

    @property
    def h_1(self) -> float:
        """h(1) = E σ²."""
        return float(self.h(1.0))

    @property
    def dh_0(self) -> float:
        """h'(0), the weight of the activation's linear part."""
        return float(self.dh(0.0))

    @property
    def dh_1(self) -> float:
        """h'(1)."""
        return float(self.dh(1.0))

    @property
    def ddh_1(self) -> float:
        """h''(1)."""
        return float(self.ddh(1.0))

    @property
    def dphi_hat_0(self) -> float:
        """φ̂'(0), the signal that a random start sees."""
        return float(self.dphi_hat(0.0))

    @property
    def linear_fit(self) -> float:
        """φ̂'(0)/h'(0), the weight a·v of the best linear fit; 0 without a linear part."""
        return self.dphi_hat_0 / self.dh_0 if self.dh_0 > 0 else 0.0

    @property
    def linear_variance(self) -> float:
        """φ̂'(0)²/h'(0), what the best linear fit explains; 0 without a linear part."""
        return self.dphi_hat_0**2 / self.dh_0 if self.dh_0 > 0 else 0.0

    @property
    def nonlinear(self) -> "Covariance":
        """h̃(q) = h(q) − h'(0)q, without a signal (φ̂ = 0)."""
        return polynomial((0.0, 0.0, *self.coefficients.h[2:]), (0.0,))


@functools.lru_cache(maxsize=256)
def polynomial(h: tuple[float, ...], phi_hat: tuple[float, ...]) -> Covariance:
    """The record of h(q) = Σ h_k q^k and φ̂(q) = Σ φ̂_k q^k, lowest power first."""
    derivative = lambda c, order: functools.partial(polyval, c=polyder(c, order))  # noqa: E731
    return Covariance(
        Coefficients(h, phi_hat),
        derivative(h, 0), derivative(h, 1), derivative(h, 2),
        derivative(phi_hat, 0), derivative(phi_hat, 1), derivative(phi_hat, 2),
        is_linear=not any(h[2:]), matched=phi_hat == h)
