"""Closed forms for m → ∞ that errors and alignments are measured against (section 2)."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.parameters import Parameters
from engine.results.keyfigures import NEARLY


def linear_alignment(p: Parameters, gamma: Any) -> Any:
    """b = φ̂'(0)/(γ h'(0)): √m v of the best linear fit (F.52); 0 without a linear part."""
    gamma, dh_0 = np.asarray(gamma, dtype=float), p.covariance.dh_0
    return p.covariance.dphi_hat_0 / (gamma * dh_0) if dh_0 > 0 else np.zeros_like(gamma)


def linear_rate(p: Parameters) -> float:
    """K m = αγ₀²h'(0)m, at which a lazy start learns the linear part (F.50–F.59)."""
    return p.alpha * p.gamma0**2 * p.covariance.dh_0 * p.m


def plateau_error(p: Parameters, gamma: Any) -> Any:
    """Test error of the best linear fit at complexity γ (2.7):

    e_ts = ½[τ² + ‖φ‖² − φ̂'(0)²/h'(0) + γ²(h(1) − h'(0))]
    """
    price = p.covariance.h_1 - p.covariance.dh_0
    return 0.5 * (p.reduced_noise + np.asarray(gamma) ** 2 * price)


@dataclass(frozen=True)
class Levels:
    """The closed forms that a run's errors are measured against, m → ∞ (section 2 of the paper).

    best_linear  τ'²/2 with τ'² = τ² + ‖φ‖² − φ̂'(0)²/h'(0)
    price        (h(1) − h'(0))/2, what a unit of γ² costs in test error
    """

    parameters: Parameters
    best_linear: float
    price: float

    @property
    def bayes(self) -> float:
        return self.parameters.bayes_error

    @property
    def null(self) -> float:
        return self.parameters.null_error

    def plateau(self, gamma: float) -> float:
        """e_ts = ½[τ'² + γ²(h(1) − h'(0))] (2.7): best linear fit plus the price of γ."""
        return float(plateau_error(self.parameters, gamma))

    @property
    def lazy_rate(self) -> float | None:
        """2αγ₀²h'(0)m, at which the lazy test error relaxes to the plateau (F.50–F.59):

        e_ts = plateau + ½[γ₀²h'(0) + φ̂'(0)²/h'(0)] e^{−2Kmt}.  None for a mean-field start and for
        h'(0) = 0.
        """
        return 2 * linear_rate(self.parameters) or None if self.parameters.init == "lazy" else None

    @property
    def lazy_learning_end(self) -> float | None:
        """ln 20 / (2αγ₀²h'(0)m): 95 % of the lazy drop, which is e^{−2Kmt}."""
        return math.log(1 / (1 - NEARLY)) / self.lazy_rate if self.lazy_rate else None


def levels(p: Parameters) -> Levels:
    """The levels of `p`."""
    best_linear = float(plateau_error(p, 0.0))
    return Levels(p, best_linear, float(plateau_error(p, 1.0)) - best_linear)
