"""Predict, then reveal: one run, regime by regime, for a class.

    lesson.show(settings)               # all of it:
    lesson.start(settings)              # what is shown, and a choice of other runs
    seen = lesson.step(run, other)      # buttons and questions; how many regimes are on show
    lesson.picture(run, seen, other)    # the curves up to there, and the guesses beyond

`other` is the run pinned as A, if there is one: it is uncovered along with the one in question.
"""

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import streamlit as st

from dashboard.components import controls, neurons
from dashboard.components.chart import (
    GREEN,
    GREY,
    ORANGE,
    PURPLE,
    SKY,
    Guide,
    Line,
    Panel,
    Trace,
    show_curves,
)
from dashboard.components.curves import regime_bands, run_panels, time_axis
from dashboard.components.runs import difference, pinned_beside
from dashboard.service import visitor
from dashboard.service.jobs import solved
from dashboard.service.links import GUESSES, Settings
from dashboard.words import number as readable
from dashboard.words.neurons import start_of_neurons, unequal
from dashboard.words.regimes import names, title
from dashboard.words.story import story
from dashboard.words.table import start_of
from engine import Status, Trajectory
from engine.results.groups import GroupCurves
from engine.results.keyfigures import RegimeMeasurement, Span, reached
from engine.results.trajectory import COLUMNS
from pages.lecture import drawing

CHANGES = dict(zip(GUESSES, (0.5, 1.0, 2.0), strict=True))
"""What can be guessed of an error, and by which factor its sketched curve ends."""
STILL = 0.1
"""An error that changes by less than this fraction stays."""
QUESTIONS = {"train_error": "The train error", "test_error": "The test error"}
PENCILS = {"train_error": ("train error", ORANGE), "test_error": ("test error", SKY)}
STYLES = {"falls": (GREEN, "dot"), "stays": (GREY, "dashdot"), "rises": (PURPLE, "longdash")}
HEIGHT, SHARE = 420, 0.5
"""Of the plot: pixels, or a share of the window if that is more."""
ROOM = 1.2
"""The axis of errors goes on above the highest sketch by this factor."""
STYLE = """<style>
  @media (min-width: 900px) { html { font-size: 20px !important; } }
  @media (min-width: 1600px) and (min-height: 900px) { html { font-size: 24px !important; } }
  @media (min-width: 900px) { [data-testid="stMainBlockContainer"] { padding: 3.5rem 2rem 1rem; } }
  .tl-chart { --tl-name-size: 17; }
  [data-testid="stMainBlockContainer"] { padding-top: 3.5rem; }
  [data-testid="stMainBlockContainer"] > div { gap: 0.5rem; }
  [data-testid="stMainBlockContainer"] h1 { padding: 0.4rem 0; }
</style>"""
"""Type for the last row of a hall; a student's phone keeps its own."""


def show(settings: Settings) -> None:
    """Any run, regime by regime, and the way into the script."""
    left, right = st.columns([2, 3])
    with left:
        st.title("Predict, then reveal")
        st.button("Start the lecture: 45 minutes in eight scenes", on_click=visitor.put,
                  kwargs={"scene": 1}, icon=":material/play_circle:", key="start script")
    with right:
        start(settings)
    run = solved(settings)
    if run is None:
        return
    pinned = pinned_beside(settings)
    other = pinned and solved(pinned, "Solving the pinned run")
    left, right = st.columns([2, 3])
    with left:
        seen = step(run, other)
    with right:
        picture(run, seen, other)
    st.caption("Theory: A. Montanari and P. Urbani, arXiv 2502.21269. Any setting: choose it on the"
               " explorer first. For other sites add embed=true to the link.")


def change(span: Span) -> str:
    """Whether an error "falls", "stays" or "rises" over a regime."""
    if abs(span.change) <= STILL * abs(span.start):
        return "stays"
    return "falls" if span.change < 0 else "rises"


def cut(run: Trajectory, end: float) -> Trajectory:
    """The part of a run up to the time `end`: its nodes and the point at `end` itself."""
    if end >= run.t[-1]:
        return run
    whole = run.to_frame()
    part = pd.concat([whole[run.t < end], run.at([end], tuple(whole.columns[1:]))])
    names = run.parameters.component_names
    groups = run.groups and GroupCurves.from_columns(run.groups.size, part, names)
    components = part[list(names)].to_numpy() if names else None
    # An interpolated run would be drawn on to its horizon.
    return replace(run, status=Status.CANCELLED, groups=groups, components=components,
                   **{name: part[name].to_numpy() for name in COLUMNS})


def step(run: Trajectory, other: Trajectory | None = None) -> int:
    """The question on the next regime, then the answers to the last; how many are on show."""
    measured = reached(run)
    seen = min(visitor.get("seen"), len(measured))
    if seen < len(measured):
        _question(run, measured[seen], seen)
    with st.container(horizontal=True):
        st.button("Back", disabled=seen == 0, icon=":material/arrow_back:", on_click=_go,
                  args=(seen - 1,))
        st.button("Reveal" if seen < len(measured) else "The end", type="primary", on_click=_go,
                  args=(seen + 1,), disabled=seen == len(measured), icon=":material/visibility:")
    if seen:
        _answers(run, measured[seen - 1], seen)
    if seen == len(measured) and run.groups:
        twin = other if other and other.parameters == run.parameters.alike else None
        st.markdown(" ".join(statement.text for statement in unequal(run, twin)))
    return seen


def start(settings: Settings) -> None:
    """The run in symbols, which give nothing away; its name and reason wait to be opened."""
    p = settings.parameters
    beside = pinned_beside(settings)
    target = "pure noise" if p.target == "noise" else "φ = σ" if p.matched else "φ ≠ σ"
    left, right = st.columns([3, 2], vertical_alignment="center")
    left.markdown(f"**{p.init}**, {start_of(p, with_a=False)}, m = {p.m:,}, α = {p.alpha:g},"
                  f" τ = {p.tau:g}, {target}, {start_of_neurons(p)}"
                  + (f"  \n{difference(beside, settings)}" if beside else ""))
    # The key changes with the run: once chosen, the list closes and takes the name out of sight.
    with right.popover("Another run", icon=":material/list:", width="stretch",
                       key=visitor.key("another run")):
        controls.examples()


def _go(seen: int) -> None:
    visitor.put(seen=seen)


def _question(run: Trajectory, m: RegimeMeasurement, number: int) -> None:
    st.header(f"{m.regime.scale}: what will happen?")
    for column, (name, words) in zip(st.columns(len(QUESTIONS)), QUESTIONS.items(), strict=True):
        guess = visitor.get("guesses").get(place := f"{number}.{name}")
        column.radio(words, GUESSES, GUESSES.index(guess) if guess else None, horizontal=True,
                     **visitor.bound("guesses", partial(_guessed, place), part=place))
    chosen = st.segmented_control("Or draw it in the plot", list(PENCILS), key="pencil",
                                  format_func=lambda name: PENCILS[name][0])
    if chosen:
        drawing.pencil(PENCILS[chosen][1], partial(_keep, run, m, (number, chosen)),
                       key=f"draw {number} {chosen}")


def _guessed(place: str, guess: str) -> dict[str, str]:
    return visitor.get("guesses") | {place: guess}


def _keep(run: Trajectory, m: RegimeMeasurement, place: tuple[int, str], points: list) -> None:
    number, name = place
    others = {at: line for at, line in visitor.get("drawn").items() if at != f"{number}.{name}"}
    line = drawing.read(points, *stretch(run, m))
    visitor.put(drawn=others | ({f"{number}.{name}": line} if line else {}))


def _drawings() -> dict[tuple[int, str], drawing.Drawing]:
    """The lines drawn for this run, by regime and error."""
    return {(int(at[0]), at[2:]): drawing.Drawing.of(line)
            for at, line in visitor.get("drawn").items() if at[2:] in PENCILS}


def _answers(run: Trajectory, m: RegimeMeasurement, seen: int) -> None:
    st.subheader(f"{m.regime.scale} · {title(m, names(run))}")
    for name, words in QUESTIONS.items():
        truth = change(getattr(m, name))
        guess = visitor.get("guesses").get(f"{seen - 1}.{name}")
        if guess is not None:
            right = guess == truth
            mark = ":material/check_circle:" if right else ":material/cancel:"
            st.markdown(f"{mark} {words} **{truth}**"
                        + ("." if right else f"; you expected that it {guess}."))
        _judge(run, m, name, _drawings().get((seen - 1, name)))
    chapter = story(run)[seen]
    st.markdown(" ".join(statement.text for statement in chapter.statements[:3]))


def _judge(run: Trajectory, m: RegimeMeasurement, name: str,
           drawn: drawing.Drawing | None) -> None:
    """How far a drawn line was from the curve."""
    if drawn is None:
        return
    truth = run.at(np.minimum(drawn.t, run.t[-1]))[name].to_numpy()
    off = drawing.factor(drawn, truth, error_range(run)[0], stretch(run, m))
    st.markdown(f":material/draw: Your {PENCILS[name][0]}: " + (
        "too short a line to judge." if off is None
        else f"on average a factor **{readable(off)}** off."))


def picture(run: Trajectory, seen: int, other: Trajectory | None = None) -> None:
    """The curves of the first `seen` regimes, and guesses of what may come next."""
    measured = reached(run)
    drawings = {place: d for place, d in _drawings().items() if place[0] <= seen}
    start = time_axis(run).range[0]
    edge = np.inf if seen == len(measured) else max(start, measured[seen - 1].time.end) if seen \
        else start
    shown = cut(run, edge)
    panel = run_panels(shown, other and cut(other, edge))[0]
    guessed = any(place[0] == seen for place in drawings)
    coming = sketches(run, measured[seen]) if seen < len(measured) and not guessed else []
    known = panel.traces if seen else []
    lines = [*panel.lines, *(Line(None, "", x=x) for m in measured[seen:seen + 1]
                             for x in stretch(run, m))]
    show_curves(
        [Panel(panel.title, panel.y_label, [*known, *coming, *drawn(drawings)], lines=lines,
               log_y=True, wide=True, height=HEIGHT, share=SHARE, y_range=error_range(run, other),
               alt=_alt(run, seen, len(measured)))],
        key="lecture", bands=regime_bands(run)[:seen], axis=time_axis(run),
        guide=Guide(neurons.describe(neurons.neurons(shown))) if seen else Guide())


def stretch(run: Trajectory, m: RegimeMeasurement) -> tuple[float, float]:
    """Where on the time axis a regime lies."""
    start = max(m.time.start, time_axis(run).range[0])
    return start, max(m.time.end, 1.01 * start)


def error_range(run: Trajectory, other: Trajectory | None = None) -> tuple[float, float]:
    """The error axis of the whole run, with room for every sketch."""
    low, high = run_panels(run, other)[0].y_range
    most = max(m.test_error.start for m in reached(run))
    return low, max(high, ROOM * most * max(CHANGES.values()))


def sketches(run: Trajectory, m: RegimeMeasurement) -> list[Trace]:
    """Three curves that the test error might follow through a regime, from its present value."""
    t = np.geomspace(*stretch(run, m), 60)
    share = np.log(t / t[0]) / np.log(t[-1] / t[0])
    return [Trace(f"test error {name}?", t, m.test_error.start * factor**share, *STYLES[name],
                  guess=True)
            for name, factor in CHANGES.items()]


def drawn(drawings: dict[tuple[int, str], drawing.Drawing]) -> list[Trace]:
    """The lines drawn so far: one curve for each error, with gaps between its regimes."""
    traces = []
    for name, (words, colour) in PENCILS.items():
        lines = [d for (_, error), d in sorted(drawings.items()) if error == name]
        if lines:
            traces.append(Trace(f"your {words}", np.concatenate([[*d.t, d.t[-1]] for d in lines]),
                                np.concatenate([[*d.y, np.nan] for d in lines]), colour, "dot",
                                guess=True))
    return traces


def _alt(run: Trajectory, seen: int, of: int) -> str:
    if seen == of:
        return run_panels(run)[0].alt
    return (f"Train and test error over training time in the first {seen} of {of} regimes; beyond,"
            " three sketches: the test error falls, stays or rises.")
