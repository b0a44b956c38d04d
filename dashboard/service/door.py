"""The front door: headers, closed paths, a rate for each address, a log of answers, a status page.

What it promises, and which test holds it to that, stands in `SECURITY.md`.
"""

import hmac
import logging
import threading
import time
from collections import OrderedDict

from starlette.datastructures import Headers, MutableHeaders, QueryParams
from starlette.requests import HTTPConnection
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from dashboard.service import api, status, worker
from dashboard.service.environment import SET
from dashboard.service.router import cookie
from dashboard.service.server import base, exists, plotly_url

POLICY = "; ".join((
    "default-src 'self'",
    # Streamlit's page has one inline script, and a component's script is a blob.
    "script-src 'self' 'unsafe-inline' blob:",
    "style-src 'self' 'unsafe-inline'", "img-src 'self' data: blob:", "font-src 'self' data:",
    "connect-src 'self' ws: wss:", "worker-src 'self' blob:", "object-src 'none'",
    "base-uri 'self'", "form-action 'self'", f"frame-ancestors {SET['frame_ancestors']}"))
HEADERS = {
    "Content-Security-Policy": POLICY, "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin", "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
CLOSED = ("/_stcore/metrics", "/_stcore/script-health-check")
"""Paths of Streamlit's that tell of the server and are not for visitors."""
PROXIED = {"x-forwarded-for", "x-real-ip", "forwarded", "via"}
"""Headers of a request that comes through a proxy."""
FILES = 20
"""An address may ask for so many times its rate of files that never change, which are served from
memory or by the system: a browser that opens the page for the first time asks for 120."""
BURST = 10
"""Seconds of its rate that an address may ask for at once: a class opens the page together."""
ADDRESSES = 10_000
"""Addresses whose requests are counted; the longest unseen are forgotten."""

log = logging.getLogger("dashboard.requests")


class FrontDoor:
    """ASGI middleware: security headers, closed paths, a rate for each address, a line of the log
    for each answer, and the status page."""

    def __init__(self, app: ASGIApp):
        self.app = app
        # Sliders that are being dragged must not keep the same address from opening pages.
        rate = worker.share(SET["requests_per_second"])
        self._pages, self._programs = Rates(rate, BURST), Rates(rate, BURST)
        self._files = Rates(FILES * rate, BURST)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        start, address = time.monotonic(), (scope.get("client") or ("",))[0]
        if not self._rates(scope["path"]).allow(address):
            await self._refuse(scope, receive, send)
            return

        async def answer(message: Message) -> None:
            if message["type"] == "websocket.accept":
                headers = MutableHeaders(raw=list(message.get("headers", ())))
                headers.update(bound(scope))
                message = {**message, "headers": headers.raw}
            elif message["type"] == "http.response.start":
                headers = MutableHeaders(raw=list(message["headers"]))
                headers.update(HEADERS | closing(scope))
                for name, value in bound(scope).items():
                    headers.append(name, value)  # beside Streamlit's own
                message = {**message, "headers": headers.raw}
                log.info("request", extra={
                    "method": scope["method"], "path": scope["path"], "address": address,
                    "status": message["status"], "ms": round(1e3 * (time.monotonic() - start), 1)})
            await send(message)

        own = _own(scope) if scope["type"] == "http" else None
        await (own or self.app)(scope, receive, answer)

    def _rates(self, path: str) -> "Rates":
        """Those that a request counts in."""
        if path == base() + api.PATH:
            return self._programs
        return self._files if path == plotly_url() or exists(path) else self._pages

    async def _refuse(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1013, "reason": "try again later"})
        else:
            await PlainTextResponse("Too many requests from this address. Try again in a moment.\n",
                                    429, {"Retry-After": "5", **HEADERS, **closing(scope)})(
                                        scope, receive, send)


def bound(scope: Scope) -> dict[str, str]:
    """The header that brings a visitor's next connections to this worker, where there are several
    and he does not come by its number."""
    name, number = cookie((scope.get("server") or ("", 0))[1]), str(worker.NUMBER)
    if worker.COUNT == 1 or HTTPConnection(scope).cookies.get(name) == number:
        return {}
    # A frame on another site's page sends a cookie over TLS alone.
    where = "SameSite=None; Secure; Partitioned" if scope.get("scheme") in ("https", "wss") else \
        "SameSite=Lax"
    return {"Set-Cookie": f"{name}={number}; Path={base()}/; HttpOnly; {where}"}


def closing(scope: Scope) -> dict[str, str]:
    """A proxy's connection may carry another visitor's request next, for another worker."""
    proxied = worker.COUNT > 1 and PROXIED & set(Headers(scope=scope).keys())
    return {"Connection": "close"} if proxied else {}


class Rates:
    """Token buckets, one for each address: `per_second` on average, `burst` seconds' worth at
    once."""

    def __init__(self, per_second: float, burst: float):
        self._rate, self._most = per_second, per_second * burst
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._lock = threading.Lock()

    def allow(self, address: str, now: float | None = None) -> bool:
        """Whether this request is within the rate; `now` in seconds on any clock that never goes
        back."""
        now = time.monotonic() if now is None else now
        with self._lock:
            left, last = self._buckets.pop(address, (self._most, now))
            left = min(self._most, left + (now - last) * self._rate)
            self._buckets[address] = (max(0.0, left - 1), now)
            while len(self._buckets) > ADDRESSES:
                self._buckets.popitem(last=False)
        return left >= 1


def _own(scope: Scope) -> ASGIApp | None:
    """The answer to what does not reach Streamlit: closed paths, missing files, the status page."""
    path = scope["path"]
    if path.startswith(tuple(base() + closed for closed in CLOSED)):
        return PlainTextResponse("Not found\n", 404)
    if _is_file(path) and path != plotly_url() and not exists(path):
        return PlainTextResponse("Not found\n", 404)  # and not the page, as Streamlit answers
    if path == f"{base()}/status":
        given = QueryParams(scope["query_string"]).get("key", "")
        if not SET["status_key"] or not hmac.compare_digest(given.encode(),
                                                            SET["status_key"].encode()):
            return PlainTextResponse("Not found\n", 404)
        return JSONResponse(status.everywhere())
    return None


def _is_file(path: str) -> bool:
    """Whether a path asks for a file that is neither a visitor's nor a component's."""
    inside = path.removeprefix(base())
    return "." in inside.rpartition("/")[2] and not inside.startswith(
        ("/media/", "/component/", "/_stcore/"))
