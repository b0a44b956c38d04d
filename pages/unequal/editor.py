"""The table of groups, bound to the visitor's settings, and starts worth seeing."""

import pandas as pd
import streamlit as st

from dashboard.components.controls import neurons_like
from dashboard.service import visitor
from engine import Group, ParameterError, Parameters
from engine.neurons import GROUP_RULES


def starts(m: int) -> dict[str, tuple[Group, ...]]:
    """Groups of m neurons worth seeing, by name."""
    half, quarter = m // 2, m // 4
    rest = m - half
    return {
        "two halves, 1 ± 0.1": (Group(half, 0.9), Group(rest, 1.1)),
        "one leader": (Group(1, 1.5), Group(m - 1)),
        "one laggard": (Group(1, 0.5), Group(m - 1)),
        "random sign": (Group(half), Group(rest, sign=-1)),
        "weights −1, −½, ⅓, ⅔": (
            Group(quarter, 1.0, sign=-1), Group(quarter, 0.5, sign=-1),
            Group(quarter, 0.333), Group(m - 3 * quarter, 0.667)),
    }


def show(p: Parameters) -> None:
    """Buttons for the starts, and the table; a change of either changes the run."""
    if p.m < 4:
        st.info("Groups of this page need a width of 4 or more.")
        return
    with st.container(horizontal=True, gap="small"):
        for name, groups in starts(p.m).items():
            st.button(name, key=f"start {name}", disabled=groups == p.groups, on_click=_take,
                      args=(groups,))
    table = pd.DataFrame([group._asdict() for group in p.neurons])
    # Other groups are another table: it follows links, buttons and Undo.
    edited = st.data_editor(
        table, key=visitor.key(f"table {hash(p.neurons)}"), num_rows="dynamic", hide_index=True,
        column_config={
            name: st.column_config.NumberColumn(rule.label, help=rule.meaning, required=True,
                                                min_value=rule.low, max_value=rule.high)
            for name, rule in GROUP_RULES.items()})
    st.button("Use these groups", key="use groups", type="primary", disabled=edited.equals(table),
              on_click=_use, args=(edited,),
              help="The width m becomes the number of neurons in the table.")
    if said := visitor.refused("groups"):
        st.error(said)


def _take(groups: tuple[Group, ...]) -> None:
    visitor.put(**neurons_like({"groups": groups}))


def _use(table: pd.DataFrame) -> None:
    try:
        groups = tuple(Group(int(size), float(factor), float(v0), int(sign))
                       for size, factor, v0, sign in table.itertuples(index=False))
        visitor.put(**neurons_like({"groups": groups, "m": sum(g.size for g in groups)}))
    except (ParameterError, ValueError) as error:
        visitor.refuse("groups", str(error))
