"""The dashboard in a process of its own, for tests and measurements from outside."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[1]
START_SECONDS = 60


def start_server(log: Path, *, port: int | None = None, options: tuple[str, ...] = (),
                 **environment: str) -> tuple[subprocess.Popen, str]:
    """The dashboard on this machine, on a free port if none is given: the process and its
    address."""
    port = port or free_port()
    command = [sys.executable, "-m", "dashboard", f"--server.port={port}",
               "--server.headless=true", "--server.address=127.0.0.1", *options]
    with log.open("w") as file:
        process = subprocess.Popen(command, cwd=ROOT, stdout=file, stderr=subprocess.STDOUT,
                                   env=os.environ | environment)
    address = f"http://127.0.0.1:{port}"
    for _ in range(2 * START_SECONDS):
        if process.poll() is not None:
            break
        try:
            urllib.request.urlopen(f"{address}/_stcore/health", timeout=1)
            return process, address
        except OSError:
            time.sleep(0.5)
    process.terminate()
    raise RuntimeError(f"no answer in {START_SECONDS} s, or an end: {log.read_text()[-2000:]}")


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def end(process: subprocess.Popen) -> None:
    process.terminate()
    process.wait(10)
