"""How far finite networks are from the theory: distance, time of departure, scaling with d.

A real network differs from the DMFT for two reasons: d is finite, and its fields are not
Gaussian.  The Gaussian model has the first reason alone, so the two are told apart by running
both for several d and letting 1/d → 0.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from engine.fields import ParameterError
from engine.monitor import Monitor
from engine.network.estimate import estimate
from engine.network.runs import simulate
from engine.network.settings import NetworkSettings
from engine.parameters import Parameters
from engine.results.ensemble import Ensemble
from engine.results.trajectory import Trajectory

ERRORS = ("train_error", "test_error")
DEPARTED = 0.1
SIZES = {"gd": (50, 100, 200, 400), "gaussian": (10, 15, 20, 30, 50, 100, 200)}
FEWEST = 3
"""Sizes of either model that a study runs at least, whatever the budget."""
STUDY = ("algorithm", "d", "seeds", "distance", "error", "departure", "complete")


@dataclass(frozen=True)
class Line:
    """offset + slope/d fitted to distances, with standard errors; offset is the d → ∞ part."""

    offset: float
    offset_error: float
    slope: float

    def at(self, d: Any) -> Any:
        return self.offset + self.slope / np.asarray(d, dtype=float)


def deviation(runs: Ensemble, theory: Trajectory) -> pd.DataFrame:
    """t, signed deviations of the mean errors, their standard errors, and the larger of both.

    For e in {e_tr, e_ts}: (mean over seeds of e − e_DMFT)/e_ts,DMFT at the same t, so the
    yardstick is the theory's test error, which does not go to zero with the train error.
    Columns t, train_error, test_error, train_error_sd, test_error_sd, size, size_sd.
    """
    table = {name: runs.mean(name) for name in ERRORS}
    t = table[ERRORS[0]]["t"].to_numpy()
    end = math.inf if theory.status.complete else theory.t[-1]
    inside = t <= end
    at = theory.at(np.minimum(t[inside], theory.parameters.t_max))
    unit = at["test_error"].to_numpy()
    columns = {"t": t[inside]}
    for name, mean in table.items():
        columns[name] = (mean["mean"][inside].to_numpy() - at[name].to_numpy()) / unit
        columns[f"{name}_sd"] = mean["error"][inside].to_numpy() / unit
    train, test = np.abs(columns["train_error"]), np.abs(columns["test_error"])
    columns["size"] = np.maximum(train, test)
    columns["size_sd"] = np.where(train > test, columns["train_error_sd"],
                                  columns["test_error_sd"])
    return pd.DataFrame(columns)


def distance(runs: Ensemble, theory: Trajectory, low: float = 0.0) -> tuple[float, float]:
    """(distance, standard error): root mean square over log t ≥ low of both errors' deviations.

    What the scatter between seeds adds to the mean square is taken off, so that few seeds do
    not look like a distance.  The error comes from leaving out one seed at a time (jackknife);
    it is NaN for a single seed, whose scatter is not known either.
    """
    square = _mean_square(runs, theory, low)
    value = math.sqrt(max(square, 0.0))
    seeds = runs.frame["seed"].unique()
    if len(seeds) < 2:
        return value, math.nan
    left_out = np.array([_mean_square(_without(runs, seed), theory, low) for seed in seeds])
    k = len(seeds)
    sd = math.sqrt((k - 1) / k * np.sum((left_out - left_out.mean()) ** 2))
    return value, sd / max(2 * value, math.sqrt(sd)) if sd > 0 else 0.0


def departure(runs: Ensemble, theory: Trajectory, level: float = DEPARTED) -> float:
    """The first time at which the mean errors are more than `level` off; inf if they never are.

    A time counts when the deviation exceeds `level` by its standard error as well, so that
    scatter between few seeds is not taken for a departure.
    """
    table = deviation(runs, theory)
    beyond = table["size"] - table["size_sd"].fillna(0.0) > level
    return float(table["t"][beyond].iloc[0]) if beyond.any() else math.inf


def line(d: Any, distances: Any, errors: Any) -> Line:
    """Weighted least squares of offset + slope/d to at least two distances.

    Raises ValueError for fewer.
    """
    if len(d) < 2:
        raise ValueError("two values of d are needed to extrapolate")
    sd = np.asarray(errors, dtype=float)
    sd = np.where(np.isfinite(sd) & (sd > 0), sd, np.nanmax(np.append(sd, 1e-3)))
    (slope, offset), covariance = np.polyfit(1 / np.asarray(d, dtype=float), distances, 1,
                                             w=1 / sd, cov="unscaled")
    return Line(float(offset), float(math.sqrt(covariance[1, 1])), float(slope))


def plan(p: Parameters, seeds: int = 10, budget: float = 60.0, *, monitor: Monitor = Monitor()
         ) -> tuple[list[NetworkSettings], float]:
    """What a study runs: the sizes of SIZES whose estimated seconds fit, and their sum.

    Each model gets half of `budget` and at least its FEWEST smallest sizes; the Gaussian
    model, whose memory grows as d^k, ends earlier.  Raises ParameterError when the smallest
    sizes do not fit into memory, and Stopped.
    """
    chosen, total = [], 0.0
    for algorithm, sizes in SIZES.items():
        spent = 0.0
        for number, d in enumerate(sizes):
            monitor.check()
            settings = NetworkSettings(d=d, seeds=seeds, algorithm=algorithm)
            try:
                seconds = estimate(p, settings).seconds
            except ParameterError:
                if number < FEWEST:
                    raise
                break
            if number >= FEWEST and spent + seconds > budget / 2:
                break
            spent += seconds
            chosen.append(settings)
        total += spent
    return chosen, total


def study(p: Parameters, theory: Trajectory, runs: Sequence[NetworkSettings], *,
          low: float = 0.0, monitor: Monitor = Monitor()) -> pd.DataFrame:
    """Distance and departure of each of `runs` from `theory`, one row each (columns STUDY).

    `low` leaves out the times before; the table so far is published after each row.
    """
    rows: list[tuple[Any, ...]] = []
    for number, settings in enumerate(runs):
        ensemble = simulate(p, settings, monitor=monitor.part(number, len(runs)))
        if monitor.cancel():
            break
        rows.append((settings.algorithm, settings.d, settings.seeds,
                     *distance(ensemble, theory, low), departure(ensemble, theory),
                     ensemble.complete))
        monitor.publish(pd.DataFrame(rows, columns=STUDY))
    return pd.DataFrame(rows, columns=STUDY)


def _mean_square(runs: Ensemble, theory: Trajectory, low: float) -> float:
    table = deviation(runs, theory)
    table = table[table["t"] > low]
    scatter = table[[f"{name}_sd" for name in ERRORS]].fillna(0.0).to_numpy()
    return float(np.mean(table[list(ERRORS)].to_numpy() ** 2 - scatter**2))


def _without(runs: Ensemble, seed: int) -> Ensemble:
    return Ensemble(runs.parameters, runs.settings, runs.frame[runs.frame["seed"] != seed],
                    runs.statuses, versions=runs.versions)
