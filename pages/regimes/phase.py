"""The picture of the phases: where gradient flow can memorise, and where this run starts in it."""

import math
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import streamlit as st
from scipy.interpolate import PchipInterpolator

from dashboard.components.chart import BLUE, GREEN, ORANGE, Axis, Panel, Trace, show_curves
from dashboard.words import number
from engine import Parameters
from engine.limits.levels import noise_left

STORED = Path(__file__).parents[2] / "studies" / "results" / "phase.csv"
"""γ*(α, 0, 1) of pure noise, by `studies.phase`."""
MONOMIALS = {2: ("quadratic", 0.5), 3: ("cubic", 1 / 6)}
"""By the degree of h̃ = c z^k: the name under which the table has it, and its c there."""
NEAR = 0.02
"""Starts closer to the threshold than this share of it are at it: the table is good to 1 %."""
LOW = 0.3
"""The picture goes from this part of the least γ drawn up to its inverse above the largest."""


class Start(NamedTuple):
    """Where a run starts: γ(0) and γ*, and whether it is above it, below it, or at it."""

    gamma: float
    threshold: float

    @property
    def side(self) -> str:
        if abs(self.gamma / self.threshold - 1) < NEAR:
            return "at"
        return "above" if self.gamma > self.threshold else "below"


@st.cache_data
def _table() -> pd.DataFrame:
    return pd.read_csv(STORED)


def stored(p: Parameters) -> pd.DataFrame | None:
    """α and γ* for the noise and the activation of `p`; None where h̃ is no single power that is
    in the table.

    γ enters as γ²h̃ and noise by its size alone, so that γ* ∝ τ'/√c.
    """
    terms = {k: c for k, c in enumerate(p.covariance.nonlinear.coefficients.h, 0) if c}
    if len(terms) != 1 or next(iter(terms)) not in MONOMIALS:
        return None
    (k, c), = terms.items()
    name, own = MONOMIALS[k]
    table = _table()
    rows = table[table["activation"] == name]
    scale = math.sqrt(noise_left(p) * own / c)
    return pd.DataFrame({"alpha": rows["alpha"], "gamma": scale * rows["gamma_star"]})


def start(p: Parameters) -> Start | None:
    """Where the run of `p` starts; None outside the table and without noise to fit."""
    rows = stored(p) if noise_left(p) > 1e-12 else None
    if rows is None or not rows["alpha"].min() <= p.alpha <= rows["alpha"].max():
        return None
    curve = PchipInterpolator(np.log(rows["alpha"]), np.log(rows["gamma"]))
    return Start(p.a_start / math.sqrt(p.m), float(np.exp(curve(math.log(p.alpha)))))


def show(p: Parameters) -> None:
    """The picture, and what it says of this run."""
    here = start(p)
    if here is None:
        st.info("The threshold γ*(α) is stored for the paper's activations and α from 0.01 to 0.7."
                " For these settings it can be searched for below.")
        return
    st.markdown(words(p, here))
    panel = diagram(p, here)
    alpha = panel.traces[0].x
    show_curves([panel], key="phases", axis=Axis("data per weight α", "α", cursor=False,
                                                 range=(alpha.min(), alpha.max())))


def words(p: Parameters, here: Start) -> str:
    """What the start's side of the threshold means, for m → ∞."""
    level = f"γ* = {number(here.threshold)} at α = {p.alpha:g}"
    at = f"This run starts at γ = a/√m = {number(here.gamma)}, {here.side} {level}. "
    if not p.train_second_layer:
        return at + ("With its second layer fixed it interpolates at t = Θ(1)."
                     if here.side == "above" else
                     "With its second layer fixed it keeps some train error."
                     if here.side == "below" else "Too near to tell.")
    if p.weight_decay:
        return at + "Weight decay decides where γ ends at t = Θ(m)."
    if here.side == "above" and p.init == "mean-field":
        return at + "That is so at this width alone: wider networks start lower, like 1/√m."
    if here.side == "above":
        return at + "Wide networks interpolate at t = Θ(1), and γ stays."
    if here.side == "at":
        return at + "Too near to tell when it interpolates."
    if p.init == "lazy" or p.target == "noise":
        return at + "In wide networks γ grows at t = Θ(m) until it is there, and then they" \
                    " interpolate."
    return at + "To interpolate, γ has to grow that far, at t = Θ(m) or later; whether it does" \
                " depends on how much the neurons differ (below)."


def diagram(p: Parameters, here: Start) -> Panel:
    """γ*(α), and the run's start with the way up to the threshold."""
    rows = stored(p)
    gamma = np.array([*rows["gamma"], here.gamma])
    traces = [Trace("γ*(α), m → ∞", rows["alpha"].to_numpy(), rows["gamma"].to_numpy(), BLUE,
                    width=3),
              Trace("this run's start", [p.alpha], [here.gamma], ORANGE, marker="circle",
                    line=False)]
    if here.side == "below" and p.train_second_layer:
        traces.append(Trace("where γ has to go", [p.alpha, p.alpha],
                            [here.gamma, here.threshold], GREEN, "dot"))
    return Panel("Above the curve noise can be memorised, below it not", "complexity γ = a/√m",
                 traces, log_y=True, wide=True, height=320,
                 y_range=(LOW * gamma.min(), gamma.max() / LOW),
                 alt=f"The threshold γ* rises with α. The run starts at γ = {number(here.gamma)},"
                     f" {here.side} it.")
