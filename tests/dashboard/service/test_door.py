"""The front door: headers, closed paths, missing files, the rate of an address, the log."""

import asyncio
import errno
import io
import json
import logging
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from streamlit import file_util

from dashboard.service import door
from dashboard.service.door import FrontDoor, Rates
from dashboard.service.logs import JsonLines


def ask(path: str, app: FrontDoor | None = None, kind: str = "http", query: str = "") -> list[dict]:
    """The messages for a GET or a websocket; 299 where the request goes on to Streamlit."""
    async def beyond(scope, receive, send):
        await send({"type": f"{kind}.response.start", "status": 299, "headers": []})

    sent = []

    async def send(message):
        sent.append(message)

    async def receive():
        return {"type": "websocket.connect"}

    scope = {"type": kind, "method": "GET", "path": path, "headers": [],
             "query_string": query.encode(), "client": ("192.0.2.1", 1)}
    # In a thread of its own: Playwright leaves an event loop running in this one.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(
            (app or FrontDoor(beyond))(scope, receive, send))).result()
    return sent


@pytest.mark.parametrize("path", ["/", "/_stcore/health", "/_stcore/metrics", "/static/js/no.js"])
def test_every_answer_carries_the_security_headers(path):
    headers = {name.decode().lower(): value.decode() for name, value in ask(path)[0]["headers"]}
    assert headers["x-content-type-options"] == "nosniff"
    assert {name.lower() for name in door.HEADERS} <= set(headers)
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy and "frame-ancestors *" in policy
    assert "http" not in policy and "unsafe-eval" not in policy


@pytest.mark.parametrize(("path", "status"), [
    ("/", 299), ("/lecture", 299), ("/_stcore/health", 299), ("/_stcore/stream", 299),
    ("/media/0a1b.csv", 299), (door.plotly_url(), 299), ("/favicon.png", 299),
    ("/static/js/none.js", 404), ("/none.js", 404), ("/vendor/none.js", 404),
    ("/static/../../../etc/passwd.txt", 404), ("/.env", 404), ("/app.py", 404),
    ("/_stcore/metrics", 404), ("/_stcore/script-health-check", 404), ("/status", 404)])
def test_what_is_not_there_or_not_for_visitors_is_not_found(path, status):
    assert ask(path)[0]["status"] == status


def test_the_status_page_opens_with_its_key_alone(monkeypatch):
    monkeypatch.setitem(door.SET, "status_key", "an é key")
    assert ask("/status", query="key=wrong")[0]["status"] == 404
    start, body = ask("/status", query="key=an%20%C3%A9%20key")
    told = json.loads(body["body"])
    assert start["status"] == 200 and told["places"] == door.SET["visitors"]
    assert {"visitors", "running", "waiting", "cache_bytes", "memory_mb", "versions"} <= set(told)
    assert "an é key" not in body["body"].decode()


def test_an_address_may_ask_in_bursts_but_not_for_ever():
    rates = Rates(per_second=2, burst=3)
    assert [rates.allow("a", now=0.0) for _ in range(7)] == [True] * 6 + [False]
    assert rates.allow("b", now=0.0)
    assert [rates.allow("a", now=1.0) for _ in range(3)] == [True, True, False]
    assert sum(rates.allow("a", now=1000.0) for _ in range(20)) == 6


def test_the_addresses_that_are_counted_are_bounded(monkeypatch):
    monkeypatch.setattr(door, "ADDRESSES", 3)
    rates = Rates(per_second=1, burst=1)
    for name in "abcd":
        rates.allow(name, now=0.0)
    assert rates.allow("a", now=0.0) and not rates.allow("d", now=0.0)


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_who_asks_too_often_is_told_to_wait(monkeypatch, kind):
    app = FrontDoor(None)
    monkeypatch.setattr(app, "_pages", Rates(per_second=0, burst=1))
    first = ask("/", app, kind)[0]
    if kind == "http":
        assert first["status"] == 429 and (b"retry-after", b"5") in first["headers"]
    else:
        assert first["type"] == "websocket.close" and first["code"] == 1013


def test_a_slider_that_is_dragged_does_not_keep_its_address_from_opening_pages(monkeypatch):
    async def answer(scope, receive, send):
        await send({"type": "http.response.start", "status": 299, "headers": []})

    app = FrontDoor(answer)
    monkeypatch.setattr(app, "_programs", Rates(per_second=0, burst=1))
    assert ask("/api/solve", app)[0]["status"] == 429
    assert ask("/", app)[0]["status"] == 299


def test_a_class_behind_one_address_may_open_the_page_at_the_same_moment(monkeypatch):
    """Thirty browsers that come for the first time, all to one of two workers."""
    monkeypatch.setattr(door.worker, "COUNT", 2)
    answered = []

    async def beyond(scope, receive, send):
        answered.append(scope["path"])

    async def refuse(message):
        assert message["type"] != "http.response.start", message

    app, root = FrontDoor(beyond), Path(file_util.get_static_dir())
    files = ["/" + file.relative_to(root).as_posix() for file in sorted(root.rglob("*.*"))[:118]]
    opened = [*files, door.plotly_url(), "/", "/_stcore/host-config", "/_stcore/stream"]

    async def come():
        for path in 30 * opened:
            await app({"type": "http", "method": "GET", "path": path, "headers": [],
                       "query_string": b"", "client": ("192.0.2.1", 1)}, None, refuse)

    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(come())).result()
    assert len(files) == 118 and answered == 30 * opened


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("path", ["/" + 300 * "a", "/" + 300 * "a" + ".js", "/\0", "/\0.js",
                                  30_000 * "/a", "/static/" + 300 * "a"])
def test_no_path_is_too_strange_to_be_counted_and_answered(path, kind):
    async def beyond(scope, receive, send):
        await send({"type": f"{kind}.response.start", "status": 299, "headers": []})

    app = FrontDoor(beyond)
    app._pages = Rates(per_second=1e-6, burst=1e6)  # one
    first, second = ask(path, app, kind)[0], ask(path, app, kind)[0]
    assert first["type"] == f"{kind}.response.start" and first["status"] in (299, 404)
    assert second.get("status") == 429 or second["type"] == "websocket.close"
    if kind == "http":
        assert {name.lower().encode() for name in door.HEADERS} <= {
            name.lower() for name, _ in first["headers"]}


def test_a_line_of_the_log_is_json_with_all_that_was_said():
    record = logging.makeLogRecord({"name": "dashboard.requests", "levelname": "INFO",
                                    "msg": "request %s", "args": ("1",), "path": "/", "ms": 2.5})
    line = json.loads(JsonLines().format(record))
    assert line["message"] == "request 1" and line["path"] == "/" and line["ms"] == 2.5
    assert line["level"] == "info" and "\n" not in JsonLines().format(record)


class Full(io.StringIO):
    """A file on a full disk."""

    def write(self, text: str) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_log_on_a_full_disk_keeps_no_answer_back(monkeypatch, caplog, capsys):
    monkeypatch.setattr(door.log, "handlers", [logging.StreamHandler(Full())])
    monkeypatch.setattr(door.log, "disabled", False)
    caplog.set_level("INFO", logger=door.log.name)
    assert ask("/")[0]["status"] == 299
    assert os.strerror(errno.ENOSPC) in capsys.readouterr().err


def test_an_error_is_logged_with_its_trace():
    try:
        raise ValueError("no")
    except ValueError:
        record = logging.LogRecord("dashboard", logging.ERROR, "", 0, "failed", None,
                                   sys.exc_info())
    assert "ValueError: no" in json.loads(JsonLines().format(record))["error"]
