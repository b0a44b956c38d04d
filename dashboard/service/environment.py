"""What whoever runs the server sets, by environment variables; `TABLE` is the one list of them.

    DASHBOARD_WORKERS=4 DASHBOARD_VISITORS=200 python -m dashboard

Streamlit's own settings are set likewise, as STREAMLIT_SERVER_ALLOWED_HOSTS="lab.example".
"""

import math
import os
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from engine import TABLE as TABLE_OF_RUNS

EXAMPLES_M, EXAMPLES_T_MAX = 1024, 61_440
"""The widest and the longest of the examples, which every server shows."""
MOST_M, MOST_T_MAX = int(TABLE_OF_RUNS["m"].high), int(TABLE_OF_RUNS["t_max"].high)


class SettingError(ValueError):
    """An environment variable breaks its rule; says which, the rule and what it was."""


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _from(least: int, most: float = math.inf) -> Callable[[str], int]:
    """Reads a whole number in a range."""
    def read(text: str) -> int:
        number = int(text)
        if not least <= number <= most:
            raise ValueError(text)
        return number

    return read


def _level(text: str) -> str:
    if text not in ("debug", "info", "warning", "error"):
        raise ValueError(text)
    return text


class Variable(NamedTuple):
    """One setting: its default, that in words, how its text is read, the rule for that, and what
    it does."""

    default: Callable[[], Any]
    usual: str
    read: Callable[[str], Any]
    rule: str
    meaning: str


def _count(default: int, meaning: str, least: int = 1, most: float = math.inf) -> Variable:
    """A whole number."""
    rule = f"a whole number from {least}" + (f" to {most}" if most < math.inf else "")
    return Variable(lambda: default, str(default), _from(least, most), rule, meaning)


TABLE: dict[str, Variable] = {
    "cores": Variable(_cores, "the process's own", _from(1), "a whole number from 1",
                      "computations at the same time, shared among the workers; with two or more"
                      " each worker has at least two"),
    "workers": Variable(lambda: min(2, _cores()), "2, or 1 on one core", _from(1, 64),
                        "a whole number from 1 to 64",
                        "processes that draw pages, some 300 MB each; one for every 50 visitors"),
    "visitors": Variable(lambda: 60 * _cores(), "60 a core", _from(1), "a whole number from 1",
                         "open pages that are served; who comes later waits and is told so"),
    "greatest_m": _count(MOST_M, "greatest width m that can be set", EXAMPLES_M, MOST_M),
    "greatest_t_max": _count(
        MOST_T_MAX, "greatest horizon t_max that can be set; the usual one, 60 m, ends there too",
        EXAMPLES_T_MAX, MOST_T_MAX),
    "seconds": _count(
        1800, "seconds after which any one computation is stopped; what it has reached is shown",
        10),
    "training_seconds": _count(
        900, "estimated seconds up to which a page trains networks; for dearer ones it shows a"
        " command"),
    "training_mb": _count(
        500, "memory in MB for one network that a page trains, one a core at a time; less with more"
        " workers than cores, which train as many"),
    "cache_mb": _count(128, "memory in MB for finished runs"),
    "requests_per_second": _count(
        200, "pages and connections for one address on average, ten seconds' worth at once, and"
        " twenty times as many files; a class may share an address; shared among the workers"),
    "frame_ancestors": Variable(
        lambda: "*", "`*`", str, "sources as in a Content-Security-Policy",
        "pages that may embed this one, as in a Content-Security-Policy"),
    "log_level": Variable(
        lambda: "warning", "`warning`", _level, "debug, info, warning or error",
        "least level of the log, a JSON object a line; `info` has every request and every run"),
    "status_key": Variable(
        lambda: "", "none", str, "any text",
        "opens `/status?key=…`: visitors, queue, cache, memory, versions"),
}


def markdown() -> str:
    """`TABLE` as the README has it."""
    return "\n".join(["| Variable | Default | Meaning |", "|---|---|---|", *(
        f"| `DASHBOARD_{name.upper()}` | {row.usual} | {row.meaning} |"
        for name, row in TABLE.items())])


def read(environment: Mapping[str, str] = os.environ) -> dict[str, Any]:
    """The value of every setting.  Raises SettingError."""
    values = {}
    for name, row in TABLE.items():
        variable = f"DASHBOARD_{name.upper()}"
        text = environment.get(variable)
        if text is None:
            values[name] = row.default()
            continue
        try:
            values[name] = row.read(text)
        except ValueError:
            raise SettingError(f"{variable} must be {row.rule}, not {text[:40]!r}.") from None
    return values


SET = read()
