"""From what was found to the charts of a figure, and the table of what is drawn."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from dashboard.components.chart import (
    BLUE,
    GREY,
    VERMILION,
    Axis,
    Line,
    Panel,
    Trace,
    shades,
)
from dashboard.words import number, percent
from engine.limits import first_corrections
from engine.limits.curves.noise import growth_rate
from engine.limits.levels import plateau_error
from pages.paper.figures import Figure, Plot
from pages.paper.findings import Finding
from pages.paper.runs import Found, X, Y, curve

STUDY = Path(__file__).parents[2] / "studies" / "results" / "paper_d3.csv"
"""What `studies.paper_d3` has stored of Figures 6 and 7."""
DIMENSION = 100
STUDY_CLOSE = 0.02
"""Of the largest value: about 1/d, as much as finite d leaves."""
HEIGHT = 280
CORRECTIONS = {"δa": "a", "δv": "v", "δC_o": "overlap"}
"""Of each correction, which of `engine.limits.first_corrections` it grows with."""


class Chart(NamedTuple):
    """One plot, ready to be drawn."""

    panel: Panel
    axis: Axis


def charts(figure: Figure, found: Found | None) -> list[Chart]:
    """The plots of a figure; those of Figures 6 and 7 from the stored study."""
    if found is None:
        return [_stored(figure)]
    drawn = [_chart(plot, found) for plot in figure.plots]
    return [*drawn, *([_relaxation(found)] if found.thresholds else [])]


def findings(figure: Figure, found: Found | None) -> list[Finding]:
    """What the statements of a figure come to."""
    if found is None:
        return [_distance(_study(figure))]
    return [check(found) for check in figure.checks]


def _chart(plot: Plot, found: Found) -> Chart:
    across = X[plot.x]
    if plot.x == "m":
        return _against_width(plot, found)
    traces = list(_traces(plot, found))
    extra, lines = _extras(plot, found)
    names = " and ".join(Y[y].label for y in plot.curves)
    span = plot.span or _span(traces, across.log)
    seen = [trace.y[(trace.x >= span[0]) & (trace.x <= span[1])] for trace in traces]
    log = Y[plot.curves[0]].log and plot.x != "e_tr"
    panel = Panel(_title(names), names, [*traces, *extra], log_y=log, wide=True,
                  lines=lines, height=HEIGHT, y_range=_range(seen, log),
                  alt=f"{names} against {across.label} for {', '.join(found.names)}.")
    return Chart(panel, Axis(across.label, plot.x, log=across.log, range=span,
                             cursor=plot.x.startswith("t")))


def _title(names: str) -> str:
    """Words begin with a capital, symbols stay as they are."""
    return names.capitalize() if names.startswith(("train", "test")) else names


def _traces(plot: Plot, found: Found) -> Iterator[Trace]:
    """A colour along the ramp for each width; of two errors the test error is dashed."""
    for y, dash in zip(plot.curves, ("solid", "dash"), strict=False):
        for run, name, colour in zip(found.runs, found.names, shades(len(found.runs)),
                                     strict=True):
            words = name if len(plot.curves) == 1 else f"{Y[y].label.split()[0]} {name}"
            yield Trace(words, *curve(run, plot.x, y), colour, dash)
    for key in plot.limits:
        for y in plot.curves:
            words = "m → ∞" if len(plot.curves) == 1 else f"{Y[y].label.split()[0]} m → ∞"
            yield Trace(words, *curve(found.limits[key], plot.x, y), VERMILION, "dot", width=3)


def _extras(plot: Plot, found: Found) -> tuple[list[Trace], list[Line]]:
    """Further lines of a plot, by the name that its row gives."""
    p = found.runs[-1].parameters
    if plot.extra == "γ*":
        return [], [Line(found.gamma_star, f"γ* = {number(found.gamma_star)}")]
    if plot.extra == "Bayes":
        return [], [Line(p.bayes_error, "Bayes τ²/2")]
    if plot.extra == "A∞":
        x = np.geomspace(*plot.span, 50)
        return [Trace("A∞ t/√m", x, growth_rate(p) * x, GREY, "dash")], []
    if plot.extra == "1/γ":
        x = np.linspace(0.1, max(run.gamma.max() for run in found.runs), 100)
        return [Trace("1/γ", x, 1 / x, VERMILION, "dot", width=3)], []
    if plot.extra == "slopes":
        slope = getattr(first_corrections(p), CORRECTIONS[plot.curves[0]])
        x, y = curve(found.runs[-1], plot.x, plot.curves[0])
        end = plot.span[1]
        late = np.linspace(end / 2, end, 20)
        # Only the slope is known: the line is laid through the last curve's end.
        last = np.interp(end, x, y)
        return [Trace("slope of (G.71–G.74)", late, last + slope * (late - end), VERMILION,
                      "dot", width=3)], []
    if plot.extra in ("e_∞", "ν_∞", "fixed gap"):
        gamma = np.linspace(0, found.gamma_star, 200)
        at = found.scale**2 * found.table.at(gamma / found.scale,
                                             "nu" if plot.extra == "ν_∞" else "error")
        if plot.extra == "fixed gap":
            at = plateau_error(p, gamma) - at
        return [Trace("fixed γ, m → ∞", gamma, at, VERMILION, "dot", width=3)], []
    return [], []


def _against_width(plot: Plot, found: Found) -> Chart:
    """The last value of each run against its width, a curve for each name."""
    names = list(dict.fromkeys(found.names))
    traces, lines = [], []
    for name, colour in zip(names, (BLUE, VERMILION), strict=True):
        runs = [run for run, own in zip(found.runs, found.names, strict=True) if own == name]
        p = runs[0].parameters
        traces.append(Trace(name, [run.parameters.m for run in runs],
                            [Y[plot.curves[0]].values(run)[-1] for run in runs], colour,
                            marker="circle"))
        lines.append(Line(float(plateau_error(p, p.gamma0)), f"m → ∞, {name}", colour=colour))
    m = [run.parameters.m for run in found.runs]
    label = Y[plot.curves[0]].label
    return Chart(Panel(f"{label.capitalize()} at the end", label, traces, lines=lines, wide=True,
                       height=HEIGHT, alt=f"{label} at the end against the width for"
                                          f" {' and '.join(names)}."),
                 Axis(X["m"].label, "m", cursor=False, range=(0.7 * min(m), 1.4 * max(m))))


def _relaxation(found: Found) -> Chart:
    """t_rel against the distance from each threshold; at finite width per m, in units of n/d."""
    traces = []
    variable, time = ("n/d", "t_rel/m") if found.widths else ("α", "t_rel")
    for (name, t), colour in zip(found.thresholds.items(), shades(len(found.thresholds)),
                                 strict=True):
        m = found.widths.get(name, 1.0)
        distance, t_rel = m * np.abs(np.array(t.x) - t.value), np.array(t.t_rel) / m
        scale = np.exp(np.mean(np.log(t_rel) + t.nu * np.log(distance)))
        traces += [Trace(name, distance, t_rel, colour, marker="circle", line=False),
                   Trace(f"{name}: ∝ distance^−{t.nu:.2f}", distance, scale * distance**-t.nu,
                         colour, "dash")]
    x = np.concatenate([trace.x for trace in traces])
    return Chart(Panel("Relaxation time below the threshold", time, traces, log_y=True,
                       wide=True, height=HEIGHT,
                       alt="Relaxation time against the distance from the threshold."),
                 Axis(f"distance from the threshold in {variable}", variable, cursor=False,
                      range=(0.8 * x.min(), 1.25 * x.max())))


def _study(figure: Figure) -> pd.DataFrame:
    table = pd.read_csv(STUDY)
    return table[(table["case"] == figure.number - 5) & (table["d"] == DIMENSION)]


def _stored(figure: Figure) -> Chart:
    """Theory and mean of the realisations at the times of the study."""
    rows, traces = _study(figure), []
    names = list(dict.fromkeys(rows["quantity"]))
    for name, colour in zip(names, shades(len(names)), strict=True):
        own = rows[rows["quantity"] == name]
        words = name.replace("_", " ")
        traces += [Trace(f"{words}, equations", own["t"], own["theory"], colour, "dash"),
                   Trace(f"{words}, mean of {own['seeds'].iloc[0]}", own["t"], own["mean"],
                         colour, marker="circle", line=False, error=own["error"])]
    return Chart(Panel("Second layer and train error", "a_i, e_tr", traces, wide=True,
                       height=HEIGHT + 60, alt="Second-layer weights and train error of the"
                       " equations and of realisations at four times."),
                 Axis(X["t"].label, "t", cursor=False,
                      range=(0.8 * rows["t"].min(), 1.25 * rows["t"].max())))


def _distance(rows: pd.DataFrame) -> Finding:
    """How far the realisations' mean is from the equations, relative to each quantity's largest
    value; what is left at finite d is of order 1/d."""
    off = (rows["mean"] - rows["theory"]).abs()
    size = rows["theory"].abs().groupby(rows["quantity"]).transform("max")
    most = float((off / size).max())
    return Finding("The equations and descent on the Gaussian model agree.", most < STUDY_CLOSE,
                   f"{len(rows)} numbers at d = {DIMENSION}: at most {percent(most)} of the"
                   f" quantity's largest value apart,"
                   f" {number(float((off / rows['error']).max()), 2)}"
                   " standard errors; the difference shrinks with d.")


def table(shown: Sequence[Chart]) -> pd.DataFrame:
    """All curves as drawn, a row for each point."""
    parts = [pd.DataFrame({"plot": panel.title, "curve": trace.name, "x_axis": axis.label,
                           "y_axis": panel.y_label, "x": trace.x, "y": trace.y})
             for panel, axis in shown for trace in panel.traces]
    return pd.concat(parts, ignore_index=True)


def _span(traces: Sequence[Trace], log: bool) -> tuple[float, float]:
    x = np.concatenate([trace.x for trace in traces])
    if not log:
        return 0.0, 1.05 * float(x.max())
    # The first step of a run is far before anything happens.
    return max(float(x[x > 0].min()), 1e-5 * float(x.max())), float(x.max())


def _range(curves: Sequence[np.ndarray], log: bool) -> tuple[float, float]:
    y = np.concatenate(curves)
    low, high = float(y.min()), float(y.max())
    if log:
        return max(0.8 * low, 1e-3 * high), 1.3 * high
    room = 0.08 * (high - low) or 0.1
    return low - room, high + room
