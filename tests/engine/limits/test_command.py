"""`python -m engine limit`."""

import pandas as pd
import pytest
from click.testing import CliRunner

from engine.commands.limit import command
from engine.results.trajectory import COLUMNS


@pytest.mark.parametrize("key", ["lazy-1", "lazy-2", "mean-field-1", "noise-1", "noise-sqrt-m"])
def test_each_regime_is_written_with_the_columns_of_solve(key, tmp_path):
    out = tmp_path / "x.csv"
    result = CliRunner().invoke(command, ["--regime", key, "--m", "256", "--out", str(out)])
    assert result.exit_code == 0, result.output
    frame = pd.read_csv(out)
    assert tuple(frame.columns) == COLUMNS
    assert frame.notna().all(axis=None) and frame.t.is_monotonic_increasing


@pytest.mark.parametrize("wrong", [["--regime", "lazy-9"], [],
                                   ["--regime", "lazy-1", "--init", "mean-field"],
                                   ["--regime", "lazy-1", "--alpha", "-1"]])
def test_what_does_not_exist_is_refused(wrong):
    result = CliRunner().invoke(command, wrong)
    assert result.exit_code == 2 and "Error:" in result.output
