"""The page of real networks: controls, link, cost, a run and its words, the study of d."""

import json
import time
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.service.links import settings_of
from dashboard.service.visitor import VISIT
from engine import Parameters, solve
from engine.network import NetworkSettings, simulate
from engine.network.finite_size import departure
from pages.networks import training

PAGE = Path(__file__).parents[3] / "pages" / "networks" / "page.py"
SMALL = {"m": "4", "t_max": "8", "d": "25", "seeds": "3"}
P = Parameters(m=4, t_max=8.0)


def opened(**query) -> AppTest:
    page = AppTest.from_file(str(PAGE), default_timeout=120)
    for name, value in query.items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    return page


def charts(page: AppTest) -> list[dict]:
    return [json.loads(chart.proto.mixed.json if chart.proto.HasField("mixed")
                       else chart.proto.json) for chart in page.get("bidi_component")]


def curve(page: AppTest, name: str, chart: int = 0) -> dict:
    return next(trace for panel in charts(page)[chart]["panels"] for trace in panel["traces"]
                if trace["name"] == name)


def button(page: AppTest, start: str):
    return next(b for b in page.button if b.label.startswith(start))


def finish(page: AppTest) -> AppTest:
    """Rerun as the browser's timer does, until no run is under way."""
    for _ in range(300):
        assert not page.exception
        if not any(b.label == "Stop" for b in page.button):
            return page
        time.sleep(0.1)
        page.run()
    raise AssertionError("the run did not end")


def test_the_page_opens_with_the_theory_and_says_what_a_run_costs():
    page = opened(**SMALL)
    theory = solve(P)
    assert curve(page, "test, theory")["y"][-1] == pytest.approx(theory.test_error[-1], rel=1e-6)
    assert button(page, "Train 3 networks (about ")
    assert any("n = 30 samples" in c.value for c in page.caption)


def test_a_run_draws_the_median_in_its_band_and_puts_the_difference_into_words():
    page = opened(**SMALL)
    button(page, "Train").click().run()
    finish(page)
    runs = simulate(P, NetworkSettings(d=25, seeds=3))
    expected = runs.quantiles("test_error").query("t > 0")
    drawn = curve(page, "test")
    np.testing.assert_allclose(drawn["y"], expected["median"], rtol=1e-6)
    low, high = (np.array(edge, dtype=float) for edge in drawn["band"])
    np.testing.assert_allclose(low, expected["low"], rtol=1e-6)
    assert (low > 0).all() and (high >= low).all()
    words = " ".join(m.value for m in page.markdown)
    left = departure(runs, solve(P))
    assert ("stay within 10 %" if np.isinf(left) else f"at t = {training.number(left)}") in words
    assert any("held-out" in c.value for c in page.caption)
    assert page.get("download_button")


def test_a_change_of_settings_forgets_the_run(control):
    page = opened(**SMALL)
    button(page, "Train").click().run()
    finish(page)
    control(page.select_slider, "seeds").set_value(5).run()
    assert button(page, "Train 5")
    with pytest.raises(StopIteration):
        curve(page, "test")


def test_stop_keeps_what_was_reached():
    page = opened(**(SMALL | {"m": "64", "t_max": "640", "d": "200", "seeds": "10"}))
    button(page, "Train").click().run()
    for _ in range(100):
        time.sleep(0.2)
        page.run()
        if any(trace["name"] == "test" for panel in charts(page)[0]["panels"]
               for trace in panel["traces"]):
            break
    button(page, "Stop").click().run()
    assert not page.exception
    assert any("Stopped" in c.value for c in page.caption)
    assert 0 < len(curve(page, "test")["y"]) < 100


def test_the_link_holds_the_networks_settings(control):
    page = opened(**(SMALL | {"algorithm": "gaussian"}))
    assert control(page.radio, "algorithm").value == "gaussian"
    control(page.select_slider, "d").set_value(50).run()
    assert page.query_params["d"] == ["50"] or page.query_params["d"] == "50"
    control(page.radio, "algorithm").set_value("gd").run()
    assert "algorithm" not in page.query_params
    assert not page.warning


@pytest.mark.parametrize("query", [{"d": "5"}, {"seeds": "many"}, {"algorithm": "adam"},
                                   {"d": "9" * 5000}, {"seeds": "²"}, {"d": "²"}])
def test_a_bad_link_warns_and_shows_the_rest(query, control):
    page = opened(**(SMALL | query))
    name, = query
    assert any(f"Ignored {name}" in warning.value for warning in page.warning)
    assert control(page.select_slider, "m").value == 4


def test_what_takes_too_long_is_refused_with_a_way_out():
    page = opened()
    assert any("Too much for this page" in warning.value for warning in page.warning)
    assert button(page, "Train").disabled
    button(page, "Shorten").click().run()
    assert not page.warning
    assert not button(page, "Train").disabled


@pytest.mark.parametrize("name", training.EXAMPLES)
def test_every_example_sets_the_page_and_can_be_run(name):
    page = opened()
    button(page, name).click().run()
    assert not page.exception and not page.warning
    _, parameters, settings = training.EXAMPLES[name]
    assert settings_of(page.session_state[VISIT].values).parameters == parameters
    assert all(page.session_state[VISIT].values[name] == getattr(settings, name)
               for name in training.WORDS)
    assert not button(page, "Train").disabled


def test_the_study_of_d_draws_both_models_with_their_limits(monkeypatch):
    monkeypatch.setattr("pages.networks.studies.BUDGET", 1.0)
    page = opened(m="2", t_max="2", h="quadratic", alpha="0.5")
    button(page, "Measure").click().run()
    finish(page)
    chart = len(charts(page)) - 1
    real, model = (curve(page, name, chart) for name in ("real networks", "Gaussian model"))
    assert real["x"][:3] == [50, 100, 200] and model["x"][:3] == [10, 15, 20]
    assert min(real["y"]) >= 0
    assert any("As d → ∞" in m.value for m in page.markdown)
