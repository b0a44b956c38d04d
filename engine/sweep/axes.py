"""What one setting of a sweep runs over, as text: 0.05:2:25, 0.05:2:25:log, 16,32,64 or 0.3."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from engine.fields import Field, ParameterError

MOST_POINTS = 1_000_000
"""Of one axis; more is a slip of the pen."""
WITH_COMMAS = ("coefficients", "groups", "overlaps", "directions", "start")
"""Kinds of fields whose values hold commas themselves: only a semicolon separates them."""
RANGE_RULE = "as a range must be LOW:HIGH:NUMBER, or LOW:HIGH:NUMBER:log"


@dataclass(frozen=True)
class Range:
    """Numbers from low to high; `count` of them in a grid, None where they are only drawn."""

    field: Field
    low: float
    high: float
    count: int | None
    log: bool

    @property
    def size(self) -> int:
        """Of a grid; of whole numbers the most that it can have."""
        if self.count is None:
            raise ParameterError(self.field.name, RANGE_RULE, f"{self.low:g}:{self.high:g}",
                                 "Add the number of points, or draw settings at random.")
        whole = self.field.kind == "integer"
        return min(self.count, int(self.high - self.low) + 1) if whole else self.count

    @property
    def points(self) -> tuple[Any, ...]:
        """The numbers of a grid; whole numbers are rounded, and none comes twice."""
        spaced = (np.geomspace if self.log else np.linspace)(self.low, self.high, self.count or 0)
        return tuple(dict.fromkeys(map(self._value, spaced)))

    def draw(self, rng: np.random.Generator) -> Any:
        """One number, uniform in x, or in log x."""
        if self.log:
            return self._value(np.exp(rng.uniform(np.log(self.low), np.log(self.high))))
        return self._value(rng.uniform(self.low, self.high))

    def _value(self, x: float) -> Any:
        inside = min(max(float(x), self.low), self.high)
        return self.field.check(round(inside) if self.field.kind == "integer" else inside)


@dataclass(frozen=True)
class Listed:
    """Values one by one."""

    points: tuple[Any, ...]

    @property
    def size(self) -> int:
        return len(self.points)

    def draw(self, rng: np.random.Generator) -> Any:
        return self.points[rng.integers(len(self.points))]


Axis = Range | Listed


def axis(field: Field, value: Any) -> Axis:
    """The axis that `value` means: a text as on the command line, a list of values, or one value.

    Raises ParameterError.
    """
    if isinstance(value, str):
        return _read(field, value)
    if isinstance(value, list | np.ndarray):
        return _listed(field, [_checked(field, one) for one in value], value)
    return Listed((field.check(value),))


def _checked(field: Field, value: Any) -> Any:
    return field.read(value) if isinstance(value, str) else field.check(value)


def _read(field: Field, text: str) -> Axis:
    if field.kind in ("real", "integer") and ":" in text:
        return _range(field, text)
    commas = field.kind not in WITH_COMMAS and ";" not in text
    return _listed(field, [field.read(part) for part in text.split("," if commas else ";")], text)


def _listed(field: Field, values: list[Any], got: Any) -> Listed:
    if not values:
        raise ParameterError(field.name, "must have a value at least", got, "Leave it out.")
    return Listed(tuple(dict.fromkeys(values)))


def _range(field: Field, text: str) -> Range:
    parts = [part.strip() for part in text.split(":")]
    log = parts[-1] == "log"
    numbers = parts[:-1] if log else parts
    if len(numbers) not in (2, 3):
        raise ParameterError(field.name, RANGE_RULE, text, "For instance 0.05:2:25:log.")
    low, high = (field.read(part) for part in numbers[:2])
    if not low < high or (log and low <= 0):
        raise ParameterError(field.name, "as a range must rise" + (" from above 0" if log else ""),
                             text, "For instance 0.05:2:25.")
    return Range(field, low, high, _count(field, numbers[2], text) if numbers[2:] else None, log)


def _count(field: Field, number: str, text: str) -> int:
    if not number.isdecimal() or not 2 <= int(number) <= MOST_POINTS:
        raise ParameterError(field.name, f"as a range must have 2 to {MOST_POINTS} points", text,
                             "For instance 0.05:2:25.")
    return int(number)
