"""What sweeps cost beside the bare solver: `python -m bench.sweep [--jobs 2] [--cells 200]
[--dask]` (half a minute; with processes one, with a cluster two).

1. Throughput of a sweep over that of the same number of processes that do nothing but solve, on
   cells of some 20 ms: by processor time of all processes, and by the clock, which counts idle
   processes too but means something on an idle machine alone.  The two alternate, so that both see
   the same machine.
2. Overhead a cell: how much more processor time the sweep took, over the cells; the same for cells
   of some 2 ms.
3. Making cells, looking up finished ones, writing the table, and bytes a cell in the file.

Medians with the least and the most.
"""

import contextlib
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import click

from engine import Parameters, solve
from engine.sweep import Cell, grid, sweep

USUAL, SMALL = {}, {"m": 8, "t_max": 2.0}


def clock(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def spread(values: list[float]) -> str:
    return f"{statistics.median(values):.4g} ({min(values):.4g} … {max(values):.4g})"


def solve_all(texts: list[dict]) -> None:
    for settings in texts:
        solve(Parameters.from_dict(settings))


def bare(cells: list[Cell], jobs: int) -> Callable[[], object]:
    """The solver alone, in `jobs` processes that share the cells evenly."""
    settings = [cell.content["settings"] for cell in cells]
    if jobs == 1:
        return lambda: solve_all(settings)
    import joblib

    return lambda: joblib.Parallel(jobs, batch_size=1)(
        joblib.delayed(solve_all)(settings[k::jobs]) for k in range(jobs))


@contextlib.contextmanager
def cluster(jobs: int) -> Iterator[str]:
    """A scheduler and workers on this machine, as `dask scheduler` and `dask worker` start them."""
    import distributed

    with distributed.LocalCluster(n_workers=jobs, threads_per_worker=1, host="127.0.0.1",
                                  dashboard_address=None) as local:
        yield local.scheduler_address


def processor_time() -> float:
    """Seconds of this process and of all that it started and that still run."""
    import psutil

    this = psutil.Process()
    return sum(sum(process.cpu_times()[:2]) for process in (this, *this.children(recursive=True)))


def measured(work: Callable[[], object]) -> tuple[float, float]:
    """Processor time and clock of `work`, in seconds."""
    before = processor_time()
    seconds = clock(work)
    return processor_time() - before, seconds


def compare(cells: list[Cell], jobs: int, repeat: int, options: dict[str, Any]) -> None:
    """Print the ratios of throughputs and the overhead a cell."""
    own, clocks, overheads, each = [], [], [], []
    with tempfile.TemporaryDirectory() as folder:
        run = lambda k: sweep(cells, Path(folder) / f"{k}.sqlite", **options)  # noqa: E731
        alone = bare(cells, jobs)
        run("warm"), alone()
        for k in range(repeat):
            solver, waited = measured(alone)
            whole, took = measured(lambda k=k: run(k))
            own.append(solver / whole)
            clocks.append(waited / took)
            overheads.append((whole - solver) / len(cells) * 1e3)
            each.append(solver / len(cells) * 1e3)
    print(f"{len(cells)} cells of {statistics.median(each):.3g} ms, {jobs} processes"
          f"{' of a cluster' if 'dask' in options else ''}: throughput over bare {spread(own)},"
          f" by the clock {spread(clocks)}; overhead a cell {spread(overheads)} ms", flush=True)


def storage(count: int) -> None:
    """What the parts around the cells cost each."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "s.sqlite"
        cells = grid("solve", alpha=f"0.1:0.5:{count}", **SMALL)
        made = clock(lambda: grid("solve", alpha=f"0.1:0.5:{count}", **SMALL)) / count
        result = sweep(cells, path)
        size = path.stat().st_size / count
        again = clock(lambda: sweep(cells, path)) / count
        table = clock(result.table) / count
    print(f"making a cell {made * 1e6:.0f} µs, finding it finished {again * 1e6:.0f} µs, its row of"
          f" the table {table * 1e6:.0f} µs; {size:.0f} bytes in the file", flush=True)


@click.command(help=__doc__.splitlines()[0])
@click.option("--jobs", type=click.IntRange(1), default=1, show_default=True,
              help="More than 1 come with: pip install '.[sweep]'.")
@click.option("--cells", "count", type=click.IntRange(10), default=200, show_default=True)
@click.option("--repeat", type=click.IntRange(1), default=5, show_default=True)
@click.option("--dask", is_flag=True, help="Measure a cluster on this machine too.")
def main(jobs: int, count: int, repeat: int, dask: bool) -> None:
    storage(count)
    for settings in (USUAL, SMALL):
        cells = grid("solve", alpha=f"0.25:0.35:{count}", **settings)
        compare(cells, 1, repeat, {})
        if jobs > 1:
            compare(cells, jobs, repeat, {"jobs": jobs})
        if dask:
            with cluster(jobs) as address:
                compare(cells, jobs, repeat, {"dask": address})


if __name__ == "__main__":
    main()
