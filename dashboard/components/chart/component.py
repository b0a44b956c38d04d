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

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from dashboard.components.chart.datatable import data_table
from dashboard.components.chart.panels import GREY, Axis, Band, Panel, describe
from dashboard.service.server import plotly_url
from dashboard.words.tour import Stop

HERE = Path(__file__).parent
SCRIPTS = ("component", "chart", "panel", "live", "opening", "film", "sphere", "tools")
"""Put together here: in the browser each import would cost a slow line another round trip."""


@dataclass(frozen=True)
class Guide:
    """What helps to read the curves at the cursor's time.

    picture  what `components.neurons.describe` gives: the neurons at that time
    tour     sentences above the panels whose verbs play a stretch of time
    aside    what is to be borne in mind, in small type under the tour
    figures  label, value and meaning of each key figure
    headline what the curves show, at a glance: the page's title
    scene    what is trained, beside a drawing of it
    runs     what several runs are, each with its colour
    opening  True: the tour plays itself once, on a browser's first visit
    file     what a video of the figure is called; without it none is offered
    """

    picture: dict[str, Any] | None = None
    tour: Sequence[Stop] = ()
    aside: str = ""
    figures: Sequence[tuple[str, str, str]] = ()
    headline: str = ""
    scene: str = ""
    runs: Sequence[tuple[str, str]] = ()
    opening: bool = False
    file: str = ""

    def describe(self) -> dict[str, Any]:
        """In plain JSON types, as the browser gets it."""
        return {"picture": self.picture, "tour": [stop.describe() for stop in self.tour],
                "aside": self.aside, "headline": self.headline, "scene": self.scene,
                "opening": self.opening, "file": self.file,
                "runs": [{"label": label, "colour": colour} for label, colour in self.runs],
                "figures": [dict(zip(("label", "value", "meaning"), figure, strict=True))
                            for figure in self.figures]}


@dataclass(frozen=True)
class Drawing:
    """A chart as it goes to the browser, with its numbers for the table; kept and shared between
    visitors by those who draw the same one again (`functools.lru_cache`)."""

    data: bytes
    panels: Sequence[Panel]
    axis: Axis
    x_range: tuple[float, float]


def drawing(panels: Sequence[Panel], *, bands: Sequence[Band] = (), axis: Axis = Axis(),
            guide: Guide = Guide()) -> Drawing:
    """What `show` shows.  Cost: 10 ms and 100 kB for a run.

    bands   regimes, shaded in every panel and named at the cursor
    axis    Axis(label, symbol, log, range, cursor); cursor=False leaves the player out
    guide   Guide(picture, tour, …): what helps to read the curves
    """
    description = describe(panels, bands, axis) | guide.describe() | {"plotly": plotly_url()}
    data = json.dumps(description, ensure_ascii=False, separators=(",", ":")).encode()
    return Drawing(data, tuple(panels), axis, tuple(description["axis"]["range"]))


def show_curves(panels: Sequence[Panel], *, key: str, bands: Sequence[Band] = (),
                axis: Axis = Axis(), guide: Guide = Guide()) -> None:
    """Draw the panels under one time cursor; `key` names the chart on its page, for the rest see
    `drawing`."""
    show(drawing(panels, bands=bands, axis=axis, guide=guide), key=key)


def show(shown: Drawing, *, key: str, live: dict[str, Any] | None = None) -> None:
    """Draw a chart; `key` names it on its page.  A switch below shows the numbers as tables.

    live  what `controls.followed` gives: the curves follow the page's sliders under the hand

    Cost: no server traffic after the data.  Falls back to `st.plotly_chart` where the component
    cannot run.
    """
    if st.session_state.get(_failure_key(key)):
        _show_plain(json.loads(shown.data), key)
    else:
        data = shown.data if live is None else \
            shown.data.removesuffix(b"}") + b',"live":' + json.dumps(live).encode() + b"}"
        result = _component(data=data, key=key, on_failed_change=lambda: None)
        if result.failed:
            st.session_state[_failure_key(key)] = True
            st.rerun()
    data_table(shown.panels, shown.axis, shown.x_range, key)


def _failure_key(key: str) -> str:
    return f"{key}: no component"


def _show_plain(description: dict[str, Any], key: str) -> None:
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


def markup() -> str:
    """The chart's element, still empty."""
    return (HERE / "chart.html").read_text()


def styles() -> str:
    """Its styles; colours and type are Streamlit's custom properties (--st-text-color, …)."""
    return (HERE / "chart.css").read_text()


def script() -> str:
    """Its script, a module whose function `show` draws what `drawing` describes."""
    return "\n".join((HERE / f"{name}.js").read_text() for name in SCRIPTS)


_component = st.components.v2.component(
    "two_layer_dynamics_chart", isolate_styles=False,
    html=markup(), css=styles(), js=script())
