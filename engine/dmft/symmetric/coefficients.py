"""The numbers that the SymmDMFT equations need, as the kernels take them."""

import math
from typing import NamedTuple

import numpy as np

from engine.bundles import bundle
from engine.covariance import Covariance
from engine.kernels import kernel
from engine.parameters import Parameters


@bundle
class Model(NamedTuple):
    """Coefficients of the equations in the variables γ = a/√m and v.

    Polynomials are arrays of coefficients, lowest power first.  At infinite width
    inv_m = m_minus_1 = 0: the equations then hold exactly for h̃(z) = h(z) − h'(0)z and
    noise τ' (theory: F.61–F.71), because every term with C_o or R_o vanishes.
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
    h, phi_hat = map(np.array, covariance.smooth().coefficients)
    dh = np.polynomial.polynomial.polyder(h)
    finite = math.isfinite(m)
    return Model(
        float(alpha), 1.0 / m, float(m - 1) if finite else 0.0,
        math.sqrt(m) if finite else 0.0, 1.0 / math.sqrt(m), float(label_variance),
        h, dh, np.atleast_1d(np.polynomial.polynomial.polyder(dh)),
        phi_hat, np.atleast_1d(np.polynomial.polynomial.polyder(phi_hat)), bool(trains_gamma),
        alpha * weight_decay / m,
    )


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
