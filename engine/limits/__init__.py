"""Large-width limits: for every regime of a run the curve that finite widths tend to.

`limit(p, key)` gives the curve of one regime (keys and validity ranges: `engine.regimes`) as a
`Trajectory` in the units of width p.m, so that it lies on the curves of `solve(p)` where its
regime holds.  All are leading order in 1/m.  Weight decay, of rate αλ/m, enters those of t = Θ(m)
alone.
"""

from engine.limits.curves.squares import Squares, learning_squares
from engine.limits.frame import LimitError, Wanted, check_start, regime
from engine.limits.instability import plateau_rate
from engine.limits.locking import (
    first_corrections,
    locked_state,
    locking_width,
    predicted_locking_width,
)
from engine.limits.threshold import Threshold, alpha_threshold, gamma_threshold, start_gamma
from engine.monitor import Monitor
from engine.parameters import Parameters
from engine.regimes import KINDS, load
from engine.results.trajectory import Trajectory

LIMITS = {key: load(kind.curve) for key, kind in KINDS.items() if kind.curve}
"""The curve of each regime that has one, a function of `Parameters` and `Wanted`."""


def limit(p: Parameters, key: str, t_end: float | None = None, *, rtol: float = 1e-2,
          monitor: Monitor = Monitor()) -> Trajectory:
    """The m → ∞ curve of the regime `key`, from t = 0 to t_end.

    t_end         default: where the regime (`engine.regimes`) or the run ends; the curve may be
                  drawn further, but finite widths leave it there
    rtol          as in `solve`; of use to the one limit that runs the solver each time (lazy-2)
    monitor       watches the limits that take seconds (lazy-2, and the two of t = Θ(m))

    Raises LimitError when the regime has no curve for these parameters, Stopped when one of
    t = Θ(m) is cancelled.
    """
    regime(p, key)
    if key != "mean-field-1":
        check_start(p)
    if key not in LIMITS:
        raise LimitError(f"{key} has no closed curve; {', '.join(LIMITS)} have.")
    return LIMITS[key](p, Wanted(t_end, rtol=rtol, monitor=monitor))


__all__ = ["LIMITS", "LimitError", "Squares", "Threshold", "alpha_threshold",
           "first_corrections", "gamma_threshold", "learning_squares", "limit", "locked_state",
           "locking_width", "plateau_rate", "predicted_locking_width",
           "start_gamma"]
