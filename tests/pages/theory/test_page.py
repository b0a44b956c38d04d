"""The theory page: complete, filled in with the link's settings, and sound in markup."""

import json
import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.service.links import TABS
from dashboard.words import OBSERVABLES, number
from engine import TABLE, Parameters, solve
from engine.limits.levels import levels
from engine.results.keyfigures import key_figures, regime_measurements

PAGE = Path(__file__).parents[3] / "pages" / "theory" / "page.py"
TIMEOUT = 120  # a first run compiles the solver's kernels


def opened(**query) -> AppTest:
    page = AppTest.from_file(str(PAGE), default_timeout=TIMEOUT)
    for name, value in query.items():
        page.query_params[name] = str(value)
    page.run()
    assert not page.exception
    return page


def text(page: AppTest) -> str:
    return "\n".join(e.value for kind in ("markdown", "latex", "caption", "subheader", "code")
                     for e in page.get(kind))


def cells(page: AppTest) -> str:
    frames = [table.value for table in page.table]
    return "\n".join(f.to_csv() for f in frames)


@pytest.fixture(scope="module")
def page() -> AppTest:
    return opened()


def test_all_sections_are_there(page):
    assert [tab.label for tab in page.tabs] == [
        "Question", "Model", "DMFT", "SymmDMFT", "Groups", "Large width", "Regimes",
        "Theorems", "Symbols", "Limits and source"]


@pytest.mark.parametrize("topic", [
    "Benign overfitting", "Feature learning", "Gaussian approximation", r"\frac1{2n}",
    r"\hat\varphi(v)=\mathbb E", "dynamical partition function", "Grassmann", "C.7", "C.8", "C.9",
    "C.10", "O(m^2)", "SymmDMFT", r"e_{\rm tr}(t)=-\tfrac12C_A(t,t)", "singular\nperturbation",
    "Hypothesise", "Check", "Confirm", r"\gamma(t)=a(t)/\sqrt m", "2.10", "2.7", "2.8",
    "spin glass", "μP", "implicit bias", "unlearned", "Mahdi Zamani", "2502.21269",
    "@inproceedings",
])
def test_the_talks_material_is_there(page, topic):
    assert topic.replace("\n", " ") in text(page).replace("\n", " ")


def test_groups_of_neurons_have_their_equations_and_one_group_is_symmdmft(page):
    said = text(page).replace("\n", " ")
    for part in ("$p=1$ is SymmDMFT", r"K_{\parallel,gl}", r"(\partial_t+\nu_g)C_{\perp,g}",
                 r"\dot a_g", "**unstable**"):
        assert part in said


def test_the_table_has_the_rows_that_unequal_neurons_change(page):
    assert "Unequal neurons: t = Θ(m), after about 0.48 m ln(1/spread)" in cells(page)
    assert "Unequal neurons" not in cells(opened(target="noise"))


def test_every_parameter_and_observable_is_explained(page):
    written = cells(page).replace("\\", "")
    for field in TABLE.values():
        assert field.symbol in written and field.meaning[:20] in written
    for symbol, meaning in OBSERVABLES.items():
        assert symbol in written and meaning[:15] in written


def test_formulas_are_filled_in_with_the_links_settings():
    page = opened(init="lazy", alpha=0.5, tau=0.7, gamma0=0.4, h="quadratic", m=512)
    p = Parameters(init="lazy", alpha=0.5, tau=0.7, gamma0=0.4, h="quadratic", m=512)
    table = next(t.value for t in page.table if "Formula" in t.value.columns)
    run, known = solve(p), levels(p)
    assert table.loc["Bayes error", "Theory"] == number(0.245)
    assert table.loc["Null error, f = 0", "Theory"] == number((0.49 + 1.4) / 2)
    # ½[τ² + ‖φ‖² − φ̂'(0)²/h'(0) + γ₀²(h(1) − h'(0))] by hand: φ̂ = h, h'(0) = 0.9, h(1) = 1.4.
    plateau = table.loc["Lazy: plateau of the test error (2.7)"]
    assert plateau.Theory == number((0.49 + 1.4 - 0.9 + 0.16 * 0.5) / 2)
    assert plateau.Run == number(regime_measurements(run)[1].test_error.end)
    ends = table.loc["Lazy: linear learning ends at t"]
    assert ends.Theory == number(known.lazy_learning_end)
    assert ends.Run == number(key_figures(run).feature_learning_end)
    assert r"\alpha=\frac n{md}=0.5" in text(page)
    assert r"h(q) = 0.9\,q + 0.5\,q^{2}" in text(page)


@pytest.mark.parametrize("query", [
    {"target": "noise"}, {"h": "0,0,0.5"}, {"h": "0,1"}, {"tau": 0}, {"phi": "0,-0.5,0.2"},
    {"train_second_layer": 0}, {"m": 2}, {"t_max": 0.01}, {"init": "lazy", "target": "noise"},
    {"activation": "tanh", "target_function": "relu"}, {"activation": "hermite2"},
])
def test_the_page_stands_at_the_edges_of_the_theory(query):
    page = opened(**query)
    assert "nan" not in cells(page) and "None" not in cells(page)


def gap_panel(page) -> dict:
    return next(panel for chart in page.get("bidi_component")
                for panel in json.loads(chart.proto.bytes)["panels"] if "gap" in panel["title"])


def tube_traces(page) -> list[dict]:
    return next((panel["traces"] for chart in page.get("bidi_component")
                 for panel in json.loads(chart.proto.bytes)["panels"]
                 if "tube" in panel["title"]), [])


@pytest.mark.parametrize(("query", "why"), [
    ({}, "σ is not bounded"), ({"activation": "gelu"}, "σ is not bounded"),
    ({"activation": "tanh", "weight_decay": 1}, "weight decay"),
    ({"activation": "tanh", "target_function": "hermite2"}, "φ is a polynomial"),
    ({"activation": "tanh", "alpha": 0.01, "m": 16}, "fewer samples than dimensions"),
])
def test_no_bound_is_drawn_where_the_theorems_do_not_cover_the_setting(query, why):
    page = opened(**query)
    assert why in text(page) and "cubic and quadratic: they are not bounded" in text(page)
    assert [trace["name"] for trace in gap_panel(page)["traces"]] == ["e_ts − e_tr"]
    assert not tube_traces(page)


@pytest.mark.parametrize(("query", "tube"), [
    ({"activation": "erf"}, True), ({"activation": "tanh", "target_function": "relu"}, False),
    ({"activation": "tanh", "init": "lazy"}, False), ({"activation": "sine", "tau": 0}, True),
    ({"activation": "tanh", "target": "noise"}, True),
])
def test_bounds_are_drawn_where_they_hold_and_the_fitted_constants_are_named(query, tube):
    page = opened(**query)
    gap, bound = gap_panel(page)["traces"]
    # The curves are drawn between the nodes on which the constant was fitted.
    assert all(low <= 1.02 * high for low, high in zip(gap["y"], bound["y"], strict=True)
               if low is not None and low > 1e-3 * max(filter(None, gap["y"])))
    assert "Fitted: the least constants" in text(page)
    assert bool(tube_traces(page)) == tube == ("The tube is drawn with the least C" in text(page))


def test_the_table_follows_the_target():
    assert "t = Θ(√m)" in cells(opened(target="noise"))
    assert "t = Θ(√m)" not in cells(opened())


def test_equations_are_balanced(page):
    formulas = re.findall(r"\$\$(.*?)\$\$", text(page), re.DOTALL)
    assert len(formulas) > 20
    for body in formulas:
        assert body.count("{") == body.count("}")
        assert body.count(r"\begin") == body.count(r"\end")
        assert len(re.findall(r"\\left\b", body)) == len(re.findall(r"\\right\b", body))


def test_every_place_for_a_setting_is_filled_and_every_file_of_words_has_its_tab(page):
    assert "{{" not in text(page)
    assert {path.stem for path in PAGE.parent.glob("*.md")} <= set(TABS)


def test_the_page_is_written_without_raw_html():
    assert "unsafe_allow_html" not in PAGE.read_text()
