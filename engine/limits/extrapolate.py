"""The limit of a curve that approaches it like a power of time."""

import numpy as np
from scipy.interpolate import PchipInterpolator

STEP = 8.0
"""Ratio of the three times that are compared."""


def power_law_limit(t: np.ndarray, y: np.ndarray) -> float:
    """y(∞) for y = y∞ + B t^{−p} from y at T/64, T/8 and T (Aitken's δ²).

    On geometric times a power law is a geometric sequence, whose limit δ² gives exactly.
    Returns the last value when the differences do not shrink or change sign.
    Shapes: t and y (nodes,), t increasing from 0.
    """
    at = PchipInterpolator(np.log(t[1:]), y[1:])
    last = np.log(t[-1])
    y1, y2, y3 = at(last - 2 * np.log(STEP)), at(last - np.log(STEP)), at(last)
    first, second = y2 - y1, y3 - y2
    if first == 0 or not 0 < second / first < 0.9:
        return float(y3)
    return float(y3 + second**2 / (first - second))
