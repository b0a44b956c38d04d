"""Real networks beside the theory: learning curves, and what their distance depends on."""

from functools import partial

import streamlit as st

from dashboard.components import controls, live
from dashboard.components.chart import show_curves
from dashboard.components.curves import regime_bands, time_axis
from dashboard.service.jobs import solved
from dashboard.service.links import Settings
from engine.network import simulate
from pages.networks import studies, training

st.title("Do real networks follow the theory?")
settings = controls.sidebar()
p = settings.parameters
st.markdown("The equations hold for Gaussian fields in infinite dimension. Here networks of"
            " dimension d are trained on the same time axis. **Dashed: theory. Solid: median of"
            " the networks**, in its 10–90 % band.")
training.examples()
chosen = training.choices()
training.beyond(chosen.algorithm)
if not p.identical and p.start_d is None:
    st.info("Networks start with identical second layers here, and so does the theory beside them:"
            " the spread or the groups of the sidebar are left out.")
    p = p.alike
offer = live.known("offer", ("offer", p, chosen), partial(training.offer, p, chosen),
                   "Estimating what training takes; until then you see the theory")
if offer is not None:
    p, chosen = training.choose(p, chosen, offer)
shown = Settings(p, settings.rtol)
theory = solved(shown)
if theory is None:
    st.stop()


def draw(runs) -> None:
    show_curves(training.panels(theory, runs), key="networks", bands=regime_bands(theory),
                axis=time_axis(theory))


if offer is None:
    draw(None)
else:
    runs = live.show("networks", ("networks", p, chosen), partial(simulate, p, chosen), draw,
                     f"Train {chosen.seeds} networks", at_once=True)
    if runs is not None:
        training.summary(theory, runs)
        training.downloads(runs)
    st.subheader("Is it d, or the Gaussian approximation?")
    studies.scaling(shown, theory)

st.subheader("Where the theory serves, and for how long")
studies.measured_map()
st.caption("Theory: A. Montanari and P. Urbani, arXiv 2502.21269; finite networks and the Gaussian"
           " model as in its appendix D, SGD as in its appendix I.")
