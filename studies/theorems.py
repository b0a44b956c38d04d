"""When the gap opens, against m and n/d, beside the time that Theorem 1 guarantees.

    python -m studies.theorems              solve all runs, two minutes, and print the fits
    python -m studies.theorems --summary    print the fits alone

studies/results/theorems.csv has a row per run: tanh, φ = σ, mean-field, a₀ = 1, τ = 0.3, d = ∞.
neurons ("identical", or "unequal": four groups of a 10 % spread of a(0)), m, samples (n/d = αm),
alpha; t_0.1 and t_0.5, the t at which e_ts − e_tr passes that share of τ²/2 (NaN: not up to the
end); guaranteed, the t of t̂ = (n/d)^{1/4}; gap_guaranteed, the gap there in the same unit;
C_0 and C_1, the least constants of Theorem 1 (`engine.theorems.least`), and C, that of Theorem 2
up to c₀ = 1; end, status.
"""

import argparse
import math
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from scipy.stats import linregress

from engine import Parameters, Trajectory, solve, theorems
from engine.results.keyfigures import first_time
from studies.store import RESULTS, store

PATH = RESULTS / "theorems.csv"
RTOL = 3e-3
HORIZON = 20.0
"""t/m to which runs go."""
LEVELS = (0.1, 0.5)
WIDTHS = (16, 32, 64, 128, 256, 512, 1024)
SAMPLES = (4.8, 9.6, 19.2, 38.4, 76.8, 153.6)
STARTS = {"identical": {}, "unequal": {"spread": 0.1, "groups": 4}}
LEAST_ALPHA, MOST_ALPHA = 0.05, 2.4


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


def fits(table: pd.DataFrame) -> pd.DataFrame:
    """ln t̂ at which the gap opens = constant + power_m ln m + power_samples ln n/d, by least
    squares with standard errors, and the power of m of t at equal α; one row per neurons and
    level."""
    rows = []
    for neurons, group in table.groupby("neurons"):
        for level in LEVELS:
            open_ = group.dropna(subset=f"t_{level}")
            if len(open_) < 4:
                continue
            columns = np.column_stack([np.ones(len(open_)), np.log(open_["m"]),
                                       np.log(open_["samples"])])
            y = np.log(open_["alpha"] * open_[f"t_{level}"])
            found, *_ = np.linalg.lstsq(columns, y, rcond=None)
            scatter = np.sum((y - columns @ found) ** 2) / (len(y) - 3)
            error = np.sqrt(scatter * np.diag(np.linalg.inv(columns.T @ columns)))
            same = open_[np.isclose(open_["alpha"], 0.3)]
            line = linregress(np.log(same["m"]), np.log(same[f"t_{level}"])) if len(same) > 2 \
                else None
            rows.append({"neurons": neurons, "level": level, "runs": len(open_), "of": len(group),
                         "power_m": found[1], "error_m": error[1], "power_samples": found[2],
                         "error_samples": error[2],
                         "power_m_at_alpha": line.slope if line else math.nan,
                         "error_m_at_alpha": line.stderr if line else math.nan})
    return pd.DataFrame(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--summary", action="store_true", help="print the fits alone")
    if not parser.parse_args().summary:
        store(runs(), PATH, "python -m studies.theorems", rtol=RTOL)
    table = pd.read_csv(PATH)
    print(fits(table).to_string(index=False))
    print(table.groupby("neurons")[["gap_guaranteed", "C_0", "C_1", "C"]].describe().T.to_string())


if __name__ == "__main__":
    main()
