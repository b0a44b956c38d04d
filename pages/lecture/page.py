"""For a class: large type, no controls, first the guess and then the curve."""

import streamlit as st

from dashboard.components import controls
from dashboard.components.runs import pinned_beside
from dashboard.service.jobs import solved
from pages.lecture import lesson

st.html(lesson.STYLE)
settings = controls.hidden()
left, right = st.columns([2, 3])
left.title("Predict, then reveal")
with right:
    lesson.start(settings)
run = solved(settings)
if run is None:
    st.stop()
pinned = pinned_beside(settings)
other = pinned and solved(pinned, "Solving the pinned run")
left, right = st.columns([2, 3])
with left:
    seen = lesson.step(run, other)
with right:
    lesson.picture(run, seen, other)
st.caption("Theory: A. Montanari and P. Urbani, arXiv 2502.21269. Any setting: choose it on the"
           " explorer first. For other sites add embed=true to the link.")
