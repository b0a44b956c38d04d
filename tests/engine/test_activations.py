"""Plain functions: coefficients against closed forms and derivatives, tails against what is cut."""

import json
import math

import numpy as np
import pytest
from click.testing import CliRunner
from scipy import integrate
from scipy.special import erf

from engine import ParameterError, Parameters, solve
from engine.activations import FUNCTIONS, TAIL, expand, hermite_coefficients
from engine.cli import main
from engine.dmft.reference import solve_euler

SMOOTH = [name for name, function in FUNCTIONS.items() if function.curvature]
KINKED = [name for name in FUNCTIONS if name not in SMOOTH]
CLOSED = [name for name, function in FUNCTIONS.items() if function.closed]
X = np.linspace(-4, 4, 33)
Q = np.linspace(-1, 1, 41)
ROUNDING = 1e-12


def powers(coefficients, q, order=0):
    return np.polynomial.Polynomial(coefficients).deriv(order)(q) if order else \
        np.polynomial.Polynomial(coefficients)(q)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_slope_and_curvature_are_the_derivatives(name):
    """Central differences with step 1e-5 err by 1e-9 away from a kink at 0."""
    function, x = FUNCTIONS[name], X[X != 0]
    difference = lambda f: (f(x + 1e-5) - f(x - 1e-5)) / 2e-5  # noqa: E731
    np.testing.assert_allclose(function.slope(x), difference(function.value), atol=1e-8)
    if function.curvature:
        np.testing.assert_allclose(function.curvature(x), difference(function.slope), atol=1e-8)


@pytest.mark.parametrize("name", ["tanh", "gelu", "relu", "abs", "softplus"])
@pytest.mark.parametrize("k", [0, 1, 2, 5, 8])
def test_coefficients_are_integrals_over_the_gaussian(name, k):
    """Against scipy's adaptive quadrature, which is asked for 1e-12."""
    he = np.polynomial.HermiteE.basis(k) / math.sqrt(math.factorial(k))
    integrand = lambda x: (FUNCTIONS[name].value(x) * he(x)  # noqa: E731
                           * math.exp(-x * x / 2) / math.sqrt(2 * math.pi))
    exact = sum(integrate.quad(integrand, *half, epsabs=1e-13, epsrel=1e-13, limit=200)[0]
                for half in ((-12, 0), (0, 12)))
    assert hermite_coefficients(name)[k] == pytest.approx(exact, abs=ROUNDING)


def test_the_arcsine_law_of_erf_and_the_arc_cosine_law_of_relu():
    """Powers of arcsin, and Cho and Saul's √(1−q²) + q(π − arccos q) over 2π less the mean's
    square: both to 1e-12."""
    h = np.array(hermite_coefficients("erf")) ** 2
    series = [2 / math.pi * math.comb(2 * j, j) / (4**j * (2 * j + 1)) * (2 / 3) ** (2 * j + 1)
              for j in range(20)]
    np.testing.assert_allclose(h[1:40:2], series, atol=ROUNDING)
    relu = (np.sqrt(1 - Q**2) + Q * (np.pi - np.arccos(Q)) - 1) / (2 * np.pi)
    np.testing.assert_allclose(FUNCTIONS["relu"].closed.h(Q), relu, atol=ROUNDING)


@pytest.mark.parametrize("name", CLOSED)
def test_the_powers_differ_from_the_closed_form_by_the_tail_at_most_and_by_it_at_one(name):
    expansion, closed = expand(name), FUNCTIONS[name].closed
    h = np.square(expansion.coefficients)
    for order, (exact, tail) in enumerate(zip(closed, expansion.tail, strict=True)):
        if math.isfinite(tail):
            lacking = exact(Q) - powers(h, Q, order)
            assert np.abs(lacking).max() <= tail + ROUNDING
            assert lacking[-1] == pytest.approx(tail, abs=ROUNDING)


@pytest.mark.parametrize("name", SMOOTH)
def test_a_smooth_activation_is_cut_at_the_first_degree_whose_tail_is_small(name):
    expansion, s = expand(name), np.array(hermite_coefficients(name))
    K, k = len(expansion.coefficients) - 1, np.arange(s.size)
    bend = k * (k - 1) * s**2
    tail = lambda degree: bend[degree + 1:].sum() / bend.sum()  # noqa: E731
    assert tail(K) <= TAIL < tail(K - 1)
    assert expansion.tail.ddh == pytest.approx(bend[K + 1:].sum(), abs=ROUNDING)
    assert expansion.variance == pytest.approx((s[1:] ** 2).sum(), abs=ROUNDING)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_normalised_functions_have_variance_one(name):
    plain, unit = Parameters(activation=name), Parameters(activation=name, normalise=True)
    assert unit.phi_norm2 == pytest.approx(1, abs=ROUNDING)
    assert unit.covariance.h(0.4) == pytest.approx(plain.covariance.h(0.4) / plain.phi_norm2,
                                                   abs=ROUNDING)


@pytest.mark.parametrize("q", [-0.7, 0.0, 0.3, 0.9])
def test_phi_hat_of_two_functions_is_the_mean_of_their_product(q):
    """E relu(G₁) tanh(G_q) by quadrature on both half-lines of G₁ (its kink) to 1e-9, and the
    coefficients stated to lack less."""
    known = Parameters(activation="tanh", target_function="relu").covariance
    nodes, weights = np.polynomial.hermite_e.hermegauss(120)
    weights = weights / weights.sum()

    def conditional(x):
        inner = weights @ np.tanh(q * x + math.sqrt(1 - q * q) * nodes)
        return x * inner * math.exp(-x * x / 2) / math.sqrt(2 * math.pi)

    exact, _ = integrate.quad(conditional, 0, 12, epsabs=1e-12)
    assert known.phi_hat(q) == pytest.approx(exact, abs=1e-9 + known.phi_hat_tail)
    assert known.phi_hat_tail < 1e-5


def test_the_target_may_correlate_negatively_with_the_activation():
    """He_3 has the coefficient +1 and tanh −0.15 there."""
    known = Parameters(activation="tanh", target_function="hermite3").covariance
    assert known.coefficients.phi_hat[3] == pytest.approx(-0.148, abs=1e-3)
    assert not known.matched


def test_an_activation_that_is_a_polynomial_has_no_tail_and_is_its_coefficients():
    one = Parameters(activation="hermite3").covariance
    assert one.tail == (0, 0, 0)
    np.testing.assert_allclose(one.coefficients.h, (0, 0, 0, 1), atol=ROUNDING)
    assert Parameters().covariance.tail == (0, 0, 0)


@pytest.mark.parametrize("name", KINKED)
def test_the_flow_of_an_activation_with_a_kink_is_refused_and_its_values_are_not(name):
    p = Parameters(activation=name, m=16, t_max=10)
    known = p.covariance
    assert math.isinf(known.ddh_1) and known.h_1 == pytest.approx(p.phi_norm2, abs=ROUNDING)
    for run in (lambda: solve(p), lambda: solve(p.replace(spread=0.1)),
                lambda: solve_euler(p, 10)):
        with pytest.raises(ParameterError, match="h''\\(1\\) is infinite") as caught:
            run()
        assert FUNCTIONS[name].instead in caught.value.fix


def test_a_kinked_target_of_a_smooth_activation_is_solved():
    run = solve(Parameters(activation="gelu", target_function="abs", m=16, t_max=50))
    assert run.status.complete


@pytest.mark.parametrize("values", [
    {"activation": "erf"}, {"activation": "tanh", "target_function": "relu"},
    {"activation": "gelu", "target": "noise", "init": "lazy"},
    {"activation": "sine", "target_function": "tanh", "normalise": True}], ids=str)
def test_the_solver_agrees_with_explicit_euler(values):
    """Euler errs by O(η): 400 steps of 0.02 leave 1 %, extrapolated from half as many 1e-3."""
    p = Parameters(m=6, alpha=0.6, tau=0.3, t_max=8, **values)
    run, coarse, fine = solve(p, 1e-3), solve_euler(p, 200), solve_euler(p, 400)
    t = coarse.t[20::30]
    for name in ("a", "v", "train_error", "test_error"):
        euler = 2 * fine.at(t)[name] - coarse.at(t)[name]
        scale = np.abs(euler).max()
        np.testing.assert_allclose(run.at(t)[name], euler, atol=4e-3 * max(scale, 1e-3))


def test_a_run_says_what_its_polynomial_leaves_out():
    run = solve(Parameters(activation="erf", m=16, t_max=1))
    exact = 16 / (27 * math.pi) / (5 / 9) ** 1.5
    assert run.truncation == pytest.approx(run.parameters.covariance.tail.ddh / exact)
    assert 0 < run.header()["truncation"] <= TAIL
    assert solve(Parameters(m=16, t_max=1)).truncation == 0


def values_of(*words) -> dict:
    result = CliRunner().invoke(main, ["covariance", *words])
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


def test_the_command_prints_h_its_derivatives_and_the_tail():
    found = values_of("--activation", "erf", "--at", "0.3")
    assert found["h"] == pytest.approx(2 / math.pi * math.asin(0.2), abs=ROUNDING)
    assert abs(powers(found["coefficients"], 0.3) - found["h"]) <= found["tail"]
    assert found["h_prime"] == pytest.approx(0.433164889574, abs=ROUNDING)
    assert found["h_second"] == pytest.approx(0.060161790219, abs=ROUNDING)
    assert erf(0) == 0 < found["tail"] < 1e-6


def test_the_command_has_no_number_for_what_is_infinite():
    found = values_of("--activation", "relu", "--at", "1")
    assert found["h_second"] is None and found["tail_second"] is None
    assert found["phi_hat"] == found["h"]


@pytest.mark.parametrize("words", [["--at", "1.5"], ["--activation", "print(1)"],
                                   ["--activation", "tanh", "--h", "cubic"]])
def test_the_command_refuses_on_one_line(words):
    result = CliRunner().invoke(main, ["covariance", *words])
    assert result.exit_code == 2
    assert result.output.count("\n") == 1
