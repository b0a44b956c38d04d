"""Both errors of the square under the pointer, drawn small in the browser from stored curves."""

import json
import math
from functools import lru_cache
from pathlib import Path

import numpy as np
import streamlit as st

from dashboard.components.curves import COLOURS_OF_TWO, LOWEST_ERROR
from engine import TABLE
from pages.maps.reading import DO, WHO
from pages.maps.tables import StoredMap, curves, load

HERE = Path(__file__).parent
COLOURS = dict(zip(("identical", "unequal"), COLOURS_OF_TWO, strict=True))
HTML = '<div class="tl-glance" hidden aria-hidden="true"><p></p>' \
       '<svg width="300" height="150"></svg></div>'
STEPS = 100
"""Of a decade, in which the browser gets the errors: each a third of a pixel."""


def show(one: StoredMap) -> None:
    """Let the page's maps show their squares' curves."""
    _component(data=described(one.name), key="glance")
    st.caption("Point at a square: its errors over time appear beside it, test solid, train"
               " dashed.")


@lru_cache(maxsize=8)
def described(name: str) -> bytes:
    """What the browser needs of a map, as JSON: 150 kB."""
    one, found = load(name), curves(name)
    steps = np.rint(STEPS * found.log10_errors)
    high = float(np.nanmax(found.log10_errors))
    return json.dumps({
        "name": name,
        "x": [TABLE[one.x].write(value) for value in one.values("x")],
        "y": [TABLE[one.y].write(value) for value in one.values("y")],
        "xTitle": TABLE[one.x].symbol, "yTitle": TABLE[one.y].symbol,
        "first": found.first, "last": [one.horizon(x) for x in one.values("x")],
        "range": [high + math.log10(LOWEST_ERROR), high],
        "errors": np.where(np.isnan(steps), None, steps.astype(object)).tolist(),
        "kinds": [{"colour": COLOURS[kind], "said": _said(one, kind)} for kind in one.neurons],
    }, ensure_ascii=False, separators=(",", ":")).encode()


def _said(one: StoredMap, kind: str) -> list[list[str]]:
    """How each run ends: rows of y, columns of x."""
    return one.grid("ending", kind).map(lambda ending: f"{WHO[kind]} {DO[ending]}").to_numpy(
        ).tolist()


_component = st.components.v2.component(
    "two_layer_dynamics_glance", isolate_styles=False,
    html=HTML, css=(HERE / "glance.css").read_text(),
    js=(HERE / "glance.js").read_text())
