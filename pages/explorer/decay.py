"""What weight decay would do to the run: the end of training against λ, on request."""

from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.components.chart import (
    BLUE,
    GREY,
    SKY,
    VERMILION,
    Axis,
    Line,
    Panel,
    Trace,
    show_curves,
)
from dashboard.service import visitor
from dashboard.service.jobs import compute
from dashboard.service.links import Settings
from dashboard.words.numbers import number
from engine import Parameters, Trajectory, solve
from engine.monitor import Monitor

VALUES = (0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0, 15.0, 20.0, 30.0, 50.0)


def against_decay(p: Parameters, rtol: float, monitor: Monitor) -> tuple[Trajectory, pd.DataFrame]:
    """The run without decay, and errors and |v| at the end for each λ of VALUES that was done and
    ran to its end."""
    share = 1 / (len(VALUES) + 1)
    free = solve(p.replace(weight_decay=0.0), rtol, monitor=monitor.part(0, len(VALUES) + 1))
    rows = []
    for n, value in enumerate(VALUES, 1):
        if monitor.cancel():
            break
        run = solve(p.replace(weight_decay=value), rtol,
                    monitor=monitor.part(n, len(VALUES) + 1))
        if run.status.complete:
            rows.append((value, run.train_error[-1], run.test_error[-1], abs(run.v[-1])))
        monitor.progress((n + 1) * share)
    return free, pd.DataFrame(rows, columns=["value", "train_error", "test_error", "v"])


def offer(settings: Settings) -> None:
    """A switch, and below it the ends of training against λ beside the best stopping time."""
    p = settings.parameters
    if not p.train_second_layer or not st.toggle(
            "What would weight decay do?", key=visitor.key("decay"),
            help=f"Solves the run for {len(VALUES)} values of λ."):
        return
    found = compute(("decay", p.replace(weight_decay=0.0), settings.rtol),
                    partial(against_decay, p, settings.rtol), "Solving for every λ")
    if found is None or found[1].empty:
        st.info("No run came to its end. Choose a shorter horizon.")
        return
    free, ends = found
    best = ends.loc[ends.test_error.idxmin()]
    stop = int(np.argmin(free.test_error))
    st.markdown(
        f"Trained to t = {number(p.t_max)}, the test error is least at λ = {best['value']:g} of"
        f" these values: {number(best.test_error)}. Without decay it is at best"
        f" {number(free.test_error[stop])}, stopped at t = {number(free.t[stop])}, and"
        f" {number(free.test_error[-1])} at the end; Bayes is {number(p.bayes_error)}.")
    error = (Trace("train, at the end", ends.value, ends.train_error, VERMILION, "dash"),
             Trace("test, at the end", ends.value, ends.test_error, BLUE),
             Trace("test, best stopping time at λ = 0", ends.value,
                   np.full(len(ends), free.test_error[stop]), GREY, "dot"))
    show_curves(
        [Panel("Errors at the end against λ", "error", error, log_y=True,
               lines=[Line(p.bayes_error, "Bayes τ²/2")] if p.tau else [],
               alt="Train and test error at the end of training against weight decay."),
         Panel("Is the feature kept?", "|v|", (Trace("|v| at the end", ends.value, ends.v, SKY),),
               alt="Alignment with the latent direction at the end against weight decay.")],
        key="decay", axis=Axis("weight decay λ", "λ", range=(VALUES[0], VALUES[-1]), cursor=False))
