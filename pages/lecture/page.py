"""For a class: large type, no controls, first the guess and then the curve."""

import streamlit as st

from dashboard.components import controls
from dashboard.service import visitor
from pages.lecture import lesson, sheets, stage, voting

st.html(lesson.STYLE)
settings = controls.hidden()
if room := visitor.get("room"):
    voting.student(room)
elif sheet := visitor.get("sheet"):
    sheets.show(sheet)
elif step := visitor.get("scene"):
    stage.show(min(step, stage.LAST))
else:
    lesson.show(settings)
