"""Fits to rows of a table, as rows of another: law, setting, value, error, low, high, runs.

value ± error is a slope or a power by least squares with its standard error (a mean has the
standard deviation of the rows), low and high the range of the quantity itself.
"""

import math
from collections.abc import Iterable

import numpy as np
import pandas as pd
from scipy.stats import linregress

COLUMNS = ["law", "setting", "value", "error", "low", "high", "runs"]


def table(rows: Iterable[tuple]) -> pd.DataFrame:
    """Those of the rows that have any run behind them."""
    return pd.DataFrame([row for row in rows if row[-1]], columns=COLUMNS)


def markdown(fits: pd.DataFrame) -> str:
    """`table` as text for a document."""
    lines = ["| law | setting | value ± error | range | runs |", "|---|---|---|---|---|"]
    for f in fits.itertuples():
        error = "" if math.isnan(f.error) else f" ± {f.error:.2g}"
        lines.append(f"| {f.law} | {f.setting} | {f.value:.3g}{error} | {f.low:.3g} to {f.high:.3g}"
                     f" | {f.runs} |")
    return "\n".join(lines)


def line(law: str, setting: str, x: pd.Series, y: pd.Series, power: bool = False) -> tuple:
    """Slope of y against x, or the power of x."""
    there = np.isfinite(y) & (y > 0)
    x, y = x[there], y[there]
    if len(y) < 3:
        return law, setting, math.nan, math.nan, y.min(), y.max(), len(y)
    fit = linregress(np.log(x), np.log(y)) if power else linregress(x, y)
    return law, setting, fit.slope, fit.stderr, y.min(), y.max(), len(y)


def limit(law: str, setting: str, rows: pd.DataFrame, y: pd.Series) -> tuple:
    """Where y goes as m → ∞ along a line in 1/m, from m = 256 on."""
    there = (rows["m"] >= 256) & np.isfinite(y)
    y = y[there]
    fit = linregress(1 / rows["m"][there], y)
    return law, setting, fit.intercept, fit.intercept_stderr, y.min(), y.max(), len(y)


def mean(law: str, setting: str, y: pd.Series) -> tuple:
    y = y.dropna()
    return law, setting, y.mean(), y.std(), y.min(), y.max(), len(y)
