"""Five runs along one parameter: which values, what is drawn, what the link keeps."""


import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashboard.service.links import ROWS, SWEPT
from engine import Parameters, solve
from pages.explorer.sweep import COUNT, WHY_NOT, offered, values
from tests.pages.explorer.test_page import chart, curve, kept, opened


@given(st.sampled_from(sorted(set(SWEPT) - {"a0", "gamma0"})), st.floats(0.0, 1.0))
def test_values_are_five_within_bounds_with_the_present_one(name, place):
    row = ROWS[name]
    now = row.low * (row.high / row.low) ** place if row.low else row.low + place * row.high
    p = Parameters(**{name: round(now) if row.kind == "integer" else now})
    found = values(p, name)
    assert len(found) == COUNT and found == sorted(set(found)) and getattr(p, name) in found
    assert all(row.low <= value <= row.high for value in found)


@pytest.mark.parametrize(("name", "now", "expected"), [
    ("m", 128, [8, 32, 128, 512, 2048]), ("tau", 0.3, [0.1, 0.2, 0.3, 0.4, 0.5]),
    ("tau", 0.0, [0.0, 0.1, 0.2, 0.3, 0.4]), ("a0", 10.0, [0.625, 1.25, 2.5, 5.0, 10.0]),
    ("weight_decay", 0.0, [0.0, 0.1, 0.3, 0.9, 2.7]),
    ("spread", 0.1, [0.0111, 0.0333, 0.1, 0.3])])
def test_values_stand_around_the_present_one(name, now, expected):
    assert values(Parameters(**{name: now}), name)[-len(expected):] == expected


def test_what_settings_have_no_room_for_is_not_offered():
    assert "weight_decay" not in offered(Parameters(train_second_layer=False))
    assert "spread" not in offered(Parameters(start_d=200))
    assert "gamma0" in offered(Parameters(init="lazy"))


@pytest.mark.parametrize("query", [{"sweep": "spread", "start_d": "200"},
                                   {"sweep": "weight_decay", "train_second_layer": "0"}])
def test_a_sweep_that_cannot_be_says_why(query):
    app = opened(m="8", t_max="40", **query)
    (said,) = (box.value for box in app.info if "No sweep" in box.value)
    assert WHY_NOT[query["sweep"]] in said and "sweep" in app.query_params


def test_a_sweep_draws_five_runs_and_ends_where_it_began():
    app = opened(m="32", t_max="320", sweep="tau", pinned="m~16")
    drawn = chart(app)
    assert [run["label"] for run in drawn["runs"]] == [
        "τ = 0.1", "τ = 0.2", "τ = 0.3 (broad)", "τ = 0.4", "τ = 0.5"]
    assert drawn["headline"].startswith("τ = 0.1 to 0.5: ")
    for tau in (0.1, 0.5):
        run = solve(Parameters(m=32, t_max=320.0, tau=tau))
        assert curve(app, f"test, τ = {tau:g}")[-1] == pytest.approx(run.test_error[-1], rel=1e-6)
    chips = [trace["name"] for trace in drawn["panels"][0]["traces"] if trace["chip"]]
    assert chips == ["train, τ = 0.3", "test, τ = 0.3"]
    assert "pinned" not in drawn["live"]["query"], "nothing else follows a slider"
    app.button(key="end sweep").click().run()
    assert not app.exception and "sweep" not in app.query_params
    assert curve(app, "test A") and curve(app, "test B"), "the pinned run is back"


def test_a_sweep_of_the_width_keeps_the_horizon_in_its_units():
    app = opened(m="32", t_max="320", sweep="m")
    for m in (2, 8, 32, 128, 512):
        run = solve(Parameters(m=m, t_max=10.0 * m))
        assert curve(app, f"test, m = {m}")[-1] == pytest.approx(run.test_error[-1], rel=1e-6)


def test_the_scale_of_the_start_goes_by_its_name_and_what_is_not_offered_is_not_swept(control):
    app = opened(m="32", t_max="320", sweep="gamma0")
    assert curve(app, "test, a₀ = 2")
    app = opened(m="32", t_max="320", sweep="weight_decay", train_second_layer="0")
    assert curve(app, "test") and app.button(key="end sweep")
    control(app.sidebar.select_slider, "tau").set_value(0.5).run()
    assert kept(app).parameters.tau == 0.5 and app.query_params["sweep"]


def test_pinning_ends_a_sweep():
    app = opened(m="32", t_max="320", sweep="tau")
    app.button(key="pin").click().run()
    assert "sweep" not in app.query_params and "pinned" in app.query_params
