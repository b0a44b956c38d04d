"""How long the next step may be, and whether a row may stand."""

from dataclasses import dataclass

import numpy as np

EASY, FEW = 5, 8
"""Sweeps of a row that needs no help, and of one whose step need not be shorter."""
EQUAL = 1.1
"""Ratio of two steps up to which they count as equal."""
CLIMB = 1.0
"""Rise of the objective above its lowest value, in units of rtol, that rounding explains."""


@dataclass(frozen=True, kw_only=True)
class Control:
    """Step-size policy.

    first         first step in units of the fastest time scale
    growth        a step is at most this much longer than the last one; variable-step BDF3 is
                  stable up to a ratio of 1.53
    largest       a step is at most this fraction of t
    recovery      after a failed step the longest step, as a fraction of t, starts at 0.7 of
                  the failed one and grows by this factor a step: without it a glassy run fails
                  every second step
    sweeps        fixed-point sweeps before a step counts as failed and is shortened
    brisk         a row that takes more sweeps than this makes the steps slowly shorter: near the
                  longest step that has a solution, sweeps grow faster than steps save them
    reach, drift  the c of `derivative` is raised to at most `reach`, as long as what that adds
                  to the error, summed over a time t, stays below drift × rtol
    mismatch      a row is solved when no unknown changes by more than mismatch × rtol
    interpolated  the objective, relative to its start, at which a run is complete
    history       rows of history usually kept; left out: 10/√rtol, so that thinning adds no more
                  error than the steps do
    """

    first: float = 1e-3
    growth: float = 1.5
    largest: float = 0.25
    recovery: float = 1.04
    sweeps: int = 50
    brisk: int = 20
    reach: float = 3.0
    drift: float = 0.2
    mismatch: float = 0.01
    interpolated: float = 1e-10
    history: int | None = None


def climbs(objective: float, small: float, lowest: float, rtol: float) -> bool:
    """Is the objective of a row above its lowest before?  A gradient flow never climbs."""
    return objective - lowest > CLIMB * rtol * (lowest + small)


def reach(control: Control, t: np.ndarray, n: int, last_error: float, sweeps: int) -> float:
    """The c of `derivative` for row n; 0 for plain BDF3.

    It adds (c/h)(y_n − parabola) to the derivative, a distance of t c error/h in a time t.
    Only where rows are trouble is it worth that; only at steps nearly equal is the scheme stable
    with a large c.
    """
    step = t[n] - t[n - 1]
    if n < 3 or sweeps <= EASY or step > EQUAL * (t[n - 1] - t[n - 2]):
        return 0.0
    return min(control.reach, control.drift * step / (t[n] * max(last_error, 1e-8)))


def factor(control: Control, last_error: float, sweeps: int) -> float:
    """The next step in units of the last one, for the last row's error and sweeps."""
    wanted = min(control.growth, 0.9 / max(last_error, 1e-8) ** (1 / 3))
    return min(wanted, (control.brisk / sweeps) ** 0.1) if sweeps > FEW else wanted


def landing(step: float, t: float, t_max: float) -> float:
    """`step`, or what lands on t_max without a last step that is a sliver."""
    left = t_max - t
    if left <= step * 1.0001:
        return left
    return left / 2 if left < 2 * step else step
