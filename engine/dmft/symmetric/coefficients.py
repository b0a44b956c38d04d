"""The numbers that the SymmDMFT equations need, as the kernels take them."""

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.polynomial.polynomial import polyval

from engine.bundles import bundle
from engine.covariance import Covariance
from engine.directions import Series
from engine.kernels import kernel
from engine.parameters import Parameters

EMPTY = np.empty((0, 2)), np.empty((0, 0, 2))
"""The tables of a target of one direction."""


@bundle
class Model(NamedTuple):
    """Coefficients of the equations in the variables γ = a/√m and v.

    Polynomials are arrays of coefficients, lowest power first.  At infinite width
    inv_m = m_minus_1 = 0: the equations then hold exactly for h̃(z) = h(z) − h'(0)z and
    noise τ' (theory: F.61–F.71), because every term with C_o or R_o vanishes.

    A target of k directions has tables in place of phi_hat and dphi_hat: a row (c, n_1 … n_k) for
    each term c Π v_i^{n_i} of φ̂, (terms, 1 + k), and of each ∂φ̂/∂v_i, (k, terms, 1 + k).  They are
    empty for one direction.
    """

    alpha: float
    inv_m: float
    m_minus_1: float
    sqrt_m: float
    inv_sqrt_m: float
    label_variance: float  # τ² + ‖φ‖²
    h: np.ndarray
    dh: np.ndarray
    ddh: np.ndarray
    phi_hat: np.ndarray
    dphi_hat: np.ndarray
    terms: np.ndarray
    dterms: np.ndarray
    trains_gamma: bool
    decay: float = 0.0  # αλ/m, the rate at which γ decays

    @property
    def penalty(self) -> float:
        """λ."""
        return self.decay * self.width / self.alpha if self.decay else 0.0

    @property
    def width(self) -> float:
        return 1 / self.inv_m if self.inv_m else math.inf


def finite_width(p: Parameters) -> Model:
    """The model of `p`.  Raises ParameterError for an activation with a kink."""
    return _model(p.covariance, p.tau**2 + p.phi_norm2, p.alpha, p.m, p.train_second_layer,
                  p.weight_decay)


def infinite_width(p: Parameters) -> Model:
    """The m = ∞ equations of times t = Θ(1) from a lazy start: h → h̃, τ → τ', γ frozen."""
    return noise_at_infinite_width(p.covariance, p.reduced_noise, p.alpha)


def noise_at_infinite_width(covariance: Covariance, variance: float, alpha: float) -> Model:
    """The m = ∞ equations for h̃ and labels that are noise of this variance, γ frozen."""
    return _model(covariance.nonlinear, variance, alpha, math.inf, False)


def _model(covariance, label_variance, alpha, m, trains_gamma, weight_decay=0.0) -> Model:
    h = np.array(covariance.smooth().coefficients.h)
    dh = np.polynomial.polynomial.polyder(h)
    finite = math.isfinite(m)
    return Model(
        float(alpha), 1.0 / m, float(m - 1) if finite else 0.0,
        math.sqrt(m) if finite else 0.0, 1.0 / math.sqrt(m), float(label_variance),
        h, dh, np.atleast_1d(np.polynomial.polynomial.polyder(dh)),
        *_signal(covariance), bool(trains_gamma), alpha * weight_decay / m,
    )


def _signal(covariance: Covariance) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """φ̂ and its derivative, as polynomials and as tables."""
    phi_hat, (terms, dterms) = np.array(covariance.coefficients.phi_hat), EMPTY
    if covariance.series is not None:
        terms = covariance.series.table()
        dterms = np.array([part.table() for part in covariance.series.gradient])
    return phi_hat, np.atleast_1d(np.polynomial.polynomial.polyder(phi_hat)), terms, dterms


def overlaps(model: Any, v: np.ndarray) -> np.ndarray:
    """φ̂ of v (k, …), as a `Model` or `Groups` has it: of the shape of one v_i."""
    if not model.terms.size:
        return polyval(v[0], model.phi_hat)
    return Series(model.terms[:, 1:].astype(int), model.terms[:, 0])(v)


@kernel(fastmath=True)
def polynomials(coefficients, x, n, values):
    """Σ_k c_k x^k for n numbers, into values: one pass over them for every four degrees, so that
    the processor works on several at a time and high degrees cost little."""
    size = coefficients.size
    for k in range(4 * ((size - 1) // 4), -1, -4):
        c0 = coefficients[k]
        c1 = coefficients[k + 1] if k + 1 < size else 0.0
        c2 = coefficients[k + 2] if k + 2 < size else 0.0
        c3 = coefficients[k + 3] if k + 3 < size else 0.0
        if k + 4 >= size:
            for i in range(n):
                values[i] = ((c3 * x[i] + c2) * x[i] + c1) * x[i] + c0
        else:
            for i in range(n):
                values[i] = (((values[i] * x[i] + c3) * x[i] + c2) * x[i] + c1) * x[i] + c0


@kernel(fastmath=True, inline="always")
def polynomial(coefficients, x):
    """Σ_k c_k x^k by Horner's rule."""
    value = 0.0
    for k in range(coefficients.size - 1, -1, -1):
        value = value * x + coefficients[k]
    return value


@kernel(fastmath=True, forceinline=True)
def monomials(table, v, n):
    """Σ_t c_t Π_i v_i(t_n)^{n_ti} of the rows (c_t, n_t1 … n_tk); v is (k, nodes)."""
    total = 0.0
    for t in range(table.shape[0]):
        part = table[t, 0]
        for i in range(v.shape[0]):
            for _ in range(int(table[t, 1 + i])):
                part *= v[i, n]
        total += part
    return total


@kernel(fastmath=True, forceinline=True)
def signal(model, v, n):
    """φ̂(v(t_n)); v is (k, nodes)."""
    if model.terms.shape[0] == 0:
        return polynomial(model.phi_hat, v[0, n])
    return monomials(model.terms, v, n)


@kernel(fastmath=True, forceinline=True)
def pull(model, v, n, i):
    """∂φ̂/∂v_i at v(t_n)."""
    if model.terms.shape[0] == 0:
        return polynomial(model.dphi_hat, v[0, n])
    return monomials(model.dterms[i], v, n)


@kernel(fastmath=True, forceinline=True)
def overlap(v, n, w, k):
    """⟨v(t_n), w(t_k)⟩."""
    total = v[0, n] * w[0, k]
    for i in range(1, v.shape[0]):
        total += v[i, n] * w[i, k]
    return total
