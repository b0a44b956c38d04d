"""A run of groups of neurons as a `Trajectory`."""

import math

import numpy as np

from engine.dmft.groups.coefficients import Start, independent, model
from engine.dmft.groups.equations import equations
from engine.dmft.scheme.card import Equations
from engine.dmft.scheme.stepping import Stepping
from engine.parameters import Parameters
from engine.results.groups import GroupCurves
from engine.results.status import Status
from engine.results.trajectory import Trajectory

ROUNDING = 1e-12


def means(values: np.ndarray, size: np.ndarray) -> np.ndarray:
    """Over the neurons, of values (nodes, p): exactly 0 where those of both signs cancel."""
    found = values @ size / size.sum()
    return np.where(np.abs(found) < ROUNDING * np.abs(values).max(axis=1), 0.0, found)


def prepare(p: Parameters) -> Equations:
    """The equations of `p` with their start."""
    size, factor, sign = (np.array([getattr(group, name) for group in p.neurons], dtype=float)
                          for name in ("size", "factor", "sign"))
    start = independent(size, sign * factor * p.a_start, p.v_start, p.m)
    if p.overlaps is not None:
        start = Start(start.size, start.gamma, start.v, np.array(p.overlaps))
    return equations(model(p, size), start)


def trajectory(run: Stepping, p: Parameters) -> Trajectory:
    """The public result: means over neurons, errors of the network, and the groups' own curves."""
    o = run.columns()
    size = np.array([group.size for group in p.neurons])
    count = range(1, len(size) + 1)
    each = lambda name: np.column_stack([o[f"{name}_{g}"] for g in count])  # noqa: E731
    gamma, nu = each("gamma"), each("nu")
    components, v = None, each("v") if p.directions is None else None
    if v is None:
        components = np.stack([each(name) for name in p.component_names], axis=2)
        v = np.linalg.norm(components, axis=2)
    moved = np.sqrt(np.maximum(2.0 - 2.0 * each("Cd0"), 0.0))
    moved[0] = 0.0
    overlap = np.array([[o[f"overlap_{min(g, l)}_{max(g, l)}"] for l in count]
                        for g in count]).transpose(2, 0, 1)
    pairs = np.outer(size, size) - np.diag(size)
    mean = lambda x: means(x, size)  # noqa: E731
    mean_v, width = mean(v), math.sqrt(p.m)
    whole = None if components is None else np.column_stack(
        [mean(components[:, :, i]) for i in range(p.k)])
    if whole is not None:
        mean_v = np.linalg.norm(whole, axis=1)
    return Trajectory(
        t=o["t"], a=mean(gamma) * width, gamma=mean(gamma), v=mean_v, nu=mean(nu),
        train_error=o["train_error"], test_error=o["test_error"],
        first_layer_displacement=mean(moved),
        second_layer_displacement=mean(np.abs(gamma - gamma[0])) * width,
        gamma_displacement=mean(np.abs(gamma - gamma[0])),
        overlap=np.einsum("gl,tgl->t", pairs, overlap) / pairs.sum(),
        status=run.status or Status.CANCELLED, parameters=p, rtol=run.rtol, label="DMFT of groups",
        work={"nodes": len(run.rows), **run.work},
        groups=GroupCurves(size, gamma * width, v, moved, overlap, components),
        components=whole)
