"""The file: page.html with styles, scripts, runs, and what made them."""

import json
import subprocess
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from string import Template
from typing import Any

from dashboard.components.chart import component
from dashboard.service.presets import GROUPS
from dashboard.service.server import PLOTLY
from dashboard.words import BIBTEX
from engine import Parameters
from engine.results.files import software_versions
from scripts.page import pack
from scripts.page.grid import Axis, Plan, word

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
COMMAND = "make page"


def html(plan: Plan, jobs: int = 1, tell: Callable[[int, int], None] = lambda done, of: None
         ) -> str:
    """The whole file.  `tell` is called with the number of runs that are done, and of all."""
    runs = plan.runs()
    data = []
    for one in _each(pack.packed, runs, jobs):
        data.append(one)
        tell(len(data), len(runs))
    return Template((HERE / "page.html").read_text()).substitute(
        styles=component.styles() + (HERE / "page.css").read_text(),
        plotly=_script(PLOTLY.read_text()), held=_json(held(plan) | {"runs": data}),
        chart=component.markup(),
        script=_script(component.script() + (HERE / "page.js").read_text()))


def _each(function: Callable[..., Any], arguments: list[Any], jobs: int) -> Any:
    if jobs == 1:
        return map(function, arguments)
    # A fork of a process with numba's threads may hang.
    return ProcessPoolExecutor(jobs, mp_context=get_context("spawn")).map(function, arguments)


def held(plan: Plan) -> dict[str, Any]:
    """What page.js chooses from, and what is said of all runs."""
    return {
        "axes": [{"label": axis.label, "help": axis.help, "ordered": axis.ordered,
                  "choices": [{"label": c.label, "words": c.words()} for c in axis.choices]}
                 for axis in plan.axes],
        "opening": [_usual(axis) for axis in plan.axes],
        "examples": [{"word": word(example), "name": example.name, "why": example.why,
                      "group": group, "number": plan.number(example)}
                     for group, examples in GROUPS.items() for example in examples
                     if example in plan.examples],
        "provenance": provenance(plan), "citation": BIBTEX,
    }


def _usual(axis: Axis) -> int:
    """The choice that the dashboard opens with, or the first."""
    usual = Parameters()
    fits = (all(getattr(usual, name) == x for name, x in choice.settings.items())
            for choice in axis.choices)
    return next((i for i, good in enumerate(fits) if good), 0)


def provenance(plan: Plan) -> list[str]:
    """Sentences: which runs, from what, and how well they are kept."""
    runs, versions = len(plan.runs()), software_versions()
    return [
        f"{runs} runs, computed beforehand; nothing is computed in this page, and no slider stops"
        " between the values for which there is a run.",
        f"Solved with relative tolerance {plan.rtol:g} where the example does not say otherwise,"
        f" at commit {commit()}, with "
        + ", ".join(f"{name} {version}" for name, version in versions.items())
        + f", by “{COMMAND}”.",
        f"A curve is kept at {pack.POINTS} times evenly spread in log t, and more where it bends,"
        f" with {pack.DIGITS} digits: read off between them it is within"
        f" {pack.WITHIN:.1%} of the dashboard's own curve (train and test error; of its largest"
        f" value for other curves). Neurons on the sphere are kept at {pack.MOMENTS} times.",
    ]


def commit() -> str:
    """Of the project, marked if files have changed since; "unknown" outside a repository."""
    done = subprocess.run(["git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"],
                          cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def _json(content: dict[str, Any]) -> str:
    """In an element of the page: no text of it ends the element."""
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace("<", r"\u003c")


def _script(text: str) -> str:
    if "</script" in text.lower():
        raise ValueError("a script must not hold its own end tag")
    return text
