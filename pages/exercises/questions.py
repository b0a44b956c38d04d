"""Exercises that the page checks against the run it shows: readings, predictions and tasks."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import streamlit as st

from dashboard.service import visitor
from dashboard.service.jobs import solved
from dashboard.service.links import HALF, Settings
from dashboard.words import number
from dashboard.words.figures import figure
from dashboard.words.theory import has_signal, learns_to_bayes, memorises
from engine import Parameters, Trajectory
from engine.limits.levels import levels, plateau_error
from engine.results.keyfigures import key_figures


@dataclass(frozen=True)
class Question:
    """A number to find: any answer from low to high is right, `value` is the engine's own."""

    key: str
    text: str
    hint: str
    value: float
    low: float
    high: float
    why: str

    def right(self, answer: float) -> bool:
        return self.low <= answer <= self.high


@dataclass(frozen=True)
class Task:
    """Settings to find in the sidebar: `done` looks at the run that they make."""

    key: str
    text: str
    hint: str
    done: Callable[[Trajectory], bool]
    why: str

    @property
    def word(self) -> str:
        """The word of a link that has the settings by which a visitor did it."""
        return f"task_{self.key}"


def questions(run: Trajectory) -> list[Question]:
    """What can be asked of this run."""
    p, k, known = run.parameters, key_figures(run), levels(run.parameters)
    asked = [_near(
        "bayes", "What is the least test error that any predictor can have on these data?",
        "It is half the variance of what cannot be predicted.", known.bayes, 0.02,
        f"τ²/2 = {p.tau:g}²/2. The error is half the mean square, and only the noise is left."),
        Question(
        "stop", "When would you stop the training? Give a time t that costs at most 1 % of the best"
        " test error.",
        "Scrub to the lowest point of the test error.", k.best_time, *k.best_window,
        f"Anywhere from {number(k.best_window[0], 2)} to {number(k.best_window[1], 2)} costs at"
        " most 1 % of the best test error.")]
    if k.interpolated:
        asked.append(_near(
            "interpolation", "When does the train error reach zero (a millionth of its start)?",
            "It leaves the bottom of the plot a little earlier.", k.interpolation_time, 0.3,
            f"That is t = {number(k.interpolation_time / p.m, 1)} m; this tolerance gives it as t ="
            f" {figure(k, 'interpolation_time')}, and another may differ in the digits left out."))
    if k.interpolated and memorises(p) and p.train_second_layer:
        asked.append(_near(
            "end", "Where does theory put the test error at the end, given the final γ?",
            "½[τ′² + γ²(h(1) − h′(0))], with τ′² = τ² + ‖φ‖² − φ̂′(0)²/h′(0).",
            plateau_error(p, k.final_gamma), 0.05,
            f"The run ends at {figure(k, 'final_test_error')}: the network has become the best"
            " linear fit plus the price of its complexity."))
    if (k.interpolated and has_signal(p) and p.covariance.dh_0 > 0 and memorises(p)
            and p.train_second_layer):
        asked.append(_near(
            "linear part", "What does theory say that a·v tends to once the feature is unlearned?",
            "The best linear fit keeps the linear part of the target.", p.covariance.linear_fit,
            0.02,
            f"φ̂′(0)/h′(0); in this run a·v ends at {number(float(run.a[-1] * run.v[-1]))}."))
    return asked


def halved(p: Parameters) -> Parameters:
    """The same network at half the width (at least 2), followed equally long in units of m."""
    m = max(2, p.m // 2)
    return p.replace(m=m, t_max=p.t_max * m / p.m)


def width_question(run: Trajectory, narrower: Trajectory) -> Question | None:
    """How the time of interpolation grows with the width; None if it is not reached."""
    a, b = (key_figures(r).interpolation_time for r in (narrower, run))
    if not a or not b:
        return None
    return _near(
        "width", "By what factor does the time of interpolation grow from half this width to this"
        " one?",
        "On which power of m does the last regime live?", b / a, 0.25,
        f"From t = {number(a, 2)} to {number(b, 2)}. For t = Θ(m) it is 2 as m → ∞; what differs is"
        " finite width.")


def _near(key: str, text: str, hint: str, value: float, share: float, why: str) -> Question:
    """A question whose answer may be off by a share of the value; it says so."""
    return Question(key, f"{text} (right within {100 * share:g} %)", hint, value,
                    *sorted(((1 - share) * value, (1 + share) * value)), why)


def _decoupled(run: Trajectory) -> bool:
    k = key_figures(run)
    return bool(k.feature_learning_end and k.gap_opens and learns_to_bayes(run.parameters)
                and run.parameters.init == "mean-field"
                and k.gap_opens > k.feature_learning_end)


def _harmless(run: Trajectory) -> bool:
    k = key_figures(run)
    return run.parameters.tau > 0 and run.status.complete and abs(run.v).max() > 0.5 \
        and k.final_test_error < 1.02 * k.best_test_error


TASKS = (
    Task("decoupled", "Make the gap open only after feature learning has ended, from a mean-field"
         " start.", "Which slider moves overfitting to later times, and which sharpens it?",
         _decoupled, "Learning takes t = Θ(1), overfitting t = Θ(m): large m separates them."),
    Task("above", "Find a lazy start on noisy data that interpolates without moving its second"
         " layer.", "γ₀ has to be at or above γ*, which grows with α.",
         lambda run: run.parameters.init == "lazy" and run.parameters.tau > 0
         and key_figures(run).interpolated_in_place,
         "γ₀ ≥ γ*: enough complexity from the start, and no third regime."),
    Task("unlearn", "Make the network forget: |v| ends below a fifth of its maximum, and the"
         " maximum is above ½.", "More noise asks for more complexity.",
         lambda run: abs(run.v).max() > 0.5 and abs(run.v[-1]) < abs(run.v).max() / 5,
         "Memorising needs a large γ; a·v stays, so v = Θ(1/√m) has to fall."),
    Task("harmless", "Learn the feature (v above ½) from noisy data and pay less than 2 % for"
         " never stopping.", "More data per weight, or a second layer that cannot grow.",
         _harmless, "What cannot be memorised within the horizon does no harm."),
)


def show(settings: Settings, run: Trajectory) -> None:
    """All exercises on the page."""
    st.subheader("Questions on the run shown")
    for question in questions(run):
        _ask(question)
    if st.toggle(HALF.label, visitor.get("half"), **visitor.bound("half")):
        other = solved(Settings(halved(settings.parameters), settings.rtol),
                       "Solving at half the width")
        question = other and width_question(run, other)
        if question:
            _ask(question)
        else:
            st.caption("One of the two runs does not interpolate within its horizon.")
    st.subheader("Tasks: find settings in the sidebar")
    for task in TASKS:
        _set(task, settings, run)


def _ask(question: Question) -> None:
    with st.container(border=True):
        st.markdown(f"**{question.text}**")
        left, right = st.columns([1, 2], vertical_alignment="center")
        # An answer stays when the settings change, and is judged by the run then shown.
        answer = visitor.get("answers").get(question.key)
        left.number_input("Your answer", value=answer, format="%g", **visitor.bound(
            "answers", partial(_answered, question.key), part=question.key))
        with right:
            _judge(question, answer)


def _answered(key: str, answer: float | None) -> dict[str, float]:
    others = {name: value for name, value in visitor.get("answers").items() if name != key}
    return others if answer is None else others | {key: answer}


def _judge(question: Question, answer: float | None) -> None:
    if answer is None:
        _hint(question.hint, question.key)
    elif question.right(answer):
        st.success(f"Right. The engine's own value: {number(question.value)}. {question.why}",
                   icon=":material/check_circle:")
    else:
        far = "too small" if answer < question.low else "too large"
        st.error(f"Not yet: {number(answer)} is {far}.", icon=":material/cancel:")
        _hint(question.hint, question.key)


def _hint(text: str, key: str) -> None:
    """A hint that waits to be asked for."""
    with st.popover("Hint", icon=":material/lightbulb:", key=f"hint {key}"):
        st.markdown(text)


def _set(task: Task, settings: Settings, run: Trajectory) -> None:
    """A task, whether the run shown does it, and whether one has been put on the sheet."""
    done, kept = task.done(run), visitor.get(task.word)
    with st.container(border=True):
        box = "check_box" if done or kept else "check_box_outline_blank"
        st.markdown(f":material/{box}: **{task.text}**")
        if done:
            st.caption(task.why)
        elif not kept:
            st.caption("Not with these settings yet.")
            _hint(task.hint, task.key)
        if kept:
            st.caption("On your sheet, with settings that do it.")
        elif done:
            st.button("Put these settings on my sheet", key=f"keep {task.key}",
                      on_click=visitor.put, kwargs={task.word: settings},
                      icon=":material/assignment_turned_in:")
