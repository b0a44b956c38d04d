"""The score sheet: what a student hands in, and how the lecturer checks it without the dashboard.

    python -m pages.exercises.sheet *.json        # a line for each sheet, as CSV

A sheet holds settings and answers, no marks: whoever checks it solves the same runs again.
"""

import csv
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dashboard.service.links import Settings
from engine import Parameters, solve
from engine.results.files import software_versions
from pages.exercises.questions import TASKS, halved, questions, width_question

FORMAT = 1
WIDTH = "width"
"""The question that needs a second run."""


class SheetError(ValueError):
    """A file is no score sheet; says what is wrong with it."""


@dataclass(frozen=True)
class Grade:
    """What a sheet comes to: by question and task, whether it is right."""

    name: str
    right: dict[str, bool]

    @property
    def points(self) -> int:
        return sum(self.right.values())


def sheet(name: str, settings: Settings, answers: Mapping[str, float],
          tasks: Mapping[str, Settings | None]) -> dict[str, Any]:
    """What is handed in, in plain JSON types."""
    return {"score sheet": FORMAT, "name": name, "run": _plain(settings), "answers": dict(answers),
            "tasks": {key: _plain(done) for key, done in tasks.items() if done},
            "versions": software_versions()}


def grade(data: Mapping[str, Any]) -> Grade:
    """Solve what a sheet says and judge it.  Raises SheetError.

    Asked are the questions that its run allows, the one on half the width if it was answered, and
    all tasks.  Cost: one solve for the run and each task.
    """
    try:
        if data["score sheet"] != FORMAT:
            raise SheetError(f"format {data['score sheet']!r} is not {FORMAT}")
        settings, answers = _settings(data["run"]), data["answers"]
        run = solve(settings.parameters, settings.rtol)
        asked = questions(run)
        if WIDTH in answers:
            narrower = solve(halved(settings.parameters), settings.rtol)
            asked = [*asked, *filter(None, [width_question(run, narrower)])]
        right = {q.key: q.key in answers and q.right(float(answers[q.key])) for q in asked}
        for task in TASKS:
            done = data["tasks"].get(task.key)
            right[task.key] = done is not None and task.done(_solved(done))
        return Grade(str(data["name"]), right)
    except KeyError as error:
        raise SheetError(f"{error} is missing") from None
    except (TypeError, AttributeError, ValueError) as error:
        raise SheetError(f"not a score sheet: {error}") from None


def _plain(settings: Settings) -> dict[str, Any]:
    return {"parameters": settings.parameters.as_dict(), "rtol": settings.rtol}


def _settings(data: Mapping[str, Any]) -> Settings:
    return Settings(Parameters.from_dict(data["parameters"]), float(data["rtol"]))


def _solved(data: Mapping[str, Any]):
    settings = _settings(data)
    return solve(settings.parameters, settings.rtol)


def main() -> int:
    """Grade the files named on the command line; 2 if one of them is no sheet."""
    table, failed = csv.writer(sys.stdout), 0
    table.writerow(["file", "name", "points", "of", "wrong or missing"])
    for path in map(Path, sys.argv[1:]):
        try:
            marks = grade(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError) as error:
            print(f"{path}: {error}", file=sys.stderr)
            failed = 2
            continue
        wrong = [key for key, right in marks.right.items() if not right]
        table.writerow([path.name, marks.name, marks.points, len(marks.right), " ".join(wrong)])
    return failed


if __name__ == "__main__":
    sys.exit(main())
