"""Lazy neurons that differ learn the z² part before t = Θ(1): the limit against the equations."""

import math
from itertools import pairwise

import numpy as np
import pytest

from engine import Parameters, solve
from engine.limits import LimitError, learning_squares, limit
from engine.limits.checks.collapse import ladder
from engine.limits.checks.squares import squares_residuals
from engine.limits.levels import noise_left, squares

START = Parameters(init="lazy", gamma0=0.3, alpha=0.3, tau=0.6, h="quadratic", start_d=200.0,
                   groups=4)


def test_equal_second_layers_learn_it_by_the_logistic_law():
    """With A = γ₀√m var(v) and c = γ₀√m⟨v⟩², which stays, S = A + c and

    A = A_∞/(1 + (A_∞/A_0 − 1)e^{−2αγ₀h''(0)A_∞x}),  A_∞ = S_∞ − c,  x = √m t
    """
    p = START.replace(m=10**6, start_d=1e4)
    t = np.linspace(0.0, 0.3, 60)
    found, x = learning_squares(p, t), math.sqrt(p.m) * t
    A, c = (p.gamma0 * math.sqrt(p.m) * y for y in (found.v.var(axis=1), found.v[0].mean()**2))
    last = found.whole - c
    rate = 2 * p.alpha * p.gamma0 * p.covariance.ddh(0.0) * last
    np.testing.assert_allclose(A, last / (1 + (last / A[0] - 1) * np.exp(-rate * x)), rtol=1e-5)
    np.testing.assert_allclose(found.learned, A + c, rtol=1e-5)


def test_runs_of_growing_width_come_to_it():
    """Largest |e_ts − limit| from √m t = 10 on, where the linear part is learned: falls at each
    fourfold width by more than 1.4 (m^{−1/2} would be 2), to 1 % of
    the 0.4 that it starts from."""
    distances = []
    for m in (1024, 4096, 16384, 65536):
        run = solve(START.replace(m=m, t_max=150 / math.sqrt(m)), 1e-3)
        late = run.t * math.sqrt(m) > 10
        predicted = learning_squares(run.parameters, run.t).error
        distances.append(np.max(np.abs(run.test_error - predicted)[late]))
    assert all(a > 1.4 * b for a, b in pairwise(distances)), distances
    assert distances[-1] < 0.004


def test_the_ladder_of_neurons_that_differ_collapses_onto_the_plateau_with_squares():
    """t = Θ(1) after it, from t = 1 on: error → the fit of τ'² − f₂².  At the widest network the
    train error is within 2 % (1/√m is 0.4 %), with identical neurons' curve it is 60 % away."""
    found = ladder(START, "lazy-2", (4096, 16384, 65536), window=(1.0, 20.0))
    for column in ("train_error", "test_error"):
        distances = found.approaches[column].distances
        assert distances[0] > distances[1] > distances[2]
        assert distances[2] < 0.02
    identical = limit(found.runs[-1].parameters.alike, "lazy-2", 20.0, rtol=1e-3)
    assert identical.test_error[-1] > 1.6 * found.limit.test_error[-1]


@pytest.mark.parametrize("h", [(0.0, 0.9, 0.5), (0.0, 0.6, 0.3, 0.2)])
def test_its_form_inserted_in_the_finite_m_equations_leaves_what_it_claims(h):
    """The power between the last two widths is that of the first term left out, up to 0.1: half of
    what separates ½ from ¼ is 0.125."""
    for row in squares_residuals(START.replace(h=h, start_d=1e4), (1024, 16384, 262144, 10**6)):
        assert row.last == pytest.approx(row.claimed, abs=0.1), row
        assert row.values[-1] < row.values[0]


def test_what_is_left_is_less_by_the_squares_for_lazy_neurons_that_differ_alone():
    assert noise_left(START) == pytest.approx(START.reduced_noise - squares(START))
    assert noise_left(START.alike) == START.reduced_noise
    other = START.replace(init="mean-field")
    assert noise_left(other) == other.reduced_noise


@pytest.mark.parametrize("changes", [{"h": "cubic"}, {"init": "mean-field"}, {"target": "noise"},
                                     {"start_d": None, "groups": None}])
def test_a_start_without_squares_to_learn_is_refused(changes):
    with pytest.raises(LimitError, match="z² part"):
        learning_squares(START.replace(**changes), np.linspace(0, 1, 5))
