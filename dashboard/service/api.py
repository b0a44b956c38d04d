"""`GET /api/solve`: a run as JSON, for the page's own script, notebooks and other programs.

    /api/solve?m=64&tau=0.5                 the run, as `Trajectory.from_dict` reads it
    /api/solve?m=64&tau=0.5&view=chart      what the explorer draws of it

Parameters are the words of a link (`dashboard.service.links`).  Runs come from the cache and the
queue of the pages.  `docs/api/http.md` says what is answered, and what is refused.
"""

import gzip
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from dashboard.service import kernels, links
from dashboard.service.jobs import WORKERS, Manager, Queue, manager
from dashboard.service.links import Settings
from dashboard.service.server import base
from dashboard.service.turns import Turns, turns
from engine import ParameterError, Trajectory, solve
from engine.results.keyfigures import key_figures

PATH = "/api/solve"
VIEWS = ("run", "chart")
SECONDS = 2.0
"""After which a run is given up: a hundred times what the opening one takes."""
LEAST_RTOL = 0.003
"""A run of the next finer tolerance of a link takes many times longer."""
VISITOR = "x-visitor"
"""Header by which the tabs behind one address are told apart."""
FIGURES = ("feature_learning_end", "best_time", "best_test_error", "gap_opens", "final_gamma",
           "interpolation_time")

Draw = Callable[[Trajectory, Trajectory | None], bytes]
"""What the explorer draws of a run over a pinned one, in JSON."""


class Refused(Exception):
    """The server has other work: says why, and after how many seconds to ask again."""

    def __init__(self, status: int, why: str, seconds: int = 1):
        self.status, self.why, self.seconds = status, why, seconds
        super().__init__(why)


class Solver:
    """Answers requests: one at a time for each visitor, no more than workers at once."""

    def __init__(self, draw: Draw, jobs: Manager = manager, drawing: Turns = turns,
                 places: int = WORKERS):
        self._draw, self._jobs, self._turns, self._places = draw, jobs, drawing, places
        self._inside: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    def routes(self) -> list[Route]:
        """For `st.App(..., routes=...)`."""
        return [Route(base() + PATH, self.answer)]

    def answer(self, request: Request) -> Response:
        """In a thread of the server's pool."""
        visitor = (request.client.host if request.client else "",
                   request.headers.get(VISITOR, "")[:40])
        try:
            query = request.query_params.multi_items()
            view, settings, pinned = read(query)
            with self._place(visitor):
                body = self._body(view, settings, pinned)
        except ParameterError as error:
            return _json({"error": {name: getattr(error, name)
                                    for name in ("field", "rule", "got", "fix")}}, 400)
        except Refused as refused:
            return _json({"error": {"rule": refused.why,
                                    "fix": f"Try again in {refused.seconds} s."}},
                         refused.status, {"Retry-After": str(refused.seconds)})
        headers = {"Cache-Control": "no-store", "Vary": "Accept-Encoding"}
        if "gzip" in request.headers.get("accept-encoding", ""):
            body, headers["Content-Encoding"] = gzip.compress(body, 1), "gzip"
        return Response(body, headers=headers, media_type="application/json")

    @contextmanager
    def _place(self, visitor: tuple[str, str]) -> Iterator[None]:
        with self._lock:
            if visitor in self._inside:
                raise Refused(429, "one request at a time for each visitor")
            if len(self._inside) >= self._places:
                raise Refused(503, "others are being answered")
            self._inside.add(visitor)
        try:
            yield
        finally:
            with self._lock:
                self._inside.discard(visitor)

    def _body(self, view: str, settings: Settings, pinned: Settings | None) -> bytes:
        run = self._solved(settings)
        if view == "run":
            return json.dumps(told(run), allow_nan=False).encode()
        other = self._solved(pinned) if pinned not in (None, settings) else None
        try:
            with self._turns.taken(SECONDS):
                return self._draw(run, other)
        except TimeoutError:
            raise Refused(503, "pages are being drawn") from None

    def _solved(self, settings: Settings) -> Trajectory:
        key = ("solve", settings)
        if not kernels.ready(kernels.part_for(settings.parameters)):
            raise Refused(503, "the solver is being compiled", 15)
        if not self._jobs.at_once(key):
            raise Refused(503, "other runs are being solved")
        job = self._jobs.submit(key, partial(solve, settings.parameters, settings.rtol),
                                Queue.QUICK)
        try:
            if not job.join(SECONDS):
                raise Refused(503, f"the run takes longer than {SECONDS:g} s, which a page grants"
                                   " and this address does not", 60)
            return job.future.result()
        except MemoryError:
            raise Refused(503, "the run needs more memory than there is", 60) from None
        finally:
            job.release()


def read(query: list[tuple[str, str]]) -> tuple[str, Settings, Settings | None]:
    """The view, the run and the one pinned.  Raises ParameterError for the first fault."""
    words: dict[str, str] = {}
    for name, text in query:
        if name in words:
            raise ParameterError(name, "must be given once", text, "Leave one of them out.")
        words[name] = text
    view = words.pop("view", VIEWS[0])
    if view not in VIEWS:
        raise ParameterError("view", f"must be one of {', '.join(VIEWS)}", view,
                             "Leave it out for the run.")
    settings, pinned = links.strict(words)
    for each in filter(None, (settings, pinned)):
        _affordable(each)
    return view, settings, pinned


def serves(*runs: Settings | None) -> bool:
    """Whether these runs are such as this address solves."""
    try:
        for each in filter(None, runs):
            _affordable(each)
    except ParameterError:
        return False
    return True


def _affordable(settings: Settings) -> None:
    if not settings.parameters.identical:
        raise ParameterError("groups", "must be left out here: runs of unequal neurons take long",
                             settings.parameters.groups,
                             "Leave out what tells neurons apart, or solve it on a page.")
    if settings.rtol < LEAST_RTOL:
        raise ParameterError("rtol", f"must be at least {LEAST_RTOL:g} here: finer runs take long",
                             settings.rtol, f"Use {LEAST_RTOL:g}, or solve it on a page.")


def told(run: Trajectory) -> dict[str, Any]:
    """A run and its key figures, each with how far a smaller tolerance would move it."""
    k = key_figures(run)
    return run.to_dict() | {"figures": {
        name: None if getattr(k, name) is None else
        {"value": getattr(k, name), "error": k.error(name)} for name in FIGURES}}


def _json(content: dict[str, Any], status: int, headers: dict[str, str] | None = None) -> Response:
    return Response(json.dumps(content), status, {"Cache-Control": "no-store", **(headers or {})},
                    media_type="application/json")
