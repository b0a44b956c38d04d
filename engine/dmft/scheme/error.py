"""The error of a row that the step control goes by."""

import numpy as np

from engine.dmft.scheme.card import sizes
from engine.dmft.scheme.derivative import parabola
from engine.kernels import kernel


@kernel()
def error(H, model, n, rtol, small):
    """Error of row n in units of rtol; a row below 1 is as good as wanted.

    small is what `card.Equations.start` returned.
    """
    if n == 1:
        return 1.0
    size, leaving = np.empty(H.scalars.shape[0]), np.empty(H.scalars.shape[0])
    sizes(H, model, n, size, leaving)
    return (deviation(H, n, size, small) + escape(H, n, leaving, rtol)) / rtol


@kernel()
def deviation(H, n, size, small):
    """Difference of each scalar and of observables[0] to the parabola through their last values,
    each against its own size: y''' h³ at equal steps, more than BDF3 errs.

    The observable counts against its present value plus `small`, so that its exponential decay
    to zero does not hold the step.
    """
    w1, w2, w3 = parabola(H.t, n)
    a, b, c = n - 1, n - 2, max(n - 3, 0)
    e = H.observables[0]
    worst = abs(e[n] - (w1 * e[a] + w2 * e[b] + w3 * e[c])) / (e[n] + small)
    for i in range(size.size):
        y = H.scalars[i]
        worst = max(worst, abs(y[n] - (w1 * y[a] + w2 * y[b] + w3 * y[c])) / size[i])
    return worst


@kernel()
def escape(H, n, size, rtol):
    """Error of scalars where they leave a plateau like e^{λt}, at most (λh)²/3 for a step h.

    That is the relative error of λ, and so of the time at which the plateau ends, in BDF2; in
    BDF3 it is (λh)³/4.  Without it h ∝ t outgrows 1/λ while the growing part is still small, and
    beyond λh = 11/6 BDF3 holds the plateau for ever.  λh is measured from the change of the
    slope, as far as that stands out from rtol, a hundred times what a row is solved to.
    """
    ratio = (H.t[n] - H.t[n - 1]) / (H.t[n - 1] - H.t[n - 2])
    fastest = 0.0
    for i in range(size.size):
        y = H.scalars[i]
        change, before = abs(y[n] - y[n - 1]), abs(y[n - 1] - y[n - 2]) * ratio
        fastest = max(fastest, (change - before) / (change + rtol * size[i]))
    return fastest**2 / 3
