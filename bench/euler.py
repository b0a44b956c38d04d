"""The paper's explicit Euler scheme as fast as it can be made, to compare with: compiled, in the
⊥/∥ basis of `engine.dmft.symmetric`, where every memory term is one product.

`python -m bench.euler` (about three minutes): this, the plain Euler of `engine.dmft.reference` and
the solver, at the same accuracy.
"""

import math
import os
import statistics
from typing import NamedTuple

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np
from numba import njit

from bench.solver import GOAL, TRUTH, error, measured, spread
from engine import Parameters, Status, Trajectory, solve
from engine.bundles import bundle
from engine.dmft.reference import solve_euler
from engine.dmft.symmetric.coefficients import Model, finite_width, polynomial

FAST = {"fastmath": True, "nogil": True, "error_model": "numpy"}


@bundle
class History(NamedTuple):
    """Functions of one time (N,) and of two, lower triangles of (N, N)."""

    a: np.ndarray
    v: np.ndarray
    nu: np.ndarray
    C_perp: np.ndarray
    C_par: np.ndarray
    R_perp: np.ndarray
    R_par: np.ndarray
    R_A: np.ndarray
    C_A: np.ndarray


def compiled_euler(p: Parameters, steps: int) -> Trajectory:
    """What `solve_euler` returns, to rounding.  6n² multiply–adds for step n, and half as
    many numbers read."""
    model, N = finite_width(p), steps + 1
    H = History(*(np.zeros(N) for _ in range(3)), *(np.zeros((N, N)) for _ in range(6)))
    a, v, C_perp = H.a, H.v, H.C_perp
    a[0], C_perp[0, 0], H.C_par[0, 0] = p.a_start, 1.0, 1.0
    _march(model, float(p.m), p.t_max / steps, H)
    C_o = (H.C_par - C_perp) / p.m  # lower triangles
    overlap, gamma = np.diagonal(C_o), a / math.sqrt(p.m)
    test = 0.5 * (model.label_variance - 2 * a * p.covariance.phi_hat(v)
                  + a**2 * (p.covariance.h_1 + (p.m - 1) * p.covariance.h(overlap)) / p.m)
    return Trajectory(
        t=np.linspace(0.0, p.t_max, N), a=a, gamma=gamma, v=v, nu=H.nu,
        train_error=-0.5 * np.diagonal(H.C_A), test_error=test,
        first_layer_displacement=np.sqrt(np.maximum(2 - 2 * (C_perp + C_o)[:, 0], 0)),
        second_layer_displacement=np.abs(a - a[0]), gamma_displacement=np.abs(gamma - gamma[0]),
        overlap=overlap, status=Status.REACHED_T_MAX, parameters=p, label="compiled Euler",
        work={"nodes": N})


@njit(**FAST)
def _march(model: Model, m, eta, H: History):
    a, v, nu, N = H.a, H.v, H.nu, H.a.size
    C_perp, C_par, R_perp, R_par, R_A, C_A = H.C_perp, H.C_par, H.R_perp, H.R_par, H.R_A, H.C_A
    S, Sigma_C, K1, K2, L1, L2, f1, f2, g1, g2, d1, d2, e1, e2 = np.zeros((14, N))
    for n in range(N):
        own = fed = 0.0  # ∫ R_A a'(h_d + (m−1)h_o) and ∫ C_A a'(h'_d R_d + (m−1)h'_o R_o)
        for k in range(n + 1):
            aa = a[n] * a[k]
            R_o = (R_par[n, k] - R_perp[n, k]) / m
            C_o = (C_par[n, k] - C_perp[n, k]) / m
            C_d, R_d = C_perp[n, k] + C_o, R_perp[n, k] + R_o
            S[k] = -eta * aa / m * (polynomial(model.dh, C_d) * R_d
                                    + (m - 1) * polynomial(model.dh, C_o) * R_o)
            f1[k] = polynomial(model.h, C_d) + (m - 1) * polynomial(model.h, C_o)
            Sigma_C[k] = model.label_variance - a[n] * polynomial(model.phi_hat, v[n]) \
                - a[k] * polynomial(model.phi_hat, v[k]) + aa / m * f1[k]
        _through(R_A, S, Sigma_C, n, R_A[n], f2)
        R_A[n, n] = 1.0
        _through(C_A, S, S, n, g1, g2)
        for k in range(n):
            C_A[n, k] = g1[k] + g2[k] - S[k] * C_A[k, k] - f2[k]
        C_A[n, n] = _dot(S, C_A[n], n) - _dot(Sigma_C, R_A[n], n + 1)
        I_A = 0.0
        for k in range(n + 1):
            I_A += R_A[n, k]
            own += R_A[n, k] * a[k] * f1[k]
            if eta * a[n] != 0.0:
                fed -= C_A[n, k] * S[k] * m / a[n]
        if n == N - 1:
            return
        for k in range(n + 1):
            b = model.alpha * a[n] * a[k] / m
            R_o = (R_par[n, k] - R_perp[n, k]) / m
            C_o = (C_par[n, k] - C_perp[n, k]) / m
            C_d, R_d = C_perp[n, k] + C_o, R_perp[n, k] + R_o
            slope_d, slope_o = polynomial(model.dh, C_d), polynomial(model.dh, C_o)
            M_d = b * (R_A[n, k] * slope_d + eta * C_A[n, k] * polynomial(model.ddh, C_d) * R_d)
            M_o = b * (R_A[n, k] * slope_o + eta * C_A[n, k] * polynomial(model.ddh, C_o) * R_o)
            K1[k], K2[k] = -(M_d - M_o), -(M_d + (m - 1) * M_o)
            b *= -eta * C_A[n, k]
            L1[k], L2[k] = b * (slope_d - slope_o), b * (slope_d + (m - 1) * slope_o)
        drive = model.alpha * a[n] * I_A * polynomial(model.dphi_hat, v[n])
        _through(C_perp, K1, K1, n + 1, f1, d1)
        _through(C_par, K2, K2, n + 1, f2, d2)
        _through(R_perp, K1, L1, n + 1, g1, e1)
        _through(R_par, K2, L2, n + 1, g2, e2)
        for k in range(n + 1):
            f1[k] += d1[k] - K1[k] * C_perp[k, k] + e1[k]
            f2[k] += d2[k] - K2[k] * C_par[k, k] + e2[k] + m * drive * v[k]
        nu[n] = ((m - 1) * f1[n] + f2[n]) / m
        for k in range(n + 1):
            C_perp[n + 1, k] = C_perp[n, k] + eta * (f1[k] - nu[n] * C_perp[n, k])
            C_par[n + 1, k] = C_par[n, k] + eta * (f2[k] - nu[n] * C_par[n, k])
            R_perp[n + 1, k] = R_perp[n, k] + eta * (g1[k] - nu[n] * R_perp[n, k])
            R_par[n + 1, k] = R_par[n, k] + eta * (g2[k] - nu[n] * R_par[n, k])
        R_perp[n + 1, n] = R_par[n + 1, n] = 1.0
        C_o = (C_par[n, n] - C_perp[n, n]) / m
        C_o += 2 * eta * ((f2[n] - f1[n]) / m - nu[n] * C_o)
        C_perp[n + 1, n + 1], C_par[n + 1, n + 1] = 1 - C_o, 1 + (m - 1) * C_o
        v[n + 1] = v[n] + eta * (drive - nu[n] * v[n] + _dot(K2, v, n + 1))
        a[n + 1] = a[n]
        if model.trains_gamma:
            a[n + 1] += eta * model.alpha * (polynomial(model.phi_hat, v[n]) * I_A
                                             - (own + fed) / m)


@njit(**FAST)
def _dot(x, y, size):
    total = 0.0
    for k in range(size):
        total += x[k] * y[k]
    return total


@njit(**FAST)
def _through(X, u, w, rows, out, dots):
    """One pass through the lower triangle of X:  out[l] = Σ_k u[k] X[k,l],
    dots[k] = Σ_l w[l] X[k,l];  for symmetric X and u = w their sum counts the diagonal twice.

    Four rows at a time: what limits the scheme is reading its matrices from memory.
    """
    out[:rows] = 0.0
    k = 0
    while k + 3 < rows:
        x0, x1, x2, x3 = X[k], X[k + 1], X[k + 2], X[k + 3]
        u0, u1, u2, u3 = u[k], u[k + 1], u[k + 2], u[k + 3]
        t0 = t1 = t2 = t3 = 0.0
        for l in range(k + 4):  # above the diagonal X is zero
            out[l] += u0 * x0[l] + u1 * x1[l] + u2 * x2[l] + u3 * x3[l]
            t0 += w[l] * x0[l]
            t1 += w[l] * x1[l]
            t2 += w[l] * x2[l]
            t3 += w[l] * x3[l]
        dots[k], dots[k + 1], dots[k + 2], dots[k + 3] = t0, t1, t2, t3
        k += 4
    while k < rows:
        row, total = X[k], 0.0
        for l in range(k + 1):
            out[l] += u[k] * row[l]
            total += w[l] * row[l]
        dots[k] = total
        k += 1


def main() -> None:
    compiled_euler(Parameters(m=4, t_max=1.0), 4)
    p = Parameters(m=64, alpha=0.6, tau=0.3, t_max=520.0)
    t = np.geomspace(p.t_max / 50, p.t_max, 60)
    truth = solve(p, TRUTH)
    small = p.replace(t_max=65.0)
    plain, run = measured(lambda: solve_euler(small, 260), 3)
    quick, same = measured(lambda: compiled_euler(small, 260), 3)
    print(f"to t = 65, 260 steps: plain {spread(plain)}, compiled {spread(quick)}; largest"
          f" difference of a {np.abs(run.a - same.a).max():.1e}")
    steps = 2600
    slow, run = measured(lambda: compiled_euler(p, steps), 3)
    plain, _ = measured(lambda: solve_euler(p, steps), 1)
    fast, solved = measured(lambda: solve(p, GOAL), 9)
    print(f"to t = 520, {steps} steps, error {error(run, truth, t):.2%}:\n"
          f"  plain Euler    {spread(plain)}\n  compiled Euler {spread(slow)}\n"
          f"  solver         {spread(fast)}, error {error(solved, truth, t):.2%}\n"
          f"  ratios {plain[0] / statistics.median(fast):.0f} and"
          f" {statistics.median(slow) / statistics.median(fast):.0f}")


if __name__ == "__main__":
    main()
