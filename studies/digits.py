"""Handwritten digits: when networks learn and when they overfit, against the width.

    python -m studies.digits              train what is not stored yet, and print the fits
    python -m studies.digits --summary    fit anew to what is stored, and print

Inputs, labels and networks: `engine.network.digits` (d = 10 whitened components, even against odd,
a fifth of the labels flipped: τ = 0.8), tanh over its standard deviation, full-batch descent, in
two sets: "equal alpha", n = αmd with α = 0.1, the paper's limit; "equal n", n = 300, α = 30/m, the
same data for every width.  Three tables in studies/results/, errors in units of label²:

digits.csv        a row for each curve and time: set, start ("mean-field", a₀ = 1; "lazy", γ₀ = 1),
    m, source ("digits": medians over the seeds, with least and greatest as _low and _high;
    "theory": identical neurons, the same α and τ, a target linear in one direction), t, errors,
    gamma, displacement
digits_times.csv  a row for each network and for the theory (seed −1): set, start, m, source, seed,
    learned and overfitted (`engine.network.digits.learning_time`, `overfitting_time`; NaN: not up
    to the end), best_test_error, end_test_error, end (the last t)
digits_fits.csv   set, start, source, event ("learned", "overfitted"), power of m with its standard
    error over the networks, factor, how many networks of how many, and their widths
"""

import argparse
import os
import sys
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from scipy.stats import linregress

from engine import Parameters, solve
from engine.network.digits import D, learn, learning_time, matched, overfitting_time
from studies.store import RESULTS, store

CURVES, TIMES, FITS = (RESULTS / f"digits{name}.csv" for name in ("", "_times", "_fits"))
COMMAND = "python -m studies.digits"
WIDTHS = {"equal alpha": (16, 32, 64, 128, 256, 512, 1024), "equal n": (16, 32, 64, 128, 256)}
SEEDS, MOST_STEPS = {16: 4, 128: 2, 512: 1}, {16: 12_000, 512: 8000, 1024: 4000}
"""Networks of each width from that one on, and gradients of one network at most: what has not
happened by then is left open."""
HORIZON = 20.0
"""t/m to which networks are trained."""
POINTS = 60
RTOL = 1e-2
STARTS = {"mean-field": {"init": "mean-field", "a0": 1.0}, "lazy": {"init": "lazy", "gamma0": 1.0}}
ALPHA, IMAGES = 0.1, 300
ERRORS = ("train_error", "test_error")


def setting(name: str, start: str, m: int) -> Parameters:
    """The networks of one width of the set `name`."""
    return matched(Parameters(**STARTS[start], m=m, tau=0.8, activation="tanh", normalise=True,
                              alpha=ALPHA if name == "equal alpha" else IMAGES / (m * D),
                              t_max=HORIZON * m))


def of_width(table: dict[int, int], m: int) -> int:
    """What SEEDS or MOST_STEPS says of width m."""
    return table[max(width for width in table if width <= m)]


def times(p: Parameters) -> np.ndarray:
    """POINTS times, evenly spread in log t, the same for all widths at first."""
    return np.geomspace(1e-2, p.t_max, POINTS)


def events(frame: pd.DataFrame, p: Parameters) -> dict:
    """When one run learned and overfitted, and its least and last test error."""
    t, train, test = (frame[name].to_numpy() for name in ("t", *ERRORS))
    return {"learned": learning_time(t, test), "overfitted": overfitting_time(t, train, p),
            "best_test_error": test.min(), "end_test_error": test[-1], "end": t[-1]}


def trained(name: str, start: str, m: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Rows of digits.csv and of digits_times.csv."""
    p = setting(name, start, m)
    frame = learn(p, of_width(SEEDS, m), times=times(p), max_steps=of_width(MOST_STEPS, m))
    table = frame.groupby("t").median()[[*ERRORS, "gamma", "displacement"]]
    for error in ERRORS:
        table[f"{error}_low"] = frame.groupby("t")[error].min()
        table[f"{error}_high"] = frame.groupby("t")[error].max()
    known = {"set": name, "start": start, "m": m, "source": "digits"}
    rows = [known | {"seed": seed} | events(one, p) for seed, one in frame.groupby("seed")]
    return table.reset_index().assign(**known), pd.DataFrame(rows)


def theory(name: str, start: str, m: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """The same of identical neurons."""
    p = setting(name, start, m)
    run = solve(p, RTOL)
    at = times(p)
    end = p.t_max if run.status.value == "interpolated" else run.t[-1]
    frame = run.at(at[at <= end], (*ERRORS, "gamma", "first_layer_displacement"))
    frame = frame.rename(columns={"first_layer_displacement": "displacement"})
    known = {"set": name, "start": start, "m": m, "source": "theory"}
    return frame.assign(**known), pd.DataFrame([known | {"seed": -1} | events(frame, p)])


def fits(table: pd.DataFrame) -> pd.DataFrame:
    """Powers of m of the times."""
    rows = []
    for (name, start, source), group in table.groupby(["set", "start", "source"]):
        for event in ("learned", "overfitted"):
            happened = group.dropna(subset=event)
            widths = sorted(happened["m"].unique())
            if len(widths) > 2:
                line = linregress(np.log(happened["m"]), np.log(happened[event]))
                rows.append({"set": name, "start": start, "source": source, "event": event,
                             "power": line.slope, "error": line.stderr,
                             "factor": np.exp(line.intercept), "networks": len(happened),
                             "of": len(group), "least_m": widths[0], "most_m": widths[-1]})
    return pd.DataFrame(rows)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--summary", action="store_true", help="fit to what is stored")
    made_with = {"dimension": D, "seeds": SEEDS, "most_steps": MOST_STEPS, "rtol": RTOL}
    if not parser.parse_args().summary:
        curves, rows = ([pd.read_csv(path)] if path.exists() else [] for path in (CURVES, TIMES))
        done = {key for table in rows for key in zip(table["set"], table["m"], table["start"],
                                                     strict=True)}
        for name, m, start in ((name, m, start) for name, widths in WIDTHS.items()
                               for m in widths for start in STARTS):
            if (name, m, start) in done:
                continue
            begin = time.perf_counter()
            for made in (trained, theory):
                curve, row = made(name, start, m)
                curves.append(curve)
                rows.append(row)
            print(f"{name}, {start}, m = {m}: {time.perf_counter() - begin:.1f} s", file=sys.stderr)
            store(pd.concat(curves), CURVES, COMMAND, **made_with)
            store(pd.concat(rows), TIMES, COMMAND, **made_with)
    store(fits(pd.read_csv(TIMES)), FITS, COMMAND, **made_with)
    print(pd.read_csv(FITS).to_string(index=False))


if __name__ == "__main__":
    main()
