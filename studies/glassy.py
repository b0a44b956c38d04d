"""Can a run say whether its train error settles above zero?  Asked of the stored maps.

    python -m studies.glassy

Each run of `pages/maps/NAME.npz` is cut at an eighth of its horizon, and the rule of
`engine.limits.threshold.keeps_error` is applied to what is left: the train error loses less than
half of itself in the last factor of eight in time, and extrapolates to more than a third of what it
has.  A verdict "keeps an error" is refuted when the whole run ends below the level extrapolated.
"""

from pathlib import Path

import numpy as np
import pandas as pd

from engine.limits.extrapolate import STEP, power_law_limit
from engine.results.keyfigures import INTERPOLATED
from studies.maps import FOLDER, MAPS

OFF = 0.9
"""A run that ends below this part of the level said has refuted it."""


def verdict(t: np.ndarray, errors: np.ndarray) -> float | None:
    """The level above zero at which this train error is said to settle, or None."""
    level = power_law_limit(t, errors)
    slow = errors[-1] > np.interp(t[-1] / STEP, t, errors) / 2
    return level if slow and level > errors[-1] / 3 else None


def judged(name: str, folder: Path = FOLDER) -> pd.DataFrame:
    """One row a run that has not interpolated by an eighth of its time: its ending, the level said,
    None where nothing is, and the error at the end."""
    one, table = MAPS[name], pd.read_csv(folder / f"{name}.csv")
    with np.load(folder / f"{name}.npz") as kept:
        logs = kept["log10_errors"][..., 0, :].reshape(len(table), -1)
        first, per_decade = float(kept["first"]), float(kept["per_decade"])
    rows = []
    for (_, row), log in zip(table.iterrows(), logs, strict=True):
        if row["ending"] == "unfinished":
            continue
        t_max = one.settings(row["x"], row["y"], row["neurons"])["t_max"]
        t = np.geomspace(first, t_max, len(log))
        errors, early = 10 ** (log / per_decade), t <= t_max / STEP
        if errors[early][-1] > INTERPOLATED * errors[0]:
            rows.append({"ending": row["ending"], "end": errors[-1],
                         "said": verdict(t[early], errors[early])})
    return pd.DataFrame(rows)


def main() -> None:
    found = pd.concat([judged(name) for name in MAPS])
    for ending, rows in found.groupby("ending"):
        said = rows[rows["said"].notna()]
        wrong = (said["end"] < OFF * said["said"]).sum()
        print(f"{ending}: {len(rows)} runs, of {len(said)} it was said at t_max/{STEP:g} that an"
              f" error stays, {wrong} of them ended more than a tenth below the level said")


if __name__ == "__main__":
    main()
