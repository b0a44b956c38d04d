"""The talk's table in short: both initialisations, theory beside the runs."""

from functools import lru_cache

import pandas as pd
import streamlit as st

from dashboard.components.runs import pair
from dashboard.service.links import Settings
from dashboard.words.marks import mark
from dashboard.words.table import HEADINGS, NAMES, measured_row, scale, start_of, table_key
from dashboard.words.theory import theory_of
from engine import Trajectory
from engine.results.keyfigures import key_figures, regime_measurements


def short_table(settings: Settings) -> None:
    """Both initialisations, one line per regime: theory's scaling, and what the run measured."""
    for init, run in pair(settings, later=True).items():
        st.markdown(f"**{NAMES[init]}**, {start_of(run.parameters)}")
        st.table(_lines(run), border="horizontal")
    st.caption(table_key(settings.parameters))


@lru_cache(maxsize=256)
def _lines(run: Trajectory) -> pd.DataFrame:
    """One line per regime, theory's words over the run's numbers."""
    said, figures, rows = theory_of(run.parameters), key_figures(run), {}
    for m in regime_measurements(run):
        row, measured = said[m.regime.key], measured_row(m)
        rows[scale(row, m.regime)] = {
            heading: f"{getattr(row, name).short}  \n:blue-background[{measured[name]}]"
                     f"  \n{mark(getattr(row, name).holds, m, figures)}"
            for name, heading in HEADINGS.items()}
    return pd.DataFrame.from_dict(rows, orient="index")
