"""What visitors are told before the server stops.

A signal to stop puts a notice on every open page; a moment later the server goes the way that it
goes without this.  Pages come back by themselves, since a browser asks until there is a server.
"""

import asyncio
import signal
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import FrameType
from typing import Any

from streamlit import runtime
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.RootContainer_pb2 import RootContainer

from dashboard.service import status, worker

NOTICE = ("The server is restarting. Your settings are in the address; this page comes back with"
          " them by itself.")
SHOWN = 15
"""Seconds that the notice stays: the page may be back by then."""
SECONDS = 1.5
"""Between the notice and the end: on a busy machine pages get what is written for them ten times as
fast."""


@asynccontextmanager
async def lifespan(app: Any) -> AsyncIterator[None]:
    """For `st.App(..., lifespan=lifespan)`: signs of life, and last words."""
    if threading.current_thread() is threading.main_thread():  # which alone gets signals
        for number in (signal.SIGTERM, signal.SIGINT):
            _tell_first(number, asyncio.get_running_loop())
    async with worker.repeated(worker.beat), worker.repeated(status.tell):
        yield


def _tell_first(number: signal.Signals, loop: asyncio.AbstractEventLoop) -> None:
    """Let the signal's present handler wait until pages have been told; a second signal does not
    wait."""
    before: Any = signal.getsignal(number)

    def stop(_: int, frame: FrameType | None) -> None:
        signal.signal(number, before)
        loop.call_soon_threadsafe(last_words)

    def last_words() -> None:
        loop.call_later(SECONDS if tell_all(NOTICE) else 0, before, number, None)

    signal.signal(number, stop)


def tell_all(text: str) -> int:
    """Put a notice on every open page, whatever it is doing; how many there are."""
    message = ForwardMsg()
    message.metadata.delta_path[:] = [RootContainer.EVENT, 0]
    message.delta.new_element.has_one_shot_effect = True
    toast = message.delta.new_element.toast
    toast.body, toast.icon, toast.duration = text, ":material/restart_alt:", SHOWN
    # Streamlit's public functions reach the session of the script that calls them and no other.
    sessions = runtime.get_instance()._session_mgr.list_active_sessions()
    for each in sessions:
        each.session._enqueue_forward_msg(message)
    return len(sessions)
