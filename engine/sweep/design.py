"""Which cells a sweep has: a grid, a list, or settings drawn at random, over any parameters."""

import csv
import json
import math
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np

from engine.fields import ParameterError
from engine.sweep.axes import Axis, Listed, axis
from engine.sweep.errors import SweepError
from engine.sweep.kinds import Cell, cell, fields

MOST_CELLS = 10_000
"""Cells of a sweep that starts without being asked twice: minutes of one core."""
SCALES = {"lazy": "a0", "mean-field": "gamma0"}
"""By initialisation, the scale of the other one."""


def grid(kind: str, *, most: float = MOST_CELLS, **settings: Any) -> list[Cell]:
    """Every combination of the settings, the last one fastest.

    A setting is a text as on the command line ("0.05:2:25:log", "16,32"), a list or array of
    values, or one value.  Where both initialisations occur gamma0 goes to lazy cells alone and a0
    to mean-field ones.  Raises ParameterError, and SweepError beyond `most` cells.
    """
    return listed(kind, [{}], most=most, **settings)


def listed(kind: str, rows: Iterable[Mapping[str, Any]], *, most: float = MOST_CELLS,
           **settings: Any) -> list[Cell]:
    """A cell for each row of settings and each combination of the others, as in `grid`."""
    rows, axes = list(rows), _axes(kind, settings)
    check_count(len(rows) * math.prod(one.size for one in axes.values()), most)
    points = {name: one.points for name, one in axes.items()}

    def combined() -> Iterator[dict[str, Any]]:
        for number, row in enumerate(rows, 1):
            fixed = _row(kind, row, number)
            for name in set(fixed) & set(points):
                raise ParameterError(name, "is given in the list and beside it", fixed[name],
                                     "Give it once.")
            for values in product(*points.values()):
                yield fixed | dict(zip(points, values, strict=True))

    return _cells(kind, combined(), both=len(points.get("init", ())) > 1)


def random_design(kind: str, count: int, seed: int = 0, *, most: float = MOST_CELLS,
                  **settings: Any) -> list[Cell]:
    """`count` cells, each setting drawn independently: from a range "0.05:2" or "0.05:2:log"
    uniformly, from values with equal chances.  Equal seeds draw equal cells."""
    if count < 1:
        raise SweepError(f"random: must be 1 or more; got {count}. For instance 100.")
    check_count(count, most)
    axes, rng = _axes(kind, settings), np.random.default_rng(seed)
    drawn = ({name: one.draw(rng) for name, one in axes.items()} for _ in range(count))
    init = axes.get("init")
    return _cells(kind, drawn, isinstance(init, Listed) and len(init.points) > 1)


def check_count(count: int, most: float) -> None:
    """Refuse more than `most` cells.  Raises SweepError."""
    if count > most:
        raise SweepError(f"the sweep has {count} cells, more than {most:g}. Take fewer points, or"
                         " allow it: --yes on the command line, most=math.inf from Python.")


def read_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of settings in NAME.csv (a column each, empty where left out) or NAME.json (a list
    of objects).  Raises SweepError."""
    try:
        text = path.read_text(encoding="utf-8")
        rows = list(csv.DictReader(text.splitlines())) if path.suffix == ".csv" else \
            json.loads(text)
    except (OSError, ValueError) as error:
        raise SweepError(f"list: must be a CSV or JSON file that can be read; got {str(path)!r}."
                         f" {error}") from None
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise SweepError(f"list: must hold one row of settings at least; got {str(path)!r}."
                         " In JSON that is a list of objects, in CSV a line below the names.")
    return rows


def _axes(kind: str, settings: Mapping[str, Any]) -> dict[str, Axis]:
    """In the order of the tables."""
    table = _known(kind, settings)
    return {name: axis(field, settings[name]) for name, field in table.items()
            if settings.get(name) is not None}


def _row(kind: str, row: Mapping[str, Any], number: int) -> dict[str, Any]:
    """One row of a list, checked; what is empty was left out."""
    given = {name: value for name, value in row.items() if value not in (None, "")}
    try:
        table = _known(kind, given)
        return {name: table[name].read(value) if isinstance(value, str)
                else table[name].check(value) for name, value in given.items()}
    except ParameterError as error:
        raise ParameterError(f"row {number}, {error.field}", error.rule, error.got,
                             error.fix) from None


def _known(kind: str, settings: Mapping[str, Any]) -> dict[str, Any]:
    """The table of a kind, after checking that it has these settings."""
    table = fields(kind)
    for name in settings:
        if name not in table:
            raise ParameterError(str(name), f"is no setting of {kind}", settings[name],
                                 f"Use some of {', '.join(table)}.")
    return table


def _cells(kind: str, settings: Iterable[dict[str, Any]], both: bool) -> list[Cell]:
    """A cell for each, none twice; `both`: a scale that the initialisation lacks is dropped."""
    cells: dict[Cell, None] = {}
    for given in settings:
        if both:
            given.pop(SCALES[given["init"]], None)
        cells[cell(kind, **given)] = None
    return list(cells)
