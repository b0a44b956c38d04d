"""The error of a row that the step control goes by."""

import numpy as np

from engine.dmft.scheme.card import sizes
from engine.dmft.scheme.derivative import parabola
from engine.kernels import kernel


@kernel()
def error(H, model, n, rtol):
    """Error of row n in units of rtol; a row below 1 is as good as wanted."""
    if n == 1:
        return 1.0
    count = H.scalars.shape[0]
    size = np.empty(count + H.observables.shape[0])
    leaving = np.empty_like(size)
    sizes(H, model, n, size, leaving)
    deviates = max(deviation(H.t, H.scalars, n, size[:count]),
                   deviation(H.t, H.observables, n, size[count:]))
    escapes = max(escape(H.t, H.scalars, n, leaving[:count], rtol),
                  escape(H.t, H.observables, n, leaving[count:], rtol))
    return (deviates + escapes) / rtol


@kernel()
def small_error(label_variance, start):
    """A train error that is small: 1 % of the labels' variance and 0.1 % of the start."""
    return 0.01 * label_variance + 0.001 * start


@kernel()
def deviation(t, values, n, size):
    """Difference of each value to the parabola through the last ones, against its own size:
    y''' h³ at equal steps, more than BDF3 errs.  Shape of values: (size, nodes)."""
    w1, w2, w3 = parabola(t, n)
    a, b, c = n - 1, n - 2, max(n - 3, 0)
    worst = 0.0
    for i in range(size.size):
        y = values[i]
        worst = max(worst, abs(y[n] - (w1 * y[a] + w2 * y[b] + w3 * y[c])) / size[i])
    return worst


@kernel()
def escape(t, values, n, size, rtol):
    """Error of values where they leave a plateau like e^{λt}, at most (λh)²/3 for a step h.

    That is the relative error of λ, and so of the time at which the plateau ends, in BDF2; in
    BDF3 it is (λh)³/4.  Without it h ∝ t outgrows 1/λ while the growing part is still small, and
    beyond λh = 11/6 BDF3 holds the plateau for ever.  λh is measured from the change of the
    slope, as far as that stands out from rtol, a hundred times what a row is solved to.
    """
    ratio = (t[n] - t[n - 1]) / (t[n - 1] - t[n - 2])
    fastest = 0.0
    for i in range(size.size):
        y = values[i]
        change, before = abs(y[n] - y[n - 1]), abs(y[n - 1] - y[n - 2]) * ratio
        fastest = max(fastest, (change - before) / (change + rtol * size[i]))
    return fastest**2 / 3
