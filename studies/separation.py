"""What separates networks from the theory: finite d, neurons that differ, the Gaussian field.

    python -m studies.separation      cells that are not stored yet; about an hour of one core

Trains real networks (gradient descent) and the Gaussian model and puts them beside two solutions
of the theory: identical neurons, and four groups that start as the networks do, with v(0) as in
dimension d or, where the networks' a(0) have a spread, with that spread.
pages/networks/network_map.csv gets one row for each start, activation, width, model and d:

departure_per_m, distance, distance_sd    from identical neurons (`engine.network.finite_size`);
general_departure_per_m, …                the same from the groups
test_error_1, _12, _m, _end               mean of the networks at t = 1, 12, m and t_max;
identical_…, general_…                    the same of either theory
sd_v_1, …, general_sd_v_1, …              standard deviation of v over the neurons of one network;
sd_a_1, …, general_sd_a_1, …              of a, in units of the mean of a

Entries are empty where t is beyond the run.
"""

import argparse
import math
import os
from datetime import date
from functools import cache
from itertools import product
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd

from engine import PRESETS, ParameterError, Parameters, Trajectory, solve
from engine.network import NetworkSettings, estimate, simulate
from engine.network.finite_size import departure, distance
from engine.parameters import preset_name
from engine.results.ensemble import Ensemble
from studies.store import store
from studies.unequal_figures import LAZY, MEAN_FIELD, SETTINGS

PATH = Path(__file__).parent.parent / "pages" / "networks" / "network_map.csv"
SEEDS, SECONDS = 4, 60.0
"""Cells that would take longer are left out."""
WIDTHS = (8, 16, 32, 64, 128)
DIMENSIONS = {"gd": (50, 100, 200), "gaussian": (20, 50, 100)}
MODELS = {"gd": "real", "gaussian": "Gaussian"}
KEY = "start", "activation", "m", "model", "d"
RTOL, GENERAL_RTOL = 3e-3, 1e-2
STARTS = {
    "mean-field": [MEAN_FIELD.replace(h=h) for h in PRESETS],
    "mean-field, 10 % spread": [MEAN_FIELD.replace(spread=0.1, groups=4)],
    "lazy, γ₀ = 1": [SETTINGS["lazy"]],
    "lazy, γ₀ = 0.3": [LAZY],
}
HORIZONS = {"mean-field": 20, "mean-field, 10 % spread": 20, "lazy, γ₀ = 1": 2,
            "lazy, γ₀ = 0.3": 10}
"""t_max/m.  γ₀ = 1 is above the threshold: these runs end at t = Θ(1)."""


def cell(start: str, p: Parameters, algorithm: str, d: int) -> dict | None:
    """One row; None when it would take too long or too much memory."""
    settings = NetworkSettings(d=d, seeds=SEEDS, algorithm=algorithm)
    try:
        if estimate(p, settings).seconds > SECONDS:
            return None
    except ParameterError:
        return None
    identical, general = theories(p, d)
    runs = simulate(p, settings)
    low = 1e-3 * p.t_max
    row = {"start": start, "activation": preset_name(p.h),
           "m": p.m, "model": MODELS[algorithm], "d": d, "seeds": SEEDS,
           "t_max_per_m": p.t_max / p.m}
    for prefix, theory in (("", identical), ("general_", general)):
        value, error = distance(runs, theory, low=low)
        row |= {f"{prefix}departure_per_m": departure(runs, theory) / p.m,
                f"{prefix}distance": value, f"{prefix}distance_sd": error}
    for name, t in {"1": 1.0, "12": 12.0, "m": float(p.m), "end": p.t_max}.items():
        if t <= p.t_max:
            row |= {f"{key}_{name}": value
                    for key, value in observed(runs, identical, general, t).items()}
    return row | {"seconds": round(runs.seconds, 1), "complete": runs.complete,
                  "date": date.today().isoformat()}


@cache
def theories(p: Parameters, d: int) -> tuple[Trajectory, Trajectory]:
    """Identical neurons, and four groups that start as in dimension d or with the spread of p."""
    return solve(p.alike, RTOL), solve(p if p.spread else p.replace(start_d=d), GENERAL_RTOL)


def observed(runs: Ensemble, identical: Trajectory, general: Trajectory, t: float
             ) -> dict[str, float]:
    """The columns of one time, without its name."""
    network = {column: _mean(runs, column, t)
               for column in ("test_error", "v_spread", "a_spread", "a")}
    g = general.groups
    return {"test_error": network["test_error"], "identical_test_error": _at(identical, t),
            "general_test_error": _at(general, t), "sd_v": network["v_spread"],
            "sd_a": network["a_spread"] / network["a"],
            "general_sd_v": np.interp(t, general.t, g.sd(g.v)),
            "general_sd_a": np.interp(t, general.t, g.sd(g.a) / general.a)}


def _mean(runs: Ensemble, column: str, t: float) -> float:
    table = runs.mean(column)
    return float(np.interp(t, table["t"], table["mean"]))


def _at(run: Trajectory, t: float) -> float:
    if t > run.t[-1] and not run.status.complete:
        return math.nan
    return float(run.at([min(t, run.parameters.t_max)])["test_error"].iloc[0])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--start", nargs="+", choices=STARTS, default=list(STARTS))
    parser.add_argument("--out", type=Path, default=PATH)
    arguments = parser.parse_args()
    rows = pd.read_csv(arguments.out).to_dict("records") if arguments.out.exists() else []
    done = {tuple(row[name] for name in KEY) for row in rows}
    for start, m in product(arguments.start, WIDTHS):
        for base in STARTS[start]:
            p = base.replace(m=m, t_max=float(HORIZONS[start] * m))
            for algorithm, sizes in DIMENSIONS.items():
                for d in sizes:
                    if (start, preset_name(p.h), m, MODELS[algorithm], d) in done:
                        continue
                    row = cell(start, p, algorithm, d)
                    if row is not None:
                        rows.append(row)
                        print({name: row[name] for name in (*KEY, "distance", "general_distance",
                                                            "seconds")}, flush=True)
            store(pd.DataFrame(rows), arguments.out, "python -m studies.separation", rtol=RTOL,
                  general_rtol=GENERAL_RTOL, seconds=SECONDS)


if __name__ == "__main__":
    main()
