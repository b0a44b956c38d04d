"""The record of h and φ̂: values against sums of powers."""

import numpy as np
import pytest

from engine.covariance import polynomial
from engine.parameters import PRESETS, Parameters

H, PHI_HAT = (0.0, 0.5, 0.2, 0.1), (0.0, 0.4, 0.3)
Q = np.linspace(-1, 1, 9)
# A few sums of numbers of order 1, in another order.
ROUNDING = 1e-14


def powers(coefficients, derivative):
    """Σ_k c_k k(k−1)… q^(k−derivative), term by term."""
    total = np.zeros_like(Q)
    for k, c in enumerate(coefficients):
        if k >= derivative:
            total += c * np.prod(np.arange(k, k - derivative, -1.0)) * Q ** (k - derivative)
    return total


@pytest.mark.parametrize(("name", "coefficients", "derivative"), [
    ("h", H, 0), ("dh", H, 1), ("ddh", H, 2),
    ("phi_hat", PHI_HAT, 0), ("dphi_hat", PHI_HAT, 1), ("ddphi_hat", PHI_HAT, 2)])
def test_functions_are_the_derivatives_of_the_polynomials(name, coefficients, derivative):
    found = getattr(polynomial(H, PHI_HAT), name)(Q)
    np.testing.assert_allclose(found, powers(coefficients, derivative), atol=ROUNDING)


def test_values_at_zero_and_one():
    known = polynomial(H, PHI_HAT)
    values = (known.h_1, known.dh_0, known.dh_1, known.ddh_1, known.dphi_hat_0)
    assert values == pytest.approx((0.8, 0.5, 1.2, 1.0, 0.4), abs=ROUNDING)
    assert known.linear_fit == pytest.approx(0.8, abs=ROUNDING)
    assert known.linear_variance == pytest.approx(0.32, abs=ROUNDING)


def test_the_nonlinear_part_is_h_less_its_tangent_at_zero_and_has_no_signal():
    known = polynomial(H, PHI_HAT)
    rest = known.nonlinear
    np.testing.assert_allclose(rest.h(Q), known.h(Q) - known.dh_0 * Q, atol=ROUNDING)
    assert not rest.phi_hat(Q).any()
    assert not known.is_linear
    assert polynomial((0.0, 1.0), (0.0,)).is_linear
    assert polynomial((0.0, 1.0), (0.0,)).nonlinear.is_linear


def test_without_a_linear_part_nothing_is_fitted_linearly():
    known = polynomial((0.0, 0.0, 0.5), (0.0, 0.0, 0.5))
    assert (known.linear_fit, known.linear_variance) == (0.0, 0.0)


@pytest.mark.parametrize("h", PRESETS)
def test_a_target_left_out_is_the_activation_and_noise_has_no_signal(h):
    assert Parameters(h=h).covariance.matched
    noise = Parameters(h=h, target="noise").covariance
    assert not noise.matched
    assert not noise.phi_hat(Q).any()
    assert not noise.dphi_hat(Q).any()


def test_equal_polynomials_are_equal_records():
    assert Parameters(alpha=0.5).covariance == Parameters(tau=0.9).covariance
    assert hash(Parameters(alpha=0.5).covariance) == hash(Parameters(tau=0.9).covariance)
    assert Parameters().covariance != Parameters(h="weak").covariance
