"""Files that the server compresses, and those it must not hand out."""

import asyncio
import gzip
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from streamlit import file_util

from dashboard.service.environment import SettingError
from dashboard.service.server import PLOTLY, CompressedFiles, hosts, plotly_url


def answer(app: CompressedFiles, scope: dict) -> list[dict]:
    """The messages that `app` sends for a request."""
    sent = []

    async def send(message):
        sent.append(message)

    # In a thread of its own: Playwright leaves an event loop running in this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(app(scope, None, send))).result()
    return sent


def ask(path: str, accept: str = "gzip") -> tuple[int, dict, bytes]:
    """Status, headers and body for a GET; 599 where the request goes on to Streamlit."""
    async def beyond(scope, receive, send):
        await send({"type": "http.response.start", "status": 599, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    scope = {"type": "http", "method": "GET", "path": path,
             "headers": [(b"accept-encoding", accept.encode())]}
    sent = answer(CompressedFiles(beyond), scope)
    headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], headers, b"".join(m.get("body", b"") for m in sent[1:])


def test_plotly_is_our_own_copy_compressed_and_to_be_kept():
    status, headers, body = ask(plotly_url())
    assert status == 200 and headers["content-encoding"] == "gzip"
    assert "immutable" in headers["cache-control"]
    assert gzip.decompress(body) == PLOTLY.read_bytes()
    assert len(body) < PLOTLY.stat().st_size / 2.5


def test_a_browser_without_gzip_gets_the_plain_file():
    status, headers, body = ask(plotly_url(), accept="identity")
    assert status == 200 and "content-encoding" not in headers
    assert body == PLOTLY.read_bytes()


def test_streamlits_scripts_are_compressed():
    script = next(Path(file_util.get_static_dir(), "static", "js").glob("*.js"))
    status, _, body = ask(f"/static/js/{script.name}")
    assert status == 200 and gzip.decompress(body) == script.read_bytes()


@pytest.mark.parametrize("path", [
    "/", "/_stcore/health", "/static/js/no-such.js", "/static/../../__init__.py",
    "/static/js/../../../../file_util.py", "/static//etc/passwd", "/static/js",
    "/vendor/plotly.min.js", "/static/../../../../../../../../etc/hosts.json",
])
def test_everything_else_is_left_to_streamlit(path):
    assert ask(path)[0] == 599


@pytest.mark.parametrize(("given", "names"), [
    ([], []), (["lab.example", "localhost"], ["lab.example", "localhost"]), (["*"], ["*"]),
    (['["lab.example",', '"*.lab.example"]'], ["lab.example", "*.lab.example"]),
    (['["lab.example"]'], ["lab.example"]), (["[]"], [])])
def test_names_of_the_server_are_read_from_words_and_from_a_json_list(given, names):
    assert hosts(given) == names


@pytest.mark.parametrize("given", [["['lab.example']"], ["[1]"], ['["lab'], ['[""]'], ['[{}]']])
def test_a_list_of_names_that_is_none_is_refused(given):
    with pytest.raises(SettingError, match="STREAMLIT_SERVER_ALLOWED_HOSTS must be names"):
        hosts(given)


def test_the_page_announces_plotly_so_that_it_loads_beside_streamlit():
    async def page(scope, receive, send):
        await send({"type": "http.response.start", "status": 200,
                    "headers": [(b"content-type", b"text/html; charset=utf-8")]})

    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    sent = answer(CompressedFiles(page), scope)
    assert f"<{plotly_url()}>".encode() in dict(sent[0]["headers"])[b"link"]
