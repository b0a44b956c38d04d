"""`solve`: a run of SymmDMFT as a `Trajectory`."""

import math

import numpy as np

from engine.dmft.scheme.control import Control
from engine.dmft.scheme.stepping import (
    GIVE_UP,
    MAX_NODES,
    Stepping,
    check_rtol,
    integrate,
)
from engine.dmft.symmetric.coefficients import Model, finite_width
from engine.dmft.symmetric.equations import equations
from engine.monitor import Monitor
from engine.parameters import Parameters
from engine.results.trajectory import Trajectory


def solve(
    parameters: Parameters,
    rtol: float = 1e-2,
    *,
    monitor: Monitor = Monitor(),
    max_nodes: int = MAX_NODES,
    control: Control = Control(),
) -> Trajectory:
    """The SymmDMFT solution for `parameters` from t = 0 to t_max (equations C.29–C.46).

    rtol       relative accuracy wanted of the curves, 1e-6 … 0.1
    monitor    told t/t_max (on a log scale), and asked whether to stop, after every row
    max_nodes  time steps after which the run ends with Status.NODE_LIMIT; it ends so from a
               quarter of them on (at least 1000) when its end is clearly beyond the rest

    Never raises for numerical reasons: the status says how the run ended, and the partial
    result is kept.  Raises ValueError for rtol or max_nodes out of range.
    Cost: about 6n² multiply–adds a sweep for n ≤ 10/√rtol rows of history kept, 4–10 sweeps a
    time step (20 in glassy states), some hundred steps.  Memory 56n² bytes, 126 MB at most.
    """
    check_rtol(rtol)
    model = finite_width(parameters)
    start = equations(model, parameters.a_start / math.sqrt(parameters.m))
    run = Stepping(start, parameters.t_max, rtol, control, max_nodes,
                   give_up_after=max(GIVE_UP, max_nodes // 4))
    integrate(run, monitor=monitor)
    return trajectory(run, model, parameters, rtol)


def trajectory(run: Stepping, model: Model, p: Parameters, rtol: float, **changes) -> Trajectory:
    """The public result of a run."""
    o = run.columns()
    gamma = o["gamma"]
    width = math.sqrt(model.width) if math.isfinite(model.width) else math.sqrt(p.m)
    moved = np.sqrt(np.maximum(2.0 - 2.0 * o["Cd0"], 0.0))
    moved[0] = 0.0
    return Trajectory(**{
        "t": o["t"], "a": gamma * width, "gamma": gamma, "v": o["v"], "nu": o["nu"],
        "train_error": o["train_error"], "test_error": o["test_error"],
        "first_layer_displacement": moved,
        "second_layer_displacement": np.abs(gamma - gamma[0]) * width,
        "gamma_displacement": np.abs(gamma - gamma[0]), "overlap": o["Co"],
        "status": run.status, "parameters": p, "rtol": rtol,
        "work": {"nodes": len(run.rows), **run.work},
    } | changes)
