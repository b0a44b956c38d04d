"""One port, several processes: who answers which visitor.

    python -m dashboard                 # DASHBOARD_WORKERS processes, one interpreter each

An interpreter draws one page at a time.  The process that was started holds the port and does
nothing else: it looks at how each connection begins and hands the connection itself, not what
goes over it, to one of its workers (`dashboard.service.worker`).  All of a visitor's connections
go to the worker that he came to first, by a cookie, since a session and its files live in one
process; new visitors go to the workers in turn.  It answers for their health, and starts a worker
that has ended or fallen silent once more.

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

CHANNEL = "_DASHBOARD_CHANNEL"
"""What a worker reads of the environment: its number, its end of the channel, whether somebody
holds the port already, and the folder that it shares with the others."""
SECRET = "_DASHBOARD_SECRET"
"""In the environment, what workers sign cookies with unless they are configured to use another."""
COOKIE = "worker"
HEALTH = b"/_stcore/health"
LISTENS, LIVES = b"L", b"."
"""What workers tell: the port is held, with its socket and a byte for the number of workers that
there are to be; and that the event loop runs."""
VISITORS, STATUS = "visitors", "status"
"""What a worker keeps in the folder about itself, true while it lives: `<name>-<number>.json`."""
BEAT = 1.0
"""Seconds between two signs of life."""
SILENT, LOST = 30.0, 90.0
"""Seconds after which a worker without one is taken to be ill, and is ended."""
HEAD = 16_384
"""Bytes of a request that are looked at, at most."""
PATIENCE = 10.0
"""Seconds in which a request must have begun, or a worker be found for it."""
LEAVE = 8.0
"""Seconds that workers have to end."""
PAUSE = 5.0
"""Seconds between two starts of one worker, at least."""


class Worker:
    """One process, and this end of its channel.  Raises OSError where none can be had."""

    def __init__(self, number: int, options: list[str], folder: str, bound: bool):
        here, there = socket.socketpair()
        here.setblocking(False)
        environment = os.environ | {CHANNEL: f"{number} {there.fileno()} {bound:d} {folder}"}
        try:
            # Not in this process's group: Ctrl-C is handed on, or it would come twice.
            self.process = subprocess.Popen(
                [sys.executable, "-m", "dashboard", *options], env=environment,
                pass_fds=[there.fileno()], start_new_session=True)
        except OSError:
            here.close()
            raise
        finally:
            there.close()
        self.channel, self.number = here, number
        self.started = self.seen = time.monotonic()
        self.lives = False

    def take(self, connection: socket.socket) -> bool:
        """Hand a connection over; False where the worker has no room for it."""
        try:
            socket.send_fds(self.channel, [b"c"], [connection.fileno()])
        except OSError:
            return False
        return True

    def ended(self) -> bool:
        return self.process.poll() is not None

    def healthy(self) -> bool:
        return self.lives and not self.ended() and time.monotonic() - self.seen < SILENT


class Router:
    """All workers of one port."""

    def __init__(self, options: list[str], folder: str, connections: int = 512):
        self._options, self._folder, self._most = options, folder, connections
        self._workers: dict[int, Worker] = {}
        self._count = 1
        self._listening: socket.socket | None = None
        self._cookie = b""
        self._ends = False
        self._turn = 0
        self._tasks: set[asyncio.Task[None]] = set()

    async def run(self) -> int:
        """Until the port is given up; the exit status."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            loop.add_signal_handler(number, self._end, number)
        self._start(0)
        lived = False
        while not self._ends:
            await asyncio.sleep(0.1)
            lived |= self._workers[0].lives
            for worker in list(self._workers.values()):
                if not worker.ended():
                    if time.monotonic() - worker.seen > LOST:
                        worker.process.kill()
                elif not lived:
                    return worker.process.returncode  # and has said why
                elif time.monotonic() > worker.started + PAUSE and not self._ends:
                    self._replace(worker)
        give_up = time.monotonic() + LEAVE
        while not all(worker.ended() for worker in self._workers.values()):
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
                worker.process.send_signal(
                    signal.SIGTERM if number == signal.SIGHUP else number)

    # ---- workers

    def _start(self, number: int) -> None:
        worker = Worker(number, self._options, self._folder, self._listening is not None)
        self._workers[number] = worker
        asyncio.get_running_loop().add_reader(worker.channel.fileno(), self._hear, worker)

    def _replace(self, worker: Worker) -> None:
        """Start a worker that has ended once more; after a pause, if no process can be had."""
        said = f"worker {worker.number} ended with status {worker.process.returncode}"
        for name in (VISITORS, STATUS) if self._folder else ():  # nobody is its visitor any more
            with suppress(OSError):
                Path(self._folder, f"{name}-{worker.number}.json").unlink(missing_ok=True)
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
        if sockets:
            self._count = said[said.index(LISTENS) + 1]
            self._listen(socket.socket(fileno=sockets[0]))
        worker.lives |= said.endswith(LIVES)
        if worker.lives and not self._ends:
            for number in set(range(self._count)) - self._workers.keys():
                with suppress(OSError):  # at the next beat
                    self._start(number)

    # ---- connections

    def _listen(self, listening: socket.socket) -> None:
        self._listening = listening
        self._cookie = cookie(listening.getsockname()[1]).encode()
        listening.setblocking(False)
        listening.listen(2048)
        self._watch(listening)

    def _watch(self, listening: socket.socket) -> None:
        if not self._ends:
            asyncio.get_running_loop().add_reader(listening.fileno(), self._accept, listening)

    def _accept(self, listening: socket.socket) -> None:
        loop = asyncio.get_running_loop()
        try:
            if len(self._tasks) >= self._most:
                raise BufferError
            connection, _ = listening.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        except (OSError, BufferError):  # more than this process may have: the others wait a moment
            loop.remove_reader(listening.fileno())
            loop.call_later(0.2, self._watch, listening)
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
            own = self._workers.get(chosen(head, self._cookie))
            if asks_for_health(head):
                with suppress(OSError):
                    connection.recv(HEAD)
                    connection.send(health([own] if own else [*self._workers.values()]))
                return
            give_up = time.monotonic() + PATIENCE
            while not self._ends and time.monotonic() < give_up:
                if any(worker.take(connection) for worker in self._order(own)):
                    return
                await asyncio.sleep(0.1)  # they are being started, or their queues are full

    def _order(self, own: Worker | None) -> list[Worker]:
        """The workers that can have a connection: the visitor's own, then the others in turn."""
        healthy = [worker for worker in self._workers.values() if worker.healthy()]
        # A browser opens several connections: counted, they would send all visitors to one worker.
        self._turn += own not in healthy
        turn = self._turn % max(1, len(healthy))
        return sorted(healthy[turn:] + healthy[:turn], key=lambda worker: worker is not own)


def cookie(port: int) -> str:
    """The name of the cookie with a visitor's worker: a host may have several ports."""
    return f"{COOKIE}-{port}"


def health(workers: list[Worker]) -> bytes:
    """The answer of the health check."""
    good = all(worker.healthy() for worker in workers)
    body = b"ok" if good else b"a worker does not answer"
    return (b"HTTP/1.1 " + (b"200 OK" if good else b"503 Service Unavailable")
            + b"\r\nContent-Type: text/plain\r\nX-Content-Type-Options: nosniff"
              b"\r\nCache-Control: no-store\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
            % len(body) + body)


async def begun(connection: socket.socket) -> bytes | None:
    """The head of a request, still to be read by a worker; of one that is encrypted, its beginning.
    None from who has gone, or has not said all of it within PATIENCE."""
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
    pause = 0.01
    while time.monotonic() < give_up:
        try:
            head = connection.recv(HEAD, socket.MSG_PEEK)
        except OSError:
            return None
        if b"\n\r\n" in head or b"\n\n" in head or len(head) == HEAD \
                or not head[:1].isalpha():
            return head or None
        pause = min(2 * pause, 0.5)
        await asyncio.sleep(pause)  # the rest is under way
    return None


def asks_for_health(head: bytes) -> bool:
    method, _, rest = head.partition(b" ")
    path, *_ = rest.split(b" ", 1)
    return method in (b"GET", b"HEAD") and path.partition(b"?")[0].endswith(HEALTH)


def chosen(head: bytes, name: bytes) -> int:
    """The number of the worker that a request's cookie names; −1 for none."""
    for line in head.split(b"\n")[1:]:
        field, _, value = line.partition(b":")
        if field.strip().lower() == b"cookie":
            for part in value.split(b";"):
                key, _, number = part.strip().partition(b"=")
                if key == name and number.isdigit() and len(number) < 4:
                    return int(number)
    return -1


def main(options: list[str]) -> int:
    """Hold the port and keep the workers; the exit status."""
    import resource  # not on Windows, where this is not called

    try:
        folder = tempfile.mkdtemp(prefix="dashboard-")
    except OSError:
        folder = ""  # nothing can be shared: one worker is all that there will be
    # What one worker has signed another can read.
    os.environ[SECRET] = secrets.token_hex(32)
    _, files = resource.getrlimit(resource.RLIMIT_NOFILE)
    files = 65_536 if files == resource.RLIM_INFINITY else min(files, 65_536)
    resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    try:
        # Some are left for channels and for starting a worker.
        return asyncio.run(Router(options, folder, max(8, files // 2)).run())
    finally:
        if folder:
            shutil.rmtree(Path(folder), ignore_errors=True)
