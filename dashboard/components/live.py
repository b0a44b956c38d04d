"""Long computations that show what they have so far and can be stopped.

    show("networks", key, function, draw, "Training")

`function(monitor=)` runs in the page's queue (`dashboard.service.jobs`) once the visitor presses
Start, or unasked with `at_once`; `draw(result)` is called again every second with what was
published last, and with None before that.  Leaving the page stops the computation.

    price = known("offer", key, function, "Estimating the cost")

does not hold the page up: it is None first, and the page is drawn again when there is a result.
"""

import logging
import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboard.service.jobs import NO_MEMORY, OVERRAN, PATIENCE, Abandoned, Job, Queue, manager
from dashboard.service.turns import drawing, is_open, turns
from engine.monitor import Monitor, Stopped

log = logging.getLogger(__name__)

FAILED = "The computation failed, and the server's log says why. What it had reached is shown."
PERIOD = 1.0
"""Seconds between two pictures."""
DESERTED = 15.0
"""Seconds after which nobody is taken to look at a computation any more; browsers let a tab in
the background wait."""
GONE = 0.7
"""Seconds after which a page that has lost its connection is taken to be closed."""


class Watch:
    """What a computation has published, and when which session last looked."""

    def __init__(self) -> None:
        self.latest: Any = None
        self._seen: dict[str, float] = {}
        self._open = time.monotonic()

    def put(self, result: Any) -> None:
        self.latest = result

    def look(self) -> Any:
        context = get_script_run_ctx()
        self._open = self._seen[context.session_id if context else ""] = time.monotonic()
        return self.latest

    def deserted(self) -> bool:
        """Whether no page that looked lately, or is still being drawn, has been open for a moment.
        """
        now = time.monotonic()
        if any((now - seen < DESERTED or session in drawing) and is_open(session)
               for session, seen in list(self._seen.items())):
            self._open = now
        return now - self._open > GONE


@dataclass
class Run:
    """One visitor's computation: running while `job` is set, then its result or error.

    stopped  by the visitor, or because nobody looked
    left     the latter
    overran  by the server, for its time
    """

    key: Hashable
    watch: Watch
    job: Job | None = None
    result: Any = None
    stopped: bool = False
    left: bool = False
    overran: bool = False
    error: str = ""
    started: float = field(default_factory=time.monotonic)

    def stop(self) -> None:
        """Keep what has been published."""
        if self.job is not None:
            self.job.release()
            self.job, self.stopped, self.result = None, True, self.watch.latest

    def poll(self) -> Any:
        """What there is to draw; takes in the result when the job is done."""
        latest = self.watch.look()
        if self.job is None:
            return self.result
        if not self.job.join(0):
            return latest
        try:
            self.result = self.job.future.result()
        except Abandoned:
            self.stopped, self.left, self.result = True, not self.job.overran, latest
        except ValueError as error:
            self.error, self.result = str(error), latest
        except MemoryError:
            self.error, self.result = NO_MEMORY, latest
        except Exception:
            log.exception("a computation failed")
            self.error, self.result = FAILED, latest
        self.overran = self.job.overran
        self.job.release()
        self.job = None
        return self.result


_watches: WeakValueDictionary[Hashable, Watch] = WeakValueDictionary()
_lock = threading.Lock()


def show(name: str, key: Hashable, function: Callable[..., Any], draw: Callable[[Any], None],
         start: str, *, at_once: bool = False, patience: float = PATIENCE) -> Any:
    """The Start or Stop button, a progress bar, and the picture; returns the finished result.

    A run of another key, of settings that have changed since, is stopped and forgotten.
    start     the words on the button, such as "Train 10 networks (8 to 40 s)"
    at_once   begin without being asked; the button is there once the visitor has stopped it
    patience  seconds for which it may then hold the page up, which shows no progress of what is
              done by then; 0 for what always takes longer
    """
    slot = f"live {name}"
    run: Run | None = st.session_state.get(slot)
    if run is not None and (run.key != key or (run.left and at_once)):
        run.stop()
        run = st.session_state.pop(slot) and None
    if run is None and at_once:
        run = st.session_state[slot] = _begun(key, function, patience=patience)
    running = run is not None and run.job is not None

    def begin() -> None:
        st.session_state[slot] = _begin(key, function)

    st.fragment(_picture, run_every=PERIOD if running else None)(
        name, run, running, draw, begin, start)
    return run.result if run is not None and run.job is None else None


def crowded(name: str, key: Hashable) -> bool:
    """Whether what `show` would begin is better begun when asked for: others train already."""
    run: Run | None = st.session_state.get(f"live {name}")
    return manager.crowded(key, None if run is None else run.key)


def still(draw: Callable[[Any], None]) -> None:
    """`draw` alone, where `show` draws it: what is drawn keeps its place when `show` comes."""
    def picture() -> None:
        st.container(horizontal=True)
        draw(None)

    st.fragment(picture)()


def known(name: str, key: Hashable, function: Callable[..., Any], label: str) -> Any:
    """The result of a function that says what something will cost; until it is there, None and
    `label` where this is called.  Raises ValueError as the function does.
    """
    slot = f"known {name}"
    run: Run | None = st.session_state.get(slot)
    if run is not None and (run.key != key or run.stopped):
        run.stop()
        run = None
    if run is None:
        run = st.session_state[slot] = _begun(key, function, Queue.PRICE)
    if run.poll() is None and run.job is not None:
        st.fragment(_waiting, run_every=PERIOD)(slot, run, label)
    if run.error:
        raise ValueError(run.error)
    return run.result


def _waiting(slot: str, run: Run, label: str) -> None:
    """What `known` shows; the page follows when there is a result."""
    run.poll()
    if run.job is None or st.session_state.get(slot) is not run:
        st.rerun()
    st.caption(f"{label} …")


def _begun(key: Hashable, function: Callable[..., Any], queue: Queue = Queue.LONG,
           patience: float = PATIENCE) -> Run:
    """A computation after `patience`: what takes no longer is drawn without a progress bar."""
    run = _begin(key, function, queue)
    if run.job is not None:
        with turns.lent():
            run.job.join(patience)
    run.poll()
    return run


def _begin(key: Hashable, function: Callable[..., Any], queue: Queue = Queue.LONG) -> Run:
    with _lock:
        watch = _watches.get(key)
        if watch is None:
            watch = _watches[key] = Watch()
    watch.look()
    return Run(key, watch, manager.submit(key, partial(_watched, function, watch), queue))


def _watched(function: Callable[..., Any], watch: Watch, monitor: Monitor) -> Any:
    try:
        result = function(monitor=replace(
            monitor, publish=watch.put, cancel=lambda: monitor.cancel() or watch.deserted()))
    except Stopped:
        raise Abandoned from None
    if watch.deserted():
        raise Abandoned
    return result


def _picture(name: str, run: Run | None, running: bool, draw: Callable[[Any], None],
             begin: Callable[[], None], start: str) -> None:
    """What `show` draws anew every PERIOD.  When the run begins or ends the whole page follows."""
    latest = run.poll() if run is not None else None
    job = run.job if run is not None and running else None
    if st.session_state.get(f"live {name}") is not run or (running and job is None):
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        if run is not None and job is not None:
            st.button("Stop", key=f"{name} stop", on_click=run.stop, icon=":material/stop:")
            place = job.place
            st.progress(job.share, text=f"Waiting, place {place} in the queue" if place else
                        f"{job.share:.0%} done, {time.monotonic() - run.started:.0f} s")
        elif run is None or run.stopped or run.error:
            st.button(start, key=f"{name} start", on_click=begin, type="primary",
                      icon=":material/play_arrow:")
            if run is not None and run.stopped:
                st.caption("Stopped; what was reached by then is kept.")
    if run is not None and run.overran:
        st.warning(f"{OVERRAN} What it had reached is shown.")
    if run is not None and run.error:
        st.error(run.error)
    draw(latest)
