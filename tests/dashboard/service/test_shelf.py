"""Runs on disk for all workers: whole or not at all, and of the settings that were asked for."""

import errno
import os
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from dashboard.service import jobs
from dashboard.service.links import Settings
from dashboard.service.shelf import Shelf
from engine import Parameters, solve
from engine.monitor import Monitor

SETTINGS = Settings(Parameters(m=8, t_max=1.0, spread=0.1, groups=2))


@pytest.fixture(scope="module")
def run():
    return solve(SETTINGS.parameters, SETTINGS.rtol)


def test_another_worker_finds_the_run_to_the_last_bit(tmp_path, run):
    Shelf(tmp_path).put(SETTINGS, run)
    found = Shelf(tmp_path).find(SETTINGS)
    assert np.array_equal(found.to_frame(), run.to_frame())
    assert np.array_equal(found.groups.v, run.groups.v) and found.status is run.status
    assert Shelf(tmp_path).find(Settings(SETTINGS.parameters.replace(alpha=0.31))) is None


@pytest.mark.parametrize("damage", [
    lambda file: file.write_bytes(b""), lambda file: file.write_bytes(file.read_bytes()[:500]),
    lambda file: file.write_text("{}"), lambda file: file.write_bytes(b"\xff\x00"),
    lambda file: file.unlink()], ids=["empty", "cut", "strange", "bytes", "gone"])
def test_a_file_that_is_not_sound_is_passed_over(tmp_path, run, damage):
    shelf = Shelf(tmp_path)
    shelf.put(SETTINGS, run)
    damage(next(tmp_path.glob("run-*.json")))
    assert shelf.find(SETTINGS) is None


def test_a_run_under_anothers_name_is_not_taken_for_it(tmp_path, run):
    shelf, other = Shelf(tmp_path), Settings(SETTINGS.parameters.replace(alpha=0.31))
    shelf.put(other, run)
    assert shelf.find(other) is None


def test_there_is_room_for_so_many_and_the_longest_unused_goes(tmp_path, run):
    shelf = Shelf(tmp_path, most=2)
    all_of_them = [Settings(SETTINGS.parameters, rtol) for rtol in (0.01, 0.02, 0.03)]
    for n, settings in enumerate(all_of_them):
        shelf.put(settings, run)
        os.utime(shelf._file(tmp_path, settings), (n, n))
    assert len(list(tmp_path.glob("*"))) == 2
    assert not shelf._file(tmp_path, all_of_them[0]).exists()


def test_a_folder_that_cannot_be_written_is_done_without(tmp_path, run):
    shelf = Shelf(tmp_path / "none")
    shelf.put(SETTINGS, run)
    assert shelf.find(SETTINGS) is None and Shelf(None).find(SETTINGS) is None


def test_only_dear_runs_are_kept_and_a_kept_one_is_not_solved_again(tmp_path, run, monkeypatch):
    monkeypatch.setattr(jobs, "shelf", Shelf(tmp_path))
    jobs.solve_when_ready(SETTINGS, Monitor())
    assert not list(tmp_path.glob("*"))
    monkeypatch.setattr(jobs, "DEAR", 0.0)
    jobs.solve_when_ready(SETTINGS, Monitor())
    monkeypatch.setattr(jobs, "solve", None)
    assert np.array_equal(jobs.solve_when_ready(SETTINGS, Monitor()).t, run.t)


def test_runs_that_are_kept_at_the_same_moment_do_not_take_each_others_place(tmp_path, run):
    """Two threads and two runs, over and over; with one name for what is written half of them were
    lost."""
    shelf = Shelf(tmp_path)
    other = run.parameters.replace(alpha=0.31)
    kept = [(SETTINGS, run), (Settings(other, SETTINGS.rtol), solve(other, SETTINGS.rtol))]
    with ThreadPoolExecutor(2) as threads:
        for _ in range(20):
            for file in tmp_path.iterdir():
                file.unlink()
            list(threads.map(shelf.put, *zip(*kept, strict=True)))
            assert all(shelf.find(settings) is not None for settings, _ in kept)


def test_a_file_that_does_not_fit_on_the_disk_is_taken_away(tmp_path, run, monkeypatch):
    def save(run, file):
        file.write_text("{")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(type(run), "save", save)
    Shelf(tmp_path).put(SETTINGS, run)
    assert not [*tmp_path.iterdir()]
