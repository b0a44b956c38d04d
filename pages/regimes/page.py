"""Every regime on its own time scale: widths collapse onto one curve; and the thresholds."""

import streamlit as st

from dashboard.components import controls
from pages.regimes import differing, ladders, thresholds

st.title("Regimes: one curve for all widths")
settings = controls.sidebar()
p = settings.parameters.alike
st.markdown("A regime is a time scale t = Θ(mᵖ). Counted in that scale, wide networks all follow"
            " one curve, which the large-width theory gives.")
if not settings.parameters.identical:
    st.info("This page is about identical neurons (SymmDMFT), whose large-width theory is the"
            " paper's: the differences between neurons set in the sidebar are left out here;"
            " the part on neurons that differ takes a spread of 10 %.")
choice = ladders.choices(p)
ladders.collapse(p, choice)

st.subheader("With neurons that differ")
differing.show(p, choice)

st.subheader("Does the form solve the equations?")
ladders.consistency(p, choice.key)

st.subheader("The slow drift: train error against complexity")
ladders.slow_picture(p, choice.widths)

st.subheader("Where interpolation becomes possible")
thresholds.search(p)
st.caption("Theory: A. Montanari and P. Urbani, arXiv 2502.21269, section 2 and appendices F, G;"
           " thresholds: section 2.3 and appendix H.3.")
