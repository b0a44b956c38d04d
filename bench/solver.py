"""How fast the solver is: `python -m bench.solver [--quick | --cold]` (ten minutes, three or two).

1. Time to a given accuracy beside the paper's explicit Euler scheme, in the same process, with
   fitted growth in the horizon T, the width m and 1/error.
2. Time beside the bound set by reading the history from memory once per sweep.
3. Whole runs of the dashboard's presets at rtol = 1e-2.
4. Cold start: import and first solve, with and without compiled kernels on disk, and the
   processor time of both.

One thread; medians of repeated runs with the least and the most.
"""

import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import click
import numpy as np
import pandas as pd

from dashboard.service.presets import ALL
from engine import Parameters, Trajectory, solve
from engine.dmft.reference import solve_euler

CURVES = ["gamma", "v", "train_error", "test_error"]
TRUTH = 3e-5
"""rtol of the runs that stand for the exact solution; their own error is some 1e-5."""
GOAL = 2e-3
RTOLS = (1e-1, 5e-2, 2e-2, 1e-2, 5e-3, 2e-3, 1e-3, 5e-4, 2e-4, 1e-4)
COLD = """
import time; begin = time.perf_counter()
from engine import Parameters, solve
loaded = time.perf_counter()
solve(Parameters({}))
print(loaded - begin, time.perf_counter() - begin, time.process_time())
"""
SOLVERS = {"identical neurons": "", "groups": "m=16, spread=0.1"}


def measured(function, repeat: int) -> tuple[list[float], object]:
    """Seconds of each of `repeat` calls, and what the last returned."""
    seconds = []
    for _ in range(repeat):
        begin = time.perf_counter()
        result = function()
        seconds.append(time.perf_counter() - begin)
    return seconds, result


def spread(seconds: Sequence[float]) -> str:
    return (f"{statistics.median(seconds):9.4f} s  ({min(seconds):.4f} … {max(seconds):.4f},"
            f" {len(seconds)} runs)")


def error(run: Trajectory, truth: Trajectory, t: np.ndarray) -> float:
    """Largest difference of the curves, each in units of its largest value."""
    exact = truth.at(t)[CURVES]
    return float(((run.at(t)[CURVES] - exact).abs() / exact.abs().max()).max().max())


def exponent(x, y) -> float:
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])


def compare(m: int, T: float, eta: float, repeat: int = 5) -> dict:
    """Euler with step eta, and the fast solver with the largest rtol that is no less accurate."""
    p = Parameters(m=m, alpha=0.6, tau=0.3, t_max=T)
    t = np.geomspace(T / 50, T, 60)
    truth = solve(p, TRUTH)
    steps = math.ceil(T / eta)
    slow, run = measured(lambda: solve_euler(p, steps), 1 if steps > 700 else 3)
    slow_error = error(run, truth, t)
    for rtol in RTOLS:
        fast_error = error(solve(p, rtol), truth, t)
        if fast_error <= slow_error:
            break
    fast, _ = measured(lambda: solve(p, rtol), repeat)
    return {"m": m, "T": T, "Euler steps": steps, "Euler error": slow_error,
            "Euler s": statistics.median(slow), "rtol": rtol, "fast error": fast_error,
            "fast s": statistics.median(fast), "least": min(fast), "most": max(fast),
            "ratio": statistics.median(slow) / statistics.median(fast)}


def show(title: str, rows: list[dict]) -> pd.DataFrame:
    print(title)
    table = pd.DataFrame(rows)
    print(table.to_string(index=False, float_format=lambda x: f"{x:.4g}"))
    return table


def growth(table: pd.DataFrame, of) -> dict[str, float]:
    """Exponents of the two times in `of`."""
    return {name: round(exponent(of, table[f"{name} s"]), 2) for name in ("Euler", "fast")}


def against_euler(quick: bool) -> None:
    print("\n1. Beside Euler at equal or better accuracy in γ, v, e_tr, e_ts over T/50 … T;"
          " α = 0.6, τ = 0.3")
    far = show("horizon, m = 64, η = 0.25",
               [compare(64, T, 0.25) for T in ((65, 130, 260) if quick else (65, 130, 260, 520))])
    in_T = growth(far, far["T"])
    print("grows with T as", in_T)
    wide = show("width, with the horizon T = 4 m that its regimes ask for, η = 0.25",
                [compare(m, 4.0 * m, 0.25) for m in (8, 16, 32, 64)])
    print("grows with m as", growth(wide, wide["m"]))
    fine = show("accuracy, m = 16, T = 64", [compare(16, 64.0, eta) for eta in (0.5, 0.25, 0.125)])
    in_accuracy = growth(fine, 1 / fine["Euler error"])
    print("grows with 1/error as", in_accuracy)
    last = far.iloc[-1]
    at_goal = last["Euler s"] * max(last["Euler error"] / GOAL, 1) ** in_accuracy["Euler"]
    p = Parameters(m=64, alpha=0.6, tau=0.3, t_max=float(last["T"]))
    there, _ = measured(lambda: solve(p, GOAL), 5)
    print(f"m = 64 to t = {last['T']:g}, both at {GOAL:.1%}: Euler {at_goal:.3g} s (measured at"
          f" {last['Euler error']:.2%}, the rest by its growth), fast {spread(there)} at rtol ="
          f" {GOAL:g}; ratio {at_goal / statistics.median(there):.3g}")
    whole, _ = measured(lambda: solve(Parameters(m=64, alpha=0.6, tau=0.3), GOAL), 5)
    euler = at_goal * (60 * 64 / last["T"]) ** in_T["Euler"]
    print(f"m = 64 to 60 m: Euler {euler:.3g} s by the growth with T, fast {spread(whole)};"
          f" ratio {euler / statistics.median(whole):.3g}")


def against_memory() -> None:
    print("\n2. Beside reading the seven matrices of the history once per sweep")
    size = 64_000_000
    block = np.ones(size // 8)
    bandwidth = size / min(measured(block.sum, 9)[0])
    print(f"memory read at {bandwidth / 1e9:.1f} GB/s")
    for p, rtol in ((Parameters(m=128), 1e-2), (Parameters(m=128), 1e-3),
                    (Parameters(init="lazy", m=1024, h="quadratic"), 1e-3)):
        seconds, run = measured(lambda p=p, rtol=rtol: solve(p, rtol), 5)
        n = run.work["nodes"]
        # Row n reads the lower triangles of seven matrices: 7 · 8 · n²/2 bytes a sweep.
        bound = run.work["sweeps"] * 28 * n**2 / 3 / bandwidth
        print(f"{p.init:10s} rtol {rtol:g}: {n} nodes, {run.work['sweeps']} sweeps,"
              f" {spread(seconds)}, bound {bound:.4f} s,"
              f" ratio {statistics.median(seconds) / bound:.1f}")


def whole_runs() -> None:
    print("\n3. Presets of the dashboard at rtol = 1e-2, and the width")
    for preset in ALL:
        p = preset.settings.parameters
        seconds, run = measured(lambda p=p: solve(p, 1e-2), 5)
        print(f"{preset.name[:44]:44s} {run.work['nodes']:5d} nodes {spread(seconds)}"
              f"  {run.status.value}")
    times = {}
    for m in (64, 10**6):
        seconds, _ = measured(lambda m=m: solve(Parameters(m=m), 1e-2), 9)
        times[m] = statistics.median(seconds)
        print(f"m = {m}: {spread(seconds)}")
    print(f"m = 10⁶ takes {times[10**6] / times[64]:.2f} times as long as m = 64")


def cold_start(repeat: int) -> None:
    print("\n4. Import, then import and first solve, in a new process")
    for solver, settings in SOLVERS.items():
        with tempfile.TemporaryDirectory() as cache:
            for name, runs in (("no kernels on disk", 1), ("kernels on disk", repeat)):
                loads, firsts, busy = zip(*(_cold(cache, settings) for _ in range(runs)),
                                          strict=True)
                print(f"{solver}, {name}: import {spread(loads)}, first solve done"
                      f" {spread(firsts)}, processor time {spread(busy)}")


def _cold(cache: str, settings: str) -> tuple[float, ...]:
    done = subprocess.run([sys.executable, "-c", COLD.format(settings)], capture_output=True,
                          text=True, check=True, env={**os.environ, "NUMBA_CACHE_DIR": cache})
    return tuple(map(float, done.stdout.split()))


@click.command(help=__doc__.splitlines()[0])
@click.option("--quick", is_flag=True, help="Leave out the longest Euler runs.")
@click.option("--cold", is_flag=True, help="Nothing but the cold start.")
def main(quick: bool, cold: bool) -> None:
    if cold:
        cold_start(5)
        return
    solve(Parameters(t_max=1.0))
    whole_runs()
    against_memory()
    against_euler(quick)
    cold_start(5)


if __name__ == "__main__":
    main()
