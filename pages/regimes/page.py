"""Where networks can memorise, then every regime on its own time scale."""

import streamlit as st

from dashboard.components import controls
from pages.regimes import differing, ladders, phase, thresholds

st.title("Regimes and thresholds")
settings = controls.sidebar()
p = settings.parameters.alike
if not settings.parameters.identical:
    st.info("This page is about identical neurons (SymmDMFT), whose large-width theory is the"
            " paper's: the differences between neurons set in the sidebar are left out here;"
            " the part on neurons that differ takes a spread of 10 %.")
phase.show(p)
thresholds.search(p)

st.header("One time scale, one curve for all widths?")
st.markdown("A regime is a time scale t = Θ(mᵖ). Counted in that scale, wide networks should all"
            " follow one curve, which the large-width theory gives.")
choice = ladders.choices(p)
ladders.collapse(p, choice)

st.subheader("With neurons that differ")
differing.show(p, choice)

st.subheader("Does the form solve the equations?")
ladders.consistency(p, choice.key)

st.subheader("The slow drift: train error against complexity")
ladders.slow_picture(p, choice.widths)
st.caption("Theory: A. Montanari and P. Urbani, arXiv 2502.21269, section 2 and appendices F, G;"
           " thresholds: section 2.3 and appendix H.3.")
