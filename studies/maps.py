"""Maps: how runs end, when it is best to stop and what it costs, over two settings at a time.

    python -m studies.maps [NAME ...]      all: some 12 minutes of one processor

For each map `pages/maps/NAME.csv` has one row per cell and kind of neurons: x, y, neurons
("identical" or "unequal": four quantile groups of a 10 % spread in a(0)), and what `engine.sweep`
keeps of a run, among it its ending (`engine.results.endings`).  NAME.csv.json says which settings x
and y are, which are fixed, and what made the file.  Cells are kept as they finish: a study that was
stopped goes on.

e_folding_per_m is the time, in units of m, in which small differences between neurons grow by e, on
average over the second half of the run (`engine.stability`); negative where they shrink.  Only for
identical neurons from a mean-field start that rest; elsewhere it is empty, and where the linear
equations need more steps than there are.

NAME.npz has both errors of every run, to be drawn small (`thin`).
"""

import argparse
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import sys
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from engine import Parameters, Trajectory, solve
from engine.monitor import Monitor
from engine.results.endings import Ending
from engine.results.status import Status
from engine.sweep import cell, results_version, sweep
from engine.sweep.kinds import Outcome
from studies.store import store

FOLDER = Path(__file__).parents[1] / "pages" / "maps"
RTOL = 1e-2
T_PER_M = 60.0
SPREAD, GROUPS = 0.1, 4
NEURONS: dict[str, dict[str, Any]] = {
    "identical": {}, "unequal": {"spread": SPREAD, "groups": GROUPS}}
FIGURES = ("ending", "t_end", "best_time", "best_test_error", "gap_opens", "interpolation_time",
           "final_train_error", "final_test_error", "gain_of_early_stopping", "final_gamma",
           "final_v")
POINTS = 40
FIRST = 0.03
"""Time of the first point of a thin curve; the last one is at the horizon."""
PER_DECADE, LEAST = 1000, 1e-12
"""Thin curves are kept as whole numbers: so many steps of a decade, 0.23 % each, from LEAST up."""
MISSING = np.int16(-2**15)


@dataclass(frozen=True)
class Map:
    """Two settings that vary, x and y, with their values, and those that are fixed."""

    x: str
    y: str
    xs: tuple[float, ...]
    ys: tuple[float, ...]
    fixed: dict[str, Any] = field(default_factory=dict)
    neurons: tuple[str, ...] = tuple(NEURONS)

    def settings(self, x: float, y: float, neurons: str) -> dict[str, Any]:
        """Of one cell, as `Parameters` takes them."""
        found = {**NEURONS[neurons], **self.fixed, self.x: x, self.y: y}
        return {**found, "t_max": T_PER_M * found["m"]}


def _log(low: float, high: float, count: int = 13) -> tuple[float, ...]:
    return tuple(float(f"{x:.3g}") for x in np.geomspace(low, high, count))


def _widths(low: int, high: int, count: int = 13) -> tuple[float, ...]:
    return tuple(round(x) for x in np.geomspace(low, high, count))


MAPS = {
    "alpha_tau": Map("alpha", "tau", _log(0.05, 2), _log(0.05, 1),
                     {"init": "mean-field", "h": "cubic", "a0": 1.0, "m": 128}),
    "m_tau": Map("m", "tau", _widths(16, 1024), _log(0.05, 1),
                 {"init": "mean-field", "h": "cubic", "a0": 1.0, "alpha": 0.3}),
    "m_spread": Map("m", "spread", _widths(16, 1024), _log(0.001, 0.5),
                    {"init": "mean-field", "h": "cubic", "a0": 1.0, "alpha": 0.3, "tau": 0.3,
                     "groups": GROUPS}, ("unequal",)),
    "alpha_gamma0": Map("alpha", "gamma0", _log(0.05, 2), _log(0.1, 2),
                        {"init": "lazy", "h": "quadratic", "tau": 0.6, "m": 128}),
    "alpha_decay": Map("alpha", "weight_decay", _log(0.05, 2), _log(0.1, 30),
                       {"init": "mean-field", "h": "cubic", "a0": 1.0, "tau": 0.3, "m": 128}),
}
"""Every map by its name, which is a word of links too."""


def compute(name: str, kept: str, monitor: Monitor = Monitor()) -> pd.DataFrame:
    """The table of one map; cells are kept in the file `kept`."""
    one = MAPS[name]
    places = _places(one)
    rows = []
    for (x, y, neurons), found in zip(places, _swept("solve", one, places, kept, monitor),
                                      strict=True):
        rows.append({"x": x, "y": y, "neurons": neurons, "status": found.status,
                     **{key: found.figures[key] for key in FIGURES}, "seconds": found.seconds})
    table = pd.DataFrame(rows)
    resting = table[(table["neurons"] == "identical") & (table["ending"] == Ending.RESTS.value)
                    & (one.fixed["init"] == "mean-field")]
    grown = _swept("stability", one,
                   list(resting[["x", "y", "neurons"]].itertuples(index=False)), kept, monitor)
    growth = pd.Series({row: found.figures["e_folding_per_m"]
                        for row, found in zip(resting.index, grown, strict=True)
                        if found.status == Status.REACHED_T_MAX.value}, dtype=float)
    table.insert(len(table.columns) - 1, "e_folding_per_m", growth.reindex(table.index))
    return table


def curves(name: str, monitor: Monitor = Monitor()) -> np.ndarray:
    """Every run of one map by `thin`, of shape (kinds of neurons, ys, xs, 2, POINTS)."""
    one = MAPS[name]
    places = _places(one)
    found = []
    for place in places:
        found.append(thin(solve(Parameters(**one.settings(*place)), RTOL)))
        monitor.progress(len(found) / len(places))
    return np.array(found).reshape(len(one.neurons), len(one.ys), len(one.xs), 2, POINTS)


def thin(run: Trajectory) -> np.ndarray:
    """Train and test error at POINTS times, evenly in log t from FIRST to the horizon: their
    decadic logarithms as whole numbers, of shape (2, POINTS).

    After interpolation the last ones hold; after an end for want of steps there is MISSING.
    """
    t = np.geomspace(FIRST, run.parameters.t_max, POINTS)
    errors = run.values_at(np.minimum(t, run.t[-1]), ("train_error", "test_error")).T
    whole = np.rint(PER_DECADE * np.log10(np.maximum(errors, LEAST))).astype(np.int16)
    return whole if run.status.complete else np.where(t <= run.t[-1], whole, MISSING)


def _places(one: Map) -> list[tuple[float, float, str]]:
    return [(x, y, neurons) for neurons in one.neurons for y in one.ys for x in one.xs]


def _swept(kind: str, one: Map, places: list[tuple[float, float, str]], kept: str,
           monitor: Monitor) -> list[Outcome]:
    """One computation at these places."""
    cells = [cell(kind, rtol=RTOL, **one.settings(*place)) for place in places]
    found = sweep(cells, kept, monitor=monitor).outcomes
    for place, outcome in zip(places, found, strict=True):
        if outcome.message:
            raise RuntimeError(f"{kind} at {one.x}, {one.y}, neurons = {place}: {outcome.message}")
    return found


def _tell(name: str, share: float) -> None:
    print(f"\r{name} {share:.0%}", end="", file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("maps", nargs="*", default=list(MAPS), metavar="NAME",
                        help="which of " + ", ".join(MAPS))
    parser.add_argument("--out", type=Path, default=FOLDER, help="folder of the tables")
    parser.add_argument("--cells", default="maps.sqlite", help="file of finished cells")
    given = parser.parse_args()
    for name in given.maps:
        one = MAPS[name]
        table = compute(name, given.cells, Monitor(progress=partial(_tell, name)))
        store(table, given.out / f"{name}.csv", f"python -m studies.maps {name}", rtol=RTOL,
              x=one.x, y=one.y, fixed=one.fixed, unequal=NEURONS["unequal"], t_per_m=T_PER_M,
              engine=results_version())
        errors = curves(name, Monitor(progress=partial(_tell, name)))
        np.savez_compressed(given.out / f"{name}.npz", log10_errors=errors, first=FIRST,
                            per_decade=PER_DECADE, missing=MISSING)
        print(f"{name}: {len(table)} cells", flush=True)


if __name__ == "__main__":
    main()
