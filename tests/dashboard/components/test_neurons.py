"""The drawn neurons have the overlaps of the run they stand for."""

import numpy as np
import pytest

from dashboard.components.curves import smooth
from dashboard.components.neurons import EVERY, describe, neurons
from engine import Group, Parameters, solve

DRAWN = 20_000
NOISE = 5 / np.sqrt(DRAWN)
"""Five standard errors of a sample covariance of variables of variance at most 1 (times √2)."""


@pytest.mark.parametrize("p", [Parameters(), Parameters(init="lazy", gamma0=0.1, m=64),
                               Parameters(target="noise", tau=1.0)])
def test_a_large_sample_has_the_overlaps_of_the_run(p):
    run = solve(p)
    frame = smooth(run).iloc[::EVERY]
    sample = neurons(run, drawn=DRAWN)
    (cluster,) = sample.clusters
    x = cluster.azimuths()[:, 0]
    v, overlap = frame["v"].to_numpy(), frame["overlap"].to_numpy()
    kept = 1 - frame["first_layer_displacement"].to_numpy() ** 2 / 2
    shared2 = np.clip(overlap - v**2, 0, None)
    spread = np.mean((x - cluster.shared[0][:, None]) ** 2, axis=1)
    assert spread == pytest.approx(1 - v**2 - shared2, abs=np.sqrt(2) * NOISE)
    assert np.mean(x * cluster.start[0], axis=1) == pytest.approx(kept, abs=2 * NOISE)
    # The common part is √shared2 times one draw, the same at all times.
    root, most = np.sqrt(shared2), int(shared2.argmax())
    assert cluster.shared[0] * root[most] == pytest.approx(cluster.shared[0][most] * root,
                                                           abs=1e-12)


def test_groups_are_drawn_by_their_sizes_at_their_own_heights_with_their_own_weights():
    run = solve(Parameters(m=64, spread=0.3, groups=2, t_max=200.0), 3e-2)
    sample = neurons(run, drawn=20)
    assert [len(c.start[0]) for c in sample.clusters] == [10, 10]
    for g, cluster in enumerate(sample.clusters, 1):
        last = run.at(sample.t[-1], (f"v_{g}", f"a_{g}")).iloc[0]
        assert (cluster.v[-1], cluster.a[-1]) == pytest.approx((last[f"v_{g}"], last[f"a_{g}"]))
    assert len({cluster.colour for cluster in sample.clusters}) == 2
    leader = Parameters(m=64, t_max=1.0, groups=(Group(1, 2.0), Group(63)))
    assert [len(c.start[0]) for c in neurons(solve(leader), drawn=20).clusters] == [1, 20]


def test_neurons_stand_where_they_began_before_anything_happens():
    sample = neurons(solve(Parameters()))
    assert sample.v[0] == pytest.approx(0, abs=0.02)
    (cluster,) = sample.clusters
    assert cluster.azimuths()[0] == pytest.approx(cluster.start, abs=0.1)


def test_the_picture_says_in_words_where_the_neurons_rise_and_sink():
    run = solve(Parameters())
    said = describe(neurons(run))["alt"]
    assert f"{run.v.max():.3g}"[:4] in said and f"{run.v[-1]:.3g}" in said


def test_the_same_run_gives_the_same_picture():
    run = solve(Parameters(m=64))
    assert describe(neurons(run)) == describe(neurons(run))


def test_the_picture_has_the_overlaps_of_groups_where_asked_for():
    run = solve(Parameters(m=16, t_max=8.0, groups=(Group(4, 0.5), Group(12))))
    sample = neurons(run)
    assert "overlaps" not in describe(sample)
    described = describe(sample, overlaps=True)
    last = run.at([sample.t[-1]], ("overlap_1_2",))["overlap_1_2"].iloc[0]
    assert described["overlaps"][0][1][-1] == described["overlaps"][1][0][-1] \
        == pytest.approx(last, rel=1e-4)
    assert "groups 1 and 2" in described["overlapsAlt"]
    assert "overlaps" not in describe(neurons(solve(Parameters(m=16, t_max=8.0))), overlaps=True)
