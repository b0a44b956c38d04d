"""A run of SymmDMFT as a `Trajectory`."""

import math

import numpy as np

from engine.dmft.scheme.card import Equations
from engine.dmft.scheme.stepping import Stepping
from engine.dmft.symmetric.coefficients import finite_width
from engine.dmft.symmetric.equations import equations
from engine.parameters import Parameters
from engine.results.status import Status
from engine.results.trajectory import Trajectory


def prepare(p: Parameters) -> Equations:
    """The equations of `p` with their start."""
    return equations(finite_width(p), p.a_start / math.sqrt(p.m), p.v0 or ())


def trajectory(run: Stepping, p: Parameters) -> Trajectory:
    """The public result of a run."""
    o = run.columns()
    gamma, width = o["gamma"], math.sqrt(p.m)
    components, v = None, o.get("v")
    if v is None:
        components = np.column_stack([o[name] for name in p.component_names])
        v = np.linalg.norm(components, axis=1)
    moved = np.sqrt(np.maximum(2.0 - 2.0 * o["Cd0"], 0.0))
    moved[0] = 0.0
    return Trajectory(
        t=o["t"], a=gamma * width, gamma=gamma, v=v, nu=o["nu"],
        train_error=o["train_error"], test_error=o["test_error"],
        first_layer_displacement=moved,
        second_layer_displacement=np.abs(gamma - gamma[0]) * width,
        gamma_displacement=np.abs(gamma - gamma[0]), overlap=o["Co"],
        status=run.status or Status.CANCELLED, parameters=p, rtol=run.rtol,
        work={"nodes": len(run.rows), **run.work}, components=components)
