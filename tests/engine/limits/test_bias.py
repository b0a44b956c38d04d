"""The second layer's norm at the end, against the least that allows interpolation."""

import numpy as np
import pytest

from engine import Group, Parameters, solve
from engine.limits.bias import implicit_bias, norm
from engine.monitor import Monitor, Stopped

NOISE = Parameters(target="noise", tau=1.0)
SIGNS = NOISE.replace(groups=(Group(64), Group(64, sign=-1)))


def test_the_norm_is_that_of_all_second_layer_weights():
    run = solve(Parameters(m=8, t_max=8.0, groups=(Group(2, 0.5), Group(6, sign=-1))))
    a = np.repeat(run.groups.a, run.groups.size, axis=1)
    assert norm(run) == pytest.approx(np.linalg.norm(a, axis=1) / 8)
    alike = solve(Parameters(m=8, t_max=8.0))
    assert norm(alike) == pytest.approx(alike.gamma)


def test_with_nothing_to_learn_every_start_ends_at_the_least_norm():
    """2 %: corrections of order 1/m at m = 128, and 1 % of the runs' tolerance."""
    found = implicit_bias({"equal": NOISE, "spread": NOISE.replace(spread=0.1), "signs": SIGNS})
    assert found.noise == pytest.approx(found.threshold)
    for run in found.runs.values():
        assert norm(run)[-1] == pytest.approx(found.threshold, rel=0.02)


def test_neurons_that_keep_the_feature_need_less_than_the_threshold_and_more_than_noise_alone():
    p = Parameters()
    found = implicit_bias({"equal": p, "spread": p.replace(spread=0.1)})
    assert norm(found.runs["equal"])[-1] == pytest.approx(found.threshold, rel=0.02)
    assert found.noise < norm(found.runs["spread"])[-1] < 0.9 * found.threshold


def test_without_a_threshold_the_runs_are_kept_and_it_is_said_why():
    found = implicit_bias({"equal": NOISE.replace(alpha=2.0, m=8, t_max=1.0)})
    assert found.threshold is None and "α = 2" in found.reason and len(found.runs) == 1


def test_what_is_there_is_published_and_a_cancelled_search_stops():
    seen = []
    with pytest.raises(Stopped):
        implicit_bias({"equal": NOISE.replace(m=8, t_max=1.0)},
                      monitor=Monitor(publish=seen.append, cancel=lambda: bool(seen)))
    assert list(seen[0].runs) == ["equal"]
