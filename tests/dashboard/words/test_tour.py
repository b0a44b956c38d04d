"""The tour's verbs name what the run does, over the stretch of time in which it does it."""

import re
from itertools import pairwise

import pytest

from dashboard.components.curves import time_axis
from dashboard.service.presets import ALL
from dashboard.words import number
from dashboard.words.tour import beyond_identical_neurons, headline
from dashboard.words.tour import tour as toured
from engine import Parameters, solve
from engine.results.keyfigures import course, key_figures
from pages.explorer.pins import difference_panel


def tour(run):
    return toured(run, time_axis(run).range[0])


def test_the_headline_run_learns_waits_and_overfits_in_this_order():
    run = solve(Parameters())
    k, stops = key_figures(run), tour(run)
    assert [stop.verb for stop in stops] == ["learn", "wait", "overfit"]
    assert stops[0].high == k.feature_learning_end
    assert stops[-1].low == k.best_time and stops[-1].high == k.interpolation_time
    assert "unlearned" in stops[-1].after.text and "climb" in stops[0].after.text


def test_a_run_that_does_not_overfit_is_not_said_to():
    plenty = tour(solve(Parameters(alpha=3.0)))
    assert "overfit" not in [stop.verb for stop in plenty]
    harmless = tour(solve(Parameters(tau=0.0)))
    assert all("rises" not in stop.after.text for stop in harmless)


@pytest.mark.parametrize(("changes", "said"), [
    ({}, "First it learns, then it overfits."),
    ({"alpha": 3.0}, "First it learns, and training on is at no cost in test error."),
    ({"tau": 0.0}, "First it learns, and it interpolates at no cost in test error."),
    ({"target": "noise", "alpha": 0.4}, "There is nothing to learn, then it overfits."),
    # The gap opens nowhere: what is shaded is called Wait, and the title says so.
    ({"tau": 0.5, "m": 768},
     "First it learns, then it waits, and training on costs 2.7 % in test error."),
    ({"t_max": 2.0}, "The test error falls, and training on is at no cost in test error."),
])
def test_the_headline_is_that_of_the_run(changes, said):
    assert headline(solve(Parameters(**changes))).text == said


def test_an_error_that_rises_without_a_gap_is_not_called_waiting():
    stops = tour(solve(Parameters(tau=0.5, m=768)))
    k = key_figures(solve(Parameters(tau=0.5, m=768)))
    assert [stop.verb for stop in stops] == ["learn", "wait", "get worse"]
    assert stops[1].high == stops[2].low == k.best_time
    assert k.gap_opens is None and stops[2].high == k.end


@pytest.mark.parametrize(("changes", "verbs"), [
    # Groups on both sides of the product learn it while their mean v is 0.
    ({"directions": "product", "h": "quadratic", "start_d": 100, "m": 64}, ["settle", "learn on",
                                                                           "overfit"]),
    # Without noise there is nothing to memorise.
    ({"alpha": 10.0, "tau": 0.0, "m": 2}, ["learn", "go on"]),
    # Less than 2 % from the least to the end: "stays near" is no "get worse".
    ({"alpha": 10.0, "m": 16}, None),
])
def test_a_verb_is_what_its_sentence_says(changes, verbs):
    run = solve(Parameters(**changes))
    stops = tour(run)
    assert verbs is None or [stop.verb for stop in stops] == verbs
    for stop in stops:
        test = course(run, "test_error", stop.low, stop.high)
        assert stop.verb not in ("overfit", "get worse") or test.end > test.start
        assert stop.verb != "wait" or test.end > 0.75 * test.start


@pytest.mark.parametrize(("changes", "said"), [
    ({"v0": (0.9,), "a0": 2.0, "m": 64}, "start at height 0.9"), ({}, "climb")])
def test_neurons_that_come_down_do_not_climb(changes, said):
    first = tour(solve(Parameters(**changes)))[0].after.text
    assert said in first and ("climb" in first) == (said == "climb")


def test_what_serves_the_target_is_not_called_unlearned():
    run = solve(Parameters(h=(0.0, 1.0), v0=(0.9,), a0=3.7179, alpha=0.0693,
                           train_second_layer=False))
    assert run.v[-1] < 0.4 and run.test_error[-1] < 0.1
    assert all("unlearned" not in stop.after.text for stop in tour(run))


def test_of_a_run_that_was_cut_off_nobody_knows_what_training_on_costs():
    said = headline(solve(Parameters(), max_nodes=60)).text
    assert said == "First it learns, as far as the run goes."


@pytest.mark.parametrize("changes", [
    {"target": "noise", "alpha": 0.4}, {"h": (0.0, 0.0, 1.0)}, {"v0": (0.9,)}])
def test_the_times_that_stops_name_go_forward(changes):
    said = [float(re.search(r"until t = ([\d.]+)", stop.after.text)[1])
            for stop in tour(solve(Parameters(**changes)))]
    assert said == sorted(said)


@pytest.mark.parametrize(("gamma0", "m", "climbs"), [(0.05, 128, True), (1.0, 1024, False)])
def test_the_height_of_a_lazy_run_stands_beside_what_theory_expects(gamma0, m, climbs):
    first = tour(solve(Parameters(init="lazy", gamma0=gamma0, m=m)))[0].after.text
    assert ("climb" in first) == climbs and f"1/√m, which is {number(m**-0.5)}" in first


def test_an_open_gap_is_not_called_falling_together():
    for p in (Parameters(), Parameters(alpha=0.01), Parameters(m=8)):
        first = tour(solve(p))[0].after.text
        assert "together" not in first and "the gap between them opens" in first


def test_stopping_is_called_safe_only_where_it_is():
    safe = [stop for stop in tour(solve(Parameters(m=10**6))) if stop.verb == "wait"]
    assert "stopping is safe" in safe[0].after.text
    falling = tour(solve(Parameters(init="lazy", gamma0=0.1, m=1024)))[1].after.text
    assert "falls from 0.136 to 0.112" in falling and "safe" not in falling


def test_what_identical_neurons_leave_out_is_said():
    assert "wider than m ≈ 180 rest" in beyond_identical_neurons(Parameters())
    assert "z² term" in beyond_identical_neurons(Parameters(init="lazy", h="quadratic"))
    assert not beyond_identical_neurons(Parameters(init="lazy"))
    assert not beyond_identical_neurons(Parameters(tau=0.0))


@pytest.mark.parametrize("preset", ALL, ids=lambda preset: preset.name)
def test_stops_follow_each_other_within_the_run(preset):
    run = solve(preset.settings.parameters, preset.settings.rtol)
    stops = tour(run)
    assert stops
    assert all(0 < stop.low < stop.high <= run.t[-1] for stop in stops)
    assert all(a.high <= b.low for a, b in pairwise(stops))


def test_the_difference_of_a_run_with_itself_is_zero_and_of_two_is_theirs():
    a, b = solve(Parameters()), solve(Parameters(tau=0.5))
    assert all(max(abs(trace.y)) < 1e-9 for trace in difference_panel(a, a).traces)
    test = difference_panel(a, b).traces[1]
    end = list(test.x)[-1]
    assert test.y[-1] == pytest.approx(
        float(b.at([end])["test_error"].iloc[0] - a.at([end])["test_error"].iloc[0]), rel=1e-9)
