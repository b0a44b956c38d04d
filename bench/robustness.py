"""Random settings over the whole parameters table: how every run ends, and how long it takes.

    python -m bench.robustness [--settings 100] [--seed 1] [--check] [--rtol 1e-2]

Prints statuses, times and the worst settings; --check repeats every run at rtol 1e-3 and
prints the differences of the curves.  One process, one core.
"""

import math
import os
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import click
import numpy as np
import pandas as pd

from engine import PRESETS, TABLE, Parameters, Status, solve
from engine.monitor import Monitor

LIMIT = 20.0
"""Seconds after which a run is cancelled, and counts as failed."""


def random_parameters(rng: np.random.Generator) -> Parameters:
    """A setting drawn over the whole table: log-uniform where the slider is logarithmic."""

    def draw(name):
        f = TABLE[name]
        if f.scale == "log":
            return float(np.exp(rng.uniform(math.log(f.low), math.log(f.high))))
        return float(rng.uniform(f.low, f.high))

    init = str(rng.choice(TABLE["init"].choices))
    scale = "gamma0" if init == "lazy" else "a0"
    m = round(draw("m"))
    return Parameters(
        init=init, alpha=draw("alpha"), tau=0.0 if rng.random() < 0.1 else draw("tau"), m=m,
        **{scale: draw(scale)}, target=str(rng.choice(TABLE["target"].choices)),
        h=str(rng.choice(list(PRESETS))), train_second_layer=bool(rng.random() < 0.8),
        t_max=float(10 ** rng.uniform(0, 3)) * m,
    )


def curve_difference(coarse, fine) -> tuple[float, float]:
    """(levels, time): worst relative difference of γ, v, e_tr, e_ts at equal times and after the
    best shift of log t within ±10 %, over the times that both runs reached."""
    end = min(coarse.t[-1], fine.t[-1])
    t = np.geomspace(max(coarse.t[1], fine.t[1]), end, 300)
    columns = ["gamma", "v", "train_error", "test_error"]
    scale = fine.train_error[0]
    a = fine.at(np.minimum(t, fine.t[-1]))[columns].to_numpy()
    size = np.maximum(np.abs(a), [1e-3, 1e-2, 1e-3 * scale, 1e-3 * scale])

    def worst(shift):
        s = np.clip(t * math.exp(shift), 0, coarse.t[-1])
        b = coarse.at(s)[columns].to_numpy()
        return float(np.max(np.abs(a - b) / size))

    return worst(0.0), min(worst(s) for s in np.linspace(-0.03, 0.03, 13))


def deadline() -> Monitor:
    """Stops a run after LIMIT seconds."""
    end = time.perf_counter() + LIMIT
    return Monitor(cancel=lambda: time.perf_counter() > end)


@click.command(help=__doc__.splitlines()[0])
@click.option("--settings", type=click.IntRange(1), default=100, show_default=True)
@click.option("--seed", default=1, show_default=True)
@click.option("--rtol", default=1e-2, show_default=True)
@click.option("--check", is_flag=True, help="Compare each run with a finer one.")
def main(settings: int, seed: int, rtol: float, check: bool) -> None:
    rng = np.random.default_rng(seed)
    solve(Parameters(t_max=0.1))
    rows = []
    for _ in range(settings):
        p = random_parameters(rng)
        start = time.perf_counter()
        r = solve(p, rtol, monitor=deadline())
        row = {"seconds": time.perf_counter() - start, "status": r.status.value, **r.work,
               "reached": r.t[-1] / p.t_max,
               "rise": float(np.max(np.diff(r.train_error)) / r.train_error[0]),
               "finite": bool(np.isfinite(r.to_frame().to_numpy()).all()),
               "v": float(np.abs(r.v).max()),
               "below": float((p.bayes_error - r.test_error.min()) / r.test_error[0]),
               **p.as_dict()}
        row["h"] = next(n for n, c in PRESETS.items() if Parameters(h=c).h == p.h)
        if check:
            fine = solve(p, 1e-3, monitor=deadline())
            row["fine"] = fine.status.value
            row["difference"], row["shifted"] = curve_difference(r, fine)
        rows.append(row)
    table = pd.DataFrame(rows)
    pd.set_option("display.width", 250, "display.max_columns", 40, "display.precision", 4)
    print(table["status"].value_counts().to_string())
    print(table[["seconds", "nodes", "sweeps", "rejected", "retreats"]].quantile(
        [0.5, 0.9, 0.95, 0.99, 1.0]))
    print(f"under 1 s: {(table['seconds'] < 1).mean():.1%}, under 20 s:"
          f" {(table['seconds'] < 20).mean():.1%}")
    print("not finite:", int((~table["finite"]).sum()),
          " rises of e_tr above 1e-6:", int((table["rise"] > 1e-6).sum()),
          "max", table["rise"].max(),
          " |v| > 1:", int((table["v"] > 1 + 1e-9).sum()),
          " below Bayes:", int((table["below"] > 1e-9).sum()))
    if check:
        print(table[["difference", "shifted"]].quantile([0.5, 0.9, 0.95, 0.99, 1.0]))
    incomplete = ~table["status"].isin([Status.REACHED_T_MAX.value, Status.INTERPOLATED.value])
    print(table[incomplete].sort_values("reached").to_string())
    print(table.sort_values("seconds").tail(10).to_string())
    if check:
        print(table.sort_values("shifted").tail(15).to_string())


if __name__ == "__main__":
    main()
