"""A worker's side of the router: its number, connections that are handed to it, signs of life.

    worker.NUMBER, worker.COUNT       # 0 of 1 where no router started this process
    worker.serve(options)             # `streamlit run`, behind the router
"""

import asyncio
import json
import math
import os
import shutil
import signal
import socket
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

from dashboard.service.environment import SET
from dashboard.service.router import BEAT, CHANNEL, LISTENS, LIVES, SECRET

_given = os.environ.get(CHANNEL, "").split(" ", 3)
NUMBER = int(_given[0]) if len(_given) == 4 else 0
FOLDER: Path | None = Path(_given[3]) if len(_given) == 4 and _given[3] else None
"""What the workers of one port share while it is open; None for a process without a router."""
HELD = 2.0
"""Seconds to wait for what another worker does `alone`, which takes it some milliseconds."""
_held_up: set[str] = set()
"""What has been waited for in vain, and is not again until it is free."""
COUNT: int = min(SET["workers"], 255) if FOLDER else 1


def share(most: int) -> int:
    """What one of the workers has of a number that the port has."""
    return math.ceil(most / COUNT)


def put(name: str, value: Any) -> None:
    """Let the other workers know something, in plain JSON types."""
    if FOLDER is not None and COUNT > 1:
        file = FOLDER / f"{name}-{NUMBER}.json"
        with suppress(OSError):  # a full disk: they know what was so before
            file.with_suffix(".new").write_text(json.dumps(value))
            file.with_suffix(".new").replace(file)


def others(name: str) -> list[Any]:
    """What the other workers have `put` last."""
    return [told for number in range(COUNT) if number != NUMBER
            and (told := _told(name, number)) is not None]


def earlier(name: str) -> Any:
    """What this worker has put, or one of its number that ended before; None without that."""
    return _told(name, NUMBER)


def _told(name: str, number: int) -> Any:
    if FOLDER is not None:
        with suppress(OSError, ValueError):  # not yet
            return json.loads((FOLDER / f"{name}-{number}.json").read_text())
    return None


@contextmanager
def alone(name: str) -> Iterator[None]:
    """While no other worker is in a block of this name, so that what one of them has read of
    `others` still holds when it `put`s its own; not for a block within itself.  After HELD
    seconds, of all that come meanwhile together, it goes on all the same: a worker that has been
    stopped in there must not stop others.
    """
    with ExitStack() as held:
        if FOLDER is not None and COUNT > 1:
            import fcntl  # where workers are, there it is; elsewhere it may not be

            with suppress(OSError):  # a full disk: what is put is not known to others either
                file = held.enter_context((FOLDER / f"{name}.lock").open("w"))
                give_up = time.monotonic() + (0 if name in _held_up else HELD)
                while True:
                    with suppress(BlockingIOError):
                        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                        _held_up.discard(name)
                        break
                    if time.monotonic() > give_up:
                        _held_up.add(name)
                        break
                    time.sleep(0.002)
        yield


class Handed(socket.socket):
    """A worker's end of the channel.  To a server it is a listening socket, whose next connection
    is the one that the router hands over.

    name  of the socket that the router listens to
    """

    name: Any = ("", 0)

    def getsockname(self) -> Any:
        return self.name

    def listen(self, backlog: int = 0) -> None:
        """It does already."""

    def accept(self) -> tuple[socket.socket, Any]:
        """The next connection.  Raises BlockingIOError where there is none."""
        said, sockets, _, _ = socket.recv_fds(self, 1, 1)
        if not said:  # the router is gone, and nobody will come any more
            asyncio.get_running_loop().remove_reader(self.fileno())
            if FOLDER is not None:  # which it had no time to remove
                gone = FOLDER.with_name(f"{FOLDER.name}-{NUMBER}")
                with suppress(OSError):  # renamed, or what others put into it meanwhile would stay
                    FOLDER.rename(gone)
                    shutil.rmtree(gone, ignore_errors=True)
            os.kill(os.getpid(), signal.SIGTERM)
            raise BlockingIOError
        if not sockets:  # this process has no descriptor left for it
            raise ConnectionAbortedError
        connection = socket.socket(fileno=sockets[0])
        try:
            return connection, connection.getpeername()
        except OSError:  # who asked has gone
            connection.close()
            raise ConnectionAbortedError from None


_channel: Handed | None = None


def beat() -> None:
    """A sign of life to the router, if there is one."""
    if _channel is not None:
        with suppress(OSError):
            _channel.send(LIVES)


@asynccontextmanager
async def repeated(act: Callable[[], None]) -> AsyncIterator[None]:
    """`act()` at once and every BEAT seconds while the event loop runs."""
    async def go_on() -> None:
        while True:
            act()
            await asyncio.sleep(BEAT)

    task = asyncio.create_task(go_on())
    try:
        yield
    finally:
        task.cancel()


def serve(options: list[str]) -> None:
    """`streamlit run app.py` with these options, on connections from the router."""
    from streamlit import config
    from streamlit.web import bootstrap, cli
    from streamlit.web.server.starlette import starlette_server

    global _channel
    _channel = Handed(fileno=int(_given[1]))
    _channel.setblocking(False)
    bind: Any = starlette_server._bind_server_socket
    settings = starlette_server._get_uvicorn_config_kwargs

    def bound(address: str, *rest: Any) -> tuple[socket.socket, str]:
        """The first worker binds the port, as Streamlit would, and gives it to the router."""
        global COUNT
        if config.get_option("server.sslCertFile"):
            COUNT = 1  # who asks cannot be read of what is encrypted
        if _given[2] == "0":
            listening, address = bind(address, *rest)
            Handed.name = listening.getsockname()
            socket.send_fds(_channel, [LISTENS + bytes([COUNT])], [listening.fileno()])
            listening.close()
        return _channel, address

    if not (config.is_manually_set("server.cookieSecret")
            and config.get_option("server.cookieSecret")):
        os.environ["STREAMLIT_SERVER_COOKIE_SECRET"] = os.environ[SECRET]
    # What was read to see that is forgotten, or the options would count as a change of it.
    config._config_options = None
    starlette_server._bind_server_socket = bound  # type: ignore[assignment]
    # Another event loop would accept connections by itself.
    starlette_server._get_uvicorn_config_kwargs = lambda: settings() | {"loop": "asyncio"}
    # What is set does not change while the server runs; looking for it five times a second costs.
    bootstrap._install_config_watchers = lambda *_: None
    if _given[2] == "1":
        bootstrap._print_url = lambda *_, **__: None
    cli.main(["run", str(Path(__file__).parents[2] / "app.py"), *options])
