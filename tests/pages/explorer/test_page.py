"""The explorer page run by Streamlit's own test harness."""

import json
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.service import presets
from dashboard.service.links import Settings, settings_of
from dashboard.service.turns import doors
from dashboard.service.visitor import VISIT
from dashboard.words.numbers import number
from engine import Parameters, solve
from engine.results.keyfigures import key_figures
from pages.explorer.decay import VALUES

APP = Path(__file__).parents[3] / "app.py"
SECONDS = 120
"""The first run may compile the kernels."""


def opened(**query) -> AppTest:
    app = AppTest.from_file(APP, default_timeout=SECONDS)
    for name, value in query.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception
    return app


def kept(app: AppTest) -> Settings:
    return settings_of(app.session_state[VISIT].values)


def chart(app: AppTest) -> dict[str, Any]:
    """What the chart draws; the other components of the page carry no data."""
    return json.loads(next(c.proto.bytes for c in app.get("bidi_component") if c.proto.bytes))


def curve(app: AppTest, name: str) -> list[float]:
    return next(trace["y"] for panel in chart(app)["panels"] for trace in panel["traces"]
                if trace["name"] == name)


def figures(app: AppTest) -> dict[str, str]:
    """The key figures over the chart."""
    shown = chart(app)["figures"]
    return {figure["label"]: figure["value"] for figure in shown}


def test_the_page_opens_with_the_headline_run():
    app = opened()
    run = solve(Parameters())
    assert curve(app, "test")[-1] == pytest.approx(run.test_error[-1], rel=1e-6)
    assert len(figures(app)) == 4
    assert float(figures(app)["Best test error"]) == pytest.approx(
        key_figures(run).best_test_error, rel=5e-3)


def test_what_is_shaded_is_what_the_verbs_play():
    for query in ({}, {"m": "1024", "tau": "0.6"}, {"alpha": "3"}, {"tau": "0"}):
        drawn = chart(opened(**query))
        assert [(band["low"], band["high"], band["label"].lower()) for band in drawn["bands"]] == [
            (stop["low"], stop["high"], stop["verb"]) for stop in drawn["tour"]]


def test_undo_takes_back_one_change_and_reset_all_of_them(control):
    app = opened(m="64")
    assert app.button(key="undo").disabled and not app.button(key="reset").disabled
    control(app.select_slider, "tau").set_value(0.5).run()
    control(app.select_slider, "alpha").set_value(1.0).run()
    app.button(key="undo").click().run()
    assert kept(app).parameters == Parameters(m=64, tau=0.5)
    assert control(app.select_slider, "alpha").value == 0.3
    app.button(key="reset").click().run()
    assert kept(app) == Settings() and dict(app.query_params) == {}
    app.button(key="undo").click().run()
    assert kept(app).parameters == Parameters(m=64, tau=0.5)


def test_undo_and_reset_know_how_neurons_differ(control):
    app = opened(m="16", t_max="160")
    control(app.sidebar.radio, "neurons identical").set_value("own spread").run()
    spread = Parameters(m=16, t_max=160.0, spread=0.1)
    assert kept(app).parameters == spread
    control(app.select_slider, "groups").set_value(2).run()
    control(app.sidebar.radio, "neurons own spread").set_value("as in dimension d").run()
    assert kept(app).parameters == Parameters(m=16, t_max=160.0, start_d=200)
    app.button(key="undo").click().run()
    assert kept(app).parameters == spread.replace(groups=2)
    assert control(app.select_slider, "groups").value == 2
    app.button(key="reset").click().run()
    assert kept(app) == Settings() and kept(app).parameters.identical
    app.button(key="undo").click().run()
    assert kept(app).parameters == spread.replace(groups=2)
    control(app.sidebar.radio, "neurons own spread").set_value("identical").run()
    assert kept(app).parameters == spread.alike


def test_groups_given_one_by_one_follow_the_width_and_come_back(control):
    app = opened(m="16", t_max="160", groups="4:0.9,12:1.1")
    control(app.select_slider, "m").set_value(32).run()
    assert kept(app).parameters.groups == ((8, 0.9, 0.0, 1), (24, 1.1, 0.0, 1))
    app.button(key="undo").click().run()
    assert kept(app).parameters.groups == ((4, 0.9, 0.0, 1), (12, 1.1, 0.0, 1))
    assert app.query_params["groups"] in ("4:0.9,12:1.1", ["4:0.9,12:1.1"])


def test_the_horizon_follows_the_width(control):
    app = opened(m="64", t_max="640")
    control(app.select_slider, "m").set_value(128).run()
    assert kept(app).parameters == Parameters(m=128, t_max=1280.0)
    assert control(app.select_slider, "t_max").value == 10.0
    control(app.select_slider, "t_max").set_value(60.0).run()
    assert dict(app.query_params) == {}


def test_controls_change_the_run_and_the_link(control):
    app = opened()
    control(app.sidebar.select_slider, "tau").set_value(0.5).run()
    assert curve(app, "test")[-1] == pytest.approx(
        solve(Parameters(tau=0.5)).test_error[-1], rel=1e-6)
    assert app.query_params["tau"] == "0.5"
    assert app.sidebar.selectbox[0].value == presets.CUSTOM


def test_changing_the_initialisation_brings_its_own_scale_and_remembers_the_other(control):
    app = opened()
    control(app.sidebar.select_slider, "a0").set_value(2.0).run()
    control(app.sidebar.radio, "init").set_value("lazy").run()
    assert not app.exception
    assert kept(app).parameters.gamma0 == 1.0
    control(app.sidebar.radio, "init").set_value("mean-field").run()
    assert kept(app).parameters.a0 == 2.0


@pytest.mark.parametrize("preset", presets.ALL, ids=lambda preset: preset.name)
def test_every_example_runs_to_its_end(preset):
    app = opened()
    app.sidebar.selectbox[0].set_value(preset.name).run()
    assert not app.exception
    assert kept(app) == preset.settings
    assert app.sidebar.selectbox[0].value == preset.name
    assert not app.warning


def test_a_link_sets_the_controls_and_a_value_off_the_sliders_grid_stays(control):
    app = opened(v="1", init="lazy", alpha="0.317", m="100", h="0,0.5,0.25")
    p = kept(app).parameters
    assert (p.init, p.alpha, p.m, p.h) == ("lazy", 0.317, 100, (0.0, 0.5, 0.25))
    assert control(app.sidebar.select_slider, "alpha").value == 0.317
    control(app.sidebar.select_slider, "tau").set_value(0.5).run()
    assert kept(app).parameters.alpha == 0.317


def test_a_plain_activation_and_target_are_chosen_drawn_and_linked():
    app = opened()
    select = lambda label: next(s for s in app.sidebar.selectbox if s.label == label)  # noqa: E731
    select("Activation σ").set_value("tanh").run()
    assert kept(app).parameters == Parameters(activation="tanh")
    select("Target function φ").set_value("relu").run()
    next(t for t in app.sidebar.toggle if t.label == "Unit variance").set_value(True).run()
    wanted = Parameters(activation="tanh", target_function="relu", normalise=True)
    assert kept(app).parameters == wanted
    assert dict(app.query_params) == {"v": "1", "activation": "tanh",
                                      "target_function": "relu", "normalise": "1"}
    drawing = next(m.value for m in app.sidebar.markdown if "<svg" in m.value)
    assert all(name in drawing for name in ("σ(x)", "φ(x)", "h(q)", "φ̂(q)"))
    app.button(key="undo").click().run()
    select("Activation σ").set_value("cubic").run()
    assert kept(app).parameters == Parameters(target_function="relu")
    select("Target function φ").set_value("custom").run()
    assert kept(app).parameters == Parameters(phi=(0.0, 1.0))


def test_an_activation_without_theory_is_refused_with_the_nearest_that_has_one():
    app = opened(activation="relu", m="64")
    assert any("no kink" in warning.value and "gelu" in warning.value for warning in app.warning)
    assert kept(app).parameters == Parameters(m=64)


def test_a_bad_link_warns_and_shows_the_rest():
    app = opened(alpha="99", m="64")
    assert any("alpha" in warning.value and "from 0.01 to 10" in warning.value
               for warning in app.warning)
    assert kept(app).parameters == Parameters(m=64)


def test_a_run_that_ends_early_is_advised_with_the_controls_of_the_page():
    app = opened(init="lazy", alpha="4", tau="3", gamma0="2.5", m="100000", target="noise",
                 h="weak")
    (warning,) = (warning.value for warning in app.warning)
    assert "node limit" in warning and "max_nodes" not in warning
    assert any(f"“{expander.label}”" in warning for expander in app.sidebar.expander)


def test_wrong_coefficients_are_refused_with_the_rule(control):
    app = opened(h="0,0.5,0.25")
    control(app.sidebar.text_input, "h text").set_value("1, 2").run()
    assert not app.exception
    assert any("first of them 0" in error.value for error in app.error)
    assert kept(app).parameters.h == (0.0, 0.5, 0.25)


def test_pinning_compares_two_runs(control):
    app = opened()
    app.button(key="pin").click().run()
    control(app.sidebar.select_slider, "tau").set_value(0.5).run()
    assert not app.exception
    assert curve(app, "test A")[-1] != curve(app, "test B")[-1]
    app.button(key="unpin").click().run()
    assert curve(app, "test")


def test_snippets_and_table_appear_when_opened():
    app = opened()
    assert not app.code and not app.dataframe
    app.session_state["snippets"] = app.session_state["values"] = True
    app.run()
    said = [block.value for block in app.code]
    assert "alpha=0.3" in said[0] and "from engine import Parameters, solve" in said[1]
    assert "python -m engine solve" in said[2] and "montanari2025dynamical" in said[3]
    assert len(app.dataframe[0].value) == len(solve(Parameters()))


def test_one_click_sets_neurons_that_differ_beside_identical_ones():
    app = opened(m="32")
    app.button(key="offer unequal").click().run()
    assert not app.exception
    assert kept(app).parameters == Parameters(m=32, spread=0.1)
    assert app.session_state[VISIT].values["pinned"].parameters == Parameters(m=32)
    assert curve(app, "test A")[-1] != curve(app, "test B")[-1]
    assert not any(button.key == "offer unequal" for button in app.button)


def test_how_unstable_identical_neurons_are_is_measured_when_asked():
    app = opened(m="512", t_max="5120")
    assert not any("grow by e every" in text.value for text in app.markdown)
    app.toggle(key="ask stability").set_value(True).run()
    assert not app.exception
    assert any("grow by e every" in text.value for text in app.markdown)
    assert not any(t.key == "ask stability" for t in opened(target="noise", m="64").toggle)


def test_weight_decay_is_set_by_its_slider_and_its_effect_shown_on_request(control):
    app = opened(m="32", t_max="640")
    control(app.sidebar.select_slider, "weight_decay").set_value(1.0).run()
    assert kept(app).parameters == Parameters(m=32, t_max=640.0, weight_decay=1.0)
    next(t for t in app.toggle if "weight decay" in t.label).set_value(True).run()
    assert not app.exception
    said = next(m.value for m in app.markdown if "least at λ =" in m.value)
    free = solve(Parameters(m=32, t_max=640.0))
    ends = {x: solve(Parameters(m=32, t_max=640.0, weight_decay=x)).test_error[-1]
            for x in VALUES}
    best = min(ends, key=ends.get)
    assert f"least at λ = {best:g} of these values: {number(ends[best])}" in said
    assert f"{number(free.test_error.min())}, stopped at" in said
    assert f"and {number(free.test_error[-1])} at the end" in said


def test_the_heading_of_a_group_of_examples_stands_for_its_first():
    app = opened()
    app.sidebar.selectbox[0].set_value("What goes wrong").run()
    assert not app.exception
    first = presets.GROUPS["What goes wrong"][0]
    assert kept(app) == first.settings and app.sidebar.selectbox[0].value == first.name


def test_numbers_are_cited_in_one_click():
    app = opened(m="32")
    app.session_state["cite"] = True
    app.run()
    (text,) = (block.value for block in app.code)
    assert "least test error = " in text and "tolerances 0.01 and 0.001" in text
    assert "montanari2025dynamical" in text


def test_two_runs_are_named_by_what_differs():
    drawn = chart(opened(m="64", pinned="v~1"))
    assert [run["label"] for run in drawn["runs"]] == ["A: m = 128", "B: m = 64"]


def test_a_target_of_several_directions_is_chosen_and_says_what_its_start_sees(control):
    app = opened(h="quadratic", m="32")
    chosen = next(w for w in app.selectbox if w.label == "Target function φ")
    chosen.set_value("product").run()
    assert kept(app).parameters.directions == (("11", 1.0),)
    assert any("fixed point" in c.value for c in app.caption) and not any(curve(app, "v₁"))
    control(app.text_input, "v0 text").set_value("0.2, 0.1").run()
    assert not app.exception and kept(app).parameters.v0 == (0.2, 0.1)
    run = solve(kept(app).parameters)
    assert curve(app, "v₂")[-1] == pytest.approx(run.components[-1, 1], rel=1e-5)
    next(w for w in app.selectbox if w.label == "Target function φ").set_value("tanh").run()
    assert not app.exception and kept(app).parameters.v0 is None


@pytest.mark.parametrize("query", [{"start_d": "200"}, {"v0": "0,0.2,0.1", "spread": "0.1"}])
def test_neurons_that_differ_are_drawn_along_several_directions(query):
    app = opened(directions="100:0.8,011:0.5", h="quadratic", m="32", t_max="50", **query)
    picture = chart(app)["picture"]
    assert picture["directions"] == ["u₁", "u₂", "u₃"]
    run = solve(kept(app).parameters)
    for g, cluster in enumerate(picture["clusters"], 1):
        names = tuple(f"v{i}_{g}" for i in (1, 2, 3))
        ends = run.at([picture["t"][-1]], names).to_numpy()[0, 1:]
        # Both are written with 5 digits.
        assert [v[-1] for v in cluster["along"]] == pytest.approx(ends, abs=1e-4)


@pytest.mark.parametrize("query", [{"v0": "0.3"}, {"directions": "product", "h": "quadratic",
                                                   "v0": "0.1,0.1"}])
def test_an_overlap_at_the_start_is_shown_and_gives_way_to_a_dimension(control, query):
    app = opened(m="16", t_max="20", **query)
    assert control(app.text_input, "v0 text").value == query["v0"]
    next(w for w in app.radio if w.label == "Neurons").set_value("as in dimension d").run()
    assert not app.exception
    assert (kept(app).parameters.start_d, kept(app).parameters.v0) == (200, None)


def test_who_starts_with_the_largest_overlap_has_learned_none():
    app = opened(directions="product", v0="0.1,0.1", m="16", t_max="100")
    said = " ".join(block.value for block in app.markdown)
    assert "is largest, 0.1" in said and "v stays 0" not in said
    assert figures(app)["Learning ends at t"] == "–"


def test_the_slider_under_the_thumb_follows_the_one_of_the_sidebar(control):
    app = opened(m="16", t_max="20", thumb="tau")
    control(app.select_slider, "tau").set_value(0.4).run()
    thumb = control(app.select_slider, "tau thumb 0.4")
    assert thumb.value == 0.4
    thumb.set_value(0.5).run()
    assert kept(app).parameters.tau == control(app.select_slider, "tau").value == 0.5


def test_in_a_crowd_the_second_run_of_the_table_waits_to_be_asked_for(monkeypatch):
    monkeypatch.setattr(doors, "crowded", lambda: True)
    app = opened(alpha="0.43", m="24")
    assert len(app.table) == 1
    [ask] = [button for button in app.button if button.label == "Solve the lazy run too"]
    ask.click().run()
    assert len(app.table) == 2 and not app.exception
    app.query_params["alpha"] = "0.43"
    assert all(button.label != "Solve the lazy run too" for button in app.run().button)
