"""The description of a chart that goes to the browser, and what a run draws."""

import json
import math
from itertools import pairwise

import numpy as np
import pytest

from dashboard.components.chart import Axis, Band, Line, Panel, Trace, describe
from dashboard.components.curves import regime_bands, run_panels, time_axis
from engine import Parameters, Status, solve
from engine.monitor import Monitor


@pytest.fixture(scope="module")
def run():
    return solve(Parameters())


def test_a_log_axis_drops_t_zero_and_leaves_gaps_where_it_cannot_draw():
    trace = Trace("e", [0.0, 1.0, 2.0, 3.0], [1.0, 0.0, math.nan, 5.0])
    drawn = describe([Panel("p", "y", [trace], log_y=True)])["panels"][0]["traces"][0]
    assert drawn["x"] == [1.0, 2.0, 3.0]
    assert drawn["y"] == [None, None, 5.0]


def test_the_description_is_strict_json_whatever_the_numbers():
    trace = Trace("e", [1.0, 2.0], [math.inf, -1.0], band=([math.nan, 0], [1, 2]), error=[1, 2])
    panel = Panel("p", "y", [trace], lines=[Line(1.0, "one"), Line(None, "here", x=1.5)])
    text = json.dumps(describe([panel], [Band(0.0, math.inf, "all")]), allow_nan=False)
    assert json.loads(text)["bands"] == [
        {"low": 1.0, "high": 2.0, "label": "all", "colour": None}]


def test_bands_outside_the_axis_are_left_out_and_the_others_clipped():
    bands = [Band(0, 1, "early"), Band(1, 50, "now"), Band(1e3, math.inf, "late")]
    described = describe([], bands, Axis(range=(2.0, 100.0)))["bands"]
    assert described == [{"low": 2.0, "high": 50, "label": "now", "colour": None}]


def test_the_panels_draw_the_run_itself_with_its_levels(run):
    errors, moved, complexity = run_panels(run)
    train, test = errors.traces
    # Smoothed curves pass through the solver's nodes to the accuracy of the interpolation.
    for trace, nodes in ((train, run.train_error), (test, run.test_error)):
        inside = (run.t > 0.1) & (nodes > 1e-4)
        drawn = np.interp(np.log(run.t[inside]), np.log(trace.x), trace.y)
        np.testing.assert_allclose(drawn, nodes[inside], rtol=2e-2)
    assert {line.y for line in errors.lines} == {run.parameters.bayes_error,
                                                 run.parameters.null_error}
    assert [t.name.split()[0] for t in moved.traces] == ["first", "second"]
    assert complexity.traces[0].y.iloc[-1] == pytest.approx(run.gamma[-1])
    assert f"{run.test_error[-1]:.3g}" in errors.alt


def test_after_interpolation_the_last_values_hold_to_the_horizon(run):
    test = run_panels(run)[0].traces[1]
    assert test.x.iloc[-1] == pytest.approx(run.parameters.t_max)
    # The interpolation through the last node rounds.
    assert test.y.iloc[-1] == pytest.approx(run.test_error[-1], rel=1e-12)


def test_two_runs_are_told_apart_by_colour_and_quantities_by_dash(run):
    other = solve(Parameters(tau=0.5))
    traces = run_panels(run, other)[0].traces
    assert [t.name for t in traces] == ["train A", "test A", "train B", "test B"]
    for quantity in (traces[::2], traces[1::2]):
        assert len({t.dash for t in quantity}) == 1
    for one in (traces[:2], traces[2:]):
        assert len({t.colour for t in one}) == 1
    assert len({(t.colour, t.dash) for t in traces}) == 4
    low, high = time_axis(run, other).range
    assert low < 1 < high == 7680


def test_regimes_cover_the_whole_axis_without_overlap(run):
    for p in (run.parameters, Parameters(init="lazy"), Parameters(target="noise")):
        bands = regime_bands(solve(p.replace(t_max=1.0)))
        assert bands[0].low == 0 and bands[-1].high == math.inf
        assert all(a.high == b.low for a, b in pairwise(bands))


def test_a_run_cut_off_at_its_start_can_still_be_drawn():
    cut = solve(Parameters(), monitor=Monitor(cancel=lambda: True))
    described = describe(run_panels(cut), regime_bands(cut), time_axis(cut))
    assert all(math.isfinite(x) and x > 0 for x in described["axis"]["range"])


def test_an_interpolated_run_is_drawn_to_its_horizon_with_its_last_values():
    run = solve(Parameters(init="lazy", gamma0=1.0, m=1024))
    assert run.status is Status.INTERPOLATED and run.t[-1] < run.parameters.t_max
    drawn = run_panels(run)[0].traces[1]
    assert drawn.x.iloc[-1] == pytest.approx(run.parameters.t_max)
    assert drawn.y.iloc[-1] == pytest.approx(run.test_error[-1], rel=1e-12)
