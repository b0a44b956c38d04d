"""The dynamical regimes of a run: which time scales separate, and where they meet.

Each regime lives on one power of the width, t = Θ(m^p) (Table 1 and section 2 of the paper);
neighbours meet at the geometric mean of their scales.  A scale is m^p, but 1/(αγ₀²h'(0)m) for
the first lazy regime, whose rate is known (F.50–F.59) and can be far from 1/m.

`KINDS` is the one table of regimes: a new one is a row there, the functions that it names, and its
words in `dashboard/words` (tests/dashboard/words/test_regimes.py sees that it has all of them).
"""

import importlib
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from engine.parameters import Parameters

ERRORS = {"train_error": 0, "test_error": 0}


@dataclass(frozen=True)
class Kind:
    """What is known of a regime whatever the settings.

    power        t = Θ(m^power)
    noise_name   its name when the labels are pure noise
    scalings     the columns of a Trajectory that it predicts, and the power of m that makes each of
                 order 1
    window       scaled times t m^{−power} in which runs are compared with its curve
    curve, form  functions in `engine.limits` (see `load`): the m → ∞ curve, and the form to insert
                 into the finite-m equations; empty where there is none
    words        what tells of it in `dashboard.words.story`
    """

    key: str
    name: str
    power: float
    scalings: Mapping[str, float]
    words: str
    window: tuple[float, float] = (0.1, 10.0)
    curve: str = ""
    form: str = ""
    noise_name: str = ""


KINDS = {kind.key: kind for kind in (
    Kind("lazy-1", "Linear learning", -1.0,
         ERRORS | {"v": 0.5, "first_layer_displacement": 0.5, "overlap": 1}, "linear learning",
         curve="curves.lazy.linear_learning", form="checks.residual.linear_learning",
         noise_name="Mean relaxes"),
    Kind("lazy-2", "Fitting the noise", 0.0, ERRORS | {"v": 0.5, "first_layer_displacement": 0},
         "fitting", (0.3, 30.0), "curves.lazy.fitting", "checks.residual.fitting"),
    Kind("lazy-3", "Overfitting", 1.0, ERRORS | {"v": 0.5, "gamma": 0}, "overfitting", (0.1, 3.0),
         "curves.adiabatic.overfitting"),
    Kind("mean-field-1", "Feature learning", 0.0,
         ERRORS | {"v": 0, "a": 0, "first_layer_displacement": 0}, "feature learning",
         curve="curves.meanfield.feature_learning", form="checks.residual.feature_learning"),
    # No curve: when the plateau is left is an open question.
    Kind("mean-field-2", "Overfitting and unlearning", 1.0, ERRORS | {"gamma": 0, "v": 0.5},
         "overfitting", (0.1, 20.0)),
    Kind("noise-1", "Mean relaxes", 0.0, {"first_layer_displacement": 0.5, "overlap": 1, "a": 0},
         "relaxation", curve="curves.noise.relaxation", form="checks.residual.mean_relaxation"),
    Kind("noise-sqrt-m", "Glassy drift", 0.5,
         {"a": 0, "first_layer_displacement": 0, "overlap": 1}, "drift",
         curve="curves.noise.glassy_drift"),
    Kind("noise-m", "Overfitting", 1.0, ERRORS | {"gamma": 0}, "overfitting", (0.1, 3.0),
         "curves.adiabatic.noise_overfitting"),
)}
"""Every regime by its key, those of one start and target in the order of time."""


@dataclass(frozen=True)
class Regime:
    """A regime of one run: its kind, drawn from `low` to `high` (high may be inf)."""

    kind: Kind
    name: str
    low: float
    high: float

    @property
    def key(self) -> str:
        return self.kind.key

    @property
    def power(self) -> float:
        return self.kind.power

    @property
    def scale(self) -> str:
        return {-1.0: "t = Θ(1/m)", 0.0: "t = Θ(1)", 0.5: "t = Θ(√m)", 1.0: "t = Θ(m)"}[self.power]


def regimes(p: Parameters) -> tuple[Regime, ...]:
    """The regimes of `p` in the order of time."""
    noise = p.target == "noise"
    start = "lazy" if p.init == "lazy" else "noise" if noise else "mean-field"
    kinds = [kind for key, kind in KINDS.items() if key.startswith(start)]
    scales = [p.m**kind.power for kind in kinds]
    if p.init == "lazy" and p.covariance.dh_0 > 0:
        # No later than what keeps the next regime, which ends at √m, in sight.
        scales[0] = min(1 / (p.alpha * p.gamma0**2 * p.covariance.dh_0 * p.m), p.m / 4)
    meetings = [math.sqrt(a * b) for a, b in pairwise(scales)]
    edges = [0.0, *meetings, math.inf]
    names = [kind.noise_name if noise and kind.noise_name else kind.name for kind in kinds]
    return tuple(Regime(kind, name, low, high) for kind, name, (low, high)
                 in zip(kinds, names, pairwise(edges), strict=True))


def load(name: str) -> Callable[..., Any]:
    """The function of `engine.limits` that a `Kind` names; it is imported only now."""
    module, function = name.rsplit(".", 1)
    return getattr(importlib.import_module(f"engine.limits.{module}"), function)
