"""The explorer: one run, its regimes and its key figures."""

import streamlit as st

from dashboard.components import chart, controls, downloads
from dashboard.service import visitor
from dashboard.service.jobs import solved
from engine.network import Ensemble
from pages.explorer import account, decay, overlay, picture, pins, sweep, unequal
from pages.explorer.table import short_table

settings = controls.sidebar()
run = solved(settings)
if run is None:
    st.stop()

account.flags(run)

# Beside the figure's title, which the chart draws (page.css).
with st.container(key="pins", horizontal=True, horizontal_alignment="right"):
    pinned = pins.control(settings)
    along = sweep.control(settings.parameters)
sweep.flags(along)
# A sweep takes the place of the pinned run.
swept = sweep.solved(settings, along) if along else None
other = solved(pinned, "Solving the pinned run") if pinned and not swept else None
followed = controls.followed(settings, None if swept else visitor.get("pinned"))
linear = visitor.get("linear_time"), visitor.get("linear_error")


def draw(networks: Ensemble | None) -> None:
    """The figure, with finite networks over the theory where there are any."""
    chart.show(picture.chart(run, other, swept, picture.Look(*linear, networks)), key="explorer",
               live=followed)


figure = st.container()
offer = overlay.control(settings.parameters, alone=not (swept or other))
with figure:
    overlay.show(offer, draw)
controls.sheet(settings.parameters)
account.accuracy(run)
unequal.offer(settings, run)
decay.offer(settings)
if swept:
    sweep.table(swept, along)
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
