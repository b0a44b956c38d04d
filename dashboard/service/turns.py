"""Who may use the interpreter when: pages take turns, and only so many are open.

Python runs one thread at a time.  A hundred pages that are drawn side by side are all there after
the time of a hundred; one after the other the middle one is there after half of that.

    with turns.taken():      # draws a page
        with turns.lent():   # waits for a computation: the next page may be drawn meanwhile
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from streamlit import runtime

from dashboard.service import worker
from dashboard.service.environment import SET
from dashboard.service.router import VISITORS

CROWD = 30
"""Sessions in one process, beyond which a page that all draw anew every few seconds keeps its
interpreter and its core busy."""


class Turns:
    """Places in which threads draw, first come first served; a thread may take one twice."""

    def __init__(self, places: int):
        self._free = threading.Semaphore(places)
        self._mine = threading.local()
        self._lock = threading.Lock()
        self._drawing = 0

    @contextmanager
    def taken(self, patience: float | None = None) -> Iterator[None]:
        """Wait for a place and keep it.  Raises TimeoutError after `patience` seconds."""
        if getattr(self._mine, "taken", False):
            yield
            return
        if not self._free.acquire(timeout=patience):
            raise TimeoutError("no place to draw")
        self._have(True)
        try:
            yield
        finally:
            self._have(False)
            self._free.release()

    def busy(self) -> bool:
        """Whether any thread draws."""
        return self._drawing > 0

    def _have(self, taken: bool) -> None:
        self._mine.taken = taken
        with self._lock:
            self._drawing += 1 if taken else -1

    @contextmanager
    def lent(self) -> Iterator[None]:
        """Leave one's place, if one has it, to others and wait for it again afterwards."""
        if not getattr(self._mine, "taken", False):
            yield
            return
        self._have(False)
        self._free.release()
        try:
            yield
        finally:
            self._free.acquire()
            self._have(True)


class Doors:
    """Lets in so many sessions at most, those of other workers among them; `is_open(session)` says
    whether one is still there."""

    def __init__(self, places: int, is_open: Callable[[str], bool]):
        self.places, self._is_open = places, is_open
        self._inside: set[str] = set()
        self._lock = threading.Lock()

    def enter(self, session: str) -> bool:
        """Whether the session is inside, now or since before."""
        if session in self._inside:  # does not wait for those who are not
            return True
        with self._lock, worker.alone(VISITORS):  # or two of them give the last place away
            if self._full():
                self._forget()
            if self._full():
                return False
            self._inside.add(session)
            worker.put(VISITORS, len(self._inside))
            return True

    def crowded(self) -> bool:
        """Whether so many are inside, or were a moment ago, that dear things are done when asked
        for."""
        return len(self._inside) > CROWD

    def count(self) -> int:
        """How many sessions are inside.  Does not wait, since the event loop asks: while somebody
        enters, those that have left are still counted."""
        if self._lock.acquire(blocking=False):
            try:
                self._forget()
            finally:
                self._lock.release()
        return len(self._inside)

    def _full(self) -> bool:
        return len(self._inside) + sum(worker.others(VISITORS)) >= self.places

    def _forget(self) -> None:
        before = len(self._inside)
        self._inside = {session for session in self._inside if self._is_open(session)}
        if len(self._inside) != before:
            worker.put(VISITORS, len(self._inside))


def is_open(session: str) -> bool:
    """Whether the session's page is connected; so it is taken to be where no server runs."""
    return not runtime.exists() or runtime.get_instance().is_active_session(session)


class Drawing:
    """Sessions whose page is being drawn; `session in drawing`.

    A page's timers run only once it stands, which on a machine that compiles takes a while.
    """

    def __init__(self) -> None:
        self._sessions: set[str] = set()

    @contextmanager
    def page(self, session: str) -> Iterator[None]:
        """While its page is drawn."""
        self._sessions.add(session)
        try:
            yield
        finally:
            self._sessions.discard(session)

    def __contains__(self, session: str) -> bool:
        return session in self._sessions


PLACES = 2
"""Two threads that draw: one goes on while the other looks something up."""
turns = Turns(PLACES)
drawing = Drawing()
doors = Doors(SET["visitors"], is_open)
worker.put(VISITORS, 0)  # an earlier process of this number may have told more
