"""Exercises for a teaching session, checked by the engine."""

import json
from dataclasses import replace

import streamlit as st

from dashboard.components import controls
from dashboard.components.chart import show_curves
from dashboard.components.curves import regime_bands, run_panels, time_axis
from dashboard.service import visitor
from dashboard.service.jobs import solved
from pages.exercises import questions
from pages.exercises.sheet import sheet

HEIGHT = 220
"""Of the plot, which stays in sight above the questions."""

st.title("Exercises")
st.markdown("Answers are checked against the run shown, with the settings in the sidebar: change"
            " them, and the questions have other answers. What you have typed stays, also in the"
            " address of this page, and is judged by the run then shown.")
settings = controls.sidebar()
run = solved(settings)
if run is None:
    st.stop()
with st.container(key="in-sight"):
    show_curves([replace(run_panels(run)[0], height=HEIGHT)], key="exercises",
                bands=regime_bands(run), axis=time_axis(run))
questions.show(settings, run)

st.subheader("Score sheet")
st.markdown("A file with the run, your answers and the settings that you found, to hand in. It has"
            " no marks in it: `python -m pages.exercises.sheet *.json` solves everything again and"
            " prints a table.")
name = st.text_input("Your name, for the file alone", key="name on the sheet", max_chars=80)
st.download_button(
    "Download the score sheet",
    lambda: json.dumps(sheet(name, settings, visitor.get("answers"), {
        task.key: visitor.get(task.word) for task in questions.TASKS}), ensure_ascii=False,
        indent=1),
    "exercises.json", "application/json", on_click="ignore", icon=":material/assignment:")
st.caption("Theory: A. Montanari and P. Urbani, arXiv 2502.21269.")
