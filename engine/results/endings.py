"""How a run ends, in a word: for maps, which compare many runs."""

from enum import Enum

from engine.results.keyfigures import key_figures
from engine.results.trajectory import Trajectory


class Ending(str, Enum):
    """What became of the two errors.

    RESTS       they stay together: the train error ends above half of the test error
    OVERFITS    the train error ends below half of the test error
    AT_ONCE     it interpolates with γ within 2 % of its start: lazy above γ*, or without noise
    UNFINISHED  it stopped before its horizon, for want of time steps or of accuracy
    """

    RESTS = "rests"
    OVERFITS = "overfits"
    AT_ONCE = "at once"
    UNFINISHED = "unfinished"


def ending(run: Trajectory) -> Ending:
    """How `run`, of at least one node, ends."""
    if not run.status.complete:
        return Ending.UNFINISHED
    figures = key_figures(run)
    if figures.interpolated_in_place:
        return Ending.AT_ONCE
    parted = figures.final_train_error < figures.final_test_error / 2
    return Ending.OVERFITS if parted else Ending.RESTS
