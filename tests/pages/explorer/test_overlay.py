"""Finite networks over the theory on the explorer: cost first, trained on request, or why not."""

import time

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from engine import Parameters, solve
from engine.monitor import Monitor
from engine.network import NetworkSettings, simulate
from pages.explorer import overlay
from tests.pages.explorer.test_page import curve, opened

SMALL = {"m": "4", "t_max": "8", "networks": "1"}


def until(app: AppTest, there) -> None:
    """Rerun as the browser's timer does, until something is on the page."""
    for _ in range(300):
        assert not app.exception
        if there(app):
            return
        time.sleep(0.1)
        app.run()
    raise AssertionError("it did not come")


def said(app: AppTest, words: str) -> bool:
    return any(words in caption.value for caption in app.caption)


def button(app: AppTest, label: str):
    return next((each for each in app.button if each.label.startswith(label)), None)


def test_networks_are_priced_first_and_laid_over_the_theory_when_asked_for():
    app = opened(**SMALL)
    until(app, lambda app: button(app, "Train 5 networks"))
    assert said(app, "5 networks of width 4 and dimension 100, n = 120 samples each")
    with pytest.raises(StopIteration):
        curve(app, "test, networks")
    button(app, "Train 5 networks").click().run()
    until(app, lambda app: not button(app, "Stop"))
    p = Parameters(m=4, t_max=8.0)
    runs = simulate(p, NetworkSettings(d=100, seeds=5))
    expected = runs.frame.query("t > 0").groupby("t").test_error.median()
    assert curve(app, "test, networks") == pytest.approx(expected.to_numpy(), rel=1e-4)
    assert curve(app, "test")[-1] == pytest.approx(solve(p).test_error[-1], rel=1e-6)
    app.query_params["networks"] = "1"
    next(t for t in app.toggle if t.label == "Lay networks over it").set_value(False).run()
    with pytest.raises(StopIteration):
        curve(app, "test, networks")


@pytest.mark.parametrize(("more", "why"), [
    ({"spread": "0.1"}, "second layers start alike"), ({"pinned": "m~16"}, "unpin A"),
    ({"sweep": "tau"}, "end the sweep")])
def test_where_no_network_fits_beside_the_run_it_is_said_why(more, why):
    app = opened(**SMALL, **more)
    assert said(app, why) and not button(app, "Train")


def test_what_takes_too_long_is_refused_with_its_cost(monkeypatch):
    monkeypatch.setattr(overlay, "MINUTE", 0.0)
    found = overlay.offer(Parameters(m=4, t_max=8.0), Monitor())
    assert found.cost is None
    assert "Even d = 25, up to t = 0.125 alone, would take" in found.why


def test_what_takes_longer_is_trained_to_a_shorter_horizon(monkeypatch):
    p = Parameters(m=8)
    whole, part = (overlay.estimate(p.replace(t_max=t), NetworkSettings(d=25, seeds=5)).seconds
                   for t in (p.t_max, p.t_max / 4))
    monkeypatch.setattr(overlay, "MINUTE", np.sqrt(whole * part))
    found = overlay.offer(p, Monitor())
    assert found.cost and found.parameters.t_max == p.t_max / 4 and found.settings.d == 25
