"""One port, two workers: who answers whom, what they share, and what happens when one ends."""

import asyncio
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from websockets.asyncio.client import connect

from dashboard.service import kernels, router, worker
from dashboard.service.router import asks_for_health, begun, chosen
from pages.lecture.votes import Host, Rooms, VoteError
from tests.server import ROOT, end, free_port, start_server

LONG = 60.0
"""Seconds after which a test that waits for the server gives up."""


@pytest.mark.parametrize(("head", "number"), [
    (b"GET / HTTP/1.1\r\nHost: a\r\nCookie: worker-8501=1\r\n\r\n", 1),
    (b"GET / HTTP/1.1\r\ncookie: a=b; worker-8501=0; worker-8502=1\r\n\r\n", 0),
    (b"GET /?worker-8501=1 HTTP/1.1\r\nHost: a\r\n\r\n", -1),
    (b"GET / HTTP/1.1\r\nCookie: worker-8501=x\r\n\r\n", -1),
    (b"GET / HTTP/1.1\r\nCookie: worker-8501=-1; coworker-8501=2\r\n\r\n", -1),
    (b"GET / HTTP/1.1\r\nCookie: worker-8501=99999999999999999999\r\n\r\n", -1),
    (b"\x16\x03\x01\xff\r\n:::\r\nCookie", -1)])
def test_the_cookie_names_the_worker(head, number):
    assert chosen(head, b"worker-8501") == number


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

    whole, bare = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", b"GET / HTTP/1.0\n\n"
    assert asyncio.run(look(bare)) == (bare, bare)
    encrypted = b"\x16\x03\x01"
    assert asyncio.run(look(encrypted)) == (encrypted, encrypted)
    assert asyncio.run(look(whole)) == (whole, whole)
    assert asyncio.run(look(whole[:10], whole[10:])) == (whole, whole)
    assert asyncio.run(look()) == (None, b"")


@pytest.mark.parametrize("said", [b"", b"GET / HT"])
def test_who_does_not_say_what_he_wants_is_let_go(monkeypatch, said):
    monkeypatch.setattr(router, "PATIENCE", 0.05)

    async def look() -> bytes | None:
        visitor, connection = socket.socketpair()
        connection.setblocking(False)
        with visitor, connection:
            visitor.send(said)
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


def gone(process: int) -> None:
    """Wait for the end of a process."""
    give_up = time.monotonic() + LONG
    while Path(f"/proc/{process}").exists():
        assert time.monotonic() < give_up
        time.sleep(0.05)


def name(address: str) -> str:
    """Of the port's cookie."""
    return router.cookie(int(address.rpartition(":")[2]))


def by(address: str, own: int | None = None) -> int:
    """The number of the worker that answers, who asks for `own`."""
    asked = {} if own is None else {"Cookie": f"{name(address)}={own}"}
    given = [value for key, value in answer(address, **asked)[0].items()
             if key.lower() == "set-cookie" and value.startswith(name(address))]
    if not given:
        return own
    assert given[0].endswith("; Path=/; HttpOnly; SameSite=Lax")
    return int(given[0].partition(";")[0].partition("=")[2])


def test_new_visitors_go_to_the_workers_in_turn_and_known_ones_to_their_own(port):
    _, address = port
    came = []
    for _ in range(6):
        came.append(by(address))
        time.sleep(0.6)  # signs of life come in between
    assert sorted(came) == [0, 0, 0, 1, 1, 1]
    for own in (0, 1):
        assert [by(address, own) for _ in range(4)] == 4 * [own]
    assert by(address, 7) in (0, 1)


def test_a_websocket_too_is_told_the_worker_that_took_it(port):
    _, address = port

    async def given() -> list[str]:
        url = address.replace("http", "ws") + "/_stcore/stream"
        async with connect(url, subprotocols=["streamlit"], max_size=None) as socket:
            return socket.response.headers.get_all("Set-Cookie")

    assert any(cookie.startswith(f"{name(address)}=") for cookie in asyncio.run(given()))


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


def worker_like(status: int | None = None, silent: float = 0.0, lives: bool = True):
    """As the router knows one."""
    one = router.Worker.__new__(router.Worker)
    one.process = SimpleNamespace(poll=lambda: status)
    one.seen, one.lives = time.monotonic() - silent, lives
    return one


def test_the_port_is_ill_with_a_worker_that_is_silent_or_has_ended_or_not_begun():
    well = worker_like()
    assert router.health([well]).endswith(b"\r\n\r\nok")
    for ill in (worker_like(silent=2 * router.SILENT), worker_like(-9), worker_like(lives=False)):
        assert router.health([well, ill]).startswith(b"HTTP/1.1 503 ")


def test_who_belongs_to_a_worker_that_is_ill_goes_to_another():
    port = router.Router([], "")
    well, ill, busy = worker_like(), worker_like(-9), worker_like()
    port._workers = {0: well, 1: ill, 2: busy}
    assert port._order(busy)[0] is busy and well in port._order(busy)
    assert ill not in port._order(ill) and {port._order(ill)[0] for _ in range(4)} == {well, busy}


@pytest.mark.parametrize("connections", range(1, 7))
def test_new_visitors_go_to_the_workers_in_turn_whatever_the_known_ones_ask(connections):
    port = router.Router([], "")
    one, other = worker_like(), worker_like()
    port._workers = {0: one, 1: other}
    came = []
    for _ in range(10):
        own = None
        for _ in range(connections):
            own = port._order(own)[0]
        came.append(own)
    assert came.count(one) == came.count(other) == 5


def test_a_worker_that_has_ended_has_no_visitors_any_more(tmp_path, monkeypatch):
    """Even where it cannot be started again."""
    for file in ("visitors-1", "status-1", "visitors-0", "speed-1"):
        (tmp_path / f"{file}.json").write_text("1")
    port, ended = router.Router([], str(tmp_path)), worker_like(-9)
    ended.number, ended.process.returncode = 1, -9

    def start(number):
        raise OSError("no process can be had")

    monkeypatch.setattr(port, "_start", start)
    port._replace(ended)
    assert {file.stem for file in tmp_path.iterdir()} == {"visitors-0", "speed-1"}


def test_a_worker_that_is_killed_is_started_again_and_its_visitors_are_served(port):
    process, address = port
    for _ in range(2):  # the second time soon after its start
        before = workers(process)
        os.kill(before[1], signal.SIGKILL)
        gone(before[1])  # what was on its way to it then is lost, and a browser asks again
        assert by(address, 1) in (0, 1) and by(address, 0) == 0
        give_up = time.monotonic() + LONG
        while len(after := workers(process)) < 2 or after[1] == before[1]:
            assert time.monotonic() < give_up
            time.sleep(0.1)
        assert len(after) == 2 and after[0] == before[0]
    give_up = time.monotonic() + LONG
    while by(address, 1) != 1:  # who was there before comes back once it lives
        assert time.monotonic() < give_up
        time.sleep(0.2)


def test_a_router_that_cannot_say_goodbye_takes_its_workers_along(tmp_path):
    process, _ = start_server(tmp_path / "log", DASHBOARD_WORKERS="2")
    give_up = time.monotonic() + LONG
    while len(workers(process)) < 2:
        assert time.monotonic() < give_up
        time.sleep(0.05)
    one, other = workers(process)
    begun_with = Path(f"/proc/{one}/environ").read_text().split("\0")
    [channel] = [text for text in begun_with if text.startswith(f"{router.CHANNEL}=")]
    folder = Path(channel.split(" ", 3)[3])
    assert folder.is_dir()
    process.kill()
    process.wait(LONG)
    gone(one)
    gone(other)
    assert not [*folder.parent.glob(f"{folder.name}*")]


@pytest.mark.parametrize(("variable", "value", "why"), [
    ("DASHBOARD_VISITORS", "none", "DASHBOARD_VISITORS must be a whole number"),
    ("STREAMLIT_SERVER_ALLOWED_HOSTS", '["a"', "STREAMLIT_SERVER_ALLOWED_HOSTS must be names")])
def test_a_server_that_cannot_start_says_why_and_ends(tmp_path, variable, value, why):
    """The first before the port is held, the second after."""
    with pytest.raises(RuntimeError, match=why):
        start_server(tmp_path / "log", **{variable: value})


def test_an_encrypted_port_has_one_worker_and_no_wait(tmp_path):
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                    "-subj", "/CN=localhost", "-keyout", key, "-out", certificate], check=True,
                   capture_output=True)
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "dashboard", f"--server.port={port}", "--server.headless=true",
         "--server.address=127.0.0.1", f"--server.sslKeyFile={key}",
         f"--server.sslCertFile={certificate}"], cwd=ROOT)
    trusted = ssl.create_default_context(cafile=certificate)
    trusted.check_hostname = False
    try:
        give_up = time.monotonic() + LONG
        while True:
            start = time.monotonic()
            try:
                with urllib.request.urlopen(f"https://127.0.0.1:{port}/", timeout=LONG,
                                            context=trusted) as response:
                    assert "worker" not in str(response.headers["Set-Cookie"])
                    break
            except OSError:
                assert time.monotonic() < give_up
                time.sleep(0.3)
        assert time.monotonic() - start < router.PATIENCE / 2
        assert len(workers(process)) == 1
    finally:
        end(process)


@pytest.mark.parametrize("configured", [None, "", "of the lab"])
def test_workers_sign_with_one_secret_or_with_the_configured_one(tmp_path, configured):
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / ".streamlit" / "config.toml").write_text(
        f"[server]\ncookieSecret = '{configured}'\n" if configured is not None else "")
    here, there = socket.socketpair()
    show = ("from streamlit import config; from streamlit.web import cli;"
            "from dashboard.service import worker;"
            "cli.main = lambda *_: print(config.get_config_options(force_reparse=True)"
            "['server.cookieSecret'].value); worker.serve([])")
    with here, there:
        said = subprocess.run(
            [sys.executable, "-c", show], text=True, capture_output=True, check=True, cwd=ROOT,
            pass_fds=[there.fileno()],
            env=os.environ | {"HOME": str(tmp_path), router.SECRET: "of the router",
                              router.CHANNEL: f"0 {there.fileno()} 0 "})
    assert said.stdout.strip() == (configured or "of the router")
    assert "restart streamlit" not in said.stderr


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


def test_votes_go_on_in_a_new_file_when_theirs_has_been_tidied_away(tmp_path):
    one, other = (Rooms(file=tmp_path / "votes.sqlite") for _ in range(2))
    assert other.hosts(one.start())
    (tmp_path / "votes.sqlite").unlink()
    host = one.start()
    one.ask(host, 0, 3)
    assert other.seen(host.code) == (0, True, (0, 0, 0), None, None)
    other.cast(host.code, "a", 0, 2)
    assert one.seen(host.code).counts == (0, 0, 1)


def test_where_votes_cannot_be_written_who_votes_is_told(tmp_path):
    rooms = Rooms(file=tmp_path / "none" / "votes.sqlite")
    with pytest.raises(VoteError, match="cannot keep votes"):
        rooms.start()
    with pytest.raises(VoteError, match="cannot keep votes"):
        rooms.cast("abcd", "a", 0, 1)
    host = Host("abcd", "key")
    assert not rooms.hosts(host)
    rooms.ask(host, 0, 3)
    rooms.end(host)


@pytest.mark.parametrize(("workers", "share"), [(2, 1.0), (4, 0.5)])
def test_networks_that_are_trained_at_once_have_the_memory_of_one_a_core(tmp_path, workers, share):
    said = subprocess.run(
        [sys.executable, "-c",
         "from dashboard.components import networks; print(networks.PAGE_BYTES)"],
        text=True, capture_output=True, check=True, cwd=ROOT,
        env=os.environ | {"DASHBOARD_CORES": "2", "DASHBOARD_WORKERS": str(workers),
                          "DASHBOARD_TRAINING_MB": "500", router.CHANNEL: f"0 0 1 {tmp_path}"})
    assert float(said.stdout) == share * 500e6


def test_a_first_worker_that_is_started_again_keeps_the_speed_that_all_have(tmp_path, monkeypatch):
    """Or a link would no longer open the same networks in all."""
    before, taken = kernels.speed(), []
    monkeypatch.setattr(worker, "FOLDER", tmp_path)
    monkeypatch.setattr(worker, "COUNT", 2)
    monkeypatch.setattr(kernels, "agree", taken.append)
    kernels._agree_on_speed()
    monkeypatch.setattr(kernels, "speed", None)  # and not measured
    kernels._agree_on_speed()
    [speed] = taken
    for part in ("start", "step", "observation"):
        assert np.array_equal(getattr(speed, part), getattr(before, part))
