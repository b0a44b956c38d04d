"""The one chart component: linked panels of curves over a common axis, with a time cursor.

    show_curves(
        [Panel("Error", "error",
               (Trace("train", t, e_train, BLUE, "dash"), Trace("test", t, e_test, ORANGE)),
               log_y=True, lines=(Line(0.045, "Bayes"),), alt="Train and test error over time.")],
        key="errors",
        bands=(Band(0.0, 11.3, "Feature learning"), Band(11.3, math.inf, "Overfitting")),
    )

Calling `show_curves` again with the same key updates the same plots in the browser: zoom,
hidden curves and the cursor stay.  The cursor plays, steps and scrubs in the browser alone.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from dashboard.datatable import data_table
from dashboard.server import plotly_url
from dashboard.words.tour import Stop

# Okabe and Ito's colours, which stay apart for all kinds of colour vision.
BLUE, ORANGE, GREEN, VERMILION = "#0072B2", "#E69F00", "#009E73", "#D55E00"
PURPLE, SKY, YELLOW, GREY = "#CC79A7", "#56B4E9", "#F0E442", "#7F7F7F"
DASHES = ("solid", "dash", "dot", "dashdot", "longdash", "longdashdot")

ASSETS = Path(__file__).parent.parent / "assets"
CHART = ASSETS / "chart"
SCRIPTS = ("component", "chart", "panel", "sketch", "sphere", "tools")
"""Put together here: in the browser each import would cost a slow line another round trip."""
PANEL_HEIGHT = 260
SIGNIFICANT_DIGITS = 7


@dataclass(frozen=True)
class Trace:
    """One curve: `name` in the legend and the readout, x and y of shape (points,).

    colour   one of the colours above; vary dash (see DASHES) or marker with it
    marker   None (a line), or a Plotly symbol such as "circle" for points
    line     False draws the markers alone
    band     None, or (low, high), each of shape (points,): a ribbon such as a confidence band
    error    None, or half-widths of error bars, of shape (points,)
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
    """A shaded, named stretch of the common axis; low may be 0 and high may be infinite."""

    low: float
    high: float
    label: str


@dataclass(frozen=True)
class Panel:
    """One plot: title above it, curves, reference lines; alt says in words what it shows.

    wide     take the full width where other panels stand in two columns
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
    y_range: tuple[float, float] | None = None


@dataclass(frozen=True)
class Axis:
    """The axis that all panels of a chart share."""

    label: str = "training time t"
    symbol: str = "t"
    log: bool = True
    range: tuple[float, float] | None = None
    cursor: bool = field(default=True)


def show_curves(panels: Sequence[Panel], *, key: str, bands: Sequence[Band] = (),
                axis: Axis = Axis(), picture: dict | None = None,
                tour: Sequence[Stop] = (), aside: str = "") -> None:
    """Draw the panels under one time cursor; `key` names the chart on its page.

    bands   regimes, shaded in every panel and named at the cursor
    axis    Axis(label, symbol, log, range, cursor); cursor=False leaves the player out
    picture what `dashboard.neurons.describe` gives: the neurons at the cursor's time
    tour    sentences above the panels whose verbs play a stretch of time
    aside   what is to be borne in mind, in small type under the tour
    A switch below shows the numbers as tables.
    Cost: about 10 bytes a number to the browser, no server traffic after that.
    Falls back to `st.plotly_chart` where the component cannot run.
    """
    description = describe(panels, bands, axis) | {
        "picture": picture, "tour": [stop.describe() for stop in tour],
        "aside": aside}
    if _component is None or st.session_state.get(_failure_key(key)):
        _show_plain(description, key)
        data_table(panels, axis, description["axis"]["range"], key)
        return
    result = _component(data=description | {"plotly": plotly_url()}, key=key,
                        on_failed_change=lambda: None)
    if result.failed:
        st.session_state[_failure_key(key)] = True
        st.rerun()
    data_table(panels, axis, description["axis"]["range"], key)


def describe(panels: Sequence[Panel], bands: Sequence[Band] = (), axis: Axis = Axis()) -> dict:
    """The chart in plain JSON types, as the browser gets it."""
    x_range = axis.range or _x_range(panels, axis.log)
    return {
        "axis": {"label": axis.label, "symbol": axis.symbol, "log": axis.log,
                 "range": list(x_range), "cursor": axis.cursor},
        "bands": [{"low": max(b.low, x_range[0]), "high": min(b.high, x_range[1]),
                   "label": b.label} for b in bands if b.high > x_range[0] and b.low < x_range[1]],
        "panels": [_describe_panel(p, axis.log) for p in panels],
    }


def _describe_panel(panel: Panel, log_x: bool) -> dict:
    return {
        "title": panel.title, "yLabel": panel.y_label, "logY": panel.log_y, "alt": panel.alt,
        "wide": panel.wide, "height": panel.height,
        "range": list(panel.y_range) if panel.y_range else None,
        "lines": [{"x": line.x, "y": line.y, "label": line.label, "colour": line.colour,
                   "dash": line.dash} for line in panel.lines],
        "traces": [_describe_trace(trace, log_x, panel.log_y) for trace in panel.traces],
    }


def _describe_trace(trace: Trace, log_x: bool, log_y: bool) -> dict:
    x = np.ravel(np.asarray(trace.x, dtype=float))
    # A logarithmic axis has no place for t = 0, where every run starts.
    keep = x > 0 if log_x else np.isfinite(x)
    column = lambda values, log: _numbers(np.ravel(np.asarray(values, float))[keep], log)  # noqa: E731
    described = {"name": trace.name, "colour": trace.colour, "dash": trace.dash,
                 "marker": trace.marker, "line": trace.line, "guess": trace.guess,
                 "x": column(x, log_x), "y": column(trace.y, log_y)}
    if trace.band is not None:
        described["band"] = [column(edge, log_y) for edge in trace.band]
    if trace.error is not None:
        described["error"] = column(trace.error, False)
    return described


def _numbers(values: np.ndarray, log: bool) -> list[float | None]:
    drawn = np.isfinite(values) & ((values > 0) | (not log))
    return [float(f"{v:.{SIGNIFICANT_DIGITS}g}") if ok else None
            for v, ok in zip(values, drawn, strict=True)]


def _x_range(panels: Sequence[Panel], log: bool) -> tuple[float, float]:
    x = [np.ravel(np.asarray(trace.x, dtype=float)) for p in panels for trace in p.traces]
    x = np.concatenate([*x, np.empty(0)])
    x = x[np.isfinite(x) & ((x > 0) | (not log))]
    return (float(x.min()), float(x.max())) if x.size and x.min() < x.max() else (0.1, 1.0)


def _failure_key(key: str) -> str:
    return f"{key}: no component"


def _show_plain(description: dict, key: str) -> None:
    """The same curves by `st.plotly_chart`: no cursor, and zoom is lost with new data."""
    import plotly.graph_objects as go

    axis = description["axis"]
    for number, panel in enumerate(description["panels"]):
        figure = go.Figure()
        for trace in panel["traces"]:
            figure.add_scatter(
                x=trace["x"], y=trace["y"], name=trace["name"],
                mode="+".join(part for part, on in (("lines", trace["line"]),
                                                    ("markers", trace["marker"])) if on),
                line={"color": trace["colour"], "dash": trace["dash"]},
                marker={"symbol": trace["marker"] or "circle", "color": trace["colour"]})
        for line in panel["lines"]:
            draw = figure.add_hline if line["x"] is None else figure.add_vline
            draw(line["y"] if line["x"] is None else line["x"], annotation_text=line["label"],
                 line={"color": line["colour"], "dash": line["dash"]})
        for band in description["bands"]:
            figure.add_vrect(band["low"], band["high"], annotation_text=band["label"],
                             fillcolor=GREY, opacity=0.08)
        figure.update_layout(title=panel["title"], height=panel["height"] + 60)
        figure.update_xaxes(title=axis["label"], type="log" if axis["log"] else "linear")
        figure.update_yaxes(title=panel["yLabel"], type="log" if panel["logY"] else "linear",
                            range=_plotly_range(panel["range"], panel["logY"]))
        st.plotly_chart(figure, key=f"{key}-{number}")


def _plotly_range(edges: list[float] | None, log: bool) -> list[float] | None:
    return [float(np.log10(edge)) for edge in edges] if edges and log else edges


def _register():
    """The component, or None where this streamlit has none."""
    try:
        return st.components.v2.component(
            "two_layer_dynamics_chart", isolate_styles=False,
            html=(CHART / "chart.html").read_text(), css=(CHART / "chart.css").read_text(),
            js="\n".join((CHART / f"{name}.js").read_text() for name in SCRIPTS))
    except AttributeError:
        return None


_component = _register()
