"""Words are made from runs that are there: nothing in the package draws or solves."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import dashboard.words

MODULES = sorted(Path(dashboard.words.__file__).parent.glob("*.py"))


def test_words_are_made_without_an_interface():
    names = ", ".join(f"dashboard.words.{path.stem}" for path in MODULES if path.stem[0] != "_")
    code = f"import sys, {names}; print(sorted({{'streamlit', 'plotly'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.stem)
def test_words_solve_nothing(path):
    imported = {name.name for node in ast.walk(ast.parse(path.read_text()))
                if isinstance(node, ast.ImportFrom) for name in node.names}
    assert not imported & {"solve", "limit", "gamma_threshold", "alpha_threshold", "locking_width"}
