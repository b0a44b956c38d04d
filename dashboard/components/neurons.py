"""A drawing of the neurons around the latent direction u, as the order parameters place them.

The theory knows the neurons through their overlaps: v = ⟨w_i, u⟩, C_d(t,0) = ⟨w_i(t), w_i(0)⟩ and
C_o(t,t) = ⟨w_i, w_j⟩.  Seen along any direction p orthogonal to u and chosen without looking at the
data, √d⟨w_i, p⟩ is a Gaussian variable over the neurons with

    variance 1 − v²,   covariance with its own start C_d(t,0),   with another neuron C_o(t,t) − v².

Two such directions give each neuron an azimuth; its height over the equator is v.  Where neurons
differ, each group g has its own v, a and C_d, and C_gl(t,t) − v_g v_l couples two groups.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dashboard.components.chart import BLUE, shades
from dashboard.components.chart.panels import rounded
from dashboard.components.curves import smooth
from engine import Trajectory

DRAWN = 72
"""Neurons in the picture, whatever m is."""
EVERY = 2
"""Of the points of a curve every second will do for a picture."""


@dataclass(frozen=True)
class Cluster:
    """The drawn neurons of one group: √d⟨w_i, p⟩ = kept·start_i + own·fresh_i + shared, with
    standard normal start and fresh of shape (2, neurons), one row for each of two directions p.

    v, a, kept, own   shape (points,)
    shared            what all neurons of the group have in common, shape (2, points)
    """

    v: np.ndarray
    a: np.ndarray
    kept: np.ndarray
    own: np.ndarray
    shared: np.ndarray
    start: np.ndarray
    fresh: np.ndarray
    colour: str

    def azimuths(self) -> np.ndarray:
        """√d⟨w_i, p⟩ at all times, shape (points, 2, neurons)."""
        column = lambda x: x[:, None, None]  # noqa: E731
        return (column(self.kept) * self.start + column(self.own) * self.fresh
                + self.shared.T[:, :, None])


@dataclass(frozen=True)
class Neurons:
    """What the browser needs to place neurons at any time t between t[0] and t[-1]; one cluster
    for each group, a single one of identical neurons.

    t, v, a   shape (points,), the latter means over all neurons
    overlap   C_gl(t,t) of two different neurons, shape (points, groups, groups)
    """

    t: np.ndarray
    v: np.ndarray
    a: np.ndarray
    clusters: tuple[Cluster, ...]
    overlap: np.ndarray
    title: str = "The neurons at time t"


def neurons(run: Trajectory, drawn: int = DRAWN, title: str | None = None,
            seed: int = 0) -> Neurons:
    """A sample of about `drawn` neurons with the run's v, C_d(t,0) and C(t,t), of every group at
    least one.

    Negative covariances of different neurons, at most 1/(m − 1) in size, count as zero.  The part
    of a neuron that its own start does not explain is drawn once and kept: the picture has the
    right law at each time and towards the start, not between two later times.
    """
    means = smooth(run).iloc[::EVERY]
    size, a, v, moved, overlap = _groups(run, means)
    count = len(size)
    root = _root(overlap - v[:, :, None] * v[:, None, :])
    kept = 1 - moved**2 / 2
    own = np.sqrt(np.clip(1 - v**2 - kept**2 - np.sum(root**2, axis=2), 0, None))
    rng = np.random.default_rng(seed)
    shared = np.einsum("tgl,kl->gkt", root, rng.normal(size=(2, count)))
    number = np.maximum(1, np.round(drawn * size / size.sum())).astype(int)
    colours = shades(count) if count > 1 else [BLUE]
    clusters = tuple(
        Cluster(v[:, g], a[:, g], kept[:, g], own[:, g], shared[g],
                rng.normal(size=(2, number[g])), rng.normal(size=(2, number[g])), colours[g])
        for g in range(count))
    return Neurons(means["t"].to_numpy(), means["v"].to_numpy(), means["a"].to_numpy(), clusters,
                   overlap, **({"title": title} if title else {}))


def _groups(run: Trajectory, means: pd.DataFrame) -> tuple[np.ndarray, ...]:
    """size (p,), a, v and displacement (points, p), overlap (points, p, p)."""
    if not run.groups:
        column = lambda name: means[name].to_numpy()[:, None]  # noqa: E731
        return (np.array([run.parameters.m]), column("a"), column("v"),
                column("first_layer_displacement"), column("overlap")[:, :, None])
    names = tuple(run.groups.columns())
    at = type(run.groups).from_columns(run.groups.size, smooth(run, names).iloc[::EVERY])
    return at.size, at.a, at.v, at.displacement, at.overlap


def _root(covariance: np.ndarray) -> np.ndarray:
    """A symmetric root of (points, p, p), without what is negative."""
    values, vectors = np.linalg.eigh(covariance)
    return (vectors * np.sqrt(np.clip(values, 0, None))[:, None, :]) @ vectors.transpose(0, 2, 1)


def describe(n: Neurons, overlaps: bool = False) -> dict[str, Any]:
    """In plain JSON types, as the browser gets it; `overlaps` of the groups below the sphere."""
    curves = {name: _short(getattr(n, name)) for name in ("t", "v", "a")}
    described = {**curves, "clusters": [_cluster(c) for c in n.clusters], "title": n.title,
                 "alt": alt(n)}
    if overlaps and len(n.clusters) > 1:
        described["overlaps"] = [[_short(column) for column in row]
                                 for row in np.moveaxis(n.overlap, 0, 2)]
        described["overlapsAlt"] = _overlaps_alt(n.overlap[-1])
    return described


def _overlaps_alt(last: np.ndarray) -> str:
    apart = last + np.diag(np.full(len(last), np.nan))
    g, l = np.unravel_index(np.nanargmin(apart), apart.shape)
    return (f"Overlaps of two neurons for each pair of {len(last)} groups, blue above 0 and orange"
            f" below. At the end the least is {last[g, l]:.2g}, between groups {min(g, l) + 1} and"
            f" {max(g, l) + 1}.")


def _cluster(c: Cluster) -> dict[str, Any]:
    lines = {name: _short(getattr(c, name)) for name in ("v", "a", "kept", "own")}
    rows = {name: [_short(row) for row in getattr(c, name)]
            for name in ("shared", "start", "fresh")}
    return {**lines, **rows, "colour": c.colour}


def alt(n: Neurons) -> str:
    """What the picture shows, for those who do not see it."""
    if len(n.clusters) > 1:
        ends = ", ".join(f"{c.v[-1]:.3g}" for c in n.clusters)
        return (f"Neurons on a sphere whose pole is the latent direction u, in {len(n.clusters)}"
                f" groups by colour. Their heights v end at {ends}. The bars are the second-layer"
                " weights a of the groups.")
    most = int(np.argmax(np.abs(n.v)))
    return (f"Neurons on a sphere whose pole is the latent direction u. They start on the equator;"
            f" their height v is largest, {n.v[most]:.3g}, at t = {n.t[most]:.3g}, and ends at"
            f" {n.v[-1]:.3g}. The bar is the second-layer weight a, from {n.a[0]:.3g} to"
            f" {n.a[-1]:.3g}.")


def _short(values: np.ndarray) -> list[float]:
    return rounded(np.asarray(values), 5).tolist()
