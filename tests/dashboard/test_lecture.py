"""Predict, then reveal: nothing of the future is shown, and guesses are judged by the run."""

import numpy as np
import pytest

from dashboard.lecture import CHANGES, change, cut, sketches
from engine import Parameters, solve
from engine.keyfigures import Span, regime_measurements


def test_a_change_is_named_by_its_sign_unless_it_is_small():
    assert change(Span(1.0, 0.5)) == "falls"
    assert change(Span(1.0, 1.5)) == "rises"
    assert change(Span(1.0, 0.95)) == change(Span(1.0, 1.05)) == "stays"


def test_the_headline_run_falls_then_parts():
    first, second = regime_measurements(solve(Parameters()))
    assert change(first.train_error) == change(first.test_error) == "falls"
    assert change(second.train_error) == "falls" and change(second.test_error) == "rises"


def test_a_cut_run_ends_where_it_is_cut_and_agrees_before():
    run = solve(Parameters())
    part = cut(run, 11.3)
    assert part.t[-1] == pytest.approx(11.3)
    assert np.array_equal(part.test_error[:-1], run.test_error[: len(part) - 1])
    assert part.test_error[-1] == pytest.approx(float(run.at([11.3])["test_error"].iloc[0]))
    assert cut(run, run.t[-1]) is run


def test_the_sketches_begin_at_the_present_error_and_do_not_tell_the_outcome():
    run = solve(Parameters())
    first, second = regime_measurements(run)
    for m in (first, second):
        for trace, factor in zip(sketches(run, m), CHANGES.values(), strict=True):
            assert trace.y[0] == pytest.approx(m.test_error.start)
            assert trace.y[-1] == pytest.approx(factor * m.test_error.start)
