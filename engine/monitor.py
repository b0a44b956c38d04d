"""What a long computation is watched with: how far it is, whether to go on, what it has so far.

Everything that takes a second or more takes a keyword `monitor`:

    solve(p, monitor=Monitor(progress=bar.update, cancel=stop_button.is_set))

Cancellation means one thing everywhere.  `cancel` is asked between rows, steps or runs; once it
says True the computation ends as soon as it can.  It returns what it has, marked as incomplete,
where a part of the result is of use by itself (a run up to some time), and raises Stopped where it
is not (half a search).  Nothing that was cut short is kept for later calls.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


class Stopped(Exception):
    """The computation was cancelled, and a part of its result would be of no use."""


def _ignore(_: Any) -> None:
    pass


def _never() -> bool:
    return False


@dataclass(frozen=True)
class Monitor:
    """Three callbacks, each of which may be left out; they are called in the computing thread.

    progress  gets the share done, from 0 to 1, which never falls
    cancel    says whether to stop
    publish   gets a result that is not complete yet, each time there is more of it
    """

    progress: Callable[[float], None] = _ignore
    cancel: Callable[[], bool] = _never
    publish: Callable[[Any], None] = _ignore

    def part(self, n: int, total: int) -> "Monitor":
        """The monitor of piece n (from 0) of `total` equal ones.  What it publishes is dropped:
        the result of a piece is none of the whole."""
        return Monitor(lambda share: self.progress((n + share) / total), self.cancel)

    def check(self) -> None:
        """Raises Stopped if the computation is to stop."""
        if self.cancel():
            raise Stopped
