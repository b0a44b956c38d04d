"""One row of a table of settings: it knows how to read, write, check and explain itself.

The command line, links, widgets, validation and help pages all go through these four, so that a
text means the same value everywhere and a rule is said in the same words.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from numbers import Integral, Real
from typing import Any

MAX_DEGREE = 8
ON, OFF = ("1", "true", "yes"), ("0", "false", "no")


class ParameterError(ValueError):
    """A setting breaks its rule; says which field, the rule, what was got and a fix.

    Attributes: field, rule, got, fix (all str).
    """

    def __init__(self, field: str, rule: str, got: Any, fix: str):
        self.field, self.rule, self.got, self.fix = field, rule, _short(got), fix
        super().__init__(f"{field}: {rule}; got {self.got}. {fix}")


@dataclass(frozen=True)
class Field:
    """One row of a table.

    kind       "real", "integer", "choice", "flag" or "coefficients" (of a polynomial, from the
               constant on, which is 0)
    default    what leaving the setting out means; None where that depends on other settings
    low, high  bounds of a number or of each coefficient (inclusive)
    scale      how a slider runs: "linear" or "log"
    named      coefficients that a name stands for
    least_sum  of the coefficients
    off        the command line's word for a flag that is not set
    """

    name: str
    symbol: str
    label: str
    meaning: str
    kind: str
    default: Any = None
    low: float = -math.inf
    high: float = math.inf
    scale: str = "linear"
    unit: str = "1"
    choices: tuple[str, ...] = ()
    named: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    least_sum: float = -math.inf
    off: str = ""

    @property
    def option(self) -> str:
        """Its word on the command line."""
        return "--" + self.name.replace("_", "-")

    def read(self, text: str) -> Any:
        """The value that `text` means, checked.  Raises ParameterError."""
        return self.check(self._parse(text.strip()))

    def write(self, value: Any) -> str:
        """The inverse of `read`; coefficients that have a name go by it."""
        match self.kind:
            case "coefficients":
                return self.name_of(value) or ",".join(f"{c:.12g}" for c in value)
            case "flag":
                return ON[0] if value else OFF[0]
            case "real":
                return f"{value:.12g}"
        return str(value)

    def check(self, value: Any) -> Any:
        """The value in its canonical form, equal for equal settings.  Raises ParameterError."""
        match self.kind:
            case "coefficients":
                return self._check_coefficients(value)
            case "choice":
                if not isinstance(value, str) or value not in self.choices:
                    raise self._error(f"must be one of {self.allowed}", value)
                return value
            case "flag":
                if not isinstance(value, bool):
                    raise self._error("must be True or False", value)
                return value
        return self._check_number(value)

    @property
    def allowed(self) -> str:
        """Its values in words: 0.01 to 10, or: lazy, mean-field."""
        if self.kind == "choice":
            return ", ".join(self.choices)
        return "on, off" if self.kind == "flag" else f"{self.low:g} to {self.high:g}"

    def explain(self) -> str:
        """Its meaning, range and default."""
        facts = [self.allowed] if self.kind in ("real", "integer") else []
        if self.default is not None and self.kind != "flag":
            facts.append(f"default: {self.write(self.default)}")
        return self.meaning + (f"  [{'; '.join(facts)}]" if facts else "")

    def name_of(self, coefficients: tuple[float, ...]) -> str | None:
        """The name that stands for these coefficients, or None."""
        wanted = _trimmed(coefficients)
        return next((name for name, c in self.named.items() if _trimmed(c) == wanted), None)

    def _parse(self, text: str) -> Any:
        """The value, unchecked; text of another kind stays text, which breaks every rule."""
        try:
            match self.kind:
                case "real":
                    return float(text)
                case "integer":
                    return int(text) if text.lstrip("+-").isdecimal() else float(text)
                case "flag":
                    return {**dict.fromkeys(ON, True), **dict.fromkeys(OFF, False)}.get(
                        text.lower(), text)
                case "coefficients" if text not in self.named:
                    return tuple(float(part) for part in text.split(","))
        except ValueError:
            pass
        return text

    def _check_number(self, value: Any) -> float | int:
        whole = self.kind == "integer"
        rule = f"must be {'a whole number' if whole else 'a number'} from {self.allowed}"
        if not _is_number(value):
            raise self._error(rule, value)
        if whole and not isinstance(value, Integral) and float(value) != int(value):
            raise self._error(rule, value)
        if not self.low <= value <= self.high:
            nearest = self.low if value < self.low else self.high
            raise self._error(rule, value, f"The nearest allowed value is {nearest:g}.")
        return int(value) if whole else canonical(value)

    def _check_coefficients(self, value: Any) -> tuple[float, ...]:
        if self.named and isinstance(value, str):
            if value not in self.named:
                raise self._error("must be coefficients or one of " + ", ".join(self.named), value)
            value = self.named[value]
        broken = self._error(
            f"must be 2 to {MAX_DEGREE + 1} numbers from {self.allowed}, the first of them 0",
            value, "For instance 0,0.9,0.5.")
        if isinstance(value, str) or not hasattr(value, "__iter__"):
            raise broken
        numbers = []
        for k, c in enumerate(value):
            if k > MAX_DEGREE or not _is_number(c) or not self.low <= c <= self.high:
                raise broken
            numbers.append(c)
        if len(numbers) < 2 or numbers[0] != 0:
            raise broken
        if sum(numbers) < self.least_sum:
            raise self._error(f"must have a sum of at least {self.least_sum:g}", value)
        return _trimmed(numbers)

    def _error(self, rule: str, value: Any, fix: str = "") -> ParameterError:
        usual = "leaving it out" if self.default is None else self.write(self.default)
        return ParameterError(self.name, rule, value, fix or f"Try {usual}.")


def canonical(x: float) -> float:
    """x to 12 significant digits: 0.3 and 0.1 + 0.2 become one number."""
    return float(f"{float(x):.12g}")


def _trimmed(coefficients: Iterable[float]) -> tuple[float, ...]:
    """In canonical form, without the zeros at the end, but with two numbers at least."""
    numbers = [canonical(c) for c in coefficients]
    while len(numbers) > 2 and numbers[-1] == 0:
        numbers.pop()
    return tuple(numbers)


def _short(value: Any) -> str:
    text = " ".join(repr(value).split())
    return text if len(text) <= 60 else text[:57] + "..."


def _is_number(value: Any) -> bool:
    """A finite real number; True and False are none, nor is an integer too large for a float."""
    try:
        return isinstance(value, Real) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:
        return False
