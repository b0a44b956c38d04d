"""What the README shows runs as it stands there."""

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine import Trajectory
from engine.cli import main

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def test_the_python_examples_run(tmp_path):
    shown = [subprocess.run([sys.executable, "-c", example], cwd=tmp_path, check=True, text=True,
                            capture_output=True, env=os.environ | {"PYTHONPATH": str(ROOT)}).stdout
             for example in blocks("python")]
    assert shown[0].startswith("best to stop at t = ")
    assert Trajectory.load(tmp_path / "run.csv").status.complete


def test_the_commands_run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines = "\n".join(blocks("sh")).replace("\\\n", " ").splitlines()
    commands = [words[3:] for words in map(shlex.split, lines) if words[1:3] == ["-m", "engine"]]
    assert commands
    for arguments in commands:
        result = CliRunner().invoke(main, arguments)
        assert result.exit_code == 0, result.output


@pytest.mark.parametrize("path", sorted(set(re.findall(r"`((?:\w+/)+[\w./]*)`", README))))
def test_what_it_names_exists(path):
    """Or is made by the Makefile."""
    assert (ROOT / path).exists() or path in (ROOT / "Makefile").read_text()


@pytest.mark.parametrize("module", sorted(set(re.findall(r"python -m (bench\.\w+)", README))))
def test_the_benchmarks_it_names_exist(module):
    assert (ROOT / module.replace(".", "/")).with_suffix(".py").exists()
