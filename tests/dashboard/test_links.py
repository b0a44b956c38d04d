"""Links: readable, complete, and honest about what they cannot use."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard import links
from dashboard.links import Settings
from engine import TABLE, Parameters


def parameters():
    """Settings from all over the ranges that the table allows."""
    number = lambda name: st.floats(TABLE[name].low, TABLE[name].high)  # noqa: E731
    coefficients = st.lists(st.floats(0, 5), min_size=1, max_size=5).map(
        lambda c: (0.0, *c, 1.0))
    common = {
        "alpha": number("alpha"), "tau": number("tau"), "m": st.integers(2, 10**6),
        "h": st.one_of(st.sampled_from(["cubic", "quadratic", "weak"]), coefficients),
        "train_second_layer": st.booleans(),
        "t_max": st.one_of(st.none(), st.floats(1e-3, 1e9)),
    }
    start = [{"init": st.just("lazy"), "gamma0": number("gamma0")},
             {"init": st.just("mean-field"), "a0": number("a0")}]
    target = [{"target": st.just("noise")},
              {"target": st.just("single-index"), "phi": st.one_of(st.none(), coefficients)}]
    return st.one_of(*(st.fixed_dictionaries(common | s | t).map(lambda d: Parameters(**d))
                       for s in start for t in target))


@given(parameters(), st.sampled_from(links.RTOLS))
def test_every_setting_survives_the_way_through_a_link(p, rtol):
    settings = Settings(p, rtol)
    assert links.read(links.write(settings)) == (settings, [])


def test_the_default_needs_no_link_and_a_link_names_only_what_differs():
    assert links.write(Settings()) == {}
    assert links.write(Settings(Parameters(init="lazy", gamma0=0.5, h="weak"))) == {
        "v": "1", "init": "lazy", "gamma0": "0.5", "h": "weak"}


@pytest.mark.parametrize("query, words", [
    ({"alpha": "99"}, ["alpha", "99", "from 0.01 to 10"]),
    ({"alpha": "nan"}, ["alpha", "must be a number"]),
    ({"m": "2.5"}, ["m", "whole number"]),
    ({"m": "many"}, ["m", "many", "whole number"]),
    ({"init": "eager"}, ["init", "lazy, mean-field"]),
    ({"h": "1,2"}, ["h", "first of them 0"]),
    ({"gamma0": "1"}, ["gamma0", "is not used with init = mean-field"]),
    ({"train_second_layer": "perhaps"}, ["train_second_layer", "True or False"]),
    ({"rtol": "5"}, ["rtol", "from 0.0001 to 0.03"]),
    ({"beta": "1"}, ["beta", "not a parameter"]),
    ({"v": "7"}, ["version 7"]),
])
def test_a_bad_part_is_named_with_its_rule_and_the_rest_is_kept(query, words):
    settings, warnings = links.read(query | {"tau": "0.5"})
    assert settings == Settings(Parameters(tau=0.5))
    assert len(warnings) == 1 and all(word in warnings[0] for word in words)


@given(st.dictionaries(st.text(max_size=8) | st.sampled_from([*TABLE, "v", "rtol"]),
                       st.text(max_size=30)))
def test_no_link_whatever_breaks_the_page(query):
    settings, warnings = links.read(query)
    assert isinstance(settings.parameters, Parameters)
    assert all(isinstance(warning, str) for warning in warnings)


def test_streamlits_own_words_are_left_alone():
    assert links.read({"embed": "true"}) == (Settings(), [])
    assert links.own({"embed": "true", "m": "64"}) == {"m": "64"}


@given(parameters(), st.sampled_from(links.RTOLS))
def test_a_full_link_names_every_setting_and_brings_them_all_back(p, rtol):
    settings = Settings(p, rtol)
    query = links.full(settings)
    assert links.read(query) == (settings, [])
    assert set(query) == {"v", "rtol"} | {name for name in TABLE
                                          if getattr(p, name) is not None}
