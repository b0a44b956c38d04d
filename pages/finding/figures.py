"""The four figures of the finding, from stored results (`studies.unequal_figures`)."""

from pathlib import Path

import pandas as pd
import streamlit as st

from dashboard.components.chart import (
    BLUE,
    GREY,
    VERMILION,
    Axis,
    Line,
    Panel,
    Trace,
    shades,
    show_curves,
)

RESULTS = Path(__file__).parents[2] / "studies" / "results"
TEXT = dict(part.split("\n", 1) for part in (Path(__file__).parent / "text.md").read_text()
            .removeprefix("## ").split("\n## "))
"""The page's words by heading, a part for each figure among them."""
PER_M = Axis("t / m", "t/m", range=(1e-3, 40.0))


@st.cache_data
def stored(name: str) -> pd.DataFrame:
    """A table of studies/results."""
    return pd.read_csv(RESULTS / f"unequal_{name}.csv")


def overfitting() -> None:
    """(a) errors of identical and unequal neurons at all widths."""
    table = stored("overfitting")
    show_curves([_errors(table[table["neurons"] == kind], title) for kind, title in (
        ("identical", "Identical neurons"), ("unequal", "Neurons that differ by 10 %"))],
        key="finding a", axis=PER_M)


def _errors(table: pd.DataFrame, title: str) -> Panel:
    widths = sorted(table["m"].unique())
    traces = [Trace(f"{error} m = {m:,}", rows["t_per_m"], rows[f"{error}_error"], colour, dash)
              for m, colour in zip(widths, shades(len(widths)), strict=True)
              for rows in [table[table["m"] == m]]
              for error, dash in (("train", "dash"), ("test", "solid"))]
    return Panel(title, "error", traces, log_y=True, y_range=(1e-3, 1.0),
                 lines=[Line(0.045, "Bayes τ²/2")], height=330,
                 alt=f"{title}: train and test error against t/m at several widths.")


def groups() -> None:
    """(b) a and v of each group of one run."""
    table = stored("groups")
    numbers = sorted(table["group"].unique())
    panel = lambda title, column: Panel(title, column, [  # noqa: E731
        Trace(f"group {g}", rows["t_per_m"], rows[column], colour)
        for g, colour in zip(numbers, shades(len(numbers)), strict=True)
        for rows in [table[table["group"] == g]]],
        alt=f"{title} of four groups of neurons against t/m.")
    show_curves([panel("Alignment", "v"), panel("Second-layer weight", "a")], key="finding b",
                axis=PER_M)


def lazy() -> None:
    """(c) test error of lazy starts."""
    table = stored("lazy")
    widths = sorted(table["m"].unique())
    lines = [Line(float(table["plateau"].iloc[0]), "plateau (2.7)"),
             Line(float(table["learned_plateau"].iloc[0]), "with the z² part")]
    show_curves([Panel(f"Neurons: {kind}", "test error", [
        Trace(f"m = {m:,}", rows["t"], rows["test_error"], colour)
        for m, colour in zip(widths, shades(len(widths)), strict=True)
        for rows in [table[(table["m"] == m) & (table["neurons"] == kind)]]],
        lines=lines, y_range=(0.15, 0.6),
        alt=f"Test error of lazy networks over time, neurons {kind}.")
        for kind in table["neurons"].unique()],
        key="finding c", axis=Axis(range=(1e-3, float(table["t"].max()))))


def networks() -> None:
    """(d) real networks beside both theories."""
    table = stored("network")
    styles = {"real": ("real networks", BLUE, "solid"), "symmetric": ("identical", GREY, "dash"),
              "groups": ("groups, d = 200", VERMILION, "dot")}
    panels = []
    for setting, title in (("lazy", "Lazy, the setting of Figure 3"),
                           ("mean-field", "Mean-field, cubic")):
        traces = []
        for source, (name, colour, dash) in styles.items():
            rows = table[(table["setting"] == setting) & (table["source"] == source)]
            band = (rows["test_low"], rows["test_high"]) if source == "real" else None
            traces.append(Trace(name, rows["t"], rows["test_error"], colour, dash, band=band))
        panels.append(Panel(title, "test error", traces, log_y=True, height=300,
                            alt=f"{title}: test error of real networks and of both theories."))
    show_curves(panels, key="finding d",
                axis=Axis(range=(1e-2, float(table["t"].max()))))


FIGURES = {"a": overfitting, "b": groups, "c": lazy, "d": networks}
