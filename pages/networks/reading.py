"""What the measured map of real networks says, with every number taken from its table."""

import numpy as np
import pandas as pd

from dashboard.words.numbers import number

ENOUGH, NARROW = 50, 16
"""The Gaussian model stays with the theory at this d and these widths."""


def reading(table: pd.DataFrame) -> str:
    """Two items in Markdown on the table that `python -m bench.network --map` writes."""
    table = table.assign(left=table["departure_per_m"] * table["m"])
    real, gaussian = (table[table["model"] == model] for model in ("real", "Gaussian"))
    by_d = real.sort_values("d").groupby(["activation", "m"])["left"]
    change = by_d.last() / by_d.first()
    large, wide = gaussian["d"] >= ENOUGH, gaussian["m"] > NARROW
    stay, late = gaussian[large & ~wide], gaussian[large & wide]
    return (
        f"- **Real networks** leave the theory at t = {_range(real['left'])}, while the features"
        f" are learnt; from the least d to the largest this time changes by a factor of"
        f" {_range(change)}, mostly near {number(change.median(), 2)}: the Gaussian approximation"
        " fails there, more than d. Their distance over the whole run is "
        + ", ".join(f"{_range(rows['distance'])} ({name})"
                    for name, rows in real.groupby("activation")) + ".\n"
        f"- **The Gaussian model** at m ≤ {NARROW} and d ≥ {ENOUGH} leaves the theory in"
        f" {np.isfinite(stay['left']).sum()} of {len(stay)} measurements, at m > {NARROW} and"
        f" d ≥ {ENOUGH} in {np.isfinite(late['left']).sum()} of {len(late)} (at t ="
        f" {_range(late['left'])}), and with d = {gaussian['d'].min()} at those widths always, at"
        f" t = {_range(gaussian[~large & wide]['left'])}: its neurons become different from each"
        " other there, which the theory shown does not allow for.")


def _range(values: pd.Series) -> str:
    finite = values[np.isfinite(values)]
    return f"{number(finite.min(), 2)} to {number(finite.max(), 2)}"
