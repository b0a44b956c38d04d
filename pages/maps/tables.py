"""The stored maps, as `python -m studies.maps` wrote them, and what can be read off them."""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from dashboard.words import number
from engine import TABLE, Parameters

HERE = Path(__file__).parent
ENDINGS = {
    "rests": "rests: the errors stay together",
    "overfits": "overfits: the train error ends below half of the test error",
    "at once": "interpolates, with γ within 2 % of its start",
    "unfinished": "not finished: out of time steps",
}
"""How a run ends (`engine.results.endings`), in the order of the map's colours."""


@dataclass(frozen=True)
class Quantity:
    """A column of the maps: what it is called, whether its colours go with its logarithm, and what
    an empty cell says."""

    label: str
    log: bool = False
    absent: str = "does not happen"

    def said(self, value: float) -> str:
        """A number of this column in words; times below 0 are those of what shrinks."""
        if pd.isna(value):
            return self.absent
        return number(value) if value >= 0 else f"they shrink, by e in {number(-value)}"


QUANTITIES = {
    "ending": Quantity("how the run ends"),
    "final_test_error": Quantity("test error at the end", log=True),
    "best_test_error": Quantity("least test error", log=True),
    "gain_of_early_stopping": Quantity("what stopping at the best time gains in test error"),
    "best_time": Quantity("best time to stop", log=True),
    "gap_opens": Quantity("time at which train and test error part", log=True),
    "e_folding_per_m": Quantity("time/m in which differences between neurons at rest grow by e",
                                log=True, absent="–"),
}
"""What a map can show; the names are words of links."""


@dataclass(frozen=True, eq=False)
class StoredMap:
    """One map: its cells, a row each (`studies.maps`), and what its JSON file says of it."""

    name: str
    table: pd.DataFrame
    made: dict[str, Any]

    @property
    def x(self) -> str:
        """The setting across; `y` is the one upwards."""
        return str(self.made["x"])

    @property
    def y(self) -> str:
        return str(self.made["y"])

    @property
    def neurons(self) -> list[str]:
        """"identical", "unequal", or both."""
        return list(self.table["neurons"].unique())

    def kinds(self, column: str) -> list[str]:
        """The kinds of neurons of which this map has the column at all."""
        known = self.table[self.table[column].notna()]["neurons"].unique()
        return [kind for kind in self.neurons if kind in known]

    def values(self, axis: str) -> list[float]:
        """The values of x or y in rising order."""
        return sorted(self.table[axis].unique())

    def grid(self, column: str, neurons: str) -> pd.DataFrame:
        """One quantity: a row for each y, a column for each x, both rising."""
        of_kind = self.table[self.table["neurons"] == neurons]
        return of_kind.pivot(index="y", columns="x", values=column)

    def horizon(self, x: float) -> float:
        """The last time of the runs at this x."""
        m = x if self.x == "m" else self.made["fixed"]["m"]
        return float(self.made["t_per_m"] * m)

    def parameters(self, x: float, y: float, neurons: str) -> Parameters:
        """The settings of a cell, or of any point between cells."""
        values = {**(self.made["unequal"] if neurons == "unequal" else {}), **self.made["fixed"],
                  self.x: x, self.y: y}
        p = Parameters(**{name: TABLE[name].check(value) for name, value in values.items()})
        return p.replace(t_max=self.horizon(x))


@dataclass(frozen=True, eq=False)
class Curves:
    """Both errors of every run of a map, to be drawn small.

    log10_errors  train and test at times evenly spread in log t from `first` to the horizon, of
                  shape (kinds of neurons, ys, xs, 2, points); NaN after a run that did not finish
    """

    first: float
    log10_errors: np.ndarray


def curves(name: str) -> Curves:
    """The curves of the map of this name."""
    with np.load(HERE / f"{name}.npz") as kept:
        whole = kept["log10_errors"]
        return Curves(float(kept["first"]), np.where(whole == kept["missing"], np.nan,
                                                     whole / kept["per_decade"]))


@cache
def load(name: str) -> StoredMap:
    """The map of this name, one of `links.MAPS`."""
    path = HERE / f"{name}.csv"
    return StoredMap(name, pd.read_csv(path),
                     json.loads(path.with_name(path.name + ".json").read_text()))


def axis_title(setting: str) -> str:
    """The name of a setting on an axis."""
    return TABLE[setting].label


def title(name: str) -> str:
    """What a map is called: its start and its two settings."""
    one = load(name)
    return f"{one.made['fixed']['init']}: {axis_title(one.x)}, {axis_title(one.y)}"
