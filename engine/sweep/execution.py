"""Who computes the cells: this process, several of them, or the workers of a Dask cluster.

Each takes the texts of cells and yields their outcomes as they come.  No queue and no scheduler is
ours: joblib's and Dask's do it.
"""

import importlib
import signal
import threading
from collections.abc import Generator, Iterable, Iterator
from types import ModuleType
from typing import Any

from engine.monitor import Monitor, Stopped
from engine.sweep.errors import SweepError
from engine.sweep.kinds import FAILED, Outcome, outcome, results_version

BATCH_SECONDS = 1.0
"""Work that a cluster's worker is handed at once, which is what a kill may lose of it."""
MOST_IN_BATCH = 500
QUEUED = 3
"""Batches in flight for each thread of a cluster."""


def serial(texts: Iterable[str], monitor: Monitor = Monitor()) -> Generator[Outcome, None, None]:
    """One after the other; stops within a cell when it is cancelled."""
    for text in texts:
        try:
            yield outcome(text, Monitor(cancel=monitor.cancel))
        except Stopped:
            return


def parallel(texts: Iterable[str], jobs: int) -> Generator[Outcome, None, None]:
    """In `jobs` processes of this machine; joblib hands out small cells in batches of 0.2 s."""
    joblib = needed("joblib", "--jobs", "sweep")
    tasks = (joblib.delayed(_in_worker)(text) for text in texts)
    broken = importlib.import_module("joblib.externals.loky.process_executor").BrokenProcessPool
    try:
        with joblib.parallel_config("loky", n_jobs=jobs, inner_max_num_threads=1):
            yield from joblib.Parallel(return_as="generator_unordered",
                                       pre_dispatch=f"{QUEUED} * n_jobs")(tasks)
    except broken as error:
        raise SweepError("jobs: a process was killed, perhaps for want of memory. What was finished"
                         f" is kept; take fewer --jobs and call again. {error}") from None


def on_cluster(texts: Iterable[str], address: str) -> Generator[Outcome, None, None]:
    """By the workers of a running Dask cluster; `address` of its scheduler, or its file, a .json.

    Cells go in batches of about BATCH_SECONDS.  What a lost worker had in hand is computed by
    another one; a cell that costs several workers their lives is a failed cell.
    """
    distributed = needed("distributed", "--dask", "cluster")
    try:
        where = {"scheduler_file" if address.endswith(".json") else "address": address}
        client = distributed.Client(**where, set_as_default=False)
    except (OSError, ValueError) as error:
        raise SweepError(f"dask: no scheduler answers at {address!r}. {error}") from None
    with client:
        if not client.ncores():
            raise SweepError(f"dask: the scheduler at {address!r} has no worker. Start one: dask"
                             f" worker {address} --nthreads 1.")
        yield from _Batches(client, distributed.as_completed([], loop=client.loop),
                            list(texts)).outcomes()


class _Batches:
    """Batches in flight on a cluster."""

    def __init__(self, client: Any, waiting: Any, texts: list[str]):
        self.client, self.waiting = client, waiting
        self.unsent, self.sent = texts[::-1], dict[str, list[str]]()
        self.seconds, self.done = 0.0, 0

    def outcomes(self) -> Iterator[Outcome]:
        self.fill()
        for future in self.waiting:
            batch = self.sent.pop(future.key)
            yield from self.received(future, batch)
            self.fill()

    def fill(self) -> None:
        """Keep all threads of the workers that there are now in work."""
        wanted = QUEUED * max(1, sum(self.client.ncores().values()))
        while self.unsent and len(self.sent) < wanted:
            size = self.size(len(self.unsent) // wanted)
            self.send([self.unsent.pop() for _ in range(size)])

    def size(self, share: int) -> int:
        """Cells that take about BATCH_SECONDS by those that are done, but no more than a share of
        what is left, so that all workers end together."""
        usual = int(BATCH_SECONDS * self.done / max(self.seconds, 1e-9))
        return max(1, min(MOST_IN_BATCH, usual, share))

    def send(self, batch: list[str]) -> None:
        future = self.client.submit(batch_outcomes, batch, pure=False)
        self.sent[future.key] = batch
        self.waiting.add(future)

    def received(self, future: Any, batch: list[str]) -> Iterator[Outcome]:
        """The batch's outcomes; if it could not be computed its cells go one by one."""
        if future.status == "finished":
            found = future.result()
            self.done += len(found)
            self.seconds += sum(one.seconds for one in found)
            yield from found
        elif len(batch) > 1:
            for text in batch:
                self.send([text])
        else:
            error = future.exception()
            yield Outcome(batch[0], results_version(), FAILED,
                          f"{type(error).__name__}: {error}", {}, 0.0)


def batch_outcomes(texts: list[str]) -> list[Outcome]:
    return [outcome(text) for text in texts]


def _in_worker(text: str) -> Outcome:
    """A terminal sends Ctrl-C to all its processes; the first one alone answers it."""
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    return outcome(text)


def needed(module: str, what: str, extra: str) -> ModuleType:
    """An optional package.  Raises SweepError that says how to get it."""
    try:
        return importlib.import_module(module)
    except ImportError:
        raise SweepError(f"{what} needs the package {module}, which is not installed. Install it:"
                         f" pip install 'two-layer-dynamics[{extra}]'.") from None


