"""The table of groups, bound to the visitor's settings, and starts worth seeing."""

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.components.controls import neurons_like
from dashboard.service import visitor
from engine import Group, ParameterError, Parameters
from engine.neurons import BETWEEN, GROUP_RULES, MOST_GROUPS

PAIRS = 4
"""Neurons of the start with f = 0."""


def starts(m: int) -> dict[str, dict[str, Any]]:
    """Groups of m neurons worth seeing, by name: what they change of the run's parameters."""
    half, quarter = m // 2, m // 4
    rest = m - half
    found = {
        "two halves, 1 ± 0.1": (Group(half, 0.9), Group(rest, 1.1)),
        "one leader": (Group(1, 1.5), Group(m - 1)),
        "one laggard": (Group(1, 0.5), Group(m - 1)),
        "random sign": (Group(half), Group(rest, sign=-1)),
        "weights −1, −½, ⅓, ⅔": (
            Group(quarter, 1.0, sign=-1), Group(quarter, 0.5, sign=-1),
            Group(quarter, 0.333), Group(m - 3 * quarter, 0.667)),
    }
    return {name: {"groups": groups} for name, groups in found.items()} | {
        f"antisymmetric, f = 0 (m = {PAIRS})": antisymmetric(PAIRS)}


def antisymmetric(m: int) -> dict[str, Any]:
    """m neurons in pairs with the same w and opposite a, so that f = 0 at the start (m even).

    Each neuron is a group of its own: a group has one overlap with another, common to all pairs of
    their neurons, so that larger groups cannot hold who is whose partner.
    """
    half = m // 2
    partners = np.roll(np.eye(m), half, axis=1)
    return {"m": m, "groups": (Group(1),) * half + (Group(1, sign=-1),) * half,
            "overlaps": tuple(map(tuple, partners.tolist()))}


def show(p: Parameters) -> None:
    """Buttons for the starts, and the table; a change of either changes the run."""
    if p.m < 4:
        st.info("Groups of this page need a width of 4 or more.")
        return
    several = p.directions is not None
    with st.container(horizontal=True, gap="small"):
        for name, changes in starts(p.m).items():
            st.button(name, key=f"start {name}", on_click=_take, args=(changes,),
                      disabled=all(getattr(p, word) == x for word, x in changes.items())
                      or (several and "overlaps" in changes))
    st.caption(f"The antisymmetric start gives each neuron a partner with the same w and opposite"
               " a. A group knows one overlap with another group, common to all pairs of their"
               f" neurons, so that partners have to be groups of one neuron: it takes {PAIRS}"
               f" neurons here, and at most {MOST_GROUPS}."
               + (" It is not there for several directions." if several else ""))
    if p.overlaps is not None:
        st.caption("Overlaps between the groups at the start are set here; groups from the table"
                   " start with independent neurons.")
    table = pd.DataFrame([group._asdict() for group in p.neurons])
    if several:
        table["v0"] = [BETWEEN.join(f"{x:g}" for x in v) for v in p.v_start]
    # Other groups are another table: it follows links, buttons and Undo.
    edited = st.data_editor(
        table, key=visitor.key(f"table {hash(p.neurons)}"), num_rows="dynamic", hide_index=True,
        column_config={
            name: st.column_config.NumberColumn(rule.label, help=rule.meaning, required=True,
                                                min_value=rule.low, max_value=rule.high)
            for name, rule in GROUP_RULES.items() if name != "v0" or not several} | ({
                "v0": st.column_config.TextColumn(
                    "Overlaps", help="⟨w, u₁⟩/⟨w, u₂⟩ … at the start, one for each direction.")}
                if several else {}))
    st.button("Use these groups", key="use groups", type="primary", disabled=edited.equals(table),
              on_click=_use, args=(edited,),
              help="The width m becomes the number of neurons in the table.")
    if said := visitor.refused("groups"):
        st.error(said)


def _take(changes: dict[str, Any]) -> None:
    visitor.put(**neurons_like(changes))


def _use(table: pd.DataFrame) -> None:
    try:
        groups = tuple(Group(int(size), float(factor), _overlap(v0), int(sign))
                       for size, factor, v0, sign in table.itertuples(index=False))
        visitor.put(**neurons_like({"groups": groups, "m": sum(g.size for g in groups),
                                    "v0": None}))
    except (ParameterError, ValueError) as error:
        visitor.refuse("groups", str(error))


def _overlap(v0: Any) -> float | tuple[float, ...]:
    """Of a number, or of the text 0.1/0.2 of several directions."""
    numbers = tuple(map(float, str(v0).split(BETWEEN)))
    return numbers if len(numbers) > 1 else numbers[0]
