"""The script on the projector: a question, a guess, the curve that plays, one sentence."""

from dataclasses import replace
from functools import partial
from typing import NamedTuple

import streamlit as st

from dashboard.components.chart import SKY, Band, Line, Panel, Trace, show_curves
from dashboard.components.curves import run_panels, time_axis
from dashboard.components.downloads import full_link
from dashboard.service import visitor
from dashboard.service.jobs import solved
from dashboard.words.tour import tour
from engine import Trajectory
from pages.lecture import drawing, share, voting
from pages.lecture.lesson import cut, error_range
from pages.lecture.remote import remote
from pages.lecture.scenes import SCENES, Pair, Scene
from pages.lecture.votes import Host, rooms

HEIGHT, SHARE = 400, 0.5
"""Of the plot: pixels, or a share of the window if that is more."""
LAST = 2 * len(SCENES) + 1
"""The step after the last answer."""


class Place(NamedTuple):
    """Where a step of the script is: which scene, and whether its answer is told."""

    number: int
    answered: bool

    @property
    def scene(self) -> Scene:
        return SCENES[self.number]


def place(step: int) -> Place | None:
    """The scene of a step from 1 on; None for the end."""
    return Place((step - 1) // 2, step % 2 == 0) if step < LAST else None


def show(step: int) -> None:
    """One step of the script."""
    at = place(step)
    if at is None:
        _end()
        return
    pair = runs(at.scene)
    if pair is None:
        return
    host = voting.host()
    st.title(at.scene.title if at.answered else at.scene.question)
    if at.answered:
        _answer(at, pair, host)
    else:
        _question(at, pair, host)
    axis = time_axis(*filter(None, pair))
    low, high = at.scene.stretch(pair[0])
    remote(step, (max(low, axis.range[0]), high) if at.answered else None, axis.range)
    left, right = st.columns([3, 1]) if host else (st.container(), None)
    with left:
        show_curves([replace(panel(at, pair), share=SHARE)], key="stage",
                    bands=bands(at, pair[0]), axis=axis)
    if host and right:
        with right:
            voting.board(host, at.number)
    _buttons(step, host)
    st.caption(f"Scene {at.number + 1} of {len(SCENES)}, about {at.scene.minutes} minutes. Space,"
               " arrows and page keys turn the page.")


def runs(scene: Scene) -> Pair | None:
    """What a scene is about: the run in question, and A; None when a solve was stopped."""
    run = scene.stored() if scene.stored else solved(scene.settings)
    other = solved(scene.other, "Solving A") if scene.other else None
    return None if run is None or (scene.other and other is None) else (run, other)


def _question(at: Place, pair: Pair, host: Host | None) -> None:
    """What is new and what is asked; with a vote its board has the answers."""
    st.markdown(at.scene.setup)
    if host:
        rooms.ask(host, at.number, len(at.scene.choices))
    chosen = visitor.get("chosen").get(str(at.number))
    left, right = st.columns([3, 2], vertical_alignment="center")
    if not host:
        left.radio("What do you think?", at.scene.choices,
                   int(chosen) if chosen in range(len(at.scene.choices)) else None,
                   horizontal=True,
                   **visitor.bound("chosen", partial(_chosen, at), part=f"scene {at.number}"))
    with left if host else right:
        if st.toggle("Draw the test error in the plot", key=f"pencil {at.number}"):
            drawing.pencil(SKY, partial(_keep, at, at.scene.stretch(pair[0]),
                                        time_axis(*filter(None, pair)).range),
                           key=f"draw scene {at.number}")


def _chosen(at: Place, choice: str) -> dict[str, float]:
    return visitor.get("chosen") | {str(at.number): float(at.scene.choices.index(choice))}


def _keep(at: Place, stretch: tuple[float, float], axis: tuple[float, float],
          points: list) -> None:
    others = {name: line for name, line in visitor.get("drawn").items() if name != _line(at)}
    line = drawing.read(points, max(stretch[0], axis[0]), stretch[1])
    visitor.put(drawn=others | ({_line(at): line} if line else {}))


def _line(at: Place) -> str:
    """The name under which a link has the line that was drawn in a scene."""
    return f"{at.number}.scene"


def _answer(at: Place, pair: Pair, host: Host | None) -> None:
    right, chosen = at.scene.answer(pair), visitor.get("chosen").get(str(at.number))
    if host:
        rooms.reveal(host, at.number, right)
    told = f"{at.scene.question} **{at.scene.choices[right]}.**"
    if chosen in range(len(at.scene.choices)):
        mark = "check_circle" if chosen == right else "cancel"
        told = f":material/{mark}: {told}" + (
            "" if chosen == right else f" You thought: {at.scene.choices[int(chosen)]}.")
    st.markdown(told)
    st.markdown(at.scene.says(pair))


def panel(at: Place, pair: Pair) -> Panel:
    """The curves as far as they are known at a step, with the line that was drawn."""
    run, other = pair
    start = time_axis(*filter(None, pair)).range[0]
    low, high = at.scene.stretch(run)
    edge = high if at.answered else low
    shown = run_panels(cut(run, max(edge, start)), other)[0]
    known = shown.traces if edge > start else [t for t in shown.traces if t.name.endswith(" A")]
    line = visitor.get("drawn").get(_line(at))
    if line:
        d = drawing.Drawing.of(line)
        known = [*known, Trace("your test error", d.t, d.y, SKY, "dot", guess=True)]
    lines = shown.lines if at.answered or low > start else \
        [line for line in shown.lines if line.y is not None]
    ends = [] if at.answered else [Line(None, "", x=x) for x in (low, high)
                                   if start < x < run.parameters.t_max]
    told = f"Train and test error over training time up to t = {edge:.3g}." if known else \
        "An empty plot of errors over training time, to be guessed."
    return Panel(shown.title, shown.y_label, known, lines=[*lines, *ends], log_y=True, wide=True,
                 height=HEIGHT, y_range=_range(run, other), alt=told)


def _range(run: Trajectory, other: Trajectory | None) -> tuple[float, float]:
    return error_range(run, other) if run.first_layer_displacement.any() else \
        run_panels(run, other)[0].y_range


def bands(at: Place, run: Trajectory) -> list[Band]:
    """The stretches of the run's story that the class has seen by now."""
    if at.scene.other:
        return []
    stops = tour(run, 0.0)[: at.number + at.answered]
    return [Band(stop.low, stop.high, stop.verb.capitalize()) for stop in stops]


def _buttons(step: int, host: Host | None) -> None:
    with st.container(key="script-buttons", horizontal=True, vertical_alignment="center"):
        st.button("Back", key="script-back", icon=":material/arrow_back:", on_click=_go,
                  args=(step - 1,), disabled=step == 1)
        words = "Reveal" if step % 2 else "Next" if step < LAST - 1 else "The end"
        st.button(words, key="script-next", type="primary", on_click=_go, args=(step + 1,),
                  icon=":material/visibility:" if step % 2 else ":material/arrow_forward:")
        voting.control(host)
        _more()


def _more() -> None:
    st.button("Speaker notes", on_click=visitor.put, kwargs={"sheet": "notes"},
              icon=":material/speaker_notes:")
    st.button("Hand-out", on_click=visitor.put, kwargs={"sheet": "handout"},
              icon=":material/print:")
    st.button("Leave the script", on_click=_go, args=(0,), icon=":material/logout:")


def _go(step: int) -> None:
    visitor.put(scene=step)


def _end() -> None:
    st.title("First it learns, then it overfits")
    st.markdown("  \n".join(f"{n}. {scene.title}" for n, scene in enumerate(SCENES, 1)))
    left, right = st.columns(2)
    with left:
        share.link(full_link().partition("/lecture")[0] + "/")
    right.markdown("Everything here can be tried: the explorer has the same runs, the exercises ask"
                   " about them, and *Paper* has the figures.")
    remote(LAST, None, (1.0, 10.0))
    with st.container(horizontal=True):
        st.button("Back", key="script-back", icon=":material/arrow_back:", on_click=_go,
                  args=(LAST - 1,))
        _more()
