"""What goes wrong around a server: garbage on its sockets, visitors who leave, an end in between.

FUZZ=10000 tries so many frames and links instead of the usual hundreds.
"""

import asyncio
import json
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
from websockets.exceptions import ConnectionClosed

from bench.load import CHART, load
from dashboard.service.links import WORDS
from tests.server import ROOT, end, start_server

CASES = int(os.environ.get("FUZZ", "200"))
LONG = 60.0
"""Seconds after which a test that waits for the server gives up."""
SLOW = "m=1000000&rtol=0.0001&spread=0.1&groups=8&v=1"
"""A link to a run that takes far longer than the tests wait."""


@pytest.fixture
def server(tmp_path):
    """A server of its own: its process, address and log."""
    process, address = start_server(tmp_path / "log", DASHBOARD_STATUS_KEY="k")
    yield process, address, tmp_path / "log"
    if process.poll() is None:
        end(process)


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


def test_who_leaves_in_the_middle_of_a_run_takes_its_work_along(server):
    _, address, _ = server

    async def visit() -> None:
        async with stream(address) as socket:
            await socket.send(ask(SLOW))
            give_up = time.monotonic() + LONG
            while not (await asyncio.to_thread(told, address))["running"]:
                assert time.monotonic() < give_up

    asyncio.run(visit())
    assert until(lambda status: status["running"] == status["waiting"] == 0, address)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_server_told_to_stop_ends_although_pages_are_open(server, how):
    process, address, _ = server

    async def visit() -> None:
        async with stream(address) as socket:
            await socket.send(ask(SLOW))
            await socket.recv()
            process.send_signal(how)
            try:
                while True:
                    await asyncio.wait_for(socket.recv(), LONG)
            except ConnectionClosed:
                pass

    asyncio.run(visit())
    process.wait(LONG)


def test_a_page_comes_back_with_its_settings_from_another_server(tmp_path):
    """The browser connects again by itself and sends the link, which is all that there is."""
    async def curve(address: str) -> bytes:
        async with stream(address) as socket:
            await socket.send(ask("alpha=0.5&m=64&v=1"))
            while True:
                message = ForwardMsg.FromString(await asyncio.wait_for(socket.recv(), LONG))
                element = message.delta.new_element
                if element.WhichOneof("type") == "bidi_component" and \
                        element.bidi_component.component_name == CHART:
                    return element.bidi_component.bytes

    drawn = []
    for name in ("first", "second"):
        process, address = start_server(tmp_path / name)
        try:
            drawn.append(asyncio.run(curve(address)))
        finally:
            process.kill()
            process.wait(LONG)
    first, second = (json.loads(data)["panels"][0]["traces"][0]["y"] for data in drawn)
    assert first == pytest.approx(second, rel=1e-6)


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
