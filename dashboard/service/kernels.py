"""Compile the kernels, or load them where they lie compiled.

    kernels.prepare()                   # at a server's start, in the background
    kernels.wait(p, monitor)            # before a run: until those it needs are there
    python -m dashboard.service.kernels # when a container is built

On a new machine both solvers are compiled at once and in processes of their own: the compiler would
take half of the interpreter from those who look at stored runs meanwhile.
"""

import gc
import math
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from dashboard.service import worker
from engine import Parameters, solve
from engine.dmft.scheme.row import take
from engine.kernels import on_disk
from engine.limits import LIMITS, limit
from engine.monitor import Monitor
from engine.network import NetworkSettings, estimate
from engine.network.estimate import Speed, agree, speed
from engine.regimes import regimes

ROOT = Path(__file__).parents[2]
WITH_PARENT = "--with-parent"
"""Given to a process that compiles for a server: it ends when that does."""
COMPILED = "compiled"
"""What workers call the solvers that they have; the disk may be full, so that it lacks them."""
SPEED = "speed"
"""What workers call the machine's measured speed."""
PATIENCE = 600.0
"""Seconds for which a worker waits for what another one compiles."""


def identical() -> None:
    """The solver of identical neurons.  Runs of full length: short ones never thin their history.
    """
    for p in (Parameters(m=16), Parameters(m=16, init="lazy")):
        solve(p)


def unequal() -> None:
    """The solver of groups."""
    solve(Parameters(m=16, spread=0.1))


def rest() -> None:
    """The kernels of limits and of networks."""
    for p in (Parameters(init="lazy"), Parameters(), Parameters(target="noise")):
        for regime in regimes(p):
            if regime.key in LIMITS:
                limit(p, regime.key, min(regime.high, p.t_max))
    _agree_on_speed()
    estimate(Parameters(), NetworkSettings(), math.inf)


PARTS: dict[str, Callable[[], None]] = {
    "identical": identical, "unequal": unequal, "rest": rest}
SOLVERS = {"identical": "engine.dmft.symmetric.", "unequal": "engine.dmft.groups."}
"""The parts that a run may need, each with what is in the names of its types."""
_ready = {part: threading.Event() for part in SOLVERS}
for _event in _ready.values():
    _event.set()  # without a server each call compiles what it needs


def part_for(p: Parameters) -> str:
    """Which solver a run needs."""
    return "identical" if p.identical else "unequal"


def ready(part: str = "identical") -> bool:
    """Whether a solver is loaded, or nobody is about to load it."""
    return _ready[part].is_set()


def wait(p: Parameters, monitor: Monitor) -> None:
    """Until the solver of a run is there.  Raises Stopped."""
    while not _ready[part_for(p)].wait(0.05):
        monitor.check()


def prepare() -> None:
    """Compile or load all kernels in the background, in the order in which they are wanted, and
    take everything loaded so far out of the collector's sight.

    Without the latter each search for garbage goes through all imported modules.
    """
    def warm_up() -> None:
        try:
            compilers = {part: _compiler(part) for part in SOLVERS}
            for part, compiler in compilers.items():
                if compiler is not None:
                    compiler.wait()
                elif worker.NUMBER > 0:
                    _wait_for_others(part)
                PARTS[part]()
                _ready[part].set()
                worker.put(COMPILED, [name for name in SOLVERS if ready(name)])
        finally:  # what fails here fails again, and says so, where it is asked for
            for event in _ready.values():
                event.set()
        rest()
        gc.collect()
        gc.freeze()

    for event in _ready.values():
        event.clear()
    threading.Thread(target=warm_up, name="prepare", daemon=True).start()


def _compiler(part: str) -> subprocess.Popen[bytes] | None:
    """A process that compiles a part; None where it is compiled, or another worker does that."""
    if worker.NUMBER > 0 or on_disk(take, SOLVERS[part]) is not False:
        return None
    try:
        return subprocess.Popen([sys.executable, "-m", __name__, part, WITH_PARENT], cwd=ROOT,
                                stdin=subprocess.PIPE)
    except OSError:  # no process can be had: this one compiles
        return None


def _wait_for_others(part: str) -> None:
    give_up = time.monotonic() + PATIENCE
    while time.monotonic() < give_up:
        if on_disk(take, SOLVERS[part]) or any(part in told for told in worker.others(COMPILED)):
            return
        time.sleep(0.3)


def _agree_on_speed() -> None:
    """The first worker measures the machine's speed, and the others take it over: a link opens the
    same networks in all."""
    told = worker.earlier(SPEED) if worker.NUMBER == 0 else next(iter(worker.others(SPEED)), None)
    if told is None and worker.NUMBER == 0:
        found = speed()
        worker.put(SPEED, [list(found.start), list(found.step), list(found.observation)])
        return
    give_up = time.monotonic() + PATIENCE
    while told is None and time.monotonic() < give_up:
        time.sleep(0.3)
        told = next(iter(worker.others(SPEED)), None)
    if told is not None:
        agree(Speed(*(np.array(part) for part in told)))


def _end_with_parent() -> None:
    sys.stdin.read()
    os._exit(1)


if __name__ == "__main__":
    if WITH_PARENT in sys.argv:
        os.nice(5)
        threading.Thread(target=_end_with_parent, daemon=True).start()
    for name in [name for name in sys.argv[1:] if name in PARTS] or PARTS:
        PARTS[name]()
