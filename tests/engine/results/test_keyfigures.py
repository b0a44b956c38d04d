"""Key figures of runs: hand-made trajectories with known answers, then properties of real runs."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from engine import Parameters, Status, Trajectory, solve
from engine.limits.levels import levels, plateau_error
from engine.monitor import Monitor
from engine.results.keyfigures import (
    GAP,
    NotReached,
    Reach,
    first_time,
    key_figures,
    reached,
    regime_measurements,
)

# A dense grid, so that linear interpolation in log t costs less than the tolerances below:
# its error is (step in log t)²/8 times a curvature of order 1, and the step is 0.014.
T = np.concatenate([[0.0], np.geomspace(1e-4, 1e4, 1300)])
TIME = 1e-3


def made(e_tr, e_ts, v=0.0, gamma=1.0, t=T, status=Status.REACHED_T_MAX, **parameters):
    """A trajectory with given curves (functions of t or constants)."""
    p = Parameters(**({"m": 100, "tau": 0.2, "t_max": float(t[-1])} | parameters))
    curve = lambda y: y(t) if callable(y) else np.full_like(t, y)  # noqa: E731
    gamma = curve(gamma)
    zero = np.zeros_like(t)
    return Trajectory(
        t=t, a=gamma * math.sqrt(p.m), gamma=gamma, v=curve(v), nu=zero, train_error=curve(e_tr),
        test_error=curve(e_ts), first_layer_displacement=t / (1 + t),
        second_layer_displacement=zero, gamma_displacement=np.abs(gamma - gamma[0]),
        overlap=zero, status=status, parameters=p)


def test_feature_learning_of_mean_field_ends_when_v_is_within_5_percent_of_its_maximum():
    # v = 0.8 (1 − e^{−t/7}) reaches 95 % of 0.8 at t = 7 ln 20.
    run = made(0.1, 0.1, v=lambda t: 0.8 * (1 - np.exp(-t / 7)))
    assert key_figures(run).feature_learning_end == pytest.approx(7 * math.log(20), rel=TIME)


def test_the_sign_of_the_latent_direction_does_not_matter():
    up = made(0.1, 0.1, v=lambda t: t / (1 + t))
    down = made(0.1, 0.1, v=lambda t: -t / (1 + t))
    assert key_figures(up) == key_figures(down)


def test_linear_learning_of_lazy_ends_after_95_percent_of_the_drop():
    run = made(0.1, lambda t: 0.2 + 0.5 * np.exp(-t / 0.03), init="lazy")
    assert key_figures(run).feature_learning_end == pytest.approx(0.03 * math.log(20), rel=TIME)


@pytest.mark.parametrize("run", [
    made(0.1, 0.1, v=0.0),
    made(0.1, 0.1, target="noise"),
    made(0.1, lambda t: 0.5 + t, init="lazy"),
    made(0.1, 0.1, v=lambda t: t / 1e6),
], ids=["no signal", "noise", "test error only rises", "v still growing"])
def test_there_is_no_end_of_feature_learning_without_feature_learning(run):
    assert key_figures(run).feature_learning_end is None


def test_a_curve_that_rises_until_interpolation_has_ended_there():
    run = made(0.1, 0.1, v=lambda t: t / 1e6, status=Status.INTERPOLATED)
    assert key_figures(run).feature_learning_end == pytest.approx(0.95 * T[-1], rel=TIME)


def test_best_stopping_time_is_the_minimum_of_the_test_error_and_the_window_costs_1_percent():
    # With x = ln t the test error is 0.1 (1 + x²): within 1 % for |x| ≤ 0.1.
    def e_ts(t):
        return 0.1 * (1 + np.log(np.maximum(t, 1e-6)) ** 2)

    k = key_figures(made(0.1, e_ts))
    assert k.best_time == pytest.approx(1, rel=0.015)  # one step of the grid
    assert k.best_test_error == pytest.approx(0.1, rel=1e-4)
    assert k.excess_over_bayes == pytest.approx(0.1 - 0.02, rel=1e-3)
    assert k.best_window == pytest.approx((math.exp(-0.1), math.exp(0.1)), rel=TIME)


def test_a_flat_test_error_may_be_stopped_at_any_time():
    assert key_figures(made(0.1, 0.1)).best_window == (0.0, T[-1])


def test_the_gap_opens_where_a_tenth_of_the_test_error_separates_the_curves():
    # e_ts − e_tr = t/100 of e_ts = 1 passes 0.1 at t = 10.
    k = key_figures(made(lambda t: 1 - t / 100, 1.0))
    assert k.gap_opens == pytest.approx(10, rel=TIME)
    assert key_figures(made(0.5, 0.55)).gap_opens is None
    assert key_figures(made(0.4, 0.5)).gap_opens == 0.0


def test_between_two_nodes_times_are_interpolated_in_log_t():
    # Halfway in log(t + t₁) between 9 and 99 with t₁ = 1 lies √(10·100) − 1.
    t = np.array([0.0, 1.0, 9.0, 99.0])
    assert first_time(t, np.array([-1.0, -1, -1, 1])) == pytest.approx(math.sqrt(1000) - 1)
    assert first_time(t, np.array([-1.0, -1, -1, -1])) is None


def test_interpolation_and_the_change_of_gamma_are_read_off_the_curves():
    run = made(lambda t: 0.5 * np.exp(-t / 10), 0.5, gamma=lambda t: 1 + t / (1 + t))
    k = key_figures(run)
    assert k.interpolated
    assert k.interpolation_time == pytest.approx(10 * math.log(1e6), rel=TIME)
    assert k.gamma_drift == pytest.approx(T[-1] / (1 + T[-1]))
    assert k.final_gamma == run.gamma[-1]
    assert not key_figures(made(0.4, 0.5)).interpolated


def test_regimes_are_measured_between_their_edges():
    # Mean-field with m = 100: the regimes meet at √m = 10.
    run = made(lambda t: 1 / (1 + t), lambda t: 2 / (1 + t))
    first, second = regime_measurements(run)
    assert (first.time.start, first.time.end) == (0, pytest.approx(10))
    assert first.first_layer.end == pytest.approx(10 / 11, rel=1e-5)
    assert first.train_error.change == pytest.approx(1 / 11 - 1, rel=1e-5)
    assert first.gap == pytest.approx(1 / 11, rel=1e-5)
    assert second.test_error.start == first.test_error.end
    assert second.time.end == T[-1]
    assert first.reach is Reach.WHOLE and second.reach is Reach.TO_HORIZON


@pytest.mark.parametrize(("end", "status", "reach"), [
    (3.0, Status.REACHED_T_MAX, [Reach.TO_HORIZON, None]),
    (3.0, Status.CANCELLED, [Reach.PART, None]),
    (3.0, Status.INTERPOLATED, [Reach.WHOLE, Reach.AFTER_INTERPOLATION]),
    (50.0, Status.REACHED_T_MAX, [Reach.WHOLE, Reach.TO_HORIZON]),
    (50.0, Status.INTERPOLATED, [Reach.WHOLE, Reach.WHOLE]),
    (50.0, Status.NODE_LIMIT, [Reach.WHOLE, Reach.PART]),
])
def test_a_run_says_which_regimes_it_has_seen_and_how_far(end, status, reach):
    t = np.concatenate([[0.0], np.geomspace(1e-3, end, 50)])
    run = made(0.1, 0.2, t=t, status=status)
    rows = regime_measurements(run)
    assert [None if isinstance(row, NotReached) else row.reach for row in rows] == reach
    assert reached(run) == [row for row in rows if not isinstance(row, NotReached)]


def test_a_run_cancelled_before_its_first_step_measures_nothing():
    run = solve(Parameters(), monitor=Monitor(cancel=lambda: True))
    assert reached(run) == []
    assert key_figures(run).end == 0


@settings(max_examples=25, deadline=None)
@given(
    init=st.sampled_from(["lazy", "mean-field"]), target=st.sampled_from(["single-index", "noise"]),
    alpha=st.floats(0.05, 1.0), tau=st.floats(0.0, 1.0), m=st.integers(2, 3000),
    h=st.sampled_from(["cubic", "quadratic", "weak"]), moves=st.booleans(),
)
def test_key_figures_of_any_run_agree_with_its_curves(init, target, alpha, tau, m, h, moves):
    p = Parameters(init=init, target=target, alpha=alpha, tau=tau, m=m, h=h,
                   train_second_layer=moves, t_max=10.0 * m)
    run = solve(p, rtol=0.03)
    k = key_figures(run)
    assert np.all(k.best_test_error <= run.test_error)
    assert k.best_window[0] <= k.best_time <= k.best_window[1]
    # The theory sheet's bound e_ts ≥ τ²/2, up to rounding.
    assert k.excess_over_bayes >= -1e-12
    if k.gap_opens is None:
        assert np.all(run.generalization_gap <= GAP * run.test_error)
    elif k.gap_opens > 0:
        before = run.t < k.gap_opens * (1 - 1e-9)
        assert np.all(run.generalization_gap[before] <= GAP * run.test_error[before])
    rows = reached(run)
    assert rows[0].time.start == 0
    for left, right in pairwise(rows):
        # One value at a shared edge.
        assert right.gamma.start == pytest.approx(left.gamma.end, rel=1e-12)
    for row in rows:
        # Gradient flow cannot raise the train error; 3 % is the run's own tolerance.
        assert row.train_error.change <= 0.03 * row.train_error.start
        values = [row.gap, row.v.end, row.a.end, row.first_layer.end]
        assert np.all(np.isfinite(values))
    assert rows[-1].gamma.end == pytest.approx(k.final_gamma, rel=1e-12)


@pytest.mark.parametrize("parameters", [
    {"gamma0": 1.0}, {"gamma0": 0.4, "h": "quadratic", "phi": (0.0, 0.6, -0.3)},
    {"gamma0": 2.0, "target": "noise"},
])
def test_the_lazy_relaxation_solves_the_equations_of_the_first_regime(parameters):
    """e_ts(s) against the equations F.50–F.59 integrated by scipy; its tolerance sets ours."""
    p = Parameters(init="lazy", m=100, **parameters)
    K = p.alpha * p.gamma0**2 * p.h[1]
    slope = p.covariance.dphi_hat_0
    v1 = lambda s: slope / (p.gamma0 * p.h[1]) * (1 - np.exp(-K * s))  # noqa: E731
    s = np.linspace(0, 10 / K, 60)
    c = solve_ivp(lambda s, c: 2 * (p.alpha * p.gamma0 * slope * v1(s) - K * (1 + c)),
                  (0, s[-1]), [0.0], t_eval=s, rtol=1e-10, atol=1e-12).y[0]
    expected = 0.5 * (p.tau**2 + p.phi_norm2 - 2 * p.gamma0 * slope * v1(s)
                      + p.gamma0**2 * (sum(p.h) + p.h[1] * c))
    known = levels(p)
    drop = 0.5 * (p.gamma0**2 * p.h[1] + slope**2 / p.h[1])
    closed = plateau_error(p, p.gamma0) + drop * np.exp(-known.lazy_rate * s / p.m)
    assert closed == pytest.approx(expected, rel=1e-8)
    assert math.exp(-known.lazy_rate * known.lazy_learning_end) == pytest.approx(0.05)


@pytest.mark.parametrize(("gamma0", "target"), [(1.0, "single-index"), (0.3, "single-index"),
                                            (1.0, "noise")])
def test_wide_lazy_runs_meet_the_plateau_and_its_time(gamma0, target):
    p = Parameters(init="lazy", gamma0=gamma0, target=target, m=65536, t_max=1.0)
    run, known = solve(p, rtol=1e-3), levels(p)
    # Corrections are of order 1/√m = 0.4 %.
    assert run.test_error[-1] == pytest.approx(plateau_error(p, gamma0), rel=0.01)
    if target == "single-index":
        end = key_figures(run).feature_learning_end
        assert end == pytest.approx(known.lazy_learning_end, rel=0.01)


def test_an_activation_without_linear_part_has_no_linear_learning():
    known = levels(Parameters(init="lazy", h=(0, 0, 0.5)))
    assert known.lazy_rate is None and known.lazy_learning_end is None
    assert known.best_linear == known.null
    assert levels(Parameters()).lazy_rate is None


def test_interpolation_in_place_tells_above_threshold_from_below():
    above = solve(Parameters(init="lazy", gamma0=1.0))
    below = solve(Parameters(init="lazy", gamma0=0.2))
    assert key_figures(above).interpolated_in_place
    assert key_figures(below).interpolated
    assert not key_figures(below).interpolated_in_place
