"""The page of digits: what is trained, the theory beside it, stored curves and their reading."""

import json
import time
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from engine import Parameters, solve
from engine.network.digits import learn, matched
from pages.digits import reading

PAGE = Path(__file__).parents[3] / "pages" / "digits" / "page.py"
SMALL = {"m": "8", "alpha": "3", "t_max": "8", "tau": "0.6", "activation": "tanh"}
P = matched(Parameters(m=8, alpha=3.0, tau=0.6, activation="tanh", t_max=8.0))


def opened(**query) -> AppTest:
    page = AppTest.from_file(str(PAGE), default_timeout=120)
    for name, value in query.items():
        page.query_params[name] = value
    page.run()
    for _ in range(300):
        assert not page.exception
        if not any(b.label == "Stop" for b in page.button):
            return page
        time.sleep(0.1)
        page.run()
    raise AssertionError("the run did not end")


def panels(page: AppTest) -> list[dict]:
    return [panel for chart in page.get("bidi_component")
            for panel in json.loads(chart.proto.bytes)["panels"]]


def words(page: AppTest) -> str:
    return " ".join(m.value for m in page.markdown)


def test_networks_on_digits_are_drawn_beside_the_theory_of_the_same_alpha_and_tau():
    page = opened(**SMALL)
    drawn = {trace["name"]: trace for trace in panels(page)[0]["traces"]}
    expected = learn(P, reading.SEEDS).query("t > 0").groupby("t")["test_error"].median()
    np.testing.assert_allclose(drawn["test, digits"]["y"], expected, rtol=1e-6)
    assert drawn["test, theory"]["y"][-1] == pytest.approx(solve(P).test_error[-1], rel=1e-6)
    assert "n = 240 images" in words(page) and "10 % flipped" in words(page)
    assert not page.info


@pytest.mark.parametrize(("query", "said"), [
    ({"activation": ""}, "σ = tanh x in place of the polynomial"),
    ({"tau": "1.5"}, "τ = 0.6 in place of 1.5"), ({"spread": "0.1"}, "one group of neurons"),
])
def test_what_digits_cannot_have_is_said(query, said):
    page = opened(**{name: value for name, value in (SMALL | query).items() if value})
    assert said in page.info[0].value


def test_wide_networks_wait_to_be_asked_for():
    page = opened(**SMALL | {"m": "4096"})
    assert "m = 1,024 in place of 4,096" in page.info[0].value
    assert any(b.label.startswith("Train") for b in page.button)
    assert len(panels(page)[0]["traces"]) == 2
