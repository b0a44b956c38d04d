"""When the gap opens, against m and n/d, beside the time that Theorem 1 guarantees.

    python -m studies.theorems              solve all runs, two minutes, and print the powers
    python -m studies.theorems --networks   train the networks, two minutes
    python -m studies.theorems --summary    print what is stored alone

studies/results/theorems.csv has a row per run: tanh, φ = σ, mean-field, a₀ = 1, τ = 0.3, d = ∞.
neurons ("identical", or "unequal": four groups of a 10 % spread of a(0)), m, samples (n/d = αm),
alpha; t_0.1 and t_0.5, the t at which e_ts − e_tr passes that share of τ²/2 (NaN: not up to the
end); guaranteed, the t of t̂ = (n/d)^{1/4}; gap_guaranteed, the gap there in the same unit;
C_0 and C_1, the least constants of Theorem 1 (`engine.theorems.least`), and C, that of Theorem 2
up to c₀ = 1; end, status.

studies/results/theorems_networks.csv has a row per m and n/d of real networks at these settings,
d = NETWORKS.d, all neurons drawn at random: gap, the mean over NETWORKS.seeds of e_ts − e_tr at
t̂ = (n/d)^{1/4} in units of τ²/2, and its standard error.
"""

import argparse
import math
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd

from engine import Parameters, Trajectory, solve, theorems
from engine.network import NetworkSettings, simulate
from engine.results.keyfigures import first_time
from studies.store import RESULTS, store

PATH = RESULTS / "theorems.csv"
NETWORKS_PATH = RESULTS / "theorems_networks.csv"
NETWORKS = NetworkSettings(d=100, seeds=8)
NETWORK_WIDTHS = (16, 64, 256)
RTOL = 3e-3
HORIZON = 20.0
"""t/m to which runs go."""
LEVELS = (0.1, 0.5)
WIDTHS = (16, 32, 64, 128, 256, 512, 1024)
SAMPLES = (4.8, 9.6, 19.2, 38.4, 76.8, 153.6)
STARTS = {"identical": {}, "unequal": {"spread": 0.1, "groups": 4}}
LEAST_ALPHA, MOST_ALPHA = 0.05, 2.4
WIDE = 64


def setting(m: int, samples: float, **start) -> Parameters:
    """The run of width m with n/d = samples."""
    return Parameters(activation="tanh", alpha=samples / m, tau=0.3, a0=1.0, m=m,
                      t_max=HORIZON * m, **start)


def measured(run: Trajectory) -> dict:
    """The columns that a run gives."""
    p = run.parameters
    gap, unit = run.test_error - run.train_error, p.bayes_error
    constants, early = theorems.least(run), run.t <= theorems.flow_time(p)
    return {
        **{f"t_{level}": first_time(run.t, gap - level * unit) or math.nan for level in LEVELS},
        "guaranteed": theorems.gap_time(p),
        "gap_guaranteed": float(np.interp(theorems.gap_time(p), run.t, gap)) / unit,
        "C_0": constants.growth, "C_1": constants.gap,
        "C": float(theorems.distance(run)[early].max()) / theorems.tube(p),
        "end": run.t[-1], "status": run.status.value}


def runs() -> pd.DataFrame:
    """The whole table."""
    return pd.DataFrame([
        {"neurons": neurons, "m": m, "samples": samples, "alpha": samples / m}
        | measured(solve(setting(m, samples, **start), RTOL))
        for neurons, start in STARTS.items() for m in WIDTHS for samples in SAMPLES
        if LEAST_ALPHA <= samples / m <= MOST_ALPHA])


def trained(m: int, samples: float) -> dict:
    """A row of the networks' table."""
    p = setting(m, samples)
    t = theorems.gap_time(p)
    runs = simulate(p.replace(t_max=t), NETWORKS, times=np.array([t])).frame
    last = runs[runs["t"] == runs["t"].max()]
    gap = (last["test_error"] - last["train_error"]) / p.bayes_error
    return {"m": m, "samples": samples, "alpha": samples / m, "t": t, "gap": gap.mean(),
            "error": gap.std() / math.sqrt(len(gap))}


def networks() -> pd.DataFrame:
    """The whole table of networks."""
    return pd.DataFrame([trained(m, samples) for m in NETWORK_WIDTHS for samples in SAMPLES
                         if LEAST_ALPHA <= samples / m <= MOST_ALPHA])


def fits(table: pd.DataFrame) -> pd.DataFrame:
    """How t̂ at which the gap opens depends on n/d and m: a row per neurons, level and n/d.

    power      of n/d from there to twice as much, mean over the widths that have both, with the
               least and the greatest (low, high)
    per_m      t/m = t̂/(n/d) at the widest
    spread     ratio of the greatest t̂ to the least over the widths from WIDE on, less 1
    """
    rows = []
    for neurons, group in table.groupby("neurons"):
        for level in LEVELS:
            per_m = (group.assign(per_m=group[f"t_{level}"] / group["m"])
                     .pivot(index="m", columns="samples", values="per_m"))
            for samples, column in per_m.items():
                powers = 1 + np.log2(per_m.get(2 * samples, column * np.nan) / column).dropna()
                column = column.dropna()
                wide = column[column.index >= WIDE]
                rows.append({
                    "neurons": neurons, "level": level, "samples": samples,
                    "power": powers.mean(), "low": powers.min(), "high": powers.max(),
                    "per_m": column.iloc[-1], "spread": wide.max() / wide.min() - 1})
    return pd.DataFrame(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--summary", action="store_true", help="print the powers alone")
    parser.add_argument("--networks", action="store_true", help="train the networks instead")
    given = parser.parse_args()
    if given.networks:
        store(networks(), NETWORKS_PATH, "python -m studies.theorems --networks",
              d=NETWORKS.d, seeds=NETWORKS.seeds)
    elif not given.summary:
        store(runs(), PATH, "python -m studies.theorems", rtol=RTOL)
    table = pd.read_csv(PATH)
    print(pd.read_csv(NETWORKS_PATH).pivot(index="m", columns="samples", values="gap").round(3))
    print(fits(table).round(3).to_string(index=False))
    print(table.groupby("neurons")[["gap_guaranteed", "C_0", "C_1", "C"]].describe().T.to_string())


if __name__ == "__main__":
    main()
