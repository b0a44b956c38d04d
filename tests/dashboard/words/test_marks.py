"""A cell of the table is marked by what the run does, not by what theory expects."""

import math

import pytest

from dashboard.words.marks import (
    AGREES,
    DOES_NOT_APPLY,
    NOT_YET,
    OTHERWISE,
    mark,
    power_mark,
)
from dashboard.words.theory import expected, theory_of
from engine import Parameters, solve
from engine.limits.checks.displacement import Scaling
from engine.results.keyfigures import key_figures, regime_measurements

LAZY_SQUARES = {"init": "lazy", "gamma0": 0.3, "tau": 0.6, "h": "quadratic", "m": 1024,
                "spread": 0.1}


def marks(theory=expected, **settings) -> list[list[str]]:
    """The marks of a run, one row per regime: first layer, second layer, train, test."""
    run = solve(Parameters(**settings))
    rows, k = theory(run.parameters), key_figures(run)
    return [[mark(cell.holds, m, k) for cell in (row.first_layer, row.second_layer, row.train,
                                                 row.test)]
            for m in regime_measurements(run) for row in [rows[m.regime.key]]]


def test_a_wide_run_agrees_with_the_theory_where_it_rests_not():
    first, last = marks(m=10**6)
    assert first == [AGREES] * 4
    # It rests on the plateau: γ, train and test error have done nothing of what is expected.
    assert last == [NOT_YET] * 4


def test_a_run_that_overfits_and_unlearns_agrees_in_its_last_regime():
    assert marks()[-1] == [AGREES] * 4


def test_a_test_error_that_falls_where_theory_has_it_rise_does_otherwise():
    # γ starts above γ* and grows by a third only: that is not the theory's growth to γ* yet.
    assert marks(alpha=0.01)[-1][1] == NOT_YET
    assert marks(alpha=0.01)[-1][3] == OTHERWISE


def test_lazy_neurons_that_differ_do_otherwise_than_the_theory_of_identical_ones():
    # "constant, no learning": the test error falls by more than half, with v on both sides of u.
    second = marks(**LAZY_SQUARES)[1]
    assert second[3] == OTHERWISE and second[0] != AGREES


def test_lazy_neurons_that_differ_do_what_their_own_theory_says():
    assert marks(theory_of, **LAZY_SQUARES)[1:] == [[AGREES] * 4] * 2


def test_mean_field_neurons_that_differ_do_what_their_own_theory_says():
    """At a width at which identical neurons stay on the plateau for ever."""
    for h in ("cubic", "quadratic", "weak"):
        assert marks(theory_of, m=512, h=h, spread=0.1)[-1] == [AGREES] * 4
    assert marks(m=512, spread=0.1)[-1][0] == NOT_YET  # leaders keep v: not all unlearn


def test_a_lazy_start_above_the_threshold_has_no_third_regime():
    assert marks(init="lazy", gamma0=1.0, m=1024, h="quadratic")[-1] == [DOES_NOT_APPLY] * 4


def test_a_lazy_start_that_learns_features_does_not_agree():
    first = marks(init="lazy", gamma0=0.05)[0]
    assert AGREES not in (first[0], first[3])


def test_a_regime_that_was_not_reached_does_not_apply():
    assert marks(t_max=1.0)[-1] == [DOES_NOT_APPLY] * 4


@pytest.mark.parametrize(("expected", "exponent", "said"), [
    (-0.5, -0.51, AGREES), (0.0, -0.54, NOT_YET), (-math.inf, -0.5, AGREES), (-math.inf, 0.1,
    NOT_YET), (-math.inf, 0.5, OTHERWISE), (None, math.nan, AGREES), (0.0, math.nan, NOT_YET)])
def test_a_fitted_power_is_compared_with_the_theorys(expected, exponent, said):
    assert power_mark(expected, Scaling((2, 4), (1.0, 1.0), exponent, 0.01)) == said


def test_weight_decay_keeps_the_train_error_above_zero_and_the_table_says_so():
    lazy = marks(init="lazy", target="noise", tau=2.5, gamma0=1.0, h="quadratic", m=1024,
                 weight_decay=0.3)
    assert lazy[-1] == [AGREES] * 4
    assert marks(weight_decay=0.3)[-1] == [AGREES, AGREES, AGREES, DOES_NOT_APPLY]
