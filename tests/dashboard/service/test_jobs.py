"""The compute manager: once per key, a limit on running jobs, cancellation, a bounded cache."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from dashboard.service import jobs
from dashboard.service.jobs import GRACE, Manager, Queue, size_of
from engine import Parameters, solve
from engine.monitor import Monitor, Stopped

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


def test_the_cache_knows_its_size(manager):
    for key, result in (("a", "whole"), ("b", "whole"), ("a", "part"), ("c", "whole")):
        manager.keep(key, result)
    assert manager.known("b") is None, "the least recently used goes when there is no room"
    assert manager.state()["cache_bytes"] == size_of("part") + size_of("whole")


def test_runs_along_a_parameter_are_kept_each_for_itself(monkeypatch):
    manager, solved = Manager(workers=1), []
    monkeypatch.setattr(jobs, "manager", manager)
    monkeypatch.setattr(jobs, "solve", lambda p, rtol, monitor: solved.append(p) or solve(p, rtol))
    along = tuple(jobs.Settings(Parameters(m=m, t_max=1.0)) for m in (16, 32, 64))
    assert [run.parameters.m for run in jobs._solve_along(along, Monitor())] == [16, 32, 64]
    assert manager.known(("solve", along[1])).parameters.m == 32
    jobs._solve_along(along[1:], Monitor())
    assert len(solved) == 3, "what is known is not solved again"


def test_runs_along_a_parameter_that_are_stopped_leave_those_that_were_done(monkeypatch):
    manager = Manager(workers=1)
    monkeypatch.setattr(jobs, "manager", manager)
    done = []
    along = tuple(jobs.Settings(Parameters(m=m, t_max=1.0)) for m in (16, 32, 64))
    monitor = Monitor(progress=done.append, cancel=lambda: bool(done) and done[-1] > 0.5)
    assert [run.parameters.m for run in jobs._solve_along(along, monitor)] == [16]
    assert manager.known(("solve", along[1])) is None, "a part of a run is not the run"


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
    jobs = [manager.submit(n, work, Queue.QUICK) for n, work in enumerate(works)]
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
    job = manager.submit("quick", quick, Queue.QUICK)
    assert quick.running.wait(LONG) and job.place == 0 and jobs[-1].place == 2
    for work in (quick, *long):
        work.go.set()
    assert all(j.join(LONG) for j in (job, *jobs))


def test_what_a_page_wants_soon_waits_behind_no_long_job(manager):
    long, soon = [Work() for _ in range(3)], Work()
    jobs_of_others = [manager.submit(n, work) for n, work in enumerate(long)]
    assert long[0].running.wait(LONG)
    job = manager.submit("soon", soon, Queue.SOON)
    assert soon.running.wait(LONG) and job.place == 0
    for work in (soon, *long):
        work.go.set()
    assert all(j.join(LONG) for j in (job, *jobs_of_others))


def test_a_further_long_job_is_one_of_a_crowd_while_two_others_are_waited_for(manager):
    works = [Work() for _ in range(2)]
    first = manager.submit("first", works[0])
    assert not manager.crowded("mine")
    second = manager.submit("second", works[1])
    assert manager.crowded("mine") and not manager.crowded("first")
    assert not manager.crowded("mine", own="second"), "what a visitor has just left is no crowd"
    first.release()
    assert not manager.crowded("mine")
    second.release()


def test_a_long_job_rests_while_pages_are_drawn_and_no_other_does(manager, monkeypatch):
    rests = []
    monkeypatch.setattr(jobs.time, "sleep", rests.append)
    for queue, expected in ((Queue.LONG, 1), (Queue.QUICK, 0), (Queue.SOON, 0)):
        rests.clear()
        monitor = jobs.Job(manager, "a", queue).monitor
        monitor.cancel()
        assert not rests, "nothing is drawn"
        with jobs.turns.taken():
            monitor.cancel()
        assert len(rests) == expected
        assert all(0 < rest <= jobs.LONGEST_REST for rest in rests)


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


@pytest.mark.parametrize("how", [SystemExit, KeyboardInterrupt, MemoryError, OSError])
def test_whatever_kills_a_computation_the_next_ones_run(manager, how):
    def die(monitor):
        raise how

    killed = [manager.submit(n, die, list(Queue)[n % 3]) for n in range(8)]
    assert all(isinstance(job.future.exception(LONG), how) for job in killed)
    for n in range(8):
        work = Work()
        work.go.set()
        assert manager.submit(n, work, list(Queue)[n % 3]).future.result(LONG) == "whole"
    assert manager.state()["running"] == manager.state()["waiting"] == 0


def test_what_takes_longer_than_the_server_gives_is_stopped_and_its_part_kept(manager, monkeypatch):
    monkeypatch.setattr(jobs, "SECONDS", 0.0)
    work = Work()
    job = manager.submit("a", work)
    assert job.future.result(LONG) == "part" and job.overran
    again = manager.submit("a", work)
    assert again.future.result(LONG) == "part" and again.overran and work.calls == 1


@pytest.mark.parametrize(("fault", "said"), [
    ("raise MemoryError", "more memory than the server has"),
    ("while not monitor.cancel(): pass\n    raise Stopped", "no partial result"),
    ("while not monitor.cancel(): pass\n    return 'part'", "What it had reached is shown")])
def test_a_computation_without_memory_or_time_is_told_of_with_what_it_has(monkeypatch, fault, said):
    monkeypatch.setattr(jobs, "SECONDS", 0.0)
    monkeypatch.setattr(jobs, "manager", Manager(workers=1))
    app = AppTest.from_string(
        "import streamlit as st\nfrom dashboard.service.jobs import compute\n"
        f"from engine.monitor import Stopped\ndef f(monitor):\n    {fault}\n"
        "st.text(compute('key', f, 'Working'))").run()
    assert not app.exception
    assert any(said in box.value for box in [*app.warning, *app.error])
    assert [text.value for text in app.text] == ["part" if "part" in fault else "None"]


def test_a_clock_that_jumps_stops_nothing_and_lets_nothing_run_on(manager, monkeypatch):
    """Deadlines know the time since the start alone; only the log says what time it is."""
    now, jump = time.time, iter(range(10**6))
    monkeypatch.setattr(time, "time", lambda: now() + (-1) ** next(jump) * 86_400)
    kept, left = Work(), Work()
    staying, leaving = manager.submit("kept", kept), manager.submit("left", left, Queue.QUICK)
    assert kept.running.wait(LONG) and left.running.wait(LONG)
    leaving.release()
    assert leaving.future.result(LONG) == "part"
    assert not staying.future.done()
    kept.go.set()
    assert staying.future.result(LONG) == "whole"


def test_of_many_who_ask_while_a_fifth_of_all_runs_fails_nobody_gets_a_wrong_answer(manager):
    """Everyone asks until there is an answer, some leave in between."""
    def asking(seed: int) -> list[bool]:
        rng, right = random.Random(seed), []
        for _ in range(60):
            key = rng.randrange(10)

            def function(monitor, key=key, fails=rng.random() < 0.2):
                if fails:
                    raise OSError("out of luck")
                if monitor.cancel():
                    raise Stopped
                return key * key

            while True:
                job = manager.submit(key, function, rng.choice(list(Queue)))
                try:
                    if rng.random() < 0.2:
                        continue
                    right.append(job.future.result(LONG) == key * key)
                    break
                except (OSError, jobs.Abandoned, Stopped):
                    function = partial(lambda monitor, key: key * key, key=key)
                finally:
                    job.release()
        return right

    with ThreadPoolExecutor(6) as pool:
        answers = list(pool.map(asking, range(6)))
    assert [len(right) for right in answers] == [60] * 6 and all(map(all, answers))
    give_up = time.monotonic() + LONG
    while manager.state()["running"] + manager.state()["waiting"] and time.monotonic() < give_up:
        time.sleep(0.01)
    assert manager.state()["running"] == manager.state()["waiting"] == 0


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
