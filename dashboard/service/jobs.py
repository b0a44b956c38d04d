"""The one place where pages compute: worker threads, a queue, cancellation and a cache.

    trajectory = solved(settings)
    found = compute(("threshold", p), partial(gamma_threshold, p), "Finding γ*")

A function takes a keyword `monitor` (`engine.monitor`) and returns a result.  Equal keys are
computed once, however many pages and visitors ask; a function that nobody waits for any more is
told to stop.
"""

import logging
import math
import pickle
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from enum import Enum
from functools import partial
from typing import Any, NamedTuple

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.errors import StreamlitDuplicateElementKey

from dashboard.service import kernels, worker
from dashboard.service.environment import SET
from dashboard.service.links import Settings
from dashboard.service.shelf import shelf
from dashboard.service.stored import stored
from dashboard.service.turns import turns
from engine import Status, Trajectory, solve
from engine.monitor import Monitor, Stopped

log = logging.getLogger(__name__)

WORKERS: int = min(SET["cores"], max(2, worker.share(SET["cores"])))
CACHE_BYTES: int = 1_000_000 * worker.share(SET["cache_mb"])
"""Memory for finished results: 128 MB are a thousand runs, or some hundred ladders of widths."""
SECONDS: float = SET["seconds"]
"""After which a computation is stopped, however many wait for it."""
LOOK = 0.2
"""Seconds between two pictures of a progress bar: with forty pages that wait, each costs all of
them time.  What is done is shown at once."""
GRACE = 0.3
"""Seconds that an abandoned job goes on: the rerun that abandoned it may want it again."""
PATIENCE = 0.3
"""Seconds before a page shows that it waits."""
CROWD: int = max(1, 2 // worker.COUNT)
"""Long computations of others beside which no further one begins without being asked."""
DEAR = 1.0
"""Seconds that a run has taken which is kept for other workers too."""
REST, LONGEST_REST = 2.0, 0.05
"""How long a long computation rests while pages are drawn: for so many times as long as it has
worked since, and at most so many seconds at once."""


class Queue(Enum):
    """Where a computation waits, so that nobody waits for a page behind another's long run."""

    QUICK = "a second or two at most, as what a page begins with takes"
    SOON = "as quick, but the page has shown its first curves: those of others go first"
    PRICE = "what something will cost, seconds; the page is there without it"
    LONG = "all others"


class Job:
    """One running or waiting computation; `place` is 0 while it runs, else its queue place, and
    `overran` whether it was stopped for having taken SECONDS."""

    def __init__(self, manager: "Manager", key: Hashable, queue: Queue):
        self._manager, self.key, self.queue = manager, key, queue
        self.share = 0.0
        self.started = self.overran = False
        self.future: Future[Any] = Future()
        self.waiting = 0
        self._abandoned_at = self._give_up = math.inf
        self._worked_since = math.inf

    @property
    def place(self) -> int:
        return 0 if self.started else self._manager.place(self)

    def join(self, timeout: float) -> bool:
        """Wait up to `timeout` seconds; True when the job is done."""
        try:
            self.future.exception(timeout)
        except TimeoutError:
            return False
        return True

    def release(self) -> None:
        """One waiter less.  Without any, the job stops after GRACE seconds."""
        with self._manager.lock:
            self.waiting -= 1
            self._abandoned_at = time.monotonic()

    @property
    def monitor(self) -> Monitor:
        """What the function is watched with."""
        return Monitor(self.report, self._stops)

    def start(self) -> None:
        """The function begins, and has SECONDS from now."""
        self.started, self._give_up = True, time.monotonic() + SECONDS

    def abandoned(self) -> bool:
        """Whether nobody waits for it any more."""
        return self.waiting <= 0 and time.monotonic() - self._abandoned_at > GRACE

    def _stops(self) -> bool:
        """Whether the function is to stop; it is asked between its steps, and rests then."""
        if self.queue is Queue.LONG:
            self._rest()
        self.overran |= time.monotonic() > self._give_up
        return self.overran or self.abandoned()

    def _rest(self) -> None:
        """Leave the interpreter to the pages that are being drawn, for a while."""
        if turns.busy() and (worked := time.monotonic() - self._worked_since) > 0:
            time.sleep(min(REST * worked, LONGEST_REST))
        self._worked_since = time.monotonic()

    def report(self, share: float) -> None:
        """Take down the share that is done."""
        self.share = min(1.0, max(0.0, float(share)))


class Kept(NamedTuple):
    """A finished result, about how many bytes it takes, and whether it was cut short."""

    result: Any
    size: int
    overran: bool


def long_at_once(workers: int = WORKERS) -> int:
    """Long computations at the same time: one worker is left for quick ones."""
    return max(1, workers - 1)


class Manager:
    """Runs functions in queues, each first come first served: quick ones, at most `workers` at a
    time, one that is wanted soon, one price, and all others `long_at_once`.

    Finished results stay in a cache of `capacity` bytes (`size_of`), least recently used out
    first; the newest stays whatever its size, for the page that asked will ask again at its next
    rerun.  The result of a function that was abandoned is handed to those who wait and not kept;
    that of one that overran is, or each rerun would take as long again.
    """

    def __init__(self, workers: int = WORKERS, capacity: int = CACHE_BYTES):
        self.lock = threading.RLock()
        self._workers = workers
        places = {Queue.QUICK: workers, Queue.SOON: 1, Queue.PRICE: 1,
                  Queue.LONG: long_at_once(workers)}
        self._pools = {queue: ThreadPoolExecutor(count, thread_name_prefix=queue.name)
                       for queue, count in places.items()}
        self._jobs: OrderedDict[Hashable, Job] = OrderedDict()
        self._results: OrderedDict[Hashable, Kept] = OrderedDict()
        self._bytes, self._capacity = 0, capacity

    def submit(self, key: Hashable, function: Callable[..., Any],
               queue: Queue = Queue.LONG) -> Job:
        """The job for `key`, started if need be.  The caller must `release()` it."""
        with self.lock:
            job = self._jobs.get(key)
            if job is None or job.abandoned():
                job = Job(self, key, queue)
                if key in self._results:
                    self._results.move_to_end(key)
                    job.started, job.overran = True, self._results[key].overran
                    job.future.set_result(self._results[key].result)
                else:
                    self._jobs[key] = job
                    self._pools[queue].submit(self._run, job, function)
            job.waiting += 1
            return job

    def at_once(self, key: Hashable) -> bool:
        """Whether a quick job for `key` would not have to wait for others."""
        with self.lock:
            return key in self._results or key in self._jobs or \
                sum(job.queue is Queue.QUICK for job in self._jobs.values()) < self._workers

    def crowded(self, key: Hashable, own: Hashable = None) -> bool:
        """Whether a long job for `key` would be one of a crowd: it is not there yet, and CROWD
        others are; `own` is that which the visitor has just left, and no other's."""
        with self.lock:
            others = sum(job.queue is Queue.LONG and job.waiting > 0 and job.key != own
                         for job in self._jobs.values())
            return key not in self._results and key not in self._jobs and others >= CROWD

    def place(self, job: Job) -> int:
        """1 for the next job to start; 0 when it is not waiting."""
        with self.lock:
            waiting = [other for other in self._jobs.values() if other.queue is job.queue
                       and not other.started and not other.abandoned()]
            return waiting.index(job) + 1 if job in waiting else 0

    def state(self) -> dict[str, int]:
        """How many jobs run and wait, and what the cache holds."""
        with self.lock:
            started = sum(job.started for job in self._jobs.values())
            return {"running": started, "waiting": len(self._jobs) - started,
                    "cached": len(self._results), "cache_bytes": self._bytes}

    def known(self, key: Hashable) -> Any:
        """A finished result that is in the cache, or None."""
        with self.lock:
            return self._results[key].result if key in self._results else None

    def keep(self, key: Hashable, result: Any) -> None:
        """Into the cache: a part of a job that others may ask for by itself."""
        size = size_of(result)
        with self.lock:
            self._keep(key, Kept(result, size, overran=False))

    def _keep(self, key: Hashable, kept: Kept) -> None:
        if before := self._results.pop(key, None):
            self._bytes -= before.size
        self._results[key] = kept
        self._bytes += kept.size
        while self._bytes > self._capacity and len(self._results) > 1:
            self._bytes -= self._results.popitem(last=False)[1].size

    def _run(self, job: Job, function: Callable[..., Any]) -> None:
        start = time.monotonic()
        try:
            if job.abandoned():
                raise Abandoned
            job.start()
            result = function(monitor=job.monitor)
            size, error = size_of(result), None
        except BaseException as caught:  # noqa: BLE001  whatever it is, the visitor's run raises it
            result, size, error = None, 0, caught
        with self.lock:
            if self._jobs.get(job.key) is job:
                del self._jobs[job.key]
            if error is None and not job.abandoned():
                self._keep(job.key, Kept(result, size, job.overran))
        log.info("run", extra={"key": str(job.key), "seconds": round(time.monotonic() - start, 3),
                               "bytes": size, "status": type(error).__name__ if error else "done"})
        if error is None:
            job.future.set_result(result)
        else:
            job.future.set_exception(error)


def size_of(result: Any) -> int:
    """About how many bytes a result takes: those of its arrays, which are not copied for this,
    and of the rest as pickled, which is a few times less than Python's objects are."""
    arrays: list[pickle.PickleBuffer] = []
    rest = pickle.dumps(result, protocol=5, buffer_callback=arrays.append)
    return len(rest) + sum(array.raw().nbytes for array in arrays)


OVERRAN = (f"This computation was stopped after {SECONDS:g} s, the most that this server gives to"
           " one.")
NO_MEMORY = ("This computation needs more memory than the server has. Choose a smaller width, fewer"
             " groups of neurons or a larger tolerance.")


class Abandoned(Exception):
    """Nobody waited for the job when its turn came."""


manager = Manager()


def compute(key: Hashable, function: Callable[..., Any], label: str,
            queue: Queue = Queue.LONG) -> Any:
    """The result of `function(monitor=)` for a page, computed once per key.

    A wait longer than PATIENCE shows `label`, a progress bar, the place in the queue and a
    button to stop; after it is pressed the function's partial result is returned, or None if
    it has none.  So it is, and said, after SECONDS; without enough memory there is None.  A rerun
    of the page lets go of the job.  Raises what the function raises.
    """
    stop = f"stop {hash(key)}"
    halted = st.session_state.get(stop)
    if halted is not None:
        return _stopped(halted, stop)
    slot = st.empty()
    job = manager.submit(key, function, queue)
    try:
        if not job.future.done():
            with turns.lent():
                _wait(job, slot, label, stop)
        result = job.future.result()
        if job.overran:
            st.warning(f"{OVERRAN} What it had reached is shown.")
        return result
    except Stopped:
        if not job.overran:
            raise
        st.warning(f"{OVERRAN} It has no partial result.")
        return None
    except MemoryError:
        st.error(NO_MEMORY)
        return None
    finally:
        job.release()


def solved(settings: Settings, label: str = "Solving the equations", *,
           later: bool = False) -> Trajectory | None:
    """The run of `settings`; None when it was stopped before its first step.

    later  the page has shown its first curves
    """
    p = settings.parameters
    if not kernels.ready(kernels.part_for(p)):
        if known := stored(settings):
            return known
        label = "Waiting for the solver, which a new machine compiles first"
    return compute(("solve", settings), partial(solve_when_ready, settings), label,
                   Queue.LONG if not p.identical else Queue.SOON if later else Queue.QUICK)


def solve_when_ready(settings: Settings, monitor: Monitor) -> Trajectory:
    """The run of `settings`, once its solver is compiled, or as another worker has solved it.
    Raises Stopped."""
    if (known := shelf.find(settings)) is not None:
        return known
    kernels.wait(settings.parameters, monitor)
    start = time.monotonic()
    run = solve(settings.parameters, settings.rtol, monitor=monitor)
    if run.status is not Status.CANCELLED and time.monotonic() - start > DEAR:
        shelf.put(settings, run)
    return run


def solved_along(settings: tuple[Settings, ...], label: str) -> tuple[Trajectory, ...]:
    """The runs of several settings, each kept for those who ask for it alone; if stopped, those
    that were done."""
    quick = all(each.parameters.identical for each in settings)
    return compute(("solve along", settings), partial(_solve_along, settings), label,
                   Queue.QUICK if quick else Queue.LONG) or ()


def _solve_along(settings: tuple[Settings, ...], monitor: Monitor) -> tuple[Trajectory, ...]:
    runs: list[Trajectory] = []
    for n, each in enumerate(settings):
        run = manager.known(("solve", each))
        if run is None:
            run = solve_when_ready(each, monitor.part(n, len(settings)))
            if run.status is Status.CANCELLED:
                break
            manager.keep(("solve", each), run)
        runs.append(run)
        monitor.progress((n + 1) / len(settings))
    return tuple(runs)


def _wait(job: Job, slot: DeltaGenerator, label: str, stop: str) -> None:
    """Until the job is done, shown after PATIENCE."""
    def halt() -> None:
        st.session_state[stop] = job

    if job.join(PATIENCE):
        return
    with slot.container():
        bar = st.progress(0.0, text=label)
        st.button("Stop", key=f"{stop} button", on_click=halt)
    while not job.join(LOOK):
        place = job.place
        bar.progress(job.share, text=f"{label}: waiting, place {place} in the queue" if place
                     else f"{label}: {job.share:.0%}")
    slot.empty()


def _stopped(job: Job, stop: str) -> Any:
    """The partial result of a job the visitor stopped, with a button to start it again.

    When other visitors still wait for the same job it goes on, and there is no partial result.
    """
    def again() -> None:
        st.session_state.pop(stop, None)

    left, right = st.columns([4, 1], vertical_alignment="center")
    # Another part of the page that needs the same result has said so already.
    with suppress(StreamlitDuplicateElementKey):
        right.button("Run again", key=f"{stop} again", on_click=again)
        left.warning("You stopped this computation. What it had reached by then is kept.")
    return job.future.result() if job.join(GRACE + 2) and not job.future.exception() else None
