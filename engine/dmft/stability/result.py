"""How fast differences between neurons grow along a run of the symmetric solution."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from engine.dmft.scheme.card import Equations
from engine.dmft.scheme.control import Control
from engine.dmft.scheme.settings import MAX_NODES, RTOL
from engine.dmft.scheme.stepping import GIVE_UP, Stepping, integrate
from engine.dmft.stability.equations import equations, largest
from engine.dmft.stability.history import History, model, rescale
from engine.dmft.symmetric.result import trajectory
from engine.fields import Field, ParameterError
from engine.monitor import Monitor
from engine.parameters import Parameters
from engine.results import files
from engine.results.status import Status
from engine.results.trajectory import Trajectory

START = Field("start", "start", "What differs at the start",
              "v: the overlap with u. a: the second layer.", "choice", "v", choices=("v", "a"))
LARGE = 1e100
"""Differences beyond are brought back to 1 in the solver, and their growth kept as a logarithm."""


@dataclass(frozen=True, eq=False)
class Stability:
    """Small differences between neurons along the symmetric solution `run`, on its nodes t.

    start             what differs at the start: "v" (feature overlap) or "a" (second layer)
    delta_a, delta_v  δa(t) and δv(t) per unit of the difference at the start; inf beyond e^709
    log_size          ln √(δv² + (δa/a)²), finite throughout
    rate              its growth d log_size/dt

    A neuron that starts x_i ε away from the mean of all is x_i ε δa(t), x_i ε δv(t) away from it,
    for any x_i with Σ x_i = 0, as long as that is small.
    """

    run: Trajectory
    start: str
    delta_a: np.ndarray
    delta_v: np.ndarray
    log_size: np.ndarray

    def __len__(self) -> int:
        return len(self.t)

    @property
    def t(self) -> np.ndarray:
        return self.run.t

    @property
    def status(self) -> Status:
        return self.run.status

    @property
    def rate(self) -> np.ndarray:
        return np.gradient(self.log_size, self.t)

    @property
    def e_folding_per_m(self) -> np.ndarray:
        """The time in which differences grow by e, in units of m; negative where they shrink."""
        return 1 / (self.rate * self.run.parameters.m)

    def e_folding(self, low: float, high: float) -> float:
        """The time in which differences grow by e on average between two times of the run; negative
        where they shrink, inf where they stay."""
        first, last = np.interp([low, high], self.t, self.log_size)
        return float((high - low) / (last - first)) if last != first else math.inf

    def to_frame(self) -> pd.DataFrame:
        """A table with one row per time node."""
        return pd.DataFrame({"t": self.t, "a": self.run.a, "v": self.run.v,
                             "delta_a": self.delta_a, "delta_v": self.delta_v,
                             "log_size": self.log_size, "rate": self.rate,
                             "rate_m": self.rate * self.run.parameters.m})

    def save(self, path) -> None:
        """Write .json or .csv with the columns of `to_frame` (`engine.results.files`)."""
        header = self.run.header() | {"label": "stability of SymmDMFT", "start": self.start}
        files.write(path, header, self.to_frame())


def stability(
    parameters: Parameters,
    rtol: float = RTOL,
    start: str = START.default,
    *,
    monitor: Monitor = Monitor(),
    max_nodes: int = MAX_NODES,
    control: Control = Control(),
) -> Stability:
    """Growth of small differences between neurons along the symmetric solution, to t_max.

    rtol       relative accuracy wanted of the curves; ln|δ| errs by about a quarter of it times
               its change
    start      what differs at the start, "v" or "a"
    monitor    as in `solve`, and so is the way in which a run ends

    Raises ParameterError for neurons that differ already, several directions, v0, and for rtol,
    start or max_nodes out of range.  Cost: a sweep three times that of `solve`, and where
    differences grow at least one step in rtol^(1/3) e-foldings.
    """
    run = Stepping(prepare(parameters, START.check(start)), parameters.t_max, rtol, control,
                   max_nodes, give_up_after=max(GIVE_UP, max_nodes // 4))
    units = np.array(integrate(run, monitor=monitor, observe=Units()))
    o = run.columns()
    gamma, width = o["gamma"], math.sqrt(parameters.m)
    with np.errstate(over="ignore"):
        unit = np.exp(units)
        delta_a, delta_v = o["delta_gamma"] * unit * width, o["delta_v"] * unit
    return Stability(trajectory(run, parameters), start, delta_a, delta_v,
                     units + np.log(np.hypot(o["delta_v"], o["delta_gamma"] / gamma)))


def prepare(p: Parameters, start: str) -> Equations:
    """The equations of `p` and of a difference 1 of v(0) or a(0)."""
    if not p.identical:
        raise ParameterError("groups", "must be left out: the stability asked for is that of"
                             " identical neurons", p.groups, "Leave spread and start_d out too.")
    if p.beyond:
        field, rule, got = p.beyond
        raise ParameterError(field, rule, got, f"Leave {field} out.")
    gamma = p.a_start / math.sqrt(p.m)
    return equations(model(p), gamma, *((1 / math.sqrt(p.m), 0.0) if start == "a" else (0.0, 1.0)))


class Units:
    """Keeps the linear part in units in which it is not large; called for every row.

    Returns the logarithm of the unit in which the row was written.
    """

    def __init__(self):
        self.log = 0.0

    def __call__(self, H: History, n: int) -> float:
        written = self.log
        size = largest(H, n)
        if size > LARGE:
            rescale(H, n, 1 / size)
            self.log += math.log(size)
        return written
