"""The activation and the target of a finite network, as values, and the pass back through it.

Polynomials for settings that say h, the plain centred function for those that name one.
"""

import functools
import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.polynomial import hermite_e, polynomial

from engine.activations import FUNCTIONS, Function, expand
from engine.directions import as_function
from engine.kernels import kernel
from engine.parameters import Parameters

BLOCK = 2048
"""Fields that a kernel works on at a time."""
CALL = 16 * BLOCK
"""Fields of one call of a plain function: enough that numpy's own cost of a call is small."""


@dataclass(frozen=True)
class Series:
    """σ in powers of z, lowest first, in double precision."""

    coefficients: np.ndarray

    @functools.cached_property
    def single(self) -> tuple[np.ndarray, np.ndarray]:
        """σ and σ' for the kernel."""
        slope = np.atleast_1d(polynomial.polyder(self.coefficients))
        return self.coefficients.astype(np.float32), slope.astype(np.float32)

    def __call__(self, z: Any) -> Any:
        return polynomial.polyval(z, self.coefficients)

    def backward(self, Z: np.ndarray, y: np.ndarray, a: np.ndarray) -> tuple[float, np.ndarray]:
        """(Σ r², Sᵀr); Z (b, m) is overwritten by r ∘ σ'(Z)."""
        return backward(Z, y, a, *self.single)


@dataclass(frozen=True)
class Plain:
    """(σ(z) − mean)/scale of a function of `engine.activations`."""

    function: Function
    mean: float
    scale: float

    def __call__(self, z: Any) -> Any:
        return (self.function.value(z) - self.mean) / self.scale

    def backward(self, Z: np.ndarray, y: np.ndarray, a: np.ndarray) -> tuple[float, np.ndarray]:
        """As that of a Series."""
        rows = max(1, CALL // Z.shape[1])
        S, D = np.empty((2, rows, Z.shape[1]), dtype=np.float32)
        weight, Sr, square = (a / a.size).astype(np.float32), np.zeros(a.size), 0.0
        for begin in range(0, len(Z), rows):
            block = Z[begin:begin + rows]
            count = len(block)
            S[:count] = self(block)
            D[:count] = self.function.slope(block) / self.scale
            square += residuals(block, S, D, y[begin:begin + count], weight, Sr)
        return square, Sr


Values = Series | Plain


def activation(p: Parameters) -> Values:
    """σ."""
    if p.activation is None:
        return Series(monomial_coefficients(p.activation_coefficients))
    return _plain(p.activation, p.normalise)


def labels(p: Parameters, z: np.ndarray) -> np.ndarray:
    """φ(z) of fields z of shape (samples, k) along the k directions."""
    if p.directions is not None:
        return as_function(p.directions, z.T)
    return np.asarray(target(p)(z[:, 0]))


def target(p: Parameters) -> Values:
    """φ of one direction; zero for pure noise."""
    if p.matched:
        return activation(p)
    if p.target_function is not None:
        return _plain(p.target_function, p.normalise)
    return Series(monomial_coefficients(p.target_coefficients))


def _plain(name: str, normalise: bool) -> Plain:
    expansion = expand(name, normalise)
    return Plain(FUNCTIONS[name], expansion.mean, expansion.scale)


def monomial_coefficients(hermite: tuple[float, ...]) -> np.ndarray:
    """Σ_k c_k He_k(z)/√k! in powers of z.

    With c_k = √h_k this is σ: E σ(G₁)σ(G_q) = Σ h_k q^k, as E He_k(G₁)He_k(G_q) = k! q^k.
    """
    return hermite_e.herme2poly([c / math.sqrt(math.factorial(k)) for k, c in enumerate(hermite)])


@kernel(fastmath={"nsz", "arcp", "contract", "afn", "reassoc"})
def backward(Z: np.ndarray, y: np.ndarray, a: np.ndarray, sigma: np.ndarray,
             slope: np.ndarray) -> tuple[float, np.ndarray]:
    """(Σ r², Sᵀr); Z (b, m) is overwritten by r ∘ σ'(Z).

    NaN and infinities pass through.  Works through blocks of rows that stay in the processor's
    nearest memory.
    """
    b, m = Z.shape
    rows = max(1, BLOCK // m)
    Sr = np.zeros(m)
    S = np.empty((rows, m), dtype=np.float32)
    D = np.empty((rows, m), dtype=np.float32)
    weight = (a / m).astype(np.float32)
    square = 0.0
    for begin in range(0, b, rows):
        block = Z[begin:begin + rows]
        count = len(block)
        _horner(sigma, block.ravel(), S[:count].ravel())
        _horner(slope, block.ravel(), D[:count].ravel())
        square += residuals(block, S, D, y[begin:begin + count], weight, Sr)
    return square, Sr


@kernel(fastmath={"nsz", "arcp", "contract", "afn", "reassoc"})
def residuals(Z: np.ndarray, S: np.ndarray, D: np.ndarray, y: np.ndarray, weight: np.ndarray,
              Sr: np.ndarray) -> float:
    """Σ r² of a block, whose Sᵀr is added to Sr; Z becomes r ∘ D.

    r = Σ_j a_j σ(z_j)/m − y is kept in double precision; weight is a/m.
    """
    square = 0.0
    for i in range(len(Z)):
        f = np.float32(0.0)
        for j in range(weight.size):
            f += weight[j] * S[i, j]
        r = float(f) - y[i]
        square += r * r
        r_single = np.float32(r)
        for j in range(weight.size):
            Sr[j] += r * S[i, j]
        for j in range(weight.size):
            Z[i, j] = D[i, j] * r_single
    return square


@kernel(fastmath={"nsz", "arcp", "contract", "afn", "reassoc"})
def _horner(coefficients: np.ndarray, z: np.ndarray, out: np.ndarray) -> None:
    """out = Σ_k c_k z^k, one pass over the numbers for each degree."""
    out[:] = coefficients[-1]
    for k in range(len(coefficients) - 2, -1, -1):
        c = coefficients[k]
        for j in range(len(z)):
            out[j] = out[j] * z[j] + c
