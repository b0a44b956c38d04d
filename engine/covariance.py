"""What the equations know of activation and target: two functions, as values.

    h(q) = E σ(G₁)σ(G_q),   φ̂(q) = E φ(G₁)σ(G_q),   E G₁G_q = q

`Parameters.covariance` gives them with their derivatives.  Everything that is written in terms of
h and φ̂ asks this record for values and does not look at how they are represented.
"""

import functools
import math
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.polynomial.polynomial import polyder, polyval

from engine.activations import FUNCTIONS, Tail, Values, expand
from engine.directions import Series, Terms, overlap_series
from engine.fields import ParameterError


class Coefficients(NamedTuple):
    """h and φ̂ as polynomials, lowest power first: what the compiled kernels take.

    terms  those of the target of several directions, of which phi_hat then says nothing
    """

    h: tuple[float, ...]
    phi_hat: tuple[float, ...]
    terms: Terms = ()


@dataclass(frozen=True)
class Covariance:
    """h and φ̂ with their derivatives.

    is_linear     h(q) = h'(0)q: nothing is left of it in `nonlinear`
    matched       φ = σ, so that φ̂ = h
    coefficients  for the compiled kernels alone; two records are equal when these are
    tail          what the coefficients of h leave out; nothing where h is a polynomial
    phi_hat_tail  a bound on what those of φ̂ leave out
    kink          the activation whose h''(1) is infinite, if it has one
    series        of a target of k directions: φ̂ takes v of shape (k, …), φ̂' is the gradient of
                  that shape, φ̂'' is (k, k, …); None where v is a number
    """

    coefficients: Coefficients
    h: Values = field(compare=False)
    dh: Values = field(compare=False)
    ddh: Values = field(compare=False)
    phi_hat: Values = field(compare=False)
    dphi_hat: Values = field(compare=False)
    ddphi_hat: Values = field(compare=False)
    is_linear: bool = field(compare=False)
    matched: bool = field(compare=False)
    tail: Tail = field(default=Tail(), compare=False)
    phi_hat_tail: float = field(default=0.0, compare=False)
    kink: str = field(default="", compare=False)
    series: Series | None = field(default=None, compare=False)

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
        """φ̂'(0), the signal that a random start sees; ‖∇φ̂(0)‖ of several directions."""
        if self.series:
            return float(np.linalg.norm(self.dphi_hat(self.origin)))
        return float(self.dphi_hat(0.0))

    @property
    def ddphi_hat_0(self) -> float:
        """φ̂''(0); of several directions the Frobenius norm of the second derivatives, so that
        φ̂''(0)²/(2h''(0)) is the variance of the target's second degree for both."""
        if self.series:
            return float(np.linalg.norm(self.ddphi_hat(self.origin)))
        return float(self.ddphi_hat(0.0))

    @property
    def origin(self) -> np.ndarray:
        """v = 0, of shape () or (k,)."""
        return np.zeros(self.series.powers.shape[1] if self.series else ())

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
        """h̃(q) = h(q) − h'(0)q, without a signal (φ̂ = 0).  Raises as `smooth`."""
        return polynomial((0.0, 0.0, *self.smooth().coefficients.h[2:]), (0.0,))

    def smooth(self) -> "Covariance":
        """Itself, for equations that hold h''(C_d(t,s)) down to s = t.

        C_d(t,s) = 1 − O((t−s)²) along a flow.  At a kink of σ h'' goes like (1 − q)^(−1/2), so that
        the memory kernel M^R ∋ C_A h''(C_d) R_d (C.38) goes like 1/(t−s): its integral diverges,
        and no quadrature gives it a value.  (The Gaussian field of covariance h then has a rough
        gradient, along which descent has no finite response.)  Raises ParameterError.
        """
        if self.kink:
            raise ParameterError(
                "activation", "must have no kink: h''(1) is infinite there, and the memory of"
                " gradient flow with it", self.kink,
                f"The nearest smooth choice is {FUNCTIONS[self.kink].instead}; finite networks can"
                " have it, and so can the target.")
        return self


@functools.lru_cache(maxsize=256)
def polynomial(h: tuple[float, ...], phi_hat: tuple[float, ...]) -> Covariance:
    """The record of h(q) = Σ h_k q^k and φ̂(q) = Σ φ̂_k q^k, lowest power first."""
    derivative = lambda c, order: functools.partial(polyval, c=polyder(c, order))  # noqa: E731
    return Covariance(
        Coefficients(h, phi_hat),
        derivative(h, 0), derivative(h, 1), derivative(h, 2),
        derivative(phi_hat, 0), derivative(phi_hat, 1), derivative(phi_hat, 2),
        is_linear=not any(h[2:]), matched=phi_hat == h)


@functools.lru_cache(maxsize=256)
def of_function(activation: str, normalise: bool, f: tuple[float, ...],
                variance: float) -> Covariance:
    """The record of a named activation and the target Σ f_k He_k of this variance."""
    expansion, function = expand(activation, normalise), FUNCTIONS[activation]
    s, tail = expansion.coefficients, expansion.tail
    record = polynomial(in_product(s, s), in_product(s, f))
    left = max(0.0, variance - sum(f_k**2 for f_k in f[:len(s)]))
    changes: dict[str, Any] = {"tail": tail, "phi_hat_tail": math.sqrt(tail.h * left),
                               "kink": "" if function.curvature else activation}
    if function.closed:
        h, dh, ddh = function.closed.times(expansion.scale**-2)
        changes |= {"h": h, "dh": dh, "ddh": ddh}
        if record.matched:
            changes |= {"phi_hat": h, "dphi_hat": dh, "ddphi_hat": ddh}
    return replace(record, **changes)


@functools.lru_cache(maxsize=256)
def of_directions(activation: Covariance, s: tuple[float, ...], terms: Terms) -> Covariance:
    """The record `activation`, whose Hermite coefficients are s, with the target `terms`."""
    phi_hat = overlap_series(terms, s)
    gradient = phi_hat.gradient
    second = tuple(part.gradient for part in gradient)
    return replace(
        activation, coefficients=Coefficients(activation.coefficients.h, (0.0,), terms),
        phi_hat=phi_hat, dphi_hat=lambda v: np.array([part(v) for part in gradient]),
        ddphi_hat=lambda v: np.array([[part(v) for part in row] for row in second]),
        matched=False, series=phi_hat)


def in_product(s: tuple[float, ...], f: tuple[float, ...]) -> tuple[float, ...]:
    """The coefficients s_k f_k of φ̂, without zeros at the end."""
    products = [s_k * f_k for s_k, f_k in zip(s, f, strict=False)]
    while len(products) > 1 and not products[-1]:
        products.pop()
    return tuple(products)
