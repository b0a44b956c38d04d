"""`python -m engine network`."""

import io
import json

import pandas as pd
import pytest
from click.testing import CliRunner

from engine import Parameters
from engine.cli import main
from engine.network import NetworkSettings, simulate
from engine.network.runs import COLUMNS

SHORT = ("network", "--d", "20", "--seeds", "2", "--m", "4", "--t-max", "5", "--held-out", "20")


def call(*arguments):
    return CliRunner().invoke(main, arguments)


@pytest.mark.parametrize("algorithm", ["gd", "sgd", "momentum", "adam", "gaussian"])
def test_the_file_is_the_tidy_table_of_simulate(tmp_path, algorithm):
    out = tmp_path / "runs.csv"
    result = call(*SHORT, "--algorithm", algorithm, "--out", str(out))
    assert result.exit_code == 0, result.output
    expected = simulate(Parameters(m=4, t_max=5.0), NetworkSettings(
        d=20, seeds=2, algorithm=algorithm, held_out=20)).frame
    table = pd.read_csv(out)
    assert tuple(table.columns) == COLUMNS and table.columns[:2].tolist() == ["seed", "t"]
    pd.testing.assert_frame_equal(table, expected)
    header = json.loads((tmp_path / "runs.csv.json").read_text())
    assert header["settings"]["algorithm"] == algorithm
    assert Parameters.from_dict(header["parameters"]) == Parameters(m=4, t_max=5.0)
    assert header["statuses"] == {"0": "reached t_max", "1": "reached t_max"}


def test_json_and_standard_output_hold_the_same_table(tmp_path):
    out = tmp_path / "runs.json"
    assert call(*SHORT, "--out", str(out)).exit_code == 0
    printed = call(*SHORT)
    assert printed.exit_code == 0 and printed.stderr == ""
    table = pd.DataFrame(json.loads(out.read_text())["columns"])
    pd.testing.assert_frame_equal(table, pd.read_csv(io.StringIO(printed.stdout)))


@pytest.mark.parametrize(("options", "message"), [
    (("--d", "2"), "d: must be a whole number from 10 to 2000; got 2."),
    (("--algorithm", "lbfgs"),
     "algorithm: must be one of gd, sgd, momentum, adam, gaussian; got 'lbfgs'."),
    (("--rate", "0.1"), "rate: is not used with algorithm = gd"),
    (("--batch", "5"), "batch: is not used with algorithm = gd"),
    (("--step", "nan"), "step: must be a number from 1e-09 to 1000"),
    (("--m", "100000"), "d: needs"),
    (("--t-max", "1e6", "--m", "512", "--d", "400", "--alpha", "0.5"), "t_max: asks for"),
])
def test_bad_input_gives_one_clear_line_and_code_2(options, message):
    result = call("network", *options)
    assert result.exit_code == 2
    line, = result.stderr.splitlines()
    assert line.startswith(f"Error: {message}")


def test_a_run_that_diverges_is_written_and_ends_with_code_3(tmp_path):
    out = tmp_path / "runs.csv"
    result = call(*SHORT, "--step", "50", "--t-max", "1000", "--out", str(out))
    assert result.exit_code == 3
    assert "diverged" in result.stderr
    assert len(pd.read_csv(out)) >= 2
