"""A drawing of the neurons around the latent direction u, as the order parameters place them.

The theory knows the neurons through their overlaps: v = ⟨w_i, u⟩, C_d(t,0) = ⟨w_i(t), w_i(0)⟩ and
C_o(t,t) = ⟨w_i, w_j⟩.  Seen along any direction p orthogonal to u and chosen without looking at the
data, √d⟨w_i, p⟩ is a Gaussian variable over the neurons with

    variance 1 − v²,   covariance with its own start C_d(t,0),   with another neuron C_o(t,t) − v²

(less ⟨v(t), v(0)⟩ and of variance 1 − v(0)² at the start where v(0) is not 0).  Two such directions
give each neuron an azimuth; its height over the equator is v.  Where neurons differ, each group g
has its own v, a and C_d, and C_gl(t,t) − v_g v_l couples two groups.  Of several directions u₁ is
the pole and u₂ points to the right; the third axis is u₃, or one of the other directions.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from dashboard.components.chart import BLUE, shades
from dashboard.components.chart.panels import rounded
from dashboard.components.curves import smooth
from dashboard.words.directions import names
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
    along             v_1 … v_k of several directions, shape (k, points)
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
    along: np.ndarray | None = None

    def azimuths(self) -> np.ndarray:
        """√d⟨w_i, p⟩ at all times, shape (points, 2, neurons)."""
        column = lambda x: x[:, None, None]  # noqa: E731
        return (column(self.kept) * self.start + column(self.own) * self.fresh
                + self.shared.T[:, :, None])


@dataclass(frozen=True)
class Neurons:
    """What the browser needs to place neurons at any time t between t[0] and t[-1]; one cluster
    for each group, a single one of identical neurons.

    t, v, a      shape (points,), the latter means over all neurons
    directions   u₁ … of several: the sphere then shows these and, of two, one of the others
    overlap   C_gl(t,t) of two different neurons, shape (points, groups, groups)
    """

    t: np.ndarray
    v: np.ndarray
    a: np.ndarray
    clusters: tuple[Cluster, ...]
    overlap: np.ndarray
    directions: tuple[str, ...] = ()
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
    along, v0 = _along(run), run.parameters.v_start
    parts = v.T[None] if along is None else along  # (k, p, points)
    root = _root(overlap - np.einsum("kgt,klt->tgl", parts, parts))
    kept = (1 - moved**2 / 2 - np.einsum("kgt,gk->tg", parts, v0)) \
        / np.sqrt(1 - np.sum(v0**2, axis=1))
    own = np.sqrt(np.clip(1 - v**2 - kept**2 - np.sum(root**2, axis=2), 0, None))
    rng = np.random.default_rng(seed)
    shared = np.einsum("tgl,kl->gkt", root, rng.normal(size=(2, count)))
    number = np.maximum(1, np.round(drawn * size / size.sum())).astype(int)
    colours = shades(count) if count > 1 else [BLUE]
    clusters = tuple(
        Cluster(v[:, g], a[:, g], kept[:, g], own[:, g], shared[g],
                rng.normal(size=(2, number[g])), rng.normal(size=(2, number[g])), colours[g],
                None if along is None else along[:, g])
        for g in range(count))
    called = () if along is None else tuple(names(run.parameters).split(", "))
    return Neurons(means["t"].to_numpy(), means["v"].to_numpy(), means["a"].to_numpy(), clusters,
                   overlap, called, **({"title": title} if title else {}))


def _along(run: Trajectory) -> np.ndarray | None:
    """v_1 … v_k of every group, (k, p, points); None of one direction."""
    if run.components is None:
        return None
    count = len(run.groups) if run.groups else 0
    columns = [f"{name}_{g + 1}" if count else name
               for name in run.parameters.component_names for g in range(count or 1)]
    frame = smooth(run, tuple(columns)).iloc[::EVERY]
    return frame[columns].to_numpy().T.reshape(run.parameters.k, count or 1, -1)


def _groups(run: Trajectory, means: pd.DataFrame) -> tuple[np.ndarray, ...]:
    """size (p,), a, v and displacement (points, p), overlap (points, p, p)."""
    if not run.groups:
        column = lambda name: means[name].to_numpy()[:, None]  # noqa: E731
        return (np.array([run.parameters.m]), column("a"), column("v"),
                column("first_layer_displacement"), column("overlap")[:, :, None])
    columns = tuple(run.groups.columns())
    at = type(run.groups).from_columns(run.groups.size, smooth(run, columns).iloc[::EVERY])
    return at.size, at.a, at.v, at.displacement, at.overlap


def _root(covariance: np.ndarray) -> np.ndarray:
    """A symmetric root of (points, p, p), without what is negative."""
    values, vectors = np.linalg.eigh(covariance)
    return (vectors * np.sqrt(np.clip(values, 0, None))[:, None, :]) @ vectors.transpose(0, 2, 1)


def describe(n: Neurons, overlaps: bool = False) -> dict[str, Any]:
    """In plain JSON types, as the browser gets it; `overlaps` of the groups below the sphere."""
    curves = {name: _short(getattr(n, name)) for name in ("t", "v", "a")}
    described = {**curves, "clusters": [_cluster(c) for c in n.clusters], "title": n.title,
                 "directions": list(n.directions), "alt": alt(n)}
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
    along = {} if c.along is None else {"along": [_short(v) for v in c.along]}
    return {**lines, **rows, **along, "colour": c.colour}


def alt(n: Neurons) -> str:
    """What the picture shows, for those who do not see it."""
    if n.directions:
        return _alt_of_several(n)
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


def _alt_of_several(n: Neurons) -> str:
    ends = "; ".join(", ".join(f"{v[-1]:.3g}" for v in c.along)
                     for c in n.clusters if c.along is not None)
    up, right, *rest = *n.directions, ""
    depth = f"{rest[0]} points away" if rest[0] else "depth is one of the other directions"
    across = f"{right} to the right, " if right else ""
    return (f"Neurons in the ball of unit vectors: {up} points up, {across}{depth}. Overlaps with"
            f" {', '.join(n.directions)} end at {ends}. Bars are the second-layer weights a.")


def _short(values: np.ndarray) -> list[float]:
    return rounded(np.asarray(values), 5).tolist()
