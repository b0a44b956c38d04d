"""The class votes: a board beside the plot on the projector, buttons on the students' phones."""

import html
from functools import partial

import streamlit as st

from dashboard.components.downloads import full_link
from dashboard.service import visitor
from pages.lecture import share
from pages.lecture.scenes import SCENES, Scene
from pages.lecture.votes import Host, Seen, VoteError, ballot, rooms

PERIOD, PHONES_PERIOD = 1.0, 2.0
"""Seconds between two pictures."""

# ---- on the projector


def host() -> Host | None:
    """The lecturer's own vote, if there is one and this server still has it."""
    found = visitor.get("host")
    return Host(*found) if found and rooms.hosts(Host(*found)) else None


def control(own: Host | None) -> None:
    """The students' link as a QR code; a vote begins and ends here."""
    words = "Students' link" if own is None else "The vote's link"
    # Another key closes it once a vote has begun.
    with st.popover(words, icon=":material/qr_code:", key=f"share {words}"):
        if own is None:
            share.link(full_link())
            st.button("Let the class vote", key="begin vote", on_click=_begin,
                      icon=":material/how_to_vote:")
            st.caption("Students choose on their phones: no names, and nothing is kept. A vote"
                       " opens with each question, and closes when the answer is told.")
        else:
            share.link(_link(own))
            st.button("End the votes", key="end vote", on_click=partial(_end, own),
                      icon=":material/stop:")
    if why := visitor.refused("host"):
        st.warning(why)


def _begin() -> None:
    try:
        visitor.put(host=rooms.start())
    except VoteError as error:
        visitor.refuse("host", str(error))


def _end(own: Host) -> None:
    rooms.end(own)
    visitor.put(host=None)


def _link(own: Host) -> str:
    return f"{full_link().partition('?')[0]}?room={own.code}"


def board(own: Host, scene: int) -> None:
    """Bars of a scene that fill as votes come in; the right one is marked once it is told."""
    seen = _seen(own.code, scene=scene)
    fills = seen is not None and seen.right is None
    with st.container(key="board"):
        st.fragment(_board, run_every=PERIOD if fills else None)(own, scene)


def _board(own: Host, scene: int) -> None:
    seen = _seen(own.code, scene=scene)
    if seen is None:
        st.caption("These votes have ended.")
        return
    if seen.right is None:
        st.markdown(share.code(_link(own)), unsafe_allow_html=True)
    st.html(bars(SCENES[scene].choices, seen))
    total = sum(seen.counts)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"{total} {'vote' if total == 1 else 'votes'}"
                   + ("" if seen.open else ", closed"))
        if seen.right is None:
            words, change = ("Close the vote", rooms.close) if seen.open else \
                ("Open it again", rooms.reopen)
            st.button(words, key=f"vote {words}", on_click=change, args=(own, scene))


def bars(choices: tuple[str, ...], seen: Seen) -> str:
    """A bar for each answer, as long as its share of the votes."""
    total = sum(seen.counts) or 1
    return "<ul class='poll'>" + "".join(
        f"<li{' class=right' if i == seen.right else ''}><span>{html.escape(choice)}"
        f"{' ✓' if i == seen.right else ''}</span><b>{count}</b>"
        f"<i style='width: {100 * count / total:.0f}%'></i></li>"
        for i, (choice, count) in enumerate(zip(choices, seen.counts, strict=True))) + "</ul>"


# ---- on a student's phone


def student(room: tuple[str, ...]) -> None:
    """The question that the lecturer asks, and a button for each answer.

    room  code, and this visitor's ballot once there is one
    """
    code, *own = room
    if not own:
        # In the address, so that a reload changes a vote and does not add one.
        visitor.put(room=(code, ballot()))
        st.rerun()
    st.fragment(_phone, run_every=PHONES_PERIOD)(code, own[0])


def _phone(code: str, own: str) -> None:
    try:
        seen = rooms.seen(code, own)
    except VoteError as error:
        st.title("No vote")
        st.markdown(f"{error} Scan the lecturer's code once more.")
        st.button("Go to the lecture's page", on_click=visitor.put, kwargs={"room": None})
        return
    if seen is None:
        st.title("The vote begins soon")
        return
    scene = SCENES[seen.scene]
    st.title(scene.question)
    st.markdown(scene.setup)
    for i, choice in enumerate(scene.choices):
        mine = seen.own == i
        st.button(choice, key=f"vote {seen.scene} {i}", width="stretch", disabled=not seen.open,
                  type="primary" if mine else "secondary",
                  icon=":material/check:" if mine else None,
                  on_click=_cast, args=(code, own, seen.scene, i))
    st.markdown(told(scene, seen))
    if why := visitor.refused("room"):
        st.warning(why)


def _cast(code: str, own: str, scene: int, choice: int) -> None:
    try:
        rooms.cast(code, own, scene, choice)
    except VoteError as error:
        visitor.refuse("room", str(error))


def told(scene: Scene, seen: Seen) -> str:
    """What a student is told under the buttons; the answer only once it has been revealed."""
    mine = "" if seen.own is None else f"You chose: {scene.choices[seen.own]}."
    if seen.right is not None:
        return f"The answer: **{scene.choices[seen.right]}.** {mine}"
    if not seen.open:
        return f"The vote is closed. {mine}"
    return f"{mine} You can change it until the vote is closed." if mine else "Choose one."


def _seen(code: str, scene: int) -> Seen | None:
    try:
        return rooms.seen(code, scene=scene)
    except VoteError:
        return None
