"""Parameters: every rule is enforced with an error that helps, equal settings are equal."""

import dataclasses
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine import PRESETS, TABLE, ParameterError, Parameters
from engine.activations import FUNCTIONS
from engine.fields import MAX_DEGREE
from engine.parameters import T_MAX_PER_M, preset_name

NAN, INF = math.nan, math.inf
SCALE = {"gamma0": {"init": "lazy"}, "a0": {"init": "mean-field"}}
"""The initialisation under which a scale is used."""

NUMBERS = [name for name, field in TABLE.items() if field.kind in ("real", "integer")]
NOT_NUMBERS = [NAN, INF, -INF, "0.3", "", b"1", True, 1j, [1.0], (), {}, 10**400,
               np.array([0.1, 0.2]), np.float64("nan")]
NOT_COVARIANCES = {
    "h(0) is not 0": (0.1, 0.9),
    "a negative coefficient": (0.0, 0.9, -0.5),
    "NaN inside": (0.0, NAN),
    "infinity inside": (0.0, INF),
    "text inside": (0.0, "0.9"),
    "a flag inside": (0.0, True),
    "no coefficients": (),
    "a constant": (0.0,),
    "nothing but zeros": (0.0, 0.0, 0.0),
    "almost nothing": (0.0, 1e-6),
    "too high a degree": (0.0,) + (0.1,) * (MAX_DEGREE + 1),
    "too large a coefficient": (0.0, 101.0),
    "a number": 0.9,
    "an unknown preset": "quartic",
    "a table": ((0.0, 0.9), (0.0, 0.9)),
}


def error(**values) -> ParameterError:
    """The error that these values raise, after checking that it is complete."""
    with pytest.raises(ParameterError) as caught:
        Parameters(**values)
    e = caught.value
    assert e.rule and e.got and e.fix.endswith(".")
    assert str(e) == f"{e.field}: {e.rule}; got {e.got}. {e.fix}"
    assert len(e.got) <= 60
    return e


@pytest.mark.parametrize("name", NUMBERS)
@pytest.mark.parametrize("value", NOT_NUMBERS, ids=lambda v: type(v).__name__ + repr(v)[:12])
def test_what_is_no_finite_number_is_refused(name, value):
    e = error(**{name: value}, **SCALE.get(name, {}))
    field = TABLE[name]
    assert e.field == name
    assert f"{field.low:g} to {field.high:g}" in e.rule


@pytest.mark.parametrize("name", NUMBERS)
def test_the_ends_of_a_range_are_allowed_and_nothing_beyond(name):
    field, start = TABLE[name], SCALE.get(name, {})
    for bound, beyond in ((field.low, math.nextafter(field.low, -INF)),
                          (field.high, math.nextafter(field.high, INF))):
        assert getattr(Parameters(**{name: bound}, **start), name) == bound
        if field.kind == "integer":
            beyond = bound - 1 if beyond < bound else bound + 1
        e = error(**{name: beyond}, **start)
        assert e.field == name
        assert f"{bound:g}" in e.fix


@pytest.mark.parametrize("value", [2.5, 128.0001, "128"])
def test_a_width_that_is_not_whole_is_refused(value):
    assert error(m=value).rule.startswith("must be a whole number")


@pytest.mark.parametrize("value", [64, 64.0, np.int64(64), np.float32(64)])
def test_a_whole_width_may_come_as_any_kind_of_number(value):
    m = Parameters(m=value).m
    assert m == 64
    assert type(m) is int


@pytest.mark.parametrize("name", ["init", "target"])
@pytest.mark.parametrize("value", ["", "LAZY", None, 0, NAN, ["lazy"], np.array([1, 2])],
                         ids=lambda v: type(v).__name__ + repr(v)[:10])
def test_only_the_listed_choices_are_allowed(name, value):
    e = error(**{name: value})
    assert e.field == name
    assert all(choice in e.rule for choice in TABLE[name].choices)


@pytest.mark.parametrize("value", [0, 1, "yes", None, NAN])
def test_a_flag_is_true_or_false(value):
    assert error(train_second_layer=value).field == "train_second_layer"


@pytest.mark.parametrize(("init", "used", "unused"), [("lazy", "gamma0", "a0"),
                                                ("mean-field", "a0", "gamma0")])
def test_only_the_scale_of_the_chosen_start_is_allowed(init, used, unused):
    for both in ({unused: 1.0}, {used: 1.0, unused: 1.0}):
        e = error(init=init, **both)
        assert e.field == unused
        assert init in e.rule
        assert used in e.fix
    p = Parameters(init=init)
    assert getattr(p, used) == TABLE[used].default
    assert getattr(p, unused) is None


@pytest.mark.parametrize("h", NOT_COVARIANCES.values(), ids=NOT_COVARIANCES.keys())
def test_what_is_no_covariance_is_refused(h):
    assert error(h=h).field == "h"


@pytest.mark.parametrize("phi", [(0.5, 1.0), (0.0, NAN), (0.0, 11.0), "cubic", 1.0, (0.0,)],
                         ids=repr)
def test_what_are_no_target_coefficients_is_refused(phi):
    assert error(phi=phi).field == "phi"


def test_pure_noise_has_no_target_coefficients():
    e = error(target="noise", phi=(0.0, 1.0))
    assert e.field == "phi"
    assert "noise" in e.rule


@pytest.mark.parametrize(("values", "field"), [
    ({"h": "cubic", "activation": "tanh"}, "h"),
    ({"phi": (0, 1), "target_function": "tanh"}, "phi"),
    ({"target": "noise", "target_function": "tanh"}, "target_function"),
    ({"normalise": True}, "normalise"),
    ({"activation": "sigmoid"}, "activation"),
    ({"activation": "__import__('os')"}, "activation"),
    ({"target_function": 3}, "target_function"),
])
def test_a_function_and_what_it_stands_in_for_are_not_given_together(values, field):
    assert error(**values).field == field


def test_a_function_and_coefficients_replace_each_other():
    tanh = Parameters(h="weak").replace(activation="tanh", normalise=True)
    assert (tanh.h, tanh.activation) == (None, "tanh")
    assert tanh.replace(h="weak") == Parameters(h="weak")
    assert tanh.replace(activation=None) == Parameters()
    relu = Parameters(phi=(0, 1)).replace(target_function="relu")
    assert (relu.phi, relu.target_function) == (None, "relu")
    assert relu.replace(phi=(0, 1)) == Parameters(phi=(0, 1))


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(ParameterError) as caught:
        Parameters.from_dict({"alhpa": 0.3})
    assert caught.value.field == "alhpa"
    assert "alpha" in caught.value.fix


def test_every_field_has_a_row_in_the_table_and_the_table_no_other():
    assert [f.name for f in dataclasses.fields(Parameters)] == list(TABLE)
    for name, field in TABLE.items():
        assert field.name == name
        assert field.meaning.endswith(".")


def test_parameters_cannot_be_changed():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Parameters().alpha = 1.0


def test_equal_settings_are_equal_however_they_were_computed():
    one = Parameters(alpha=0.3, tau=1, m=64, h=(0, 0.9, 0, 1 / 6), t_max=60 * 64)
    for other in (
        Parameters(alpha=0.1 + 0.2, tau=1.0, m=64.0, h="cubic"),
        Parameters(alpha=np.float64(0.3), tau=np.int32(1), m=np.int16(64),
                   h=np.array([0, 0.9, 0, 1 / 6, 0.0])),
    ):
        assert other == one
        assert hash(other) == hash(one)
        assert repr(other) == repr(one)


def test_different_settings_are_different():
    assert Parameters(alpha=0.3) != Parameters(alpha=0.3 * (1 + 1e-9))


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_its_coefficients(name):
    assert Parameters(h=name) == Parameters(h=PRESETS[name])
    assert preset_name(Parameters(h=name).h) == name


def test_coefficients_of_no_preset_have_no_name():
    assert preset_name((0.0, 0.8)) is None


def test_the_default_horizon_shows_the_time_scale_m():
    assert Parameters(m=100).t_max == 100 * T_MAX_PER_M


def test_replacing_the_width_moves_the_default_horizon_but_not_a_chosen_one():
    assert Parameters(m=100).replace(m=200).t_max == 200 * T_MAX_PER_M
    assert Parameters(m=100, t_max=50.0).replace(m=200).t_max == 50.0
    assert Parameters(m=100).replace(m=200, t_max=7.0).t_max == 7.0
    assert Parameters(m=100).replace(alpha=1.0) == Parameters(m=100, alpha=1.0)


def test_replacing_the_start_drops_the_other_scale():
    lazy = Parameters(a0=2.0).replace(init="lazy")
    assert (lazy.gamma0, lazy.a0) == (TABLE["gamma0"].default, None)
    assert Parameters(a0=2.0).replace(init="lazy", gamma0=0.5).gamma0 == 0.5
    assert Parameters(a0=2.0).replace(init="mean-field").a0 == 2.0


def test_replacing_obeys_the_rules():
    with pytest.raises(ParameterError):
        Parameters().replace(alpha=NAN)


def test_the_second_layer_starts_at_gamma0_root_m_or_at_a0():
    assert Parameters(init="lazy", gamma0=0.5, m=400).a_start == pytest.approx(10.0, rel=1e-15)
    assert Parameters(a0=0.7, m=400).a_start == 0.7


@pytest.mark.parametrize("q", [0.0, 0.3, 1.0])
def test_phi_hat_is_the_mean_of_target_times_activation(q):
    """φ̂(q) = E φ(G₁)σ(G_q) by Gauss–Hermite quadrature, exact for these polynomials.

    The tolerance is the rounding of sums of some hundred terms of order 1.
    """
    p = Parameters(h=(0, 0.9, 0.5, 0.2), phi=(0, 0.7, -0.4))
    x, w = np.polynomial.hermite_e.hermegauss(12)
    w = w / w.sum()
    hermite = (np.ones_like, lambda z: z, lambda z: (z**2 - 1) / math.sqrt(2),
               lambda z: (z**3 - 3 * z) / math.sqrt(6))
    series = lambda c, z: sum(c_k * H(z) for c_k, H in zip(c, hermite, strict=False))  # noqa: E731
    one, other = np.meshgrid(x, x, indexing="ij")
    weight = np.outer(w, w)
    mixed = q * one + math.sqrt(1 - q**2) * other
    sigma = [math.sqrt(h_k) for h_k in p.h]
    mean = np.sum(weight * series(p.phi, one) * series(sigma, mixed))
    assert p.covariance.phi_hat(q) == pytest.approx(mean, abs=1e-12)
    norm2 = np.sum(w * series(p.phi, x) ** 2)
    assert p.phi_norm2 == pytest.approx(norm2, abs=1e-12)


def test_errors_without_training():
    p = Parameters(tau=0.6, h=(0, 0.9, 0.5))
    assert p.bayes_error == pytest.approx(0.18, rel=1e-15)
    assert p.null_error == pytest.approx((0.36 + 1.4) / 2, rel=1e-15)
    assert p.replace(target="noise").null_error == p.bayes_error


@st.composite
def settings(draw) -> dict:
    """Settings anywhere in the ranges of the table."""
    number = lambda name: draw(st.floats(TABLE[name].low, TABLE[name].high))  # noqa: E731
    init = draw(st.sampled_from(TABLE["init"].choices))
    target = draw(st.sampled_from(TABLE["target"].choices))
    tail = st.lists(st.floats(0, 100), min_size=1, max_size=MAX_DEGREE)
    function = st.none() | st.sampled_from(sorted(FUNCTIONS))
    values = {
        "init": init, "target": target, "alpha": number("alpha"), "tau": number("tau"),
        "m": draw(st.integers(TABLE["m"].low, TABLE["m"].high)),
        "activation": draw(function),
        "train_second_layer": draw(st.booleans()),
    }
    scale = "gamma0" if init == "lazy" else "a0"
    values[scale] = number(scale)
    if draw(st.booleans()):
        values["t_max"] = number("t_max")
    if values["activation"] is None:
        values["h"] = (0.0, *draw(tail.filter(lambda c: sum(c) > 0.01)))
    if target == "single-index":
        values["target_function"] = draw(function)
        if values["target_function"] is None and draw(st.booleans()):
            values["phi"] = (0.0, *draw(st.lists(st.floats(-10, 10), min_size=1, max_size=8)))
    if values["activation"] or values.get("target_function"):
        values["normalise"] = draw(st.booleans())
    if values["train_second_layer"]:
        values["weight_decay"] = number("weight_decay")
    return values


@given(settings())
def test_any_parameters_survive_a_dictionary(values):
    p = Parameters(**values)
    back = Parameters.from_dict(p.as_dict())
    assert back == p
    assert hash(back) == hash(p)
    assert None not in p.as_dict().values()


@given(settings(), settings())
def test_replacing_everything_gives_the_other_parameters(values, others):
    p, q = Parameters(**values), Parameters(**others)
    everything = {f.name: getattr(q, f.name) for f in dataclasses.fields(Parameters)}
    assert p.replace(**everything) == q
