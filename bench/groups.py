"""How fast groups of unequal neurons are beside identical ones: `python -m bench.groups [--quick]`
(about three minutes, quick: one).

1. Wide networks, and p = 8, with the most memory that the process has had.
2. Time of the start page's run with 10 % spread in p groups in units of that of identical neurons,
   as a whole and a sweep; the runs alternate, so that both see the same machine.
3. First result in a new process without compiled kernels on disk, by the clock.

One thread, processor time; medians with the least and the most.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import click

from engine import Parameters, Trajectory, solve

COLD = {
    "identical": "from engine import Parameters, solve; solve(Parameters())",
    "groups": "from engine import Parameters, solve; solve(Parameters(spread=0.1, groups=2))",
    "stability": "from engine import Parameters\nfrom engine.dmft.stability.result import"
                 " stability\nstability(Parameters())",
}
ALONE = """
import json, resource, sys, time
from engine import Parameters, solve
settings, rtol = json.loads(sys.argv[1])
solve(Parameters(t_max=1.0, spread=0.1, groups=2))
begin = time.process_time()
solve(Parameters(spread=0.1, **settings), rtol)
print(time.process_time() - begin, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
"""


def seconds(p: Parameters, rtol: float) -> tuple[float, Trajectory]:
    begin = time.process_time()
    run = solve(p, rtol)
    return time.process_time() - begin, run


def spread(values: list[float], unit: str = "") -> str:
    return (f"{statistics.median(values):8.4g}{unit} ({min(values):.4g} … {max(values):.4g},"
            f" {len(values)} runs)")


def ratios(groups: int, rtol: float, repeat: int) -> None:
    """p = `groups` beside identical neurons."""
    whole, sweep = [], []
    for _ in range(repeat):
        alike, symmetric = seconds(Parameters(), rtol)
        unlike, run = seconds(Parameters(spread=0.1, groups=groups), rtol)
        whole.append(unlike / alike)
        sweep.append(unlike / run.work["sweeps"] * symmetric.work["sweeps"] / alike)
    print(f"p = {groups}, rtol {rtol:g}: {unlike:.3f} s, times identical {spread(whole)},"
          f" a sweep {spread(sweep)}", flush=True)


def alone(name: str, settings: dict, rtol: float, repeat: int) -> None:
    """Time and memory of a run in processes of its own."""
    lines = [subprocess.run([sys.executable, "-c", ALONE, json.dumps((settings, rtol))], text=True,
                            check=True, capture_output=True).stdout.split()
             for _ in range(repeat)]
    took, memory = (list(map(float, column)) for column in zip(*lines, strict=True))
    print(f"{name}, rtol {rtol:g}: {spread(took, ' s')}, {max(memory):.0f} MB", flush=True)


def cold(name: str) -> None:
    with tempfile.TemporaryDirectory() as empty:
        begin = time.perf_counter()
        subprocess.run([sys.executable, "-c", COLD[name]], check=True,
                       env={**os.environ, "NUMBA_CACHE_DIR": empty})
        print(f"{name}: {time.perf_counter() - begin:.1f} s", flush=True)


@click.command(help=__doc__.splitlines()[0])
@click.option("--quick", is_flag=True, help="Leave out runs longer than some seconds.")
def main(quick: bool) -> None:
    subprocess.run([sys.executable, "-c", COLD["groups"]], check=True)  # compiles
    # First, since a process counts the memory of the one that started it as its own.
    print("1. Runs in a process of their own, with its peak memory")
    alone("p = 4, m = 512 to 30 m", {"m": 512, "t_max": 15360, "groups": 4}, 1e-2, 5)
    alone("p = 8", {"groups": 8}, 1e-2, 3)
    if not quick:
        alone("p = 8", {"groups": 8}, 1e-3, 1)
    print("\n2. The start page's run with 10 % spread, beside identical neurons")
    solve(Parameters(t_max=1.0))  # loads what is compiled
    solve(Parameters(t_max=1.0, spread=0.1, groups=2))
    for rtol in (1e-2, 1e-3):
        for groups in (2, 4) if quick or rtol < 1e-2 else (2, 4, 8):
            ratios(groups, rtol, 7 if rtol == 1e-2 and groups < 8 else 3)
    print("\n3. A new process without compiled kernels on disk")
    for name in COLD:
        cold(name)


if __name__ == "__main__":
    main()
