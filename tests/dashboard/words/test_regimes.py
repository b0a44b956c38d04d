"""A row of `engine.regimes.KINDS` has its words everywhere."""

import pytest

from dashboard.words.regimes import LOOK, SCALED_TIME
from dashboard.words.story import TELL, story
from dashboard.words.theory import expected
from engine import Parameters, solve
from engine.regimes import KINDS

STARTS = [Parameters(init=init, target=target, m=16, t_max=1000.0)
          for init in ("lazy", "mean-field") for target in ("single-index", "noise")]


def test_every_regime_is_told_of():
    assert {kind.words for kind in KINDS.values()} == set(TELL)


def test_every_regime_has_what_to_look_for_and_a_name_of_its_time():
    assert set(LOOK) == set(KINDS)
    assert {kind.power for kind in KINDS.values()} == set(SCALED_TIME)


def test_the_theorys_table_has_a_row_for_every_regime():
    assert {key for p in STARTS for key in expected(p)} == set(KINDS)


@pytest.mark.parametrize(("t_max", "says"), [
    (1000.0, ", the run's horizon"),
    (1.0, ", the run's horizon"),
])
def test_a_run_that_reaches_its_horizon_has_seen_a_regime_up_to_there(t_max, says):
    """Mean-field at α = 5: more labels than weights, so no run of any length interpolates."""
    chapters = story(solve(Parameters(m=16, alpha=5.0, t_max=t_max)))
    assert [chapter.title.endswith(says) for chapter in chapters[1:-1]].count(True) == 1


def test_a_run_that_is_cut_short_says_so():
    chapters = story(solve(Parameters(m=16, t_max=1000.0), max_nodes=30))
    assert any(chapter.title.endswith("(the run ended early)") for chapter in chapters)
