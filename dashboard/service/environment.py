"""What whoever runs the server sets, by environment variables; `TABLE` is the one list of them.

    DASHBOARD_CORES=4 DASHBOARD_VISITORS=200 streamlit run app.py

Streamlit's own settings are set likewise, as STREAMLIT_SERVER_ALLOWED_HOSTS='["lab.example"]'.
"""

import os
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple


class SettingError(ValueError):
    """An environment variable breaks its rule; says which, the rule and what it was."""


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _whole(text: str) -> int:
    number = int(text)
    if number < 1:
        raise ValueError(text)
    return number


def _level(text: str) -> str:
    if text not in ("debug", "info", "warning", "error"):
        raise ValueError(text)
    return text


class Variable(NamedTuple):
    """One setting: its default, how its text is read, the rule for that, and what it does."""

    default: Callable[[], Any]
    read: Callable[[str], Any]
    rule: str
    meaning: str


TABLE: dict[str, Variable] = {
    "cores": Variable(_cores, _whole, "a whole number from 1",
                      "computations at the same time; the process's own cores if not set"),
    "visitors": Variable(lambda: 60 * _cores(), _whole, "a whole number from 1",
                         "open pages that are served; who comes later is told to wait. 60 a core"),
    "cache_mb": Variable(lambda: 128, _whole, "a whole number from 1",
                         "memory for finished runs, in MB"),
    "requests_per_second": Variable(
        lambda: 200, _whole, "a whole number from 1",
        "files and connections that one address may ask for on average; a class may share one"),
    "log_level": Variable(lambda: "warning", _level, "debug, info, warning or error",
                          "least level of the log on standard error, a JSON object a line; info"
                          " has every request and every run"),
    "frame_ancestors": Variable(lambda: "*", str, "sources as in a Content-Security-Policy",
                                "pages that may embed this one"),
    "status_key": Variable(lambda: "", str, "any text",
                           "opens the status page at /status?key=…; without one there is none"),
}


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
