"""Links: readable, complete, and honest about what they cannot use."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.service import links
from dashboard.service.links import Settings
from engine import TABLE, Group, Parameters
from engine.activations import FUNCTIONS
from engine.fields import canonical


def parameters():
    """Settings from all over the ranges that the table allows."""
    number = lambda name: st.floats(TABLE[name].low, TABLE[name].high)  # noqa: E731
    coefficients = st.lists(st.floats(0, 5), min_size=1, max_size=5).map(
        lambda c: (0.0, *c, 1.0))
    common = {
        "alpha": number("alpha"), "tau": number("tau"), "m": st.integers(2, 10**6),
        "t_max": st.one_of(st.none(), st.floats(1e-3, 1e9)),
    }
    start = [{"init": st.just("lazy"), "gamma0": number("gamma0")},
             {"init": st.just("mean-field"), "a0": number("a0")}]
    training = [{"train_second_layer": st.just(False)}, {"weight_decay": number("weight_decay")}]
    smooth = st.sampled_from([name for name, f in FUNCTIONS.items() if f.curvature])
    activation = [{"h": st.one_of(st.sampled_from(["cubic", "quadratic", "weak"]), coefficients)},
                  {"activation": smooth, "normalise": st.booleans()}]
    target = [{"target": st.just("noise")},
              {"target": st.just("single-index"), "phi": st.one_of(st.none(), coefficients)},
              {"target_function": st.sampled_from(sorted(FUNCTIONS)), "normalise": st.booleans()}]
    return st.one_of(*(st.fixed_dictionaries(common | w | s | a | t | n).map(_with_groups)
                       for w in training for s in start for a in activation for t in target
                       for n in neurons()))


def neurons():
    """Identical neurons, and the ways in which they may differ."""
    number = st.integers(2, 16)
    group = st.tuples(st.integers(1, 1000), st.floats(0, 100), st.floats(-0.99, 0.99),
                      st.sampled_from([-1, 1])).map(lambda parts: Group(*parts))
    groups = st.lists(group, min_size=2, max_size=4).map(tuple)
    return [{}, {"spread": st.floats(1e-6, 0.5), "groups": number},
            {"start_d": st.integers(20, 10**6), "groups": number},
            {"groups": groups}, {"groups": groups, "overlaps": st.just("of independent ones")}]


def _with_groups(values):
    groups = values.get("groups")
    if isinstance(groups, tuple):
        values["m"] = sum(group.size for group in groups)
        if "overlaps" in values:
            v = [group.v0 for group in groups]
            values["overlaps"] = tuple(tuple(a * b for a in v) for b in v)
    return Parameters(**values)


NAMED = st.dictionaries(st.sampled_from(["bayes", "stop"]), st.floats(-1e9, 1e9).map(canonical))
PAGE_WORDS = {
    "pinned": st.builds(Settings, parameters(), st.sampled_from(links.RTOLS)),
    "thumb": st.sampled_from(["alpha", "start", "m"]), "networks": st.booleans(),
    "linear_time": st.booleans(), "linear_error": st.booleans(),
    "sweep": st.sampled_from(links.SWEPT),
    "regime": st.sampled_from(["lazy-1", "noise-m"]), "widths": st.just((64, 1024)),
    "threshold": st.just("alpha"), "threshold_at": st.just("m"), "d": st.integers(10, 2000),
    "seeds": st.integers(1, 100), "algorithm": st.sampled_from(["sgd", "adam", "gaussian"]),
    "map": st.sampled_from(links.MAPS[1:]), "shown": st.sampled_from(links.SHOWN[1:]),
    "place": st.tuples(st.integers(0, 99), st.integers(0, 99)),
    "tab": st.sampled_from(sorted(links.TABS)), "figure": st.integers(1, 33),
    "answers": NAMED, "half": st.booleans(),
    **{f"task_{name}": st.builds(Settings, parameters()) for name in links.TASKS},
    "drawn": st.dictionaries(
        st.sampled_from(["0.test_error", "2.train_error"]),
        st.lists(st.floats(1e-6, 1e6).map(lambda y: float(f"{y:.4g}")), min_size=2).map(
            lambda y: (0.25, 31.5, *y[:90])), max_size=2),
    "scene": st.integers(0, 99), "chosen": NAMED, "sheet": st.sampled_from(links.SHEETS),
    "room": st.sampled_from([("kxtrp",), ("kxtrp", "bcdfghjkmnpq")]),
    "host": st.just(("kxtrp", "bcdfghjkmnpq")),
    "seen": st.integers(0, 9), "guesses": st.dictionaries(
        st.sampled_from(["0.train_error", "1.test_error"]), st.sampled_from(links.GUESSES)),
}
"""Values that the pages' own words may have."""


def words():
    """One or several words of the pages."""
    return st.fixed_dictionaries({}, optional=PAGE_WORDS)


def values(settings=None, **rest):
    """All words, as a visitor has them who has set these."""
    return links.defaults() | links.values_of(settings or Settings()) | rest


def run_of(query):
    found, warnings = links.read(query)
    return links.settings_of(found), warnings


@given(parameters(), st.sampled_from(links.RTOLS), words())
def test_everything_that_can_be_set_survives_the_way_through_a_link(p, rtol, more):
    everything = values(Settings(p, rtol), **more)
    assert links.read(links.write(everything)) == (everything, [])
    assert links.settings_of(everything) == Settings(p, rtol)


def test_no_word_is_left_out_above():
    assert set(links.WORDS) == {*TABLE, "rtol", *PAGE_WORDS}


def test_the_default_needs_no_link_and_a_link_names_only_what_differs():
    assert links.write(values()) == {}
    assert links.write(values(Settings(Parameters(init="lazy", gamma0=0.5, h="weak")))) == {
        "v": "1", "init": "lazy", "gamma0": "0.5", "h": "weak"}


def test_the_scale_of_the_start_not_shown_is_kept_beside_the_other():
    lazy = values(Settings(Parameters(init="lazy", gamma0=0.5)), a0=2.0)
    assert links.settings_of(lazy | {"init": "mean-field"}).parameters.a0 == 2.0
    assert links.write(lazy) == {"v": "1", "init": "lazy", "gamma0": "0.5", "a0": "2"}


@pytest.mark.parametrize(("query", "words"), [
    ({"alpha": "99"}, ["alpha", "99", "from 0.01 to 10"]),
    ({"alpha": "nan"}, ["alpha", "must be a number"]),
    ({"m": "2.5"}, ["m", "whole number"]),
    ({"m": "many"}, ["m", "many", "whole number"]),
    ({"init": "eager"}, ["init", "lazy, mean-field"]),
    ({"h": "1,2"}, ["h", "first of them 0"]),
    ({"phi": "cubic"}, ["phi", "first of them 0"]),
    ({"train_second_layer": "perhaps"}, ["train_second_layer", "True or False"]),
    ({"rtol": "5"}, ["rtol", "from 0.0001 to 0.03"]),
    ({"beta": "1"}, ["beta", "not a parameter"]),
    ({"v": "7"}, ["version 7"]),
    ({"d": "5"}, ["d=5", "from 10 to 2000"]),
    ({"pinned": "m~1"}, ["pinned", "from 2 to 1e+06"]),
    ({"pinned": "m"}, ["pinned", "names and values"]),
    ({"sweep": "phi"}, ["sweep", "must be one of alpha, tau"]),
    ({"answers": "bayes~much"}, ["answers", "numbers with their names"]),
    ({"drawn": "0.test_error~2_1_0.5_0.4"}, ["drawn", "lines"]),
    ({"drawn": "0.test_error~1_2_0.5_-inf"}, ["drawn", "lines"]),
    ({"drawn": "0.test_error~1_x"}, ["drawn", "0.test_error~0.1_1_0.5_0.4"]),
    ({"guesses": "0.train_error~explodes"}, ["guesses", "falls, stays, rises"]),
    ({"seen": "-1"}, ["seen", "from 0 to 9"]),
    ({"tab": "cover"}, ["tab", "question"]),
    ({"activation": "relu"}, ["activation", "no kink", "gelu"]),
    ({"activation": "print(1)"}, ["activation", "must be one of tanh, erf"]),
    ({"groups": "8:1,8:2"}, ["groups", "add up to m = 128"]),
    ({"overlaps": "[[0]]"}, ["overlaps", "without groups"]),
])
def test_a_bad_part_is_named_with_its_rule_and_the_rest_is_kept(query, words):
    found, warnings = links.read(query | {"tau": "0.5"})
    assert found == values(Settings(Parameters(tau=0.5)))
    assert len(warnings) == 1 and all(word in warnings[0] for word in words)


@pytest.mark.parametrize(("query", "kept"), [
    ({"start_d": "200", "spread": "0.1"}, {"start_d": 200}),
    ({"m": "128", "groups": "64:1,64:2", "spread": "0.1"},
     {"groups": (Group(64), Group(64, 2.0))}),
    ({"m": "128", "groups": "64:1,64:2", "start_d": "200"},
     {"groups": (Group(64), Group(64, 2.0))}),
])
def test_of_two_words_on_the_neurons_the_more_explicit_counts_and_the_other_is_named(query, kept):
    settings, warnings = run_of(query)
    assert settings.parameters == Parameters(**kept)
    assert len(warnings) == 1 and "is not used with" in warnings[0]


def test_neurons_that_differ_leave_no_trace_in_a_run_of_identical_ones():
    unequal = values(Settings(Parameters(start_d=200)))
    assert links.settings_of(unequal | links.values_of(Settings())) == Settings()


@given(st.dictionaries(st.text(max_size=8) | st.sampled_from([*links.WORDS, "v"]),
                       st.text(max_size=30) | st.sampled_from(["pinned~" * 2000, "9" * 5000])))
def test_no_link_whatever_breaks_the_page(query):
    settings, warnings = run_of(query)
    assert isinstance(settings.parameters, Parameters)
    assert all(isinstance(warning, str) for warning in warnings)


def test_a_server_takes_no_more_than_it_is_set_to():
    code = """
from dashboard.service import links
for query in ({"m": "2048"}, {"t_max": "1e6"}, {"m": "1024"}, {"m": "1024", "t_max": "1e5"}):
    values, warnings = links.read(query)
    p = links.settings_of(values).parameters
    print(p.m, p.t_max, *(said.split(";")[0] for said in warnings), sep=" | ")
"""
    limits = {"DASHBOARD_GREATEST_M": "1024", "DASHBOARD_GREATEST_T_MAX": "61440"}
    said = subprocess.run([sys.executable, "-c", code], cwd=Path(__file__).parents[3], text=True,
                          capture_output=True, check=True, env=os.environ | limits).stdout
    assert said.splitlines() == [
        "128 | 7680.0 | Ignored m=2048: m: must be a whole number from 2 to 1024",
        "128 | 7680.0 | Ignored t_max=1e6: t_max: must be a number from 1e-06 to 61440",
        "1024 | 61440.0",
        "1024 | 61440.0 | Ignored t_max=1e5: t_max: must be a number from 1e-06 to 61440"]


def test_streamlits_own_words_are_left_alone():
    assert links.read({"embed": "true"}) == (values(), [])


@given(parameters(), st.sampled_from(links.RTOLS), words())
def test_a_link_to_hand_on_names_the_run_in_full_and_no_answers(p, rtol, more):
    settings = Settings(p, rtol)
    query = links.full(values(settings, **more))
    found, warnings = links.read(query)
    assert (links.settings_of(found), warnings) == (settings, [])
    assert {name for name in TABLE if getattr(p, name) is not None} <= set(query)
    assert all(found[name] == (value if links.WORDS[name].setting else links.WORDS[name].default)
               for name, value in more.items())


def test_a_width_below_the_groups_of_a_dimension_takes_the_dimension_away():
    values, warnings = links.read({"directions": "product", "start_d": "100", "m": "2"})
    assert values["start_d"] is None and len(warnings) == 1 and "m of 4" in warnings[0]
