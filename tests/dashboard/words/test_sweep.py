"""The title of a sweep says what its runs' arrays say."""

import numpy as np
import pytest

from dashboard.words.numbers import number
from dashboard.words.sweep import headline
from engine import Parameters, solve


def swept(name, values, **rest):
    runs = [solve(Parameters(**rest, **{name: value})) for value in values]
    return runs, headline(runs, [f"{name} = {value:g}" for value in values])


def costs(run):
    """Whether training to the end costs more than 2 % of the least test error."""
    return run.test_error[-1] > 1.02 * run.test_error.min()


def test_where_overfitting_stops_is_named():
    runs, said = swept("m", (32, 128, 2048))
    assert [costs(run) for run in runs] == [True, True, False]
    assert said.startswith("m = 32 to 2048: it overfits only up to m = 128, and the end of learning"
                           " rises from ")
    times = [float(word) for word in said.split(" from ")[1].split(" to ")]
    for time, run in zip(times, (runs[0], runs[2]), strict=True):
        learnt = run.t[np.argmax(run.v >= 0.95 * run.v.max())]
        assert time == pytest.approx(learnt, rel=0.1), "two digits, between two nodes"


def test_what_changes_most_is_told_if_all_runs_do_the_same():
    runs, said = swept("tau", (0.2, 0.3, 0.5), m=32)
    assert all(map(costs, runs))
    least = [run.test_error.min() for run in runs]
    assert said == ("tau = 0.2 to 0.5: all overfit, and the least test error rises from"
                    f" {number(least[0])} to {number(least[2])}")


@pytest.mark.parametrize(("name", "values", "rest", "said"), [
    ("alpha", (3.0, 6.0), {"tau": 0.0}, "training on is at no cost"),
    ("tau", (0.0, 0.5), {"m": 32}, "it overfits only from tau = 0.5 on"),
    ("tau", (0.5, 0.0, 0.5), {"m": 32}, "it overfits only at tau = 0.5, tau = 0.5"),
])
def test_which_runs_overfit(name, values, rest, said):
    runs, title = swept(name, values, **rest)
    assert said in title
    assert any(map(costs, runs)) == ("overfits" in said)


def test_a_figure_that_turns_back_or_hardly_moves_is_not_said_to_rise_or_fall():
    for values in ((0.3, 0.5, 0.3), (0.3, 0.3001)):
        _, said = swept("tau", values, m=32)
        assert "rises" not in said and "falls" not in said
