"""Pictures of groups: overlaps between them over time, the share of each in the output."""

from itertools import combinations_with_replacement

import numpy as np
import streamlit as st

from dashboard.components.chart import Panel, Trace, shades
from dashboard.components.curves import group_name, smooth
from dashboard.words import number
from engine import Trajectory

MOMENTS = 6
"""Times at which overlaps are shown."""


def share_panel(run: Trajectory) -> list[Panel]:
    """(m_g/m) a_g v_g of each group, which add up to the linear part of the network along u."""
    groups = run.groups
    if not groups:
        return []
    names = tuple(f"{column}_{g + 1}" for g in range(len(groups)) for column in ("a", "v"))
    frame = smooth(run, names)
    parts = [groups.size[g] / groups.size.sum() * frame[f"a_{g + 1}"] * frame[f"v_{g + 1}"]
             for g in range(len(groups))]
    return [Panel("Share of each group in the output along u", "(m_g/m) a_g v_g",
                  [Trace(group_name(run, g), frame["t"], part, colour)
                   for g, (part, colour) in enumerate(zip(parts, shades(len(parts)),
                                                          strict=True))],
                  alt="What each group adds to the network's linear part along u, over time.")]


def overlaps(run: Trajectory) -> None:
    """C_gl(t,t) of two different neurons of each pair of groups, at times even in log t."""
    t = np.geomspace(max(run.t[1], 1e-3 * run.t[-1]), run.t[-1], MOMENTS)
    names = {f"overlap_{g + 1}_{l + 1}": f"{g + 1}, {l + 1}" for g, l in
             combinations_with_replacement(range(len(run.groups or ())), 2)}
    table = run.at(t, tuple(names))[list(names)].rename(columns=names).T
    table.columns = [f"t = {number(x)}" for x in t]
    st.dataframe(table.style.format("{:.2f}").map(_shade))
    st.caption("Overlap ⟨w_i, w_j⟩ of two different neurons, the groups of the two at the left:"
               " blue where they point the same way, orange where they point apart; 0 within a"
               " group of one. The squares below the sphere have them at the cursor's time.")


def _shade(x: float) -> str:
    colour = "0, 114, 178" if x > 0 else "230, 159, 0"
    return f"background-color: rgba({colour}, {min(abs(x), 1.0) * 0.6:.2f})"
