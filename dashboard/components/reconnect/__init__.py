"""Draws a page anew when its browser has found the server again.

After a restart the server knows nothing of an open page.  Streamlit's client connects by itself but
asks for nothing: the first move of a slider would be spent on making the server known to the page.
"""

from pathlib import Path

import streamlit as st

SCRIPT = Path(__file__).parent / "reconnect.js"


def reconnect() -> None:
    """Watch the connection; on every page, without being seen."""
    with st.container(key="reconnect"):
        _component(key="back", on_back_change=lambda: None)


_component = st.components.v2.component(
    "two_layer_dynamics_reconnect", isolate_styles=False,
    html="<span></span>", js=SCRIPT.read_text())
