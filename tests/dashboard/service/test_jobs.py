"""The compute manager: once per key, a limit on running jobs, cancellation, a bounded cache."""

import threading
import time

import numpy as np
import pandas as pd
import pytest

from dashboard.service.jobs import GRACE, Manager, size_of
from engine import Parameters, solve

LONG = 20.0
"""Seconds after which a test that waits for another thread gives up."""


class Work:
    """A function to run that counts its calls and lasts until it is let go or cancelled."""

    def __init__(self):
        self.calls, self.stopped = 0, False
        self.running, self.go = threading.Event(), threading.Event()

    def __call__(self, monitor):
        self.calls += 1
        monitor.progress(0.5)
        self.running.set()
        give_up = time.monotonic() + LONG
        while not self.go.wait(0.005) and time.monotonic() < give_up:
            if monitor.cancel():
                self.stopped = True
                return "part"
        return "whole"


@pytest.fixture
def manager():
    return Manager(workers=2, capacity=2 * size_of("whole"))


def test_equal_requests_at_the_same_time_are_computed_once(manager):
    work = Work()
    jobs = [manager.submit(("a", 1), work), manager.submit(("a", 1.0), work)]
    assert work.running.wait(LONG)
    assert jobs[0].share == 0.5
    work.go.set()
    assert [job.future.result(LONG) for job in jobs] == ["whole", "whole"]
    assert work.calls == 1


def test_a_finished_result_is_kept_until_newer_ones_push_it_out(manager):
    work = Work()
    work.go.set()

    def ask(key):
        job = manager.submit(key, work)
        assert job.join(LONG)
        job.release()

    ask("a")
    ask("a")
    assert work.calls == 1
    ask("b")
    ask("a")  # used again: "b" is now the oldest
    ask("c")
    ask("a")
    assert work.calls == 3
    ask("b")
    assert work.calls == 4


def test_large_results_push_out_more_and_the_newest_stays_whatever_its_size(manager):
    works = {key: Work() for key in "abc"}

    def ask(key, result):
        def function(monitor):
            works[key].calls += 1
            return result

        job = manager.submit(key, function)
        assert job.future.result(LONG) is result
        job.release()

    huge = np.zeros(10**5)
    for key, result in (("a", "whole"), ("b", "whole"), ("c", huge), ("c", huge), ("a", "whole")):
        ask(key, result)
    assert {key: work.calls for key, work in works.items()} == {"a": 2, "b": 1, "c": 1}


@pytest.mark.parametrize("result", [
    np.zeros((100, 1000)), {"x": np.zeros(50_000), "y": [np.zeros(50_000)]},
    pd.DataFrame({"x": np.zeros(100_000)})], ids=lambda result: type(result).__name__)
def test_the_size_of_a_result_is_that_of_its_arrays(result):
    # Names, shapes and types take less than a hundredth of it.
    assert 800_000 <= size_of(result) < 808_000


def test_a_run_is_as_large_as_its_columns():
    run = solve(Parameters(m=16, t_max=1.0))
    assert size_of(run) > run.to_frame().to_numpy().nbytes / 2


def test_no_more_jobs_run_at_once_than_workers_and_the_rest_know_their_place(manager):
    works = [Work() for _ in range(4)]
    jobs = [manager.submit(n, work, quick=True) for n, work in enumerate(works)]
    assert works[0].running.wait(LONG) and works[1].running.wait(LONG)
    assert [job.place for job in jobs] == [0, 0, 1, 2]
    assert not works[2].running.is_set()
    works[0].go.set()
    assert works[2].running.wait(LONG)
    for work in works:
        work.go.set()
    assert all(job.join(LONG) for job in jobs)


def test_quick_work_does_not_wait_for_long_runs(manager):
    long, quick = [Work() for _ in range(3)], Work()
    jobs = [manager.submit(n, work) for n, work in enumerate(long)]
    assert long[0].running.wait(LONG)
    job = manager.submit("quick", quick, quick=True)
    assert quick.running.wait(LONG) and job.place == 0 and jobs[-1].place == 2
    for work in (quick, *long):
        work.go.set()
    assert all(j.join(LONG) for j in (job, *jobs))


def test_a_job_nobody_waits_for_is_stopped_and_its_result_not_kept(manager):
    work = Work()
    job = manager.submit("a", work)
    assert work.running.wait(LONG)
    job.release()
    assert job.future.result(LONG) == "part" and work.stopped
    again = Work()
    again.go.set()
    assert manager.submit("a", again).future.result(LONG) == "whole"
    assert again.calls == 1


def test_a_rerun_that_asks_again_at_once_takes_the_running_job_over(manager):
    work = Work()
    manager.submit("a", work).release()
    job = manager.submit("a", work)
    assert not job.join(2 * GRACE)
    work.go.set()
    assert job.future.result(LONG) == "whole" and work.calls == 1


def test_one_visitor_leaving_does_not_stop_the_job_of_another(manager):
    work = Work()
    mine, yours = manager.submit("a", work), manager.submit("a", work)
    mine.release()
    assert not yours.join(2 * GRACE)
    work.go.set()
    assert yours.future.result(LONG) == "whole"


def test_an_error_reaches_the_page_and_is_not_kept(manager):
    def fail(monitor):
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        manager.submit("a", fail).future.result(LONG)
    work = Work()
    work.go.set()
    assert manager.submit("a", work).future.result(LONG) == "whole"


def test_a_waiting_job_that_was_abandoned_never_starts(manager):
    busy, late = [Work(), Work()], Work()
    jobs = [manager.submit(n, work) for n, work in enumerate(busy)]
    waiting = manager.submit("late", late)
    waiting.release()
    time.sleep(2 * GRACE)
    for work in busy:
        work.go.set()
    assert all(job.join(LONG) for job in [*jobs, waiting])
    assert late.calls == 0
