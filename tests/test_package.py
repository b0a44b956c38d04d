"""The wheel works by itself, from any folder."""

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

import engine

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> Path:
    """What pip would put beside the other packages."""
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps",
                    "--no-build-isolation", "--wheel-dir", folder, ROOT], check=True)
    wheel, = folder.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(folder / "site")
    return folder / "site"


def python(installed: Path, folder: Path, *arguments: str) -> str:
    """Output of a Python that knows the package from the wheel alone."""
    environment = os.environ | {"PYTHONPATH": str(installed)}
    return subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, check=True,
                          capture_output=True, text=True).stdout


def test_the_command_line_works_from_anywhere(installed, tmp_path):
    assert engine.__version__ in python(installed, tmp_path, "-m", "engine", "--version")
    assert python(installed, tmp_path, "-c", "import engine; print(engine.__file__)").startswith(
        str(installed))


def test_the_wheel_holds_the_dashboard_and_says_that_it_is_typed(installed):
    tracked = subprocess.run(["git", "ls-files", ".streamlit", "app.py", "assets", "dashboard",
                              "engine", "pages"], cwd=ROOT, check=True, capture_output=True,
                             text=True).stdout.split()
    assert [name for name in tracked if not (installed / name).is_file()] == []
    assert (installed / "engine" / "py.typed").is_file()


def test_every_requirement_is_locked_with_hashes():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    extras = project["project"]["optional-dependencies"]
    wanted = {"requirements.txt": [*project["project"]["dependencies"], *extras["dashboard"]],
              "requirements-dev.txt": [*extras["test"], *extras["docs"],
                                       *project["dependency-groups"]["dev"]]}
    for name, requirements in wanted.items():
        lock = (ROOT / name).read_text()
        locked = re.findall(r"^([\w.-]+)==[^\n]*\\\n +--hash=sha256:", lock, re.MULTILINE)
        assert {re.match(r"[\w-]+", text)[0] for text in requirements} <= {
            *locked, project["project"]["name"]}
        assert "://" not in lock  # where packages come from is the installing machine's affair
