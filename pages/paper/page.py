"""The paper's figures, each drawn anew when it is opened."""

import streamlit as st

from dashboard.components import controls
from pages.paper import shown
from pages.paper.figures import FIGURES

controls.hidden()
st.title("Reproduce the paper")
st.markdown("All 33 figures of A. Montanari and P. Urbani, *Dynamical decoupling of generalization"
            " and overfitting in large two-layer networks* (arXiv 2502.21269, the NeurIPS 2025"
            " version). Open one: it is solved and drawn here, beside the settings that its caption"
            " gives, and what the paper says of it is checked on the numbers just drawn. Nobody has"
            " read numbers off the paper's pictures: *agrees* is about what it says.")
shown.summary()
for figure in FIGURES:
    shown.row(figure)
