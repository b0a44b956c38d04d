"""Lazy beside mean-field: two runs at the same settings, theory beside measurement."""

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dashboard.words import number
from dashboard.words.table import arrow
from engine import Parameters, solve
from engine.results.keyfigures import key_figures, regime_measurements
from pages.lazy_vs_mean_field.cards import limits_of
from pages.theory.tables import formulas

PAGE = Path(__file__).parents[3] / "pages" / "lazy_vs_mean_field" / "page.py"
TIMEOUT = 120  # a first run compiles the solver's kernels


def opened(**query) -> AppTest:
    page = AppTest.from_file(str(PAGE), default_timeout=TIMEOUT)
    for name, value in query.items():
        page.query_params[name] = str(value)
    page.run()
    assert not page.exception
    return page


def words(page: AppTest) -> list[str]:
    return [element.value for element in page.markdown]


def cards(page: AppTest) -> list[str]:
    """What the cells of the table say, four per regime."""
    return [value for value in words(page) if ":blue-background" in value]


def test_both_runs_are_measured_in_every_regime_as_the_solver_gives_them():
    page = opened(alpha=0.4, m=256)
    runs = [solve(Parameters(init=init, alpha=0.4, m=256)) for init in ("lazy", "mean-field")]
    expected = [arrow(span) for run in runs for m in regime_measurements(run)
                for span in (m.first_layer, m.gamma, m.train_error, m.test_error)]
    assert len(cards(page)) == len(expected) == 20
    for cell, measured in zip(cards(page), expected, strict=True):
        assert f":blue-background[{measured}]" in cell


def test_the_numbers_tables_hold_all_regimes():
    lazy, mean_field = (element.value for element in opened().dataframe)
    assert list(lazy["scale"]) == ["t = Θ(1/m)", "t = Θ(1)", "t = Θ(m)"]
    assert list(mean_field["scale"]) == ["t = Θ(1)", "t = Θ(m)"]
    assert lazy.notna().all(axis=None) and mean_field.notna().all(axis=None)


def test_the_other_starts_scale_has_a_slider_of_its_own(control):
    page = opened()
    control(page.select_slider, "gamma0").set_value(0.2).run()
    assert not page.exception
    run = solve(Parameters(init="lazy", gamma0=0.2))
    assert any(number(key_figures(run).best_test_error) in value for value in words(page))
    assert any("γ₀ = 0.2" in value for value in words(page))


def test_from_a_lazy_link_the_mean_field_start_is_the_other_one(control):
    page = opened(init="lazy", gamma0=0.5)
    assert any("γ₀ = 0.5" in value for value in words(page))
    assert control(page.select_slider, "a0").value == 1.0


def test_the_other_starts_scale_travels_in_the_link(control):
    page = opened(init="lazy", a0=2.5)
    assert control(page.select_slider, "a0").value == 2.5
    assert page.query_params["a0"] in ("2.5", ["2.5"])
    control(page.select_slider, "a0").set_value(1.0).run()
    assert "a0" not in page.query_params
    for bad in ("minus", -3):
        page = opened(gamma0=bad)
        assert f"Ignored gamma0={bad}" in page.warning[0].value
        assert control(page.select_slider, "gamma0").value == 1.0


def test_the_theory_column_holds_the_limits_and_a_wide_run_meets_them():
    """m = 65536 from γ₀ = 0.5: 3 % covers the edges, where regimes meet at this width."""
    p = Parameters(init="lazy", gamma0=0.5, m=65536, alpha=0.5, t_max=65536.0)
    run, curves = solve(p), limits_of(solve(p))
    assert set(curves) == {"lazy-1", "lazy-2", "lazy-3"}
    for m in regime_measurements(run):
        end = {name: float(text.split(" → ")[1].replace("−", "-"))
               for name, text in curves[m.regime.key].items()}
        assert end["test"] == pytest.approx(m.test_error.end, rel=0.03)
        assert end["train"] == pytest.approx(m.train_error.end, abs=0.03 * m.test_error.end)
        assert end["second_layer"] == pytest.approx(m.gamma.end, rel=0.03)


def test_limits_stand_beside_every_regime_that_has_a_curve():
    page = opened(m=256)
    marked = [":red-background" in cell for cell in cards(page)]
    assert sum(marked) == 16 and not any(marked[-4:])  # all but mean-field-2


def test_displacements_are_fitted_powers_of_m():
    page = opened(init="lazy", gamma0=0.3)
    assert not page.table
    next(t for t in page.toggle if t.key == "fit powers").set_value(True).run()
    lazy, mean_field = (element.value for element in page.table)
    for table in (lazy, mean_field):
        for row in table["‖w − w(0)‖ ∝ m^"]:
            assert re.fullmatch(r"−?\d\.\d\d ± \d\.\d\d  \n(✓ agrees|○ not yet)", row)
    assert lazy.loc["t = Θ(1/m)", "‖w − w(0)‖ ∝ m^"].startswith("−0.50")
    assert mean_field.loc["t = Θ(1)", "|a − a(0)| ∝ m^"].startswith("0.00")


def test_moving_a_slider_moves_both_runs(control):
    page = opened()
    before = cards(page)
    control(page.select_slider, "tau").set_value(0.6).run()
    after = cards(page)
    assert len(before) == len(after)
    assert before[2] != after[2] and before[-1] != after[-1]


@pytest.mark.parametrize("query", [
    {"target": "noise"}, {"m": 2}, {"t_max": 0.001}, {"t_max": 1}, {"train_second_layer": 0},
    {"h": "0,0,0.5"}, {"h": "0,1"}, {"tau": 0}, {"phi": "0,-0.5,0.2"},
    {"activation": "erf", "target_function": "abs", "normalise": 1}, {"init": "lazy", "m": 1024},
])
def test_the_page_stands_at_the_edges(query):
    page = opened(**query)
    assert len(cards(page)) == (24 if query.get("target") == "noise" else 20)
    assert not any("nan" in value or "None" in value for value in words(page))


def test_a_run_above_the_threshold_says_that_the_third_regime_does_not_occur():
    captions = [c.value for c in opened(init="lazy", gamma0=1, m=1024, h="quadratic").caption]
    assert any("does not occur" in caption for caption in captions)
    captions = [c.value for c in opened(init="lazy", gamma0=0.1, m=1024).caption]
    assert not any("does not occur" in caption for caption in captions)


def test_a_run_that_stays_on_its_plateau_says_so():
    captions = [c.value for c in opened(m=1024, tau=0.6).caption]
    assert any("60.0 m this run has not interpolated" in caption for caption in captions)
    assert not any("has not interpolated" in c.value for c in opened().caption)


def test_learning_past_the_edge_of_its_regime_is_pointed_out():
    # γ₀ = 0.05: 95 % of the drop takes ln 20/(2Km) = 2.2, K = αγ₀²h'(0); the edge is 1/√(Km) = 1.2.
    captions = [c.value for c in opened(init="lazy", gamma0=0.05, m=1024).caption]
    assert any("past the edge" in caption for caption in captions)
    captions = [c.value for c in opened(init="lazy", gamma0=2, m=65536).caption]
    assert not any("past the edge" in caption for caption in captions)


def test_a_regime_that_the_run_did_not_see_is_marked():
    cells = cards(opened(t_max=1))
    assert any("not reached" in cell for cell in cells)
    assert not all("not reached" in cell for cell in cells)


def test_predictions_meet_wide_runs():
    runs = {"lazy": solve(Parameters(init="lazy", m=16384, t_max=1e3)),
            "mean-field": solve(Parameters(m=16384, t_max=1e3))}
    table = formulas(runs).dropna().set_index("Quantity")
    pairs = table[table.Run != "–"]
    assert len(pairs) >= 3
    for _, row in pairs.iterrows():
        # Corrections are of order 1/√m = 0.8 %, the runs' tolerance is 1 %.
        assert float(row.Run) == pytest.approx(float(row.Theory), rel=0.018)


LAZY_SQUARES = {"init": "lazy", "h": "quadratic", "gamma0": 0.3, "tau": 0.6, "m": 64}


def third_column(page: AppTest) -> list[str]:
    return [value for value in words(page) if "Unequal neurons: **" in value]


def test_unequal_neurons_have_their_entries_where_they_change_something():
    page = opened(**LAZY_SQUARES)
    said = third_column(page)
    assert ["Learning on both sides" in said[0], "Late overfitting" in said[1],
            "m ln(1/spread)" in said[2]] == [True] * 3
    assert not any(":violet-background" in value for value in words(page))
    assert not third_column(opened(target="noise", m=64))


def test_the_entries_of_unequal_neurons_are_marked_by_a_run_of_them_on_request():
    page = opened(**LAZY_SQUARES)
    assert not any("Neurons that differ" in value for value in words(page))
    page.toggle(key="measure unequal").set_value(True).run()
    assert not page.exception
    cells = [value for value in words(page) if ":violet-background" in value]
    assert len(cells) == 12 and all("✓" in c or "○" in c or "✗" in c or "–" in c for c in cells)
    assert any("identical neurons:" in value and "Neurons that differ" in value
               for value in words(page))


def test_with_unequal_neurons_in_the_sidebar_both_kinds_are_measured_unasked():
    page = opened(**LAZY_SQUARES, spread=0.2)
    assert "measure unequal" not in [toggle.key for toggle in page.toggle]
    assert sum(":violet-background" in value for value in words(page)) == 12
    assert len(cards(page)) == 20


def test_the_page_is_written_without_raw_html():
    assert "unsafe_allow_html" not in PAGE.read_text()
