"""Real data: networks trained on handwritten digits, and when they overfit against the width."""

from functools import partial

import streamlit as st

from dashboard.components import controls, live
from dashboard.components.chart import show_curves
from dashboard.components.curves import time_axis
from dashboard.service.jobs import solved
from dashboard.service.links import Settings
from engine.network.digits import learn
from pages.digits import pictures, reading

st.title("Does it happen with real data?")
settings = controls.sidebar()
st.markdown(reading.DATA)
p, changed = reading.request(settings.parameters)
st.markdown(reading.trained(p))
if changed:
    st.info(f"The digits ask for something else than the sidebar: {'; '.join(changed)}.")
theory = solved(Settings(p, settings.rtol))
if theory is None:
    st.stop()


def draw(table) -> None:
    show_curves([pictures.errors(theory, table)], key="digits", axis=time_axis(theory))


# Of a class whose networks are all to be trained most would wait; they see the theory, and ask.
key = "digits", p
table = live.show("digits", key, partial(learn, p, reading.SEEDS), draw,
                  f"Train {reading.SEEDS} networks on digits",
                  at_once=p.m <= reading.AT_ONCE and not live.crowded("digits", key),
                  patience=0.0)
if table is not None:
    st.markdown(reading.one_width(p, theory, table))

st.subheader("Against the width")
st.markdown(reading.stored())
pictures.widths()
pictures.powers()
st.markdown(reading.agreement())
st.caption(reading.SOURCE)
