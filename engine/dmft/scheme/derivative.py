"""The time derivative on a non-uniform grid, BDF3, and the parabola that predicts a row."""

from typing import NamedTuple

from engine.kernels import kernel


class Step(NamedTuple):
    """Row n of the time derivative: (Dy)_n = d0 y_n + d1 y_{n−1} + d2 y_{n−2} + d3 y_{n−3}."""

    n: int
    d0: float
    d1: float
    d2: float
    d3: float


@kernel()
def parabola(t, n):
    """Weights of y_{n−1}, y_{n−2}, y_{n−3} in the parabola through them at t_n.

    A line at n = 2, a constant at n = 1.
    """
    if n == 1:
        return 1.0, 0.0, 0.0
    x, a, b = t[n], t[n - 1], t[n - 2]
    if n == 2:
        w = (x - a) / (a - b)
        return 1.0 + w, -w, 0.0
    c = t[n - 3]
    return ((x - b) * (x - c) / ((a - b) * (a - c)),
            (x - a) * (x - c) / ((b - a) * (b - c)),
            (x - a) * (x - b) / ((c - a) * (c - b)))


@kernel()
def derivative(t, n, reach):
    """Row n of the variable-step BDF3 matrix (BDF1 and BDF2 at the first two nodes).

    BDF3 is BDF2 + (c/h)(y_n − parabola through the three values before), c = h/(t_n − t_{n−3}).
    `reach` raises c.  The scheme is then of second order, with an error c h² y''', and at equal
    steps stable whatever c; but d0 = (3/2 + c)/h grows with c, and row n has a solution only
    while the landscape has no curvature below −d0 (see `card.sound`).
    """
    step = t[n] - t[n - 1]
    if n == 1:
        return Step(n, 1.0 / step, -1.0 / step, 0.0, 0.0)
    w = step / (t[n - 1] - t[n - 2])
    d0, d1, d2 = (1 + 2 * w) / ((1 + w) * step), -(1 + w) / step, w * w / ((1 + w) * step)
    if n == 2:
        return Step(n, d0, d1, d2, 0.0)
    c = max(reach / step, 1.0 / (t[n] - t[n - 3]))
    l1, l2, l3 = parabola(t, n)
    return Step(n, d0 + c, d1 - c * l1, d2 - c * l2, -c * l3)


@kernel(fastmath=True)
def past(step, y):
    """What is known of (Dy)_n: d1 y_{n−1} + d2 y_{n−2} + d3 y_{n−3}."""
    n = step.n
    return step.d1 * y[n - 1] + step.d2 * y[max(n - 2, 0)] + step.d3 * y[max(n - 3, 0)]


@kernel(fastmath=True)
def past_rows(step, X, out):
    """out[k] = d1 X[n−1,k] + d2 X[n−2,k] + d3 X[n−3,k] for k < n."""
    n = step.n
    one, two, three = X[n - 1], X[max(n - 2, 0)], X[max(n - 3, 0)]
    for k in range(n):
        out[k] = step.d1 * one[k] + step.d2 * two[k] + step.d3 * three[k]
