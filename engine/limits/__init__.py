"""Large-width limits: for every regime of a run the curve that finite widths tend to.

`limit(p, key)` gives the curve of one regime (keys and validity ranges: `engine.regimes`) as a
`Trajectory` in the units of width p.m, so that it lies on the curves of `solve(p)` where its
regime holds.  All are leading order in 1/m.
"""

from engine.limits.frame import LimitError, regime
from engine.limits.locking import (
    first_corrections,
    locked_plateau,
    locking_width,
    predicted_locking_width,
)
from engine.limits.threshold import Threshold, alpha_threshold, gamma_threshold
from engine.monitor import Monitor
from engine.parameters import Parameters
from engine.regimes import KINDS, load
from engine.results.trajectory import Trajectory

LIMITS = {key: load(kind.curve) for key, kind in KINDS.items() if kind.curve}
"""The curve of each regime that has one."""


def limit(p: Parameters, key: str, t_end: float | None = None, *, rtol: float = 1e-2,
          monitor: Monitor = Monitor()) -> Trajectory:
    """The m → ∞ curve of the regime `key`, from t = 0 to t_end.

    t_end         default: where the regime (`engine.regimes`) or the run ends; the curve may be
                  drawn further, but finite widths leave it there
    rtol          as in `solve`; used by lazy-2, the only limit that runs the solver each time
    monitor       used by the limits that take seconds, lazy-2, lazy-3, noise-m

    Raises LimitError when the regime has no curve for these parameters, Stopped when lazy-3 or
    noise-m is cancelled.
    """
    regime(p, key)
    if key not in LIMITS:
        raise LimitError(f"{key} has no closed curve; {', '.join(LIMITS)} have.")
    if key == "lazy-2":
        return LIMITS[key](p, t_end, rtol, monitor=monitor)
    if key in ("lazy-3", "noise-m"):
        return LIMITS[key](p, t_end, monitor=monitor)
    return LIMITS[key](p, t_end)


__all__ = ["LIMITS", "LimitError", "Threshold", "alpha_threshold", "first_corrections",
           "gamma_threshold", "limit", "locked_plateau", "locking_width", "predicted_locking_width"]
