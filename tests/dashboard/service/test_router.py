"""One port, two workers: who answers whom, what they share, and what happens when one ends."""

import asyncio
import json
import os
import signal
import socket
import time
import urllib.request
from pathlib import Path

import pytest

from dashboard.service import router
from dashboard.service.router import asks_for_health, begun, chosen
from pages.lecture.votes import Rooms, VoteError
from tests.server import end, start_server

LONG = 60.0
"""Seconds after which a test that waits for the server gives up."""


@pytest.mark.parametrize(("head", "number"), [
    (b"GET / HTTP/1.1\r\nHost: a\r\nCookie: worker=1\r\n\r\n", 1),
    (b"GET / HTTP/1.1\r\ncookie: a=b; worker=0; c=d\r\n\r\n", 0),
    (b"GET /?worker=1 HTTP/1.1\r\nHost: a\r\n\r\n", None),
    (b"GET / HTTP/1.1\r\nCookie: worker=x\r\n\r\n", None),
    (b"GET / HTTP/1.1\r\nCookie: worker=-1; coworker=2\r\n\r\n", None),
    (b"GET / HTTP/1.1\r\nCookie: worker=99999999999999999999\r\n\r\n", None),
    (b"\x16\x03\x01\xff\r\n:::\r\nCookie", None)])
def test_the_cookie_names_the_worker(head, number):
    assert chosen(head) == number


@pytest.mark.parametrize(("head", "asks"), [
    (b"GET /_stcore/health HTTP/1.1\r\n\r\n", True), (b"HEAD /base/_stcore/health HTTP/1.1", True),
    (b"GET /_stcore/health?x=1 HTTP/1.0\r\n\r\n", True), (b"POST /_stcore/health HTTP/1.1", False),
    (b"GET /?next=/_stcore/health HTTP/1.1", False), (b"", False), (b"GET", False)])
def test_what_asks_for_the_health(head, asks):
    assert asks_for_health(head) is asks


def test_a_request_is_looked_at_and_left_for_the_worker_to_read():
    async def look(*parts: bytes) -> tuple[bytes | None, bytes]:
        visitor, connection = socket.socketpair()
        connection.setblocking(False)
        with visitor, connection:
            looking = asyncio.create_task(begun(connection))
            for part in parts:
                visitor.send(part)
                await asyncio.sleep(0.05)
            if not parts:
                visitor.close()
            return await looking, connection.recv(100)

    whole = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
    assert asyncio.run(look(whole)) == (whole, whole)
    assert asyncio.run(look(whole[:10], whole[10:])) == (whole, whole)
    assert asyncio.run(look()) == (None, b"")


def test_who_says_nothing_is_let_go(monkeypatch):
    monkeypatch.setattr(router, "PATIENCE", 0.05)

    async def look() -> bytes | None:
        visitor, connection = socket.socketpair()
        connection.setblocking(False)
        with visitor, connection:
            return await begun(connection)

    assert asyncio.run(look()) is None


@pytest.fixture(scope="module")
def port(tmp_path_factory):
    """A router with two workers that have loaded their kernels: its process and its address."""
    log = tmp_path_factory.mktemp("router") / "log"
    process, address = start_server(log, DASHBOARD_WORKERS="2", DASHBOARD_STATUS_KEY="k",
                                    DASHBOARD_CORES="2")
    both(address)
    yield process, address
    end(process)


def both(address: str) -> None:
    """Wait for both workers."""
    give_up = time.monotonic() + LONG
    while told(address)["workers"] < 2:
        assert time.monotonic() < give_up
        time.sleep(0.2)


def answer(address: str, path: str = "/", **headers: str):
    with urllib.request.urlopen(urllib.request.Request(address + path, headers=headers),
                                timeout=LONG) as response:
        return response.headers, response.read()


def told(address: str) -> dict:
    return json.loads(answer(address, "/status?key=k")[1])


def workers(process) -> list[int]:
    """Their process numbers, the first worker's first."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return [int(child) for child in children]


def cookie(address: str, **headers: str) -> str:
    """Of the worker that answers."""
    return answer(address, **headers)[0]["Set-Cookie"].partition(";")[0]


def test_new_visitors_go_to_the_workers_in_turn_and_known_ones_to_their_own(port):
    _, address = port
    assert {cookie(address) for _ in range(4)} == {"worker=0", "worker=1"}
    for own in ("worker=0", "worker=1"):
        assert {cookie(address, Cookie=own) for _ in range(4)} == {own}
    assert cookie(address, Cookie="worker=7") in ("worker=0", "worker=1")


def test_a_proxys_connection_ends_with_each_answer_for_the_next_may_be_anothers(port):
    _, address = port
    assert answer(address, Via="1.1 proxy")[0]["Connection"] == "close"
    assert answer(address, **{"X-Forwarded-For": "192.0.2.1"})[0]["Connection"] == "close"


def test_the_status_counts_all_workers(port):
    _, address = port
    status = told(address)
    assert status["workers"] == 2 and status["places"] == status["settings"]["visitors"]
    assert status["memory_mb"] > 200  # of two interpreters with all that they import


def test_health_is_answered_while_workers_are_busy(port):
    process, address = port
    stopped = workers(process)
    for each in stopped:
        os.kill(each, signal.SIGSTOP)
    try:
        assert answer(address, "/_stcore/health")[1] == b"ok"
    finally:
        for each in stopped:
            os.kill(each, signal.SIGCONT)


def test_the_port_is_ill_with_a_worker_that_is_silent_or_has_ended():
    class Process:
        status = None

        def poll(self):
            return self.status

    one = router.Worker.__new__(router.Worker)
    one.process, one.seen = Process(), time.monotonic()
    port = router.Router([], "")
    port._workers = {0: one}
    assert port._health().endswith(b"\r\n\r\nok")
    one.seen -= 2 * router.SILENT
    assert port._health().startswith(b"HTTP/1.1 503 ")
    one.seen, one.process.status = time.monotonic(), -9
    assert port._health().startswith(b"HTTP/1.1 503 ")


def test_a_worker_that_is_killed_is_started_again_and_its_visitors_come_back_to_it(port):
    process, address = port
    before = workers(process)
    os.kill(before[1], signal.SIGKILL)
    # Who was there before asks again, and waits.
    assert cookie(address, Cookie="worker=0") == "worker=0"
    give_up = time.monotonic() + LONG
    while len(after := workers(process)) < 2 or after[1] == before[1]:
        assert time.monotonic() < give_up
        time.sleep(0.1)
    assert cookie(address, Cookie="worker=1") == "worker=1"
    assert set(after) & set(before) == {before[0]}


def test_a_router_that_cannot_say_goodbye_takes_its_workers_along(tmp_path):
    process, _ = start_server(tmp_path / "log", DASHBOARD_WORKERS="1")
    [one] = workers(process)
    process.kill()
    process.wait(LONG)
    give_up = time.monotonic() + LONG
    while Path(f"/proc/{one}").exists():
        assert time.monotonic() < give_up
        time.sleep(0.1)


def test_a_server_that_cannot_start_says_why_and_ends(tmp_path):
    with pytest.raises(RuntimeError, match="DASHBOARD_VISITORS must be a whole number"):
        start_server(tmp_path / "log", DASHBOARD_VISITORS="none")


def test_votes_of_one_worker_are_seen_by_the_others(tmp_path):
    one, other = (Rooms(file=tmp_path / "votes.sqlite") for _ in range(2))
    host = one.start()
    one.ask(host, 0, 3)
    other.cast(host.code, "a", 0, 2)
    assert one.seen(host.code, "a") == other.seen(host.code, "a") == (0, True, (0, 0, 1), None, 2)
    other.reveal(host, 0, 1)
    with pytest.raises(VoteError, match="closed"):
        one.cast(host.code, "b", 0, 1)
    other.end(host)
    with pytest.raises(VoteError, match="no such vote"):
        one.seen(host.code)
