"""Sweeps here: what a table says, what is computed again, what a kill leaves."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from engine import Parameters, solve
from engine.limits import gamma_threshold
from engine.monitor import Monitor
from engine.results.keyfigures import key_figures
from engine.sweep import Store, SweepError, execution, grid, run, sweep

SMALL = {"m": 8, "t_max": 2.0}
ROOT = Path(__file__).parents[3]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "sweep.sqlite"


@pytest.fixture
def computed(monkeypatch):
    """The texts of the cells that were computed in this process."""
    texts, real = [], execution.outcome
    monkeypatch.setattr(execution, "outcome", lambda text, monitor: (
        texts.append(text), real(text, monitor))[1])
    return texts


def test_a_row_has_the_settings_and_the_key_figures_of_the_run(path):
    table = sweep(grid("solve", alpha="0.3,0.6", **SMALL), path).table()
    assert list(table.alpha) == [0.3, 0.6]
    assert set(table.m) == {8} and set(table.rtol) == {0.01} and set(table.h) == {"cubic"}
    run_ = solve(Parameters(alpha=0.6, **SMALL))
    figures, row = key_figures(run_), table.iloc[1]
    assert row.status == run_.status.value and row.message == ""
    assert (row.t_end, row.best_time, row.best_test_error, row.final_train_error,
            row.final_test_error) == (figures.end, figures.best_time, figures.best_test_error,
                                      figures.final_train_error, figures.final_test_error)
    assert row.gain_of_early_stopping == figures.final_test_error - figures.best_test_error
    assert (row.final_a, row.final_v) == (run_.a[-1], run_.v[-1])
    assert row.seconds > 0


def test_a_second_sweep_computes_only_what_is_new(path, computed):
    sweep(grid("solve", alpha="0.3,0.6", **SMALL), path)
    first = list(computed)
    wider = sweep(grid("solve", alpha="0.3,0.6,0.9", **SMALL), path)
    assert len(first) == 2 and len(computed) == 3 == len(set(computed))
    assert wider.complete and len(wider.table()) == 3


def test_a_failed_cell_is_told_of_stops_no_other_and_is_tried_again_on_request(path, computed):
    """A kink of the activation is refused by the solver, not by the table of parameters."""
    cells = grid("solve", activation="relu,tanh", **SMALL)
    result = sweep(cells, path)
    assert list(result.table().status) == ["failed", "reached t_max"]
    assert "ParameterError: activation" in result.table().message[0]
    assert result.complete and result.failed == 1
    sweep(cells, path)
    assert len(computed) == 2
    sweep(cells, path, retry=True)
    assert computed[2:] == [cells[0].text]


def test_a_cancelled_sweep_returns_what_it_has_and_goes_on_later(path):
    cells = grid("solve", alpha="0.3,0.6,0.9", **SMALL)
    shares = []
    first = sweep(cells, path, monitor=Monitor(shares.append, cancel=lambda: bool(shares)))
    assert len(first.outcomes) == 1 and not first.complete and shares == [1 / 3]
    assert sweep(cells, path).complete


def test_thresholds_limits_and_stability_leave_their_figures(path):
    found = sweep(grid("threshold", alpha=0.1, rtol=0.03), path).table().iloc[0]
    expected = gamma_threshold(Parameters(alpha=0.1), rtol=0.03)
    assert (found.status, found.threshold, found.nu) == ("found", expected.value, expected.nu)
    assert "m" not in found and "t_max" not in found and "init" not in found
    limit = sweep(grid("limit", regime="lazy-1"), path).table().iloc[0]
    assert limit.status == "reached t_max" and limit.init == "lazy"
    growth = sweep(grid("stability", **SMALL), path).table().iloc[0]
    assert growth.t_end == 2.0


def test_networks_leave_means_and_errors_over_seeds(path):
    row = sweep(grid("network", m=4, d=20, seeds=3, t_max=1.0), path).table().iloc[0]
    assert row.status == "reached t_max" and row.t_end == 1.0
    assert row.final_test_error_error > 0
    assert row.gain_of_early_stopping == row.final_test_error - row.best_test_error >= 0


def test_several_processes_give_the_same_table(path, tmp_path):
    pytest.importorskip("joblib")
    cells = grid("solve", alpha="0.1:1:6", **SMALL)
    serial, parallel = (sweep(cells, tmp_path / f"{jobs}.sqlite", jobs=jobs).table()
                        for jobs in (1, 2))
    pd.testing.assert_frame_equal(serial.drop(columns="seconds"),
                                  parallel.drop(columns="seconds"), check_exact=True)


def test_what_was_finished_before_a_kill_is_there(path):
    cells = grid("solve", alpha="0.1:1:400", **SMALL)
    code = ("import sys; from engine.sweep import grid, sweep;"
            "sweep(grid('solve', alpha='0.1:1:400', m=8, t_max=2.0), sys.argv[1])")
    process = subprocess.Popen([sys.executable, "-c", code, path], cwd=ROOT)
    while not _kept(path):
        assert process.poll() is None
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    before = _kept(path)
    assert 0 < before < len(cells)
    with Store(path) as store:
        assert len(store.missing(cells)) == len(cells) - before
        assert all(found.status == "reached t_max" for found in store.outcomes(cells))


def _kept(path) -> int:
    if not path.exists():
        return 0
    with Store(path) as store:
        return len(list(store.outcomes(grid("solve", alpha="0.1:1:400", **SMALL))))


def test_a_worker_with_another_engine_is_refused(path, monkeypatch):
    monkeypatch.setattr(run, "results_version", lambda: "other")
    with pytest.raises(SweepError, match="Install the same on both"):
        sweep(grid("solve", **SMALL), path)


def test_no_job_is_refused(path):
    with pytest.raises(SweepError, match="jobs"):
        sweep(grid("solve", **SMALL), path, jobs=0)
