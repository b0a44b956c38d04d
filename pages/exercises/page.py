"""Exercises for a teaching session, checked by the engine."""

import streamlit as st

from dashboard.components import controls
from dashboard.components.chart import show_curves
from dashboard.components.curves import regime_bands, run_panels, time_axis
from dashboard.service.jobs import solved
from pages.exercises import questions

st.title("Exercises")
st.markdown("Answers are checked against the run shown, with the settings in the sidebar: change"
            " them, and the questions have other answers. What you have typed stays, also in the"
            " address of this page, and is judged by the run then shown.")
settings = controls.sidebar()
run = solved(settings)
if run is None:
    st.stop()
show_curves(run_panels(run)[:1], key="exercises", bands=regime_bands(run), axis=time_axis(run))
questions.show(settings, run)
st.caption("Theory: A. Montanari and P. Urbani, arXiv 2502.21269.")
