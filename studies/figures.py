"""The figures of docs/laws.md and docs/interpolation.md, from the stored tables.

    python -m studies.figures        writes docs/figures/*.svg, in a second
"""

from collections.abc import Callable
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from studies.store import RESULTS

FOLDER = Path(__file__).parents[1] / "docs" / "figures"
STYLE = {"svg.hashsalt": "two layers", "svg.fonttype": "none", "font.size": 10,
         "axes.spines.top": False, "axes.spines.right": False,
         "axes.prop_cycle": mpl.cycler(color=["#0072b2", "#d55e00", "#009e73", "#cc79a7",
                                                     "#e69f00"])}
"""Colours that the colour-blind tell apart, as in the dashboard."""


def leaving(axes: Axes) -> None:
    """When unequal neurons leave the plateau, in units of m."""
    laws = pd.read_csv(RESULTS / "laws.csv")
    rows = laws[laws["set"].isin(["width", "wide unequal"]) & (laws["init"] == "mean-field")
                & (laws["h"] == "cubic") & (laws["spread"] == 0.1) & (laws["tau"] == 0.3)]
    for rtol, group in rows.dropna(subset="left").sort_values("m").groupby("rtol"):
        axes.plot(group["m"], group["left"] / group["m"], "o-", fillstyle="none",
                  label=f"rtol = {rtol:g}")
    axes.set(xscale="log", xlabel="m", ylabel="t at which e_tr = τ²/4, in units of m",
             ylim=(0, None))
    axes.legend(frameon=False)


def excess(axes: Axes) -> None:
    """What identical neurons lose against the Bayes error: at the best time, and at t = 10 m."""
    rows = pd.read_csv(RESULTS / "laws.csv").query("set == 'wide identical' and rtol == 0.001")
    for h, group in rows.groupby("h"):
        line, = axes.plot(group["m"], group["best_excess"], "o-", label=f"{h}, at the best time")
        axes.plot(group["m"], group["end_excess"], "s--", color=line.get_color(),
                  fillstyle="none", label=f"{h}, at t = 10 m")
    axes.set(xscale="log", yscale="log", xlabel="m", ylabel="test error less τ²/2")
    axes.legend(frameon=False, fontsize=8)


def locking(axes: Axes) -> None:
    """The width from which identical neurons rest, between its brackets, against α."""
    rows = pd.read_csv(RESULTS / "locking.csv").query("h == 'cubic'")
    known = rows.dropna(subset=["leaves", "stays"]).sort_values("t_per_m")
    longest = known.groupby(["alpha", "tau"], as_index=False).last()
    for tau, group in longest.groupby("tau"):
        middle = np.sqrt(group["leaves"] * group["stays"])
        axes.errorbar(group["alpha"], middle, fmt="o-", capsize=3, label=f"τ = {tau:g}",
                      yerr=[middle - group["leaves"], group["stays"] - middle])
    axes.set(xscale="log", yscale="log", xlabel="α", ylabel="m_c")
    axes.legend(frameon=False)


def interpolation(axes: Axes) -> None:
    """γ* against α, and below it the bound of docs/interpolation.md."""
    for activation, group in pd.read_csv(RESULTS / "phase.csv").groupby("activation", sort=False):
        line, = axes.plot(group["alpha"], group["gamma_star"], "o-", ms=3, label=str(activation))
        axes.plot(group["alpha"], group["bound"], ":", color=line.get_color())
    axes.set(xlabel="α", ylabel="γ*; dotted: the bound", ylim=(0, None), xlim=(0, None))
    axes.legend(frameon=False)


FIGURES: dict[str, Callable[[Axes], None]] = {
    "leaving": leaving, "excess": excess, "locking": locking, "interpolation": interpolation}


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for name, draw in FIGURES.items():
        with plt.rc_context(STYLE):
            figure, axes = plt.subplots(figsize=(5.6, 3.6), layout="constrained")
            draw(axes)
            figure.savefig(FOLDER / f"{name}.svg", metadata={"Date": None})
            plt.close(figure)


if __name__ == "__main__":
    main()
