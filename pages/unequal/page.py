"""Neurons that differ: groups of any sizes, weights, overlaps and signs, and what each does."""

import streamlit as st

from dashboard.components import controls, neurons
from dashboard.components.chart import Guide, show_curves
from dashboard.components.curves import regime_bands, run_panels, time_axis
from dashboard.service.jobs import solved
from dashboard.words.neurons import unequal
from pages.unequal import bias, editor, pictures

st.title("Unequal neurons")
settings = controls.sidebar()
st.markdown("SymmDMFT starts all neurons alike. Here they start in groups: neurons of a group are"
            " alike, groups differ. Each row is a group: how many neurons, the factor on a₀ or"
            " γ₀√m, the overlap ⟨w, u⟩ at the start, and the sign of a.")
editor.show(settings.parameters)
if settings.parameters.identical:
    st.info("All neurons are identical now: one group. Choose a start above, edit the table, or set"
            " a dimension or a spread in the sidebar.")
run = solved(settings)
if run is None:
    st.stop()
show_curves([*run_panels(run), *pictures.share_panel(run)], key="unequal",
            bands=regime_bands(run), axis=time_axis(run),
            guide=Guide(neurons.describe(neurons.neurons(run), overlaps=True)))
if run.groups:
    st.markdown(" ".join(statement.text for statement in unequal(run, None)))
    st.subheader("Overlaps between the groups")
    pictures.overlaps(run)

st.subheader("The implicit bias of the second layer")
bias.show(settings)
