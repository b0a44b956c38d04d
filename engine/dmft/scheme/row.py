"""Row n of the discretised equations as a fixed point, reached with Anderson mixing."""

from typing import NamedTuple

import numpy as np

from engine.dmft.scheme.card import accept, sound, sweep, weigh
from engine.dmft.scheme.derivative import derivative, parabola
from engine.dmft.scheme.error import error
from engine.dmft.scheme.mixing import forget, mismatch, mix, remember
from engine.kernels import kernel

BACK = 0.3
"""Part of a change of x that is kept when the whole of it leads to where no response is."""
CONVERGED, FAILED = 0, 1


@kernel(fastmath=True)
def predict(H, n):
    """Start row n: near the diagonal at equal lag, further back at equal time.

    C(t,t') has a kink at t = t' but is smooth along it, and ages: extrapolating at equal
    lag (one index along the diagonal) is right where t' is close to t, extrapolating at
    fixed t' where t' ≪ t.
    """
    predict_responses(H, n)
    if n == 1:
        for i in range(H.correlations.shape[0]):
            X = H.correlations[i]
            X[1, 0] = X[1, 1] = X[0, 0]
        for i in range(H.scalars.shape[0]):
            H.scalars[i, 1] = H.scalars[i, 0]
        return
    w1, w2, w3 = parabola(H.t, n)
    a, b, c = n - 1, n - 2, max(n - 3, 0)
    for i in range(H.correlations.shape[0]):
        X = H.correlations[i]
        for k in range(max(n - 2, 1)):
            X[n, k] = w1 * X[a, k] + w2 * X[b, k] + w3 * X[c, k]
        for k in range(max(n - 2, 1), n + 1):
            X[n, k] = w1 * X[a, k - 1] + w2 * X[b, max(k - 2, 0)] + w3 * X[c, max(k - 3, 0)]
    for i in range(H.scalars.shape[0]):
        y = H.scalars[i]
        y[n] = w1 * y[a] + w2 * y[b] + w3 * y[c]


@kernel(fastmath=True)
def predict_responses(H, n):
    """At equal times as in the row before; where Newton's method for them starts."""
    scale = H.t[1] - H.t[0] if n == 1 else 1.0
    for i in range(H.responses.shape[0]):
        H.responses[i, n, n] = scale * H.responses[i, n - 1, n - 1]


@kernel(fastmath=True)
def gather(H, n, x):
    """The unknowns of row n from the history into x: all scalars, then each correlation's row."""
    at = H.scalars.shape[0]
    for i in range(at):
        x[i] = H.scalars[i, n]
    for i in range(H.correlations.shape[0]):
        for k in range(n + 1):
            x[at + k] = H.correlations[i, n, k]
        at += n + 1


@kernel(fastmath=True)
def scatter(x, n, H):
    """The inverse of `gather`."""
    at = H.scalars.shape[0]
    for i in range(at):
        H.scalars[i, n] = x[i]
    for i in range(H.correlations.shape[0]):
        for k in range(n + 1):
            H.correlations[i, n, k] = x[at + k]
        at += n + 1


@kernel(fastmath={"reassoc"})
def finite(values, size):
    """Tested here, without the rest of fastmath, which assumes that NaN does not occur."""
    total = 0.0
    for k in range(size):
        total += values[k]
    return np.isfinite(total)


class Effort(NamedTuple):
    """How well a row is to be solved.

    rtol    accuracy of the run: the unit of the row's error
    tol     largest change of an unknown at which the row is solved
    sweeps  fixed-point sweeps before it counts as failed
    reach   the c of `derivative`
    """

    rtol: float
    tol: float
    sweeps: int
    reach: float


@kernel(fastmath=True)
def mirror(H, n):
    """Row n into its column; X_i(t,s) is stored as X_transposed[i](s,t) there."""
    for i in range(H.correlations.shape[0]):
        X, Y = H.correlations[i], H.correlations[H.transposed[i]]
        for k in range(n):
            Y[k, n] = X[n, k]


@kernel()
def take(H, model, row, mixing, n, effort):
    """Predict, solve and, if it has a solution, accept row n; of row 0, which is given, write the
    observables.

    Returns (CONVERGED or FAILED, sweeps used, `error` of the row).  Cost: that of the sweeps.
    One kernel, since each that Python calls is compiled with all that it calls.
    """
    if n == 0:
        accept(H, model, 0)
        return CONVERGED, 0, 0.0
    predict(H, n)
    step = derivative(H.t, n, effort.reach)
    size = H.scalars.shape[0] + H.correlations.shape[0] * (n + 1)
    gather(H, n, mixing.x)
    weigh(H, model, step, mixing.weight)
    forget(mixing)
    for count in range(1, effort.sweeps + 1):
        if not sweep(H, model, row, step, mixing.new) or not finite(mixing.new, size):
            if count == 1:
                break
            # Too far: the response at equal times has no root there.
            for k in range(size):
                mixing.x[k] = BACK * mixing.x[k] + (1.0 - BACK) * mixing.last_x[k]
            scatter(mixing.x, n, H)
            predict_responses(H, n)
            continue
        residual = mismatch(mixing, size)
        if not np.isfinite(residual):
            break
        if residual < effort.tol:
            scatter(mixing.new, n, H)
            if not sound(H, row, n):
                break
            mirror(H, n)
            accept(H, model, n)
            return CONVERGED, count, error(H, model, n, effort.rtol)
        if count > 1:
            remember(mixing, size)
        mix(mixing, size)
        scatter(mixing.x, n, H)
    return FAILED, count, np.inf
