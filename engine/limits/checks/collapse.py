"""Do runs at growing width collapse onto a regime's limit?  Step (iii) of the paper's method."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

import numpy as np
from scipy.stats import linregress

from engine.dmft.scheme.control import Control
from engine.dmft.solve import solve
from engine.limits import LIMITS, limit
from engine.limits.frame import LimitError, regime
from engine.monitor import Monitor
from engine.parameters import TABLE, Parameters
from engine.regimes import KINDS, Regime
from engine.results.trajectory import Trajectory

TIMES = 40
FINE = Control(largest=0.05, growth=1.2)
"""Steps shorter than the error control asks for: it does not watch C_o and displacements."""


@dataclass(frozen=True)
class Approach:
    """How one column comes to its limit, distance ≈ B m^{exponent}.

    distances  at the widths: the largest difference in the window, relative to the limit's largest
               value
    error      standard error of the exponent, nan for fewer than three widths
    """

    distances: tuple[float, ...]
    exponent: float
    error: float


@dataclass(frozen=True)
class Ladder:
    """Runs at growing width, the limit at the largest one, and how fast each column collapses.

    Without a limit (mean-field-2) limit is None and approaches is empty.
    """

    regime: Regime
    widths: tuple[int, ...]
    runs: tuple[Trajectory, ...]
    limit: Trajectory | None
    window: tuple[float, float]
    approaches: dict[str, Approach] = field(default_factory=dict)

    @property
    def columns(self) -> tuple[str, ...]:
        """What the regime predicts."""
        return tuple(predicted(self.runs[0].parameters, self.regime.key))

    def scaled(self, run: Trajectory, column: str) -> tuple[np.ndarray, np.ndarray]:
        """(t m^{−power}, column times its power of m) of a run or of the limit."""
        m = run.parameters.m
        return (run.t * float(m) ** -self.regime.power,
                getattr(run, column) * float(m) ** self.regime.kind.scalings[column])


def ladder(p: Parameters, key: str, widths: Sequence[int], rtol: float = 1e-3,
           window: tuple[float, float] | None = None, *,
           monitor: Monitor = Monitor()) -> Ladder:
    """Solve `p` at each width and measure the distance to the limit `key`.

    The window is in scaled time; widths must rise.  Raises LimitError, also when a run ends
    before the window does, and Stopped.  Cost: one solve a width, about 0.1 s each at rtol 1e-3.
    """
    widths = tuple(int(m) for m in widths)
    if len(widths) < 2 or any(a >= b for a, b in pairwise(widths)):
        raise LimitError("a ladder needs at least two rising widths.")
    known, steps = regime(p, key), len(widths) + 1
    window = window or known.kind.window
    runs = []
    for n, m in enumerate(widths):
        at = p.replace(m=m, t_max=min(window[1] * 1.001 * m**known.power, TABLE["t_max"].high))
        runs.append(solve(at, rtol, control=FINE, monitor=monitor.part(n, steps)))
        monitor.check()
        if not runs[-1].status.complete:
            raise LimitError(f"the run at m = {m} ended early: {runs[-1].status.value}.")
    curve = None
    if key in LIMITS:
        curve = limit(runs[-1].parameters, key, runs[-1].parameters.t_max, rtol=rtol,
                      monitor=monitor.part(len(widths), steps))
        monitor.check()
    found = Ladder(known, widths, tuple(runs), curve, window)
    if curve is None:
        return found
    return replace(found, approaches={name: _approach(found, curve, name)
                                      for name in found.columns})


def predicted(p: Parameters, key: str) -> dict[str, float]:
    """The scalings of the regime that say something for p: without a signal there is no v."""
    return {column: power for column, power in KINDS[key].scalings.items()
            if column != "v" or p.target != "noise"}


def whole_runs(p: Parameters, widths: Sequence[int], t_per_m: float, rtol: float = 1e-2, *,
               monitor: Monitor = Monitor()) -> list[Trajectory]:
    """`p` at each width from t = 0 to t_per_m × m, through all of its regimes.

    A run that ends early is kept as it is.  Cost: one solve a width.
    """
    return [solve(p.replace(m=int(m), t_max=t_per_m * m), rtol,
                  monitor=monitor.part(n, len(widths))) for n, m in enumerate(widths)]


def _approach(found: Ladder, curve: Trajectory, column: str) -> Approach:
    s = np.geomspace(*found.window, TIMES)
    target = _at(found, curve, s, column)
    size = np.max(np.abs(target)) or 1.0
    distances = tuple(float(np.max(np.abs(_at(found, run, s, column) - target))) / size
                      for run in found.runs)
    return Approach(distances, *power_of(found.widths, distances))


def _at(found: Ladder, run: Trajectory, s: np.ndarray, column: str) -> np.ndarray:
    """The scaled column of a run or of the limit at scaled times s."""
    m = float(run.parameters.m)
    # Beyond its last node an interpolated run stays at its last values.
    t = np.minimum(s * m**found.regime.power, run.t[-1])
    return run.at(t)[column].to_numpy() * m ** found.regime.kind.scalings[column]


def power_of(widths: Any, values: Any) -> tuple[float, float]:
    """Exponent of values ≈ B widths^exponent and its standard error; nan if a value is 0."""
    if not np.all(np.asarray(values) > 0):
        return float("nan"), float("nan")
    line = linregress(np.log(np.asarray(widths, dtype=float)), np.log(values))
    # Two points lie on a line whatever their errors.
    return float(line.slope), float(line.stderr) if len(widths) > 2 else float("nan")
