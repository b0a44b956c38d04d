"""What is said to be trained is what the equations are of."""

import numpy as np
import pytest
from numpy.polynomial import Polynomial
from numpy.polynomial.hermite_e import hermegauss

from dashboard.words.network import polynomial, sigma, trained
from engine import Parameters


@pytest.mark.parametrize("h", ["cubic", "quadratic", "weak", (0.0, 1.0), (0.0, 0.3, 0.2, 0.1)])
def test_the_activation_that_is_written_out_has_the_covariance_that_is_solved(h):
    p = Parameters(h=h)
    written = Polynomial(sigma(p.activation_coefficients))
    x, weights = hermegauss(20)
    for q in (0.2, 0.9):
        # E σ(G₁)σ(G₂) with Gaussian G₁, G₂ of covariance q.
        other = q * x[:, None] + np.sqrt(1 - q**2) * x[None, :]
        mean = weights @ (written(x)[:, None] * written(other)) @ weights / (2 * np.pi)
        assert mean == pytest.approx(sum(c * q**k for k, c in enumerate(p.h)), rel=1e-9)


def test_a_polynomial_is_written_from_its_highest_power():
    assert polynomial([-0.5, 0.949, 0.5]) == "0.5 x² + 0.949 x − 0.5"
    assert polynomial([0.0, 1.0]) == "1 x" and polynomial([0.0]) == "0"


@pytest.mark.parametrize(("changes", "said", "unsaid"), [
    ({}, "0.167 x³ + 0.449 x", "alone"),
    ({"train_second_layer": False}, "w alone, a stays", "weights a"),
    ({"target": "noise"}, "pure noise", "φ"),
    ({"tau": 0.0}, "without noise", "τ²"),
    ({"activation": "tanh"}, "tanh", "for example"),
    ({"h": (0, 0.5, 0.1, 0.1, 0.1)}, "Gradient flow", "for example"),
])
def test_what_is_trained_follows_the_settings(changes, said, unsaid):
    text = trained(Parameters(**changes))
    assert said in text and unsaid not in text
