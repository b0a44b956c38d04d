"""The browser's part of the script: a remote control's keys, and the stretch of time that plays."""

from pathlib import Path

import streamlit as st

SCRIPT = Path(__file__).parent / "remote.js"


def remote(step: int, play: tuple[float, float] | None, axis: tuple[float, float]) -> None:
    """Listen to keys; when `step` is new, let the page's chart play from and to the times `play`.

    axis  the range of the chart's time axis
    """
    _component(data={"step": step, "play": play, "range": axis}, key="remote")


_component = st.components.v2.component(
    "two_layer_dynamics_remote", isolate_styles=False,
    html="<span></span>", js=SCRIPT.read_text())
