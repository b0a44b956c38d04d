"""Laws of unequal neurons: when they leave, what they learn, where they end, against m and start.

    python -m studies.laws              solve the runs that are not stored yet, then print the fits
    python -m studies.laws --summary    print the fits alone

studies/results/laws.csv has one row per run and solver tolerance.  What was asked: the set (why it
was run, see `SETS`), init, h, target, alpha, tau, m, spread, start_d, groups (number, or sizes and
factors), t_max, rtol.  What came out, NaN where it did not happen, errors in units of the label²:

left           t at which e_tr falls to τ²/4
gamma_0.1 …    t at which the mean γ reaches 0.1, 0.2, 0.3 (mean-field)
sd_0.05        t at which the standard deviation of v over the neurons reaches 0.05
fitted         t at which e_tr falls to FITTED τ²/2, and test_error, γ, sd_v there (`_fitted`);
               leaders: share of neurons with v > max/2 there
best, best_test_error, and the same at the end: end, train_error_end, test_error_end, gamma_end,
sd_v_end, sd_a_end (relative to the mean of a); best_excess, end_excess: above τ²/2, with digits of
their own, in the sets of the widest networks
nodes, seconds, status
"""

import argparse
import math
import os
import time
from collections.abc import Iterator

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd

from engine import PRESETS, Group, Parameters, Trajectory, solve
from engine.dmft.scheme.settings import MAX_NODES
from engine.limits.levels import levels
from engine.parameters import TABLE, preset_name
from engine.results.keyfigures import first_time
from studies import fits
from studies.store import RESULTS, store
from studies.unequal_figures import LAZY, MEAN_FIELD

PATH = RESULTS / "laws.csv"
USUAL, FINE, FINEST = 1e-2, 3e-3, 1e-3
WIDE = 4096
"""Mean-field runs of unequal neurons stall at the usual tolerance from here on."""
FITTED = 0.02
COMPLEXITIES = (0.1, 0.2, 0.3)
SD = 0.05
AT_FIT = ("test_error", "gamma", "sd_v")
ASKED = ("set", "init", "h", "target", "alpha", "tau", "m", "spread", "start_d", "groups", "t_max",
         "rtol")
SPREADS = (1e-3, 1e-2, 3e-2, 0.1, 0.3)
LADDER = (64, 128, 256, 512, 1024, 2048, 4096, 8192)
WIDEST = (16384, 32768, 65536, 131072)
NODES = {"wide unequal": 5000}
"""Most time steps of a set's runs, where the usual ones do not do."""


def plateau(t_per_m: float = 20.0, **changes) -> Parameters:
    """A mean-field run up to t_per_m m, of which 0.3 ≤ τ takes the same part as any other."""
    p = MEAN_FIELD.replace(**changes)
    return p.replace(t_max=t_per_m * p.m * max(1.0, (0.3 / p.tau) ** 2))


def tolerance(m: int) -> float:
    return FINE if m >= WIDE else USUAL


def halves(m: int) -> tuple[Group, ...]:
    return Group(m // 2, 0.9), Group(m // 2, 1.1)


def _lazy_horizon(m: int) -> float:
    return 100.0 if m < 1024 else 20.0


SETS = {
    "width": [(plateau(m=m, spread=0.1), tolerance(m)) for m in (*LADDER, 16384)],
    "spread": [(plateau(8.0, m=m, spread=s), USUAL) for m in (256, 1024) for s in SPREADS],
    "lazy width": [(LAZY.replace(m=m, spread=1e-3, t_max=_lazy_horizon(m)), USUAL)
                   for m in (64, 256, 1024, 4096, 16384)],
    "identical": [(plateau(10.0, m=m, tau=tau, h=h), FINE) for h in PRESETS for tau in (0.3, 0.6)
                  for m in (*LADDER, 16384)],
    "wide identical": [(plateau(10.0, m=m, h=h), rtol) for h in PRESETS for m in WIDEST
                       for rtol in (FINE, FINEST)],
    "wide unequal": [(plateau(6.0, m=m, spread=0.1), rtol) for m in (8192, 16384, 32768, 65536)
                     for rtol in (FINE, FINEST)],
    "activation": [(plateau(6.0, m=m, h=h, spread=s), USUAL) for h in ("quadratic", "weak")
                   for m in (256, 1024) for s in (1e-2, 0.1)],
    "alpha and tau": [(plateau(8.0, m=1024, alpha=alpha, tau=tau, spread=s), USUAL)
                      for alpha in (0.15, 0.3, 0.6) for tau in (0.15, 0.3, 0.6)
                      for s in (1e-2, 0.1)],
    "lazy spread": [(LAZY.replace(m=m, spread=s, t_max=30.0 if m == 256 else 5.0), USUAL)
                    for m in (256, 4096) for s in (1e-4, 1e-2, 0.1)],
    "tolerance": [(plateau(8.0, m=m, spread=s), FINE) for m in (256, 1024) for s in (1e-2, 0.1)]
    + [(LAZY.replace(m=m, spread=1e-3, t_max=_lazy_horizon(m)), FINE) for m in (256, 1024)],
    "dimension": [(plateau(8.0, m=1024, start_d=d), USUAL) for d in (50, 200, 1000, 10_000)],
    "noise target": [(p.replace(m=256, target="noise", spread=0.1, t_max=256.0), USUAL)
                     for p in (MEAN_FIELD, LAZY)],
    "lazy activation": [(LAZY.replace(m=256, h=h, spread=1e-3, t_max=100.0), USUAL)
                        for h in ("cubic", "weak")],
    "wide": [(plateau(8.0, m=WIDE, spread=s), FINE) for s in (1e-3, 1e-2)],
    "number of groups": [(plateau(8.0, m=256, spread=0.1, groups=p), USUAL) for p in (3, 6, 8, 16)],
    "halves": [(plateau(16.0, m=m, groups=halves(m)), FINE if m > 1024 else USUAL)
               for m in (256, 512, 1024, 2048)],
}


def asked(name: str, p: Parameters, rtol: float) -> dict:
    """The columns ASKED of a run."""
    groups = "1" if p.identical else TABLE["groups"].write(p.groups)
    return dict(zip(ASKED, (name, p.init, preset_name(p.h), p.target, p.alpha, p.tau, p.m, p.spread,
                            p.start_d or math.nan, groups, p.t_max, rtol), strict=True))


def measured(run: Trajectory) -> dict:
    """Every other column but seconds."""
    t, p, groups = run.t, run.parameters, run.groups
    sd_v = groups.sd(groups.v) if groups else np.zeros(len(run))
    when = lambda excess: first_time(t, excess) or math.nan  # noqa: E731
    row = {"left": when(p.tau**2 / 4 - run.train_error)}
    if p.init == "mean-field":
        row |= {f"gamma_{g}": when(run.gamma - g) for g in COMPLEXITIES}
    row["sd_0.05"] = when(sd_v - SD)
    row["fitted"] = fitted = when(FITTED * p.tau**2 / 2 - run.train_error)
    if not math.isnan(fitted):
        curves = {"test_error": run.test_error, "gamma": run.gamma, "sd_v": sd_v}
        row |= {f"{name}_fitted": np.interp(fitted, t, curves[name]) for name in AT_FIT}
        if groups:
            v = groups.v[np.searchsorted(t, fitted)]
            row["leaders"] = groups.mean(v > v.max() / 2) if v.any() else math.nan
    best = int(np.argmin(run.test_error))
    return row | {
        "best": t[best], "best_test_error": run.test_error[best], "end": t[-1],
        "train_error_end": run.train_error[-1], "test_error_end": run.test_error[-1],
        "best_excess": run.test_error[best] - p.bayes_error,
        "end_excess": run.test_error[-1] - p.bayes_error,
        "gamma_end": run.gamma[-1], "sd_v_end": sd_v[-1],
        "sd_a_end": groups.sd(groups.a)[-1] / run.a[-1] if groups else 0.0,
        "nodes": len(run), "status": run.status.value}


def runs() -> Iterator[dict]:
    """Rows of all sets, solved as they are asked for."""
    stored = read() if PATH.exists() else pd.DataFrame(columns=ASKED)
    done = {_key(row) for row in stored[list(ASKED)].to_dict("records")}
    yield from stored.to_dict("records")
    for name, cases in SETS.items():
        for p, rtol in cases:
            row = asked(name, p, rtol)
            if _key(row) not in done:
                begin = time.perf_counter()
                row |= measured(solve(p, rtol, max_nodes=NODES.get(name, MAX_NODES)))
                yield row | {"seconds": time.perf_counter() - begin}


def _key(row: dict) -> tuple:
    return tuple(f"{row[name]:.6g}" if isinstance(row[name], (int, float)) else str(row[name])
                 for name in ASKED)


def read() -> pd.DataFrame:
    """The stored table."""
    return pd.read_csv(PATH, dtype={"groups": str})


def summary(table: pd.DataFrame) -> pd.DataFrame:
    """What the prose says, as `fits.table` describes it."""
    return fits.table(row for law in LAWS for row in law(table))


def _waiting(table):
    """Slope of t_leave/m against ln(1/spread), to be compared with 1/λm."""
    for m, rows in _of(table, "spread").groupby("m"):
        yield fits.line("left/m against ln 1/spread", f"m = {m}", -np.log(rows["spread"]),
                        rows["left"] / m)
        yield fits.line("t(γ = 0.2)/m against ln 1/spread", f"m = {m}", -np.log(rows["spread"]),
                        rows["gamma_0.2"] / m)


def _leaving(table):
    """How t_leave and what follows depend on m at a spread of 10 %."""
    rows = _of(table, "width")
    for name in ("left", "gamma_0.2"):
        yield fits.line(f"{name}, power of m", "spread 0.1", rows["m"], rows[name], power=True)
    wide = rows[rows["m"] >= 256]
    for m, row in wide.groupby("m"):
        yield fits.mean("width of the crossover (γ = 0.1 to 0.3)/m", f"spread 0.1, m = {m}",
                        (row["gamma_0.3"] - row["gamma_0.1"]) / m)
    yield fits.limit("excess over Bayes when fitted, m → ∞, share of Bayes", "spread 0.1, m ≥ 256",
                     rows, rows["test_error_fitted"] / (rows["tau"]**2 / 2) - 1)
    yield fits.mean("share of leaders when fitted", "spread 0.1", rows["leaders"])
    yield fits.line("γ when fitted, power of m", "spread 0.1", rows["m"], rows["gamma_fitted"],
                    power=True)
    rows = table[(table["init"] == "mean-field") & (table["target"] != "noise")
                 & table["set"].isin(["activation", "alpha and tau"])]
    for (h, tau), group in rows.dropna(subset="leaders").groupby(["h", "tau"]):
        yield fits.mean("share of leaders when fitted", f"{h}, τ = {tau:g}", group["leaders"])


def _widest_unequal(table):
    """The same to the widest that can be solved: what bends, and whether the tolerance bends it."""
    wide = _of(table, "wide unequal")
    fine, coarse = (wide[wide["rtol"] == rtol].set_index("m") for rtol in (FINEST, FINE))
    for name, called in (("left", "left/m"), ("gamma_0.1", "t(γ = 0.1)/m")):
        for m, value in fine[name].dropna().items():
            yield fits.mean(called, f"spread 0.1, m = {m:,}", pd.Series([value / m]))
        yield fits.mean(f"{called}: change from rtol {FINEST:g} to {FINE:g}",
                        "spread 0.1, m ≥ 8,192", coarse[name] / fine[name] - 1)
        yield fits.line(f"{called.removesuffix('/m')}, power of m", "spread 0.1, m ≥ 8,192",
                        fine.index.to_series(), fine[name], power=True)


def _noise_levels(table):
    """The same slope from two spreads at each α and τ, in units of 1/τ²."""
    rows = _of(table, "alpha and tau")
    times = rows.pivot(index=["alpha", "tau", "m"], columns="spread", values="left").reset_index()
    slope = (times[0.01] - times[0.1]) / times["m"] / math.log(10)
    yield fits.mean("τ² d(left/m)/d ln 1/spread over α and τ", "m = 1024", slope * times["tau"]**2)
    for tau, group in slope.groupby(times["tau"]):
        yield fits.mean("d(left/m)/d ln 1/spread over α", f"m = 1024, τ = {tau:g}", group)


def _activations(table):
    """The same slope for the other activations."""
    rows = _of(table, "activation")
    times = rows.pivot(index=["h", "m"], columns="spread", values="left").reset_index()
    for (h, m), group in times.groupby(["h", "m"]):
        yield fits.mean("d(left/m)/d ln 1/spread", f"{h}, m = {m}",
                        (group[0.01] - group[0.1]) / m / math.log(10))


def _dimension(table):
    """Starts as in dimension d, and how little the number of groups matters."""
    rows = _of(table, "dimension")
    yield fits.line("left/m against ln √d", "m = 1024", np.log(rows["start_d"]) / 2,
                    rows["left"] / rows["m"])
    rows = pd.concat([_of(table, "number of groups"),
                      table[(table["set"] == "spread") & (table["m"] == 256)
                            & (table["spread"] == 0.1)]])
    for name in ("left", "test_error_end"):
        yield fits.mean(f"{name} with 3, 4, 6, 8, 16 groups", "m = 256, spread 0.1", rows[name])


def _halves(table):
    rows = _of(table, "halves")
    yield fits.line("left, power of m", "two halves, m ≥ 512", *_wide(rows, "left", 512),
                    power=True)


def _stopping(table):
    """Best stopping time and its excess error without and with differences."""
    for (h, tau), rows in _of(table, "identical").groupby(["h", "tau"]):
        rows = rows[rows["m"] >= 512]
        setting = f"identical, {h}, τ = {tau:g}, m ≥ 512"
        yield fits.line("best time, power of m", setting, rows["m"], rows["best"], power=True)
        yield fits.mean("best time/√m", setting, rows["best"] / np.sqrt(rows["m"]))
        yield fits.line("best excess, power of m", setting, rows["m"],
                        rows["best_test_error"] - tau**2 / 2, power=True)
    rows = _of(table, "width")
    rows = rows[rows["m"] >= 128]
    yield fits.line("best excess, power of m", "spread 0.1", rows["m"],
                    rows["best_test_error"] - rows["tau"]**2 / 2, power=True)


def _widest(table):
    """The best time and both excess errors of identical neurons to m = 131,072, twice over."""
    for h, own in _of(table, "wide identical").groupby("h"):
        rows, coarse = (own[own["rtol"] == rtol].set_index("m") for rtol in (FINEST, FINE))
        setting = f"identical, {h}, τ = 0.3, m ≥ {WIDEST[0]:,}"
        for name, called in (("best", "best time"), ("best_excess", "best excess"),
                             ("end_excess", "excess at t = 10 m")):
            yield fits.line(f"{called}, power of m", setting, rows.index.to_series(), rows[name],
                            power=True)
            yield fits.mean(f"{called}: change from rtol {FINEST:g} to {FINE:g}", setting,
                            coarse[name] / rows[name] - 1)
        yield fits.mean("best excess × m", setting, rows["best_excess"] * rows.index)
        yield fits.mean("excess at t = 10 m × m", setting, rows["end_excess"] * rows.index)


def _lazy(table):
    """When and how far neurons of both signs grow."""
    rows = _of(table, "lazy width")
    for least in (64, 1024):
        yield fits.line("sd v = 0.05, power of m", f"lazy, spread 0.001, m ≥ {least}",
                        *_wide(rows, "sd_0.05", least), power=True)
    for least in (256, 1024):
        yield fits.line("sd v at the end, power of m", f"lazy, spread 0.001, m ≥ {least}",
                        *_wide(rows, "sd_v_end", least), power=True)
    ratio = rows["best_test_error"] / levels(LAZY).learned_plateau(LAZY.gamma0)
    yield fits.mean("least test error/learned plateau", "lazy, m ≥ 1024", ratio[rows["m"] >= 1024])
    for m, group in _of(table, "lazy spread").groupby("m"):
        yield fits.line("√m t(sd v = 0.05) against ln 1/spread", f"lazy, m = {m}",
                        -np.log(group["spread"]), np.sqrt(m) * group["sd_0.05"])


def _tolerances(table):
    """Relative change of the main figures between the two tolerances."""
    key = ["init", "m", "spread"]
    fine = table[table["set"] == "tolerance"]
    coarse = table[(table["rtol"] == USUAL) & table["set"].isin(["spread", "lazy width"])]
    both = fine.merge(coarse, on=key, suffixes=("", "_coarse"))
    for name in ("left", "gamma_0.2", "sd_0.05", "best_test_error"):
        change = both[f"{name}_coarse"] / both[name] - 1
        yield fits.mean(f"{name}: change from rtol {FINE:g} to {USUAL:g}", "", change.dropna())


LAWS = (_waiting, _leaving, _widest_unequal, _noise_levels, _activations, _dimension, _halves,
        _stopping, _widest, _lazy, _tolerances)


def _of(table: pd.DataFrame, name: str) -> pd.DataFrame:
    return table[table["set"] == name]


def _wide(rows: pd.DataFrame, name: str, least: int) -> tuple[pd.Series, pd.Series]:
    rows = rows[rows["m"] >= least]
    return rows["m"], rows[name]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--summary", action="store_true")
    if not parser.parse_args().summary:
        rows = []
        for row in runs():
            rows.append(row)
            store(pd.DataFrame(rows), PATH, "python -m studies.laws")
    print(fits.markdown(summary(read())))


if __name__ == "__main__":
    main()
