"""Activations and targets that are plain functions, and their Hermite coefficients.

    σ − E σ = Σ_k≥1 s_k He_k,   E He_j He_k = δ_jk,   s_k = E σ(G) He_k(G)

`FUNCTIONS` is the one list of them.  Each is what its name says (erf is erf(x), relu is max(x, 0)),
centred, and divided by its standard deviation only where that is asked for.  Its h(q) = Σ s_k² q^k
goes on for ever; `expand` cuts it at a degree K and says what is left out.
"""

import functools
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.polynomial.hermite_e import HermiteE
from scipy.special import erf, expit, ndtr

Values = Callable[[Any], Any]
"""Of one number or of an array, element by element."""

MOST = 255
"""Highest degree that is looked at."""
TAIL = 1e-4
"""Largest part of h''(1) that a smooth activation's polynomial may leave out; what that does to the
curves is smaller (below 1e-5 of a and v for tanh, erf and gelu at m = 128)."""
ROUNDING = 1e-14
"""Coefficients below are zero, and sums that differ by less are equal."""
LEAKY_SLOPE = 0.01
EDGE, PANELS, NODES = 20.0, 80, 20
"""Gauss–Legendre panels on ±EDGE, where the Gaussian is 1e-87.  0 is the edge of one, so that kinks
there cost nothing; poles π/2 away from a panel of length 1/2 leave errors of 1e-40."""


class Closed(NamedTuple):
    """h, h' and h'' where they are known functions."""

    h: Values
    dh: Values
    ddh: Values

    def times(self, factor: float) -> "Closed":
        return Closed(*((lambda q, f=f: factor * f(q)) for f in self))


@dataclass(frozen=True)
class Function:
    """One activation or target: σ, σ', σ'', and what is known of it.

    curvature  None where σ has a kink
    instead    for one with a kink: the nearest smooth choice
    """

    formula: str
    value: Values
    slope: Values
    curvature: Values | None
    closed: Closed | None = None
    instead: str = ""


class Tail(NamedTuple):
    """What the powers above the last lack: bounds on |h|, |h'| and |h''| for |q| ≤ 1, which are
    reached at q = 1; the last is infinite where σ has a kink."""

    h: float = 0.0
    dh: float = 0.0
    ddh: float = 0.0


class Expansion(NamedTuple):
    """A function by its Hermite coefficients s_0 = 0 … s_K.

    mean, scale  what was taken off, and what the rest was divided by
    variance     E (σ − E σ)²/scale²: Σ s_k² over all k
    """

    coefficients: tuple[float, ...]
    mean: float
    scale: float
    variance: float
    tail: Tail


def _kinked(negative: float, formula: str, instead: str) -> Function:
    """x for x ≥ 0 and negative·x for x < 0.

    It is (1 + negative)/2 x + (1 − negative)/2 |x|, and for |x| by the arc-cosine law
    E |G₁||G_q| = (2/π)[√(1−q²) + q arcsin q].
    """
    odd, even = ((1 + negative) / 2) ** 2, ((1 - negative) / 2) ** 2 * 2 / math.pi
    # Overlaps of unit vectors pass 1 by rounding.
    root = lambda q: np.sqrt(np.maximum(1 - np.square(q), 0))  # noqa: E731
    angle = lambda q: np.arcsin(np.clip(q, -1, 1))  # noqa: E731

    def ddh(q: Any) -> Any:
        with np.errstate(divide="ignore"):
            return even / root(q)

    return Function(
        formula, lambda x: np.where(x < 0, negative * x, x),
        lambda x: np.where(x < 0, negative, 1.0), None,
        Closed(lambda q: odd * q + even * (root(q) + q * angle(q) - 1),
               lambda q: odd + even * angle(q), ddh), instead)


def _hermite(k: int, formula: str) -> Function:
    """He_k with E He_k² = 1: h(q) = q^k."""
    value = HermiteE.basis(k) / math.sqrt(math.factorial(k))
    return Function(formula, value, value.deriv(), value.deriv(2))


def _density(x: Any) -> Any:
    return np.exp(-x * x / 2) / math.sqrt(2 * math.pi)


def _erf_slope(x: Any) -> Any:
    return np.exp(-x * x) * (2 / math.sqrt(math.pi))


def _bump(x: Any) -> Any:
    """The slope of the logistic function."""
    return expit(x) * expit(-x)


FUNCTIONS: dict[str, Function] = {
    "tanh": Function("tanh x", np.tanh, lambda x: 1 - np.tanh(x) ** 2,
                     lambda x: -2 * np.tanh(x) * (1 - np.tanh(x) ** 2)),
    "erf": Function("erf x", erf, _erf_slope, lambda x: -2 * x * _erf_slope(x),
                    Closed(lambda q: 2 / math.pi * np.arcsin(2 * q / 3),
                           lambda q: 4 / (3 * math.pi) / np.sqrt(1 - np.square(2 * q / 3)),
                           lambda q: 16 / (27 * math.pi) * q
                           / (1 - np.square(2 * q / 3)) ** 1.5)),
    "gelu": Function("x Φ(x)", lambda x: x * ndtr(x), lambda x: ndtr(x) + x * _density(x),
                     lambda x: (2 - x * x) * _density(x)),
    "softplus": Function("ln(1 + eˣ)", lambda x: np.logaddexp(0, x), expit, _bump),
    "silu": Function("x/(1 + e⁻ˣ)", lambda x: x * expit(x), lambda x: expit(x) + x * _bump(x),
                     lambda x: _bump(x) * (2 + x * (1 - 2 * expit(x)))),
    "sine": Function("sin x", np.sin, np.cos, lambda x: -np.sin(x),
                     Closed(lambda q: np.sinh(q) / math.e, lambda q: np.cosh(q) / math.e,
                            lambda q: np.sinh(q) / math.e)),
    "relu": _kinked(0.0, "max(x, 0)", "gelu"),
    "leaky_relu": _kinked(LEAKY_SLOPE, f"max(x, {LEAKY_SLOPE} x)", "gelu"),
    "abs": _kinked(-1.0, "|x|", "hermite2"),
    "hermite2": _hermite(2, "(x² − 1)/√2"),
    "hermite3": _hermite(3, "(x³ − 3x)/√6"),
    "hermite4": _hermite(4, "(x⁴ − 6x² + 3)/√24"),
}


@functools.lru_cache(maxsize=64)
def hermite_coefficients(name: str) -> tuple[float, ...]:
    """s_0 … s_MOST of the plain function, to 1e-14."""
    x, weight = _quadrature()
    coefficients = _hermite_values() @ (weight * FUNCTIONS[name].value(x))
    coefficients[np.abs(coefficients) < ROUNDING] = 0.0
    return tuple(coefficients.tolist())


@functools.lru_cache(maxsize=64)
def expand(name: str, normalise: bool = False) -> Expansion:
    """The centred function to the least degree that leaves out at most TAIL of h''(1); to MOST
    where it has a kink.

    The tails follow from Parseval's identities Σ s_k² = E σ², Σ k s_k² = E σ'²,
    Σ k(k−1) s_k² = E σ''².
    """
    function, (x, weight) = FUNCTIONS[name], _quadrature()
    s = np.array(hermite_coefficients(name))
    mean, s[0] = s[0], 0.0
    k = np.arange(MOST + 1)
    totals = [weight @ (function.value(x) - mean) ** 2, weight @ function.slope(x) ** 2,
              weight @ function.curvature(x) ** 2 if function.curvature else math.inf]
    left = [total - np.cumsum(power * s**2)
            for total, power in zip(totals, (1, k, k * (k - 1)), strict=True)]
    degree = int(np.argmax(left[2] <= TAIL * totals[2])) if function.curvature else MOST
    variance = totals[0]
    factor = 1 / variance if normalise else 1.0
    tail = Tail(*(factor * float(part[degree]) if part[degree] > ROUNDING else 0.0
                  for part in left))
    kept = s[:degree + 1] * math.sqrt(factor)
    return Expansion(tuple(kept.tolist()), float(mean), factor**-0.5, float(factor * variance),
                     tail)


@functools.lru_cache(maxsize=64)
def target_coefficients(name: str, normalise: bool = False) -> tuple[float, ...]:
    """f_0 = 0, f_1, … of the centred function, up to MOST: an activation's end decides how many
    of them count."""
    scale = expand(name, normalise).scale
    f = [f_k / scale for f_k in hermite_coefficients(name)]
    f[0] = 0.0
    while not f[-1]:
        f.pop()
    return tuple(f)


@functools.cache
def _quadrature() -> tuple[np.ndarray, np.ndarray]:
    """Nodes x and weights of E f(G) = Σ weight f(x)."""
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    edges, half = np.linspace(-EDGE, EDGE, PANELS, endpoint=False), EDGE / PANELS
    x = (edges[:, None] + half * (1 + nodes)).ravel()
    return x, np.tile(half * weights, PANELS) * _density(x)


@functools.cache
def _hermite_values() -> np.ndarray:
    """He_k at the nodes for k = 0 … MOST, shape (MOST + 1, nodes)."""
    x, _ = _quadrature()
    values = np.empty((MOST + 1, x.size))
    values[0], values[1] = 1.0, x
    for k in range(1, MOST):
        values[k + 1] = (x * values[k] - math.sqrt(k) * values[k - 1]) / math.sqrt(k + 1)
    return values
