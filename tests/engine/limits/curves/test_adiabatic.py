"""t = Θ(m): the slow drift of γ along (γ, e_∞(γ))."""

import math

import numpy as np
import pytest

from engine import Parameters, solve
from engine.limits import LimitError, limit
from engine.limits.curves.adiabatic import asymptotics
from engine.limits.curves.noise import growth_rate

NOISE = Parameters(init="lazy", target="noise", gamma0=0.3, alpha=0.5, tau=1.0, h="weak")


@pytest.fixture(scope="module")
def table():
    return asymptotics(NOISE)


def test_train_error_and_drift_vanish_at_the_threshold_only(table):
    assert np.all(table.error[:-1] > 0) and table.error[-1] == 0
    assert np.all(table.slope[:-1] < 0) and table.slope[-1] == 0
    assert table.error[0] == 0.5


def test_the_partial_derivative_in_gamma_is_nearly_the_total_one(table):
    """∂_γ e_tr at fixed first layer against d e_∞/dγ: equal if the first layer follows without
    dissipation.  2 % of the largest slope: the spline's derivative and the extrapolation."""
    middle = np.array([0.2, 0.4, 0.6]) * table.threshold
    step = 0.01 * table.threshold
    total = (table.at(middle + step, "error") - table.at(middle - step, "error")) / (2 * step)
    np.testing.assert_allclose(table.at(middle, "slope"), total, atol=0.02 * -table.slope[0])


def test_small_complexity_joins_the_p_spin_descent(table):
    """e_∞ ≈ ½ − γ|E|/√α: the first two nodes against the energy of a different computation."""
    slope = (table.error[1] - table.error[0]) / table.gamma[1]
    assert slope == pytest.approx(-growth_rate(NOISE) / NOISE.alpha, rel=0.03)


def test_wide_networks_drift_along_the_curve(table):
    """m = 1e4 noise: γ(z) within 1 %, and (γ, e_tr) on (γ, e_∞(γ)) within 3 % of e_∞(γ₀), the
    part of the ageing that z = 0.3 leaves at this width (7 times less at m = 1e5)."""
    p = NOISE.replace(m=10_000, t_max=2e4)
    run, curve = solve(p, rtol=3e-3), limit(p, "lazy-3", t_end=2e4)
    z = np.array([0.3, 1.0, 2.0]) * p.m
    seen = run.at(z)
    np.testing.assert_allclose(curve.at(z)["gamma"], seen["gamma"], rtol=0.01)
    on_curve = table.at(seen["gamma"].to_numpy(), "error")
    np.testing.assert_allclose(seen["train_error"], on_curve, atol=0.03 * curve.train_error[0])
    np.testing.assert_allclose(seen["test_error"], curve.at(z)["test_error"], rtol=0.01)


def test_a_signal_drifts_like_its_unexplained_part():
    """(2.8) again: γ(z) of (φ, τ) is τ' times that of noise 1 with time α(z) unchanged, because
    e ∝ τ'² and γ ∝ τ'.  Tolerance: the ODE's."""
    p = Parameters(init="lazy", gamma0=0.3, alpha=0.5, tau=0.5, m=100, h="weak")
    scale = math.sqrt(0.25 + 0.5)
    q = NOISE.replace(gamma0=0.3 / scale, m=100)
    t = np.array([10.0, 100.0, 500.0])
    np.testing.assert_allclose(limit(p, "lazy-3", 500.0).at(t)["gamma"],
                               scale * limit(q, "lazy-3", 500.0).at(t)["gamma"], rtol=1e-4)


def test_above_the_threshold_nothing_is_left_to_do(table):
    p = NOISE.replace(gamma0=1.2 * table.threshold, m=100)
    run = limit(p, "lazy-3", 500.0)
    assert np.all(run.train_error < 1e-30) and np.all(run.gamma_displacement == 0)


def test_noise_overfitting_starts_with_the_slope_of_the_glassy_drift():
    p = Parameters(target="noise", alpha=0.5, tau=1.0, h="weak", m=10_000)
    run = limit(p, "noise-m", t_end=100.0)
    assert run.gamma[-1] / 0.01 == pytest.approx(growth_rate(p), rel=0.02)


def test_why_there_is_no_threshold_is_said_anew_each_time():
    """α ≥ 1 has none; an exception that is raised twice would carry the first caller's stack."""
    raised = []
    for _ in range(2):
        with pytest.raises(LimitError, match="cannot all be fitted") as caught:
            asymptotics(NOISE.replace(alpha=1.5))
        raised.append(caught.value)
    assert raised[0] is not raised[1] and str(raised[0]) == str(raised[1])
