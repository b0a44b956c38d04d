"""What the words say is true of the run: quoted numbers, verbs, and what is left unsaid."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.words import number, percent
from dashboard.words.comparison import comparison
from dashboard.words.story import story
from dashboard.words.theory import has_signal, learns_to_bayes, memorises, theory
from engine import Parameters, Status, Trajectory, solve
from engine.monitor import Monitor
from engine.regimes import regimes

COLUMNS = ("train_error", "test_error", "gamma", "a", "v", "first_layer_displacement")

runs = st.builds(
    lambda start, target, alpha, tau, m, h, moves, horizon: solve(Parameters(
        **start, target=target, alpha=alpha, tau=tau, m=m, h=h, train_second_layer=moves,
        t_max=horizon * m), rtol=0.03),
    start=st.one_of(st.builds(lambda g: {"init": "lazy", "gamma0": g}, st.floats(0.05, 3)),
                    st.builds(lambda a: {"init": "mean-field", "a0": a}, st.floats(0.1, 3))),
    target=st.sampled_from(["single-index", "noise"]), alpha=st.floats(0.05, 1),
    tau=st.sampled_from([0.0, 0.3, 1.0]), m=st.integers(2, 2000),
    h=st.sampled_from(["cubic", "quadratic", "weak", (0, 1), (0, 0, 0.5)]), moves=st.booleans(),
    horizon=st.sampled_from([0.01, 1.0, 30.0]),
)


def told(run: Trajectory) -> dict[str, str]:
    """The account's sentences by key, one text per key."""
    texts: dict[str, str] = {}
    for chapter in story(run):
        for statement in chapter.statements:
            texts[statement.key] = texts.get(statement.key, "") + statement.text + "\n"
    return texts


@settings(max_examples=40, deadline=None)
@given(run=runs)
def test_every_number_quoted_stands_in_the_sentence_and_in_the_run(run):
    # Straight lines between nodes against the cubic of Trajectory.at: a step is at most a
    # quarter of t, so they differ by a few per cent of the change over a step at most.
    at = lambda column, t: np.interp(  # noqa: E731
        np.log(min(t, run.t[-1]) + run.t[1]), np.log(run.t + run.t[1]), getattr(run, column))
    names = dict(zip(COLUMNS, COLUMNS, strict=True))
    for regime, chapter in zip(regimes(run.parameters), story(run)[1:-1], strict=True):
        for statement in chapter.statements:
            for name, value in statement.told.items():
                assert number(value) in statement.text
                if name in names and statement.key != "start":
                    column = getattr(run, name)
                    size = max(np.abs(column).max(), 1e-12)
                    assert abs(value - at(name, regime.high)) <= 0.02 * size
    last = {name: value for s in story(run)[-1].statements for name, value in s.told.items()}
    assert last["best_test_error"] == run.test_error.min()
    assert last["best_time"] == run.t[run.test_error.argmin()]
    assert last["excess_over_bayes"] == pytest.approx(
        run.test_error.min() - run.parameters.tau**2 / 2)


@settings(max_examples=40, deadline=None)
@given(run=runs)
def test_what_is_said_holds_for_the_run(run):
    p, said = run.parameters, told(run)
    assert ("noise" in said) == (p.target == "noise")
    if p.target == "noise":
        assert not {"feature", "unlearning", "bayes", "alignment"} & set(said)
    if "above threshold" in said:
        assert run.gamma[-1] == pytest.approx(p.gamma0, rel=0.02)
        assert run.train_error[-1] <= 1e-6 * run.train_error[0]
    if "threshold" in said:
        assert p.train_second_layer and run.gamma[-1] > run.gamma[0]
        assert run.train_error[-1] <= 1e-6 * run.train_error[0]
    if "no interpolation" in said:
        assert run.train_error[-1] > 1e-6 * run.train_error[0]
    if "unlearning" in said:
        assert np.abs(run.v).max() > np.abs(run.v[-1]) / 0.9
    if "past the edge" in said:
        at_the_edge = np.interp(regimes(p)[0].high, run.t, run.test_error)
        assert p.init == "mean-field" or at_the_edge > run.test_error.min()
    if "no gap" in said:
        assert np.all(run.test_error - run.train_error <= 0.1 * run.test_error)
    if "overfitting" in said:
        assert run.test_error[-1] > run.test_error.min()
    if "not reached" in said:
        assert run.status is not Status.INTERPOLATED
    if "frozen" in said:
        assert not p.train_second_layer and np.ptp(run.gamma) == 0


@settings(max_examples=25, deadline=None)
@given(run=runs)
def test_the_verbs_follow_the_errors(run):
    for chapter in story(run)[1:-1]:
        for s in (s for s in chapter.statements if s.key == "errors"):
            test = s.text.split("the test error ")[1]
            words = test.split(";")[0].split()
            if words[0] in ("falls", "rises"):
                left, right = (float(word.replace("−", "-")) for word in (words[2], words[4])) \
                    if "×" not in test.split(";")[0] else (1.0, 0.0 if words[0] == "falls" else 2.0)
                assert (right < left) == (words[0] == "falls")


def test_a_run_that_ends_early_is_not_compared_with_the_end_of_its_regime():
    said = told(solve(Parameters(t_max=3.0)))
    assert "still growing" in said["still learning"]
    assert not {"bayes", "feature"} & set(said)
    assert "before this regime" in said["not reached"]


def test_a_cancelled_run_says_so():
    rows = iter(range(40))
    run = solve(Parameters(), monitor=Monitor(cancel=lambda: next(rows, None) is None))
    assert run.status is Status.CANCELLED
    assert told(run)["status"].strip() == Status.CANCELLED.advice


def test_lazy_above_and_below_the_threshold_are_told_apart():
    above = told(solve(Parameters(init="lazy", gamma0=1.0, m=1024, h="quadratic")))
    below = told(solve(Parameters(init="lazy", gamma0=0.1, m=1024)))
    assert "no third regime" in above["above threshold"] and "threshold" not in above
    assert "above threshold" not in below and "growth" in below


def test_without_noise_the_network_has_nothing_to_memorise():
    said = told(solve(Parameters(tau=0.0)))
    assert "nothing to memorise" in said and "threshold" not in said


@pytest.mark.parametrize("parameters", [
    Parameters(m=10**6), Parameters(m=10**6, h="quadratic", a0=0.5),
    Parameters(m=10**6, train_second_layer=False)])
def test_where_the_theory_says_bayes_a_wide_network_reaches_it(parameters):
    assert learns_to_bayes(parameters)
    best = solve(parameters.replace(t_max=1000.0)).test_error.min()
    # Corrections are of order 1/m; the run's tolerance is 1 %.
    assert best == pytest.approx(parameters.bayes_error, rel=0.01)


@pytest.mark.parametrize("parameters", [
    Parameters(m=10**6, train_second_layer=False, a0=3.0),
    Parameters(m=10**6, phi=(0.0, 0.5, 0.9)), Parameters(m=10**6, h=(0, 0, 0.5))])
def test_where_the_theory_does_not_say_bayes_the_error_stays_above(parameters):
    assert not learns_to_bayes(parameters)
    best = solve(parameters.replace(t_max=1000.0)).test_error.min()
    assert best > 1.05 * parameters.bayes_error


def test_without_a_linear_signal_no_feature_is_learned():
    p = Parameters(h=(0, 0, 0.5))
    run = solve(p)
    assert not has_signal(p) and np.all(run.v == 0)
    assert "no signal" in told(run) and "unlearning" not in told(run)
    assert has_signal(Parameters())


@pytest.mark.parametrize("parameters", [
    Parameters(h=(0, 1)), Parameters(init="lazy", h=(0, 1)), Parameters(tau=0.0),
    Parameters(target="noise", h=(0, 1))])
def test_where_the_theory_says_nothing_is_memorised_the_test_error_stays(parameters):
    assert not memorises(parameters)
    run = solve(parameters)
    # 2 % of the null error: the run's tolerance, and what the account counts as no change.
    assert run.test_error[-1] - run.test_error.min() <= 0.02 * parameters.null_error


@settings(max_examples=30, deadline=None)
@given(run=runs)
def test_the_theory_has_a_row_for_every_regime(run):
    rows = theory(run.parameters)
    assert list(rows) == [regime.key for regime in regimes(run.parameters)]


def test_the_comparison_names_the_better_start():
    lazy, mean_field = solve(Parameters(init="lazy")), solve(Parameters())
    best = comparison(lazy, mean_field)[0]
    assert "Mean-field is better" in best.text
    assert best.told == {"lazy": lazy.test_error.min(), "mean-field": mean_field.test_error.min()}
    assert "Lazy is better" in comparison(mean_field, lazy)[0].text
    assert "equally good" in comparison(lazy, lazy)[0].text


@settings(max_examples=10, deadline=None)
@given(left=runs, right=runs)
def test_the_numbers_of_a_comparison_stand_in_it(left, right):
    for statement in comparison(left, right):
        for value in statement.told.values():
            assert number(value) in statement.text or statement.key == "cost"


def test_both_starts_of_the_default_end_at_one_complexity():
    pair = solve(Parameters(init="lazy", gamma0=0.2)), solve(Parameters())
    assert "same complexity" in comparison(*pair)[-1].text


@pytest.mark.parametrize("x, text", [
    (0.0, "0"), (None, "–"), (0.05165, "0.0517"), (0.99999, "1.00"), (999.9, "1000"),
    (1920.0, "1920"), (61440.0, "6.14×10⁴"), (1.23e-7, "1.23×10⁻⁷"), (-0.0234, "−0.0234"),
])
def test_numbers_are_written_with_three_digits(x, text):
    assert number(x) == text


@given(st.floats(-1e12, 1e12).filter(lambda x: abs(x) > 1e-12))
def test_a_written_number_is_the_number_to_three_digits(x):
    text = number(x).replace("−", "-").translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    mantissa, _, exponent = text.partition("×10")
    assert math.isclose(float(mantissa) * 10.0 ** int(exponent or 0), x, rel_tol=5.1e-3)


def test_percentages_have_a_sign_where_wanted():
    assert percent(0.034) == "3.4 %" and percent(0.12, sign=True) == "+12 %"
    assert percent(-0.017, sign=True) == "−1.7 %"
