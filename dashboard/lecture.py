"""Predict, then reveal: one run, regime by regime, for a class.

    seen = lecture.step(run)      # buttons and questions; how many regimes are on show
    lecture.picture(run, seen)    # the curves up to there, and the guesses beyond
"""

from dataclasses import replace

import numpy as np
import streamlit as st

from dashboard import neurons
from dashboard.chart import GREEN, GREY, PURPLE, Line, Panel, Trace, show_curves
from dashboard.figures import regime_bands, run_panels, time_axis
from dashboard.links import Settings, write
from dashboard.story import story
from dashboard.tables import title
from engine import Trajectory
from engine.keyfigures import RegimeMeasurement, Span, regime_measurements
from engine.trajectory import COLUMNS

CHANGES = {"falls": 0.5, "stays": 1.0, "rises": 2.0}
"""What can be guessed of an error, and by which factor its sketched curve ends."""
STILL = 0.1
"""An error that changes by less than this fraction stays."""
QUESTIONS = {"train_error": "The train error", "test_error": "The test error"}
STYLES = {"falls": (GREEN, "dot"), "stays": (GREY, "dashdot"), "rises": (PURPLE, "longdash")}
HEIGHT = 420
STYLE = """<style>
  @media (min-width: 900px) { html { font-size: 20px !important; } }
  [data-testid="stMainBlockContainer"] { padding-top: 3.5rem; }
</style>"""
"""Type for the last row of a hall; a student's phone keeps its own."""


def change(span: Span) -> str:
    """Whether an error "falls", "stays" or "rises" over a regime."""
    if abs(span.change) <= STILL * abs(span.start):
        return "stays"
    return "falls" if span.change < 0 else "rises"


def cut(run: Trajectory, end: float) -> Trajectory:
    """The part of a run up to the time `end`: its nodes and the point at `end` itself."""
    if end >= run.t[-1]:
        return run
    inside = run.t < end
    last = run.at([end])
    return replace(run, **{name: np.append(getattr(run, name)[inside], last[name].iloc[0])
                           for name in COLUMNS})


def step(settings: Settings, run: Trajectory) -> int:
    """The question on the next regime, the answers to the last; returns how many are on show."""
    measured = [m for m in regime_measurements(run) if m.reached]
    lesson = str(sorted(write(settings).items()))
    if st.session_state.get("lesson") != lesson:
        st.session_state.update({"lesson": lesson, "seen": 0, "guesses": {}})
    seen = min(st.session_state["seen"], len(measured))
    if seen:
        _answers(run, measured[seen - 1], seen)
    if seen < len(measured):
        _question(measured[seen], seen)
    with st.container(horizontal=True):
        st.button("Back", disabled=seen == 0, icon=":material/arrow_back:", on_click=_go,
                  args=(-1,))
        st.button("Reveal" if seen < len(measured) else "The end", type="primary", on_click=_go,
                  args=(1,), disabled=seen == len(measured), icon=":material/visibility:")
    return seen


def _go(by: int) -> None:
    st.session_state["seen"] += by


def _question(m: RegimeMeasurement, number: int) -> None:
    st.subheader(f"{m.regime.scale}: what will happen?")
    for column, (name, words) in zip(st.columns(len(QUESTIONS)), QUESTIONS.items(), strict=True):
        guess = column.radio(words, list(CHANGES), index=None, horizontal=True,
                             key=f"guess {number} {name}")
        st.session_state["guesses"][number, name] = guess


def _answers(run: Trajectory, m: RegimeMeasurement, seen: int) -> None:
    st.subheader(f"{m.regime.scale} · {title(m)}")
    for name, words in QUESTIONS.items():
        truth, guess = change(getattr(m, name)), st.session_state["guesses"].get((seen - 1, name))
        if guess is not None:
            right = guess == truth
            mark = ":material/check_circle:" if right else ":material/cancel:"
            st.markdown(f"{mark} {words} **{truth}**"
                        + ("." if right else f"; you expected that it {guess}."))
    chapter = story(run)[seen]
    st.markdown(" ".join(statement.text for statement in chapter.statements[:3]))


def picture(run: Trajectory, seen: int) -> None:
    """The curves of the first `seen` regimes, and sketches of what may come next."""
    measured = [m for m in regime_measurements(run) if m.reached]
    start = time_axis(run).range[0]
    edge = start if seen == 0 else measured[seen - 1].time.end
    shown = cut(run, max(edge, start))
    whole, panel = run_panels(run)[0], run_panels(shown)[0]
    coming = sketches(run, measured[seen]) if seen < len(measured) else []
    known = panel.traces if seen else []
    show_curves(
        [Panel(panel.title, panel.y_label, [*known, *coming], log_y=True, wide=True,
               height=HEIGHT, y_range=whole.y_range, lines=[*panel.lines, Line(None, "", x=edge)]
               if seen < len(measured) else panel.lines, alt=_alt(run, seen, len(measured)))],
        key="lecture", bands=regime_bands(run)[:seen], axis=time_axis(run),
        picture=neurons.describe(neurons.neurons(shown)) if seen else None)


def sketches(run: Trajectory, m: RegimeMeasurement) -> list[Trace]:
    """Three curves that the test error might follow through a regime, from its present value."""
    start = max(m.time.start, time_axis(run).range[0])
    t = np.geomspace(start, max(m.time.end, 1.01 * start), 60)
    share = np.log(t / t[0]) / np.log(t[-1] / t[0])
    return [Trace(f"test error {name}?", t, m.test_error.start * factor**share, *STYLES[name])
            for name, factor in CHANGES.items()]


def _alt(run: Trajectory, seen: int, of: int) -> str:
    if seen == of:
        return run_panels(run)[0].alt
    return (f"Train and test error over training time in the first {seen} of {of} regimes; beyond,"
            " three sketches: the test error falls, stays or rises.")
