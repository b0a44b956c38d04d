"""The activation, the features of the Gaussian model, and the gradient."""

import math

import numpy as np
import pytest
from numpy.polynomial import polynomial
from scipy import integrate

from engine import Group, Parameters
from engine.network import NetworkSettings
from engine.network.activation import activation
from engine.network.features import Monomials
from engine.network.model import Network

SMALL = Parameters(m=3, alpha=2.0, tau=0.3, t_max=4.0)
CASES = [
    ("gd", {}), ("gd", {"h": (0, 0.5, 0.2, 0.1, 0.3)}), ("gd", {"phi": (0, 0.3, -0.8)}),
    ("gd", {"activation": "tanh"}), ("gd", {"activation": "gelu", "target_function": "relu"}),
    ("gd", {"activation": "relu", "normalise": True}), ("gaussian", {"activation": "hermite2"}),
    ("gd", {"target": "noise"}), ("gd", {"init": "lazy", "gamma0": 0.7}),
    ("gaussian", {}), ("gaussian", {"h": "quadratic"}), ("gaussian", {"phi": (0, 0.3, -0.8)}),
]


def double(p, settings, seed=0) -> Network:
    """A network whose state is away from the start and whose neurons differ."""
    network = Network(p, settings, seed)
    rng = np.random.default_rng(7)
    network.a = network.a * (1 + 0.2 * rng.standard_normal(p.m))
    return network


@pytest.mark.parametrize("h", [(0, 0.9, 0, 1 / 6), (0, 0.9, 0.5), (0, 0.2, 0, 0, 0.7)])
def test_the_activation_has_the_covariance_h(h):
    """E σ(G₁)σ(G_q) = h(q), by two-dimensional quadrature (exact for polynomials to 1e-10)."""
    sigma = activation(Parameters(h=h))
    nodes, weights = np.polynomial.hermite_e.hermegauss(20)
    weights = weights / math.sqrt(2 * math.pi)
    for q in (0.0, 0.3, -0.6, 1.0):
        second = q * nodes[:, None] + math.sqrt(1 - q**2) * nodes[None, :]
        value = np.einsum("i,j,i,ij->", weights, weights, sigma(nodes),
                          sigma(second))
        assert value == pytest.approx(polynomial.polyval(q, h), abs=1e-10)


def direct_risk(network: Network, a, W) -> float:
    """R̂ in double precision, straight from its definition."""
    X = network.X.astype(float)
    fields = X @ reference_features(network, W) if network.gaussian else network.sigma(X @ W.T)
    return float(np.mean((network.y - fields @ a / network.p.m) ** 2) / 2)


def reference_features(network: Network, W) -> np.ndarray:
    """s_k √(k!/μ!) w^μ written out one by one."""
    from collections import Counter
    from itertools import combinations_with_replacement
    p, d, columns = network.p, network.settings.d, []
    for k in (part[0] for part in network.features.parts):
        s_k = (*p.activation_coefficients, *[0.0] * k)[k]
        for mu in combinations_with_replacement(range(d), k):
            same = math.prod(math.factorial(c) for c in Counter(mu).values())
            columns.append(s_k * math.sqrt(math.factorial(k) / same)
                           * np.prod(W[:, list(mu)], axis=1))
    return np.array(columns)


@pytest.mark.parametrize(("algorithm", "changes"), CASES)
def test_the_gradient_is_that_of_the_risk_by_finite_differences(algorithm, changes):
    """Central differences of the double-precision risk with step 1e-5 err by about 1e-9;
    the fields are float32, which leaves 1e-5 of the largest entry."""
    p = SMALL.replace(**changes)
    network = double(p, NetworkSettings(d=10, algorithm=algorithm))
    a, W, eps = network.a.copy(), network.W.copy(), 1e-5
    risk, g_a, g_W = network.gradient()
    assert risk == pytest.approx(direct_risk(network, a, W), rel=1e-5)
    scale = network.n / network.settings.d
    for i in range(p.m):
        step = eps * (np.arange(p.m) == i)
        slope = (direct_risk(network, a + step, W) - direct_risk(network, a - step, W)) / (2 * eps)
        assert g_a[i] == pytest.approx(scale * slope, abs=1e-5 * np.abs(g_a).max())
    expected = np.empty_like(W)
    for i, j in np.ndindex(W.shape):
        step = np.zeros_like(W)
        step[i, j] = eps
        expected[i, j] = scale * (direct_risk(network, a, W + step)
                                  - direct_risk(network, a, W - step)) / (2 * eps)
    tangent = expected - np.sum(expected * W, axis=1, keepdims=True) * W
    np.testing.assert_allclose(g_W, tangent, atol=1e-5 * np.abs(tangent).max())
    # ν holds the norm: the radial part of the flow is −∂R̂/∂w = ν w in law.
    np.testing.assert_allclose(network.nu, -np.sum(expected * W, axis=1),
                               atol=1e-5 * np.abs(expected).max())


def test_mini_batches_of_an_epoch_average_to_the_full_gradient():
    """float32 sums in another order: 1e-6 of the largest entry, taken ten times."""
    network = double(SMALL, NetworkSettings(d=20, algorithm="sgd"))
    _, g_a, g_W = network.gradient()
    parts = [network.gradient(rows) for rows in np.split(np.arange(network.n), 4)]
    np.testing.assert_allclose(np.mean([p[1] for p in parts], axis=0), g_a,
                               atol=1e-5 * np.abs(g_a).max())
    np.testing.assert_allclose(np.mean([p[2] for p in parts], axis=0), g_W,
                               atol=1e-5 * np.abs(g_W).max())


@pytest.mark.parametrize(("h", "target"), [
    ("cubic", {}), ("quadratic", {}), ((0, 0.5, 0, 0, 0.2), {"phi": (0, 0.4, -0.3)}),
    ((0, 0.5, 0.3, 0.2), {"directions": (("10", 0.5), ("11", 0.7), ("21", -0.4))})])
def test_the_gaussian_model_has_the_covariances_of_the_theory(h, target):
    """⟨ψ(w), ψ(w')⟩ = h(⟨w, w'⟩), and with the labels' monomials φ̂(v) and ‖φ‖²; all exact, to
    the 1e-6 of float32."""
    p = Parameters(h=h, **target)
    features = Monomials(p, 12)
    W = np.random.default_rng(0).standard_normal((4, 12))
    W /= np.linalg.norm(W, axis=1, keepdims=True)
    psi = features(W).astype(float)
    np.testing.assert_allclose(psi.T @ psi, polynomial.polyval(W @ W.T, p.h), atol=1e-6)
    label = features.target(p, np.eye(12, p.k)).astype(float)
    v = W[:, :p.k].T if p.directions else W[:, 0]
    np.testing.assert_allclose((psi.T @ label)[:, 0], p.covariance.phi_hat(v), atol=1e-6)
    assert label.T @ label == pytest.approx(p.phi_norm2, abs=1e-6)


@pytest.mark.parametrize("changes", [{}, {"h": "weak"}, {"target": "noise"},
                                     {"phi": (0, 0.3, -0.8)}, {"activation": "erf"},
                                     {"directions": "staircase", "v0": (0.2, 0.3)},
                                     {"activation": "silu", "target_function": "abs"},
                                     {"activation": "relu", "normalise": True}])
def test_test_error_by_overlaps_agrees_with_held_out_samples(changes):
    """Within five standard errors of the mean over 20 000 fresh samples, at a trained state."""
    p = SMALL.replace(**changes)
    network = double(p, NetworkSettings(d=20, held_out=20_000))
    for _ in range(30):
        network.move(0.1, *network.gradient()[1:])
    value, sd = network.held_out_error()
    assert 0 < sd < 0.05 * value
    assert abs(value - network.test_error()) < 5 * sd


def test_test_error_is_an_integral_over_the_gaussian():
    """One neuron along the target and m = 2 apart: ½E(y − f)² by quadrature, to 1e-8."""
    p = Parameters(m=2, h="quadratic", tau=0.4)
    network = Network(p, NetworkSettings(d=10), 0)
    network.W = np.eye(10)[:2]
    network.a = np.array([1.5, 0.5])
    sigma = activation(p)

    def loss(y, x):
        value = sigma(x) - (
            1.5 * sigma(x) + 0.5 * sigma(y)) / 2
        return value**2 * math.exp(-(x * x + y * y) / 2) / (2 * math.pi)

    integral, _ = integrate.dblquad(loss, -9, 9, -9, 9, epsabs=1e-9)
    assert network.test_error() == pytest.approx((integral + p.tau**2) / 2, abs=1e-8)


def test_groups_start_with_their_own_second_layer_and_overlaps():
    groups = (Group(2, 0.5), Group(3, 2.0, 0.6, -1))
    p = Parameters(m=5, a0=1.0, groups=groups)
    networks = [Network(p, NetworkSettings(d=400, seeds=1), seed) for seed in range(5)]
    assert all(np.array_equal(network.a, [0.5, 0.5, -2, -2, -2]) for network in networks)
    v = np.mean([network.W @ network.U[:, 0] for network in networks], axis=0)
    # Standard error 1/sqrt(400 * 5) = 0.022 of each.
    assert v == pytest.approx([0, 0, 0.6, 0.6, 0.6], abs=0.1)
    assert np.linalg.norm(networks[0].W, axis=1) == pytest.approx(1)
