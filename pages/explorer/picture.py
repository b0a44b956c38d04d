"""The explorer's chart, drawn once for all visitors who look at the same runs."""

from functools import lru_cache

from dashboard.components import neurons
from dashboard.components.chart import Drawing, Guide, drawing
from dashboard.components.curves import regime_bands, run_panels, time_axis
from dashboard.words.figures import rows
from dashboard.words.tour import beyond_identical_neurons, tour
from engine import Trajectory
from engine.results.keyfigures import key_figures
from pages.explorer.pins import difference_panel

CARDS = 4
"""Key figures over the chart: when learning ends, when to stop, how well, when the gap opens."""


@lru_cache(maxsize=128)
def chart(run: Trajectory, other: Trajectory | None) -> Drawing:
    """The panels of `run`, over those of `other` when a run is pinned."""
    axis = time_axis(*filter(None, (run, other)))
    panels = [*run_panels(run, other), *([difference_panel(other, run)] if other else [])]
    sphere = neurons.neurons(run, title="The neurons of B at time t" if other else None)
    guide = Guide(neurons.describe(sphere), tour(run, time_axis(run).range[0]),
                  beyond_identical_neurons(run.parameters), rows(key_figures(run))[:CARDS])
    return drawing(panels, bands=regime_bands(run), axis=axis, guide=guide)
