"""Right answers are taken, wrong ones are not, and every task can be done and missed."""

import math

import pytest

from dashboard.service.presets import ALL
from engine import Parameters, solve
from engine.results.keyfigures import key_figures
from pages.exercises.questions import TASKS, halved, questions, width_question


@pytest.mark.parametrize("preset", ALL, ids=lambda preset: preset.name)
def test_the_engines_own_value_is_right_and_half_or_double_is_not(preset):
    run = solve(preset.settings.parameters, preset.settings.rtol)
    for question in questions(run):
        assert math.isfinite(question.value) and question.right(question.value)
        if question.key != "stop" and question.value:
            assert not question.right(question.value / 2)
            assert not question.right(2 * question.value)


def test_the_answers_are_those_of_the_run():
    run = solve(Parameters())
    asked = {question.key: question for question in questions(run)}
    assert asked["bayes"].value == pytest.approx(0.045, rel=1e-12)
    low, high = asked["stop"].low, asked["stop"].high
    best = run.test_error.min()
    assert (run.at([low, high])["test_error"] < 1.0101 * best).all()
    assert (run.at([0.8 * low, 1.25 * high])["test_error"] > 1.0099 * best).all()
    # Theory for m → ∞ against this run of finite width: within 5 %.
    assert asked["end"].value == pytest.approx(run.test_error[-1], rel=0.05)
    assert asked["linear part"].value == pytest.approx(1.0)


def test_every_question_names_its_tolerance():
    run = solve(Parameters(m=64))
    for question in [*questions(run), width_question(run, solve(halved(run.parameters)))]:
        assert "%" in question.text
    asked = {question.key: question for question in questions(solve(Parameters()))}
    assert "within 30 %" in asked["interpolation"].text


def test_doubling_the_width_doubles_the_time_of_interpolation_about():
    p = Parameters(m=64)
    question = width_question(solve(p), solve(halved(p)))
    assert halved(p).m == 32 and halved(p).t_max / 32 == pytest.approx(p.t_max / 64)
    assert 1.5 < question.value < 3
    plenty = Parameters(alpha=3.0)
    assert width_question(solve(plenty), solve(halved(plenty))) is None


SOLUTIONS = {
    "decoupled": (Parameters(m=512), Parameters(m=64)),
    "above": (Parameters(init="lazy", gamma0=1.0), Parameters(init="lazy", gamma0=0.1)),
    "unlearn": (Parameters(tau=1.0), Parameters(tau=0.0)),
    "harmless": (Parameters(alpha=3.0), Parameters()),
}


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.key)
def test_every_task_can_be_done_and_missed(task):
    done, missed = SOLUTIONS[task.key]
    assert task.done(solve(done))
    assert not task.done(solve(missed))
    assert key_figures(solve(done)).status.complete
