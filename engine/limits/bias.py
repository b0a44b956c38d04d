"""The implicit bias of the second layer: its norm where training ends, and the least that would do.

    ‖a‖₂/m = √(Σ_i a_i²)/m,        which is γ = a/√m where all neurons have the same a

Gradient flow that has to grow a in t = Θ(m) ends, as m → ∞ and with identical neurons, at γ*: the
least complexity at which it interpolates (F.49, 2.12, G.83).  Neurons that keep the feature leave
less to be memorised: the label noise alone needs γ*(α, 0, τ) = (τ/τ') γ*(α, φ, τ) by (2.8).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from engine.dmft.scheme.settings import RTOL
from engine.dmft.solve import solve
from engine.limits.frame import LimitError
from engine.limits.threshold import gamma_threshold
from engine.monitor import Monitor
from engine.parameters import Parameters
from engine.results.trajectory import Trajectory


def norm(run: Trajectory) -> np.ndarray:
    """‖a‖₂/m at the nodes of a run, shape (nodes,)."""
    if run.groups is None:
        return np.abs(run.gamma)
    return np.sqrt(run.groups.mean(run.groups.a**2) / run.parameters.m)


@dataclass(frozen=True)
class Bias:
    """Runs from several starts, by name, and the norms to compare their ends with.

    threshold   γ*(α, φ, τ), m → ∞, identical neurons; None where there is none, or it has not been
                found yet, and why not in `reason`
    noise       γ*(α, 0, τ), what the label noise alone needs
    """

    runs: Mapping[str, Trajectory] = field(default_factory=dict)
    threshold: float | None = None
    noise: float | None = None
    reason: str = ""


def implicit_bias(starts: Mapping[str, Parameters], rtol: float = RTOL, *,
                  monitor: Monitor = Monitor()) -> Bias:
    """The runs of `starts`, which differ in their neurons alone, and γ* of their settings.

    Publishes what it has after each run; raises Stopped.  Cost: a run each, and `gamma_threshold`.
    """
    found, steps = Bias(), len(starts) + 1
    for n, (name, p) in enumerate(starts.items()):
        run = solve(p, rtol, monitor=monitor.part(n, steps))
        monitor.check()
        found = Bias({**found.runs, name: run})
        monitor.publish(found)
    p = next(iter(starts.values()))
    try:
        threshold = gamma_threshold(p, monitor=monitor.part(steps - 1, steps)).value
    except LimitError as error:
        return Bias(found.runs, reason=str(error))
    return Bias(found.runs, threshold, threshold * p.tau / math.sqrt(p.reduced_noise))
