"""The talk's table in short: both initialisations, theory beside the runs."""

from functools import lru_cache

import pandas as pd
import pyarrow as pa
import streamlit as st

from dashboard.components.runs import counterpart, pair
from dashboard.service.jobs import manager, solved
from dashboard.service.links import Settings
from dashboard.service.turns import doors
from dashboard.words.marks import mark
from dashboard.words.table import HEADINGS, NAMES, measured_row, scale, start_of, table_key
from dashboard.words.theory import theory_of
from engine import Trajectory
from engine.results.keyfigures import key_figures, regime_measurements

ASKED, WANTED = "ask for the other run", "the other run is wanted"
"""Of the button, and of its having been pressed in this session."""


def short_table(settings: Settings) -> None:
    """Both initialisations, one line per regime: theory's scaling, and what the run measured."""
    own = settings.parameters.init
    other = counterpart(settings)
    runs = pair(settings, later=True) if _wanted(other) else {own: solved(settings)}
    for init, run in runs.items():
        if run is not None:
            st.markdown(f"**{NAMES[init]}**, {start_of(run.parameters)}")
            # Left to find out about the index, Streamlit would make a DataFrame of it every time.
            st.table(_lines(run), border="horizontal", hide_index=False)
    if other.parameters.init not in runs:
        st.button(f"Solve the {other.parameters.init} run too", key=ASKED, icon=":material/table:",
                  help="Many visitors are here now, so that the second run is solved when asked.")
    st.caption(table_key(settings.parameters))


def _wanted(other: Settings) -> bool:
    """Whether to solve the other run: unasked, unless so many are here that they would wait for
    it."""
    st.session_state[WANTED] = st.session_state.get(WANTED) or st.session_state.get(ASKED, False)
    return st.session_state[WANTED] or not doors.crowded() or \
        manager.known(("solve", other)) is not None


@lru_cache(maxsize=256)
def _lines(run: Trajectory) -> pa.Table:
    """One line per regime, theory's words over the run's numbers, as it goes to the browser."""
    said, figures, rows = theory_of(run.parameters), key_figures(run), {}
    for m in regime_measurements(run):
        row, measured = said[m.regime.key], measured_row(m)
        rows[scale(row, m.regime)] = {
            heading: f"{getattr(row, name).short}  \n:blue-background[{measured[name]}]"
                     f"  \n{mark(getattr(row, name).holds, m, figures)}"
            for name, heading in HEADINGS.items()}
    return pa.Table.from_pandas(pd.DataFrame.from_dict(rows, orient="index"))
