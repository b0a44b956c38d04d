"""What the web server adds to Streamlit: plotly.js from `assets/vendor`, compressed files.

Streamlit sends its own files uncompressed; on a slow line they are the wait for the first
chart.  Each file is compressed once and kept, so that a class opening the page costs nothing.
"""

import gzip
import json
from functools import lru_cache
from pathlib import Path

import streamlit as st
import uvicorn
from starlette.middleware import Middleware
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit import config, file_util

from dashboard.service.environment import SettingError

COMPRESSIBLE = {".js": "text/javascript", ".css": "text/css", ".json": "application/json",
                ".svg": "image/svg+xml"}
YEAR = 365 * 24 * 3600
PLOTLY = Path(__file__).parents[2] / "assets" / "vendor" / "plotly-basic-4.1.1.min.js"
"""The npm package plotly.js-basic-dist-min: scatter plots alone, a quarter of the full script."""


def plotly_url() -> str:
    """Where the browser finds plotly.js; the version in the name lets it keep the file."""
    return f"{base()}/vendor/{PLOTLY.name}"


def prepare() -> None:
    """Mend what Streamlit does not do for its server, before that answers."""
    # uvicorn would name itself in every answer, and Streamlit has no setting for it.
    uvicorn.Config.encoded_headers = property(  # type: ignore[assignment]
        lambda config: [], lambda config, headers: None)
    config.set_option("server.allowedHosts", hosts(config.get_option("server.allowedHosts")))


def hosts(given: list[str]) -> list[str]:
    """The names of `server.allowedHosts`.  From the environment Streamlit takes names with spaces
    between them, and a list in JSON apart at its spaces.

    Raises SettingError for a list that is none: with no name the server would answer to all.
    """
    text = " ".join(given)
    if not text.lstrip().startswith("["):
        return given
    try:
        names = json.loads(text)
    except ValueError:
        names = None
    if not isinstance(names, list) or not all(isinstance(name, str) and name for name in names):
        raise SettingError("STREAMLIT_SERVER_ALLOWED_HOSTS must be names with spaces between them,"
                           f' or a list such as ["lab.example", "localhost"], not {text[:60]!r}.')
    return names


def middleware() -> list[Middleware]:
    """For `st.App(..., middleware=middleware())`."""
    return [Middleware(CompressedFiles)]


class CompressedFiles:
    """ASGI middleware that answers for plotly.js and for Streamlit's own text files."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        get = scope["type"] == "http" and scope["method"] == "GET"
        file = _file(scope["path"]) if get else None
        if file is None:
            await self.app(scope, receive, _announcing_plotly(send) if get else send)
            return
        accepted = dict(scope["headers"]).get(b"accept-encoding", b"")
        response = _response(file, b"gzip" in accepted)
        await response(scope, receive, send)


def _announcing_plotly(send: Send) -> Send:
    """Tell the browser with the page itself to fetch plotly.js, after what Streamlit needs."""
    async def announce(message: Message) -> None:
        if message["type"] == "http.response.start" and any(
                name.lower() == b"content-type" and value.startswith(b"text/html")
                for name, value in message["headers"]):
            link = f"<{plotly_url()}>; rel=preload; as=script; fetchpriority=low".encode()
            message = {**message, "headers": [*message["headers"], (b"link", link)]}
        await send(message)

    return announce


def exists(path: str) -> bool:
    """Whether a request path is that of one of Streamlit's files; any text may be asked for, and
    the system is not asked."""
    return path.startswith(f"{base()}/") and path.removeprefix(f"{base()}/") in _static_files()


@lru_cache
def _static_files() -> frozenset[str]:
    root = Path(file_util.get_static_dir())
    return frozenset(file.relative_to(root).as_posix() for file in root.rglob("*")
                     if file.is_file())


def _file(path: str) -> Path | None:
    """The file to serve for a request path, or None to leave it to Streamlit."""
    if path == plotly_url():
        return PLOTLY
    static = f"{base()}/static/"
    if not path.startswith(static) or Path(path).suffix not in COMPRESSIBLE:
        return None
    return Path(file_util.get_static_dir(), path.removeprefix(f"{base()}/")) \
        if exists(path) else None


def _response(file: Path, compressed: bool) -> Response:
    headers = {"Cache-Control": f"public, immutable, max-age={YEAR}", "Vary": "Accept-Encoding"}
    if compressed:
        headers["Content-Encoding"] = "gzip"
    return Response(_content(file, compressed), headers=headers,
                    media_type=COMPRESSIBLE[file.suffix])


@lru_cache(maxsize=512)
def _content(file: Path, compressed: bool) -> bytes:
    data = file.read_bytes()
    return gzip.compress(data, 6) if compressed else data


def base() -> str:
    """What the addresses of all pages begin with: nothing, or /base."""
    path = st.get_option("server.baseUrlPath").strip("/")
    return f"/{path}" if path else ""
