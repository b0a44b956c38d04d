"""What a lecture has to be printed: notes for who speaks, a hand-out for the class."""

from dataclasses import replace

import streamlit as st

from dashboard.components.chart import show_curves
from dashboard.components.curves import time_axis
from dashboard.service import visitor
from pages.lecture.scenes import SCENES
from pages.lecture.stage import Place, bands, panel, runs

HEIGHT = 270
"""Of a plot: two scenes on a page."""
STYLE = """<style>
  html { font-size: 16px !important; }
  .tl-chart { --tl-name-size: 12; }
  [class*="st-key-sheet-scene"] { max-width: 680px; }
  @media print {
    header, [data-testid="stHeader"], [data-testid="stToolbar"], .stButton, .stCheckbox,
    .tl-bar, .tl-cursor, .tl-dot, [data-testid="stTopNav"] { display: none !important; }
    [class*="st-key-sheet-scene"] { break-inside: avoid; }
    [data-testid="stMainBlockContainer"] { padding: 0 !important; }
    [data-testid="stApp"], [data-testid="stApp"] * { color: #000 !important; }
    html, body, [data-testid="stApp"], [data-testid="stMain"] { background: #fff !important; }
    .tl-plot text { fill: #000 !important; }
  }
</style>"""
"""Plots as wide as a sheet of A4 has room: what is drawn is not drawn again to be printed.  Paper
is white, also where the page is dark."""


def show(kind: str) -> None:
    """The sheet called `kind`, as long as the script."""
    st.html(STYLE)
    minutes = sum(scene.minutes for scene in SCENES)
    st.title({"notes": "Speaker notes", "handout": "Hand-out"}[kind])
    st.button("Back to the lecture", on_click=visitor.put, kwargs={"sheet": None},
              icon=":material/arrow_back:")
    st.caption(f"{len(SCENES)} scenes, {minutes} minutes. Print this page with the browser"
               " (Ctrl+P), also into a PDF.")
    for number in range(len(SCENES)):
        (_notes if kind == "notes" else _handout)(number)


def _notes(number: int) -> None:
    scene, start = SCENES[number], sum(scene.minutes for scene in SCENES[:number])
    pair = runs(scene)
    if pair is None:
        return
    st.subheader(f"{number + 1}. {scene.title} (minute {start} to {start + scene.minutes})")
    right = scene.choices[scene.answer(pair)]
    st.markdown(f"{scene.setup}  \n**{scene.question}** {' / '.join(scene.choices)}. Right:"
                f" **{right}**.  \n{scene.says(pair)}  \n*{scene.notes}*")


def _handout(number: int) -> None:
    scene = SCENES[number]
    pair = runs(scene)
    if pair is None:
        return
    at = Place(number, True)
    with st.container(key=f"sheet-scene-{number}"):
        st.subheader(f"{number + 1}. {scene.title}")
        st.markdown(f"{scene.setup} **{scene.question}** {scene.choices[scene.answer(pair)]}."
                    f" {scene.says(pair)}")
        show_curves([replace(panel(at, pair), height=HEIGHT)], key=f"sheet {number}",
                    bands=bands(at, pair[0]), axis=time_axis(*filter(None, pair)))
