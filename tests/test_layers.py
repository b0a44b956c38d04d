"""Which room may import which: service < components < pages, words beside the service.

    engine                 no interface
    dashboard/service      the engine
    dashboard/words        records and closed forms of the engine: words solve nothing
    dashboard/components   engine, service, words
    pages/NAME             all of these and its own folder, never another page
    scripts/page           what the explorer shows, as a file
"""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
INTERFACES = ("streamlit", "plotly", "dashboard", "pages", "app")
RECORDS = (
    "engine.TABLE", "engine.Parameters", "engine.Status", "engine.Trajectory",
    "engine.activations.FUNCTIONS", "engine.directions.Terms", "engine.fields",
    "engine.parameters", "engine.regimes",
    "engine.results",
    "engine.limits.levels", "engine.limits.LimitError", "engine.limits.predicted_locking_width",
    "engine.limits.plateau_rate",
    "engine.limits.checks.displacement.Scaling",
)
"""What words may read of the engine."""
PAGES = sorted(path.parent.name for path in ROOT.glob("pages/*/page.py"))
MAY_IMPORT = {
    "engine": ("engine",),
    "dashboard/service": ("engine", "dashboard.service"),
    "dashboard/words": (*RECORDS, "dashboard.words"),
    "dashboard/components": ("engine", "dashboard.service", "dashboard.words",
                             "dashboard.components"),
    **{f"pages/{name}": ("engine", "dashboard", f"pages.{name}") for name in PAGES},
    "scripts/page": ("engine", "dashboard", "pages.explorer"),
}
"""By room: the parts of the project that it may import."""


def imported(source: str) -> Iterator[str]:
    """The dotted names that Python code imports, such as `engine.limits.levels.levels`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, "imports are absolute here"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def within(name: str, parts: tuple[str, ...]) -> bool:
    return any(name == part or name.startswith(f"{part}.") for part in parts)


def forbidden(room: str, source: str) -> list[str]:
    """What the code of a room imports and must not."""
    ours = [name for name in imported(source) if within(name, (*INTERFACES[2:], "engine"))]
    wrong = [name for name in ours if not within(name, MAY_IMPORT[room])]
    if room in ("engine", "dashboard/words"):
        wrong += [name for name in imported(source) if within(name, INTERFACES[:2])]
    return wrong


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_no_room_imports_upwards(room):
    files = sorted((ROOT / room).rglob("*.py"))
    assert files
    assert {str(path.relative_to(ROOT)): wrong for path in files
            if (wrong := forbidden(room, path.read_text()))} == {}


@pytest.mark.parametrize(("room", "line"), [
    ("engine", "import streamlit as st"),
    ("engine", "from dashboard.words import number"),
    ("dashboard/service", "from dashboard.words import number"),
    ("dashboard/words", "import streamlit"),
    ("dashboard/words", "from engine import solve"),
    ("dashboard/words", "from engine.limits import gamma_threshold"),
    ("dashboard/components", "from pages.explorer import pins"),
    ("pages/theory", "from pages.explorer import pins"),
    ("scripts/page", "from pages.lecture import stage"),
])
def test_an_import_against_the_rules_is_found(room, line):
    assert forbidden(room, line)


def test_every_file_of_the_interface_stands_in_a_room():
    loose = {path.relative_to(ROOT) for folder in ("dashboard", "pages")
             for path in (ROOT / folder).glob("*.py")}
    assert loose == {Path("dashboard/__init__.py"), Path("dashboard/__main__.py"),
                     Path("pages/__init__.py")}


def test_words_are_made_without_an_interface():
    names = ", ".join(f"dashboard.words.{path.stem}"
                      for path in (ROOT / "dashboard/words").glob("[!_]*.py"))
    code = f"import sys, {names}; print(sorted({{'streamlit', 'plotly'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True,
                          check=True)
    assert done.stdout.strip() == "[]"
