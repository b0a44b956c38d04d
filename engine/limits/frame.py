"""What every limit shares: how it is asked for, its span of time, the way into a `Trajectory`."""

import math
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

import numpy as np

from engine.monitor import Monitor
from engine.parameters import Parameters
from engine.regimes import Regime, regimes
from engine.results.status import Status
from engine.results.trajectory import Trajectory

POINTS = 241
FIRST = 1e-3
"""Closed forms are drawn from FIRST × the regime's time scale on."""


class LimitError(ValueError):
    """A limit does not exist for these parameters; the message says why and what to change."""


def regime(p: Parameters, key: str) -> Regime:
    """The regime `key` of `p`: its power of m and where it holds.  Raises LimitError."""
    known = {r.key: r for r in regimes(p)}
    if key not in known:
        raise LimitError(
            f"{key} is not a regime of init = {p.init}, target = {p.target};"
            f" these have {', '.join(known)}.")
    return known[key]


def check_start(p: Parameters) -> None:
    """Refuse what is known for v(0) = 0 alone, and of neurons that differ for one direction alone.
    Raises LimitError."""
    if p.v0 is not None:
        raise LimitError("v0 must be left out: this is known for v(0) = 0 alone.")
    if p.directions is not None and not p.identical:
        raise LimitError("directions must be left out where neurons differ: this is known for one"
                         " direction alone.")


def check_one_direction(p: Parameters) -> None:
    """Refuse what is known for one direction and v(0) = 0 alone.  Raises LimitError."""
    if p.beyond:
        field, rule, _ = p.beyond
        raise LimitError(f"{field} {rule}.")


@dataclass(frozen=True)
class Wanted:
    """How a curve is asked for; each takes what it needs.

    t_end    last time; None: where the curve's regime ends or the run does
    rtol     accuracy of the curve that runs the solver each time, as in `solve`
    monitor  watches the curves that take seconds
    """

    t_end: float | None = None
    _: KW_ONLY
    rtol: float = 1e-2
    monitor: Monitor = field(default_factory=Monitor)

    def end(self, p: Parameters, key: str) -> float:
        """The last time of the curve `key` of `p`."""
        return min(regime(p, key).high, p.t_max) if self.t_end is None else self.t_end


def log_times(p: Parameters, key: str, wanted: Wanted) -> np.ndarray:
    """0 and then evenly spread log t up to the end of the curve, shape (POINTS,)."""
    end = wanted.end(p, key)
    first = min(FIRST * p.m ** regime(p, key).power, end / 10)
    return np.concatenate([[0.0], np.geomspace(first, end, POINTS - 1)])


@dataclass(frozen=True, kw_only=True)
class LeadingOrder:
    """The leading order of a limit on the nodes t, shape (nodes,); numbers stand for constants.

    Give γ or a, whichever is of order 1; the other follows by a = γ√m.  `displacement` is
    ‖w − w(0)‖, `overlap` C_o(t,t).  `how` tells of the computation: status, rtol, work.
    `components` are v_1 … v_k of several directions; left out, v lies along ∇φ̂(0).
    """

    t: np.ndarray
    train_error: Any
    test_error: Any
    displacement: Any
    gamma: Any = None
    a: Any = None
    v: Any = 0.0
    nu: Any = 0.0
    overlap: Any = 0.0
    how: dict[str, Any] = field(default_factory=dict)
    components: np.ndarray | None = None

    def trajectory(self, p: Parameters, key: str) -> Trajectory:
        """The curve of regime `key` in the units of width p.m."""
        full = lambda x: np.broadcast_to(np.asarray(x, dtype=float), self.t.shape)  # noqa: E731
        root = math.sqrt(p.m)
        gamma = full(np.asarray(self.a) / root if self.gamma is None else self.gamma)
        moved = np.abs(gamma - gamma[0])
        return Trajectory(**{
            "t": self.t, "a": gamma * root, "gamma": gamma, "v": full(self.v), "nu": full(self.nu),
            "train_error": full(self.train_error), "test_error": full(self.test_error),
            "first_layer_displacement": full(self.displacement),
            "second_layer_displacement": moved * root, "gamma_displacement": moved,
            "overlap": full(self.overlap), "parameters": p, "components": self._components(p),
            "label": f"m → ∞, {key}",
            "status": Status.REACHED_T_MAX, "work": {"nodes": len(self.t)}} | self.how)

    def _components(self, p: Parameters) -> np.ndarray | None:
        known = p.covariance
        if known.series is None or self.components is not None:
            return self.components
        gradient = known.dphi_hat(known.origin)
        along = gradient / (known.dphi_hat_0 or 1.0)
        return np.outer(np.broadcast_to(self.v, self.t.shape), along)
