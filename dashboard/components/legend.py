"""One legend for all panels of a chart, in place of buttons over each of them.

    with legend.shared([("m = 16", ORANGE, "solid"), ("m → ∞", VERMILION, "dash")], key="ladder"):
        show_curves(panels, key="ladder", axis=axis)
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape

import streamlit as st

from dashboard.components.chart import Trace

DASHES = {"solid": "solid", "dash": "dashed", "dot": "dotted"}
"""How a line is broken, in the words of CSS."""


@contextmanager
def shared(entries: Sequence[tuple[str, str, str]], key: str) -> Iterator[None]:
    """The names of the curves once, above the chart drawn inside; each entry is a name, a colour
    and a dash of `DASHES`."""
    with st.container(key=f"shared-legend-{key}"):
        st.html('<ul class="legend">' + "".join(
            f'<li><span style="width: 28px; border-top: 3px {DASHES[dash]} {colour}"></span>'
            f"{escape(name)}</li>" for name, colour, dash in entries) + "</ul>")
        yield


def of(traces: Sequence[Trace]) -> list[tuple[str, str, str]]:
    """The entries of a panel's curves."""
    return [(trace.name, trace.colour, trace.dash) for trace in traces]
