"""The script: nothing is told before it is asked, answers are those of the runs."""

import json
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.service.links import SHEETS
from engine import solve
from pages.lecture import share
from pages.lecture.scenes import SCENES
from pages.lecture.stage import LAST, Place, bands, panel, place

PAGE = Path(__file__).parents[3] / "pages" / "lecture" / "page.py"
RIGHT = ("It falls", "It stays", "It rises", "Higher", "Yes, but not before t is of order m",
         "Later", "Lower", "Higher by more than 5 %")
"""What the paper, and our findings for unequal neurons and real networks, lead to expect."""


def opened(**query) -> AppTest:
    page = AppTest.from_file(str(PAGE), default_timeout=120)
    for name, value in query.items():
        page.query_params[name] = str(value)
    page.run()
    assert not page.exception
    return page


@pytest.fixture(scope="module")
def pairs():
    """The runs of every scene."""
    def solved(settings):
        return settings and solve(settings.parameters, settings.rtol)

    return [(scene.stored() if scene.stored else solved(scene.settings), solved(scene.other))
            for scene in SCENES]


@pytest.fixture
def bare(monkeypatch):
    """No visitor has drawn anything."""
    monkeypatch.setattr("pages.lecture.stage.visitor.get", lambda name: {})


def test_eight_scenes_take_45_minutes():
    assert len(SCENES) == len(RIGHT) == 8 and sum(scene.minutes for scene in SCENES) == 45


def test_every_answer_is_what_the_runs_say(pairs):
    assert tuple(scene.choices[scene.answer(pair)]
                 for scene, pair in zip(SCENES, pairs, strict=True)) == RIGHT


def test_every_sentence_is_made_of_numbers_that_exist(pairs):
    for scene, pair in zip(SCENES, pairs, strict=True):
        said = scene.says(pair)
        assert not any(bad in said for bad in ("nan", "inf", "–", "None")), said


def test_the_question_shows_nothing_of_what_is_asked_for(pairs, bare):
    for number, (scene, pair) in enumerate(zip(SCENES, pairs, strict=True)):
        low, high = scene.stretch(pair[0])
        asked = panel(Place(number, False), pair)
        for trace in asked.traces:
            known = trace.name.endswith(" A") or np.max(trace.x) <= low * (1 + 1e-9)
            assert known, (scene.title, trace.name)
        assert len(bands(Place(number, False), pair[0])) in (0, number)
        told = panel(Place(number, True), pair)
        own = next(t for t in told.traces if t.name in ("test", "test B"))
        assert np.max(own.x) == pytest.approx(min(high, pair[0].parameters.t_max), rel=0.01)


def test_the_axes_do_not_move_when_the_answer_comes(pairs, bare):
    for number, pair in enumerate(pairs):
        asked, told = (panel(Place(number, answered), pair) for answered in (False, True))
        assert asked.y_range == told.y_range


def test_steps_go_from_question_to_answer_to_the_next_scene():
    assert [place(step) for step in (1, 2, 3)] == [Place(0, False), Place(0, True),
                                                   Place(1, False)]
    assert place(LAST) is None


def test_a_guess_is_kept_and_judged():
    page = opened(scene=5)
    assert page.title[0].value == SCENES[2].question
    page.radio[0].set_value("It stays").run()
    next(b for b in page.button if b.label == "Reveal").click().run()
    assert not page.exception and page.title[0].value == SCENES[2].title
    assert any("You thought: It stays" in text.value for text in page.markdown)
    assert page.query_params["scene"] == "6" and page.query_params["chosen"] == "2~1"


@pytest.mark.parametrize("step", [1, 4, 8, 14, 16, LAST, 99])
def test_every_kind_of_step_can_be_opened_by_its_link(step):
    assert opened(scene=step).title


@pytest.mark.parametrize("kind", SHEETS)
def test_a_sheet_has_every_scene_with_its_answer(kind):
    page = opened(scene=3, sheet=kind)
    assert [s.value.partition(" (")[0] for s in page.subheader] == [
        f"{n}. {scene.title}" for n, scene in enumerate(SCENES, 1)]
    charts = [json.loads(c.proto.bytes) for c in page.get("bidi_component") if c.proto.bytes]
    assert len(charts) == (len(SCENES) if kind == "handout" else 0)
    said = " ".join(text.value for text in page.markdown)
    assert all(scene.notes in said for scene in SCENES) == (kind == "notes")


def test_the_qr_code_is_one_drawing_that_grows_with_the_address():
    short, long = share.code("http://localhost:8501/"), share.code("http://x.org/" + 200 * "a")
    assert short.startswith("<svg") and len(long) > len(short)
