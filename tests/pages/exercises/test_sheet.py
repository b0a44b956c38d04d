"""A score sheet is judged by solving it again, whatever its owner has made of it."""

import json
import subprocess
import sys

import pytest

from dashboard.service import links
from dashboard.service.links import Settings
from engine import Parameters, solve
from pages.exercises.questions import TASKS, questions
from pages.exercises.sheet import SheetError, grade, sheet

SMALL = Settings(Parameters(m=64))


def answers(settings=SMALL) -> dict[str, float]:
    return {q.key: q.value for q in questions(solve(settings.parameters, settings.rtol))}


def handed_in(**changes):
    given = {"name": "Ada", "settings": SMALL, "answers": answers(),
             "tasks": {"above": Settings(Parameters(init="lazy"))}} | changes
    return json.loads(json.dumps(sheet(**given)))


def test_right_answers_and_a_task_that_was_done_count():
    found = grade(handed_in())
    assert found.name == "Ada" and found.points == len(answers()) + 1
    assert [key for key, right in found.right.items() if not right] == [
        task.key for task in TASKS if task.key != "above"]


def test_wrong_answers_and_settings_that_do_not_do_a_task_do_not():
    wrong = {key: 3 * value for key, value in answers().items()}
    assert grade(handed_in(answers=wrong, tasks={"above": SMALL})).points == 0
    assert grade(handed_in(answers={}, tasks={})).points == 0


def test_a_sheet_holds_no_marks_that_could_be_made_better():
    assert set(handed_in()) == {"score sheet", "name", "run", "answers", "tasks", "versions"}


def test_half_the_width_is_asked_about_where_it_was_answered():
    assert "width" not in grade(handed_in()).right
    assert not grade(handed_in(answers=answers() | {"width": 50.0})).right["width"]


@pytest.mark.parametrize("broken", [{}, {"score sheet": 7}, {"score sheet": 1, "run": 3}, [1]])
def test_another_file_is_refused_with_a_reason(broken):
    with pytest.raises(SheetError):
        grade(broken)


def test_the_command_prints_a_line_for_each_sheet_and_names_what_is_none(tmp_path):
    good, bad = tmp_path / "ada.json", tmp_path / "bad.json"
    good.write_text(json.dumps(handed_in()))
    bad.write_text("[]")
    done = subprocess.run([sys.executable, "-m", "pages.exercises.sheet", good, bad],
                          capture_output=True, text=True)
    assert done.returncode == 2 and "bad.json" in done.stderr
    lines = done.stdout.splitlines()
    assert len(lines) == 2 and lines[1].startswith(f"ada.json,Ada,{len(answers()) + 1},")


def test_every_task_has_its_word_in_a_link():
    assert [task.key for task in TASKS] == list(links.TASKS)
    assert all(task.word in links.WORDS for task in TASKS)
