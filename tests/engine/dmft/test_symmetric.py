"""The fast solver against everything that is known independently of it."""

import math

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.integrate import solve_ivp

from engine import Parameters, Status, solve
from engine.dmft.reference import solve_euler
from engine.dmft.scheme.control import Control
from engine.dmft.scheme.stepping import Stepping, beyond, integrate
from engine.dmft.symmetric.coefficients import finite_width, infinite_width
from engine.dmft.symmetric.equations import equations
from engine.monitor import Monitor

CURVES = ["a", "v", "train_error", "test_error", "first_layer_displacement", "overlap"]


def last(trajectory):
    return trajectory.to_frame().iloc[-1][CURVES].to_numpy()


@pytest.mark.parametrize(
    "p",
    [
        Parameters(m=16, alpha=0.3, tau=0.3, t_max=10.0),
        Parameters(m=4, alpha=1.0, tau=0.6, t_max=4.0, h="quadratic"),
        Parameters(m=2, alpha=0.7, tau=0.2, t_max=3.0, phi=(0.0, 0.5, 0.0, -0.8)),
        Parameters(init="lazy", gamma0=0.5, m=8, alpha=0.5, tau=0.5, t_max=3.0, h="weak"),
        Parameters(m=8, alpha=0.5, tau=1.0, target="noise", t_max=6.0),
        Parameters(m=8, alpha=0.5, tau=0.4, train_second_layer=False, t_max=6.0),
    ],
    ids=lambda p: f"{p.init}-{p.target}-m{p.m}",
)
def test_agrees_with_explicit_euler_extrapolated_to_zero_step(p):
    # Richardson on a first-order scheme leaves O(η²); its size shows in how far the two last
    # extrapolations differ, and the fast solver at rtol = 1e-4 adds about 1e-4.
    runs = [last(solve_euler(p, steps)) for steps in (150, 300, 600)]
    first, second = 2 * runs[1] - runs[0], 2 * runs[2] - runs[1]
    tolerance = 2e-4 + 2 * np.abs(second - first)
    assert np.all(tolerance < 5e-3)
    assert np.all(np.abs(last(solve(p, 1e-4)) - second) < tolerance)


@pytest.mark.parametrize(
    ("settings_", "t", "expected"),
    [
        # Reference values of two other implementations (explicit Euler extrapolated, and BDF2)
        # that agree with each other to 1e-5.
        ({"m": 16, "alpha": 0.3, "tau": 0.3}, 20.0,
         {"a": 1.36568, "v": 0.72363, "train_error": 0.019526, "test_error": 0.083154}),
        ({"m": 64, "alpha": 0.6, "tau": 0.3}, 100.0, {"a": 1.28317, "v": 0.81849}),
        ({"m": 64, "alpha": 0.6, "tau": 0.3}, 300.0, {"a": 1.45686, "v": 0.73443}),
    ],
)
def test_reproduces_the_reference_numbers(settings_, t, expected):
    r = solve(Parameters(**settings_, t_max=t), 1e-3).at(t).iloc[0]
    for name, value in expected.items():
        assert r[name] == pytest.approx(value, rel=1e-3)


def test_crossover_time_of_the_reference_run():
    r = solve(Parameters(m=64, alpha=0.6, tau=0.3, t_max=600.0), 1e-3)
    assert np.interp(0.2, r.gamma, r.t) == pytest.approx(470.27, rel=1e-3)  # known to ± 0.01


def test_the_scheme_is_of_third_order_in_the_step():
    # Steps are a fixed fraction of t here: rtol = 0.1 leaves them alone, rows are solved to 1e-8
    # and none is thinned out.
    p = Parameters(m=16, t_max=10.0)
    exact = last(solve(p, 3e-6, max_nodes=10_000))
    fractions = [0.08, 0.04, 0.02]
    errors = [np.abs(last(solve(p, 0.1, control=Control(
        largest=fraction, growth=1 + fraction, reach=0.0, mismatch=1e-7, history=1500))) - exact
        ).max() for fraction in fractions]
    assert 2.6 < np.polyfit(np.log(fractions), np.log(errors), 1)[0] < 3.4


def test_the_true_error_is_proportional_to_rtol():
    p = Parameters(m=16, t_max=10.0)
    fine = solve(p, 2e-5)
    assert fine.status is Status.REACHED_T_MAX
    exact = last(fine)
    tolerances = [3.2e-2, 8e-3, 2e-3, 5e-4]
    errors = [np.abs(last(solve(p, tol)) - exact).max() for tol in tolerances]
    assert 0.8 < np.polyfit(np.log(tolerances), np.log(errors), 1)[0] < 1.3
    assert errors[0] < tolerances[0] and errors[-1] < tolerances[-1]


def test_halving_rtol_reduces_the_true_error():
    p = Parameters(m=64, alpha=0.6, tau=0.3, t_max=520.0)
    exact = last(solve(p, 1e-4))
    errors = [np.abs(last(solve(p, tol)) / exact - 1).max() for tol in (1.6e-2, 4e-3, 1e-3)]
    assert errors[1] < 0.6 * errors[0]
    assert errors[2] < 0.6 * errors[1]


def test_default_tolerance_gives_one_percent_in_all_curves():
    p = Parameters()
    coarse, fine = solve(p), solve(p, 1e-4)
    t = np.geomspace(0.1, p.t_max, 60)
    t = t[(t < 300) | (t > 3000)]  # levels; the crossover between them is tested by its time
    for name in ("gamma", "v", "train_error", "test_error"):
        a, b = coarse.at(t)[name], fine.at(t)[name]
        floor = 1e-3 * fine.to_frame()[name].abs().max()
        assert np.max(np.abs(a - b) / (np.abs(b) + floor)) < 0.01, name
    crossing = [np.interp(0.3, r.gamma, r.t) for r in (coarse, fine)]
    assert crossing[0] == pytest.approx(crossing[1], rel=0.02)


@st.composite
def parameters(draw):
    """Settings over most of the table; horizons short enough for many examples."""
    log = lambda low, high: math.exp(draw(st.floats(math.log(low), math.log(high))))  # noqa: E731
    init = draw(st.sampled_from(["lazy", "mean-field"]))
    m = round(log(2, 1e6))
    start = {"gamma0": log(0.1, 3)} if init == "lazy" else {"a0": log(0.1, 3)}
    return Parameters(
        init=init, alpha=log(0.02, 3), tau=draw(st.floats(0, 2)), m=m, **start,
        target=draw(st.sampled_from(["single-index", "noise"])),
        h=draw(st.sampled_from(["cubic", "quadratic", "weak"])),
        train_second_layer=draw(st.booleans()), t_max=log(1, 100))


@given(parameters())
@settings(max_examples=60, deadline=None, derandomize=True,
          suppress_health_check=[HealthCheck.too_slow])
def test_properties_of_every_solution(p):
    r = solve(p, max_nodes=300)
    table = r.to_frame()
    scale = r.train_error[0]
    assert np.isfinite(table.to_numpy()).all()
    assert np.all(np.diff(r.t) > 0)
    start = 0.5 * (p.tau**2 + p.phi_norm2 + p.a_start**2 * sum(p.h) / p.m)
    assert r.train_error[0] == pytest.approx(start, rel=1e-12)
    assert r.test_error[0] == pytest.approx(start, rel=1e-12)
    assert np.all(r.train_error >= 0)
    # Gradient flow lowers the train error; implicit steps keep that to the solver's tolerance.
    assert np.max(np.diff(r.train_error)) < 1e-4 * scale
    assert np.all(r.test_error >= p.bayes_error * (1 - 1e-9))
    assert np.max(np.abs(r.v)) <= 1 + 1e-9
    assert np.max(np.abs(r.overlap)) <= 1 + 1e-9
    assert np.all(r.first_layer_displacement <= 2)
    if not p.train_second_layer:
        assert np.all(r.gamma == r.gamma[0])


@pytest.mark.parametrize("init", ["lazy", "mean-field"])
def test_neurons_stay_on_the_sphere(init):
    p = Parameters(init=init, m=100)
    # With room for every row: thinning leaves C_d(t,t) as it is, but this looks at all of them.
    run = Stepping(equations(finite_width(p), p.a_start / 10), p.t_max, 1e-2,
                   Control(history=1000))
    integrate(run)
    n, H = run.n, run.H
    assert run.work["thinned"] == 0
    diagonal = lambda X: np.diagonal(X)[:n]  # noqa: E731
    C_d = (1 - 1 / p.m) * diagonal(H.C_perp) + diagonal(H.C_conn) / p.m + H.v[0, :n] ** 2
    assert np.max(np.abs(C_d - 1)) < 1e-12
    for X in (H.C_perp, H.C_conn, -H.C_A):  # covariances
        S = X[1:n, 1:n]  # node 0 holds initial values only
        assert np.linalg.eigvalsh(S).min() > -1e-3 * np.abs(S).max()


@pytest.mark.parametrize(("init", "scale"), [("lazy", "gamma0"), ("mean-field", "a0")])
def test_pure_noise_scales_with_its_units(init, scale):
    # With the second layer fixed, (τ, a) → (cτ, ca) multiplies errors by c² and divides times
    # by c² exactly.  (a' itself scales differently, so a trained second layer breaks it at
    # finite m.)  The two runs take other steps, so they agree to the solver's tolerance.
    p = Parameters(init=init, target="noise", m=50, tau=0.5, alpha=0.5, t_max=200.0,
                   train_second_layer=False)
    c = 2.0
    q = p.replace(tau=c * p.tau, **{scale: c * getattr(p, scale)}, t_max=p.t_max / c**2)
    r, s = solve(p, 1e-3), solve(q, 1e-3)
    t = np.geomspace(0.01, min(r.t[-1], c**2 * s.t[-1]), 40)
    a, b = s.at(np.minimum(t / c**2, s.t[-1])), r.at(t)
    e0 = s.train_error[0]
    assert np.allclose(a["train_error"], c**2 * b["train_error"], rtol=5e-3, atol=1e-4 * e0)
    assert np.allclose(a["first_layer_displacement"], b["first_layer_displacement"], rtol=5e-3)


def test_lazy_first_regime_tends_to_its_closed_form():
    # F.50–F.59 in s = mt: corrections are O(1/m), so the distance falls tenfold with m.
    alpha, gamma, tau, h1, h3 = 0.3, 0.7, 0.3, 0.9, 1 / 6
    K = alpha * gamma**2 * h1
    s = np.geomspace(0.05, 20, 30)
    c_rate = lambda t, c: 2 * (alpha * gamma * h1 * v1(t) - K * (1 + c))  # noqa: E731
    v1 = lambda t: (1 - np.exp(-K * t)) / gamma  # noqa: E731
    c = solve_ivp(c_rate, (0, 20), [0.0], t_eval=s, rtol=1e-10, atol=1e-12).y[0]
    e = 0.5 * (tau**2 + h1 + h3 - 2 * gamma * h1 * v1(s) + gamma**2 * (h1 + h3 + h1 * c))
    distances = []
    for m in (1000, 10_000, 100_000):
        p = Parameters(init="lazy", m=m, gamma0=gamma, alpha=alpha, tau=tau, t_max=30 / m)
        r = solve(p, 1e-4).at(s / m)
        distances.append(max(np.abs(r["test_error"] - e).max(),
                             np.abs(r["v"] * math.sqrt(m) - v1(s)).max()))
    assert distances[0] < 0.05
    assert distances[1] < 0.2 * distances[0]
    assert distances[2] < 0.2 * distances[1]


def test_lazy_plateau_is_the_best_linear_fit():
    # (2.7) e_ts = ½[τ² + ‖φ‖² − φ̂'(0)²/h'(0) + γ₀²(h(1) − h'(0))]
    p = Parameters(init="lazy", m=1_000_000, gamma0=0.8, alpha=0.3, tau=0.3, h="quadratic",
                   t_max=1.0)
    plateau = 0.5 * (0.09 + 1.4 - 0.9 + 0.64 * 0.5)
    r = solve(p)
    assert r.at([1e-3, 1e-2, 0.1])["test_error"].to_numpy() == pytest.approx(plateau, rel=2e-3)


def test_mean_field_first_regime_tends_to_its_differential_equation():
    # (2.10) with corrections O(1/m).
    alpha, h = 0.3, np.polynomial.Polynomial((0, 0.9, 0, 1 / 6))
    dh = h.deriv()

    def flow(_, y):
        v, a = y
        return [alpha * a * (1 - v**2) * (dh(v) - a * dh(v**2) * v), alpha * (h(v) - a * h(v**2))]

    t = np.linspace(0.5, 20, 30)
    limit = solve_ivp(flow, (0, 20), [0.0, 1.0], t_eval=t, rtol=1e-10, atol=1e-12).y
    distances = []
    for m in (1000, 10_000, 100_000):
        r = solve(Parameters(m=m, alpha=alpha, t_max=20.0), 1e-4).at(t)
        distances.append(np.abs(r[["v", "a"]].to_numpy().T - limit).max())
    assert distances[0] < 0.05
    assert distances[1] < 0.2 * distances[0]
    assert distances[2] < 0.3 * distances[1]


def test_infinite_width_is_the_limit_of_wide_lazy_networks():
    # t = Θ(1): finite-m corrections are O(1/m).
    p = Parameters(init="lazy", gamma0=0.6, alpha=0.5, tau=0.5, t_max=20.0)
    run = Stepping(equations(infinite_width(p), p.gamma0), p.t_max, 1e-4)
    integrate(run)
    t = np.geomspace(0.5, 20, 20)
    o = run.columns()
    limit = np.interp(t, o["t"], o["train_error"])
    distances = [np.abs(solve(p.replace(m=m, t_max=20.0), 1e-4).at(t)["train_error"] - limit).max()
                 for m in (300, 3000)]
    assert distances[1] < 0.2 * distances[0]


def test_progress_rises_to_one_and_cancel_keeps_what_was_computed():
    seen = []
    p = Parameters(t_max=100.0)
    full = solve(p, monitor=Monitor(seen.append))
    assert seen == sorted(seen)
    assert seen[-1] == pytest.approx(1)
    countdown = iter([False] * 20 + [True])
    part = solve(p, monitor=Monitor(cancel=lambda: next(countdown)))
    assert part.status is Status.CANCELLED
    assert len(part) == 21
    assert np.array_equal(part.train_error, full.train_error[:21])


def test_node_limit_is_a_status_with_advice_and_a_partial_result():
    r = solve(Parameters(), max_nodes=50)
    assert r.status is Status.NODE_LIMIT
    assert len(r) == 50
    assert "max_nodes" in r.status.advice


@pytest.mark.parametrize(("t", "train_error", "expected"), [
    ((1950, 2200), (0.3, 0.3), True),
    ((1950, 2200), (0.09, 0.036), False),
    ((1.0, 1.01**250), (0.3, 0.3), False),
    ((1.0, 1.001**250), (0.3, 0.3), True),
], ids=["equal steps", "error heads for zero", "steps grow 1 %", "steps grow 0.1 %"])
def test_an_end_is_beyond_reach_if_neither_time_nor_train_error_get_there(
        t, train_error, expected):
    """After 250 steps 300 more: to ten times the last t, or to a train error of 0."""
    assert beyond(t, train_error, (10 * t[1], 0.0), 300 / 250) == expected


def test_a_run_without_hope_is_given_up_early_and_changes_nothing_before():
    p = Parameters(init="lazy", gamma0=2.5, alpha=4.0, tau=3.0, m=100_000, target="noise",
                   h="weak", t_max=1e7)
    run = solve(p)
    assert run.status is Status.NODE_LIMIT and 1000 < len(run) < 2000
    longer = Stepping(equations(finite_width(p), p.gamma0), p.t_max, 1e-2,
                      max_nodes=2 * len(run))
    integrate(longer)
    assert longer.status is Status.NODE_LIMIT and longer.rows[-1][0] < 0.1 * p.t_max
    np.testing.assert_array_equal(longer.columns()["t"][:len(run)], run.t)


def test_interpolating_run_says_so():
    r = solve(Parameters(init="lazy", gamma0=1.5, m=1000, h="quadratic"))
    assert r.status is Status.INTERPOLATED
    assert r.train_error[-1] < 1e-9 * r.train_error[0]


@pytest.mark.parametrize("rtol", [0, -1, 1.0, math.nan, "1e-2", None, 1e-9])
def test_bad_tolerance_is_refused_with_its_rule(rtol):
    with pytest.raises(ValueError, match="rtol: must be a number from"):
        solve(Parameters(), rtol)


@pytest.mark.parametrize("max_nodes", [0, 2, 10**6, 5.5])
def test_bad_node_limit_is_refused_with_its_rule(max_nodes):
    with pytest.raises(ValueError, match="max_nodes: must be a whole number from 3"):
        solve(Parameters(), max_nodes=max_nodes)
