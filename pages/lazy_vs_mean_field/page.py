"""Both initialisations at the same data, noise, width, activation and target."""

import streamlit as st

from dashboard.components import controls
from dashboard.components.chart import show_curves
from dashboard.components.curves import regime_bands, run_panels, time_axis
from dashboard.components.runs import pair
from dashboard.words.comparison import comparison, differing_neurons
from dashboard.words.table import MARKS, NAMES, start_of
from pages.lazy_vs_mean_field.cards import (
    both_kinds,
    measurements_frame,
    other_scale,
    regime_cards,
    scalings,
)

st.title("Lazy or mean-field: two starts, two ways to overfit")
settings = controls.sidebar()
st.markdown("Both networks see the same data: the same α, τ, m, activation and target. Only the"
            " second layer starts differently: **lazy** at a₀ = γ₀√m, **mean-field** at a₀ of"
            " order 1. Everything else is set in the sidebar."
            + (" The overlap v(0) that is set there is the mean-field start's alone."
               if settings.parameters.v0 else ""))
other_scale(settings.parameters)
runs = pair(settings)
if len(runs) < 2:
    st.stop()
lazy, mean_field = runs["lazy"], runs["mean-field"]

show_curves(run_panels(mean_field, lazy, names=("lazy", "mean-field")), key="lazy vs mean-field",
            bands=regime_bands(runs[settings.parameters.init]), axis=time_axis(lazy, mean_field))
st.caption(f"Shaded: the regimes of the {settings.parameters.init} start.")

identical, different = both_kinds(settings, runs)

st.subheader("What the two runs say")
said = comparison(lazy, mean_field) + differing_neurons(identical, different)
st.markdown("\n".join(f"- {s.text}" for s in said))

st.subheader("Regime by regime")
st.caption("Black: theory for m → ∞, of identical neurons. Red: its curve for this regime at this"
           " width, blue: the run of identical neurons, both from the beginning of the regime to"
           " its end: ‖w − w(0)‖, γ, train error, test error. Each curve holds well inside its"
           " regime, so at the edges, where two regimes meet, red and blue differ most. *Unequal"
           " neurons* stands where neurons that differ change an entry, which is our finding and"
           " not the paper's; violet: their run. Where it is missing nothing else is known."
           f" {MARKS}")
for init, run in identical.items():
    st.markdown(f"#### {NAMES[init]}: {start_of(run.parameters)}")
    regime_cards(run, different.get(init))
    with st.expander(f"{NAMES[init]}: all measurements as numbers"):
        st.dataframe(measurements_frame(run), hide_index=True)

st.subheader("How far do the layers move?")
st.markdown("In one regime, at one scaled time, runs at m = 256 to 16,384 give each displacement a"
            " power of m: −½ is Θ(1/√m), 0 is Θ(1), ½ is Θ(√m), and below 0 for γ is o(1).")
if st.toggle("Fit the powers of m: six ladders of widths (a few seconds)", key="fit powers"):
    for run in identical.values():
        scalings(run.parameters)
    st.caption("± is the standard error of the fit. Where regimes still overlap at these widths, or"
               " the network has not left its plateau, the power is not that of the theory.")
st.caption("Theory: A. Montanari and P. Urbani, arXiv 2502.21269, section 2 and appendices F, G.")
