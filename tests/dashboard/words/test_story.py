"""What the words say is true of the run: quoted numbers, verbs, and what is left unsaid."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard.words import number, percent
from dashboard.words.comparison import comparison
from dashboard.words.regimes import names
from dashboard.words.story import story
from dashboard.words.theory import expected, has_signal, learns_to_bayes, memorises
from engine import Parameters, Status, Trajectory, solve
from engine.monitor import Monitor
from engine.regimes import regimes
from engine.results.keyfigures import UNCERTAINTY, key_figures

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


def test_a_run_that_ends_early_is_not_compared_with_the_end_of_its_regime():
    said = told(solve(Parameters(t_max=3.0)))
    assert "still growing" in said["still learning"]
    assert not {"bayes", "feature"} & set(said)
    assert "before this regime" in said["not reached"]


def test_the_lazy_plateau_is_predicted_only_once_its_regime_has_ended():
    """lazy-2 ends at √m = 32."""
    p = Parameters(init="lazy", m=1024)
    before, after = (told(solve(p.replace(t_max=t)))["plateau"] for t in (5.0, 100.0))
    assert "theory" in after and "it ends at" in after
    assert "theory" not in before and "it ends at" not in before


def test_the_words_say_of_which_theory_they_speak():
    p = Parameters(init="lazy", m=256, h="quadratic", gamma0=0.3, tau=0.6)
    alike, unlike = told(solve(p)), told(solve(p.replace(spread=0.1)))
    assert "(theory for m → ∞" in alike["plateau"] and "unequal" not in alike["plateau"]
    assert "theory of identical neurons" in unlike["plateau"]
    assert "our theory of unequal neurons" in unlike["plateau"]
    assert "our theory" not in told(solve(p.replace(spread=0.1, h="cubic")))["plateau"]


def test_a_cancelled_run_says_so():
    rows = iter(range(40))
    run = solve(Parameters(), monitor=Monitor(cancel=lambda: next(rows, None) is None))
    assert run.status is Status.CANCELLED
    assert told(run)["status"].strip() == "The run ended early: cancelled."


def test_lazy_above_and_below_the_threshold_are_told_apart():
    above = told(solve(Parameters(init="lazy", gamma0=1.0, m=1024, h="quadratic")))
    below = told(solve(Parameters(init="lazy", gamma0=0.1, m=1024)))
    assert "no need to grow" in above["above threshold"] and "threshold" not in above
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
    rows = expected(run.parameters)
    assert list(rows) == [regime.key for regime in regimes(run.parameters)]


def test_the_comparison_names_the_better_start():
    lazy, mean_field = solve(Parameters(init="lazy")), solve(Parameters())
    best = comparison(lazy, mean_field)[0]
    assert "Mean-field is better" in best.text
    assert "Lazy is better" in comparison(mean_field, lazy)[0].text
    assert "equally good" in comparison(lazy, lazy)[0].text


def test_both_starts_of_the_default_end_at_one_complexity():
    pair = solve(Parameters(init="lazy", gamma0=0.2)), solve(Parameters())
    assert "same complexity" in comparison(*pair)[-1].text


@pytest.mark.parametrize(("x", "text"), [
    (0.0, "0"), (None, "–"), (0.05165, "0.0517"), (0.99999, "1.00"), (999.9, "1000"),
    (1920.0, "1920"), (61440.0, "6.14×10⁴"), (1.23e-7, "1.23×10⁻⁷"), (-0.0234, "−0.0234"),
])
def test_numbers_are_written_with_three_digits(x, text):
    assert number(x) == text


def test_no_digit_is_written_that_is_not_known():
    assert number(3963.0, error=270.0) == "4000" and number(6.371, error=0.064) == "6.4"
    assert number(2e-7, error=6e-7) == "0" and number(0.05165, error=1e-5) == "0.0517"


@pytest.mark.parametrize("parameters", [
    Parameters(), Parameters(tau=0.6), Parameters(alpha=0.01), Parameters(m=8),
    Parameters(init="lazy", gamma0=0.05), Parameters(init="lazy", gamma0=0.1, m=1024),
    Parameters(target="noise", alpha=0.4, tau=0.6)])
def test_two_tolerances_write_the_same_digits(parameters):
    coarse, fine = (key_figures(solve(parameters, rtol)) for rtol in (1e-2, 1e-3))
    for name in UNCERTAINTY.keys() | {"best_test_error", "excess_over_bayes", "final_gamma"}:
        if getattr(coarse, name) is not None and (
                name != "final_train_error" or not coarse.interpolated):
            # UNCERTAINTY is a bound for 95 % of runs: half as much again for the rest.
            assert getattr(fine, name) == pytest.approx(
                getattr(coarse, name), abs=1.5 * coarse.error(name)), name


def test_gamma_is_said_to_sit_at_the_threshold_only_after_growing_to_it():
    grown, had = solve(Parameters()), solve(Parameters(alpha=0.01))
    assert "threshold" in told(grown) and "threshold" not in told(had)
    assert "engine finds" not in told(grown)["threshold"]
    asked = story(grown, threshold=0.4539)
    assert any("engine finds 0.454" in s.text for c in asked for s in c.statements)


def test_what_rests_is_said_to_and_what_moves_is_not():
    wide, cut = told(solve(Parameters(m=10**6))), told(solve(Parameters(m=128, t_max=200.0)))
    assert "moved by less than 1 %" in wide["no interpolation"]
    assert "not at rest" in cut["no interpolation"]


def test_a_regime_is_called_by_what_the_run_does_in_it():
    assert list(names(solve(Parameters())).values()) == [
        "Feature learning", "Overfitting and unlearning"]
    assert names(solve(Parameters(m=10**6)))["mean-field-2"] == "No overfitting"
    assert names(solve(Parameters(init="lazy", gamma0=0.05)))["lazy-1"] == "Learning"
    assert names(solve(Parameters(h=(0, 0, 0.5))))["mean-field-1"] == "No features"


@given(st.floats(-1e12, 1e12).filter(lambda x: abs(x) > 1e-12))
def test_a_written_number_is_the_number_to_three_digits(x):
    text = number(x).replace("−", "-").translate(str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789"))
    mantissa, _, exponent = text.partition("×10")
    assert math.isclose(float(mantissa) * 10.0 ** int(exponent or 0), x, rel_tol=5.1e-3)


def test_percentages_have_a_sign_where_wanted():
    assert percent(0.034) == "3.4 %" and percent(0.12, sign=True) == "+12 %"
    assert percent(-0.017, sign=True) == "−1.7 %"
