"""The page of regimes: ladders, their score, residuals, the slow drift, thresholds."""

import json
import time
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.words import number
from engine import Parameters
from engine.limits import Threshold, first_corrections, locking_width
from engine.limits.checks.collapse import ladder, predicted
from engine.limits.checks.residual import FORMS, residuals
from engine.regimes import regimes
from pages.regimes import thresholds
from pages.regimes.ladders import EQUATIONS, LOOK, score, verdict

PAGE = Path(__file__).parents[3] / "pages" / "regimes" / "page.py"
CASES = [(init, target, r.key) for init, target in
         (("lazy", "single-index"), ("mean-field", "single-index"), ("mean-field", "noise"))
         for r in regimes(Parameters(init=init, target=target))]


def opened(**query) -> AppTest:
    page = AppTest.from_file(str(PAGE), default_timeout=120)
    for name, value in ({"widths": "16-256"} | query).items():
        page.query_params[name] = str(value)
    page.run()
    assert not page.exception
    return page


def panels(page: AppTest) -> list[dict]:
    """Those of the ladder and what follows it: the picture of the phases stands first."""
    charts = [json.loads(chart.proto.bytes) for chart in page.get("bidi_component")]
    return [panel for chart in charts for panel in chart["panels"]
            if not panel["title"].startswith("Above the curve")]


def panel(page: AppTest, title: str) -> dict:
    return next(p for p in panels(page) if p["title"] == title)


def words(page: AppTest) -> str:
    return " ".join(e.value for kind in (page.markdown, page.caption, page.info, page.warning)
                    for e in kind)


@pytest.mark.parametrize(("init", "target", "key"), CASES)
def test_every_regime_shows_its_ladder_and_says_what_to_look_for(init, target, key):
    page = opened(init=init, target=target, regime=key, h="weak", alpha=0.5, tau=1)
    assert LOOK[key] in words(page)
    shown = panels(page)[:len(predicted(Parameters(init=init, target=target), key))]
    for each in shown:
        names = [trace["name"] for trace in each["traces"]]
        assert names == ["m = 16", "m = 64", "m = 256",
                         *(["m → ∞"] if key != "mean-field-2" else [])]
    assert ("power of m" in page.dataframe[0].value) if key != "mean-field-2" else True
    assert not any(nan in words(page) for nan in ("nan", "None"))


def test_the_mean_field_plateau_comes_with_its_corrections_and_its_width():
    slopes, width = first_corrections(Parameters()), locking_width(Parameters())
    assert f"a by {number(slopes.a)} t/m" in words(opened())
    text = words(opened(regime="mean-field-2", widths="64-1024"))
    assert f"m ≤ {width[0]:,} leave" in text and f"m ≥ {width[1]:,} do not" in text
    assert "leave the plateau within" not in words(opened(regime="mean-field-2", h="0,0,0.5"))


def test_the_score_is_that_of_the_engine():
    page = opened(init="lazy")
    found = ladder(Parameters(init="lazy"), "lazy-1", (16, 64, 256))
    assert score(found) in words(page)
    table = page.dataframe[0].value
    fit = found.approaches["train_error"]
    assert table["power of m"][0] == f"{fit.exponent:.2f} ± {fit.error:.2f}".replace("-", "−")


def test_a_ladder_that_does_not_collapse_is_said_so():
    """At t = Θ(m) with m up to 256 the drift of noise has hardly begun to follow its limit."""
    found = ladder(Parameters(init="lazy"), "lazy-1", (16, 64))
    worse = {c: type(f)(f.distances, 0.2, 0.1) for c, f in found.approaches.items()}
    text = score(type(found)(**{**found.__dict__, "approaches": worse}))
    assert "does not approach the limit" in text and "0.20 ± 0.10" in text


@pytest.mark.parametrize(("p", "key", "widths", "title"), [
    (Parameters(init="lazy"), "lazy-1", (64, 256, 1024), "These widths collapse"),
    (Parameters(target="noise"), "noise-m", (16, 64), "These widths do not collapse yet"),
    (Parameters(), "mean-field-2", (64, 256, 1024), "These widths do not collapse"),
])
def test_the_title_says_what_is_seen(p, key, widths, title):
    """With identical neurons m = 64 overfits and m = 256 and 1024 rest on the plateau."""
    assert verdict(ladder(p, key, widths)).startswith(f"{title}:")


def test_one_legend_stands_for_the_curves_of_all_panels():
    page = opened(init="lazy")
    shown = [p for p in panels(page) if "m → ∞" in [t["name"] for t in p["traces"]]]
    names = [[(t["name"], t["colour"]) for t in p["traces"]] for p in shown]
    assert len(shown) > 3 and all(each == names[0] for each in names)


def test_residuals_stand_in_a_table_with_the_claimed_power():
    page = opened(init="lazy")
    next(t for t in page.toggle if t.key == "insert form").set_value(True).run()
    rows = residuals(Parameters(init="lazy"), "lazy-1")
    table = page.dataframe[1].value.set_index("equation")
    assert list(table.index) == [r.equation for r in rows] and set(EQUATIONS) == set(table.index)
    for row in rows:
        assert table["claimed"][row.equation] == f"{row.claimed:.2f}".replace("-", "−")
    elsewhere = opened(init="lazy", regime="lazy-3")
    assert "nothing to insert" in words(elsewhere)
    offered = next(r for r in elsewhere.radio if r.label == "Regime").options
    assert sum(f"“{option}”" in words(elsewhere) for option in offered) == 2
    assert set(FORMS) <= set(LOOK)


def test_the_slow_drift_is_drawn_on_its_curve():
    """m = 256 noise from γ₀ = 0.3: where e_tr < e_∞(γ₀), the run lies on the drawn curve within
    5 % of e_∞(0), what a width of 256 leaves."""
    page = opened(init="lazy", target="noise", gamma0=0.3, h="weak", alpha=0.5, tau=1)
    drawn = panel(page, "Train error against complexity")
    curve, run = drawn["traces"][-1], drawn["traces"][2]
    gamma, error = np.array(run["x"]), np.array(run["y"])
    late = gamma > 0.4
    assert late.any()
    on_curve = np.interp(gamma[late], curve["x"], curve["y"])
    np.testing.assert_allclose(error[late], on_curve, atol=0.05 * 0.5)


def test_the_product_of_both_layers_keeps_the_linear_part_of_the_signal():
    page = opened()
    product = panel(page, "a·v")["traces"][-1]["y"]
    assert product[-1] == pytest.approx(1, abs=0.1)
    assert not any(p["title"] == "a·v" for p in panels(opened(target="noise")))


def test_a_red_curve_is_explained_where_one_is_drawn_and_only_there():
    for query, ladder_has, drift_has in (({}, True, True), ({"h": "0,1"}, True, False),
                                         ({"regime": "mean-field-2"}, False, True)):
        page = opened(**query)
        assert ("m → ∞" in [t["name"] for t in panel(page, "train error")["traces"]]) == ladder_has
        assert ("The theory has no curve" in words(page)) != ladder_has
        assert ("(red, dashed)" in words(page)) == drift_has
        drawn = [trace["name"] for trace in panel(page, "Train error against complexity")["traces"]]
        assert ("e_∞(γ), m → ∞" in drawn) == drift_has


@pytest.mark.parametrize("query", [{"h": "0,1"}, {"tau": 0}, {"h": "0,0,0.5"}, {"alpha": 1},
                                   {"train_second_layer": 0}, {"init": "lazy", "gamma0": 0.01}])
def test_the_page_stands_at_the_edges(query):
    for key in [r.key for r in regimes(Parameters(init=query.get("init", "mean-field")))]:
        page = opened(regime=key, widths="16-64", **query)
        assert not any(bad in words(page) for bad in ("nan", "None", "inf "))


def test_links_hold_regime_and_widths_and_say_what_is_wrong():
    page = opened(init="lazy", regime="lazy-2", widths="64-1024")
    assert LOOK["lazy-2"] in words(page)
    assert [trace["name"] for trace in panels(page)[0]["traces"]] == [
        "m = 64", "m = 256", "m = 1,024", "m → ∞"]
    assert page.query_params["regime"] == "lazy-2"
    assert page.query_params["widths"] == "64-1024"
    page = opened(regime="lazy-9", widths="3-4")
    assert "Ignored regime=lazy-9" in words(page) and "Ignored widths=3-4" in words(page)


def test_a_regime_of_another_start_gives_way_to_the_first_of_this_one(control):
    page = opened(init="lazy", regime="lazy-2")
    control(page.radio, "init").set_value("mean-field").run()
    assert not page.exception
    assert LOOK["mean-field-1"] in words(page)


def test_a_threshold_is_found_on_request():
    page = opened(init="lazy", target="noise", h="weak", alpha=0.5, tau=1)
    next(b for b in page.button if b.label.startswith("Find γ*")).click().run()
    for _ in range(300):
        assert not page.exception
        if page.metric:
            break
        time.sleep(0.1)
        page.run()
    values = {m.label: m.value for m in page.metric}
    assert values["γ*"].startswith("0.832") or values["γ*"].startswith("0.833")
    assert panel(page, "Relaxation time near the threshold")


def test_the_fitted_power_goes_through_the_runs():
    x = (1.01, 1.02, 1.05, 1.1)
    found = Threshold(1.0, 0.001, 0.98, 1.01, 2.0, 0.1, x, tuple(5 * (v - 1) ** -2 for v in x))
    runs, law = thresholds.relaxation_panel("γ", found).traces
    np.testing.assert_allclose(law.y, runs.y, rtol=1e-10)


def test_mean_field_has_no_alpha_threshold_without_a_width(control):
    page = opened()
    control(page.radio, "threshold").set_value("alpha").run()
    assert "nothing interpolates" in words(page)
    control(page.radio, "threshold_at").set_value("m").run()
    assert any(b.label.startswith("Find α*") for b in page.button)
