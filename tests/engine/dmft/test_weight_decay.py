"""Weight decay of the second layer: explicit Euler, closed forms, the objective, networks."""

import numpy as np
import pytest

from engine import Group, ParameterError, Parameters, solve
from engine.dmft.reference import solve_euler
from engine.dmft.reference.groups import solve_groups
from engine.limits import limit
from engine.network import NetworkSettings, simulate
from engine.network.model import Network
from engine.results.status import Status

CURVES = ("a", "v", "train_error", "test_error")
SHORT = Parameters(m=8, alpha=0.6, tau=0.3, t_max=8.0)


@pytest.mark.parametrize("values", [
    {"weight_decay": 0.5}, {"weight_decay": 5.0, "activation": "tanh"},
    {"weight_decay": 1.0, "init": "lazy", "gamma0": 0.5, "h": "quadratic"}], ids=str)
def test_the_solver_agrees_with_explicit_euler(values):
    """Euler extrapolated from steps of 0.04 and 0.02 errs by 1e-4, the solver by its rtol."""
    p = SHORT.replace(**values)
    run, coarse, fine = solve(p, 1e-4), solve_euler(p, 200), solve_euler(p, 400)
    t = coarse.t[25::25]
    for name in CURVES:
        euler = 2 * fine.at(t)[name] - coarse.at(t)[name]
        np.testing.assert_allclose(run.at(t)[name], euler, atol=3e-4 * np.abs(euler).max())


def test_groups_decay_as_in_explicit_euler_and_equal_ones_as_identical_neurons():
    """As above; equal groups are the same equations, solved to rtol."""
    groups = (Group(4, 1.3), Group(4, 0.7))
    p = SHORT.replace(weight_decay=2.0, groups=groups)
    run = solve(p, 1e-4)
    a0 = [p.a_start * group.factor for group in groups]
    coarse, fine = (solve_groups(p, [4, 4], steps, a0=a0) for steps in (200, 400))
    for g in (0, 1):
        euler = 2 * fine.a[::2, g] - coarse.a[:, g]
        found = run.at(coarse.t, (f"a_{g + 1}",))[f"a_{g + 1}"]
        np.testing.assert_allclose(found, euler, atol=1e-3)
    alike = p.replace(groups=(Group(4), Group(4)))
    np.testing.assert_allclose(solve(alike, 1e-4).at([8.0])["a"],
                               solve(p.alike, 1e-4).at([8.0])["a"], atol=1e-3)


def test_a_second_layer_that_nothing_drives_decays_exponentially():
    """Labels that are 0 and m = 10⁶: for t ≪ √m nothing but the decay moves a, at the rate αλ/m."""
    p = Parameters(target="noise", tau=0.0, alpha=0.3, m=10**6, weight_decay=100.0, t_max=1e3)
    run = solve(p, 1e-4)
    expected = np.exp(-p.alpha * p.weight_decay / p.m * run.t)
    assert 1 - expected[-1] > 0.02
    # What labels of 0 do to a network of output a/√m is of order α a³ t/m, 3e-4 at the end.
    np.testing.assert_allclose(run.a, expected, atol=2e-3)


@pytest.mark.parametrize("values", [{}, {"init": "lazy", "gamma0": 1.0},
                                    {"init": "lazy", "gamma0": 0.1, "h": "quadratic"}], ids=str)
def test_the_objective_never_climbs_and_the_train_error_may(values):
    p = Parameters(m=64, weight_decay=0.3, **values)
    run = solve(p, 1e-2)
    assert run.status is Status.REACHED_T_MAX
    objective = run.train_error + 0.5 * p.weight_decay * run.gamma**2
    assert np.all(np.diff(objective) <= 1e-2 * objective[1:])


def test_all_starts_end_in_the_same_state():
    """Strong decay forgets the start: lazy and mean-field runs end alike, to rtol."""
    ends = [solve(Parameters(m=64, weight_decay=2.0, t_max=64 * 100, **values), 1e-3)
            for values in ({}, {"init": "lazy", "gamma0": 1.0}, {"init": "lazy", "gamma0": 0.1})]
    for name in CURVES:
        np.testing.assert_allclose([getattr(run, name)[-1] for run in ends[1:]],
                                   getattr(ends[0], name)[-1], rtol=5e-3)


def test_enough_of_it_keeps_a_narrow_network_on_the_plateau():
    """m = 128 overfits to 0.143 without; with λ = 1 it ends near its best, 0.050."""
    free, held = (solve(Parameters(m=128, weight_decay=x)) for x in (0.0, 1.0))
    assert free.test_error[-1] > 2.5 * free.test_error.min()
    assert held.test_error[-1] < 1.2 * held.test_error.min()
    assert held.v[-1] > 0.7 > 0.3 > free.v[-1]


def test_the_network_descends_the_risk_with_its_penalty():
    """Finite differences of the penalty, exact for a quadratic."""
    p = Parameters(m=5, alpha=2.0, weight_decay=3.0)
    with_it, without = (Network(q, NetworkSettings(d=12), 0) for q in
                        (p, p.replace(weight_decay=0.0)))
    force = with_it.gradient()[1] - without.gradient()[1]
    scale = with_it.n / 12
    for i in range(5):
        up, down = (with_it.a + x * (np.arange(5) == i) for x in (0.5, -0.5))
        slope = 1.5 * (up @ up - down @ down) / 25
        assert force[i] == pytest.approx(scale * slope, rel=1e-6)
    assert with_it.penalty() == pytest.approx(1.5 * (with_it.a @ with_it.a) / 25)


@pytest.mark.parametrize("algorithm", ["gaussian", "gd"])
def test_networks_follow_the_theory(algorithm):
    """Gaussian model and real networks of erf-like smoothness: quadratic and erf, m = 8, d = 60,
    six seeds.  Their scatter and 1/d allow 4 % of a and 10 % of the test error."""
    kind = {"h": "quadratic"} if algorithm == "gaussian" else {"activation": "erf"}
    p = Parameters(m=8, alpha=0.5, tau=0.4, t_max=16.0, weight_decay=2.0, **kind)
    t = np.array([4.0, 16.0])
    mean = simulate(p, NetworkSettings(d=60, seeds=6, algorithm=algorithm), times=t).frame \
        .groupby("t")[["a", "test_error"]].mean().loc[t]
    theory = solve(p, 1e-3).at(t)
    np.testing.assert_allclose(mean["a"], theory["a"], rtol=0.04)
    np.testing.assert_allclose(mean["test_error"], theory["test_error"], rtol=0.10)
    free = solve(p.replace(weight_decay=0.0), 1e-3).at(t)
    assert free["a"].iloc[-1] > 1.25 * theory["a"].iloc[-1]


def test_the_drift_of_gamma_ends_where_decay_and_data_balance():
    """Lazy noise at m = 20000 against the m → ∞ law dγ/dz = −α(∂e/∂γ + λγ), which holds to 2 %."""
    p = Parameters(init="lazy", target="noise", tau=2.5, gamma0=1.0, h="quadratic", m=20_000,
                   weight_decay=0.3, t_max=20_000 * 10.0)
    run, curve = solve(p), limit(p, "lazy-3", t_end=p.t_max)
    t = p.m * np.array([0.3, 1.0, 3.0, 10.0])
    np.testing.assert_allclose(run.at(t)["gamma"], curve.at(t)["gamma"], rtol=0.03)
    assert curve.gamma[-1] < 0.95 * limit(p.replace(weight_decay=0.0), "lazy-3",
                                          t_end=p.t_max).gamma[-1]


def test_a_frozen_second_layer_has_no_decay():
    with pytest.raises(ParameterError, match="frozen second layer"):
        Parameters(weight_decay=1.0, train_second_layer=False)
    assert Parameters(weight_decay=1.0).replace(train_second_layer=False).weight_decay == 0
