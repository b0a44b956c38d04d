"""What the measured map of real networks says, with every number taken from its table."""

import numpy as np
import pandas as pd

from dashboard.words.numbers import number

PLAIN = "mean-field"
"""The start whose every cell stands in the table on the page."""
ENOUGH, NARROW = 50, 16
"""The Gaussian model stays with the theory from this d on, up to these widths."""


def reading(table: pd.DataFrame) -> str:
    """Items in Markdown on the table that `python -m studies.separation` writes."""
    plain = table[table["start"] == PLAIN]
    real, gaussian = (plain[plain["model"] == model] for model in ("real", "Gaussian"))
    near = gaussian[gaussian["d"] >= ENOUGH]
    narrow, wide = near[near["m"] <= NARROW], near[near["m"] > NARROW]
    widest = plain[plain["m"] == plain["m"].max()]
    items = [
        "**Real networks** from the mean-field start leave both theories early, while the features"
        f" are learnt (median t = {_median_time(real)} for identical neurons,"
        f" {_median_time(real, 'general_')} for groups). Their distance over the run is"
        f" {_range(real['distance'])} and {_range(real['general_distance'])}: at m ≤"
        f" {NARROW} nearly all of it is the Gaussian approximation, which groups do not mend.",
        f"**The Gaussian model** at m ≤ {NARROW} and d ≥ {ENOUGH} stays near both (distance at most"
        f" {_most(narrow, '')} and {_most(narrow, 'general_')}). At m > {NARROW} its neurons"
        " become different, as those of groups do (standard deviation of v at the end"
        f" {_range(wide['sd_v_end'])}, groups {_range(wide['general_sd_v_end'])}), but its test"
        f" error ends at {_share(wide, 'general_')} times theirs and {_share(wide, 'identical_')}"
        " times that of identical neurons: neither theory describes the late part at these d.",
        f"**The widest**, m = {widest['m'].iloc[0]}, which were trained at d ="
        f" {_list(np.unique(widest['d']))} only, end at e_ts = {_range(widest['test_error_end'])},"
        f" near groups ({_range(widest['general_test_error_end'])}) and far below identical"
        f" neurons ({_range(widest['identical_test_error_end'])}).",
        "**The spread of v over the neurons** is what groups that start as in dimension d have:"
        f" at t = 12 the Gaussian model's is {_ratio(gaussian)} times theirs, that of real"
        f" networks {_ratio(real)} times.",
    ]
    for start, rows in table[table["start"].str.startswith("lazy")].groupby("start"):
        rows = rows[rows["model"] == "real"]
        rows = rows[rows["m"] == rows.loc[rows["d"] == rows["d"].max(), "m"].max()].sort_values("d")
        items.append(
            f"**From the lazy start** with {start.removeprefix('lazy, ')}, m = {rows['m'].iloc[0]},"
            f" real networks have e_ts = {_list(rows['test_error_m'])} at t = m and"
            f" {_list(rows['test_error_end'])} at the end for d = {_list(rows['d'])}; identical"
            f" neurons {_one(rows['identical_test_error_m'])} and"
            f" {_one(rows['identical_test_error_end'])}, groups"
            f" {_range(rows['general_test_error_m'])} and"
            f" {_range(rows['general_test_error_end'])}.")
    return "\n".join(f"- {item}" for item in items)


def _median_time(rows: pd.DataFrame, theory: str = "") -> str:
    return number(np.median(rows[f"{theory}departure_per_m"] * rows["m"]), 2)


def _most(rows: pd.DataFrame, theory: str) -> str:
    return number(rows[f"{theory}distance"].max(), 2)


def _ratio(rows: pd.DataFrame) -> str:
    return _range(rows["sd_v_12"] / rows["general_sd_v_12"])


def _list(values: pd.Series | np.ndarray) -> str:
    return ", ".join(number(value, 2) if value < 1 else f"{value:g}" for value in values)


def _one(values: pd.Series) -> str:
    return number(values.iloc[0], 2)


def _share(rows: pd.DataFrame, theory: str) -> str:
    return _range(rows["test_error_end"] / rows[f"{theory}test_error_end"])


def _range(values: pd.Series) -> str:
    finite = values[np.isfinite(values)]
    least, most = number(finite.min(), 2), number(finite.max(), 2)
    return least if least == most else f"{least} to {most}"
