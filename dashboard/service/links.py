"""Links that hold all that a visitor has set, in readable words: ?v=1&alpha=0.5&h=weak&d=100.

`WORDS` is the only place where a word of a link is named, read, checked and written: the
parameters of the run, and what each page adds.  Only what differs from the defaults is
written.  A value that breaks its rule is left out, and the visitor is told which and why.
"""

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from dashboard.service.environment import SET
from engine import TABLE, ParameterError, Parameters
from engine.dmft.scheme.settings import RTOL, SOLVER
from engine.fields import Field, canonical
from engine.network import NETWORK
from engine.parameters import T_MAX_PER_M
from engine.regimes import KINDS

VERSION = "1"
RTOLS = (0.03, 0.01, 0.003, 0.001, 0.0001)
"""Tolerances that a visitor can choose from, and between: others would take too long here."""
WIDTHS = (16, 64, 256, 1024, 4096, 16384, 65536)
"""The widths a ladder can have."""
TABS = {"question": "Question", "model": "Model", "dmft": "DMFT", "symmdmft": "SymmDMFT",
        "groups": "Groups", "width": "Large width", "regimes": "Regimes", "theorems": "Theorems",
        "symbols": "Symbols", "limits": "Limits and source"}
"""The parts of the theory page."""
GUESSES = ("falls", "stays", "rises")
"""What can be guessed of an error in a lecture."""
TASKS = ("decoupled", "above", "unlearn", "harmless")
"""The exercises that are done by finding settings."""
SHEETS = ("notes", "handout")
"""What a lecture has to be printed."""
SWEPT = ("alpha", "tau", "gamma0", "a0", "m", "spread", "weight_decay")
"""Parameters along which the explorer sets five runs side by side."""
LETTERS = "bcdfghjkmnpqrstvwxz23456789"
"""Of the codes of a vote: no two look alike, and they make no words."""
CODE_LENGTH, KEY_LENGTH = 5, 12
THUMBS = ("alpha", "tau", "start", "m")
"""Parameters of which one has a slider under the plot on a phone; `start` is γ₀ or a₀."""
STREAMLITS = ("embed", "embed_options")
"""Words of the address that are Streamlit's own."""
BETWEEN = "~"
"""Separates names and values within a word that holds several; it needs no escape in a link."""
WITHIN = "_"
"""Separates the numbers of one such value."""
MOST_POINTS = 100
"""Of a line that a link brings."""


@dataclass(frozen=True)
class Settings:
    """What a page computes from: the run's parameters and the solver's tolerance."""

    parameters: Parameters = field(default_factory=Parameters)
    rtol: float = RTOL


ROWS = TABLE | {name: replace(TABLE[name], high=SET[f"greatest_{name}"])
                for name in ("m", "t_max")}
"""The table of parameters within what this server computes."""
NEURONS = ("spread", "start_d", "groups", "overlaps")
"""The words that say how neurons differ."""
ABSENT = ("activation", "phi", "target_function", "directions", "v0", "start_d", "groups",
          "overlaps")
"""Parameters whose absence says something of a run."""

Values = dict[str, Any]
"""The value of every word in `WORDS`."""


@dataclass(frozen=True)
class Word:
    """One word of a link.

    default  the value of a link that leaves the word out
    read     the value that a text means; raises ValueError with the rule it breaks
    write    the inverse of `read`
    setting  False for where a visitor has got to and what was answered: Undo, Reset and links
             that are handed on leave it out
    per_run  True for what begins anew when the run changes
    """

    default: Any
    read: Callable[[str], Any]
    write: Callable[[Any], str] = str
    setting: bool = True
    per_run: bool = False


def defaults() -> Values:
    """What a visitor finds who has set nothing."""
    return {name: word.default for name, word in WORDS.items()}


def settings_of(values: Values) -> Settings:
    """The run that the values describe.  Raises ParameterError, also for what is more than this
    server computes and for an activation with a kink, of which the pages have no theory to show."""
    given = {name: values[name] for name in TABLE if name not in _unused(values)}
    if given["t_max"] is None:
        given["t_max"] = min(T_MAX_PER_M * given["m"], ROWS["t_max"].high)
    given["normalise"] &= bool(given.get("activation") or given.get("target_function"))
    if not given["train_second_layer"]:
        given["weight_decay"] = 0.0
    p = Parameters(**given)
    for name in ("m", "t_max"):
        ROWS[name].check(getattr(p, name))
    p.covariance.smooth()
    return Settings(p, values["rtol"])


def _unused(values: Values) -> set[str]:
    """Words that say nothing beside the others; several directions count more than a function, and
    that more than coefficients."""
    unused = {"a0" if values["init"] == "lazy" else "gamma0"}
    if values["activation"]:
        unused.add("h")
    if values["init"] == "lazy":
        unused.add("v0")
    if values["target"] == "noise":
        unused |= {"phi", "target_function", "directions", "v0"}
    elif values["directions"]:
        unused |= {"phi", "target_function"}
    elif values["target_function"]:
        unused.add("phi")
    return unused


def values_of(settings: Settings) -> Values:
    """The words that say `settings`; those that it does not use are left out."""
    values = asdict(settings.parameters)
    unused = _unused(values)
    values = {name: value for name, value in values.items()
              if name not in unused and (value is not None or name in ABSENT)}
    return values | {"t_max": _horizon(values["t_max"], values["m"]), "rtol": settings.rtol}


def write(values: Values) -> dict[str, str]:
    """The query parameters of a link to `values`; empty for the defaults."""
    query = {name: word.write(values[name]) for name, word in WORDS.items()
             if values[name] != word.default}
    return {"v": VERSION, **query} if query else {}


def full(values: Values) -> dict[str, str]:
    """A link to hand on, which keeps its meaning should a default ever change: the run in full."""
    run = values_of(settings_of(values))
    run["t_max"] = settings_of(values).parameters.t_max
    rest = write({name: values[name] if word.setting else word.default
                  for name, word in WORDS.items()})
    return {"v": VERSION, **rest, **{name: WORDS[name].write(value)
                                     for name, value in run.items() if value is not None}}


def read(query: Mapping[str, str]) -> tuple[Values, list[str]]:
    """The values of a link, and one sentence for each part of it that was ignored."""
    values, warnings = defaults(), []
    if query.get("v", VERSION) != VERSION:
        warnings.append(f"The link is of version {query['v'][:20]}; this page reads version"
                        f" {VERSION} and took from it what it knows.")
    for name, text in query.items():
        if name == "v" or name in STREAMLITS:
            continue
        if name not in WORDS:
            warnings.append(f"Ignored {name[:40]}: it is not a parameter; use one of"
                            f" {', '.join(WORDS)}.")
            continue
        try:
            values[name] = WORDS[name].read(text)
        except ValueError as error:
            warnings.append(f"Ignored {name}={text[:40]}: {error}")
    values["t_max"] = _horizon(values["t_max"], values["m"])
    return values, warnings + _only_one_description(values)


def strict(query: Mapping[str, str]) -> tuple[Settings, Settings | None]:
    """The run of a link and the one pinned, where each word is as it should be.

    Raises ParameterError for what `read` would ignore.
    """
    values = defaults()
    for name, text in query.items():
        if name in STREAMLITS:
            continue
        if name == "v":
            if text != VERSION:
                raise ParameterError("v", f"must be {VERSION}", text, "Leave it out.")
        elif name not in WORDS:
            raise ParameterError(name[:40], "is not a parameter", text,
                                 f"Use one of {', '.join(WORDS)}.")
        else:
            values[name] = _strictly(name, text)
    return settings_of(values), values["pinned"]


def _strictly(name: str, text: str) -> Any:
    try:
        return WORDS[name].read(text)
    except ParameterError:
        raise
    except ValueError as error:
        raise ParameterError(name, str(error), text,
                             "Copy it from the address of a page, or leave it out.") from None


def _only_one_description(values: Values) -> list[str]:
    """Take out of `values` the words on the neurons that contradict others, and say so: groups
    given one by one count more than a dimension, and that more than a spread."""
    warnings = []
    while True:
        try:
            settings_of(values)
        except ParameterError as error:
            name = error.field
            warnings.append(f"Ignored {name}={WORDS[name].write(values[name])[:40]}: {error}")
            values[name] = WORDS[name].default
        else:
            return warnings


def _horizon(t_max: float | None, m: int) -> float | None:
    """None for the default horizon, which follows m."""
    return None if t_max == T_MAX_PER_M * m else t_max


# ---- how the words are read and written


def _word(row: Field, *, setting: bool = True, per_run: bool = False) -> Word:
    """A word that is read, checked and written as the row of a table says."""
    default = None if row.default is None else row.check(row.default)
    return Word(default, row.read, row.write, setting, per_run)


def _widths(text: str) -> tuple[int, ...]:
    widths = tuple(int(part) for part in text.split("-") if part.isdecimal() and part.isascii())
    if len(widths) == 2 and widths[0] < widths[1] and set(widths) <= set(WIDTHS):
        return widths
    raise ValueError(f"it must be two of {', '.join(map(str, WIDTHS))}, such as 64-4096.")


def _pairs(text: str) -> dict[str, str]:
    """Of "m~64~tau~0.5"."""
    parts = text.split(BETWEEN)
    if len(parts) % 2:
        raise ValueError("it must be names and values, such as m~64~tau~0.5.")
    return dict(zip(parts[::2], parts[1::2], strict=True))


def _joined(pairs: Mapping[str, str]) -> str:
    return BETWEEN.join(part for pair in pairs.items() for part in pair)


def _read_pinned(text: str) -> Settings:
    values, warnings = read({name: value for name, value in _pairs(text).items()
                             if name in (*TABLE, "rtol", "v")})
    if warnings:
        raise ValueError(" ".join(warnings))
    return settings_of(values)


def _write_pinned(settings: Settings) -> str:
    query = write(defaults() | values_of(settings))
    return _joined({name: text for name, text in query.items() if name != "v"}
                   or {"v": VERSION})


def _numbers(text: str) -> dict[str, float]:
    try:
        return {name: canonical(float(value)) for name, value in _pairs(text).items()}
    except ValueError:
        raise ValueError("it must be numbers with their names, such as bayes~0.045.") from None


def _guesses(text: str) -> dict[str, str]:
    return {place: GUESS.check(guess) for place, guess in _pairs(text).items()}


def _drawn(text: str) -> dict[str, tuple[float, ...]]:
    try:
        lines = {place: tuple(map(float, line.split(WITHIN)))
                 for place, line in _pairs(text).items()}
    except ValueError:
        lines = {"": ()}
    if not all(map(_is_line, lines, lines.values())):
        raise ValueError("it must be lines as the lecture writes them: regime, error and numbers,"
                         " such as 0.test_error~0.1_1_0.5_0.4.")
    return lines


def _is_line(place: str, line: tuple[float, ...]) -> bool:
    """Two times that increase and at least two errors, all of them positive."""
    return bool(re.fullmatch(r"\d\.\w+", place, re.ASCII) and 4 <= len(line) <= MOST_POINTS
                and all(0 < number < math.inf for number in line) and line[0] < line[1])


def _write_drawn(lines: Mapping[str, tuple[float, ...]]) -> str:
    return _joined({place: WITHIN.join(f"{number:g}" for number in line)
                    for place, line in lines.items()})


def _write_numbers(numbers: Mapping[str, float]) -> str:
    return _joined({name: f"{value:.12g}" for name, value in numbers.items()})


def _choice(name: str, label: str, choices: tuple[str, ...], default: str | None = None) -> Field:
    return Field(name, name, label, label, "choice", default, choices=choices)


THRESHOLD = _choice("threshold", "Which threshold?", ("gamma", "alpha"), "gamma")
THRESHOLD_AT = _choice("threshold_at", "Width", ("limit", "m"), "limit")
GUESS = _choice("guess", "Guess", GUESSES)
HALF = Field("half", "half", "Ask about half the width too (one more run)",
             "How the time of interpolation grows with the width.", "flag", False)
LINEAR_TIME = Field("linear_time", "linear_time", "Linear time",
                    "On: equal lengths of the time axis are equal times, so that the end of"
                    " training fills it. Off: equal lengths are equal factors.", "flag", False)
LINEAR_ERROR = Field("linear_error", "linear_error", "Linear error",
                     "On: the axis of the errors begins at 0. Off: equal lengths are equal"
                     " factors.", "flag", False)
OVERLAY = Field("networks", "networks", "Lay networks over it",
                "Networks of finite dimension at these settings, trained on the server once you ask"
                " for it.", "flag", False)
FIGURE = Field("figure", "figure", "Figure", "The figure of the paper that is open.", "integer",
               None, 1, 33)
SCENE = Field("scene", "scene", "Step of the lecture", "0: any run. Else two steps for each scene:"
              " its question, its answer.", "integer", 0, 0, 99)
SEEN = Field("seen", "seen", "Regimes on show", "How many regimes a lecture has shown.",
             "integer", 0, 0, 9)

MAPS = ("alpha_tau", "m_tau", "m_spread", "alpha_gamma0", "alpha_decay")
"""The maps of `studies.maps`."""
SHOWN = ("ending", "final_test_error", "best_test_error", "gain_of_early_stopping", "best_time",
         "gap_opens", "e_folding_per_m")
"""What they show."""


def _read_place(text: str) -> tuple[int, int]:
    """Column and row of a map's cell, from 0."""
    parts = text.split("-")
    if len(parts) != 2 or not all(part.isdecimal() and len(part) < 3 for part in parts):
        raise ValueError("must be a column and a row such as 3-7")
    return int(parts[0]), int(parts[1])


def _read_room(text: str) -> tuple[str, ...]:
    """A vote's code, and what a visitor's own address adds to it."""
    letters = f"[{LETTERS}]"
    if not re.fullmatch(rf"{letters}{{{CODE_LENGTH}}}({BETWEEN}{letters}{{{KEY_LENGTH}}})?", text):
        raise ValueError(f"it must be the {CODE_LENGTH} letters of the link that the lecturer shows"
                         " as a QR code.")
    return tuple(text.split(BETWEEN))


def _read_host(text: str) -> tuple[str, ...]:
    """A vote's code and its lecturer's key."""
    if len(found := _read_room(text)) != 2:
        raise ValueError("it must have the key of the lecturer who began the vote.")
    return found


WORDS: dict[str, Word] = {
    **{name: _word(row) for name, row in ROWS.items()},
    "rtol": _word(replace(SOLVER["rtol"], low=RTOLS[-1], high=RTOLS[0])),
    # Explorer: the run pinned as A, or the parameter of five runs.
    "pinned": Word(None, _read_pinned, _write_pinned),
    "sweep": _word(_choice("sweep", "Sweep", SWEPT)),
    "linear_time": _word(LINEAR_TIME),
    "linear_error": _word(LINEAR_ERROR),
    "networks": _word(OVERLAY),
    "thumb": _word(_choice("thumb", "Slider on a phone", THUMBS, "tau"), setting=False),
    # Regimes: which one, on which ladder; which threshold, at which width.
    "regime": _word(_choice("regime", "Regime", tuple(KINDS))),
    "widths": Word((16, 4096), _widths, lambda widths: "{}-{}".format(*widths)),
    "threshold": _word(THRESHOLD),
    "threshold_at": _word(THRESHOLD_AT),
    # Maps: which one, what it shows, and the cell that was chosen.
    "map": _word(_choice("map", "Map", MAPS, MAPS[0]), setting=False),
    "shown": _word(_choice("shown", "Shown", SHOWN, SHOWN[0]), setting=False),
    "place": Word(None, _read_place, lambda place: "{}-{}".format(*place), setting=False),
    # Networks.
    **{name: _word(NETWORK[name]) for name in ("d", "seeds", "algorithm")},
    # Theory: the open part.
    "tab": _word(_choice("tab", "Part of the theory page", tuple(TABS), "question"),
                 setting=False),
    # Paper: the open figure.
    "figure": _word(FIGURE, setting=False),
    # Exercises: the answers, whether half the width is asked about, and settings that do a task.
    "answers": Word({}, _numbers, _write_numbers, setting=False),
    "half": _word(HALF, setting=False),
    **{f"task_{name}": Word(None, _read_pinned, _write_pinned, setting=False) for name in TASKS},
    # Lecture: how many regimes are on show, what was guessed, and the lines drawn.
    "seen": _word(SEEN, setting=False, per_run=True),
    "guesses": Word({}, _guesses, _joined, setting=False, per_run=True),
    "drawn": Word({}, _drawn, _write_drawn, setting=False, per_run=True),
    # Its script: where it is, what was chosen in each scene, and what is to be printed.
    "scene": _word(SCENE, setting=False),
    "chosen": Word({}, _numbers, _write_numbers, setting=False),
    "sheet": _word(_choice("sheet", "Sheet", SHEETS), setting=False),
    # Its votes: of a student, the code and a ballot; of the lecturer, the code and a key.
    "room": Word(None, _read_room, BETWEEN.join, setting=False),
    "host": Word(None, _read_host, BETWEEN.join, setting=False),
}
"""Every word of a link, by its name, in the order in which they are written."""
