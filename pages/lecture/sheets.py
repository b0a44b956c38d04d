"""What a lecture has to be printed: notes for who speaks, a hand-out for the class."""

import streamlit as st

from dashboard.components.chart import show_curves
from dashboard.components.curves import time_axis
from dashboard.service import visitor
from pages.lecture.scenes import SCENES
from pages.lecture.stage import Place, bands, panel, runs

STYLE = """<style>
  @media print {
    header, [data-testid="stHeader"], [data-testid="stToolbar"], .stButton, .stCheckbox,
    .tl-bar, [data-testid="stTopNav"] { display: none !important; }
    .st-key-sheet-scene { break-inside: avoid; }
  }
</style>"""


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
        show_curves([panel(at, pair)], key=f"sheet {number}", bands=bands(at, pair[0]),
                    axis=time_axis(*filter(None, pair)))
