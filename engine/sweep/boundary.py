"""Where along one axis something begins to happen, by bisection: a few cells in place of a grid."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from engine.monitor import Monitor, Stopped
from engine.sweep.errors import SweepError
from engine.sweep.kinds import FAILED, Figures, cell, fields
from engine.sweep.run import sweep
from engine.sweep.store import Store

CRITERIA: dict[str, Callable[[Figures], bool]] = {
    "interpolates": lambda figures: figures["interpolation_time"] is not None,
    "overfits": lambda figures: figures["gap_opens"] is not None,
}
"""Questions that the figures of a run answer: does the train error reach zero, does the gap between
the errors open?"""


@dataclass(frozen=True)
class Boundary:
    """The boundary lies between low and high; `above`: it holds at high.  runs: cells looked at."""

    low: float
    high: float
    above: bool
    runs: int

    @property
    def value(self) -> float:
        """The middle of the bracket."""
        return (self.low + self.high) / 2


def boundary(kind: str, holds: str | Callable[[Figures], bool], name: str, low: float, high: float,
             store: str | Path | Store, *, resolution: float = 0.01, log: bool = True,
             monitor: Monitor = Monitor(), **settings: Any) -> Boundary:
    """Where `holds`, one of CRITERIA or a function of a cell's figures, changes along `name`.

    low, high   values of the setting `name` between which it changes once
    resolution  of the bracket, relative with `log` (bisection of the logarithm), else absolute;
                whole numbers are found to the last one if that is coarser

    A grid of equal resolution has (high − low)/resolution cells, or ln(high/low)/resolution with
    `log`; this one looks at 2 more than the logarithm to base 2 of that.  Cells are kept in
    `store`.  Raises SweepError when both ends are alike or a cell fails, Stopped when cancelled.
    """
    question = CRITERIA[holds] if isinstance(holds, str) else holds
    whole = fields(kind)[name].kind == "integer"
    if not low < high or (log and low <= 0) or resolution <= 0:
        raise SweepError(f"{name}: needs low < high, above 0 for a logarithm, and a resolution"
                         f" above 0; got {low:g}, {high:g}, {resolution:g}.")
    runs = 0

    def answer(x: float) -> bool:
        nonlocal runs
        runs += 1
        monitor.check()
        found = sweep([cell(kind, **settings, **{name: x})], store, monitor=monitor)
        if not found.complete:
            raise Stopped
        outcome = found.outcomes[0]
        if outcome.status == FAILED:
            raise SweepError(f"{name} = {x:g} failed: {outcome.message}")
        return question(outcome.figures)

    above = answer(high)
    if answer(low) == above:
        raise SweepError(f"{name}: what is asked {'holds' if above else 'does not hold'} at both"
                         f" {low:g} and {high:g}. Choose other ends.")
    while _width(low, high, log) > resolution and not (whole and high - low <= 1):
        middle = math.sqrt(low * high) if log else (low + high) / 2
        if whole:
            middle = min(max(round(middle), low + 1), high - 1)
        if answer(middle) == above:
            high = middle
        else:
            low = middle
    return Boundary(low, high, above, runs)


def _width(low: float, high: float, log: bool) -> float:
    return math.log(high / low) if log else high - low
