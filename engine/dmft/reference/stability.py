"""Linear stability of the symmetric solution: how a small difference between neurons grows.

`docs/unequal-neurons.md` derives the equations.  a_i = a + εx_i δa and so on with Σ x_i = 0;
to first order in ε neither R_A nor C_A feels that, so it is the linear problem of one tagged
neuron in the symmetric background, for every m and any x.  Here as the exact linearisation of
the Euler scheme, so that it must agree with `groups` run with a small spread to O(ε).
"""

from dataclasses import dataclass

import numpy as np

from engine.dmft.reference.groups import solve_groups
from engine.parameters import Parameters


@dataclass(frozen=True, eq=False)
class Differences:
    """t, δa, δv, δν of a tagged neuron, (n,) each, and the symmetric a and v; per unit of ε."""

    t: np.ndarray
    delta_a: np.ndarray
    delta_v: np.ndarray
    delta_nu: np.ndarray
    a: np.ndarray
    v: np.ndarray


@dataclass
class _Part:
    """A two-time matrix X_ij = X_o + δ_ij X_⊥ and its first-order part
    ε[x_i X_1 + x_j X_2 + δ_ij x_i X_G]; rows or square, all of one shape."""

    off: np.ndarray
    perp: np.ndarray
    one: np.ndarray
    two: np.ndarray
    own: np.ndarray

    @property
    def T(self):
        """Transposed in neurons and times."""
        return _Part(self.off.T, self.perp.T, self.two.T, self.one.T, self.own.T)

    def times(self, X: "_Part", m: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """The first-order parts 1, 2 and G of the product with X: Σ_l x_l = 0 leaves these."""
        return (self.one @ (X.perp + m * X.off) + self.own @ X.off + self.perp @ X.one,
                (self.perp + m * self.off) @ X.two + self.two @ X.perp + self.off @ X.own,
                self.own @ X.perp + self.perp @ X.own)


def solve_differences(p: Parameters, steps: int, delta_a: float = 1.0, delta_v: float = 0.0
                      ) -> Differences:
    """δa, δv from their start along the symmetric solution to p.t_max; Euler, first order."""
    run = solve_groups(p, [p.m], steps)
    f, N = run.functions, len(run.t)
    eta, m, alpha = p.t_max / steps, p.m, p.alpha
    known = p.covariance.smooth()
    h, dh, ddh, dphi_hat, ddphi_hat = (known.h, known.dh, known.ddh, known.dphi_hat,
                                       known.ddphi_hat)
    dddh = np.polynomial.Polynomial(known.coefficients.h).deriv(3)
    a, v, nu, C_A, R_A = run.a[:, 0], run.v[:, 0], run.nu[:, 0], f["C_A"], f["R_A"]
    Cd, Co, Rd, Ro = f["C_d"][0], f["C"][0, 0], f["R_d"][0], f["R"][0, 0]
    C = _Part(Co, Cd - Co, *np.zeros((3, N, N)))
    R = _Part(Ro, Rd - Ro, *np.zeros((3, N, N)))
    da, dv, dnu = np.zeros((3, N))
    da[0], dv[0] = delta_a, delta_v
    C.own[0, 0] = -2 * v[0] * delta_v
    C.one[0, 0] = C.two[0, 0] = v[0] * delta_v
    for n in range(N):
        past = slice(0, n + 1)
        now = np.s_[n, past]
        aa, I_A = a[n] * a[past], R_A[now].sum()
        C_n, R_n = (_Part(X.off[now], X.perp[now], X.one[now], X.two[now], X.own[now])
                    for X in (C, R))

        def kernel(c, r, n=n, past=past, now=now):
            """a-free M^R, M^C of an overlap c and response r, and their derivatives."""
            R_a, C_a = R_A[now], eta * C_A[now]
            return (R_a * dh(c) + C_a * ddh(c) * r, C_a * dh(c),
                    lambda dc, dr: (R_a * ddh(c) * dc + C_a * (dddh(c) * dc * r + ddh(c) * dr),
                                    C_a * ddh(c) * dc))

        *self_kernels, self_change = kernel(Cd[now], Rd[now])
        *pair_kernels, pair_change = kernel(Co[now], Ro[now])
        ones, twos = pair_change(C_n.one, R_n.one), pair_change(C_n.two, R_n.two)
        owns = self_change(C_n.own + C_n.one + C_n.two, R_n.own + R_n.one + R_n.two)
        first, second = da[n] * a[past], a[n] * da[past]
        M_R, M_C = (_Part(alpha * aa * pair, alpha * aa * (own - pair),
                          alpha * (first * pair + aa * one), alpha * (second * pair + aa * two),
                          alpha * ((first + second) * (own - pair) + aa * (both - one - two)))
                    for own, pair, one, two, both
                    in zip(self_kernels, pair_kernels, ones, twos, owns, strict=True))
        C_past, R_past = (_Part(*(X[past, past] for X in vars(Y).values())) for Y in (C, R))
        memory = [x + y for x, y in zip(M_R.times(C_past, m), M_C.times(R_past.T, m),
                                        strict=True)]
        pull = alpha * I_A * a[n] * dphi_hat(v[n])
        dpull = alpha * I_A * (da[n] * dphi_hat(v[n]) + a[n] * ddphi_hat(v[n]) * dv[n])
        one = dpull * v[past] - memory[0] / m
        two = pull * dv[past] - memory[1] / m
        own = -memory[2] / m
        dnu[n] = (one + two + own)[n]  # C_ii(t,t) = 1
        if n == N - 1:
            break
        one -= nu[n] * C_n.one + dnu[n] * C_n.off
        two -= nu[n] * C_n.two
        own -= nu[n] * C_n.own + dnu[n] * C_n.perp
        C.one[n + 1, past] = C.two[past, n + 1] = C_n.one + eta * one
        C.two[n + 1, past] = C.one[past, n + 1] = C_n.two + eta * two
        C.own[n + 1, past] = C.own[past, n + 1] = C_n.own + eta * own
        C.one[n + 1, n + 1] = C.two[n + 1, n + 1] = C.one[n, n] + eta * (one + two)[n]
        C.own[n + 1, n + 1] = -2 * C.one[n + 1, n + 1]
        for X, x, change in zip((R.one, R.two, R.own), (R_n.off, 0.0, R_n.perp),
                                M_R.times(R_past, m), strict=True):
            X[n + 1, past] = X[now] - eta * (nu[n] * X[now] + dnu[n] * x + change / m)
        dv[n + 1] = dv[n] + eta * (dpull - nu[n] * dv[n] - dnu[n] * v[n] - (
            (m * M_R.one + M_R.own) @ v[past] + M_R.perp @ dv[past]) / m)
        da[n + 1] = da[n]
        if p.train_second_layer:
            h_own = da[past] * (h(Cd[now]) - h(Co[now])) + a[past] * (
                dh(Cd[now]) * (C_n.own + C_n.one + C_n.two)
                + dh(Co[now]) * ((m - 1) * C_n.one - C_n.two))
            slope = lambda c, r, dc, dr: ddh(c) * dc * r + dh(c) * dr  # noqa: E731
            R_own = da[past] * (dh(Cd[now]) * Rd[now] - dh(Co[now]) * Ro[now]) + a[past] * (
                slope(Cd[now], Rd[now], C_n.own + C_n.one + C_n.two,
                      R_n.own + R_n.one + R_n.two)
                + (m - 1) * slope(Co[now], Ro[now], C_n.one, R_n.one)
                - slope(Co[now], Ro[now], C_n.two, R_n.two))
            da[n + 1] += eta * alpha * (
                dphi_hat(v[n]) * dv[n] * I_A
                - (R_A[now] @ h_own + eta * C_A[now] @ R_own) / m)
    return Differences(run.t, da, dv, dnu, a, v)
