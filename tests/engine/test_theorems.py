"""The bounds of Theorems 1 and 2: whom they cover, their scales, and the fitted constants."""

import math

import numpy as np
import pytest

from engine import Parameters, solve, theorems
from engine.limits import limit

TANH = Parameters(activation="tanh", alpha=0.3, tau=0.3, m=64)


@pytest.mark.parametrize(("changes", "gap", "flow"), [
    ({}, True, True), ({"h": "cubic"}, False, False), ({"h": "quadratic"}, False, False),
    ({"activation": "relu"}, False, False), ({"target_function": "relu"}, True, False),
    ({"target_function": "hermite2"}, False, False), ({"phi": (0, 0.5)}, True, False),
    ({"phi": (0, 0.5, 0.1)}, False, False), ({"target": "noise"}, True, True),
    ({"init": "lazy"}, True, False), ({"weight_decay": 1.0}, False, False),
    ({"alpha": 1 / 64}, True, False), ({"alpha": 0.01}, False, False),
])
def test_the_theorems_cover_bounded_functions_and_enough_data(changes, gap, flow):
    p = TANH.replace(**changes)
    assert (theorems.covers_gap(p), theorems.covers_flow(p)) == (gap, flow)


@pytest.mark.parametrize(("changes", "L"), [
    ({}, 1.0), ({"activation": "erf"}, 2 / math.sqrt(math.pi)), ({"activation": "sine"}, 1.0),
    ({"phi": (0, 3.0)}, 3.0), ({"target_function": "relu"}, 1.0), ({"target": "noise"}, 1.0),
])
def test_the_lipschitz_constant_is_the_known_one(changes, L):
    assert theorems.lipschitz(TANH.replace(**changes)) == pytest.approx(L, rel=1e-12)


def test_normalised_functions_have_their_constant_divided_by_their_scale():
    p = TANH.replace(normalise=True)
    assert theorems.lipschitz(p) == pytest.approx(1 / math.sqrt(theorems_variance()), rel=1e-9)


def theorems_variance() -> float:
    """E tanh²(G) by Gauss–Hermite with 200 nodes, to 1e-10."""
    x, w = np.polynomial.hermite_e.hermegauss(200)
    return float(w @ np.tanh(x) ** 2 / math.sqrt(2 * math.pi))


def test_the_bounds_have_the_scales_of_the_theorems():
    """With L = 1, τ = 0.3, a₀ = 1, k = 1: a₁ = 2.3 C₀ by hand."""
    t = np.array([0.0, 2.0, 10.0])
    assert theorems.weights(TANH, t, 0.5) == pytest.approx(1 + 0.5 * 2.3 * 0.3 * t)
    bound = theorems.gap_bound(TANH, t, theorems.Constants(0.5, 2.0))
    assert bound == pytest.approx(2 * ((1 + 0.345 * t) ** 2 + 0.09) / math.sqrt(19.2))
    assert TANH.alpha * theorems.gap_time(TANH) == pytest.approx(19.2**0.25)
    assert TANH.alpha * theorems.flow_time(TANH) == pytest.approx(math.log(19.2) ** (1 / 3))
    assert theorems.tube(TANH) == pytest.approx(19.2**-0.5)
    assert theorems.tube(TANH.replace(alpha=2.0)) == pytest.approx(64**-0.5)


def test_the_least_constants_touch_the_run_and_nothing_of_it_passes_them():
    run = solve(TANH)
    constants = theorems.least(run)
    A = theorems.weights(TANH, run.t, constants.growth)
    assert (run.a <= A * (1 + 1e-12)).all() and np.isclose(run.a, A)[1:].any()
    share = (run.test_error - run.train_error) / theorems.gap_bound(TANH, run.t, constants)
    assert share.max() == pytest.approx(1.0)


def test_the_flow_is_the_limit_curve_and_for_noise_nothing_moves():
    curve = limit(TANH, "mean-field-1")
    # Both integrate the same equations to 1e-9.
    assert theorems.flow(TANH, curve.t) == pytest.approx(curve.test_error, rel=1e-6)
    noise = TANH.replace(target="noise")
    assert theorems.flow(noise, np.array([0.0, 1.0, 5.0])) == pytest.approx(0.045)


def test_a_wider_network_is_nearer_to_the_flow():
    """At equal times t ≤ 5 and n/d ∝ m the distance is of order 1/m (G.49), within a third."""
    far, near = (solve(TANH.replace(m=m, t_max=5.0), rtol=1e-3) for m in (128, 512))
    ratio = theorems.distance(far).max() / theorems.distance(near).max()
    assert ratio == pytest.approx(4.0, rel=1 / 3)
