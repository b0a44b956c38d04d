"""The list of figures, of which one is open: its charts, settings, statements, and ways to take it
away."""

from collections import Counter
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from dashboard.components import live
from dashboard.components.chart import show_curves
from dashboard.components.downloads import command_line
from dashboard.service import links, visitor
from dashboard.service.jobs import compute
from dashboard.service.links import Settings
from dashboard.service.server import base
from engine import Parameters
from pages.paper import pictures
from pages.paper.figures import FIGURES, Agreement, Figure
from pages.paper.runs import Found

MARKS = {Agreement.FULL: ":material/check_circle:", Agreement.PART: ":material/contrast:"}
PATIENCE = 10.0
"""Seconds that a drawing may take without being asked for once more."""


def summary() -> None:
    """How many figures agree."""
    count = Counter(figure.agreement for figure in FIGURES)
    st.markdown(" · ".join(f"{MARKS[agreement]} **{count[agreement]}** {agreement.value}"
                           for agreement in MARKS))


# Brings an open figure into sight.
_component = st.components.v2.component(
    "two_layer_dynamics_reveal", isolate_styles=False, html="<span></span>",
    js=(Path(__file__).parent / "reveal.js").read_text())


def row(figure: Figure) -> None:
    """One line of the list; open, what belongs to it."""
    is_open = visitor.get("figure") == figure.number
    key = visitor.key(f"figure {figure.number}")

    def turned() -> None:
        if visitor.shown(key):
            visitor.put(figure=figure.number if st.session_state[key] else None)

    box = st.expander(f"{MARKS[figure.agreement]} **Figure {figure.number}** {figure.shows}",
                      expanded=is_open, key=key, on_change=turned)
    if is_open:
        with box:
            _open(figure)
            # Only now is there something to scroll to.
            _component(key="reveal")


def _open(figure: Figure) -> None:
    found = _found(figure) if figure.find else None
    drawn = figure.find is None or found is not None
    shown = pictures.charts(figure, found) if drawn else []
    left, right = st.columns([3, 2], gap="medium")
    with left:
        for n, (panel, axis) in enumerate(shown):
            show_curves([panel], key=f"figure {figure.number}.{n}", axis=axis)
    with right:
        _words(figure)
        if drawn:
            _statements(figure, found)
    _take_away(figure, found, shown)


def _found(figure: Figure) -> Found | None:
    """What a figure is drawn from; what takes long waits to be asked for."""
    key = ("figure", figure.number)
    if figure.seconds < PATIENCE:
        return compute(key, figure.find, f"Solving for figure {figure.number}")
    return live.show("figure", key, figure.find, lambda _: None,
                     f"Draw figure {figure.number} (about {figure.seconds:g} s)")


def _words(figure: Figure) -> None:
    """The caption's settings, what it leaves open, and what is not drawn."""
    st.markdown(f"**Caption.** {figure.caption}")
    if figure.chosen:
        st.markdown(f"**Chosen here.** {figure.chosen}")
    if figure.missing:
        st.markdown(f"**Not drawn.** {figure.missing}")


def _statements(figure: Figure, found: Found | None) -> None:
    """What the paper says of it, and what was measured."""
    for finding in pictures.findings(figure, found):
        mark = MARKS[Agreement.FULL if finding.holds else Agreement.PART]
        st.markdown(f"{mark} {finding.says}")
        st.caption(("" if finding.holds else "Not so here. ") + finding.measured)


def _take_away(figure: Figure, found: Found | None, shown: list[pictures.Chart]) -> None:
    """A link into the explorer, the drawn curves, and shell lines for the same numbers."""
    with st.container(horizontal=True):
        if figure.settings:
            st.link_button("Open in the explorer", explorer_link(figure.settings),
                           icon=":material/show_chart:")
        if shown:
            st.download_button("Download CSV", lambda: pictures.table(shown).to_csv(index=False),
                               f"figure-{figure.number}.csv", "text/csv", on_click="ignore",
                               icon=":material/download:")
    if lines := script(figure, found):
        st.code("\n".join(lines), language="bash", wrap_lines=True)


def explorer_link(p: Parameters) -> str:
    """The address of the explorer with these settings."""
    values = links.defaults() | links.values_of(Settings(p))
    return f"{base()}/?{urlencode(links.full(values), safe=',')}"


def script(figure: Figure, found: Found | None) -> list[str]:
    """Shell lines for the numbers of a figure."""
    runs = found.runs if found else ()
    solved = [command_line(Settings(run.parameters, run.rtol),
                           out=f"figure-{figure.number}-{n}.csv")
              for n, run in enumerate(runs, 1) if run.label == "SymmDMFT"]
    curves = [command_line(Settings(run.parameters, runs[0].rtol),
                           f"limit --regime {key} --t-end {run.t[-1]:.12g}",
                           f"figure-{figure.number}-{key}.csv")
              for key, run in (found.limits.items() if found else ())]
    return [*solved, *curves, *figure.script]
