"""What a subcommand does on the terminal: progress, Ctrl-C, results, exit codes."""

import contextlib
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from types import FrameType

import click

from engine.dmft.stability.result import Stability
from engine.monitor import Monitor, Stopped
from engine.results.status import Status
from engine.results.trajectory import Trajectory

INCOMPLETE = 3
INTERRUPTED = 130
"""Exit codes; 130 is what shells expect after Ctrl-C."""
TICKS = 1000
LINE_EVERY = 60.0
"""Seconds between two lines of progress in a log."""


@contextlib.contextmanager
def running() -> Iterator[Monitor]:
    """A monitor that draws a bar on a terminal and stops at Ctrl-C.

    A second Ctrl-C ends the program at once.  A computation that has nothing to show when it is
    stopped ends the command with code 130.
    """
    stopped = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.set()
        signal.signal(signal.SIGINT, signal.default_int_handler)

    # Python allows signal handlers in its main thread only.
    can_handle = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGINT, stop) if can_handle else None
    try:
        with progress_bar() as progress:
            yield Monitor(progress=progress, cancel=stopped.is_set)
    except Stopped:
        click.echo("cancelled: there is no partial result.", err=True)
        click.get_current_context().exit(INTERRUPTED)
    finally:
        if can_handle:
            signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def progress_bar() -> Iterator[Callable[[float], None]]:
    """What draws the share done, and the time left, on a terminal."""
    with click.progressbar(length=TICKS, file=sys.stderr,
                           hidden=not sys.stderr.isatty()) as bar:
        yield lambda share: bar.update(int(share * TICKS) - bar.pos)


def progress_lines(every: float = LINE_EVERY) -> Callable[[float], None]:
    """What writes the share done, and the time left, now and then: for logs of long computations.
    """
    start = last = time.monotonic()

    def tell(share: float) -> None:
        nonlocal last
        now = time.monotonic()
        if now - last >= every:
            last = now
            left = timedelta(seconds=round((now - start) * (1 - share) / share))
            click.echo(f"{share:.1%} done, {left} left", err=True)

    return tell


def deliver(trajectory: Trajectory | Stability, out: Path | None) -> None:
    """Write the result to `out`, or as CSV to standard output when `out` is None.

    The status goes to standard error.  Ends the command with code 3 when the run did not
    reach its horizon and 130 when it was cancelled.
    """
    if out is None:
        trajectory.to_frame().to_csv(sys.stdout, index=False)
    else:
        try:
            trajectory.save(out)
        except OSError as error:
            raise click.FileError(str(out), error.strerror) from None
        click.echo(f"{out}: {len(trajectory)} time steps to t = {trajectory.t[-1]:g}.", err=True)
    status = trajectory.status
    if out is not None or not status.complete:
        click.echo(f"{status.value}: {status.advice}", err=True)
    if not status.complete:
        code = INTERRUPTED if status is Status.CANCELLED else INCOMPLETE
        click.get_current_context().exit(code)
