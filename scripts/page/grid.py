"""Which runs the page has: the examples of the dashboard, and every combination of a few values."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from dashboard.service import presets
from dashboard.service.links import Settings
from engine import TABLE, Parameters
from engine.neurons import USUAL_GROUPS


@dataclass(frozen=True)
class Choice:
    """One value that is offered, and the parameters that it sets."""

    label: str
    settings: dict[str, Any]

    def words(self) -> dict[str, str]:
        """As a link of the dashboard says it."""
        return {name: TABLE[name].write(value) for name, value in self.settings.items()}


@dataclass(frozen=True)
class Axis:
    """What can be chosen independently of the rest; ordered values stand on a slider."""

    label: str
    help: str
    choices: tuple[Choice, ...]
    ordered: bool = True


def of_values(name: str, *values: float) -> Axis:
    """The axis of one parameter."""
    row = TABLE[name]
    return Axis(row.label, row.meaning,
                tuple(Choice(f"{row.symbol} = {row.write(x)}", {name: x}) for x in values))


START = Axis("Initialisation", TABLE["init"].meaning, (
    Choice("mean-field, a₀ = 1", {"init": "mean-field", "a0": 1.0}),
    Choice("lazy, γ₀ = 0.3", {"init": "lazy", "gamma0": 0.3}),
    Choice("lazy, γ₀ = 1", {"init": "lazy", "gamma0": 1.0})), ordered=False)
SPREAD = Axis("Neurons at the start", TABLE["spread"].meaning, (
    Choice("identical", {"spread": 0.0}),
    Choice(f"10 % spread, {USUAL_GROUPS} groups", {"spread": 0.1, "groups": USUAL_GROUPS})),
    ordered=False)
FULL = (of_values("alpha", 0.1, 0.3, 0.6, 1.0), of_values("tau", 0.0, 0.3, 0.6, 1.0),
        of_values("m", 32, 128, 512), START, SPREAD)
"""At m = 32 the times of learning and of overfitting hardly part; at m = 512 identical neurons may
rest on the plateau between them."""


@dataclass(frozen=True)
class Wanted:
    """A run of the page, and the one that it is compared with."""

    settings: Settings
    pinned: Settings | None = None


@dataclass(frozen=True)
class Plan:
    """The axes, the examples, and how accurately to solve.

    Runs are numbered: first the combinations, the last axis fastest, then the examples.
    """

    axes: tuple[Axis, ...] = FULL
    examples: tuple[presets.Preset, ...] = presets.ALL
    rtol: float = Settings().rtol

    def combinations(self) -> Iterator[Wanted]:
        for choices in itertools.product(*(axis.choices for axis in self.axes)):
            given = {name: x for choice in choices for name, x in choice.settings.items()}
            yield Wanted(Settings(Parameters(**given), self.rtol))

    def runs(self) -> list[Wanted]:
        """Every run once, in the order of its number."""
        each = [*self.combinations(), *map(_wanted, self.examples)]
        return list(dict.fromkeys(each))

    def number(self, example: presets.Preset) -> int:
        return self.runs().index(_wanted(example))


def _wanted(example: presets.Preset) -> Wanted:
    return Wanted(example.settings, example.pinned)


def word(example: presets.Preset) -> str:
    """The example in the page's address: fig-4-learn-then-overfit."""
    return re.sub(r"[^a-z0-9]+", "-", example.name.lower()).strip("-")
