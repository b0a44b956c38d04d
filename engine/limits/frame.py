"""What every limit shares: its span of time, and the way into a `Trajectory`."""

import math

import numpy as np

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


def span(p: Parameters, key: str, t_end: float | None) -> float:
    """Where a limit's curve ends: t_end, or where its regime or the run does."""
    return min(regime(p, key).high, p.t_max) if t_end is None else t_end


def log_times(p: Parameters, key: str, t_end: float | None) -> np.ndarray:
    """0 and then evenly spread log t up to the end of the curve, shape (POINTS,)."""
    end = span(p, key, t_end)
    first = min(FIRST * p.m ** regime(p, key).power, end / 10)
    return np.concatenate([[0.0], np.geomspace(first, end, POINTS - 1)])


def leading_order(p: Parameters, key: str, *, t, train_error, test_error, displacement,
                  gamma=None, a=None, v=0.0, nu=0.0, overlap=0.0,
                  status=Status.REACHED_T_MAX, rtol=None, work=None) -> Trajectory:
    """A limit as a `Trajectory` in the units of width p.m; scalars stand for constants.

    Give γ or a, whichever is of order 1; the other follows by a = γ√m.
    """
    full = lambda x: np.broadcast_to(np.asarray(x, dtype=float), np.shape(t))  # noqa: E731
    root = math.sqrt(p.m)
    gamma = full(np.asarray(a) / root if gamma is None else gamma)
    moved = np.abs(gamma - gamma[0])
    return Trajectory(
        t=t, a=gamma * root, gamma=gamma, v=full(v), nu=full(nu),
        train_error=full(train_error), test_error=full(test_error),
        first_layer_displacement=full(displacement), second_layer_displacement=moved * root,
        gamma_displacement=moved, overlap=full(overlap), status=status, parameters=p,
        rtol=rtol, label=f"m → ∞, {key}", work=work or {"nodes": len(t)})
