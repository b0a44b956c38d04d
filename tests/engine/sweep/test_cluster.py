"""The same cells on a Dask cluster: a scheduler and two workers on this machine."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pandas as pd
import pytest

from engine.monitor import Monitor
from engine.sweep import SweepError, grid, sweep

distributed = pytest.importorskip("distributed")
ROOT = Path(__file__).parents[3]
SMALL = {"m": 16, "t_max": 30.0}


@pytest.fixture
def processes():
    started = []
    yield started
    for process in started:
        process.kill()
        process.wait()
        process.stderr.close()


@pytest.fixture
def address(processes):
    """Of a scheduler without workers."""
    scheduler = dask(processes, "scheduler", "--host", "127.0.0.1", "--port", "0",
                     "--dashboard-address", "127.0.0.1:0")
    for line in scheduler.stderr:
        if "Scheduler at:" in line:
            drain(scheduler)
            return line.split()[-1]
    raise AssertionError("the scheduler ended")


def dask(processes, role, *options):
    process = subprocess.Popen([sys.executable, "-m", "distributed.cli.dask_" + role, *options],
                               cwd=ROOT, stderr=subprocess.PIPE, text=True)
    processes.append(process)
    return process


def drain(process):
    """A full pipe would stop the process."""
    threading.Thread(target=process.stderr.read, daemon=True).start()


def worker(processes, address):
    process = dask(processes, "worker", address, "--nthreads", "1", "--no-nanny", "--no-dashboard",
                   "--host", "127.0.0.1")
    drain(process)
    return process


def test_a_cluster_that_loses_a_worker_gives_the_serial_table(tmp_path, processes, address):
    workers = [worker(processes, address) for _ in range(2)]
    with distributed.Client(address, set_as_default=False) as client:
        client.wait_for_workers(2, timeout=60)
    cells = grid("solve", alpha="0.1:1:40", **SMALL)
    killed = []

    def kill(share):
        if share > 0.3 and not killed:
            killed.append(workers[0].pid)
            os.kill(workers[0].pid, signal.SIGKILL)

    spread = sweep(cells, tmp_path / "cluster.sqlite", dask=address, monitor=Monitor(kill))
    assert killed and spread.complete
    alone = sweep(cells, tmp_path / "serial.sqlite").table()
    pd.testing.assert_frame_equal(spread.table().drop(columns="seconds"),
                                  alone.drop(columns="seconds"), check_exact=True)


def test_a_scheduler_without_workers_is_refused(tmp_path, address):
    with pytest.raises(SweepError, match="has no worker"):
        sweep(grid("solve", **SMALL), tmp_path / "s.sqlite", dask=address)
