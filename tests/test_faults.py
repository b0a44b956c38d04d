"""What goes wrong around a server: garbage on its sockets, visitors who leave, an end in between.

What goes wrong inside it: `tests/dashboard/service/test_jobs.py`; with its kernels on disk:
`tests/engine/test_kernels.py`.

FUZZ=10000 tries so many frames and links instead of the usual hundreds.
"""

import asyncio
import json
import math
import os
import random
import signal
import string
import time
import urllib.request
from pathlib import Path

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.testing.v1 import AppTest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from bench.load import CHART, load
from dashboard.service import farewell
from dashboard.service.links import WORDS
from engine import Parameters, solve
from engine.network import NetworkSettings, estimate
from tests.server import ROOT, end, start_server

CASES = int(os.environ.get("FUZZ", "200"))
LONG = 60.0
"""Seconds after which a test that waits for the server gives up."""
SLOW = "m=1000000&rtol=0.0001&spread=0.1&groups=8&v=1"
"""A link to a run that takes far longer than the tests wait."""


@pytest.fixture
def server(tmp_path):
    """A server of its own: its process, address and log."""
    process, address = start_server(
        tmp_path / "log", DASHBOARD_STATUS_KEY="k",
        STREAMLIT_SERVER_ALLOWED_HOSTS='["lab.example", "127.0.0.1"]')
    yield process, address, tmp_path / "log"
    if process.poll() is None:
        end(process)


@pytest.fixture
def compiled():
    """The kernels of networks and of groups on disk: while one is compiled nothing stops it."""
    solve(Parameters(m=16, t_max=1.0, spread=0.1))
    estimate(Parameters(), NetworkSettings(), math.inf)


def stream(address: str):
    """A websocket as a browser opens it."""
    return connect(address.replace("http", "ws") + "/_stcore/stream", subprotocols=["streamlit"],
                   max_size=None, open_timeout=LONG)


def told(address: str) -> dict:
    """What the status page says."""
    with urllib.request.urlopen(f"{address}/status?key=k", timeout=LONG) as answer:
        return json.load(answer)


def ask(link: str = "") -> bytes:
    """The message that asks for the explorer."""
    message = BackMsg()
    message.rerun_script.query_string = link
    return message.SerializeToString()


def until(true, address: str) -> bool:
    """Wait for `true(status)`; whether it came."""
    give_up = time.monotonic() + LONG
    while time.monotonic() < give_up:
        if true(told(address)):
            return True
        time.sleep(0.1)
    return False


def test_garbage_on_the_socket_ends_the_connection_and_tells_no_paths(server):
    process, address, _ = server
    rng = random.Random(18)

    async def send(frame: bytes | str) -> bytes:
        heard = b""
        try:
            async with stream(address) as socket:
                await socket.send(frame)
                # What parses by chance as a message gets an answer or none.
                while True:
                    heard += await asyncio.wait_for(socket.recv(), 0.05)
        except (ConnectionClosed, TimeoutError):
            return heard

    async def all_of_it() -> bytes:
        frames = [rng.randbytes(rng.choice((1, 7, 100, 3000))) for _ in range(CASES)]
        return b"".join([await send(frame) for frame in ["text", b"", *frames]])

    heard = asyncio.run(all_of_it())
    assert process.poll() is None
    assert not any(word in heard for word in (b"site-packages", b"Traceback", str(ROOT).encode()))
    times = asyncio.run(load(address, "explorer", sessions=1, seconds=1.0, arrive=0.0))
    assert times.first and not times.errors


def test_who_leaves_in_the_middle_of_a_run_takes_its_work_along(compiled, server):
    _, address, _ = server

    async def visit() -> None:
        async with stream(address) as socket:
            await socket.send(ask(SLOW))
            give_up = time.monotonic() + LONG
            while not (await asyncio.to_thread(told, address))["running"]:
                assert time.monotonic() < give_up

    asyncio.run(visit())
    assert until(lambda status: status["running"] == status["waiting"] == 0, address)


def test_networks_in_training_stop_when_their_page_is_closed(compiled, server):
    _, address, _ = server

    async def visit() -> None:
        async with stream(address) as socket:
            message = BackMsg()
            message.rerun_script.page_name = "networks"
            message.rerun_script.query_string = "m=16&d=400&seeds=10&alpha=0.31&v=1"
            await socket.send(message.SerializeToString())
            while ForwardMsg.FromString(
                    await asyncio.wait_for(socket.recv(), LONG)).WhichOneof("type") \
                    != "script_finished":
                pass
            assert await asyncio.to_thread(until, lambda status: status["running"], address)

    asyncio.run(visit())
    assert until(lambda status: status["running"] == status["waiting"] == 0, address)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_server_told_to_stop_tells_open_pages_and_ends(server, how):
    process, address, _ = server

    async def visit() -> str:
        told = ""
        async with stream(address) as socket:
            await socket.send(ask(SLOW))
            await socket.recv()
            process.send_signal(how)
            try:
                while True:
                    message = ForwardMsg.FromString(await asyncio.wait_for(socket.recv(), LONG))
                    told += message.delta.new_element.toast.body
            except ConnectionClosed:
                return told

    assert farewell.NOTICE in asyncio.run(visit())
    process.wait(LONG)


def test_no_answer_names_what_serves_it(server):
    _, address, _ = server
    with urllib.request.urlopen(address, timeout=LONG) as answer:
        assert answer.headers["Server"] is None and answer.headers["Date"]


def test_who_calls_the_server_by_another_name_gets_no_page(server):
    _, address, _ = server
    port = address.rpartition(":")[2]

    async def opened(host: str) -> bool:
        try:
            async with connect(f"ws://{host}:{port}/_stcore/stream", host="127.0.0.1",
                               subprotocols=["streamlit"], open_timeout=LONG):
                return True
        except InvalidStatus:
            return False

    assert asyncio.run(opened("lab.example")) and asyncio.run(opened("127.0.0.1"))
    assert not asyncio.run(opened("evil.example"))


async def curve(address: str, link: str, cut: float = 0.0) -> list[float] | None:
    """The train errors that the explorer draws for a link; None where the visitor goes before,
    after `cut` messages."""
    async with stream(address) as socket:
        await socket.send(ask(link))
        heard = 0
        while not 0 < cut <= heard:
            message = ForwardMsg.FromString(await asyncio.wait_for(socket.recv(), LONG))
            heard += 1
            element = message.delta.new_element
            if element.WhichOneof("type") == "bidi_component" and \
                    element.bidi_component.component_name == CHART:
                return json.loads(element.bidi_component.bytes)["panels"][0]["traces"][0]["y"]
    return None


def test_a_page_comes_back_with_its_settings_from_another_server(tmp_path):
    """The browser connects again by itself and sends the link, which is all that there is."""
    drawn = []
    for name in ("first", "second"):
        process, address = start_server(tmp_path / name)
        try:
            drawn.append(asyncio.run(curve(address, "alpha=0.5&m=64&v=1")))
        finally:
            process.kill()
            process.wait(LONG)
    assert drawn[0] == pytest.approx(drawn[1], rel=1e-6)


def test_while_a_fifth_of_all_visits_breaks_off_nobody_gets_a_wrong_curve_and_nothing_stays(server):
    """FUZZ=10000 keeps this up for some minutes."""
    _, address, _ = server
    rng = random.Random(18)
    links = [f"alpha={alpha}&m={m}&v=1" for alpha in (0.2, 0.5) for m in (16, 64)]

    async def visits(link: str, right: list[float]) -> None:
        for _ in range(CASES // 40):
            cut = rng.randrange(1, 40) if rng.random() < 0.2 else 0
            assert await curve(address, link, cut) in (None, right)

    async def all_of_them() -> None:
        right = [await curve(address, link) for link in links]
        await asyncio.gather(*(visits(*pair) for pair in zip(links, right, strict=True)
                               for _ in range(3)))
        assert [await curve(address, link) for link in links] == right

    asyncio.run(all_of_them())
    assert until(lambda status: status["running"] == status["waiting"] == status["visitors"] == 0,
                 address)


def test_two_servers_share_a_folder_of_kernels_and_one_outlives_the_other(tmp_path):
    first, second = (start_server(tmp_path / name) for name in ("first", "second"))
    try:
        link = "alpha=0.45&m=32&v=1"
        before = asyncio.run(curve(second[1], link))
        assert asyncio.run(curve(first[1], link)) == before
        first[0].kill()
        first[0].wait(LONG)
        assert asyncio.run(curve(second[1], link)) == before
    finally:
        for process, _ in (first, second):
            if process.poll() is None:
                end(process)


def test_kernels_find_another_place_where_their_folder_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("no folder")
    process, address = start_server(tmp_path / "log", HOME=str(tmp_path),
                                    NUMBA_CACHE_DIR=str(tmp_path / "file" / "kernels"))
    try:
        times = asyncio.run(load(address, "explorer", sessions=1, seconds=1.0, arrive=0.0))
        assert times.first and not times.errors
    finally:
        end(process)


def test_no_link_of_garbage_breaks_a_page():
    rng = random.Random(18)
    page = Path(ROOT, "pages", "explorer", "page.py")
    for _ in range(CASES // 10):
        app = AppTest.from_file(str(page), default_timeout=120)
        words = rng.sample(sorted(set(WORDS) - {"pinned"}), 4)
        for word in words:
            app.query_params[word] = "".join(
                rng.choices(string.printable + "αφ~,½∞\0", k=rng.choice((0, 1, 5, 200))))
        app.run()
        assert not app.exception, dict.fromkeys(words)
