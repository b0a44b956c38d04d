"""Rows of the solver against dense linear algebra, and the safeguards that refuse a row."""

import math

import numpy as np
import pytest
from numba import njit
from numpy.polynomial.polynomial import polyder, polyval

from engine import Parameters, solve
from engine.dmft.scheme import card, stepping
from engine.dmft.scheme import row as rows
from engine.dmft.scheme.control import Control, reach
from engine.dmft.scheme.derivative import Step, derivative, parabola, past
from engine.dmft.scheme.mixing import DEPTH, allocate_mixing, forget, mismatch, mix, remember
from engine.dmft.scheme.products import add_columns, add_rows
from engine.dmft.scheme.row import CONVERGED, FAILED
from engine.dmft.scheme.stepping import Stepping, integrate
from engine.dmft.symmetric.coefficients import finite_width, infinite_width
from engine.dmft.symmetric.correlations import multiplier
from engine.dmft.symmetric.equations import accept, equations, sweep, weigh
from engine.dmft.symmetric.history import allocate
from engine.dmft.symmetric.responses import allocate_row, physical, respond_diagonal

EXACT = Control(mismatch=1e-9, reach=0.0, history=1000)
"""Rows solved to 1e-12, plain BDF3, nothing thinned out."""
SETTINGS = [
    Parameters(m=6, alpha=0.5, tau=0.4, t_max=8.0),
    Parameters(init="lazy", gamma0=0.7, m=5, alpha=0.8, tau=0.3, t_max=4.0, h="quadratic",
               phi=(0.0, 0.6, 0.0, -0.5)),
    Parameters(target="noise", m=4, alpha=1.2, tau=1.0, t_max=5.0, h="weak"),
]


class Dense:
    """All of a run's functions as dense matrices over the nodes, node 0 first."""

    def __init__(self, p: Parameters):
        self.p, self.phi_hat = p, p.covariance.coefficients[1]
        self.run = Stepping(equations(finite_width(p), p.a_start / math.sqrt(p.m)), p.t_max, 1e-3,
                            EXACT)
        integrate(self.run)
        n, H = self.run.n, self.run.H
        assert self.run.work["thinned"] == 0
        self.n, self.t, self.v, self.nu = n, H.t[:n], H.v[0, :n], H.nu[:n]
        self.a = H.gamma[:n] * math.sqrt(p.m)
        C_perp, C_par = H.C_perp[:n, :n], H.C_conn[:n, :n] + p.m * np.outer(self.v, self.v)
        R_perp, R_par = np.tril(H.R_perp[:n, :n]), np.tril(H.R_par[:n, :n])
        self.C = {"perp": C_perp, "conn": H.C_conn[:n, :n]}
        self.R = {"perp": R_perp, "par": R_par}
        self.C_o, self.R_o = (C_par - C_perp) / p.m, (R_par - R_perp) / p.m
        self.C_d, self.R_d = C_perp + self.C_o, R_perp + self.R_o
        self.R_A, self.C_A = np.tril(H.R_A[:n, :n]), H.C_A[:n, :n]
        for X in (self.R_A, R_perp, R_par, self.R_d, self.R_o):
            X[:, 0] = 0.0  # node 0 holds initial values only
        self.D = np.zeros((n, n))
        for i in range(1, n):
            step = derivative(self.t, i, 0.0)
            for back, weight in enumerate(step[1:]):
                self.D[i, max(i - back, 0)] += weight

    def sum_over_neurons(self, X_d, X_o):
        return X_d + (self.p.m - 1) * X_o

    def kernels(self):
        """K_⊥ and K_∥ of the responses and of the correlations (C.38–C.41)."""
        p, aa = self.p, self.p.alpha * np.outer(self.a, self.a)
        h1, h2 = (lambda C: polyval(C, polyder(p.h))), (lambda C: polyval(C, polyder(p.h, 2)))
        M = [aa * (self.R_A * h1(C) + self.C_A * h2(C) * R)
             for C, R in ((self.C_d, self.R_d), (self.C_o, self.R_o))]
        M_C = [aa * self.C_A * h1(C) for C in (self.C_d, self.C_o)]
        return {"perp": ((M[0] - M[1]) / p.m, (M_C[0] - M_C[1]) / p.m),
                "par": (self.sum_over_neurons(*M) / p.m, self.sum_over_neurons(*M_C) / p.m)}


@pytest.fixture(scope="module", params=SETTINGS, ids=lambda p: f"{p.init}-{p.target}")
def dense(request):
    return Dense(request.param)


def close(found, expected):
    """To 1e-8 of the largest entry: a row is solved to 1e-12, a sum has some hundred terms and
    the derivative of the first steps a factor 1/h of some thousand."""
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-8 * np.abs(expected).max())


def test_the_labels_response_is_the_inverse_of_one_plus_sigma(dense):
    p = dense.p
    h1 = lambda C: polyval(C, polyder(p.h))  # noqa: E731
    Sigma_R = np.outer(dense.a, dense.a) / p.m * dense.sum_over_neurons(
        h1(dense.C_d) * dense.R_d, h1(dense.C_o) * dense.R_o)
    close(dense.R_A[1:, 1:], np.linalg.inv(np.eye(dense.n - 1) + Sigma_R[1:, 1:]))


def test_the_labels_correlation_is_sigma_between_two_responses(dense):
    p, signal = dense.p, dense.a * polyval(dense.v, dense.phi_hat)
    Sigma_C = (p.tau**2 + p.phi_norm2 - signal[:, None] - signal
               + np.outer(dense.a, dense.a) / p.m * dense.sum_over_neurons(
                   polyval(dense.C_d, p.h), polyval(dense.C_o, p.h)))
    close(dense.C_A[1:, 1:], -dense.R_A[1:, 1:] @ Sigma_C[1:, 1:] @ dense.R_A[1:, 1:].T)


@pytest.mark.parametrize("sector", ["perp", "par"])
def test_the_responses_invert_the_linear_equation_of_their_sector(dense, sector):
    K, _ = dense.kernels()[sector]
    operator = (dense.D + np.diag(dense.nu) + K)[1:, 1:]
    close(dense.R[sector][1:, 1:], np.linalg.inv(np.tril(operator)))


@pytest.mark.parametrize(("sector", "name"), [("perp", "perp"), ("par", "conn")])
def test_the_correlations_are_driven_by_noise_through_the_responses(dense, sector, name):
    K, K_C = dense.kernels()[sector]
    K[:, 0] = K_C[:, 0] = 0.0
    left = (dense.D + np.diag(dense.nu) + K) @ dense.C[name]
    right = -K_C @ dense.R[sector].T
    rows = np.tril_indices(dense.n)
    kept = rows[0] > 0
    scale = np.abs(dense.D).max()
    np.testing.assert_allclose(left[rows][kept], right[rows][kept], atol=1e-10 * scale)


def test_alignment_norm_and_second_layer_obey_their_equations(dense):
    p = dense.p
    K, _ = dense.kernels()["par"]
    K[:, 0] = 0.0
    scale = np.abs(dense.D).max()
    I_A = dense.R_A.sum(axis=1)
    phi, dphi = polyval(dense.v, dense.phi_hat), polyval(dense.v, polyder(dense.phi_hat))
    left = (dense.D + np.diag(dense.nu) + K) @ dense.v
    np.testing.assert_allclose(left[1:], (p.alpha * dense.a * dphi * I_A)[1:], atol=1e-10 * scale)
    np.testing.assert_allclose(np.diagonal(dense.C_d), 1.0, atol=1e-12)
    h, dh = p.h, polyder(p.h)
    h_sum = dense.sum_over_neurons(polyval(dense.C_d, h), polyval(dense.C_o, h))
    h_R = dense.sum_over_neurons(polyval(dense.C_d, dh) * dense.R_d,
                                 polyval(dense.C_o, dh) * dense.R_o)
    force = p.alpha * (phi * I_A - (dense.R_A * h_sum + dense.C_A * h_R) @ dense.a / p.m)
    np.testing.assert_allclose((dense.D @ dense.a)[1:], force[1:], atol=1e-10 * scale)


def test_products_with_the_past_are_matrix_products():
    rng = np.random.default_rng(0)
    for n in (2, 5, 6, 7, 8):
        weights, out = rng.normal(size=n + 1), rng.normal(size=n + 1)
        X = rng.normal(size=(n + 1, n + 1))
        expected = out[:n] - weights[1:n] @ X[1:n, :n]
        add_rows(weights, X, n, found := out.copy())
        np.testing.assert_allclose(found[:n], expected, rtol=1e-12, atol=1e-12)
        L = np.tril(X)
        L[:, 0] = 0
        add_columns(weights, L, n, found := out.copy())
        np.testing.assert_allclose(found[:n], out[:n] - L[:n] @ weights, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("n", "extra", "degree"),
                         [(1, 0.0, 1), (2, 0.0, 2), (3, 0.0, 3), (6, 0.0, 3), (6, 5.0, 2)])
def test_the_derivative_is_exact_for_powers_up_to_its_order(n, extra, degree):
    """Order three, and two where `reach` raises c; the constant's derivative is 0 always."""
    t = np.cumsum([0.0, 0.3, 0.2, 0.35, 0.4, 0.3, 0.33])
    step = derivative(t, n, extra)
    for power in range(degree + 1):
        y = t**power
        slope = power * t[n] ** (power - 1) if power else 0.0
        assert step.d0 * y[n] + past(step, y) == pytest.approx(slope, abs=1e-12)
        if power < min(n, 3):
            weights = parabola(t, n)
            assert sum(w * y[n - 1 - k] for k, w in enumerate(weights[:n])) \
                == pytest.approx(y[n], abs=1e-12)


def test_mixing_solves_a_linear_system_in_as_many_steps_as_it_has_unknowns():
    """x = Mx + b with eigenvalues beyond 1, where plain iteration diverges.  The ridge of the
    normal equations, 1e-10, leaves a share of its root of each residual."""
    rng = np.random.default_rng(1)
    size = DEPTH - 2
    M, b = rng.normal(size=(size, size)), rng.normal(size=size)
    assert np.abs(np.linalg.eigvals(M)).max() > 1
    mixing = allocate_mixing(size)
    mixing.weight[:] = 1.0
    forget(mixing)
    for count in range(2 * size + 2):
        mixing.new[:] = M @ mixing.x + b
        mismatch(mixing, size)
        if count:
            remember(mixing, size)
        mix(mixing, size)
    np.testing.assert_allclose(mixing.x, np.linalg.solve(np.eye(size) - M, b), rtol=1e-6)


@pytest.mark.parametrize("m", [2, 50, math.inf])
def test_the_multiplier_keeps_the_norm(m):
    p = Parameters(init="lazy", m=2 if math.isinf(m) else m)
    model = infinite_width(p) if math.isinf(m) else finite_width(p)
    Q_perp, Q_par, V, kappa_perp, kappa_par = 2.0, 3.0, -0.4, 0.7, -0.2
    x = multiplier(Q_perp, Q_par, V**2, kappa_perp, kappa_par, model)
    norm = ((1 - model.inv_m) * Q_perp / (x + kappa_perp)**2
            + (model.inv_m * Q_par + V**2) / (x + kappa_par)**2)
    assert norm == pytest.approx(1, rel=1e-13) and x + min(kappa_perp, kappa_par) > 0


def test_at_infinite_width_the_model_has_no_linear_part_no_signal_and_more_noise():
    p = Parameters(init="lazy", h=(0.0, 0.9, 0.3, 0.2), phi=(0.0, 0.5, 0.1, 0.0), tau=0.4)
    model = infinite_width(p)
    np.testing.assert_allclose(model.h, (0, 0, 0.3, 0.2))
    np.testing.assert_allclose(model.dh, (0, 0.6, 0.6))
    np.testing.assert_allclose(model.ddh, (0.6, 1.2))
    assert not np.any(model.phi_hat) and not np.any(model.dphi_hat)
    assert model.inv_m == model.m_minus_1 == 0 and not model.trains_gamma
    assert model.label_variance == pytest.approx(
        p.tau**2 + p.phi_norm2 - 0.5**2)


@pytest.mark.parametrize(("start", "root", "right"), [(0.3, 0.5, True), (1.3, 1.0, False)])
def test_of_the_two_roots_for_the_response_at_equal_times_the_smaller_is_physical(
        start, root, right):
    """R(3 − 2R) = 1, so R = ½ or 1; Newton finds the one on the side where it starts."""
    H, row = allocate(1, 2), allocate_row(2)
    H.C_A[1, 1], row.perp_r[1] = -2.0, 1.0
    H.R_perp[1, 1], H.R_par[1, 1] = start, 0.3
    assert respond_diagonal(H, row, Step(1, 3.0, 0.0, 0.0, 0.0), 0.0)
    assert H.R_perp[1, 1] == pytest.approx(root, rel=1e-12)
    assert H.R_par[1, 1] == pytest.approx(1 / 3, rel=1e-12)
    assert physical(H, row, 1) == right


@pytest.mark.parametrize(("slope", "outcome"), [(0.0, CONVERGED), (-2.0, FAILED)])
def test_a_row_that_converged_to_the_other_root_has_failed(monkeypatch, slope, outcome):
    """`take` as Python, asked for a row of a real run whose C_A perp_r, the slope of K̂_⊥, is
    then put below −1/R̂_⊥², where the root is the larger one."""
    p = SETTINGS[0]
    run = Stepping(equations(finite_width(p), p.a_start / math.sqrt(p.m)), p.t_max, 1e-2)
    integrate(run)
    H, n, sound = run.H, run.n - 1, njit(lambda H, row, n: card.sound(H, row, n))

    def beyond(H, row, n):
        row.perp_r[n] += slope / (H.R_perp[n, n] ** 2 * H.C_A[n, n])
        return sound(H, row, n)

    for name, function in (("sweep", sweep), ("weigh", weigh), ("sound", beyond),
                           ("accept", accept)):
        monkeypatch.setattr(rows, name, function)
    found, *_ = rows.take.py_func(H, run.equations.model, run._work_space, run._mixing, n,
                                  rows.Effort(1e-2, 1e-4, 50, 0.0))
    assert found == outcome


def test_a_row_whose_train_error_climbs_is_solved_again_with_a_shorter_step(monkeypatch):
    real, refused = stepping.take, []

    def climbing(H, model, row, mixing, n, effort):
        result = real(H, model, row, mixing, n, effort)
        if n > 20 and H.t[n] - H.t[n - 1] > 0.1 * H.t[n]:
            H.observables[0, n] = 1.1 * H.observables[0, :n].min()
            refused.append(n)
        return result

    monkeypatch.setattr(stepping, "take", climbing)
    run = solve(Parameters(m=16, t_max=200.0))
    assert run.status.complete and refused
    assert np.all(np.diff(run.train_error) <= 0)


def test_the_derivative_is_changed_only_where_rows_are_trouble_and_steps_equal():
    t, control = np.arange(10.0), Control(reach=3.0, drift=0.2)
    assert reach(control, t, 9, last_error=0.01, sweeps=20) == pytest.approx(0.2 / (9 * 0.01))
    assert reach(control, t, 9, last_error=1e-6, sweeps=20) == 3.0
    assert reach(control, t, 9, last_error=0.01, sweeps=5) == 0
    assert reach(control, t, 2, last_error=0.01, sweeps=20) == 0
    t[9] = 9.2  # a longer step
    assert reach(control, t, 9, last_error=0.01, sweeps=20) == 0


def test_reach_spares_sweeps_in_glassy_states():
    """Together 18 % fewer than plain BDF3 takes, and the same end to a tenth of rtol."""
    glassy = (Parameters(alpha=3.0, tau=2.0, m=30, t_max=3e3),
              Parameters(init="lazy", gamma0=2.5, alpha=4.0, tau=3.0, m=1000, target="noise",
                         h="weak", t_max=1e3))
    runs = [[solve(p, control=control) for p in glassy] for control in (Control(),
                                                                        Control(reach=0.0))]
    ends = np.array([[run.train_error[-1] for run in row] for row in runs])
    np.testing.assert_allclose(ends[0], ends[1], rtol=1e-3)
    sweeps = [sum(run.work["sweeps"] for run in row) for row in runs]
    assert sweeps[0] < 0.92 * sweeps[1]
