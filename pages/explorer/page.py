"""The explorer: one run, its regimes and its key figures."""

import streamlit as st

from dashboard.components import chart, controls, downloads
from dashboard.service.jobs import solved
from pages.explorer import account, decay, picture, pins, unequal
from pages.explorer.table import short_table

settings = controls.sidebar()
pinned = pins.control(settings)
run = solved(settings)
if run is None:
    st.stop()

account.flags(run)

other = pinned and solved(pinned, "Solving the pinned run")
chart.show(picture.chart(run, other), key="explorer", live=controls.followed(settings))
account.accuracy(run)
unequal.offer(settings, run)
decay.offer(settings)
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
