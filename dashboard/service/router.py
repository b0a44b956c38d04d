"""One port, several processes: who answers which visitor.

    python -m dashboard                 # DASHBOARD_WORKERS processes, one interpreter each

An interpreter draws one page at a time.  The process that was started holds the port and does
nothing else: it looks at how each connection begins and hands the connection itself, not what
goes over it, to one of its workers (`dashboard.service.worker`).  All of a visitor's connections
go to the worker that he came to first, by a cookie, since a session and its files live in one
process; new visitors go to the workers in turn.  It answers for their health, and starts a worker
that has ended once more.

Only the standard library is imported here: this process is the one that must always have time.
"""

import asyncio
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path

WORKER = "DASHBOARD_WORKER"
"""What a worker reads of the environment: its number, its end of the channel, the folder that it
shares with the others, and whether somebody holds the port already."""
COOKIE = "worker"
HEALTH = b"/_stcore/health"
LISTENS, LIVES, WARM = b"L", b".", b"W"
"""What workers tell: the port is held, with its socket and a byte for the number of workers that
there are to be; the event loop runs; the kernels are loaded."""
BEAT = 1.0
"""Seconds between two signs of life."""
SILENT = 30.0
"""Seconds after which a worker without one is taken to be ill."""
HEAD = 16_384
"""Bytes of a request that are looked at, at most."""
PATIENCE = 10.0
"""Seconds in which a request must have begun."""
LEAVE = 10.0
"""Seconds that workers have to end."""
PAUSE = 5.0
"""Seconds between two starts of one worker, at least."""


class Worker:
    """One process, and this end of its channel."""

    def __init__(self, number: int, options: list[str], folder: str, bound: bool):
        here, there = socket.socketpair()
        here.setblocking(False)
        environment = os.environ | {WORKER: f"{number} {there.fileno()} {bound:d} {folder}"}
        # Not in this process's group: Ctrl-C is handed on, or it would come twice.
        self.process = subprocess.Popen(
            [sys.executable, "-m", "dashboard", *options], env=environment,
            pass_fds=[there.fileno()], start_new_session=True)
        there.close()
        self.channel, self.number = here, number
        self.started = self.seen = time.monotonic()
        self.warm = False

    def take(self, connection: socket.socket) -> bool:
        """Hand a connection over; False where the worker has no room for it."""
        try:
            socket.send_fds(self.channel, [b"c"], [connection.fileno()])
        except OSError:
            return False
        return True

    def alive(self) -> bool:
        return self.process.poll() is None

    def healthy(self) -> bool:
        return self.alive() and time.monotonic() - self.seen < SILENT


class Router:
    """All workers of one port."""

    def __init__(self, options: list[str], folder: str):
        self._options, self._folder = options, folder
        self._workers: dict[int, Worker] = {}
        self._count = 1
        self._listening: socket.socket | None = None
        self._ends = False
        self._turn = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> int:
        """Until the port is given up; the exit status."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._end, number)
        self._start(0)
        while not self._ends:
            await asyncio.sleep(0.1)
            for worker in list(self._workers.values()):
                if worker.alive() or self._ends:
                    continue
                if self._listening is None:
                    return worker.process.returncode or 1  # and has said why
                if time.monotonic() > worker.started + PAUSE:
                    self._replace(worker)
        give_up = time.monotonic() + LEAVE
        while any(worker.alive() for worker in self._workers.values()):
            if time.monotonic() > give_up:
                for worker in self._workers.values():
                    worker.process.kill()
            await asyncio.sleep(0.05)
        return 0

    def _end(self, number: signal.Signals) -> None:
        if self._listening is not None and not self._ends:
            asyncio.get_running_loop().remove_reader(self._listening.fileno())
            self._listening.close()
        self._ends = True
        for worker in self._workers.values():
            with suppress(OSError):
                worker.process.send_signal(number)

    # ---- workers

    def _start(self, number: int) -> None:
        worker = Worker(number, self._options, self._folder, self._listening is not None)
        self._workers[number] = worker
        asyncio.get_running_loop().add_reader(worker.channel.fileno(), self._hear, worker)

    def _replace(self, worker: Worker) -> None:
        """Start a worker that has ended once more; after a pause, if no process can be had."""
        said = f"worker {worker.number} ended with status {worker.process.returncode}"
        try:
            self._start(worker.number)
            print(f"{said}; it is started again", file=sys.stderr, flush=True)
        except OSError as error:
            worker.started = time.monotonic()
            print(f"{said}; it cannot be started: {error}", file=sys.stderr, flush=True)
            return
        asyncio.get_running_loop().remove_reader(worker.channel.fileno())
        worker.channel.close()

    def _hear(self, worker: Worker) -> None:
        """What a worker tells."""
        try:
            said, sockets, _, _ = socket.recv_fds(worker.channel, 64, 1)
        except BlockingIOError:
            return
        except OSError:
            said, sockets = b"", []
        if not said:  # its end is closed: `run` sees to it
            asyncio.get_running_loop().remove_reader(worker.channel.fileno())
            return
        worker.seen = time.monotonic()
        worker.warm |= WARM in said
        if sockets:
            self._count = said[said.index(LISTENS) + 1]
            self._listen(socket.socket(fileno=sockets[0]))
        if self._listening is not None:
            # The first one compiles what the others then only load.
            for number in range(1, self._count):
                if number not in self._workers and self._workers[number - 1].warm:
                    self._start(number)

    # ---- connections

    def _listen(self, listening: socket.socket) -> None:
        self._listening = listening
        listening.setblocking(False)
        listening.listen(2048)
        self._watch(listening)

    def _watch(self, listening: socket.socket) -> None:
        if not self._ends:
            asyncio.get_running_loop().add_reader(listening.fileno(), self._accept, listening)

    def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        try:
            connection, _ = listening.accept()
        except BlockingIOError:
            return
        except OSError:  # more connections than this process may have: the others wait a moment
            loop.remove_reader(listening.fileno())
            loop.call_later(1.0, self._watch, listening)
            return
        connection.setblocking(False)
        task = loop.create_task(self._hand_over(connection))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _hand_over(self, connection: socket.socket) -> None:
        with connection:
            head = await begun(connection)
            if head is None:
                return
            if asks_for_health(head):
                with suppress(OSError):
                    connection.recv(HEAD)
                    connection.send(self._health())
                return
            own, give_up = chosen(head), time.monotonic() + PATIENCE
            while not self._ends and time.monotonic() < give_up:
                worker = self._next() if own not in self._workers else self._workers[own]
                if worker is not None and worker.alive() and worker.take(connection):
                    return
                await asyncio.sleep(0.1)  # it is being started again

    def _next(self) -> Worker | None:
        """The next healthy worker in turn; None where all are being started again."""
        healthy = [worker for worker in self._workers.values() if worker.healthy()]
        self._turn += 1
        return healthy[self._turn % len(healthy)] if healthy else None

    def _health(self) -> bytes:
        good = all(worker.healthy() for worker in self._workers.values())
        body = b"ok" if good else b"a worker does not answer"
        return (b"HTTP/1.1 " + (b"200 OK" if good else b"503 Service Unavailable")
                + b"\r\nContent-Type: text/plain\r\nX-Content-Type-Options: nosniff"
                  b"\r\nCache-Control: no-store\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
                % len(body) + body)


async def begun(connection: socket.socket) -> bytes | None:
    """The head of a request, still to be read by a worker; what there is of it after PATIENCE.
    None from who has gone or says nothing."""
    loop, give_up = asyncio.get_running_loop(), time.monotonic() + PATIENCE
    readable = asyncio.Event()
    loop.add_reader(connection.fileno(), readable.set)
    try:
        async with asyncio.timeout(PATIENCE):
            await readable.wait()
    except TimeoutError:
        return None
    finally:
        loop.remove_reader(connection.fileno())
    while True:
        try:
            head = connection.recv(HEAD, socket.MSG_PEEK)
        except OSError:
            return None
        if not head or b"\r\n\r\n" in head or len(head) == HEAD or time.monotonic() > give_up:
            return head or None
        await asyncio.sleep(0.02)  # the rest is under way


def asks_for_health(head: bytes) -> bool:
    method, _, rest = head.partition(b" ")
    path, *_ = rest.split(b" ", 1)
    return method in (b"GET", b"HEAD") and path.partition(b"?")[0].endswith(HEALTH)


def chosen(head: bytes) -> int | None:
    """The number of the worker that a request's cookie names."""
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        if name.strip().lower() == b"cookie":
            for part in value.split(b";"):
                key, _, number = part.strip().partition(b"=")
                if key == COOKIE.encode() and number.isdigit() and len(number) < 4:
                    return int(number)
    return None


def main(options: list[str]) -> int:
    """Hold the port and keep the workers; the exit status."""
    try:
        folder = tempfile.mkdtemp(prefix="dashboard-")
    except OSError:
        folder = ""  # nothing can be shared: one worker is all that there will be
    # What one worker has signed another can read.
    os.environ.setdefault("STREAMLIT_SERVER_COOKIE_SECRET", secrets.token_hex(32))
    try:
        return asyncio.run(Router(options, folder).run())
    finally:
        if folder:
            shutil.rmtree(Path(folder), ignore_errors=True)
