"""Finite networks on a page: what they cost in words, what a page grants, and their curves."""

import math
from collections.abc import Callable

import numpy as np

from dashboard.components.chart import Trace
from dashboard.service import worker
from dashboard.service.environment import SET
from dashboard.service.jobs import long_at_once
from engine.network import Ensemble
from engine.network.estimate import SPREAD

MOST: float = SET["training_seconds"]
"""Estimated seconds of one request from a page."""
PAGE_BYTES = 1e6 * SET["training_mb"] * min(1, SET["cores"] / (worker.COUNT * long_at_once()))
"""Memory that one network may take: all that are trained at once on the port, together, no more
than one of the server's measure on each core."""
LEAST = 1e-12
"""An error below that float32 cannot tell from zero, for which a logarithmic axis has no place."""


def median(runs: Ensemble, name: str, column: str, colour: str, dash: str = "solid") -> Trace:
    """The median of the networks, in its band from the 10 % to the 90 % quantile."""
    table = runs.quantiles(column)
    table = table[table["t"] > 0]
    floor = LEAST if column.endswith("_error") else -math.inf
    low, middle, high = (np.maximum(table[c], floor) for c in ("low", "median", "high"))
    return Trace(name, table["t"], middle, colour, dash, band=(low, high))


def span(seconds: float) -> str:
    """The range that an estimate stands for: 2 to 8 s, 1 to 6 min, 3 to 20 hours."""
    high = seconds * SPREAD
    size, unit = (1, "s") if high <= 90 else (60, "min") if high <= 5400 else (3600, "hours")
    low, high = (_one_digit(x / size, towards) for x, towards in (
        (seconds / SPREAD, math.floor), (high, math.ceil)))
    return f"{low:,g} to {high:,g} {unit}" if high > 1 else "under a second"


def _one_digit(x: float, towards: Callable[[float], int]) -> float:
    """x to one significant digit, up or down."""
    size = 10.0 ** math.floor(math.log10(x))
    return float(f"{towards(x / size) * size:.1g}")
