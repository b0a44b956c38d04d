"""Laws of the mean-field plateau: which widths rest on it, and how unstable the rest is.

    python -m studies.plateau              what is not stored yet, then the fits
    python -m studies.plateau --summary    the fits alone

studies/results/locking.csv has one row per h, α, τ, horizon t_per_m and rtol: `leaves`, the widest
identical neurons seen to leave up to t = t_per_m m, `stays`, the narrowest seen to stay, 10 % apart
(`engine.limits.locking_width`), and `predicted`, m_c of the equations of the resting plateau.

rates.csv has one row per h, α, τ, m and rtol: rate_m, the growth rate λ of small differences
between neurons times m, on average over the second half of 12 m of time at rest
(`engine.stability`).
"""

import argparse
import math
import os
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from scipy.stats import linregress

from engine import PRESETS, Parameters, stability
from engine.limits import LimitError, locking_width
from engine.limits.instability import plateau_rate
from engine.limits.locking import predicted_locking_width
from studies import fits
from studies.store import RESULTS, store

LOCKING, RATES = RESULTS / "locking.csv", RESULTS / "rates.csv"
T_PER_M, USUAL, FINE, FINEST = 200.0, 1e-2, 3e-3, 1e-3
RATE_T_PER_M = 12.0
LEAST = 16
"""Brackets of narrower networks are too wide for a fit: from one whole number to the next."""
HERE = {"alpha": 0.3, "tau": 0.3}
WIDTHS = (4096, 16384, 65536, 262144, 1_000_000)
WIDTH_SETTINGS = ("h", "alpha", "tau", "t_per_m", "rtol")
RATE_SETTINGS = ("h", "alpha", "tau", "m", "rtol")

WIDTH_CASES = [(h, alpha, tau, T_PER_M, USUAL) for h in PRESETS
               for alpha in (0.15, 0.3, 0.6, 1.2) for tau in (0.1, 0.2, 0.3, 0.6)] \
    + [(h, 0.3, 0.3, t, rtol) for h in PRESETS for t, rtol in ((50.0, USUAL), (T_PER_M, FINE))]
RATE_CASES = [(h, 0.3, 0.3, m, rtol) for h in PRESETS for m in WIDTHS for rtol in (FINE, FINEST)] \
    + [("cubic", alpha, tau, 65536, FINE) for alpha, tau in ((0.3, 0.6), (1.2, 0.3))]


def parameters(h: str, alpha: float, tau: float) -> Parameters:
    """Identical neurons from the mean-field start of these studies."""
    return Parameters(init="mean-field", a0=1.0, h=h, alpha=alpha, tau=tau)


def width(h: str, alpha: float, tau: float, t_per_m: float, rtol: float) -> dict[str, float]:
    """The figures of a row of locking.csv; no widths where none down to 4 or up to 10⁶ is one, or
    a run ends too early to tell."""
    p = parameters(h, alpha, tau)
    try:
        leaves, stays = map(float, locking_width(p, t_per_m, rtol))
    except LimitError:
        leaves = stays = math.nan
    return {"leaves": leaves, "stays": stays, "predicted": predicted_locking_width(p)}


def rate(h: str, alpha: float, tau: float, m: int, rtol: float) -> dict[str, float]:
    """The figures of a row of rates.csv."""
    end = RATE_T_PER_M * m
    found = stability(parameters(h, alpha, tau).replace(m=m, t_max=end), rtol)
    return {"rate_m": m / found.e_folding(end / 2, end), "t_end": float(found.t[-1])}


def completed(path: Path, settings: tuple[str, ...], cases: list[tuple],
              compute: Callable[..., dict[str, float]]) -> pd.DataFrame:
    """The stored table, a row for each case in their order; what is missing is computed, and kept
    at once."""
    kept = pd.read_csv(path) if path.exists() else pd.DataFrame(columns=settings)
    rows = {tuple(row[name] for name in settings): row for row in kept.to_dict("records")}
    for case in cases:
        if case not in rows:
            rows[case] = dict(zip(settings, case, strict=True)) | compute(*case)
            store(pd.DataFrame(list(rows.values())), path, "python -m studies.plateau")
    table = pd.DataFrame([rows[case] for case in cases])
    store(table, path, "python -m studies.plateau")
    return table


def summary(locking: pd.DataFrame, rates: pd.DataFrame) -> pd.DataFrame:
    """What the prose says, as `fits.table` describes it."""
    return fits.table([*_widths(locking), *_rates(rates)])


def _widths(table: pd.DataFrame):
    """α m_c against α, τ and the equations."""
    table = table.assign(m_c=np.sqrt(table["leaves"] * table["stays"]))
    usual = table[(table["t_per_m"] == T_PER_M) & (table["rtol"] == USUAL)
                  & (table["leaves"] >= LEAST)]
    for h, rows in usual.groupby("h"):
        for tau, group in rows.groupby("tau"):
            own = group["alpha"] * group["m_c"]
            fit = linregress(group["alpha"], own)
            spread = own.min(), own.max(), len(own)
            yield "F of α m_c = F − cα", f"{h}, τ = {tau:g}", fit.intercept, \
                fit.intercept_stderr, *spread
            yield "c of the same", f"{h}, τ = {tau:g}", -fit.slope, fit.stderr, *spread
        for alpha, group in rows.groupby("alpha"):
            yield fits.line("m_c, power of τ from 0.1 to 0.6", f"{h}, α = {alpha:g}", group["tau"],
                            group["m_c"], power=True)
        for alpha, group in rows.groupby("alpha"):
            yield fits.mean("m_c/predicted", f"{h}, α = {alpha:g}",
                            group["m_c"] / group["predicted"])
    here = table[(table["alpha"] == HERE["alpha"]) & (table["tau"] == HERE["tau"])]
    base = here[(here["t_per_m"] == T_PER_M) & (here["rtol"] == USUAL)].set_index("h")["m_c"]
    for (t, rtol), rows in here.groupby(["t_per_m", "rtol"]):
        if (t, rtol) != (T_PER_M, USUAL):
            yield fits.mean(f"m_c at t = {t:g} m, rtol = {rtol:g}, over that at"
                            f" {T_PER_M:g} m, {USUAL:g}", "three h, α = τ = 0.3",
                            rows.set_index("h")["m_c"] / base)


def _rates(table: pd.DataFrame):
    """mλ against m^(−1/4), extrapolated, and its formula."""
    is_here = (table["alpha"] == HERE["alpha"]) & (table["tau"] == HERE["tau"])
    for row in table[~is_here].itertuples():
        yield fits.mean("mλ", f"{row.h}, α = {row.alpha:g}, τ = {row.tau:g}, m = {row.m:,}",
                        pd.Series([row.rate_m]))
    for h, rows in table[is_here].groupby("h"):
        yield fits.mean("mλ", f"{h}, m = 65,536", rows[(rows["m"] == 65536)
                                                        & (rows["rtol"] == FINE)]["rate_m"])
        fine = rows[rows["rtol"] == FINEST].set_index("m")["rate_m"]
        coarse = rows[rows["rtol"] == FINE].set_index("m")["rate_m"]
        yield fits.mean("mλ", f"{h}, m = {max(WIDTHS):,}", fine.loc[[max(WIDTHS)]])
        wide = fine[fine.index > min(WIDTHS)]
        x = np.array(wide.index, dtype=float)**-0.25
        curve, covariance = np.polyfit(x, wide, 2, cov="unscaled")
        left = np.sum((np.polyval(curve, x) - wide)**2) / (len(x) - 3)
        yield ("mλ, m → ∞ by a parabola in m^-1/4", f"{h}, m ≥ {min(wide.index):,}",
               float(curve[2]), math.sqrt(left * covariance[2, 2]), wide.min(), wide.max(), len(x))
        yield fits.mean("mλ by the formula for m → ∞", h,
                        pd.Series([WIDTHS[0] * plateau_rate(
                            parameters(h, **HERE).replace(m=WIDTHS[0]))]))
        yield fits.mean(f"mλ: change from rtol {FINEST:g} to {FINE:g}", h, coarse / fine - 1)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--summary", action="store_true")
    if parser.parse_args().summary:
        tables = pd.read_csv(LOCKING), pd.read_csv(RATES)
    else:
        tables = (completed(LOCKING, WIDTH_SETTINGS, WIDTH_CASES, width),
                  completed(RATES, RATE_SETTINGS, RATE_CASES, rate))
    print(fits.markdown(summary(*tables)))


if __name__ == "__main__":
    main()
