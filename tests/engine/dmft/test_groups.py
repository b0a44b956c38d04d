"""The general DMFT for groups of neurons against SymmDMFT, symmetries and explicit Euler."""

import numpy as np
import pytest

from engine import Parameters, Status, solve
from engine.dmft.groups.coefficients import independent, model
from engine.dmft.groups.column import Labels, dense, invert, iterate
from engine.dmft.groups.equations import equations
from engine.dmft.groups.row import allocate_column
from engine.dmft.reference.general import solve_general
from engine.dmft.reference.groups import solve_groups
from engine.dmft.scheme.control import Control
from engine.dmft.scheme.stepping import Stepping, integrate
from engine.dmft.symmetric.coefficients import finite_width
from engine.dmft.symmetric.equations import equations as symmetric_equations

TIGHT = Control(mismatch=1e-9, brisk=10**9, reach=0.0)
"""Rows solved to 1e-11 and steps that do not depend on how many sweeps that takes, so that nothing
but the equations can differ."""
NOISE = Parameters(m=4, alpha=1.5 / 4, tau=1.0, target="noise", h=(0.0, 0.1, 0.5), t_max=5.0)
"""The paper's test of the general equations (D.3)."""


def run(p: Parameters, size, a=None, v=None, rtol=1e-2, control=TIGHT) -> Stepping:
    a = np.full(len(size), p.a_start) if a is None else a
    v = np.zeros(len(size)) if v is None else v
    stepping = Stepping(equations(model(p, size), independent(size, a, v, p.m)), p.t_max, rtol,
                        control)
    integrate(stepping)
    return stepping


def symmetric(p: Parameters, rtol=1e-2) -> dict:
    stepping = Stepping(symmetric_equations(finite_width(p), p.a_start / p.m**0.5), p.t_max, rtol,
                        TIGHT)
    integrate(stepping)
    return stepping.columns()


@pytest.mark.parametrize("p", [
    Parameters(m=16, t_max=20.0),
    Parameters(init="lazy", m=16, gamma0=0.6, h="quadratic", tau=0.6, t_max=20.0),
    NOISE.replace(m=16, t_max=20.0),
    Parameters(m=16, train_second_layer=False, t_max=20.0),
], ids=["mean-field", "lazy", "noise", "frozen"])
@pytest.mark.parametrize("size", [[16], [8, 8], [1, 15], [1, 5, 10]], ids=str)
def test_groups_that_start_alike_are_the_symmetric_solution(p, size):
    # Equal steps, rows solved to 1e-11: what is left is rounding and its growth.
    expected, found = symmetric(p), run(p, size).columns()
    assert found["t"] == pytest.approx(expected["t"], rel=1e-10)
    for g in range(1, len(size) + 1):
        for name in ("gamma", "v", "Cd0"):
            assert found[f"{name}_{g}"] == pytest.approx(expected[name], abs=1e-10)
    for name in ("train_error", "test_error"):
        assert found[name] == pytest.approx(expected[name], abs=1e-10)


def last(stepping: Stepping, name: str, groups: int) -> list[float]:
    columns = stepping.columns()
    return [columns[f"{name}_{g}"][-1] for g in range(1, groups + 1)]


UNEQUAL = Parameters(m=16, h="quadratic", t_max=20.0)


def test_the_order_of_the_groups_does_not_matter():
    a, b = run(UNEQUAL, [4, 12], [1.3, 0.8]), run(UNEQUAL, [12, 4], [0.8, 1.3])
    assert last(a, "gamma", 2) == pytest.approx(last(b, "gamma", 2)[::-1], abs=1e-10)
    assert a.columns()["test_error"] == pytest.approx(b.columns()["test_error"], abs=1e-10)


def test_a_group_may_be_split():
    whole = run(UNEQUAL, [4, 12], [1.3, 0.8], [0.1, -0.05])
    parts = run(UNEQUAL, [4, 1, 11], [1.3, 0.8, 0.8], [0.1, -0.05, -0.05])
    a, v = last(whole, "gamma", 2), last(whole, "v", 2)
    assert last(parts, "gamma", 3) == pytest.approx([a[0], a[1], a[1]], abs=1e-9)
    assert last(parts, "v", 3) == pytest.approx([v[0], v[1], v[1]], abs=1e-9)


def test_flipping_all_signs_of_an_odd_network_flips_its_second_layer():
    # σ odd: (a, w) → (−a, −w) is the same network, and v → −v.
    p = UNEQUAL.replace(h="cubic")
    a = run(p, [4, 12], [1.3, 0.8], [0.1, -0.05])
    b = run(p, [4, 12], [-1.3, -0.8], [-0.1, 0.05])
    assert last(b, "gamma", 2) == pytest.approx([-x for x in last(a, "gamma", 2)], abs=1e-10)
    assert b.columns()["test_error"] == pytest.approx(a.columns()["test_error"], abs=1e-10)


@pytest.mark.parametrize(("p", "size", "a", "v"), [
    (Parameters(m=16, t_max=6.0), [8, 8], [1.3, 0.7], [0.0, 0.0]),
    (Parameters(m=8, tau=0.6, h="quadratic", t_max=4.0), [1, 2, 5], [0.8, -1.0, 1.1],
     [0.2, -0.1, 0.0]),
    (NOISE, [1, 1, 1, 1], [-1.0, -0.5, 1 / 3, 2 / 3], [0.0] * 4),
    (Parameters(init="lazy", m=8, gamma0=0.5, h="weak", tau=0.5, t_max=3.0), [4, 4], [1.5, 1.3],
     [0.3, -0.3]),
], ids=["mean-field", "mixed signs", "paper's D.3", "lazy"])
def test_agrees_with_explicit_euler_extrapolated_to_zero_step(p, size, a, v):
    # As in SymmDMFT: Richardson leaves O(η²), seen in how far two extrapolations differ, and the
    # fast solver at rtol = 1e-4 adds about 1e-4.
    ends = []
    for steps in (100, 200, 400):
        r = solve_groups(p, size, steps, a0=a, v0=v)
        ends.append(np.concatenate([r.a[-1], r.v[-1], [r.train_error[-1], r.test_error[-1]],
                                    r.start_overlap[-1]]))
    first, second = 2 * ends[1] - ends[0], 2 * ends[2] - ends[1]
    tolerance = 2e-4 + 2 * np.abs(second - first)
    assert np.all(tolerance < 2e-2)
    fast, n = run(p, size, a, v, 1e-4, Control()), len(size)
    found = np.concatenate([np.array(last(fast, "gamma", n)) * p.m**0.5, last(fast, "v", n),
                            [fast.columns()[name][-1] for name in ("train_error", "test_error")],
                            last(fast, "Cd0", n)])
    assert np.all(np.abs(found - second) < tolerance)


def test_groups_agree_with_neurons_each_for_itself():
    # The general case of the paper, p = m = 4, against equations that know no groups.
    a = [-1.0, -0.5, 1 / 3, 2 / 3]
    ends = [solve_general(NOISE, steps, a0=a).a[-1] for steps in (100, 200)]
    fast = np.array(last(run(NOISE, [1] * 4, a, rtol=1e-4, control=Control()), "gamma", 4)) * 2
    assert fast == pytest.approx(2 * ends[1] - ends[0], abs=2e-3)


def test_reproduces_the_reference_numbers_of_two_halves():
    # Two other implementations, explicit Euler extrapolated and an implicit one, agree on these.
    r = run(Parameters(m=16, t_max=20.0), [8, 8], [1.3, 0.7], rtol=1e-4, control=Control())
    assert np.array(last(r, "gamma", 2)) * 4 == pytest.approx([1.77150, 0.94611], abs=5e-5)


def test_neurons_stay_on_the_sphere_and_overlaps_are_overlaps():
    p, size = Parameters(m=64, t_max=640.0), np.array([16.0, 16, 32])
    r = run(p, size, [1.1, 1.0, 0.9], control=Control())
    H, n = r.H, r.n
    for g in range(3):
        diagonal = np.diagonal(H.C_perp[g])[:n] * (1 - 1 / size[g]) \
            + np.diagonal(H.C_conn[g, g])[:n] / size[g] + H.v[g, 0, :n] ** 2
        assert diagonal == pytest.approx(np.ones(n), abs=1e-12)
    assert np.max(np.abs(H.overlap[:, :, :n])) <= 1
    assert np.all(np.diff(r.columns()["train_error"]) <= 1e-3 * r.columns()["train_error"][:-1])
    # (time, group) as one index: a covariance.  Rows are solved to 1e-4.
    C = H.C_conn[:, :, 1:n, 1:n].transpose(0, 2, 1, 3).reshape(3 * (n - 1), -1)
    assert np.linalg.eigvalsh(0.5 * (C + C.T)).min() > -1e-3 * np.abs(C).max()


@pytest.mark.parametrize(("m", "spread", "expected"), [(64, 0.1, 2.19), (256, 0.1, 2.51),
                                                 (1024, 0.1, 2.31), (256, 0.01, 3.72)])
def test_wide_networks_leave_the_plateau_when_neurons_differ(m, spread, expected):
    # t/m where e_tr = τ²/4, of four quantile groups, as a prototype has it to its digits; at
    # m = 256 and 1024 identical neurons stay for ever.  rtol = 1e-2 errs by some percent here.
    p = Parameters(m=m, t_max=6.0 * m)
    q = np.array([-1.15035, -0.31864, 0.31864, 1.15035])
    a = 1 + spread * q / np.sqrt(np.mean(q**2))
    o = run(p, [m / 4] * 4, a, control=Control()).columns()
    left = o["t"][np.argmax(o["train_error"] < p.tau**2 / 4)]
    assert left / m == pytest.approx(expected, rel=0.05)


def test_a_column_of_responses_is_solved_as_by_dense_algebra():
    rng, p = np.random.default_rng(0), 4
    E, column = np.eye(p) * 3 + rng.normal(size=(p, p)), allocate_column(p)
    for field in (column.P_kk, column.rhs, column.slope, column.label):
        field[:] = 0.3 * rng.normal(size=field.shape)
    invert(E, column)
    strong, A_0, A_1 = rng.normal(size=(p, p)), 0.7, -0.4
    labels = Labels(0.0, A_0, A_1)
    # Passes; the dense solve, because passes would diverge; the dense solve itself.
    for strength, method in ((0.1, iterate), (30.0, iterate), (0.1, dense)):
        column.w[:] = strength * strong
        A, X = method(E, column, labels), column.P
        assert E @ X + (column.w * X) @ column.P_kk == pytest.approx(
            column.rhs[0] + A * column.rhs[1], abs=1e-9)
        label = column.label[0] + A * column.label[1] + np.sum(column.slope * X)
        assert pytest.approx(A_0 + A_1 * label, abs=1e-9) == A


def test_statuses_are_those_of_the_scheme():
    r = Stepping(equations(model(UNEQUAL, [8, 8]), independent([8, 8], [1, 1.1], [0, 0], 16)),
                 20.0, 1e-2, max_nodes=20)
    integrate(r)
    assert r.status is Status.NODE_LIMIT and len(r.rows) == 20


def test_neurons_in_pairs_of_opposite_sign_have_no_mean():
    pairs = Parameters(m=4, groups=((1,), (1,), (1, 1, 0, -1), (1, 1, 0, -1)), t_max=20.0,
                       overlaps=np.roll(np.eye(4), 2, axis=1).tolist())
    run = solve(pairs)
    assert not run.v.any() and not run.a.any() and abs(run.groups.v[-1]).min() > 0.1
