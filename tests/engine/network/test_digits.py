"""Networks on handwritten digits: the data, the labels' noise, the gradient, the descent."""

import math

import numpy as np
import pytest

from engine import ParameterError, Parameters
from engine.monitor import Monitor
from engine.network.digits import (
    COLUMNS,
    D,
    Digits,
    N,
    flipped,
    images,
    learn,
    learning_time,
    matched,
    overfitting_time,
)

P = matched(Parameters(m=8, alpha=3.0, tau=0.6, activation="tanh", t_max=8.0))
ALL = matched(P.replace(alpha=10.0, m=16))


def test_the_images_are_those_of_the_source():
    """Counts of the digits in the test set of the UCI repository."""
    pixels, digit = images()
    assert pixels.shape == (1797, 64) and pixels.min() == 0 and pixels.max() == 16
    assert np.bincount(digit).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]


def test_training_inputs_are_white_and_images_left_out_nearly_so():
    """Exactly on the N images, but for float32; 597 others scatter by some 10 %."""
    network = Digits(ALL, 0)
    X = network.X.astype(float)
    assert X.shape == (N, D) and network.X_new.shape == (1797 - N, D)
    np.testing.assert_allclose(X.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(X.T @ X / N, np.eye(D), atol=1e-5)
    assert np.mean(network.X_new**2) == pytest.approx(1.0, abs=0.1)


@pytest.mark.parametrize("tau", [0.0, 0.3, 0.6, 0.9])
def test_flips_make_the_variance_that_tau_says(tau):
    rho = flipped(tau)
    assert 0 <= rho < 0.5 and 4 * rho * (1 - rho) == pytest.approx(tau**2)


def test_labels_of_variance_one_leave_no_room_for_more_noise():
    with pytest.raises(ParameterError, match="below 1") as caught:
        flipped(1.0)
    assert caught.value.field == "tau"


def test_a_share_of_the_training_labels_is_flipped():
    """ρ = 0.1 of 1200: 120 ± 10.4; within four standard deviations."""
    network, clean = Digits(ALL, 3), Digits(ALL.replace(tau=0.0), 3)
    assert np.array_equal(network.X, clean.X) and set(clean.y) == {-1.0, 1.0}
    assert np.sum(network.y != clean.y) == pytest.approx(0.1 * N, abs=42)


def test_the_setting_beside_them_has_the_datas_alpha_and_strength():
    p = matched(Parameters(m=512, alpha=5, tau=0.6, h="cubic", init="lazy", gamma0=0.5, spread=0.1))
    assert p.alpha == N / (512 * D) and p.activation == "tanh" and p.identical
    assert (p.init, p.gamma0, p.tau) == ("lazy", 0.5, 0.6)
    # Variances of signal and noise add up to that of labels ±1.
    assert p.phi_norm2 + p.tau**2 == pytest.approx(1.0)
    assert matched(p.replace(activation="relu")).activation == "tanh"
    assert matched(p.replace(activation="erf")).activation == "erf"


def test_the_gradient_is_that_of_the_risk_by_finite_differences():
    """Central differences of a double-precision risk; float32 fields leave 1e-5 of the largest."""
    network = Digits(P, 0)
    X, y, m, n = network.X.astype(float), network.y, P.m, 240
    assert len(y) == network.n == n

    def risk(a, W):
        return np.mean((y - network.sigma(X @ W.T) @ a / m) ** 2) / 2

    a, W, eps = network.a, network.W, 1e-5
    error, g_a, g_W = network.gradient()
    assert error == pytest.approx(risk(a, W), rel=1e-5)
    for i in range(m):
        step = eps * (np.arange(m) == i)
        slope = n / D * (risk(a + step, W) - risk(a - step, W)) / (2 * eps)
        assert g_a[i] == pytest.approx(slope, abs=1e-5 * np.abs(g_a).max())
    step = np.zeros_like(W)
    step[2, 5] = eps
    direction = step - (W[2] @ step[2]) * np.where(np.arange(m)[:, None] == 2, W, 0)
    change = n / D * (risk(a, W + direction) - risk(a, W - direction)) / 2
    assert np.vdot(g_W, direction) == pytest.approx(change, abs=1e-5 * eps * np.abs(g_W).max())


def test_the_test_error_is_the_mean_over_flips():
    network = Digits(P, 1)
    f = network.sigma(network.X_new.astype(float) @ network.W.T) @ network.a / P.m
    label, rho = network.label_new, flipped(P.tau)
    expected = np.mean((1 - rho) * (label - f) ** 2 + rho * (label + f) ** 2) / 2
    # float32 fields.
    assert network.test_error() == pytest.approx(expected, rel=1e-5)


def test_networks_learn_and_the_train_error_never_increases():
    """1e-6 is the rounding of float32 fields.  The linear part explains two thirds of the labels:
    half of that is learned soon."""
    table = learn(P, 2)
    assert tuple(table.columns) == COLUMNS and table["seed"].unique().tolist() == [0, 1]
    for _, one in table.groupby("seed"):
        train = one["train_error"].to_numpy()
        assert np.all(np.diff(train) <= 1e-6 * train[0])
        assert one["test_error"].min() < 0.8 * one["test_error"].iloc[0]


def test_the_seed_decides_everything_and_limits_and_stops_keep_what_there_is():
    first, again = learn(P, 1), learn(P, 1)
    assert first.equals(again)
    short = learn(P, 1, max_steps=20)
    assert short.equals(first[:len(short)]) and 1 < len(short) < len(first)
    seen = []
    stopped = learn(P, 2, monitor=Monitor(publish=seen.append, cancel=lambda: len(seen) >= 5))
    assert 0 < len(stopped) <= 7 and stopped["seed"].unique().tolist() == [0]


def test_times_are_the_first_at_which_it_has_happened():
    """Between 1 and 2 the errors pass their levels in the middle of log(t + 1)."""
    t, half = np.array([0.0, 1.0, 2.0, 3.0]), math.sqrt(6) - 1
    p = P.replace(tau=0.6)
    assert overfitting_time(t, np.array([0.5, 0.11, 0.07, 0.01]), p) == pytest.approx(half)
    assert math.isnan(overfitting_time(t, np.array([0.5, 0.2, 0.2, 0.1]), p))
    assert learning_time(t, np.array([0.5, 0.4, 0.3, 0.2])) == pytest.approx(half)
