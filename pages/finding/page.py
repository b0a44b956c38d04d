"""Unequal neurons: why wide networks overfit after all, and why lazy ones are not lazy."""

import streamlit as st

from dashboard.components import controls
from dashboard.words.tour import beyond_identical_neurons
from pages.finding import figures

settings = controls.sidebar()
st.title("Why wide networks overfit after all, and why lazy ones are not lazy")
st.markdown(figures.TEXT["question"])
if said := beyond_identical_neurons(settings.parameters):
    st.info(f"**At the settings of the sidebar.** {said}")
for name, draw in figures.FIGURES.items():
    st.markdown(figures.TEXT[name])
    draw()
st.caption("Stored results: studies/results/unequal_*.csv, made by studies/unequal_figures.py;"
           " the JSON files beside them have the command, the tolerance and the versions.")
st.subheader("The derivation in outline")
st.markdown(figures.TEXT["derivation"])
st.subheader("What is whose, and what is open")
st.markdown(figures.TEXT["whose"])
