"""Compile the kernels, or load them where they lie compiled.

A server does so at its start, a container when it is built: `python -m dashboard.service.kernels`.
"""

import math
from typing import Any

from engine import Parameters, solve
from engine.limits import LIMITS, limit
from engine.network import NetworkSettings, estimate
from engine.regimes import regimes

STARTS: tuple[dict[str, Any], ...] = ({}, {"init": "lazy"}, {"spread": 0.1})
"""Runs that need, together, all kernels of the two solvers; of full length, since short runs never
thin their history."""


def solvers() -> None:
    """The kernels of the first curve, on every page that has one."""
    for start in STARTS:
        solve(Parameters(m=16, **start))


def rest() -> None:
    """Those of limits and of networks."""
    for p in (Parameters(init="lazy"), Parameters(), Parameters(target="noise")):
        for regime in regimes(p):
            if regime.key in LIMITS:
                limit(p, regime.key, min(regime.high, p.t_max))
    estimate(Parameters(), NetworkSettings(), math.inf)  # measures the machine's speed


if __name__ == "__main__":
    solvers()
    rest()
