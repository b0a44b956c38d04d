"""What the documentation shows runs, and what it names exists."""

import ast
import doctest
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PAGES = sorted((ROOT / "docs").rglob("*.md"))
TEXTS = {str(path.relative_to(ROOT)): path.read_text() for path in
         [*PAGES, ROOT / "CONTRIBUTING.md"]}


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "api").glob("*.md")),
                         ids=lambda path: path.stem)
def test_the_example_of_an_api_page_runs(page):
    failed, tried = doctest.testfile(str(page), module_relative=False, encoding="utf-8")
    assert tried
    assert not failed


@pytest.mark.parametrize("name", TEXTS)
def test_files_and_functions_that_it_names_exist(name):
    for path, function in re.findall(r"`((?:\w+/)+[\w.]*)(?:::(\w+))?`", TEXTS[name]):
        if "NAME" in path:
            continue
        assert (ROOT / path).exists(), path
        if function:
            defined = {node.name for node in ast.walk(ast.parse((ROOT / path).read_text()))
                       if isinstance(node, ast.FunctionDef | ast.ClassDef)}
            assert function in defined, f"{path}::{function}"
