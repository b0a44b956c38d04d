"""What the page of real networks shows: its controls, panels, and words about the difference."""

import json
import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.components.chart import (
    BLUE,
    GREEN,
    PURPLE,
    SKY,
    VERMILION,
    Axis,
    Line,
    Panel,
    Trace,
)
from dashboard.components.curves import LOWEST_ERROR, smooth
from dashboard.components.downloads import command_line as shell
from dashboard.components.networks import MOST, PAGE_BYTES, median, span
from dashboard.service import visitor
from dashboard.service.links import Settings
from dashboard.words import number
from engine import ParameterError, Parameters, Status, Trajectory
from engine.monitor import Monitor
from engine.network import (
    ALGORITHMS,
    BEYOND,
    NETWORK,
    Ensemble,
    Estimate,
    NetworkSettings,
    estimate,
    finite_size,
    nearest,
)
from engine.network.finite_size import DEPARTED, departure, deviation
from engine.network.settings import LEARNING_RATE, MOMENTUM, RATE

WORDS = ("d", "seeds", "algorithm")
"""The words of the link that make the `NetworkSettings`."""
DIMENSIONS = (25, 50, 100, 200, 400)
SEEDS = (1, 2, 3, 5, 10, 20)
NAMES = {"gd": "Gradient descent", "sgd": "SGD", "momentum": "SGD with momentum (not the theory)",
         "adam": "Adam (not the theory)", "gaussian": "Gaussian model"}
LEAVES = {
    "momentum": "Momentum leaves the theory, which is gradient flow: with η ="
                f" {LEARNING_RATE:g} and β = {MOMENTUM:g} neurons have inertia for some"
                f" {1 / (1 - MOMENTUM):.0f} steps. A step counts as the time η d/(n(1 − β)): slow"
                " changes stand at the flow's times. The theory beside it is for orientation.",
    "adam": f"Adam leaves the theory: each weight moves by about {RATE:g} a step, however small its"
            " gradient, so that the two layers' time scales are not those of gradient flow. Its"
            " steps count as those of SGD, η d/n each: the same t is the same number of samples"
            " seen. The theory beside it is for orientation.",
}
ALIKE = 2.0
"""Growth of the spread between neurons that is worth a word."""
AT_ONCE = 2.0
"""Estimated seconds up to which networks are trained without being asked."""
ASKED = "networks asked for"
"""Where the session keeps what the visitor wants trained although it takes longer."""

EXAMPLES: dict[str, tuple[str, Parameters, NetworkSettings]] = {
    "Mean-field, as in Fig. 4": (
        "The paper's own SGD (batches of 100, η = 0.1, d = 200, 10 seeds) on the setting of its"
        " Figure 4, at a width that takes seconds.",
        Parameters(alpha=0.3, tau=0.3, m=16, t_max=480.0),
        NetworkSettings(d=200, seeds=10, algorithm="sgd")),
    "Pure noise, as in Fig. 2": (
        "The same SGD on pure noise, the setting of the paper's Figure 2, at its least width.",
        Parameters(alpha=0.4, tau=0.6, m=16, target="noise", t_max=480.0),
        NetworkSettings(d=200, seeds=10, algorithm="sgd")),
    "Lazy, as in Fig. 3": (
        "The setting of the paper's Figure 3, which shows the theory alone.",
        Parameters(init="lazy", alpha=0.3, tau=0.3, m=32, h="quadratic", t_max=320.0),
        NetworkSettings(d=200, seeds=10)),
    "Leaves early": (
        "Cubic σ, m = 16: real networks stay behind the theory at all d.",
        Parameters(m=16, alpha=0.3, tau=0.3, t_max=160.0), NetworkSettings(d=200, seeds=10)),
    "Exact: the Gaussian model": (
        "What the theory is exact for: quadratic σ, d = 100, and only chance is left.",
        Parameters(m=8, alpha=0.5, tau=0.4, h="quadratic", t_max=80.0),
        NetworkSettings(d=100, seeds=10, algorithm="gaussian")),
}


@dataclass(frozen=True)
class Offer:
    """What the page can do about a request.

    cost      of the request, or None when it cannot be run at all; `refusal` says why
    parameters, settings   the nearest that take AT_ONCE at most: the request itself if it does
    """

    cost: Estimate | None
    refusal: str
    parameters: Parameters
    settings: NetworkSettings

    @property
    def fits(self) -> bool:
        """Whether the page trains what was requested."""
        return (self.cost is not None and self.cost.complete and self.cost.seconds <= MOST)


def choices() -> NetworkSettings:
    """The widgets for d, seeds and algorithm."""
    d, seeds, algorithm = map(visitor.get, WORDS)
    left, middle, right = st.columns([2, 2, 3])
    left.select_slider(NETWORK["d"].label, sorted({*DIMENSIONS, d}), d, help=NETWORK["d"].meaning,
                       **visitor.bound("d"))
    middle.select_slider(NETWORK["seeds"].label, sorted({*SEEDS, seeds}), seeds,
                         help=NETWORK["seeds"].meaning, **visitor.bound("seeds"))
    right.radio(
        NETWORK["algorithm"].label, list(ALGORITHMS), list(ALGORITHMS).index(algorithm),
        horizontal=True, format_func=NAMES.get, 
        help="  \n".join(f"**{NAMES[name]}**: {text}." for name, text in ALGORITHMS.items()),
        **visitor.bound("algorithm"))
    return NetworkSettings(d=d, seeds=seeds, algorithm=algorithm)


def beyond(algorithm: str) -> None:
    """What the theory beside an algorithm is worth that is not gradient flow."""
    if algorithm in BEYOND:
        st.info(LEAVES[algorithm])


def examples() -> None:
    """Buttons that set the sidebar and the network's controls."""
    with st.container(horizontal=True, gap="small"):
        for name, (why, parameters, settings) in EXAMPLES.items():
            st.button(name, help=why, on_click=_put, args=(parameters, settings))


def offer(p: Parameters, settings: NetworkSettings, monitor: Monitor) -> Offer:
    """What the page can do about a request, for `jobs.compute`."""
    cost, refusal = None, ""
    try:
        cost = estimate(p, settings, math.inf, PAGE_BYTES)
    except ParameterError as error:
        refusal = str(error)
    near, near_settings, _ = nearest(p, settings, AT_ONCE, PAGE_BYTES, monitor)
    return Offer(cost, refusal, near, near_settings)


def choose(p: Parameters, settings: NetworkSettings, offer: Offer
           ) -> tuple[Parameters, NetworkSettings]:
    """What is trained now, with its price: the request, or the nearest that is there at once."""
    request, near = (p, settings), (offer.parameters, offer.settings)
    if offer.fits:
        st.caption(f"n = {settings.samples(p):,} samples, {offer.cost.steps:,} steps each,"
                   f" {offer.cost.bytes / 1e6:.0f} MB a network:"
                   f" {span(offer.cost.seconds)} on a free core of the server.")
    if near == request or (offer.fits and st.session_state.get(ASKED) == request):
        return request
    if offer.fits:
        st.button(f"Train {settings.seeds} networks ({span(offer.cost.seconds)})", type="primary",
                  on_click=_ask, args=request, icon=":material/play_arrow:")
        st.markdown(f"Until then you see {describe(*near)}, the nearest settings that take"
                    " seconds.")
    else:
        why = offer.refusal or (f"{describe(*request)} would take {span(offer.cost.seconds)} on a"
                                " core, more than this page computes.")
        st.markdown(f"{why} You see the nearest settings that take seconds: {describe(*near)}.")
        with st.expander("Train the present settings from the shell"):
            st.code(command_line(*request), language="bash")
    st.button(f"Set m = {near[0].m}, d = {near[1].d}", on_click=_put, args=near,
              help=f"Sets the controls to {describe(*near)}.")
    return near


def describe(p: Parameters, settings: NetworkSettings) -> str:
    """A request in a few words."""
    networks = "network" if settings.seeds == 1 else "networks"
    return (f"{settings.seeds} {networks} with m = {p.m}, d = {settings.d} up to t ="
            f" {p.t_max / p.m:.3g} m ({NAMES[settings.algorithm]})")


def _ask(parameters: Parameters, settings: NetworkSettings) -> None:
    st.session_state[ASKED] = parameters, settings


def _put(parameters: Parameters, settings: NetworkSettings) -> None:
    """Set the controls, and have that trained."""
    visitor.put_run(Settings(parameters, visitor.get("rtol")),
                    **{name: getattr(settings, name) for name in WORDS})
    _ask(parameters, settings)


def panels(theory: Trajectory, runs: Ensemble | None) -> list[Panel]:
    """Theory dashed, the networks' median solid in its band from the 10 % to the 90 % quantile."""
    frame = smooth(theory)
    errors = [("train", "train_error", VERMILION), ("test", "test_error", BLUE)]
    moves = [("first layer", "first_layer_displacement", GREEN),
             ("second layer", "gamma_displacement", PURPLE)]
    shape = [("γ = a/√m", "gamma", VERMILION), ("alignment v", "v", SKY)]
    curves = lambda group: [  # noqa: E731
        *(Trace(f"{name}, theory", frame["t"], frame[column], colour, "dash")
          for name, column, colour in group),
        *(median(runs, name, column, colour) for name, column, colour in group if runs)]
    p = theory.parameters
    return [
        Panel("Train and test error", "error", curves(errors), log_y=True, wide=True, height=330,
              y_range=_error_range(theory, runs),
              lines=[Line(p.bayes_error, "Bayes τ²/2")] if p.tau > 0 else [],
              alt="Train and test error over training time: theory and finite networks."),
        Panel("How far have the weights moved?", "‖w−w(0)‖, |γ−γ(0)|", curves(moves),
              alt="Displacement of both layers: theory and finite networks."),
        Panel("Complexity and alignment", "γ, v", curves(shape),
              alt="Complexity and alignment: theory and finite networks."),
        *([_difference(theory, runs), _spread(runs)] if runs and len(runs.frame) else []),
    ]


def _difference(theory: Trajectory, runs: Ensemble) -> Panel:
    table = deviation(runs, theory).query("t > 0")
    band = lambda c: (table[c] - table[f"{c}_sd"], table[c] + table[f"{c}_sd"])  # noqa: E731
    return Panel(
        "Networks minus theory, in units of the theory's test error", "difference",
        [Trace("train, mean ± standard error", table["t"], table["train_error"], VERMILION,
               band=band("train_error")),
         Trace("test, mean ± standard error", table["t"], table["test_error"], BLUE,
               band=band("test_error"))],
        lines=[Line(DEPARTED, ""), Line(-DEPARTED, f"± {100 * DEPARTED:.0f} %")],
        alt="Difference of the mean errors of the networks from the theory.")


def _spread(runs: Ensemble) -> Panel:
    top = max(0.1, 1.1 * float(runs.quantiles("v_spread")["high"].max()))
    return Panel(
        "Do the neurons stay alike? Theory: yes", "standard deviation of v",
        [median(runs, "v over the neurons of a network", "v_spread", SKY)],
        y_range=(0.0, top),
        alt="Standard deviation of the alignment v over the neurons of one network.")


def _error_range(theory: Trajectory, runs: Ensemble | None) -> tuple[float, float]:
    values = np.concatenate([theory.train_error, theory.test_error,
                             *([runs.frame[c] for c in ("train_error", "test_error")]
                               if runs else [])])
    high = float(values.max())
    return 0.7 * max(float(values.min()), LOWEST_ERROR * high), 1.5 * high


def summary(theory: Trajectory, runs: Ensemble) -> None:
    """In words: how far the networks are from the theory, and whether both test errors agree."""
    table = deviation(runs, theory)
    left = departure(runs, theory)
    worst = table.loc[table["size"].idxmax()]
    share = f"{100 * DEPARTED:.0f} % of the theory's test error"
    if math.isinf(left):
        where = f"The mean errors stay within {share} up to t = {number(table['t'].iloc[-1])}"
    else:
        where = (f"The mean errors leave the theory by more than {share} at t = {number(left)}"
                 f" = {number(left / theory.parameters.m)} m")
    which = "train" if abs(worst["train_error"]) == worst["size"] else "test"
    signed = worst[f"{which}_error"]
    st.markdown(f"{where}. The largest difference is in the {which} error at t ="
                f" {number(worst['t'])}: the networks are {100 * abs(signed):.0f} % of the theory's"
                f" test error {'above' if signed > 0 else 'below'} it.")
    _alike(runs)
    bad = {status.value for status in runs.statuses.values() if not status.complete}
    if bad:
        advice = (" The learning rate is too large for these settings; gradient descent"
                  " adapts its own." if runs.settings.mini_batches
                  and Status.DIVERGED.value in bad else "")
        st.warning(f"Not every network came to its end: {', '.join(sorted(bad))}.{advice}")
    last = runs.frame.sort_values("t").groupby("seed").last()
    if last["held_out_error"].notna().all():
        z = ((last["held_out_error"] - last["test_error"]) / last["held_out_sd"]).mean()
        st.caption("Test error: exact through the overlaps of the weights. On"
                   f" {runs.settings.held_out:,} held-out samples a seed it comes out"
                   f" {number(abs(z))} standard errors {'higher' if z > 0 else 'lower'} on average"
                   f" at the end. Lines: median of the seeds; ribbon: 10 % to 90 %."
                   f" {runs.work:,} steps.")
    else:
        st.caption("Test error: exact through the overlaps of the weights. Lines: median of the"
                   f" seeds; ribbon: 10 % to 90 %. {runs.work:,} steps.")


def _alike(runs: Ensemble) -> None:
    """Whether differences between neurons, of order 1/√d at the start, have grown."""
    spread = runs.quantiles("v_spread")["median"].to_numpy()
    if spread[-1] > ALIKE * spread[0]:
        st.markdown(f"**The neurons have become different**: v scatters over them by"
                    f" {number(spread[-1])} at the end, from {number(spread[0])} = O(1/√d) at the"
                    " start. The theory shown keeps them alike.")


def downloads(runs: Ensemble) -> None:
    """The tidy table and the settings that made it."""
    left, right, _ = st.columns([1, 1, 3])
    left.download_button("Download CSV", lambda: runs.frame.to_csv(index=False), "runs.csv",
                         "text/csv", on_click="ignore", width="stretch")
    right.download_button("Download settings", lambda: json.dumps(runs.header()),
                          "runs.csv.json", "application/json", on_click="ignore", width="stretch")
    with st.expander("Get the same numbers from the shell"):
        st.code(command_line(runs.parameters, runs.settings), language="bash")


def command_line(p: Parameters, settings: NetworkSettings) -> str:
    """The shell command that computes these runs."""
    solve, _, _ = shell(Settings(p)).partition(" --rtol")
    return (solve.replace("engine solve", f"engine network --d {settings.d} --seeds"
                          f" {settings.seeds} --algorithm {settings.algorithm}")
            + " --out runs.csv")


def scaling_panel(table: pd.DataFrame, fits: dict[str, finite_size.Line]) -> Panel:
    """Distance against d, and the fitted offset + slope/d, of both models."""
    traces = []
    for algorithm, colour, marker in (("gd", BLUE, "circle"), ("gaussian", VERMILION, "square")):
        rows = table[table["algorithm"] == algorithm]
        name = "real networks" if algorithm == "gd" else "Gaussian model"
        traces.append(Trace(name, rows["d"], rows["distance"], colour, marker=marker, line=False,
                            error=rows["error"].fillna(0.0)))
        if algorithm in fits:
            d = np.geomspace(rows["d"].min(), rows["d"].max(), 50)
            traces.append(Trace(f"{name}: fit", d, fits[algorithm].at(d), colour, "dash"))
    top = float((table["distance"] + table["error"].fillna(0.0)).max())
    return Panel("Distance from the theory against d", "distance", traces, wide=True, height=300,
                 y_range=(0.0, 1.1 * max(top, 0.01)),
                 alt="Distance between networks and theory against the dimension d, for real"
                     " networks and for the Gaussian model.")


SCALING_AXIS = Axis("dimension d", "d", log=True, range=(8.0, 500.0), cursor=False)
