"""The command line: the documented call, its files, its exit codes, one line for bad input."""

import contextlib
import json
import math
import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from engine import TABLE, Parameters, Status, Trajectory, solve
from engine.cli import main
from engine.results.trajectory import COLUMNS

HEADER = ("t,a,gamma,v,nu,train_error,test_error,"
          "first_layer_displacement,second_layer_displacement,"
          "gamma_displacement,overlap")
SHORT = ("solve", "--m", "16", "--t-max", "20")
ROOT = Path(__file__).parents[2]


def call(*arguments: str):
    return CliRunner().invoke(main, arguments)


def process(*arguments: str, **options) -> subprocess.Popen:
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
    return subprocess.Popen([sys.executable, "-m", "engine", *arguments], cwd=ROOT, text=True,
                            **pipes)


def test_the_documented_call_in_a_real_shell_writes_the_run(tmp_path):
    out = tmp_path / "run.csv"
    run = process(
        "solve", "--init", "mean-field", "--alpha", "0.3", "--tau", "0.3", "--m", "64", "--a0",
        "1", "--target", "single-index", "--h", "0,0.9,0,0.1666667", "--t-max", "1920", "--rtol",
        "1e-3", "--out", str(out))
    stdout, stderr = run.communicate(timeout=120)
    assert run.returncode == 0, stderr
    assert stdout == ""
    assert "\r" not in stderr, "a progress bar is for terminals"
    assert out.read_text().splitlines()[0] == HEADER
    loaded = Trajectory.load(out)
    assert loaded.parameters == Parameters(
        init="mean-field", alpha=0.3, tau=0.3, m=64, a0=1.0, target="single-index",
        h=(0, 0.9, 0, 0.1666667), t_max=1920.0)
    assert loaded.rtol == 1e-3
    assert loaded.status.complete


@pytest.mark.parametrize("ending", ["csv", "json"])
def test_a_file_holds_what_solve_returns(tmp_path, ending):
    out = tmp_path / f"run.{ending}"
    result = call(*SHORT, "--out", str(out))
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    assert out.name in result.stderr
    loaded, expected = Trajectory.load(out), solve(Parameters(m=16, t_max=20.0))
    for name in COLUMNS:
        assert getattr(loaded, name).tobytes() == getattr(expected, name).tobytes()


@pytest.mark.parametrize("out", [(), ("--out", "-")])
def test_without_a_file_the_csv_goes_to_standard_output(tmp_path, out):
    result = call(*SHORT, *out)
    assert result.exit_code == 0
    assert result.stderr == ""
    call(*SHORT, "--out", str(tmp_path / "run.csv"))
    assert result.stdout == (tmp_path / "run.csv").read_text()


def test_every_row_of_the_table_is_an_option_with_its_meaning():
    help_text = " ".join(call("solve", "--help").output.split())
    for name, field in TABLE.items():
        assert f"{field.option} " in help_text, name
        assert field.meaning.split(". ")[0][:40] in help_text, name


@pytest.mark.parametrize(("options", "expected"), [
    (("--init", "lazy", "--gamma0", "0.5"), {"init": "lazy", "gamma0": 0.5}),
    (("--a0", "2"), {"a0": 2.0}),
    (("--target", "noise", "--tau", "1"), {"target": "noise", "tau": 1.0}),
    (("--h", "quadratic"), {"h": "quadratic"}),
    (("--h", "0, 0.3, 0.5"), {"h": (0, 0.3, 0.5)}),
    (("--h", "0,0.9,0.5", "--phi", "0,1,-0.5"), {"h": (0, 0.9, 0.5), "phi": (0, 1, -0.5)}),
    (("--freeze-second-layer",), {"train_second_layer": False}),
    (("--train-second-layer",), {"train_second_layer": True}),
    (("--m", "1e1"), {"m": 10}),
    (("--alpha", "5e-1"), {"alpha": 0.5}),
])
def test_options_mean_what_the_parameters_of_that_name_mean(tmp_path, options, expected):
    out = tmp_path / "run.json"
    result = call("solve", "--m", "8", "--t-max", "2", *options, "--out", str(out))
    assert result.exit_code == 0, result.output
    assert Trajectory.load(out).parameters == Parameters(**({"m": 8, "t_max": 2.0} | expected))


def test_every_flag_of_the_table_can_be_switched_off():
    assert all(bool(f.off) == (f.kind == "flag") for f in TABLE.values())


BAD = {
    "NaN": (("--alpha", "nan"), "alpha: must be a number from 0.01 to 10; got nan."),
    "text": (("--tau", "loud"), "tau: must be a number from 0 to 5; got 'loud'."),
    "out of range": (("--alpha", "11"), "alpha: must be a number from 0.01 to 10; got 11.0."),
    "not whole": (("--m", "2.5"), "m: must be a whole number"),
    "h(0) is not 0": (("--h", "1,2"), "h: must be 2 to 9 numbers"),
    "negative coefficient": (("--h", "0,-1"), "h: must be 2 to 9 numbers"),
    "unknown preset": (("--h", "quartic"), "h: must be coefficients or one of cubic"),
    "broken coefficients": (("--h", "0,,1"), "h: must be coefficients or one of cubic"),
    "text for phi": (("--phi", "cubic"), "phi: must be 2 to 9 numbers"),
    "unknown choice": (("--init", "eager"), "init: must be one of lazy, mean-field; got 'eager'."),
    "both scales": (("--gamma0", "1", "--a0", "1"), "gamma0: is not used with init = mean-field"),
    "other scale": (("--init", "lazy", "--a0", "1"), "a0: is not used with init = lazy"),
    "rtol too large": (("--rtol", "0.5"), "rtol: must be a number from 1e-06 to 0.1; got 0.5."),
    "rtol too small": (("--rtol", "1e-9"), "rtol: must be a number from 1e-06 to 0.1; got 1e-09."),
    "rtol NaN": (("--rtol", "nan"), "rtol: must be a number from 1e-06 to 0.1; got nan."),
    "rtol text": (("--rtol", "x"), "rtol: must be a number from 1e-06 to 0.1; got 'x'."),
    "too few nodes": (("--max-nodes", "2"), "max_nodes: must be a whole number from 3"),
    "too many nodes": (("--max-nodes", "1000000"), "max_nodes: must be a whole number from 3"),
    "ending": (("--out", "run.txt"), "out: must end in .csv or .json; got 'run.txt'."),
    "no folder": (("--out", "no/such/run.csv"), "out: must lie in a folder that exists"),
    "unknown option": (("--speed", "9"), "No such option '--speed'"),
    "no value": (("--alpha",), "Option '--alpha' requires an argument"),
    "argument": (("run.csv",), "Got unexpected extra argument (run.csv)"),
}


@pytest.mark.parametrize(("options", "message"), BAD.values(), ids=BAD.keys())
def test_bad_input_gives_one_clear_line_and_code_2(options, message):
    result = call("solve", *options)
    assert result.exit_code == 2
    assert result.stdout == ""
    line, = result.stderr.splitlines()
    assert line.startswith(f"Error: {message}")


@pytest.mark.parametrize("arguments", [("slove",), ("--fast",), ("options",), ("console",)])
def test_what_is_no_command_gives_one_clear_line_and_code_2(arguments):
    result = call(*arguments)
    assert result.exit_code == 2
    line, = result.stderr.splitlines()
    assert line.startswith("Error: No such")


def test_a_folder_in_place_of_the_file_is_refused_before_the_run(tmp_path):
    (tmp_path / "run.csv").mkdir()
    result = call(*SHORT, "--out", str(tmp_path / "run.csv"))
    assert result.exit_code == 2
    line, = result.stderr.splitlines()
    assert "must be a file that can be written" in line


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="the system has no full disk to lend")
@pytest.mark.parametrize("ending", ["csv", "json"])
def test_a_full_disk_is_told_in_one_line(tmp_path, ending):
    out = tmp_path / f"run.{ending}"
    out.symlink_to("/dev/full")
    result = call(*SHORT, "--out", str(out))
    assert result.exit_code == 1 and "No space left on device" in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_bad_input_leaves_no_file_and_touches_none(tmp_path):
    out = tmp_path / "run.csv"
    assert call("solve", "--out", str(out), "--alpha", "nan").exit_code == 2
    assert not out.exists()
    out.write_text("precious")
    assert call("solve", "--out", str(out), "--alpha", "nan").exit_code == 2
    assert out.read_text() == "precious"


def test_a_run_cut_short_is_written_and_ends_with_advice_and_code_3(tmp_path):
    out = tmp_path / "run.csv"
    result = call(*SHORT, "--max-nodes", "10", "--out", str(out))
    assert result.exit_code == 3
    assert Status.NODE_LIMIT.advice in result.stderr
    assert len(Trajectory.load(out)) == 10
    assert Trajectory.load(out).status is Status.NODE_LIMIT


def test_a_run_cut_short_also_says_so_when_it_is_printed():
    result = call(*SHORT, "--max-nodes", "10")
    assert result.exit_code == 3
    assert len(result.stdout.splitlines()) == 11
    assert Status.NODE_LIMIT.advice in result.stderr


def test_a_terminal_shows_progress_and_ctrl_c_keeps_what_was_computed(tmp_path):
    """A run of many seconds is interrupted when its bar has moved."""
    out = tmp_path / "run.json"
    terminal, end = pty.openpty()
    run = process("solve", "--rtol", "1e-6", "--out", str(out), stderr=end)
    os.close(end)
    shown = ""
    while not re.search(r"[1-9]%", shown):
        shown += os.read(terminal, 1000).decode(errors="replace")
    run.send_signal(signal.SIGINT)
    assert Status.CANCELLED.advice in _rest(terminal)
    run.communicate(timeout=60)
    assert run.returncode == 130
    loaded = Trajectory.load(out)
    assert loaded.status is Status.CANCELLED
    assert 0 < loaded.t[-1] < loaded.parameters.t_max
    assert all(math.isfinite(x) for x in loaded.train_error)


def _rest(terminal: int) -> str:
    """What is shown until the program closes its end, which Linux reports as an OSError."""
    shown = b""
    with contextlib.suppress(OSError):
        while part := os.read(terminal, 1000):
            shown += part
    os.close(terminal)
    return shown.decode(errors="replace")


def test_the_json_is_plain_json(tmp_path):
    call(*SHORT, "--out", str(tmp_path / "run.json"))
    data = json.loads((tmp_path / "run.json").read_text(), parse_constant=pytest.fail)
    assert data["parameters"]["m"] == 16


def test_the_program_lists_its_commands_and_version():
    assert "solve" in call("--help").output
    assert call("--version").exit_code == 0


@pytest.mark.parametrize("command", main.list_commands(None))
def test_every_command_has_help_and_refuses_bad_input_on_one_line(command):
    assert call(command, "--help").exit_code == 0
    result = call(command, "--alpha", "nan")
    assert result.exit_code == 2
    assert result.stdout == ""
    line, = result.stderr.splitlines()
    assert line.startswith("Error: ")


@pytest.mark.parametrize("time", ["nan", "inf", "-1", "1e20"])
def test_a_last_time_that_is_none_is_refused_by_name(time):
    refused = call("limit", "--regime", "mean-field-1", "--t-end", time)
    assert refused.exit_code == 2 and refused.output.startswith("Error: t_end: must be a number")
