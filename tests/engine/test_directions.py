"""Targets of several directions: what φ̂ is, how they are written, and what is refused."""

import json
import math

import numpy as np
import pytest
from click.testing import CliRunner

from engine import TABLE, ParameterError, Parameters
from engine.cli import main
from engine.directions import NAMED, as_function
from engine.network.activation import activation

THREE = (("100", 0.5), ("011", 0.7), ("210", -0.4), ("111", 0.3))


def settings(directions, **rest) -> Parameters:
    return Parameters(h=(0.0, 0.7, 0.4, 0.2, 0.1), directions=directions, **rest)


def expectation(p: Parameters, v: np.ndarray) -> float:
    """E σ(g) φ(z) with E g z_i = v_i, by Gauss–Hermite quadrature."""
    x, weight = np.polynomial.hermite_e.hermegauss(8)  # exact to degree 15
    axes = np.array(np.meshgrid(*[x] * (p.k + 1), indexing="ij"))
    weights = np.prod(np.meshgrid(*[weight / weight.sum()] * (p.k + 1), indexing="ij"), axis=0)
    g = np.tensordot(v, axes[1:], 1) + np.sqrt(1 - v @ v) * axes[0]
    return float(np.sum(weights * activation(p)(g) * as_function(p.directions, axes[1:])))


@pytest.mark.parametrize("directions", [*NAMED, THREE])
def test_phi_hat_is_the_expectation_of_activation_times_target(directions):
    p = settings(directions)
    for v in (np.array([0.6, -0.3, 0.5])[:p.k], np.zeros(p.k)):
        assert p.covariance.phi_hat(v) == pytest.approx(expectation(p, v), abs=1e-13)  # rounding


def test_derivatives_of_phi_hat_are_its_slopes():
    known, v, step = settings(THREE).covariance, np.array([0.3, -0.5, 0.2]), 1e-6
    slopes = [(known.phi_hat(v + e) - known.phi_hat(v - e)) / (2 * step) for e in step * np.eye(3)]
    curvature = [(known.dphi_hat(v + e) - known.dphi_hat(v - e)) / (2 * step)
                 for e in step * np.eye(3)]
    # The difference errs by step² and by rounding/step.
    assert known.dphi_hat(v) == pytest.approx(np.array(slopes), abs=1e-9)
    assert known.ddphi_hat(v) == pytest.approx(np.array(curvature), abs=1e-9)


def test_one_direction_written_either_way_is_one_function():
    one, other = settings((("1", 0.5), ("3", -0.2))), Parameters(
        h=(0.0, 0.7, 0.4, 0.2, 0.1), phi=(0.0, 0.5, 0.0, -0.2))
    for name in ("phi_norm2", "reduced_noise", "null_error"):
        assert getattr(one, name) == pytest.approx(getattr(other, name), rel=1e-14)
    assert one.covariance.phi_hat(np.array([0.4])) == pytest.approx(
        other.covariance.phi_hat(0.4), rel=1e-14)
    assert one.covariance.dphi_hat_0 == pytest.approx(other.covariance.dphi_hat_0, rel=1e-14)


def test_a_plain_activation_sees_the_degrees_of_the_target():
    p = Parameters(activation="erf", directions="staircase")
    # erf has no second degree: z₁z₂ is not seen, z₁ is.
    assert p.covariance.phi_hat(np.array([0.5, 0.5])) == pytest.approx(
        p.activation_coefficients[1] * 0.5, rel=1e-14)


@pytest.mark.parametrize("text", [*NAMED, "10:0.8,01:0.4", "001:1,210:-0.5"])
def test_what_is_written_is_read_again(text):
    field = TABLE["directions"]
    value = field.read(text)
    assert field.write(value) == text and field.read(field.write(value)) == value
    p = settings(value, v0=(0.1,) * len(value[0][0]))
    assert Parameters.from_dict(json.loads(json.dumps(p.as_dict()))) == p


@pytest.mark.parametrize(("setting", "field", "says"), [
    ({"directions": "sum"}, "directions", "must be additive"),
    ({"directions": ()}, "directions", "1 to 10 terms"),
    ({"directions": (("0000", 1.0),)}, "directions", "1 to 3 digits"),
    ({"directions": (("00", 1.0),)}, "directions", "add up to 1 to 4"),
    ({"directions": (("50", 1.0),)}, "directions", "add up to 1 to 4"),
    ({"directions": (("10", 1.0), ("1", 1.0))}, "directions", "a digit for every direction"),
    ({"directions": (("10", 1.0), ("10", 2.0))}, "directions", "each term once"),
    ({"directions": (("10", 0.0),)}, "directions", "a coefficient that is not 0"),
    ({"directions": (("10", float("nan")),)}, "directions", "a number from -10 to 10"),
    ({"directions": (("10", 1e9),)}, "directions", "a number from -10 to 10"),
    ({"directions": "product", "phi": (0.0, 1.0)}, "phi", "not used with directions"),
    ({"directions": "product", "target_function": "tanh"}, "target_function", "not used with"),
    ({"directions": "product", "target": "noise"}, "directions", "not used with target = noise"),
    ({"directions": "product", "v0": (0.1,)}, "v0", "each of the 2 directions"),
    ({"directions": "product", "v0": (0.8, 0.8)}, "v0", "Σ v_i² ≤ 0.99²"),
    ({"v0": (float("inf"),)}, "v0", "Σ v_i² ≤ 0.99²"),
    ({"v0": (0.1,), "start_d": 100}, "v0", "not used with start_d"),
    ({"v0": (0.1,), "init": "lazy"}, "v0", "not used with init = lazy"),
    ({"directions": "product", "groups": ((64, 1.0, 0.1), (64, 1.0))}, "groups", "a v0 must have"),
    ({"directions": "product", "start_d": 100, "groups": 3}, "groups", "must be 4"),
])
def test_what_breaks_a_rule_is_refused_with_the_field_and_the_rule(setting, field, says):
    with pytest.raises(ParameterError) as refused:
        Parameters(**setting)
    assert refused.value.field == field and says in refused.value.rule and refused.value.fix


def test_a_change_of_the_target_drops_what_belonged_to_the_other():
    p = Parameters(directions="product", v0=(0.1, 0.1))
    assert p.replace(m=64).v0 == (0.1, 0.1)
    assert p.replace(directions=(("100", 1.0),)).v0 is None
    other = p.replace(target_function="tanh")
    assert other.directions is None
    assert other.replace(directions="product").target_function is None
    assert Parameters(directions="product", v0=(0.0, 0.0)).v0 is None


def test_neurons_as_in_dimension_d_start_with_every_choice_of_signs():
    p = Parameters(directions=THREE, start_d=100, m=30)
    size, v = np.array([g.size for g in p.neurons]), p.v_start
    assert len(size) == 8 and size.sum() == 30 and np.unique(v, axis=0).shape == (8, 3)
    assert np.abs(v) == pytest.approx(0.1, rel=1e-12)


def test_the_command_line_says_what_neurons_see_of_two_directions():
    words = ["covariance", "--h", "quadratic", "--directions", "staircase"]
    known = json.loads(CliRunner().invoke(main, [*words, "--at-v", "0.3,0.2"]).output)
    # h = 0.9 q + q²/2, so φ̂(v) = √0.9 v₁ + √0.5 √2 v₁v₂.
    assert known["phi_hat"] == pytest.approx(math.sqrt(0.9) * 0.3 + 0.3 * 0.2)
    assert known["phi_hat_prime"] == pytest.approx([math.sqrt(0.9) + 0.2, 0.3])
    assert known["phi_hat_coefficients"] == [pytest.approx([math.sqrt(0.9), 1, 0]),
                                             pytest.approx([1, 1, 1])]
    at_0 = json.loads(CliRunner().invoke(main, words).output)
    assert at_0["phi_hat"] == 0 and at_0["phi_hat_prime"] == pytest.approx([math.sqrt(0.9), 0])
    refused = CliRunner().invoke(main, [*words, "--at-v", "0.3"])
    assert refused.exit_code == 2 and "at_v: must have a number for each" in refused.output
    one = json.loads(CliRunner().invoke(main, ["covariance", "--at-v", "0.3"]).output)
    assert one["phi_hat"] == pytest.approx(0.9 * 0.3 + 0.3**3 / 6)
