"""A drawing of the neurons around the latent direction u, as the order parameters place them.

The theory knows the neurons through their overlaps: v = ⟨w_i, u⟩, C_d(t,0) = ⟨w_i(t), w_i(0)⟩ and
C_o(t,t) = ⟨w_i, w_j⟩.  Seen along any direction p orthogonal to u and chosen without looking at the
data, √d⟨w_i, p⟩ is a Gaussian variable over the neurons with

    variance 1 − v²,   covariance with its own start C_d(t,0),   with another neuron C_o(t,t) − v².

Two such directions give each neuron an azimuth; its height over the equator is v.
"""

from dataclasses import dataclass

import numpy as np

from dashboard.components.curves import smooth
from engine import Trajectory

DRAWN = 72
"""Neurons in the picture, whatever m is."""
EVERY = 2
"""Of the points of a curve every second will do for a picture."""


@dataclass(frozen=True)
class Neurons:
    """What the browser needs to place neurons at any time t between t[0] and t[-1].

    √d⟨w_i, p⟩ = kept·start_i + own·fresh_i + shared·common, with standard normal start, fresh of
    shape (2, neurons) and common of shape (2,), one row for each of the two directions p.

    t, v, a, kept, own, shared   shape (points,)
    """

    t: np.ndarray
    v: np.ndarray
    a: np.ndarray
    kept: np.ndarray
    own: np.ndarray
    shared: np.ndarray
    start: np.ndarray
    fresh: np.ndarray
    common: np.ndarray
    title: str = "The neurons at time t"

    def azimuths(self) -> np.ndarray:
        """√d⟨w_i, p⟩ at all times, shape (points, 2, neurons)."""
        column = lambda x: x[:, None, None]  # noqa: E731
        return (column(self.kept) * self.start + column(self.own) * self.fresh
                + column(self.shared) * self.common[None, :, None])


def neurons(run: Trajectory, drawn: int = DRAWN, title: str | None = None,
            seed: int = 0) -> Neurons:
    """A sample of `drawn` neurons with the run's v, C_d(t,0) and C_o(t,t).

    A negative C_o − v², at most 1/(m − 1) in size, counts as zero.  The part of a neuron that its
    own start does not explain is drawn once and kept: the picture has the right law at each time
    and towards the start, not between two later times.
    """
    frame = smooth(run).iloc[::EVERY]
    v, overlap = (frame[name].to_numpy() for name in ("v", "overlap"))
    kept = 1 - frame["first_layer_displacement"].to_numpy() ** 2 / 2
    shared2 = np.clip(overlap - v**2, 0, None)
    rng = np.random.default_rng(seed)
    return Neurons(
        t=frame["t"].to_numpy(), v=v, a=frame["a"].to_numpy(), kept=kept,
        own=np.sqrt(np.clip(1 - v**2 - kept**2 - shared2, 0, None)), shared=np.sqrt(shared2),
        start=rng.normal(size=(2, drawn)), fresh=rng.normal(size=(2, drawn)),
        common=rng.normal(size=2), **({"title": title} if title else {}))


def describe(n: Neurons) -> dict:
    """In plain JSON types, as the browser gets it."""
    curves = {name: _short(getattr(n, name)) for name in ("t", "v", "a", "kept", "own", "shared")}
    points = {name: [_short(row) for row in getattr(n, name)] for name in ("start", "fresh")}
    return {**curves, **points, "common": _short(n.common), "title": n.title, "alt": alt(n)}


def alt(n: Neurons) -> str:
    """What the picture shows, for those who do not see it."""
    most = int(np.argmax(np.abs(n.v)))
    return (f"Neurons on a sphere whose pole is the latent direction u. They start on the equator;"
            f" their height v is largest, {n.v[most]:.3g}, at t = {n.t[most]:.3g}, and ends at"
            f" {n.v[-1]:.3g}. The bar is the second-layer weight a, from {n.a[0]:.3g} to"
            f" {n.a[-1]:.3g}.")


def _short(values: np.ndarray) -> list[float]:
    return [float(f"{x:.5g}") for x in values]
