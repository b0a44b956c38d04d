"""The explorer: one run, its regimes and its key figures."""

import streamlit as st

from dashboard.components import controls, downloads, neurons
from dashboard.components.chart import Guide, show_curves
from dashboard.components.curves import regime_bands, run_panels, time_axis
from dashboard.service.jobs import solved
from dashboard.words.tour import beyond_identical_neurons, tour
from pages.explorer import account, pins
from pages.explorer.table import short_table

settings = controls.sidebar()
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    st.title("First it learns, then it overfits", width="content")
    pinned = pins.control(settings)
run = solved(settings)
if run is None:
    st.stop()

account.figures(run)
account.flags(run)

other = pinned and solved(pinned, "Solving the pinned run")
axis = time_axis(*filter(None, (run, other)))
panels = [*run_panels(run, other), *([pins.difference_panel(other, run)] if other else [])]
picture = neurons.neurons(run, title="The neurons of B at time t" if other else None)
show_curves(panels, key="explorer", bands=regime_bands(run),
            axis=axis, guide=Guide(neurons.describe(picture), tour(run, time_axis(run).range[0]),
                                   beyond_identical_neurons(run.parameters)))
account.accuracy(run)
pins.offer_unequal(settings)
if other:
    pins.comparison(other, run)

st.subheader("What happens in this run")
account.story(run)

st.subheader("Lazy and mean-field side by side")
short_table(settings)

st.subheader("Take it away")
downloads.show(run, settings)
st.caption("Theory: A. Montanari and P. Urbani, Dynamical decoupling of generalization and"
           " overfitting in large two-layer networks, arXiv 2502.21269.")
