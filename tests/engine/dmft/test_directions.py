"""The DMFT of targets of several directions against symmetry, one direction, and plain Euler."""

import json

import numpy as np
import pytest

from engine import Group, Parameters, Trajectory, solve, stability
from engine.dmft.reference import solve_euler
from engine.dmft.reference.groups import solve_groups
from engine.fields import ParameterError
from engine.limits import LimitError, gamma_threshold, limit, plateau_rate
from engine.limits.checks.collapse import ladder
from engine.limits.checks.residual import residuals

H = (0.0, 0.7, 0.4, 0.1)
CURVES = ("a", "train_error", "test_error", "overlap", "nu")
ROUNDING = 1e-9
"""Runs of equal equations in another order of sums: measured below 1e-11 after 80 rows."""


def settings(directions=None, **rest) -> Parameters:
    return Parameters(**{"m": 16, "alpha": 0.5, "tau": 0.4, "h": H, "t_max": 30.0,
                         "directions": directions} | rest)


def assert_same(one: Trajectory, other: Trajectory) -> None:
    assert len(one) == len(other)
    for name in CURVES:
        assert getattr(other, name) == pytest.approx(getattr(one, name), rel=ROUNDING,
                                                     abs=ROUNDING), name


@pytest.mark.parametrize("extra", [{}, {"init": "lazy", "gamma0": 0.5},
                                   {"groups": ((4, 1.2), (12, 0.9))}])
def test_an_absent_second_direction_changes_nothing(extra):
    one_v0, two_v0 = (None, None) if "init" in extra else ((0.2,), (0.2, 0.0))
    one = solve(settings(phi=(0.0, 0.8, 0.3, 0.2), v0=one_v0, **extra))
    two = solve(settings((("10", 0.8), ("20", 0.3), ("30", 0.2)), v0=two_v0, **extra))
    assert_same(one, two)
    assert two.components[:, 0] == pytest.approx(one.v, rel=ROUNDING, abs=ROUNDING)
    assert not two.components[:, 1].any()


def test_rotated_directions_rotate_v_and_leave_the_errors():
    c, s = np.cos(0.7), np.sin(0.7)
    turn = np.array([[c, s], [-s, c]])
    first, second = np.array([0.8, 0.3]), np.array([[0.5, 0.3], [0.3, -0.2]])

    def terms(first, second):
        """Σ g_i z_i + (zᵀSz − tr S)/√2."""
        return (("10", first[0]), ("01", first[1]), ("20", second[0, 0]), ("02", second[1, 1]),
                ("11", np.sqrt(2) * second[0, 1]))

    v0 = np.array([0.2, -0.1])
    one = solve(settings(terms(first, second), v0=tuple(v0)))
    two = solve(settings(terms(turn @ first, turn @ second @ turn.T), v0=tuple(turn @ v0)))
    # Coefficients are kept to 12 digits; each row is solved to 1e-2 of rtol, and the step control
    # takes the components of v one by one, so that the steps are others.
    t = np.geomspace(0.1, 30, 20)
    for name in ("a", "v", "train_error", "test_error"):
        assert two.at(t)[name].to_numpy() == pytest.approx(one.at(t)[name].to_numpy(), rel=2e-3)
    wanted = one.at(t, ("v1", "v2")).to_numpy()[:, 1:] @ turn.T
    assert two.at(t, ("v1", "v2")).to_numpy()[:, 1:] == pytest.approx(wanted, abs=2e-3)


def test_exchanged_directions_exchange_v():
    terms = (("100", 0.8), ("011", 0.5), ("201", 0.3))
    one = solve(settings(terms, v0=(0.1, 0.2, 0.05)))
    two = solve(settings([(n[::-1], c) for n, c in terms], v0=(0.05, 0.2, 0.1)))
    assert_same(one, two)
    assert two.components[:, ::-1] == pytest.approx(one.components, rel=ROUNDING, abs=ROUNDING)


@pytest.mark.parametrize(("directions", "v0"), [
    ("additive", None), ("product", (0.2, 0.1)), ("staircase", None),
    ((("100", 0.5), ("011", 0.7), ("111", 0.3)), (0.0, 0.1, 0.1)), (None, (0.3,))])
def test_the_solver_agrees_with_explicit_euler(directions, v0):
    p = settings(directions, v0=v0, m=8, t_max=3.0)
    coarse, fine = solve_euler(p, 120), solve_euler(p, 240)
    run, columns = solve(p, 1e-4), ("a", "v", "test_error", "train_error", *p.component_names)
    end = lambda r: r.to_frame()[list(columns)].to_numpy()[-1]  # noqa: E731
    # Euler is of first order, extrapolated of second: 1e-5 seen here.
    assert end(run) == pytest.approx(2 * end(fine) - end(coarse), abs=1e-4)


def test_groups_agree_with_explicit_euler():
    groups = (Group(3, 1.0, (0.2, 0.1)), Group(4, 0.8, (0.1, -0.3), -1), Group(1, 1.2))
    p = settings("product", m=8, groups=groups, t_max=2.0)
    a0 = [g.sign * g.factor for g in groups]
    coarse, fine = (solve_groups(p, [3, 4, 1], n, a0=a0, v0=p.v_start) for n in (60, 120))
    run = solve(p, 1e-4)
    assert run.groups.components[-1] == pytest.approx(2 * fine.v[-1] - coarse.v[-1], abs=1e-4)
    assert run.groups.a[-1] == pytest.approx(2 * fine.a[-1] - coarse.a[-1], abs=1e-4)
    assert run.test_error[-1] == pytest.approx(
        2 * fine.test_error[-1] - coarse.test_error[-1], abs=1e-4)


def test_without_an_initial_overlap_a_product_is_never_seen():
    rest = solve(settings("product"))
    assert not rest.components.any()
    assert abs(solve(settings("product", v0=(0.1, 0.1))).components).max() > 0.1


def test_a_staircase_learns_its_first_direction_which_pulls_the_second():
    run = solve(settings("staircase", m=64, h="quadratic", t_max=10.0), 1e-3)
    first, second = run.components[:, 0], run.components[:, 1]
    early = (run.t > 0) & (run.t < 0.1)
    # v₁ starts like t, and v₂ like its integral, t².
    slope = lambda y: np.polyfit(np.log(run.t[early]), np.log(y[early]), 1)[0]  # noqa: E731
    assert slope(first) == pytest.approx(1, abs=0.1) and slope(second) == pytest.approx(2, abs=0.2)


def test_v_is_the_norm_of_its_components():
    run = solve(settings("staircase", spread=0.2, groups=2))
    assert run.v == pytest.approx(np.linalg.norm(run.components, axis=1), rel=1e-14)
    assert run.groups.v == pytest.approx(np.linalg.norm(run.groups.components, axis=2), rel=1e-14)


@pytest.mark.parametrize("extra", [{}, {"spread": 0.2, "groups": 2}])
def test_a_run_is_read_back_to_the_last_bit(extra, tmp_path):
    run = solve(settings("additive", **extra))
    run.save(tmp_path / "run.csv")
    for again in (Trajectory.load(tmp_path / "run.csv"),
                  Trajectory.from_dict(json.loads(json.dumps(run.to_dict())))):
        assert np.array_equal(again.components, run.components)
        assert again.parameters == run.parameters
        if extra:
            assert np.array_equal(again.groups.components, run.groups.components)
    assert {"v1", "v2"} <= set(run.to_frame())


@pytest.mark.parametrize("setting", [{"directions": "product"}, {"v0": (0.1,)}])
def test_stability_is_refused(setting):
    with pytest.raises(ParameterError, match="must be left out"):
        stability(settings(**setting))


@pytest.mark.parametrize(("setting", "key"), [
    ({"directions": "staircase", "h": "quadratic"}, "mean-field-1"),
    ({"directions": "additive", "init": "lazy", "gamma0": 0.5}, "lazy-1")])
def test_wide_networks_come_to_their_limit_like_1_over_m(setting, key):
    found = ladder(Parameters(**setting), key, (256, 1024))
    for name, approach in found.approaches.items():
        near, far = approach.distances[::-1]
        # Leading order: four times as near; what is left is of order 1/m².
        assert far / near == pytest.approx(4, rel=0.1), name
    ends = [run.at([run.t[-1]], ("v1", "v2")).to_numpy()[0, 1:] for run in (
        found.runs[-1], limit(found.runs[-1].parameters, key, found.runs[-1].t[-1]))]
    # 2 % of v is more than the 1/m that is left of it at m = 1024 (1.2 % and 0.1 % seen).
    assert ends[0] == pytest.approx(ends[1], abs=0.02 * np.linalg.norm(ends[1]))


def test_what_is_known_for_less_is_refused():
    start, several = Parameters(v0=(0.1,)), Parameters(directions="additive")
    unequal = several.replace(init="lazy", spread=0.1)
    for refused in (lambda: gamma_threshold(start), lambda: plateau_rate(start),
                    lambda: limit(start, "mean-field-2"), lambda: limit(unequal, "lazy-2"),
                    lambda: residuals(several, "mean-field-1"), lambda: gamma_threshold(unequal)):
        with pytest.raises(LimitError, match="must be left out"):
            refused()
