"""Runs that were solved beforehand, for a machine whose kernels are not compiled yet.

`python -m dashboard.service.stored` solves the examples and writes FILE; with each run stand its
parameters, tolerance and versions, and a test solves them again.
"""

import gzip
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from dashboard.service.links import Settings
from dashboard.service.presets import ALL
from engine import Trajectory, solve
from engine.results.trajectory import COLUMNS, TrajectoryError

FILE = Path(__file__).parents[2] / "assets" / "runs.json.gz"
DIGITS = 9
"""Significant digits that are kept: a thousand times what the tolerance is good for."""


def stored(settings: Settings) -> Trajectory | None:
    """The run of `settings`, if it was solved beforehand and its file is sound."""
    return _runs().get(settings)


def worth_storing() -> list[Settings]:
    """The examples, and the lazy run that stands beside the default one."""
    default = Settings()
    lazy = Settings(default.parameters.replace(init="lazy", gamma0=1.0), default.rtol)
    return list(dict.fromkeys([default, lazy, *(preset.settings for preset in ALL)]))


@lru_cache(maxsize=1)
def _runs() -> dict[Settings, Trajectory]:
    """What FILE holds; nothing of a file that is missing, cut off or not what it should be."""
    try:
        with gzip.open(FILE, "rt", encoding="utf-8") as file:
            runs = [Trajectory.from_dict(data) for data in json.load(file)]
    except (OSError, EOFError, ValueError, TrajectoryError):
        return {}
    return {Settings(run.parameters, run.rtol): run for run in runs if run.rtol is not None}


def _short(run: Trajectory) -> dict[str, Any]:
    data = run.to_dict()
    data["columns"] = {name: [float(f"{x:.{DIGITS}g}") for x in values]
                       for name, values in data["columns"].items()}
    return data


def write() -> None:
    """Solve all that is worth storing, and write FILE."""
    runs = [_short(solve(settings.parameters, settings.rtol)) for settings in worth_storing()]
    text = json.dumps(runs, separators=(",", ":")).encode()
    FILE.write_bytes(gzip.compress(text, 9, mtime=0))


def differs(one: Trajectory, other: Trajectory) -> float:
    """The largest difference of two runs of the same settings, at the nodes of `one`, in units of
    each column's largest value; of columns that stay below a kept digit of one, which are zero but
    for rounding, in units of that digit."""
    t = one.t[one.t <= other.t[-1]]
    columns = COLUMNS[1:]
    here = np.column_stack([getattr(one, name)[: len(t)] for name in columns])
    return float(np.max(np.abs(here - other.values_at(t, columns)).max(axis=0)
                        / np.maximum(np.abs(here).max(axis=0), 10.0**-DIGITS)))


if __name__ == "__main__":
    write()
