"""What is computed and why: model, equations, large-width theory, symbols, limits, source.

The words stand in the Markdown files beside this one, a file a tab, with formulas in TeX and the
present settings as {{name}}: edit them there.
"""

import re
from pathlib import Path

import streamlit as st

from dashboard.components import controls
from dashboard.components.runs import pair
from dashboard.service import visitor
from dashboard.service.jobs import solved
from dashboard.service.links import TABS
from dashboard.words import BIBTEX, covariance_latex, symbols
from dashboard.words.directions import signal_text
from pages.theory import theorems
from pages.theory.tables import formulas, theory_table

st.title("Theory")
settings = controls.sidebar()
p = settings.parameters
tabs = dict(zip(TABS, st.tabs(
    list(TABS.values()), default=TABS[visitor.get("tab")],
    **visitor.bound("tab", {title: name for name, title in TABS.items()}.get)), strict=True))
SETTINGS = {
    "alpha": f"{p.alpha:g}", "samples_per_dimension": f"{p.alpha * p.m:g}",
    "h": covariance_latex("h(q)", "q", p.covariance.coefficients.h),
    "phi_hat": covariance_latex(r"\hat\varphi(v)", "v", p.covariance.coefficients.phi_hat)
    if p.directions is None else rf"\hat\varphi(v) = \text{{{signal_text(p)}}}",
    "phi_norm2": f"{p.phi_norm2:.4g}",
}
for name, tab in tabs.items():
    words = Path(__file__).parent / f"{name}.md"
    if words.exists():
        tab.markdown(re.sub(r"\{\{(\w+)\}\}", lambda found: SETTINGS[found[1]], words.read_text()))

with tabs["regimes"]:
    st.markdown("What the theory says at the present settings, for both initialisations: that of"
                " the paper, for identical neurons, and what unequal neurons change of it, which is"
                " our finding. The page *Lazy vs mean-field* sets the runs' measurements beside"
                " it.")
    theory_table(settings)
    st.subheader("The formulas, filled in")
    if runs := pair(settings, later=True):
        st.table(formulas(runs).set_index("Quantity"), border="horizontal")
    st.caption("Theory: closed forms for m → ∞. Run: the numerical solution at the present width."
               " A dash: not a quantity of a run, or the run has not reached it.")

with tabs["theorems"]:
    if run := solved(settings):
        theorems.show(run)

with tabs["symbols"]:
    st.markdown("**Parameters**")
    st.table(symbols("parameters"), border="horizontal")
    st.markdown("**What is computed**")
    st.table(symbols("observables"), border="horizontal")

tabs["limits"].code(BIBTEX, language="bibtex", wrap_lines=True)
