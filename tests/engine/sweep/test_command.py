"""`python -m engine sweep`."""

import json
import sys

import pandas as pd
import pytest
from click.testing import CliRunner

from engine.cli import main
from engine.commands import sweep as command
from engine.commands.console import progress_lines

SMALL = ("--m", "8", "--t-max", "2")


def call(*arguments):
    return CliRunner().invoke(main, ["sweep", *map(str, arguments)])


def test_a_csv_has_a_row_a_cell_and_says_what_made_it(tmp_path):
    out = tmp_path / "map.csv"
    result = call(*SMALL, "--alpha", "0.3:0.9:3", "--h", "cubic;quadratic", "--out", out)
    assert result.exit_code == 0, result.output
    table = pd.read_csv(out)
    assert sorted(zip(table.alpha, table.h, strict=True)) == [
        (alpha, h) for alpha in (0.3, 0.6, 0.9) for h in ("cubic", "quadratic")]
    header = json.loads((tmp_path / "map.csv.json").read_text())
    assert {"command", "fingerprint", "versions", "date"} <= set(header)
    assert (tmp_path / "map.sqlite").exists()
    assert "6 of 6 cells are there" in call(*SMALL, "--alpha", "0.3:0.9:3", "--h",
                                            "cubic;quadratic", "--out", out).stderr


def test_parquet_keeps_table_and_provenance(tmp_path):
    out = tmp_path / "map.parquet"
    assert call(*SMALL, "--alpha", "0.3,0.6", "--out", out).exit_code == 0
    table = pd.read_parquet(out)
    assert list(table.alpha) == [0.3, 0.6] and table.attrs["cells"] == 2


def test_netcdf_has_the_axes_as_dimensions(tmp_path):
    xarray = pytest.importorskip("xarray")
    out = tmp_path / "map.nc"
    result = call("--t-max", 2, "--m", "8,16", "--alpha", "0.3,0.6,0.9", "--out", out)
    assert result.exit_code == 0, result.output
    with xarray.open_dataset(out) as data:
        assert dict(data.sizes) == {"alpha": 3, "m": 2}
        assert data.status.dims == ("alpha", "m")
        assert data.best_test_error.sel(alpha=0.6, m=16) > 0
        assert data.attrs["cells"] == 6


def test_what_is_missing_for_a_format_is_said_before_the_sweep(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "xarray", None)
    result = call(*SMALL, "--out", tmp_path / "map.nc")
    assert result.exit_code == 2
    assert "needs the package xarray" in result.stderr
    assert "two-layer-dynamics[sweep]" in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("options", "message"), [
    ((), "out: give --out FILE"),
    (("--out", "map.txt"), "out: must end in .csv or .parquet or .nc"),
    (("--out", "map.csv", "--alpha", "0.3:9:3:lin"), "alpha: as a range"),
    (("--out", "map.csv", "--alpha", "0.3,nan"), "alpha: must be a number"),
    (("--out", "map.csv", "--seeds", "3"), "seeds: is no setting of solve"),
    (("--out", "map.csv", "--alpha", "0.1:9:20000"), "the sweep has 20000 cells"),
    (("fly", "--out", "map.csv"), "Invalid value"),
    (("--out", "map.csv", "--jobs", "0"), "Invalid value"),
    (("--out", "map.csv", "--list", "no.csv"), "Invalid value"),
])
def test_bad_input_gives_one_line_and_code_2_and_leaves_no_file(tmp_path, monkeypatch, options,
                                                                message):
    monkeypatch.chdir(tmp_path)
    result = call(*options)
    assert result.exit_code == 2
    line, = result.stderr.splitlines()
    assert line.startswith(f"Error: {message}")
    assert list(tmp_path.iterdir()) == []


def test_a_log_tells_the_share_done_and_the_time_left(capsys):
    tell = progress_lines(every=0.0)
    tell(0.25)
    assert capsys.readouterr().err == "25.0% done, 0:00:00 left\n"


def test_ctrl_c_keeps_what_is_finished_and_ends_with_130(tmp_path, monkeypatch):
    real, calls = command.sweep, []

    def interrupted(cells, store, **options):
        calls.append(real(cells[:1], store, **options))
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "sweep", interrupted)
    out = tmp_path / "map.csv"
    result = call(*SMALL, "--alpha", "0.3,0.6", "--out", out)
    assert result.exit_code == 130
    assert "1 of 2 cells" in result.stderr and "goes on" in result.stderr
    assert list(pd.read_csv(out).alpha) == [0.3]
