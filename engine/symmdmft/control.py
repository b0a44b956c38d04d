"""Step size: what a row's error is, and how long the next step may be."""

from dataclasses import dataclass

import numpy as np

from engine.symmdmft.history import History
from engine.symmdmft.model import Model
from engine.symmdmft.sweep import parabola

EASY, FEW = 5, 8
"""Sweeps of a row that needs no help, and of one whose step need not be shorter."""
EQUAL = 1.1
"""Ratio of two steps up to which they count as equal."""
CLIMB = 1.0
"""Rise of the train error above its lowest value, in units of rtol, that rounding explains."""


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
    interpolated  train error, relative to its start, at which a run is complete
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


def error(H: History, model: Model, n: int, rtol: float) -> float:
    """Error of row n in units of rtol; a row below 1 is as good as wanted."""
    return 1.0 if n == 1 else (deviation(H, model, n) + escape(H, model, n, rtol)) / rtol


def deviation(H: History, model: Model, n: int) -> float:
    """Difference of γ, v and e_tr to the parabola through their last values, each against its
    own size: y''' h³ at equal steps, more than BDF3 errs.

    e_tr counts against its present size plus `floor`, so that its exponential decay to zero
    does not hold the step.
    """
    weights = parabola(H.t, n)

    def off(x: np.ndarray) -> float:
        return abs(x[n] - sum(w * x[max(n - k, 0)] for k, w in enumerate(weights, start=1)))

    return max(off(H.gamma) / H.gamma[n], off(H.v),
               off(H.train_error) / (H.train_error[n] + floor(H, model)))


def escape(H: History, model: Model, n: int, rtol: float) -> float:
    """Error of γ and v where they leave a plateau like e^{λt}, at most (λh)²/3 for a step h.

    That is the relative error of λ, and so of the time at which the plateau ends, in BDF2; in
    BDF3 it is (λh)³/4.  Without it h ∝ t outgrows 1/λ while the growing part is still small, and
    beyond λh = 11/6 BDF3 holds the plateau for ever.  λh is measured from the change of the
    slope, as far as that stands out from rtol, a hundred times what a row is solved to.
    """
    ratio = (H.t[n] - H.t[n - 1]) / (H.t[n - 1] - H.t[n - 2])
    fastest = 0.0
    for x, scale in ((H.gamma, H.gamma[n]), (H.v, 1 / max(model.sqrt_m, 1.0))):
        change, before = abs(x[n] - x[n - 1]), abs(x[n - 1] - x[n - 2]) * ratio
        fastest = max(fastest, (change - before) / (change + rtol * scale))
    return fastest**2 / 3


def climbs(H: History, model: Model, n: int, lowest: float, rtol: float) -> bool:
    """Is row n's train error above the lowest before?  Gradient flow never climbs."""
    return H.train_error[n] - lowest > CLIMB * rtol * (lowest + floor(H, model))


def floor(H: History, model: Model) -> float:
    """A train error that is small: 1 % of the labels' variance and 0.1 % of the start."""
    return 0.01 * model.label_variance + 0.001 * H.train_error[0]


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


def fit(step: float, t: float, t_max: float) -> float:
    """Land on t_max without a last step that is a sliver."""
    left = t_max - t
    if left <= step * 1.0001:
        return left
    return left / 2 if left < 2 * step else step


def fastest_scale(model: Model, gamma0: float) -> float:
    """Time of the fastest relaxation at the start, 1/(αγ₀² [h'(1) + (m−1)h'(0)]), at most 1."""
    rate = model.alpha * gamma0**2 * (model.dh.sum() + model.m_minus_1 * model.dh[0])
    return 1.0 / max(rate, 1.0)
