"""Curves of the four figures on unequal neurons, stored so that a page can draw them.

    python -m studies.unequal_figures [overfitting groups lazy network]      all: 10 minutes

Four tables in studies/results/, one row per curve and time node, errors in units of the label²:

unequal_overfitting.csv  identical neurons and four groups of 10 % spread in a(0): do they leave?
    m, neurons ("identical" or "unequal"), t, t_per_m, train_error, test_error, gamma, v (means),
    sd_v (over the neurons).  Mean-field, cubic, α = τ = 0.3, a₀ = 1.
unequal_groups.csv       the groups one by one in the unequal run at m = 512 of the same table
    group (from 1, the least a(0) first), size, t, t_per_m, a, v, displacement ‖w(t) − w(0)‖.
unequal_lazy.csv         lazy start, quadratic, α = 0.3, τ = 0.6, γ₀ = 0.3
    m, neurons ("identical", "spread 0.001", "spread 0.1", "d = 200"), t, t_per_m, train_error,
    test_error, gamma, sd_v; the same on every row: plateau (2.7, the linear part learned) and
    learned_plateau (the quadratic part learned too), both at γ₀.  At m = 4096 the unequal runs
    stop before t/m = 1: the solver was out of time steps (Status.NODE_LIMIT).
unequal_network.csv      real networks at d = 200 by gradient descent beside both theories
    setting ("lazy": the paper's Figure 3; "mean-field": cubic, a₀ = 1), m = 64, α = τ = 0.3;
    source ("real", "symmetric", "groups": v(0) as in d = 200), t, t_per_m, train_error,
    test_error, a, v, sd_v; for "real" medians over seeds, with test_low and test_high their least
    and greatest.
"""

import argparse
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd

from engine import Parameters, Trajectory, solve
from engine.limits.levels import levels
from engine.network import NetworkSettings, simulate
from studies.store import RESULTS, store

RTOL = 3e-3
WIDTHS = (256, 512, 1024, 2048, 4096)
GROUPS_WIDTH = 512
HORIZON = 30
"""t/m to which runs go."""
NODES = 150
"""Of a curve, at most, that are stored."""
MEAN_FIELD = Parameters(alpha=0.3, tau=0.3, h="cubic", a0=1.0)
LAZY = Parameters(init="lazy", alpha=0.3, tau=0.6, gamma0=0.3, h="quadratic")
LAZY_WIDTHS = (64, 256, 1024, 4096)
LAZY_STARTS = {"identical": {}, "spread 0.001": {"spread": 1e-3}, "spread 0.1": {"spread": 0.1},
               "d = 200": {"start_d": 200}}
D, SEEDS = 200, 4
SETTINGS = {"lazy": Parameters(init="lazy", m=64, alpha=0.3, tau=0.3, gamma0=1.0, h="quadratic",
                               t_max=64.0),
            "mean-field": Parameters(m=64, alpha=0.3, tau=0.3, a0=1.0, h="cubic", t_max=1280.0)}


def curves(run: Trajectory) -> pd.DataFrame:
    """t, t_per_m, errors, a, γ, v and sd_v of a run on its nodes, thinned out to NODES."""
    sd = run.groups.sd(run.groups.v) if run.groups else np.zeros(len(run))
    table = pd.DataFrame({"t": run.t, "t_per_m": run.t / run.parameters.m,
                          "train_error": run.train_error, "test_error": run.test_error,
                          "a": run.a, "gamma": run.gamma, "v": run.v, "sd_v": sd})
    return table.iloc[kept(len(table))]


def kept(nodes: int) -> np.ndarray:
    """Which of `nodes` rows are stored: NODES of them, evenly spread, with both ends."""
    return np.unique(np.linspace(0, nodes - 1, NODES).round().astype(int))


def overfitting() -> pd.DataFrame:
    """Table unequal_overfitting.csv."""
    parts = []
    for m in WIDTHS:
        p = MEAN_FIELD.replace(m=m, t_max=float(HORIZON * m))
        for neurons, start in (("identical", {}), ("unequal", {"spread": 0.1, "groups": 4})):
            table = curves(solve(p.replace(**start), RTOL)).drop(columns="a")
            parts.append(table.assign(m=m, neurons=neurons))
    return pd.concat(parts)


def groups() -> pd.DataFrame:
    """Table unequal_groups.csv."""
    m = GROUPS_WIDTH
    run = solve(MEAN_FIELD.replace(m=m, t_max=float(HORIZON * m), spread=0.1, groups=4), RTOL)
    return run.groups.to_frame(run.t).assign(t_per_m=lambda rows: rows["t"] / m)


def lazy() -> pd.DataFrame:
    """Table unequal_lazy.csv."""
    parts = []
    for m in LAZY_WIDTHS:
        for neurons, start in LAZY_STARTS.items():
            run = solve(LAZY.replace(m=m, t_max=float(HORIZON * m), **start), RTOL)
            parts.append(curves(run).drop(columns=["a", "v"]).assign(m=m, neurons=neurons))
    return pd.concat(parts).assign(plateau=levels(LAZY).plateau(LAZY.gamma0),
                                   learned_plateau=levels(LAZY).learned_plateau(LAZY.gamma0))


def network() -> pd.DataFrame:
    """Table unequal_network.csv."""
    parts = []
    for setting, p in SETTINGS.items():
        for source, run in (("symmetric", solve(p, RTOL)),
                            ("groups", solve(p.replace(start_d=D, groups=4), RTOL))):
            parts.append(curves(run).drop(columns="gamma").assign(setting=setting, source=source))
        by_time = simulate(p, NetworkSettings(d=D, seeds=SEEDS)).frame.groupby("t")
        real = by_time.median()[["train_error", "test_error", "a", "v"]]
        real["sd_v"] = by_time["v_spread"].median()
        real["test_low"], real["test_high"] = (by_time["test_error"].agg(f) for f in ("min", "max"))
        real = real.reset_index().assign(setting=setting, source="real")
        parts.append(real.assign(t_per_m=real["t"] / p.m))
    return pd.concat(parts)


FIGURES = {f.__name__: f for f in (overfitting, groups, lazy, network)}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("figures", nargs="*", default=list(FIGURES), metavar="FIGURE",
                        help="which of " + ", ".join(FIGURES))
    for name in parser.parse_args().figures:
        table = FIGURES[name]()
        path = RESULTS / f"unequal_{name}.csv"
        store(table, path, f"python -m studies.unequal_figures {name}", rtol=RTOL)
        print(f"{path.name}: {len(table)} rows, {path.stat().st_size / 1e3:.0f} kB", flush=True)


if __name__ == "__main__":
    main()
