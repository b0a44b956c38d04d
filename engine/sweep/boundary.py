"""Where along one axis something begins to happen, by bisection: a few cells in place of a grid.

Along a second axis each search starts around the boundary before it.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.fields import ParameterError
from engine.monitor import Monitor, Stopped
from engine.sweep.errors import SweepError
from engine.sweep.kinds import FAILED, Figures, cell, fields
from engine.sweep.run import sweep
from engine.sweep.store import Store

Question = Callable[[Figures], bool]
CRITERIA: dict[str, Question] = {
    "interpolates": lambda figures: figures["interpolation_time"] is not None,
    "overfits": lambda figures: figures["gap_opens"] is not None,
}
"""Questions that the figures of a run answer: does the train error reach zero, does the gap between
the errors open?"""
WIDER = 3.0
"""By which a bracket that misses the boundary grows."""


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


def boundary(kind: str, holds: str | Question, name: str, low: float, high: float,
             store: str | Path | Store, *, resolution: float = 0.01, log: bool = True,
             monitor: Monitor = Monitor(), **settings: Any) -> Boundary | None:
    """Where `holds`, one of CRITERIA or a function of a cell's figures, changes along `name`.

    low, high   values of the setting `name` between which it changes once
    resolution  of the bracket, relative with `log` (bisection of the logarithm), else absolute;
                whole numbers are found to the last one if that is coarser

    None when both ends are alike.  A grid of equal resolution has (high − low)/resolution cells, or
    ln(high/low)/resolution with `log`; this looks at 2 more than the logarithm to base 2 of that.
    Cells are kept in `store`.  Raises ParameterError, SweepError when a cell fails, Stopped when
    cancelled.
    """
    return _search(kind, holds, name, low, high, store, resolution, log, monitor, settings).between(
        low, high)


def boundary_line(kind: str, holds: str | Question, name: str, low: float, high: float,
                  along: str, values: Sequence[Any], store: str | Path | Store, *,
                  resolution: float = 0.01, log: bool = True, monitor: Monitor = Monitor(),
                  **settings: Any) -> list[Boundary | None]:
    """The `boundary` at each of the `values` of a second setting, in their order.

    Where the boundary goes on smoothly some five cells a value find it at any resolution.
    """
    found: list[Boundary | None] = []
    for n, value in enumerate(values):
        search = _search(kind, holds, name, low, high, store, resolution, log, monitor,
                         settings | {along: value})
        found.append(_next(search, found, low, high))
        monitor.progress((n + 1) / len(values))
    return found


def _next(search: "_Search", found: list[Boundary | None], low: float, high: float
          ) -> Boundary | None:
    """Around the boundary before, within the way that it went last."""
    if not found or found[-1] is None:
        return search.between(low, high)
    last, before = found[-1], found[-2] if len(found) > 1 else None
    moved = search.scaled(last.value) - search.scaled(before.value) if before else 0.0
    return search.around(search.scaled(last.value) + moved,
                         max(search.resolution, abs(moved) / 4), last.above, low, high)


def _search(kind: str, holds: str | Question, name: str, low: float, high: float,
            store: str | Path | Store, resolution: float, log: bool, monitor: Monitor,
            settings: dict[str, Any]) -> "_Search":
    table = fields(kind)
    if name not in table or table[name].kind not in ("real", "integer"):
        raise ParameterError("name", "must be a setting that is a number", name, "Try alpha.")
    if isinstance(holds, str) and holds not in CRITERIA:
        raise ParameterError("holds", f"must be a function or one of {', '.join(CRITERIA)}", holds,
                             "Try interpolates.")
    if not low < high or (log and low <= 0) or resolution <= 0:
        raise ParameterError(name, "needs low < high, above 0 for a logarithm, and a resolution"
                             " above 0", (low, high, resolution), "Try 0.1, 1, 0.01.")
    question = CRITERIA[holds] if isinstance(holds, str) else holds

    def answer(x: float) -> bool:
        monitor.check()
        result = sweep([cell(kind, **settings, **{name: x})], store,
                       monitor=Monitor(cancel=monitor.cancel))
        if not result.complete:
            raise Stopped
        outcome = result.outcomes[0]
        if outcome.status == FAILED:
            raise SweepError(f"{name} = {x:g} failed: {outcome.message}")
        return question(outcome.figures)

    return _Search(answer, resolution, log, table[name].kind == "integer")


@dataclass
class _Search:
    """Bisection with every answer asked for once; `scaled` is x, or its logarithm."""

    answer: Callable[[float], bool]
    resolution: float
    log: bool
    whole: bool
    answers: dict[float, bool] = field(default_factory=dict)

    def holds(self, x: float) -> bool:
        if x not in self.answers:
            self.answers[x] = self.answer(x)
        return self.answers[x]

    def scaled(self, x: float) -> float:
        return math.log(x) if self.log else x

    def at(self, scaled: float, low: float, high: float) -> float:
        """The value there, or the nearer end."""
        x = math.exp(scaled) if self.log else scaled
        return min(max(round(x) if self.whole else x, low), high)

    def between(self, low: float, high: float) -> Boundary | None:
        above = self.holds(high)
        if self.holds(low) == above:
            return None
        while self.scaled(high) - self.scaled(low) > self.resolution:
            if self.whole and high - low <= 1:
                break
            middle = self.at((self.scaled(low) + self.scaled(high)) / 2, low, high)
            if self.whole:
                middle = min(max(middle, low + 1), high - 1)
            low, high = (low, middle) if self.holds(middle) == above else (middle, high)
        return Boundary(low, high, above, len(self.answers))

    def around(self, guess: float, reach: float, above: bool, low: float, high: float
               ) -> Boundary | None:
        """Widen a bracket around the scaled guess towards the side where the boundary must be."""
        left, right = (self.at(guess + way, low, high) for way in (-reach, reach))
        while self.holds(left) == self.holds(right):
            reach *= WIDER
            if self.holds(left) == above:
                left, right = self.at(self.scaled(left) - reach, low, high), left
            else:
                left, right = right, self.at(self.scaled(right) + reach, low, high)
            if left == right:
                return None
        return self.between(left, right)
