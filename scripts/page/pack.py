"""A run as the page keeps it: the explorer's chart with fewer points and digits, and its words."""

import base64
import gzip
import json
import re
from typing import Any

import numpy as np

from dashboard.components.chart.panels import rounded
from dashboard.components.downloads import command_line
from dashboard.service.links import Settings
from dashboard.words.citation import settings as in_symbols
from dashboard.words.story import story
from engine import Trajectory, solve
from pages.explorer.account import NARROW, computed, narrow
from pages.explorer.picture import chart
from scripts.page.grid import Wanted

POINTS = 100
"""Of a curve, evenly spread over the explorer's; more where it bends."""
WITHIN = 0.002
"""Read off between its points as the page does, a curve is as near to the explorer's: train and
test error as a share of the value, down to the end of the axis, others of their largest value."""
MOMENTS = 67
"""Of the sphere."""
DIGITS = 4
T_DIGITS = 6
"""A steep curve must not move sideways."""


def packed(wanted: Wanted) -> str:
    """Solve a run and tell it: JSON, compressed, in base64."""
    run = _solved(wanted.settings)
    other = wanted.pinned and _solved(wanted.pinned)
    told = {"chart": thinned(json.loads(chart(run, other).data)),
            "words": words(run, wanted.settings)}
    data = json.dumps(told, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.b64encode(gzip.compress(data, 9, mtime=0)).decode()


def _solved(settings: Settings) -> Trajectory:
    return solve(settings.parameters, settings.rtol)


def words(run: Trajectory, settings: Settings) -> dict[str, Any]:
    """What the explorer says under its chart, and how to compute the run again."""
    p = run.parameters
    twin = None if p.identical else solve(p.alike, run.rtol)
    return {"settings": in_symbols(p), "computed": computed(run), "command": command_line(settings),
            "narrow": narrow(p.m) if p.m < NARROW else "",
            "story": [{"title": plain(chapter.title),
                       "text": plain(" ".join(s.text for s in chapter.statements))}
                      for chapter in story(run, None, twin)]}


def plain(text: str) -> str:
    """Markdown's escapes taken back."""
    return re.sub(r"\\([*_])", r"\1", text)


def thinned(full: dict[str, Any]) -> dict[str, Any]:
    """The chart with fewer points of each curve and `MOMENTS` of the sphere, in `DIGITS` digits."""
    panels = [{**panel, "traces": [_thin(panel, trace) for trace in panel["traces"]]}
              for panel in full["panels"]]
    sphere = full["picture"]
    clusters = [{name: _rows(value) if name in ("start", "fresh") else _moments(value)
                 for name, value in cluster.items()} for cluster in sphere["clusters"]]
    picture = {**sphere, "clusters": clusters, "t": _moments(sphere["t"], T_DIGITS),
               "v": _moments(sphere["v"]), "a": _moments(sphere["a"])}
    rest = {name: value for name, value in full.items() if name not in ("plotly", "opening")}
    return {**rest, "panels": panels, "picture": picture}


def _thin(panel: dict[str, Any], trace: dict[str, Any]) -> dict[str, Any]:
    """A curve of the panel, without gaps, at the points that it needs."""
    x, y = (np.array(trace[name], dtype=float) for name in "xy")
    x, y = x[np.isfinite(y)], y[np.isfinite(y)]
    chosen = places(x, y, panel["range"][0] if panel["logY"] else None)
    return {**trace, "x": rounded(x[chosen], T_DIGITS).tolist(),
            "y": rounded(y[chosen], DIGITS).tolist()}


def places(x: np.ndarray, y: np.ndarray, floor: float | None) -> np.ndarray:
    """Of points (x, y) those that are kept: `POINTS`, and the worst of the rest until all of them
    are read off `WITHIN`.

    floor  the end of a logarithmic axis, where all below it is drawn; None for a linear axis
    """
    kept = _evenly(len(x), POINTS)
    while len(kept) < len(x):
        off = distance(read_off(x[kept], y[kept], x, log=floor is not None), y, floor)
        worst = int(off.argmax())
        if off[worst] <= WITHIN:
            break
        kept = np.sort(np.append(kept, worst))
    return kept


def distance(read: np.ndarray, y: np.ndarray, floor: float | None) -> np.ndarray:
    """How far values read off are from those of a curve, as `WITHIN` counts it."""
    if floor is not None:
        return np.abs(np.maximum(read, floor) / np.maximum(y, floor) - 1)
    return np.abs(read - y) / (np.abs(y).max() or 1.0)


def read_off(x: np.ndarray, y: np.ndarray, at: np.ndarray, *, log: bool) -> np.ndarray:
    """Between points straight in log x, and in log y on such an axis, as the chart's script does.
    """
    if log:
        return np.exp(np.interp(np.log(at), np.log(x), np.log(y)))
    return np.interp(np.log(at), np.log(x), y)


def _evenly(count: int, kept: int) -> np.ndarray:
    """So many of `count` places, with both ends."""
    return np.unique(np.round(np.linspace(0, count - 1, min(kept, count))).astype(int))


def _moments(value: Any, digits: int = DIGITS) -> Any:
    """A curve of the sphere, or several; a colour as it is."""
    if isinstance(value, str):
        return value
    if isinstance(value[0], list):
        return [_moments(row, digits) for row in value]
    return rounded(np.array(value)[_evenly(len(value), MOMENTS)], digits).tolist()


def _rows(rows: list[list[float]]) -> list[list[float]]:
    """Where neurons are drawn; two digits are a pixel."""
    return [rounded(np.array(row), 2).tolist() for row in rows]
