"""Links that hold the whole state of a page in readable words: ?v=1&alpha=0.5&h=weak.

Only what differs from the defaults is written.  A value that breaks its rule is left out,
and the visitor is told which and why.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from engine import PRESETS, TABLE, ParameterError, Parameters
from engine.parameters import canonical, preset_name

VERSION = "1"
RTOLS = (0.03, 0.01, 0.003, 0.001, 0.0001)
RTOL = 0.01
FOREIGN = ("embed", "embed_options", "d", "seeds", "algorithm", "regime", "widths", "other")
"""Words of a link that belong to Streamlit, or to one page alone; they stay as they are."""
ON, OFF = ("1", "true", "yes"), ("0", "false", "no")


@dataclass(frozen=True)
class Settings:
    """What a page computes from: the run's parameters and the solver's tolerance."""

    parameters: Parameters = field(default_factory=Parameters)
    rtol: float = RTOL


def write(settings: Settings) -> dict[str, str]:
    """The query parameters of a link to `settings`; empty for the defaults."""
    p = settings.parameters
    # Setting one field changes the default of others: t_max follows m, a₀ or γ₀ follow init.
    default = Parameters(init=p.init, m=p.m)
    query = {}
    for name in TABLE:
        value = getattr(p, name)
        plain = Parameters() if name in ("init", "m") else default
        if value != getattr(plain, name):
            query[name] = _text(name, value)
    if settings.rtol != RTOL:
        query["rtol"] = f"{settings.rtol:.12g}"
    return {"v": VERSION, **query} if query else {}


def full(settings: Settings) -> dict[str, str]:
    """A link that says everything, so that it keeps its meaning should a default ever change."""
    values = {name: getattr(settings.parameters, name) for name in TABLE}
    return {"v": VERSION,
            **{name: _text(name, value) for name, value in values.items() if value is not None},
            "rtol": f"{settings.rtol:.12g}"}


def own(query: Mapping[str, str]) -> dict[str, str]:
    """The part of a query that `write` is in charge of."""
    return {name: value for name, value in query.items() if name not in FOREIGN}


def read(query: Mapping[str, str]) -> tuple[Settings, list[str]]:
    """The settings of a link, and one sentence for each part of it that was ignored."""
    warnings = []
    if query and query.get("v", VERSION) != VERSION:
        warnings.append(f"The link is of version {query['v'][:20]}; this page reads version"
                        f" {VERSION} and took from it what it knows.")
    values: dict[str, Any] = {}
    for name in TABLE:
        if name not in query:
            continue
        try:
            value = _parse(name, query[name])
            Parameters(**values, **{name: value})
            values[name] = value
        except ParameterError as error:
            warnings.append(f"Ignored {name}={query[name][:40]}: {error}")
    rtol = _rtol(query.get("rtol"), warnings)
    for name in query:
        if name not in TABLE and name not in ("v", "rtol", *FOREIGN):
            warnings.append(f"Ignored {name[:40]}: it is not a parameter; use one of"
                            f" {', '.join(f.name for f in fields(Parameters))}, rtol.")
    return Settings(Parameters(**values), rtol), warnings


def _rtol(text: str | None, warnings: list[str]) -> float:
    if text is None:
        return RTOL
    try:
        rtol = canonical(float(text))
    except ValueError:
        rtol = math.nan
    if RTOLS[-1] <= rtol <= RTOLS[0]:
        return rtol
    warnings.append(f"Ignored rtol={text[:40]}: it must be a number from {RTOLS[-1]:g} to"
                    f" {RTOLS[0]:g}. Try {RTOL:g}.")
    return RTOL


def _text(name: str, value: Any) -> str:
    if name == "h" and preset_name(value):
        return preset_name(value)
    if isinstance(value, tuple):
        return ",".join(f"{c:.12g}" for c in value)
    if isinstance(value, bool):
        return ON[0] if value else OFF[0]
    return f"{value:.12g}" if isinstance(value, float) else str(value)


def _parse(name: str, text: str) -> Any:
    """The value that `text` means, or the text itself, which then breaks the field's rule."""
    kind = TABLE[name].kind
    try:
        if kind == "real":
            return float(text)
        if kind == "integer":
            return int(text) if text.lstrip("-").isdigit() else float(text)
        if kind == "flag":
            return {**dict.fromkeys(ON, True), **dict.fromkeys(OFF, False)}.get(text.lower(), text)
        if kind == "coefficients" and text not in PRESETS:
            return tuple(float(part) for part in text.split(","))
    except ValueError:
        pass
    return text
