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


def squares(p: Parameters) -> float:
    """f₂² = φ̂''(0)²/(2h''(0)), the part of the labels' variance that a z² term explains; 0 without
    that term in h or in φ."""
    at_0 = p.covariance.ddphi_hat_0
    return float(at_0**2 / (2 * p.covariance.ddh(0.0))) if at_0 else 0.0


def noise_left(p: Parameters) -> float:
    """What of the labels' variance is left to be fitted at t = Θ(1): τ'², and τ'² − f₂² from a lazy
    start of neurons that differ, which learn the z² part before (`engine.limits.curves.squares`).
    """
    learned = squares(p) if p.init == "lazy" and not p.identical else 0.0
    return p.reduced_noise - learned


def plateau_error(p: Parameters, gamma: Any) -> Any:
    """Test error of the best linear fit plus the price of complexity γ (2.7), of γ's shape:

    e_ts = ½[τ'² + γ²(h(1) − h'(0))],  τ'² = τ² + ‖φ‖² − φ̂'(0)²/h'(0)
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

    @property
    def squares(self) -> float:
        """½f₂², the part of the test error that the target's z² term makes while nobody learns it;
        0 without that term in h or in φ."""
        return squares(self.parameters) / 2

    def learned_plateau(self, gamma: float) -> float:
        """The plateau (2.7) with the z² part learned too, as neurons that differ do from a lazy
        start: ½[τ² + ‖φ‖² − f₁² − f₂² + γ²(h(1) − h'(0))].  Ours, not the paper's: for
        γ₀ = 0.3 runs of m ≥ 1024 come within 1 % of it (`docs/laws.md`), 5 % above it for γ₀ = 1.
        """
        return float(plateau_error(self.parameters, gamma)) - self.squares

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
