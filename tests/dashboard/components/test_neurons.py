"""The drawn neurons have the overlaps of the run they stand for."""

import numpy as np
import pytest

from dashboard.components.curves import smooth
from dashboard.components.neurons import EVERY, describe, neurons
from engine import Parameters, solve

DRAWN = 20_000
NOISE = 5 / np.sqrt(DRAWN)
"""Five standard errors of a sample covariance of variables of variance at most 1 (times √2)."""


@pytest.mark.parametrize("p", [Parameters(), Parameters(init="lazy", gamma0=0.1, m=64),
                               Parameters(target="noise", tau=1.0)])
def test_a_large_sample_has_the_overlaps_of_the_run(p):
    run = solve(p)
    frame = smooth(run).iloc[::EVERY]
    sample = neurons(run, drawn=DRAWN)
    x = sample.azimuths()[:, 0]
    v, overlap = frame["v"].to_numpy(), frame["overlap"].to_numpy()
    kept = 1 - frame["first_layer_displacement"].to_numpy() ** 2 / 2
    shared2 = np.clip(overlap - v**2, 0, None)
    spread = np.mean((x - sample.shared[:, None] * sample.common[0]) ** 2, axis=1)
    assert spread == pytest.approx(1 - v**2 - shared2, abs=np.sqrt(2) * NOISE)
    assert np.mean(x * sample.start[0], axis=1) == pytest.approx(kept, abs=2 * NOISE)
    assert sample.shared**2 == pytest.approx(shared2, abs=1e-12)


def test_neurons_stand_where_they_began_before_anything_happens():
    sample = neurons(solve(Parameters()))
    assert sample.v[0] == pytest.approx(0, abs=0.02)
    assert sample.azimuths()[0] == pytest.approx(sample.start, abs=0.1)


def test_the_picture_says_in_words_where_the_neurons_rise_and_sink():
    run = solve(Parameters())
    said = describe(neurons(run))["alt"]
    assert f"{run.v.max():.3g}"[:4] in said and f"{run.v[-1]:.3g}" in said


def test_the_same_run_gives_the_same_picture():
    run = solve(Parameters(m=64))
    assert describe(neurons(run)) == describe(neurons(run))
