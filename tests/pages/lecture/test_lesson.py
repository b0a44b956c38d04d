"""Predict, then reveal: nothing of the future is shown, and guesses are judged by the run."""

import json
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.components.curves import run_panels
from dashboard.service.presets import ALL
from engine import Parameters, solve
from engine.results.keyfigures import Span, reached
from pages.lecture.drawing import DIGITS, Drawing, read
from pages.lecture.lesson import CHANGES, change, cut, drawn, error_range, sketches, stretch

PAGE = Path(__file__).parents[3] / "pages" / "lecture" / "page.py"
PAIR = {"m": "64", "spread": "0.1", "groups": "4", "pinned": "m~64"}


def shown(seen: int, **query) -> tuple[AppTest, dict[str, list[float]]]:
    """The page after so many regimes, and the times of each curve in its chart."""
    page = AppTest.from_file(str(PAGE), default_timeout=120)
    for name, value in (query | {"seen": str(seen)}).items():
        page.query_params[name] = value
    page.run()
    assert not page.exception
    chart = json.loads(next(c.proto.bytes for c in page.get("bidi_component") if c.proto.bytes))
    return page, {trace["name"]: trace["x"] for trace in chart["panels"][0]["traces"]}


def test_a_pinned_run_is_uncovered_along_with_the_one_in_question():
    for seen in (0, 1, 2):
        page, curves = shown(seen, **PAIR)
        assert ("test A" in curves) == ("test B" in curves) == (seen > 0)
        assert any("A: identical neurons" in text.value for text in page.markdown)
        if seen == 1:
            assert curves["test A"][-1] == pytest.approx(curves["test B"][-1])
    said = " ".join(text.value for text in page.markdown)
    assert curves["test A"][-1] == pytest.approx(60 * 64)
    assert "general DMFT" in said and "Identical neurons (SymmDMFT) end" in said


def test_a_change_is_named_by_its_sign_unless_it_is_small():
    assert change(Span(1.0, 0.5)) == "falls"
    assert change(Span(1.0, 1.5)) == "rises"
    assert change(Span(1.0, 0.95)) == change(Span(1.0, 1.05)) == "stays"


def test_the_headline_run_falls_then_parts():
    first, second = reached(solve(Parameters()))
    assert change(first.train_error) == change(first.test_error) == "falls"
    assert change(second.train_error) == "falls" and change(second.test_error) == "rises"


def test_a_cut_run_ends_where_it_is_cut_and_agrees_before():
    run = solve(Parameters())
    part = cut(run, 11.3)
    assert part.t[-1] == pytest.approx(11.3)
    assert np.array_equal(part.test_error[:-1], run.test_error[: len(part) - 1])
    assert part.test_error[-1] == pytest.approx(float(run.at([11.3])["test_error"].iloc[0]))
    assert cut(run, run.t[-1]) is run


@pytest.mark.parametrize("preset", ALL, ids=lambda preset: preset.name)
def test_nothing_is_drawn_beyond_the_cut(preset):
    run = solve(preset.settings.parameters, preset.settings.rtol)
    for m in reached(run):
        if m.time.end < run.t[-1]:
            shown = cut(run, m.time.end)
            assert all(max(trace.x) <= m.time.end * (1 + 1e-9)
                       for panel in run_panels(shown) for trace in panel.traces)


def test_the_sketches_begin_at_the_present_error_and_do_not_tell_the_outcome():
    run = solve(Parameters())
    first, second = reached(run)
    for m in (first, second):
        for trace, factor in zip(sketches(run, m), CHANGES.values(), strict=True):
            assert trace.y[0] == pytest.approx(m.test_error.start)
            assert trace.y[-1] == pytest.approx(factor * m.test_error.start)


@pytest.mark.parametrize("preset", ALL, ids=lambda preset: preset.name)
def test_every_sketch_lies_within_the_axis_of_errors(preset):
    run = solve(preset.settings.parameters, preset.settings.rtol)
    _, high = error_range(run)
    for m in reached(run):
        assert all(trace.y.max() < 0.9 * high for trace in sketches(run, m))


def _curve(points, start, end):
    return Drawing.of(read(points, start, end))


def test_drawn_lines_of_one_error_are_one_curve_with_a_gap_between_regimes():
    run = solve(Parameters())
    first, second = (stretch(run, m) for m in reached(run))
    assert first[1] <= second[0]
    lines = {(1, "test_error"): _curve([[second[0], 0.1], [second[1], 0.2]], *second),
             (0, "test_error"): _curve([[first[0], 0.5], [first[1], 0.1]], *first)}
    (trace,) = drawn(lines)
    assert trace.name == "your test error" and np.all(np.diff(trace.x) >= 0)
    assert trace.x[[0, -1]] == pytest.approx([first[0], second[1]], rel=10.0**(1 - DIGITS))
    assert np.isnan(trace.y).sum() == 2
