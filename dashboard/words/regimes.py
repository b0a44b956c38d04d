"""What regimes are called, by what a run does in them and not by what theory expects; what to look
for in them."""

import math
from functools import lru_cache
from typing import NamedTuple

from dashboard.words.marks import SIDE
from dashboard.words.numbers import number
from engine import Trajectory
from engine.results.departures import CLIMBED, departures
from engine.results.keyfigures import (
    INTERPOLATED,
    STILL,
    Course,
    NotReached,
    Reach,
    RegimeMeasurement,
    course,
    regime_measurements,
)

SUNK = 0.9
SCALED_TIME = {-1.0: ("t · m", "tm"), 0.0: ("t", "t"), 0.5: ("t / √m", "t/√m"),
               1.0: ("t / m", "t/m")}
"""Time in units of the regime's scale, as an axis says it and as text does, by the power of m."""
LOOK = {
    "lazy-1": "Time is counted in t·m. Watch the neurons' common direction learn the linear part of"
              " the target: √m v rises to φ̂′(0)/(γ₀h′(0)) and both errors fall together to the"
              " plateau (2.7). Each neuron moves by 1/√m only.",
    "lazy-2": "Time is t itself. The test error stays on its plateau while the train error falls:"
              " every neuron moves a distance of order 1, but at right angles to the target's"
              " direction, and fits the labels' unexplained part alone.",
    "lazy-3": "Time is counted in t/m. γ grows from γ₀ to the threshold γ* while the first layer"
              " keeps pace: the train error runs down the curve e_∞(γ), the test error up the"
              " plateau (2.7) at the present γ. With γ₀ ≥ γ* nothing moves.",
    "mean-field-1": "Time is t itself. Wide networks follow the ordinary differential equation"
                    " (2.10) of one neuron: a and v go to their fixed point, train and test error"
                    " together to the plateau.",
    "mean-field-2": "Time is counted in t/m. There is no limit curve to draw: when the network"
                    " leaves its plateau is an open question of the paper. Look whether the curves"
                    " of γ fall on each other, start later at each width, or do not start; and"
                    " below, what they do when neurons differ.",
    "noise-1": "Time is t itself. The mean of the neurons adapts to the linear part of the noise:"
               " m C_o(t,t) goes to τ²/ρ − 1 with ρ = αa₀²h′(0). Neurons move by 1/√m, a stays.",
    "noise-sqrt-m": "Time is counted in t/√m. The neurons descend the rugged landscape of a"
                    " spherical spin glass, and a grows in proportion to t/√m: the slope is"
                    " A = τ√α|E|, |E| the energy at which the descent gets stuck.",
    "noise-m": "Time is counted in t/m. γ grows from 0 to γ*, the train error down the curve"
               " e_∞(γ). At small widths the drift starts late, because t/√m and t/m are close.",
}
"""What to look for on a ladder of widths, by the regime's key."""
LOOK_WITH_DECAY = (" Weight decay holds γ back: it goes to where λγ = −∂e/∂γ, from below or from"
                   " above, and the train error stays above 0.")
"""What weight decay changes of it in the regimes of t = Θ(m)."""


class Unequal(NamedTuple):
    """A regime of neurons that differ: its name, when it sets in, and its scale t = Θ(m^power) but
    for the logarithm, with time in units of it as an axis says it and as text does."""

    name: str
    scale: str
    power: float
    time: tuple[str, str]


UNEQUAL = {
    "lazy-2": Unequal("Learning on both sides", "t = Θ(ln(1/spread)/√m)", -0.5, ("t · √m", "t√m")),
    "lazy-3": Unequal("Late overfitting", "t = Θ(m)", 1.0, SCALED_TIME[1.0]),
    "mean-field-2": Unequal("Overfitting, unlearning by some", "t = Θ(m ln(1/spread))", 1.0,
                            SCALED_TIME[1.0]),
}
"""The regimes that are others when neurons differ, by the regime's key (`words.theory.unequal_rows`
has their cells)."""


@lru_cache(maxsize=256)
def names(run: Trajectory) -> dict[str, str]:
    """A name for every regime of the run, by the regime's key; the theory's where the run agrees,
    or has not come so far."""
    return {m.regime.key: m.regime.name if isinstance(m, NotReached) else _name(run, m)
            for m in regime_measurements(run)}


def title(m: RegimeMeasurement | NotReached, called: dict[str, str]) -> str:
    """The regime's name out of `names`, its times in the run, and what to know about them."""
    name = called[m.regime.key].replace("*", r"\*")
    if isinstance(m, NotReached):
        return f"{name} · the run did not get here"
    if m.reach is Reach.AFTER_INTERPOLATION:
        return f"{name} · nothing moves any more"
    text = f"{name} · t = {number(m.time.start)} to {number(m.time.end)}"
    how = {Reach.PART: " (the run ended early)", Reach.TO_HORIZON: ", the run's horizon"}
    return text + how.get(m.reach, "")


def _name(run: Trajectory, m: RegimeMeasurement) -> str:
    train, test, v = (course(run, column, m.time.start, m.time.end)
                      for column in ("train_error", "test_error", "v"))
    falls = test.end < (1 - STILL) * test.start
    match m.regime.key:
        case "lazy-1" if v.height > CLIMBED:
            return "Learning"
        case "lazy-2" if falls and m.v_least.end < -SIDE < SIDE < m.v_most.end:
            return UNEQUAL["lazy-2"].name
        case "lazy-2" if falls:
            return "Learning goes on"
        case "lazy-2" if train.start - train.end <= STILL * test.end:
            return "Waiting"
        case "mean-field-1" if _height(run, m.time.end) < CLIMBED:
            later = m.reach is not Reach.WHOLE or _height(run, math.inf) >= CLIMBED
            return "No features yet" if later else "No features"
        case "lazy-3" | "mean-field-2" | "noise-m":
            return _last(run, train, test, v, m)
    return m.regime.name


def _height(run: Trajectory, end: float) -> float:
    """The largest |v| of any neuron up to the time `end`: neurons on both sides of u have a small
    mean."""
    v = run.v if run.groups is None else run.groups.v
    return float(abs(v[run.t <= end]).max())


def _last(run: Trajectory, train: Course, test: Course, v: Course, m: RegimeMeasurement) -> str:
    """The name of t = Θ(m), where a run overfits, or does not."""
    if m.reach is Reach.AFTER_INTERPOLATION:
        return "After interpolation"
    if test.end > (1 + STILL) * test.least:
        left = [d.time is not None for d in departures(run) if d.climbed]
        if any(left) and not all(left):
            return UNEQUAL["mean-field-2"].name
        sinks = v.height > CLIMBED and abs(v.end) < SUNK * v.height
        return "Overfitting and unlearning" if sinks else "Overfitting"
    return "Interpolating" if train.end < INTERPOLATED * train.start else "No overfitting"
