"""The page without a server: its runs are the grid's, and what is kept of them is near enough."""

import base64
import gzip
import json

import numpy as np
import pytest

from dashboard.service import presets
from dashboard.service.server import PLOTLY
from engine import Parameters, solve
from scripts.page import pack
from scripts.page.build import held
from scripts.page.grid import Plan, word

EXAMPLE = presets.PRESETS_BY_NAME["Failure: too narrow"]


def unpacked(data: str) -> dict:
    return json.loads(gzip.decompress(base64.b64decode(data)))


def test_every_combination_and_every_example_has_one_run():
    plan = Plan()
    runs = plan.runs()
    count = np.prod([len(axis.choices) for axis in plan.axes])
    assert runs[:count] == list(plan.combinations()) and len(set(runs)) == len(runs)
    for example in presets.ALL:
        found = runs[plan.number(example)]
        assert (found.settings, found.pinned) == (example.settings, example.pinned)


def test_examples_are_told_apart_in_the_address():
    assert len({word(example) for example in presets.ALL}) == len(presets.ALL)


def test_the_page_opens_with_the_dashboards_own_run():
    plan = Plan()
    at = held(plan)["opening"]
    number = np.ravel_multi_index(at, [len(axis.choices) for axis in plan.axes])
    assert plan.runs()[number].settings.parameters == Parameters()


def test_what_the_page_says_of_its_curves_holds():
    wanted = Plan(examples=(EXAMPLE,)).runs()[-1]
    told = unpacked(pack.packed(wanted))
    run = solve(EXAMPLE.settings.parameters, EXAMPLE.settings.rtol)
    errors, moved, aligned = told["chart"]["panels"]
    columns = {"train": "train_error", "test": "test_error", "first layer":
               "first_layer_displacement", "second layer": "gamma_displacement",
               "γ = a/√m": "gamma", "alignment v": "v"}
    # What is said, a rounding to DIGITS, and what the explorer's own points leave out.
    near = pack.WITHIN + 0.5 * 10.0 ** (1 - pack.DIGITS) + 1e-3
    for panel in (errors, moved, aligned):
        for trace in panel["traces"]:
            t = np.geomspace(trace["x"][0], min(trace["x"][-1], run.t[-1]), 1000)
            read = pack.read_off(*map(np.array, (trace["x"], trace["y"])), t, log=panel["logY"])
            true = run.at(t)[columns[trace["name"]]].to_numpy()
            floor = panel["range"][0] if panel["logY"] else None
            assert pack.distance(read, true, floor).max() < near, trace["name"]
    assert "m = 8" in told["words"]["narrow"] and "--m 8" in told["words"]["command"]
    assert told["words"]["story"][0]["title"] == "Start"


def test_points_are_added_where_a_curve_bends():
    x = np.geomspace(1e-3, 1e3, 400)
    step = 1 + 1 / (1 + (x / 10) ** -40)
    kept = pack.places(x, step, None)
    assert len(kept) > pack.POINTS
    assert pack.distance(pack.read_off(x[kept], step[kept], x, log=False), step, None).max() \
        <= pack.WITHIN
    assert len(pack.places(x, np.sqrt(x), 1e-3)) == pack.POINTS, "a straight line needs no more"


@pytest.mark.parametrize("text", [r"γ\*", "γ*"])
def test_no_escape_of_markdown_is_left(text):
    assert pack.plain(text) == "γ*"


def test_the_whole_page_stays_below_8_MB():
    """From one run of identical neurons and one of groups, those of their kind being alike."""
    runs = Plan().runs()
    kinds = {True: [], False: []}
    for one in runs:
        kinds[one.settings.parameters.identical].append(one)
    size = {kind: len(pack.packed(each[0])) * len(each) for kind, each in kinds.items()}
    assert sum(size.values()) + PLOTLY.stat().st_size < 0.9 * 8e6
