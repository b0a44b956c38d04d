"""The page of real networks: controls, link, cost, a run and its words, the study of d."""

import json
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.service.links import settings_of
from dashboard.service.visitor import VISIT
from engine import Parameters, solve
from engine.network import NetworkSettings, simulate
from engine.network.estimate import Speed
from engine.network.finite_size import departure
from pages.networks import training

PAGE = Path(__file__).parents[3] / "pages" / "networks" / "page.py"
SMALL = {"m": "4", "t_max": "8", "d": "25", "seeds": "3"}
P = Parameters(m=4, t_max=8.0)


@pytest.fixture(autouse=True)
def a_machine(monkeypatch):
    """One speed for all tests: what is offered at once depends on it, and machines differ.
    (Measured on two cores where 10⁷ additions in Python take 1.2 s.)"""
    speed = Speed(start=np.array([9e-4, 1.9e-8, 1.0e-6]),
                  step=np.array([8e-5, 4e-11, 1e-9, 0.0, 1.1e-9, 1.8e-8, 1.8e-8]),
                  observation=np.array([4e-4, 4.4e-11, 7e-10, 4.3e-9, 0.0]))
    monkeypatch.setattr(sys.modules[Speed.__module__], "_agreed", [speed])


def opened(**query) -> AppTest:
    page = AppTest.from_file(str(PAGE), default_timeout=120)
    for name, value in query.items():
        page.query_params[name] = value
    page.run()
    return priced(page)


def priced(page: AppTest) -> AppTest:
    """Rerun as the browser's timer does, until it is known what training takes."""
    for _ in range(300):
        assert not page.exception
        if not any("Estimating" in c.value for c in page.caption):
            return page
        time.sleep(0.1)
        page.run()
    raise AssertionError("the estimate did not end")


def charts(page: AppTest) -> list[dict]:
    return [json.loads(chart.proto.bytes) for chart in page.get("bidi_component")]


def curve(page: AppTest, name: str, chart: int = 0) -> dict:
    return next(trace for panel in charts(page)[chart]["panels"] for trace in panel["traces"]
                if trace["name"] == name)


def button(page: AppTest, start: str):
    return next(b for b in page.button if b.label.startswith(start))


def finish(page: AppTest) -> AppTest:
    """Rerun as the browser's timer does, until no run is under way."""
    for _ in range(300):
        if not any(b.label == "Stop" for b in priced(page).button):
            return page
        time.sleep(0.1)
        page.run()
    raise AssertionError("the run did not end")


def labels(page: AppTest) -> list[str]:
    return [b.label for b in page.button]


def words(page: AppTest) -> str:
    return " ".join(m.value for m in page.markdown)


def test_the_page_says_what_a_run_costs_and_draws_the_theory():
    page = opened(**SMALL)
    theory = solve(P)
    assert curve(page, "test, theory")["y"][-1] == pytest.approx(theory.test_error[-1], rel=1e-6)
    assert any("n = 30 samples" in c.value and "under a second" in c.value for c in page.caption)


@pytest.mark.parametrize("query", [{}, {"init": "lazy", "h": "quadratic", "m": "1000000"},
                                   {"algorithm": "gaussian"}, {"alpha": "10", "d": "400"}])
def test_the_page_opens_on_trained_networks_and_no_dead_button(query):
    page = finish(opened(**query))
    assert len(curve(page, "test")["y"]) > 50
    assert not page.warning and not any(b.disabled for b in page.button if b.key != "undo"
                                        and b.key != "reset")
    assert "The mean errors" in words(page)


def test_the_theory_of_new_settings_does_not_wait_for_the_estimate(monkeypatch):
    asked, go = [], threading.Event()

    def offer(p, settings, monitor):
        asked.append(p)
        assert go.wait(60)
        return training.Offer(None, "Not here.", p, settings)

    monkeypatch.setattr(training, "offer", offer)
    page = AppTest.from_file(str(PAGE), default_timeout=120)
    for name, value in (SMALL | {"alpha": "0.123"}).items():
        page.query_params[name] = value
    page.run()
    try:
        assert curve(page, "test, theory")["y"] and asked == [P.replace(alpha=0.123)]
        assert any("Estimating what training takes" in c.value for c in page.caption)
        assert not any(b.label.startswith(("Train", "Which")) for b in page.button)
    finally:
        go.set()
    assert button(priced(page), "Which sizes")


def test_a_run_draws_the_median_in_its_band_and_puts_the_difference_into_words():
    page = finish(opened(**SMALL))
    runs = simulate(P, NetworkSettings(d=25, seeds=3))
    expected = runs.quantiles("test_error").query("t > 0")
    drawn = curve(page, "test")
    np.testing.assert_allclose(drawn["y"], expected["median"], rtol=1e-6)
    low, high = (np.array(edge, dtype=float) for edge in drawn["band"])
    np.testing.assert_allclose(low, expected["low"], rtol=1e-6)
    assert (low > 0).all() and (high >= low).all()
    left = departure(runs, solve(P))
    said = "stay within 10 %" if np.isinf(left) else f"at t = {training.number(left)}"
    assert said in words(page)
    assert any("held-out" in c.value for c in page.caption)
    assert page.get("download_button")


@pytest.mark.parametrize(("algorithm", "said"), [
    ("momentum", "Momentum leaves the theory"), ("adam", "Adam leaves the theory")])
def test_what_is_not_gradient_flow_is_called_so(algorithm, said):
    page = finish(opened(**SMALL, algorithm=algorithm))
    assert any(said in info.value for info in page.info)
    runs = simulate(P, NetworkSettings(d=25, seeds=3, algorithm=algorithm))
    expected = runs.quantiles("test_error").query("t > 0")["median"]
    np.testing.assert_allclose(curve(page, "test")["y"], expected, rtol=1e-6)


@pytest.mark.parametrize("algorithm", ["gd", "sgd", "gaussian"])
def test_gradient_flow_carries_no_such_label(algorithm):
    assert not opened(**SMALL, algorithm=algorithm).info


def test_a_change_of_settings_trains_anew(control):
    page = finish(opened(**SMALL))
    control(page.select_slider, "seeds").set_value(5).run()
    finish(page)
    expected = simulate(P, NetworkSettings(d=25, seeds=5)).quantiles("test_error").query("t > 0")
    np.testing.assert_allclose(curve(page, "test")["y"], expected["median"], rtol=1e-6)


def test_stop_keeps_what_was_reached():
    page = opened(**(SMALL | {"m": "64", "t_max": "640", "d": "200", "seeds": "10"}))
    assert "Until then you see" in words(page)
    button(page, "Train 10 networks (").click().run()
    assert "Until then you see" not in words(page)
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
    page.run()
    assert button(page, "Train 10 networks") and "Stop" not in labels(page)


def test_the_link_holds_the_networks_settings(control):
    page = opened(**(SMALL | {"algorithm": "gaussian"}))
    assert control(page.radio, "algorithm").value == "gaussian"
    control(page.select_slider, "d").set_value(50).run()
    assert page.query_params["d"] == ["50"] or page.query_params["d"] == "50"
    control(page.radio, "algorithm").set_value("gd").run()
    assert "algorithm" not in page.query_params
    assert not page.warning


@pytest.mark.parametrize("query", [{"d": "5"}, {"seeds": "many"}, {"algorithm": "lbfgs"},
                                   {"d": "9" * 5000}, {"seeds": "²"}, {"d": "²"}])
def test_a_bad_link_warns_and_shows_the_rest(query, control):
    page = opened(**(SMALL | query))
    name, = query
    assert any(f"Ignored {name}" in warning.value for warning in page.warning)
    assert control(page.select_slider, "m").value == 4


def test_what_takes_too_long_is_priced_in_hours_and_the_nearest_that_fits_is_a_click_away(control):
    page = opened(m="512")
    said = words(page)
    assert "10 networks with m = 512, d = 200" in said
    assert " hours on a core, more than this page computes" in said
    near = "10 networks with m = 16, d = 100"
    assert near in said
    assert any("engine network --d 200 --seeds 10" in block.value for block in page.code)
    before = curve(page, "test, theory")["y"]
    priced(button(page, "Set m = 16, d = 100").click().run())
    assert control(page.select_slider, "m").value == 16
    assert control(page.select_slider, "d").value == 100
    assert "You see the nearest" not in words(page)
    assert curve(page, "test, theory")["y"] == before


def test_a_request_that_is_impossible_says_why_and_shows_the_nearest():
    page = finish(opened(m="4096", alpha="10"))
    assert "GB for the data of one network" in words(page)
    assert len(curve(page, "test")["y"]) > 50


def test_the_price_is_a_range_of_one_digit_that_holds_the_estimate():
    assert training.span(0.2) == "under a second"
    assert training.span(2.7) == "1 to 6 s"
    assert training.span(100.0) == "0.8 to 4 min"
    assert training.span(40_000.0) == "5 to 30 hours"


@pytest.mark.parametrize("name", training.EXAMPLES)
def test_every_example_sets_the_page_and_can_be_run(name):
    page = opened(**SMALL)
    priced(button(page, name).click().run())
    assert not page.warning
    _, parameters, settings = training.EXAMPLES[name]
    assert settings_of(page.session_state[VISIT].values).parameters == parameters
    assert all(page.session_state[VISIT].values[name] == getattr(settings, name)
               for name in training.WORDS)
    assert "You see the nearest" not in words(page) and "Until then" not in words(page)


def test_the_study_of_d_draws_both_models_with_their_limits(monkeypatch):
    monkeypatch.setattr("pages.networks.studies.BUDGET", 1.0)
    page = opened(m="2", t_max="2", h="quadratic", alpha="0.5")
    priced(button(page, "Which sizes").click().run())
    button(page, "Measure").click().run()
    finish(page)
    chart = len(charts(page)) - 1
    real, model = (curve(page, name, chart) for name in ("real networks", "Gaussian model"))
    assert real["x"][:3] == [50, 100, 200] and model["x"][:3] == [10, 15, 20]
    assert min(real["y"]) >= 0
    assert any("As d → ∞" in m.value for m in page.markdown)
