"""What a chart is made of, as plain data: panels of traces, reference lines and bands, one axis."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

# Okabe and Ito's colours, which stay apart for all kinds of colour vision.
BLUE, ORANGE, GREEN, VERMILION = "#0072B2", "#E69F00", "#009E73", "#D55E00"
PURPLE, SKY, YELLOW, GREY = "#CC79A7", "#56B4E9", "#F0E442", "#7F7F7F"
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")

RAMP = (ORANGE, PURPLE, BLUE)
"""Of an ordered parameter."""
PANEL_HEIGHT = 260
SIGNIFICANT_DIGITS = 7


def shades(count: int) -> list[str]:
    """Colours of `count` curves in order, along `RAMP`."""
    anchors = np.array([[int(colour[i:i + 2], 16) for i in (1, 3, 5)] for colour in RAMP])
    places = np.linspace(0, len(RAMP) - 1, count) if count > 1 else [len(RAMP) - 1]
    mixed = [np.interp(places, range(len(RAMP)), channel) for channel in anchors.T]
    return ["#" + "".join(f"{round(x):02x}" for x in colour) for colour in zip(*mixed, strict=True)]


@dataclass(frozen=True)
class Trace:
    """One curve: `name` in the legend and the readout, x and y of shape (points,).

    colour   one of the colours above; vary dash (see DASHES) or marker with it
    marker   None (a line), or a Plotly symbol such as "circle" for points
    line     False draws the markers alone
    band     None, or (low, high), each of shape (points,): a ribbon such as a confidence band
    error    None, or half-widths of error bars, of shape (points,)
    width    of the line, in pixels
    of       the quantity whose curves are shown and hidden together; None for one of its own
    chip     False leaves the button, the cursor's dot and the readout to another curve of `of`
    guess    True for what is only supposed: the cursor stops at the end of the other curves
    Values that are not finite leave gaps.
    """

    name: str
    x: Any
    y: Any
    colour: str = BLUE
    dash: str = "solid"
    marker: str | None = None
    line: bool = True
    band: tuple[Any, Any] | None = None
    error: Any = None
    guess: bool = False
    width: float = 2.2
    of: str | None = None
    chip: bool = True


@dataclass(frozen=True)
class Line:
    """A horizontal reference line at y with a label, or a vertical one when x is given instead."""

    y: float | None
    label: str
    x: float | None = None
    colour: str = GREY
    dash: str = "dot"


@dataclass(frozen=True)
class Band:
    """A shaded, named stretch of the common axis; low may be 0 and high may be infinite.

    colour  None for the next of the chart's own
    """

    low: float
    high: float
    label: str
    colour: str | None = None


@dataclass(frozen=True)
class Panel:
    """One plot: title above it, curves, reference lines; alt says in words what it shows.

    wide     take the full width where other panels stand in two columns
    height   in pixels
    share    of the window's height, where that is more than `height`
    y_range  (low, high) in data units, or None to fit the curves
    """

    title: str
    y_label: str
    traces: Sequence[Trace]
    log_y: bool = False
    lines: Sequence[Line] = ()
    alt: str = ""
    wide: bool = False
    height: int = PANEL_HEIGHT
    share: float = 0.0
    y_range: tuple[float, float] | None = None


@dataclass(frozen=True)
class Axis:
    """The axis that all panels of a chart share.

    scales  further ticks with their names, above the wide panels
    """

    label: str = "training time t"
    symbol: str = "t"
    log: bool = True
    range: tuple[float, float] | None = None
    cursor: bool = field(default=True)
    scales: Sequence[tuple[float, str]] = ()


def describe(panels: Sequence[Panel], bands: Sequence[Band] = (),
             axis: Axis = Axis()) -> dict[str, Any]:
    """The chart in plain JSON types, as the browser gets it."""
    x_range = axis.range or _x_range(panels, axis.log)
    return {
        "axis": {"label": axis.label, "symbol": axis.symbol, "log": axis.log,
                 "range": list(x_range), "cursor": axis.cursor,
                 "scales": [{"x": x, "label": label} for x, label in axis.scales]},
        "bands": [{"low": max(b.low, x_range[0]), "high": min(b.high, x_range[1]),
                   "label": b.label, "colour": b.colour}
                  for b in bands if b.high > x_range[0] and b.low < x_range[1]],
        "panels": [_describe_panel(p, axis.log) for p in panels],
    }


def _describe_panel(panel: Panel, log_x: bool) -> dict[str, Any]:
    return {
        "title": panel.title, "yLabel": panel.y_label, "logY": panel.log_y, "alt": panel.alt,
        "wide": panel.wide, "height": panel.height, "share": panel.share,
        "range": list(panel.y_range) if panel.y_range else None,
        "lines": [{"x": line.x, "y": line.y, "label": line.label, "colour": line.colour,
                   "dash": line.dash} for line in panel.lines],
        "traces": [_describe_trace(trace, log_x, panel.log_y) for trace in panel.traces],
    }


def _describe_trace(trace: Trace, log_x: bool, log_y: bool) -> dict[str, Any]:
    x = np.ravel(np.asarray(trace.x, dtype=float))
    # A logarithmic axis has no place for t = 0, where every run starts.
    keep = x > 0 if log_x else np.isfinite(x)
    column = lambda values, log: _numbers(np.ravel(np.asarray(values, float))[keep], log)  # noqa: E731
    described: dict[str, Any] = {"name": trace.name, "colour": trace.colour, "dash": trace.dash,
                 "marker": trace.marker, "line": trace.line, "guess": trace.guess,
                 "width": trace.width, "of": trace.of or trace.name, "chip": trace.chip,
                 "x": column(x, log_x), "y": column(trace.y, log_y)}
    if trace.band is not None:
        described["band"] = [column(edge, log_y) for edge in trace.band]
    if trace.error is not None:
        described["error"] = column(trace.error, False)
    return described


def _numbers(values: np.ndarray, log: bool) -> list[float | None]:
    drawn = np.isfinite(values) & ((values > 0) | (not log))
    short = rounded(np.where(drawn, values, 0.0), SIGNIFICANT_DIGITS).tolist()
    return short if drawn.all() else [v if ok else None
                                      for v, ok in zip(short, drawn, strict=True)]


def rounded(values: np.ndarray, digits: int) -> np.ndarray:
    """Finite numbers to so many significant digits, and as short in decimals."""
    size = np.floor(np.log10(np.abs(values), where=values != 0, out=np.zeros(values.shape)))
    places = digits - 1 - size
    # Up to 10²² powers of ten are exact, so a quotient by them is the nearest number there is.
    up, down = 10.0 ** np.clip(places, 0, 22), 10.0 ** np.clip(-places, 0, 22)
    return np.where(np.abs(places) <= 22, np.round(values * up / down) * down / up, values)


def _x_range(panels: Sequence[Panel], log: bool) -> tuple[float, float]:
    each = [np.ravel(np.asarray(trace.x, dtype=float)) for p in panels for trace in p.traces]
    x = np.concatenate([*each, np.empty(0)])
    x = x[np.isfinite(x) & ((x > 0) | (not log))]
    return (float(x.min()), float(x.max())) if x.size and x.min() < x.max() else (0.1, 1.0)
