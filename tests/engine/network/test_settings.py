"""What is refused, in the words of ParameterError, before anything is computed."""

import math
import sys

import pytest

from engine import ParameterError, Parameters, solve
from engine.network import NetworkSettings, estimate, simulate
from engine.network.estimate import Speed, agree, speed

BAD = [
    ({"d": 5}, "d", "whole number from 10"), ({"d": 2.5}, "d", "whole number"),
    ({"d": math.nan}, "d", "whole number"), ({"d": True}, "d", "whole number"),
    ({"d": "200"}, "d", "whole number"), ({"seeds": 0}, "seeds", "from 1"),
    ({"algorithm": "lbfgs"}, "algorithm", "one of gd, sgd, momentum, adam, gaussian"),
    ({"algorithm": ["gd"]}, "algorithm", "one of"),
    ({"batch": 10}, "batch", "not used"),
    ({"momentum": 0.5}, "momentum", "not used"), ({"rate": 0.1, "algorithm": "sgd"}, "rate", "not"),
    ({"momentum": 1.0, "algorithm": "momentum"}, "momentum", "number from 0 to 0.999"),
    ({"algorithm": "sgd", "batch": 0}, "batch", "from 1"),
    ({"step": 0.0}, "step", "number from"), ({"step": math.inf}, "step", "number from"),
    ({"held_out": -1}, "held_out", "from 1"), ({"max_steps": 0}, "max_steps", "from 1"),
]


@pytest.mark.parametrize(("changes", "field", "rule"), BAD)
def test_bad_settings_name_the_field_and_the_rule(changes, field, rule):
    with pytest.raises(ParameterError, match=rule) as caught:
        NetworkSettings(**changes)
    assert caught.value.field == field


@pytest.mark.parametrize(("p", "settings", "field", "rule"), [
    (Parameters(m=1024, alpha=5), NetworkSettings(d=2000), "d", "GB"),
    (Parameters(m=64), NetworkSettings(d=400, algorithm="gaussian"), "d", "GB"),
    (Parameters(m=10**6), NetworkSettings(d=200), "d", "GB"),
    (Parameters(m=4, h=(0, 1, 0, 0, 0, 1)), NetworkSettings(d=10, algorithm="gaussian"),
     "algorithm", "degree at most 4"),
    (Parameters(m=2), NetworkSettings(d=10, algorithm="sgd", batch=1000), "batch", "at most n"),
])
def test_what_does_not_fit_is_refused_before_it_is_made(p, settings, field, rule):
    for ask in (simulate, estimate):
        with pytest.raises(ParameterError, match=rule) as caught:
            ask(p, settings)
        assert caught.value.field == field


def test_work_beyond_the_limit_is_refused_by_the_estimate():
    with pytest.raises(ParameterError, match="multiply-adds") as caught:
        estimate(Parameters(m=512, alpha=0.5, t_max=1e6), NetworkSettings(d=400))
    assert caught.value.field == "t_max"


@pytest.mark.parametrize("options", [{}, {"algorithm": "sgd"}, {"algorithm": "momentum"},
                                     {"algorithm": "adam"}, {"step": 0.1},
                                     {"algorithm": "gaussian", "d": 20}])
def test_the_estimate_of_steps_is_within_a_factor_of_three(options):
    p = Parameters(m=16, alpha=0.3, t_max=160.0)
    settings = NetworkSettings(**({"d": 60, "seeds": 2} | options))
    steps = simulate(p, settings).work / settings.seeds
    assert steps / 3 < estimate(p, settings).steps < 3 * steps


@pytest.mark.parametrize("options", [{}, {"algorithm": "sgd"}, {"algorithm": "gaussian", "d": 20}])
def test_every_part_of_the_cost_is_charged(options):
    """More seeds, more steps, more samples and more held-out samples each take longer."""
    p = Parameters(m=16, alpha=0.3, t_max=16.0)
    base = {"d": 60, "seeds": 2, "step": 0.01} | options
    seconds = estimate(p, NetworkSettings(**base)).seconds
    assert estimate(p, NetworkSettings(**base | {"seeds": 4})).seconds == pytest.approx(2 * seconds)
    assert estimate(p, NetworkSettings(**base | {"step": 0.005})).seconds > seconds
    assert estimate(p.replace(alpha=3.0), NetworkSettings(**base)).seconds > seconds
    more = estimate(p, NetworkSettings(**base | {"held_out": 100_000})).seconds
    assert more == seconds if base.get("algorithm") == "gaussian" else more > seconds


def test_a_network_that_interpolates_is_not_charged_for_the_rest_though_the_theory_goes_on():
    """Interpolation hangs on d: at d = 100 it comes in a tenth of the horizon."""
    p = Parameters(init="lazy", m=32, alpha=0.3, tau=0.3, h="quadratic", t_max=320.0)
    settings = NetworkSettings(d=100, seeds=1)
    steps = simulate(p, settings).work
    assert steps / 2 < estimate(p, settings).steps < 2 * steps


def test_a_run_that_interpolates_is_not_charged_for_the_rest():
    p = Parameters(m=8, alpha=0.05, tau=0.0, t_max=1e7)
    assert solve(p).status.value == "interpolated"
    assert estimate(p, NetworkSettings(d=30)).steps < 1e5


def test_processes_that_agree_on_the_speed_offer_the_same(monkeypatch):
    monkeypatch.setattr(sys.modules[Speed.__module__], "_agreed", agreed := [])
    p, settings = Parameters(m=8), NetworkSettings(d=30, seeds=2)
    own, found = estimate(p, settings), speed()
    agree(Speed(10 * found.start, 10 * found.step, 10 * found.observation))
    assert len(agreed) == 1
    assert estimate(p, settings).seconds == pytest.approx(10 * own.seconds)
