"""Long computations that show what they have so far and can be stopped.

    show("networks", key, function, draw, "Training")

`function(monitor=)` runs in the page's queue (`dashboard.service.jobs`) once the visitor presses
Start, or unasked with `at_once`; `draw(result)` is called again every second with what was
published last, and with None before that.  Leaving the page stops the computation.
"""

import threading
import time
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

import streamlit as st

from dashboard.service.jobs import PATIENCE, Abandoned, Job, manager
from dashboard.service.turns import turns
from engine.monitor import Monitor, Stopped

PERIOD = 1.0
"""Seconds between two pictures."""
DESERTED = 15.0
"""Seconds after which nobody is taken to look at a computation any more; browsers let a tab in
the background wait."""


class Watch:
    """What a computation has published, and when a page last looked."""

    def __init__(self) -> None:
        self.latest: Any = None
        self.seen = time.monotonic()

    def put(self, result: Any) -> None:
        self.latest = result

    def look(self) -> Any:
        self.seen = time.monotonic()
        return self.latest

    def deserted(self) -> bool:
        return time.monotonic() - self.seen > DESERTED


@dataclass
class Run:
    """One visitor's computation: running while `job` is set, then its result or error."""

    key: Hashable
    watch: Watch
    job: Job | None = None
    result: Any = None
    stopped: bool = False
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
            self.stopped, self.result = True, latest
        except ValueError as error:
            self.error, self.result = str(error), latest
        self.job.release()
        self.job = None
        return self.result


_watches: WeakValueDictionary[Hashable, Watch] = WeakValueDictionary()
_lock = threading.Lock()


def show(name: str, key: Hashable, function: Callable[..., Any], draw: Callable[[Any], None],
         start: str, *, at_once: bool = False) -> Any:
    """The Start or Stop button, a progress bar, and the picture; returns the finished result.

    A run of another key, of settings that have changed since, is stopped and forgotten.
    start     the words on the button, such as "Train 10 networks (8 to 40 s)"
    at_once   begin without being asked; the button is there once the visitor has stopped it
    """
    slot = f"live {name}"
    run: Run | None = st.session_state.get(slot)
    if run is not None and run.key != key:
        run.stop()
        run = st.session_state.pop(slot) and None
    if run is None and at_once:
        run = st.session_state[slot] = _begin(key, function)
        # A result that is there already is drawn without a progress bar in between.
        if run.job is not None:
            with turns.lent():
                run.job.join(PATIENCE)
        run.poll()
    running = run is not None and run.job is not None

    def begin() -> None:
        st.session_state[slot] = _begin(key, function)

    st.fragment(_picture, run_every=PERIOD if running else None)(
        name, run, running, draw, begin, start)
    return run.result if run is not None and run.job is None else None


def _begin(key: Hashable, function: Callable[..., Any]) -> Run:
    with _lock:
        watch = _watches.get(key)
        if watch is None:
            watch = _watches[key] = Watch()
    watch.look()
    return Run(key, watch, manager.submit(key, partial(_watched, function, watch)))


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
    if run is not None and run.error:
        st.error(run.error)
    draw(latest)
