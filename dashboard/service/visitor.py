"""The one owner of everything a visitor has set; it outlives pages, reruns and reloads.

    visitor.arrive()                              # first in every run, before st.navigation
    visitor.enter()                               # first on every page
    st.slider("Dimension", 10, 400, visitor.get("d"), **visitor.bound("d"))
    visitor.put(d=100, seeds=3)                   # in a callback: whatever the widgets say

Values are those of `links.WORDS` and live in the session under one key that no widget has.
A widget starts from its value and hands each move back by `on_change`; what Streamlit keeps
under the widget's own key holds nothing that matters, and the key changes with every page and
with every change that the widget has not made itself.  The address is always a link to all
values, so that a reload, another tab and the browser's Back bring them back.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboard.service import links
from dashboard.service.links import Settings, Values
from engine import TABLE
from engine.fields import canonical
from engine.neurons import resized

VISIT = "visit"
STEPS_BACK = 100


@dataclass
class Visit:
    """What this session remembers.

    values      the value of every word
    past        the values before each change, the oldest first: for Undo
    generation  the part of every widget's key that makes it start anew; it begins anywhere, so that
                a page that comes back from another session, as after a restart of the server,
                brings no widget that looks moved and whose move nobody has taken
    page        where the visitor was in the last run
    warnings    what was wrong with the link, until something is changed
    refused     why the last move of a widget broke a rule, by the word's name
    """

    values: Values
    warnings: list[str]
    past: list[Values] = field(default_factory=list)
    generation: int = field(default_factory=lambda: secrets.randbelow(10**6))
    page: str = ""
    refused: dict[str, str] = field(default_factory=dict)


def arrive() -> None:
    """Take in the link of a first visit or of the browser's Back; keep the address up to date.

    Any other run may still carry the address of an earlier state of this session, which would
    undo the visitor's last move; so nothing else reads it.  Called before `st.navigation`, the
    new page's address is written in one piece: one step of the browser's history for one click.
    """
    context = get_script_run_ctx()
    query = st.query_params.to_dict()
    visit = st.session_state.get(VISIT)
    if visit is None:
        visit = st.session_state[VISIT] = Visit(*links.read(query))
    elif context and context.is_history_navigation and query != links.write(visit.values):
        values, warnings = links.read(query)
        _move(values, from_link=True)
        visit.warnings = warnings
    if st.query_params.to_dict() != (link := links.write(visit.values)):
        st.query_params.from_dict(link)


def enter() -> None:
    """Let the widgets of a page begin anew when the visitor comes from another one."""
    arrive()  # for a page that is run without app.py
    visit, context = _visit(), get_script_run_ctx()
    page = context.page_script_hash if context else ""
    if visit.page != page:
        visit.page = page
        visit.generation += 1


def get(name: str) -> Any:
    """The value of a word."""
    return _visit().values[name]


def run() -> Settings:
    """The settings of the run."""
    return links.settings_of(_visit().values)


def run_link() -> dict[str, str]:
    """The query of a link to the run and the one pinned, and to nothing else."""
    words = (*TABLE, "rtol", "pinned")
    return {name: text for name, text in links.write(_visit().values).items() if name in words}


def link() -> dict[str, str]:
    """The query of a link to hand on: the run in full, and the pages' other words."""
    return links.full(_visit().values)


def bound(name: str, convert: Callable[[Any], Any] = lambda shown: shown, *,
          part: str = "") -> dict[str, Any]:
    """`key` and `on_change` of the widget that shows the word `name`.

    convert  makes the word's value of the widget's; its ValueError is kept for `refused`
    part     tells the widgets of one word apart
    """
    own = key(f"{name} {part}".strip())

    def moved() -> None:
        if not shown(own):
            return
        try:
            _set(name, convert(st.session_state[own]))
        except ValueError as error:
            _visit().refused = {name: str(error)}

    return {"key": own, "on_change": moved}


def key(name: str) -> str:
    """A widget's key for this page and generation."""
    return f"set {name} #{_visit().generation}"


def shown(key: str) -> bool:
    """Whether the widget of this key belongs to the page as it is now.  In a callback: a browser
    that is still taking away the last page's widgets reports them once more, as if moved."""
    return key.endswith(f"#{_visit().generation}")


def put(**changes: Any) -> None:
    """Change several words at once, in a callback; every widget starts anew from them."""
    _move(_visit().values | changes)


def put_run(settings: Settings, **changes: Any) -> None:
    """Set the run and other words, in a callback."""
    put(**links.values_of(settings), **changes)


def refused(name: str) -> str:
    """Why the last move of this word's widget was not taken, or nothing."""
    return _visit().refused.get(name, "")


def refuse(name: str, why: str) -> None:
    """Keep why a move that a page has made itself was not taken, in a callback."""
    _visit().refused = {name: why}


def warnings() -> list[str]:
    """What was wrong with the link."""
    return _visit().warnings


def undo() -> None:
    """Go back one change of a setting."""
    visit = _visit()
    if visit.past:
        _move(visit.values | _settings(visit.past.pop()), remember=False)


def reset() -> None:
    """All settings as on a first visit; Undo brings them back."""
    _move(_visit().values | _settings(links.defaults()))


def can_undo() -> bool:
    return bool(_visit().past)


def is_default() -> bool:
    return _settings(_visit().values) == _settings(links.defaults())


def _settings(values: Values) -> Values:
    return {name: value for name, value in values.items() if links.WORDS[name].setting}


def _visit() -> Visit:
    return st.session_state[VISIT]


def changes(name: str, value: Any) -> Values:
    """The words that a move of the widget of `name` sets."""
    changes = {name: value}
    if name != "m":
        return changes
    values = _visit().values
    if values["t_max"] is not None:
        # The horizon counts in units of m.
        changes["t_max"] = min(canonical(values["t_max"] / values["m"] * value),
                               links.ROWS["t_max"].high)
    if isinstance(values["groups"], tuple):
        changes["groups"] = resized(values["groups"], value)
    return changes


def _set(name: str, value: Any) -> None:
    """One word's move by its own widget, which shows it already."""
    _move(_visit().values | changes(name, value), anew=False)


def _move(values: Values, *, remember: bool = True, anew: bool = True,
          from_link: bool = False) -> None:
    """To other values, brought to their plainest form.  Raises ParameterError.

    remember   for Undo
    anew       let every widget start from the new values
    from_link  which says itself what has been seen of its run
    """
    visit, settings = _visit(), links.settings_of(values)
    values = values | links.values_of(settings)
    if settings != run() and not from_link:
        values |= {name: word.default for name, word in links.WORDS.items() if word.per_run}
    if remember and _settings(values) != _settings(visit.values):
        visit.past = [*visit.past, visit.values][-STEPS_BACK:]
    visit.values, visit.warnings, visit.refused = values, [], {}
    visit.generation += anew
