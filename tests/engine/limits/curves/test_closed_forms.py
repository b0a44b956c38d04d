"""Each limit against what is known of it without the solver."""

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from engine import PRESETS, Parameters
from engine.covariance import polynomial
from engine.limits import LIMITS, LimitError, limit
from engine.limits.curves.meanfield import population_flow
from engine.limits.curves.noise import growth_rate
from engine.limits.curves.pspin import descend
from engine.regimes import regimes

LAZY = Parameters(init="lazy", gamma0=0.7, alpha=0.4, tau=0.3, m=10**6, h="cubic")


def test_lazy_1_solves_the_papers_equations_for_v_and_the_overlap():
    """F.50–F.59 integrated numerically; tolerance: solve_ivp's rtol and the time grid."""
    run = limit(LAZY, "lazy-1", t_end=10 / LAZY.m)
    alpha, gamma, dphi0 = LAZY.alpha, LAZY.gamma0, LAZY.covariance.dphi_hat_0
    K = alpha * gamma**2 * LAZY.covariance.dh_0

    def rate(_, y):
        v1, c = y
        return [alpha * gamma * dphi0 - K * v1, 2 * (alpha * gamma * dphi0 * v1 - K * (1 + c))]

    found = solve_ivp(rate, (0, 10), [0, 0], t_eval=run.t * LAZY.m, rtol=1e-10, atol=1e-12).y
    np.testing.assert_allclose(run.v * math.sqrt(LAZY.m), found[0], atol=1e-7)
    np.testing.assert_allclose(run.overlap * LAZY.m, found[1], atol=1e-7)


@pytest.mark.parametrize("h", PRESETS)
def test_lazy_1_ends_on_the_plateau_where_lazy_2_starts(h):
    """(2.7): ½[τ² + ‖φ‖² − φ̂'(0)²/h'(0) + γ₀²(h(1) − h'(0))]; e^{−Ks} < 1e-9 at the end."""
    p = LAZY.replace(h=h, t_max=1.0)
    end = limit(p, "lazy-1", t_end=1e3 / p.m)
    start = limit(p, "lazy-2", t_end=0.1)
    H = sum(p.h)
    plateau = 0.5 * (p.tau**2 + H - p.h[1] + p.gamma0**2 * (H - p.h[1]))
    assert end.test_error[-1] == pytest.approx(plateau, rel=1e-6)
    for value in (start.train_error[0], *start.test_error):
        assert value == pytest.approx(plateau, rel=1e-12)
    assert start.v[-1] == pytest.approx(end.v[-1], rel=1e-6)


def test_mean_field_1_approaches_the_target_like_one_over_t():
    """φ̂ = h: (a, v) → (1, 1), error τ²/2, not exponentially: the projection 1 − v² vanishes at the
    fixed point too, so with δ = 1 − v and a = 1 + δ h'/h, δ' = −2αcδ² where
    c = h'' + h' − h'²/h at 1, and δ → 1/(2αct).  Tolerance: the next order, δ log t."""
    p = Parameters(alpha=0.3, tau=0.3, m=10**6)
    run = limit(p, "mean-field-1", t_end=2e4)
    k, h = np.arange(len(p.h)), np.array(p.h)
    slope = (k @ h) / h.sum()
    delta = 1 / (2 * 0.3 * ((k**2) @ h - slope**2 * h.sum()) * 2e4)
    assert 1 - run.v[-1] == pytest.approx(delta, rel=0.02)
    assert run.a[-1] - 1 == pytest.approx(slope * delta, rel=0.02)
    # The error is quadratic in δ.
    assert run.test_error[-1] == pytest.approx(0.3**2 / 2, abs=3 * delta**2)


def test_two_latent_directions_reduce_to_one_when_the_target_has_one():
    """φ̂(v) = h(⟨u, v⟩) with u ∈ R²: v stays along u and follows the k = 1 flow."""
    h = Parameters(h="cubic").covariance
    u, t = np.array([0.6, 0.8]), np.linspace(0, 20, 50)
    one = replace(h, phi_hat=lambda v: h.h(v[0]))
    two = replace(h, phi_hat=lambda v: h.h(v @ u), dphi_hat=lambda v: h.dh(v @ u) * u)
    a1, v1 = population_flow(one, 0.3, 1.0, [0.0], t)
    a2, v2 = population_flow(two, 0.3, 1.0, [0.0, 0.0], t)
    np.testing.assert_allclose(a2, a1, atol=1e-7)
    np.testing.assert_allclose(v2, v1 * u, atol=1e-7)


def test_two_latent_directions_are_learned_together():
    """φ̂(v) = h(v₁) + h(v₂): v₁ = v₂ throughout, and the fixed point is a = 2, v = (½, ½), since
    then h'(v₁) = a h'(‖v‖²)v₁ and φ̂(v) = a h(‖v‖²).  Tolerance: the slow mode at t = 500."""
    h = Parameters(h="cubic").covariance
    a, v = population_flow(replace(h, phi_hat=lambda v: h.h(v).sum()), 0.3, 1.0, [0.0, 0.0],
                           np.linspace(0, 500, 20))
    np.testing.assert_allclose(v[:, 0], v[:, 1], atol=1e-7)
    assert a[-1] == pytest.approx(2, abs=1e-3)
    np.testing.assert_allclose(v[-1], [0.5, 0.5], atol=1e-3)


@pytest.mark.parametrize("k", [2, 3, 4])
def test_the_p_spin_descent_ends_at_the_threshold_energy(k):
    """|E| = 2c√((k−1)/k) for f = c²z^k.  5e-4: second order in steps of 5 %, seen 1e-5."""
    c2 = 0.3
    found = descend(polynomial((0.0,) * k + (c2,), (0.0,)))
    assert found.final_energy == pytest.approx(2 * math.sqrt(c2 * (k - 1) / k), rel=5e-4)
    # For a pure power f''C = (k − 1)f', hence μ = k|E| at all times.
    np.testing.assert_allclose(found.mu[20:], k * found.energy[20:], rtol=0.02)


def test_glassy_drift_reaches_the_slope_A():
    """a ≈ At/√m (G.29); a(t) lags by a constant, so its slope is compared."""
    p = Parameters(target="noise", alpha=0.5, tau=0.7, m=10**6, h="quadratic")
    run = limit(p, "noise-sqrt-m", t_end=1e3 * math.sqrt(p.m))
    a = run.at(np.array([500.0, 1000.0]) * math.sqrt(p.m))["a"].to_numpy()
    assert (a[1] - a[0]) / 500 == pytest.approx(growth_rate(p), rel=1e-3)
    assert growth_rate(p) == pytest.approx(0.7 * math.sqrt(0.5) * 1.0, rel=1e-4)


def test_noise_1_ends_where_the_linear_part_of_the_noise_is_fitted():
    """(G.7): m C_o(t,t) → τ²/ρ − 1 with ρ = αa₀²h'(0)."""
    p = Parameters(target="noise", alpha=0.5, tau=0.7, m=10**6, a0=1.3)
    run = limit(p, "noise-1", t_end=100.0)
    assert run.overlap[-1] * p.m == pytest.approx(0.7**2 / (0.5 * 1.3**2 * 0.9) - 1, rel=1e-6)


def test_every_regime_but_one_has_a_curve_and_others_say_so():
    known = {r.key for p in (LAZY, Parameters(), Parameters(target="noise")) for r in regimes(p)}
    assert known - set(LIMITS) == {"mean-field-2"}
    with pytest.raises(LimitError, match="no closed curve"):
        limit(Parameters(), "mean-field-2")
    with pytest.raises(LimitError, match="mean-field-1"):
        limit(Parameters(), "lazy-1")


@pytest.mark.parametrize("h", [(0, 0.9), (0, 0, 0.5)])
def test_a_missing_linear_or_nonlinear_part_gives_a_curve_or_a_reason_never_a_nan(h):
    for p in (LAZY.replace(h=h), Parameters(h=h), Parameters(h=h, target="noise")):
        for key in (r.key for r in regimes(p) if r.key in LIMITS):
            try:
                run = limit(p, key, t_end=2.0)
            except LimitError as error:
                assert "Add a term" in str(error)  # noqa: PT017  either of two ends is right
            else:
                assert np.all(np.isfinite(run.to_frame().to_numpy()))
