"""Neurons that differ at the start: what is asked for, what is refused, and a run's own curves."""

import json

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from engine import TABLE, Group, ParameterError, Parameters, Trajectory, solve
from engine.cli import main
from engine.dmft.reference.groups import solve_groups
from engine.neurons import quantile_groups, resized


@pytest.mark.parametrize(("m", "count"), [(128, 4), (100, 8), (7, 3), (10, 10), (1_000_001, 2)])
def test_quantile_groups_have_exactly_the_stated_mean_and_spread(m, count):
    groups = quantile_groups(m, count, spread=0.1, sd_v=0.07)
    size, factor, v, sign = np.array(groups).T
    assert size.sum() == m and np.ptp(size) <= 1
    assert np.average(factor * sign, weights=size) == pytest.approx(1, abs=1e-11)
    assert np.average((factor - 1) ** 2, weights=size) == pytest.approx(0.01, rel=1e-9)
    assert np.average(v, weights=size) == pytest.approx(0, abs=1e-11)
    assert np.average(v**2, weights=size) == pytest.approx(0.07**2, rel=1e-9)


def test_without_a_difference_neurons_are_identical_whatever_the_number_of_groups():
    assert Parameters(groups=4) == Parameters(groups=8) == Parameters()
    assert Parameters().identical and not Parameters(spread=0.1).identical
    assert Parameters(spread=0.1).groups == 4
    assert Parameters(start_d=200, groups=8).neurons[0].v0 < 0


@pytest.mark.parametrize(("settings", "field"), [
    ({"spread": 0.1, "start_d": 100}, "spread"),
    ({"spread": 0.1, "groups": ((128, 1),)}, "spread"),
    ({"start_d": 100, "groups": ((128, 1),)}, "start_d"),
    ({"spread": 0.6}, "spread"), ({"start_d": 3}, "start_d"), ({"start_d": 2.5e2 + 0.5}, "start_d"),
    ({"groups": ((3, 1),)}, "groups"), ({"groups": ((64, -1), (64, 1))}, "groups"),
    ({"groups": ((64, 1, 0.999), (64, 1))}, "groups"),
    ({"groups": ((64, 1, 0, 0), (64,))}, "groups"),
    ({"groups": ((64.5, 1), (63.5, 1))}, "groups"), ({"groups": "x"}, "groups"),
    ({"groups": 17, "spread": 0.1}, "groups"), ({"groups": 1, "spread": 0.1}, "groups"),
    ({"groups": ()}, "groups"), ({"groups": (5,)}, "groups"),
    ({"overlaps": ((0,),)}, "overlaps"),
    ({"groups": ((64,), (64,)), "overlaps": ((0, 0.9), (0.9, 0))}, "overlaps"),
    ({"groups": ((64,), (64,)), "overlaps": ((0, 0.1), (0.2, 0))}, "overlaps"),
    ({"groups": ((64,), (64,)), "overlaps": ((0,),)}, "overlaps"),
    ({"groups": ((64,), (64,)), "overlaps": "no"}, "overlaps"),
])
def test_neurons_that_cannot_be_are_refused_with_rule_and_fix(settings, field):
    with pytest.raises(ParameterError) as error:
        Parameters(**settings)
    assert error.value.field == field and error.value.rule and error.value.fix


@pytest.mark.parametrize(("value", "text"), [
    (4, "4"), ((Group(64, 0.9), Group(64, 1.1)), "64:0.9,64:1.1"),
    ((Group(1), Group(127, 2.0, 0.1, -1)), "1:1,127:2:0.1:-1")])
def test_groups_have_a_text(value, text):
    assert TABLE["groups"].write(value) == text
    assert TABLE["groups"].read(text) == value


def test_settings_survive_json():
    p = Parameters(groups=((64, 0.9), (64, 1.1)), overlaps=((0.0, 0.01), (0.01, 0.0)))
    assert Parameters.from_dict(json.loads(json.dumps(p.as_dict()))) == p
    assert p.replace(alpha=0.5).groups == p.groups


MEAN = Parameters(m=16, h="quadratic", t_max=4.0, groups=((4, 1.3), (12, 0.8, 0.1)))


def test_a_run_has_means_over_neurons_and_the_curves_of_its_groups(tmp_path):
    run = solve(MEAN)
    assert run.a == pytest.approx(run.groups.a @ [4, 12] / 16)
    assert run.v == pytest.approx(run.groups.mean(run.groups.v))
    assert run.groups.a[0] == pytest.approx([1.3, 0.8])
    assert np.all(run.groups.sd(run.groups.a) > 0)
    tidy = run.groups.to_frame(run.t)
    assert list(tidy.columns) == ["t", "group", "size", "a", "v", "displacement"]
    assert len(tidy) == 2 * len(run)
    for name in ("run.csv", "run.json"):
        run.save(tmp_path / name)
        again = Trajectory.load(tmp_path / name)
        assert again.parameters == MEAN
        assert np.array_equal(again.groups.overlap, run.groups.overlap)
        assert np.array_equal(again.to_frame(), run.to_frame())


def test_overlaps_at_the_start_count():
    # Two halves whose neurons agree within each: against explicit Euler, extrapolated.
    overlaps = ((0.5, 0.1), (0.1, 0.3))
    p = Parameters(m=8, tau=0.6, t_max=2.0, groups=((4, 1.2), (4, 0.9)), overlaps=overlaps)
    a = [solve_groups(p, [4, 4], steps, a0=[1.2, 0.9], overlaps=np.array(overlaps)).a[-1]
         for steps in (100, 200)]
    assert solve(p, 1e-4).groups.a[-1] == pytest.approx(2 * a[1] - a[0], abs=2e-3)
    assert np.max(np.abs(solve(p.replace(overlaps=None), 1e-4).groups.a[-1] - a[1])) > 0.01


def command(*words: str):
    return CliRunner().invoke(main, ["solve", "--m", "16", "--t-max", "2", *words])


def test_the_command_line_takes_groups_in_three_ways(tmp_path):
    heads = {words: command(*words).output.splitlines() for words in [
        ("--group", "8:0.9", "--group", "8:1.1"), ("--groups", "8:0.9,8:1.1")]}
    assert len({tuple(lines) for lines in heads.values()}) == 1
    head = next(iter(heads.values()))[0]
    assert head.startswith("t,a,gamma,v,nu,train_error,test_error,first_layer_displacement")
    assert ",a_1,v_1,displacement_1,a_2,v_2,displacement_2," in head
    assert command("--spread", "0.1", "--groups", "4").exit_code == 0
    table = tmp_path / "overlaps.json"
    table.write_text("[[0, 0.02], [0.02, 0]]")
    assert command("--groups", "8:1,8:1", "--overlaps", str(table)).exit_code == 0


@pytest.mark.parametrize("words", [
    ("--group", "8:0.9", "--groups", "2"), ("--group", "8:0.9"), ("--group", "8:x"),
    ("--groups", "8:1,8:1", "--overlaps", "missing.json"), ("--start-d", "5")])
def test_bad_groups_are_one_line_and_exit_code_2(words):
    result = command(*words)
    assert result.exit_code == 2
    assert len(result.output.strip().splitlines()) == 1


DIFFERING = [{"spread": 0.1, "groups": 3}, {"start_d": 200}, {"groups": ((64, 0.9), (64, 1.1))},
             {"groups": ((64,), (64,)), "overlaps": ((0.0, 0.01), (0.01, 0.0))}]


@pytest.mark.parametrize("differing", DIFFERING)
def test_alike_leaves_all_but_the_neurons(differing):
    rest = {"alpha": 0.4, "tau": 0.6, "h": "weak", "t_max": 50.0}
    p = Parameters(**rest, **differing)
    assert not p.identical
    assert p.alike == Parameters(**rest) and p.alike.identical and p.alike.alike == p.alike


@given(st.lists(st.integers(1, 10**5), min_size=1, max_size=16), st.data())
def test_resized_groups_keep_their_shares(sizes, data):
    m = data.draw(st.integers(max(2, len(sizes)), 10**6))
    groups = tuple(Group(size, 1 + 0.01 * g, 0.0, (-1) ** g) for g, size in enumerate(sizes))
    found = resized(groups, m)
    assert sum(g.size for g in found) == m and min(g.size for g in found) >= 1
    assert [g._replace(size=1) for g in found] == [g._replace(size=1) for g in groups]
    for new, old in zip(found, groups, strict=True):
        # Rounding moves a share by a neuron; groups that would have none take one each of others.
        assert abs(new.size - old.size * m / sum(sizes)) <= len(sizes)
    assert resized(found, m) == found


def test_a_change_of_width_takes_the_groups_along_and_back():
    p = Parameters(m=128, groups=((32, 0.9), (96, 1.1)))
    assert p.replace(m=64).groups == (Group(16, 0.9), Group(48, 1.1))
    assert p.replace(m=64).replace(m=128) == p
    assert Parameters(m=128, spread=0.1).replace(m=2).neurons == quantile_groups(2, 2, 0.1)
