"""From trajectories to the panels of a chart: errors, displacements, complexity, alignment."""

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from dashboard.components.chart import (
    BLUE,
    DASHES,
    GREEN,
    PURPLE,
    SKY,
    VERMILION,
    Axis,
    Band,
    Line,
    Panel,
    Trace,
    shades,
)
from dashboard.words.directions import SUBSCRIPTS
from dashboard.words.regimes import names
from engine import Parameters, Status, Trajectory
from engine.regimes import regimes
from engine.results.trajectory import COLUMNS

POINTS = 320
EVEN = 80
"""Points evenly spread in time, for linear axes."""
LOWEST_ERROR = 1e-3
"""Errors are drawn down to this fraction of the largest; below it e_tr only goes to zero."""
COLOURS_OF_TWO = (VERMILION, BLUE)
"""Of two runs: a colour for each, and a dash for each quantity."""


def run_panels(trajectory: Trajectory, other: Trajectory | None = None,
               names: tuple[str, str] = ("A", "B")) -> list[Panel]:
    """The panels of one run; of two runs overlaid when `other` is given.

    names tells `other` (first) and `trajectory` (second) apart in the legend, and a colour does
    in the plot (`COLOURS_OF_TWO`).  Of unequal neurons `trajectory` shows its groups as a fan
    around the mean, `other` the mean alone.
    """
    p = trajectory.parameters
    runs = [trajectory] if other is None else [other, trajectory]
    suffixes = [""] if other is None else [f" {name}" for name in names]
    colours = [None] if other is None else COLOURS_OF_TWO
    drawn = [(smooth(r, (*COLUMNS[1:], *r.parameters.component_names)), suffix, colour)
             for r, suffix, colour in zip(runs, suffixes, colours, strict=True)]
    panel = lambda title, label, curves, **rest: Panel(  # noqa: E731
        title, label, [_trace(frame, curve, suffix, colour) for frame, suffix, colour in drawn
                       for curve in map(Curve._make, curves)], **rest)
    errors = panel(
        "Train and test error", "error",
        [("train", "train_error", VERMILION, "dash"), ("test", "test_error", BLUE, "solid")],
        log_y=True, wide=True, height=330, y_range=_error_range(runs),
        lines=_levels(p), alt=_describe(trajectory))
    alignment = [("alignment v", "v", SKY, "dash")]
    if trajectory.components is not None and (other is None or other.parameters.component_names
                                              == trajectory.parameters.component_names):
        alignment = [(f"v{SUBSCRIPTS[i]}", name, SKY, dash) for i, (name, dash) in enumerate(
            zip(trajectory.parameters.component_names, DASHES[1:], strict=False), 1)]
    if trajectory.groups:
        return [errors, *_fans(trajectory, panel)]
    return [
        errors,
        panel("How far have the weights moved?", "‖w−w(0)‖, |γ−γ(0)|",
              [("first layer", "first_layer_displacement", GREEN, "solid"),
               ("second layer", "gamma_displacement", PURPLE, "dash")],
              alt="Displacement of the first and of the second layer over training time."),
        panel("Complexity and alignment", "γ, v",
              [("γ = a/√m", "gamma", VERMILION, "solid"), *alignment],
              alt="Complexity of the second layer and alignment of the neurons with the latent"
                  " direction over training time."),
    ]


def sweep_panels(runs: Sequence[Trajectory], names: Sequence[str], at: int) -> list[Panel]:
    """The panels of runs along one parameter, in the colours of an ordered one.  Number `at` (from
    0) is the run that stands on the page: it is drawn broader, and has the readout.  Of unequal
    neurons the mean is drawn."""
    order = [*(n for n in range(len(runs)) if n != at), at]
    colours, frames = shades(len(runs)), [smooth(run) for run in runs]

    def panel(title: str, label: str, curves: Sequence[tuple[str, str, str]],
              **rest: Any) -> Panel:
        return Panel(title, label, [
            Trace(f"{name}, {names[n]}", frames[n]["t"], frames[n][column], colours[n], dash,
                  width=3.4 if n == at else 1.8, of=name, chip=n == at)
            for name, column, dash in curves for n in order],
            alt=f"{title} over training time for {', '.join(names)}.", **rest)

    levels = [level for level in _levels(runs[at].parameters)
              if all(level in _levels(run.parameters) for run in runs)]
    return [
        panel("Train and test error", "error",
              [("train", "train_error", "dash"), ("test", "test_error", "solid")],
              log_y=True, wide=True, height=330, y_range=_error_range(runs), lines=levels),
        panel("How far have the weights moved?", "‖w−w(0)‖, |γ−γ(0)|",
              [("first layer", "first_layer_displacement", "solid"),
               ("second layer", "gamma_displacement", "dash")]),
        panel("Complexity and alignment", "γ, v",
              [("γ = a/√m", "gamma", "solid"), ("alignment v", "v", "dash")]),
    ]


def _fans(run: Trajectory, panel: Callable[..., Panel]) -> list[Panel]:
    """What the groups do, one curve each, behind the mean over all neurons."""
    def fan(title: str, label: str, mean: list[tuple[str, str, str, str]], column: str,
            scale: float = 1.0) -> Panel:
        drawn = panel(title, label, mean, alt=f"{title}: one curve for each group of neurons, and"
                                              " their mean.")
        front = [replace(trace, width=3.2) for trace in drawn.traces]
        return replace(drawn, traces=[*group_traces(run, column, scale), *front])

    return [
        fan("How far have the weights moved?", "‖w−w(0)‖, |γ−γ(0)|",
            [("first layer, mean", "first_layer_displacement", GREEN, "solid"),
             ("second layer, mean", "gamma_displacement", VERMILION, "dash")], "displacement"),
        fan("Complexity", "γ = a/√m", [("mean", "gamma", VERMILION, "dash")], "a",
            run.parameters.m**-0.5),
        *([fan("Alignment", "v", [("mean", "v", VERMILION, "dash")], "v")]
          if run.components is None else
          [fan(f"Alignment with u{SUBSCRIPTS[i]}", f"v{SUBSCRIPTS[i]}",
               [("mean", name, VERMILION, "dash")], name)
           for i, name in enumerate(run.parameters.component_names, 1)]),
    ]


def group_traces(run: Trajectory, column: str, scale: float = 1.0) -> list[Trace]:
    """A curve for each group of a run of unequal neurons: the wider the more neurons it has."""
    size = np.array([group.size for group in run.parameters.neurons])
    columns = [f"{column}_{g + 1}" for g in range(len(size))]
    frame = smooth(run, tuple(columns))
    return [Trace(group_name(run, g), frame["t"], scale * frame[name], colour,
                  width=1.0 + 2.0 * float(size[g] / size.sum()) ** 0.5)
            for g, (name, colour) in enumerate(zip(columns, shades(len(size)), strict=True))]


def group_name(run: Trajectory, g: int) -> str:
    """What group g (from 0) is called, with its number of neurons: group 1 (32)."""
    return f"group {g + 1} ({run.parameters.neurons[g].size:,})"


def regime_bands(trajectory: Trajectory) -> list[Band]:
    """The regimes of a run, named by what it does in them, for `show_curves`."""
    called = names(trajectory)
    return [Band(r.low, r.high, called[r.key]) for r in regimes(trajectory.parameters)]


def time_axis(*trajectories: Trajectory) -> Axis:
    """From the first step in which something can happen to the longest horizon."""
    start = min(_start(r.parameters) for r in trajectories)
    return Axis(range=(start, max(r.parameters.t_max for r in trajectories)))


def smooth(r: Trajectory, columns: tuple[str, ...] = COLUMNS[1:]) -> pd.DataFrame:
    """The run on POINTS times evenly spread in log t, and EVEN in t: the solver's own steps show
    as corners.

    A run that has interpolated keeps its last values up to its horizon; one that was cut off
    before the axis begins is left as it is.
    """
    start = _start(r.parameters)
    end = r.parameters.t_max if r.status is Status.INTERPOLATED else r.t[-1]
    if r.t[-1] <= start:
        return r.to_frame()
    times = np.union1d(np.geomspace(start, end, POINTS), np.linspace(start, end, EVEN + 2)[1:-1])
    return r.at(times, columns)


def _start(p: Parameters) -> float:
    """Where the time axis begins: well before the first regime's own scale."""
    return min(1e-2 * p.m ** regimes(p)[0].power, 1e-3 * p.t_max)


class Curve(NamedTuple):
    """A column of a run's table, its name in the legend, and how it is drawn."""

    name: str
    column: str
    colour: str
    dash: str


def _trace(frame: pd.DataFrame, curve: Curve, suffix: str, colour: str | None) -> Trace:
    return Trace(curve.name + suffix, frame["t"], frame[curve.column], colour or curve.colour,
                 curve.dash)


def _levels(p: Parameters) -> list[Line]:
    levels = [Line(p.null_error, "null network (τ² + ‖φ‖²)/2")] if p.target != "noise" else []
    return [*levels, *([Line(p.bayes_error, "Bayes τ²/2")] if p.tau > 0 else [])]


def _error_range(runs: Sequence[Trajectory]) -> tuple[float, float]:
    high = max(max(r.test_error.max(), r.train_error.max(), r.parameters.null_error) for r in runs)
    low = min(min(r.test_error.min(), r.train_error.min()) for r in runs)
    return round_below(0.9 * max(low, LOWEST_ERROR * high)), round_above(1.4 * high)


def round_above(x: float) -> float:
    """The next of 1, 2 and 5 times a power of ten: an axis that ends there stays as it is while x
    moves a little."""
    power = 10.0 ** math.floor(math.log10(x))
    return next(step * power for step in (1, 2, 5, 10) if step * power >= x * (1 - 1e-12))


def round_below(x: float) -> float:
    """The last of 1, 2 and 5 times a power of ten."""
    return 1 / round_above(1 / x)


def _describe(r: Trajectory) -> str:
    """What the error panel shows, for those who do not see it."""
    best = int(np.argmin(r.test_error))
    return (f"Train and test error over training time on logarithmic axes. Both start at"
            f" {r.test_error[0]:.3g}. The test error is least, {r.test_error[best]:.3g}, at"
            f" t = {r.t[best]:.3g} and ends at {r.test_error[-1]:.3g}; the train error ends at"
            f" {r.train_error[-1]:.3g}.")
