"""The explorer's chart, drawn once for all visitors who look at the same runs."""

from dataclasses import replace
from functools import lru_cache
from typing import NamedTuple

from dashboard.components import neurons
from dashboard.components.chart import (
    GREEN,
    PURPLE,
    SKY,
    YELLOW,
    Axis,
    Band,
    Drawing,
    Guide,
    Panel,
    drawing,
)
from dashboard.components.curves import COLOURS_OF_TWO, run_panels, sweep_panels, time_axis
from dashboard.components.downloads import file_name
from dashboard.components.runs import told_apart
from dashboard.service.links import Settings
from dashboard.words.figures import rows
from dashboard.words.network import trained
from dashboard.words.tour import beyond_identical_neurons, headline, tour
from engine import Trajectory
from engine.network import Ensemble
from engine.results.keyfigures import key_figures
from pages.explorer import overlay
from pages.explorer.pins import difference_panel
from pages.explorer.sweep import Sweep

CARDS = (0, 1, 2, 5)
"""Key figures over the chart: when learning ends, when to stop, how well, when it interpolates."""
SCALES = ((-1.0, "1/m"), (0.0, "1"), (0.5, "√m"), (1.0, "m"))
"""Powers of m on which the theory's regimes live, with their names."""
COLOURS = {"learn": SKY, "settle": SKY, "learn on": SKY, "wait": YELLOW, "overfit": PURPLE,
           "memorise": PURPLE, "get worse": PURPLE, "go on": GREEN}
"""Of what a run does, by the verb of the tour."""


class Look(NamedTuple):
    """Whether the time axis and the axis of the errors are linear, and the networks on top."""

    linear_time: bool = False
    linear_error: bool = False
    networks: Ensemble | None = None

    def axis(self, axis: Axis) -> Axis:
        """The time axis, from 0 if it is linear."""
        if not self.linear_time or axis.range is None:
            return axis
        return replace(axis, log=False, range=(0.0, axis.range[1]))

    def errors(self, panel: Panel) -> Panel:
        """The panel of errors, from 0 if their axis is linear."""
        if not self.linear_error or panel.y_range is None:
            return panel
        return replace(panel, log_y=False, y_range=(0.0, panel.y_range[1]))


@lru_cache(maxsize=256)
def chart(run: Trajectory, other: Trajectory | None, swept: Sweep | None = None,
          look: Look = Look()) -> Drawing:
    """The panels of `run`: over those of `other` when a run is pinned, or among a sweep's."""
    m = run.parameters.m
    axis = replace(time_axis(*filter(None, (run, other)), *(swept.runs if swept else ())),
                   scales=tuple((m**power, name) for power, name in SCALES))
    panels = sweep_panels(*swept) if swept else [
        *run_panels(run, other), *([difference_panel(other, run)] if other else [])]
    panels = overlay.over(panels, look.networks)
    axis, panels[0] = look.axis(axis), look.errors(panels[0])
    whose = swept.names[swept.at] if swept else "B" if other else None
    sphere = neurons.neurons(run, title=f"The neurons of {whose} at time t" if whose else None)
    figures, stops = rows(key_figures(run)), tour(run, time_axis(run).range[0])
    aside = " ".join(filter(None, (swept and swept.aside,
                                   beyond_identical_neurons(run.parameters))))
    guide = Guide(neurons.describe(sphere), stops, aside, [figures[n] for n in CARDS],
                  headline=swept.headline if swept else headline(run).text.removesuffix("."),
                  scene=trained(run.parameters), opening=True, file=file_name(run.parameters),
                  runs=swept.legend if swept else _runs(run, other))
    bands = [Band(stop.low, stop.high, stop.verb.capitalize(), COLOURS[stop.verb])
             for stop in stops]
    return drawing(panels, bands=bands, axis=axis, guide=guide)


def _runs(run: Trajectory, other: Trajectory | None) -> list[tuple[str, str]]:
    """What tells two runs apart, each with its colour."""
    if other is None:
        return []
    a, b = (Settings(r.parameters, r.rtol) for r in (other, run))
    return list(zip(told_apart(a, b), COLOURS_OF_TWO, strict=True))
