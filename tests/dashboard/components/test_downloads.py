"""The snippets under a run give the numbers of that run."""

import shlex
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

from dashboard.components.downloads import command_line, file_name, python_snippet
from dashboard.service.links import Settings
from engine import Parameters, solve

ROOT = Path(__file__).parents[3]
ROUNDING = 1e-8
"""Two processes may link the kernels to differently rounded machine code (relative 1e-16 a step);
the flat plateau amplifies that to about 1e-11 in the curves."""
RUNS = [
    Settings(),
    Settings(Parameters(init="lazy", gamma0=0.5, m=64, h="weak"), 0.03),
    Settings(Parameters(m=16, target="noise", t_max=50.0, h=(0.0, 0.5, 0.25))),
    Settings(Parameters(m=16, train_second_layer=False, phi=(0.0, 1.0), tau=0.0)),
]


@pytest.mark.parametrize("settings", RUNS)
def test_the_python_snippet_gives_the_run_on_the_page(settings, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(python_snippet(settings), {})
    shown = solve(settings.parameters, settings.rtol)
    pd.testing.assert_frame_equal(pd.read_csv("run.csv"), shown.to_frame(), rtol=ROUNDING)


@pytest.mark.parametrize("settings", RUNS)
def test_the_command_line_gives_the_run_on_the_page(settings, tmp_path):
    words = shlex.split(command_line(settings))
    words[words.index("run.csv")] = str(tmp_path / "run.csv")
    subprocess.run([sys.executable, *words[1:]], cwd=ROOT, check=True, timeout=120)
    shown = solve(settings.parameters, settings.rtol).to_frame()  # as the page offers it
    saved = pd.read_csv(tmp_path / "run.csv")
    pd.testing.assert_frame_equal(saved, shown, rtol=ROUNDING)


@pytest.mark.parametrize(("p", "name"), [
    (Parameters(m=64, tau=0.5), "mean-field_m64_tau0.5"),
    (Parameters(init="lazy", gamma0=0.5, h="weak"), "lazy_m128_tau0.3_gamma00.5_hweak"),
    (Parameters(m=4, groups=((2, 0.9), (2, 1.1))), "mean-field_m4_tau0.3_groups2-0.9-2-1.1"),
    (Parameters(phi=(0.0, 1.0)), "mean-field_m128_tau0.3_phi0-1"),
])
def test_the_name_of_a_file_says_its_run(p, name):
    assert file_name(p) == name
