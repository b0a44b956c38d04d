"""Which groups of neurons turn away from the feature, when, and which of them keep it."""

from dataclasses import dataclass

import numpy as np

from engine.results.groups import GroupCurves
from engine.results.keyfigures import first_time
from engine.results.trajectory import Trajectory

CLIMBED = 0.3
"""A height |v| from which on a neuron counts as having climbed towards u."""
LEFT = 0.5
"""A group has turned away from u when its |v| has fallen to this fraction of its maximum."""


@dataclass(frozen=True)
class Departure:
    """One group of a run: what it reached of the feature, and what it kept.

    group        from 1;  size: its neurons
    most         its largest |v|
    time         when |v| first fell to half of that; None for a group that stays, or never climbed
    v, a         at the end of the run
    """

    group: int
    size: int
    most: float
    time: float | None
    v: float
    a: float

    @property
    def climbed(self) -> bool:
        return self.most >= CLIMBED


def departures(run: Trajectory) -> list[Departure]:
    """One for each group of a run of unequal neurons; none for identical ones."""
    groups = run.groups
    return [] if groups is None else [
        _departure(run.t, groups, g, np.abs(groups.v[:, g])) for g in range(len(groups))]


def _departure(t: np.ndarray, groups: GroupCurves, g: int, height: np.ndarray) -> Departure:
    most = int(np.argmax(height))
    time = None
    if height[most] >= CLIMBED:
        after = np.where(np.arange(len(height)) < most, height[most], height)
        time = first_time(t, LEFT * height[most] - after)
    return Departure(g + 1, int(groups.size[g]), float(height[most]), time,
                     float(groups.v[-1, g]), float(groups.a[-1, g]))
