"""How many visitors the dashboard bears: `python -m bench.load --sessions 100 --page explorer`.

Each session is a websocket that speaks Streamlit's own messages, as a browser does: it opens the
page, moves a slider to settings of its own, and then one every 2 to 6 seconds, in turn to a value
that is new and back to the one before; the first move counts as new.  In between it asks for what
the page draws anew by a timer.  Measured are, in seconds, the times until the page's first curve
and until the whole page, until the curve after a move, and the answer of the health check all the
while.  Sessions, server and whatever else runs share the machine, so its load stands above the
table.  `--address` measures a server that runs already; else one is started, and its memory told.
"""

import asyncio
import os
import random
import statistics
import tempfile
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import click
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from pages import PAGES
from tests.server import end, start_server

CHART = "two_layer_dynamics_chart"
FULL = "The dashboard is full"
"""What a page says that has no place for its visitor."""
MOVED = ("set alpha #", "set tau #", "set a0 #", "set gamma0 #")
"""What the keys of the sliders begin with that sessions move."""
PAUSE = 2.0, 6.0
"""Seconds between two moves of a session: the least and the most."""
PATIENCE = 60.0
"""Seconds after which a page that is not there counts as an error."""
HEALTH_PERIOD = 0.2
FINISHED = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)


@dataclass
class Times:
    """Seconds that visitors waited, and what went wrong."""

    first: list[float] = field(default_factory=list)
    page: list[float] = field(default_factory=list)
    new: list[float] = field(default_factory=list)
    seen: list[float] = field(default_factory=list)
    health: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    turned_away: int = 0


@dataclass
class Slider:
    """A slider as the page describes it."""

    id: str
    options: list[str]
    value: str


class Session:
    """One visitor's websocket."""

    def __init__(self, socket: ClientConnection, page: str, seed: int):
        self._socket, self._page = socket, page
        self._random = random.Random(seed)
        self._hash = ""
        self._sliders: dict[str, Slider] = {}
        self._states: dict[str, WidgetState] = {}
        self._timers: dict[str, float] = {}
        self._full = False

    async def visit(self, times: Times, until: float) -> None:
        """Open the page and move sliders until the clock's `until`."""
        await self._run(times.first, times.page)
        times.turned_away += self._full
        back, at_home = None, False
        while time.monotonic() + PAUSE[1] < until:
            await self._look(self._random.uniform(*PAUSE))
            if self._full:
                continue
            if back is not None:
                await self._move(*back, times.seen)
                back = None
            elif moved := [key for key in self._sliders if key.startswith(MOVED)]:
                key = self._random.choice(moved)
                slider = self._sliders[key]
                others = [option for option in slider.options if option != slider.value]
                # From the page's default the few values would soon have been others' too.
                back, at_home = (key, slider.value) if at_home else None, True
                await self._move(key, self._random.choice(others), times.new)
            else:
                await self._run(times.seen)

    async def _look(self, seconds: float) -> None:
        """Stay so long, and have drawn anew what the page draws by a timer."""
        until = time.monotonic() + seconds
        while self._timers and (period := min(self._timers.values())) < until - time.monotonic():
            await asyncio.sleep(period)
            for fragment in list(self._timers):
                if fragment in self._timers:  # and the page has not been drawn anew
                    await self._run([], fragment=fragment)
        await asyncio.sleep(max(0.0, until - time.monotonic()))

    async def _move(self, key: str, value: str, curve: list[float]) -> None:
        state = WidgetState(id=self._sliders[key].id)
        state.string_array_value.data.append(value)
        self._states[key] = state
        await self._run(curve)

    async def _run(self, curve: list[float], page: list[float] | None = None, *,
                   fragment: str = "") -> None:
        """Ask for the script, or a fragment of it, to run; note when its first curve is there, and
        when all is."""
        ask = BackMsg()
        ask.rerun_script.fragment_id = fragment
        ask.rerun_script.is_auto_rerun = bool(fragment)
        state = ask.rerun_script
        if self._hash:
            state.page_script_hash = self._hash
        else:
            state.page_name = self._page
        state.widget_states.widgets.extend(self._states.values())
        start, drawn = time.monotonic(), False
        await self._socket.send(ask.SerializeToString())
        async with asyncio.timeout(PATIENCE):
            while True:
                message = ForwardMsg.FromString(await self._socket.recv())
                match message.WhichOneof("type"):
                    case "new_session":
                        self._hash = message.new_session.page_script_hash
                        if not message.metadata.run.fragment_ids:
                            self._timers.clear()
                    case "navigation":  # which page it is: the hash before was the app's
                        self._hash = message.navigation.page_script_hash
                    case "auto_rerun":
                        self._timers[message.auto_rerun.fragment_id] = message.auto_rerun.interval
                    case "delta":
                        if self._read(message) and not drawn:
                            drawn = True
                            curve.append(time.monotonic() - start)
                    case "script_finished":
                        if message.script_finished in FINISHED:
                            break
        if self._full:
            return
        if not drawn:  # a page without a curve, such as a tab of words
            curve.append(time.monotonic() - start)
        if page is not None:
            page.append(time.monotonic() - start)

    def _read(self, message: ForwardMsg) -> bool:
        """Take down a slider; True for a chart.  Raises RuntimeError for an error on the page."""
        element = message.delta.new_element
        match element.WhichOneof("type"):
            case "slider":
                slider = element.slider
                key = slider.id.rpartition("-")[2]
                self._sliders[key] = Slider(slider.id, list(slider.options),
                                            slider.options[int(slider.default[0])])
            case "alert":
                self._full |= FULL in element.alert.body
            case "exception":
                raise RuntimeError(element.exception.message)
            case "bidi_component":
                return element.bidi_component.component_name == CHART
        return False


async def visitor(address: str, page: str, seed: int, delay: float, until: float, times: Times
                  ) -> None:
    """One session from its arrival after `delay` seconds to the clock's `until`."""
    await asyncio.sleep(delay)
    host = urlsplit(address).netloc
    try:
        async with connect(f"ws://{host}/_stcore/stream", subprotocols=["streamlit"],
                           max_size=None, open_timeout=PATIENCE) as socket:
            await Session(socket, page, seed).visit(times, until)
    except (OSError, TimeoutError, WebSocketException, RuntimeError) as error:
        times.errors.append(f"{type(error).__name__} {error}"[:200])


async def health(address: str, until: float, times: Times) -> None:
    """Ask for the server's health all the while."""
    def ask() -> float:
        start = time.monotonic()
        with urllib.request.urlopen(f"{address}/_stcore/health", timeout=PATIENCE):
            return time.monotonic() - start

    while time.monotonic() < until:
        try:
            times.health.append(await asyncio.to_thread(ask))
        except OSError as error:
            times.errors.append(f"health: {error}")
        await asyncio.sleep(HEALTH_PERIOD)


async def load(address: str, page: str, sessions: int, seconds: float, arrive: float) -> Times:
    """`sessions` visitors of a page, who come within `arrive` seconds and stay for `seconds`."""
    times, until = Times(), time.monotonic() + seconds
    await asyncio.gather(
        health(address, until, times),
        *(visitor(address, page, n, arrive * n / sessions, until, times)
          for n in range(sessions)))
    return times


def memory(process: int) -> float:
    """Resident memory in MB of a process and those that it has started; NaN where the system does
    not tell."""
    try:
        pages = int(Path(f"/proc/{process}/statm").read_text().split()[1])
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
    except OSError:
        return float("nan")
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6 + sum(memory(int(child)) for child in children)


def quantiles(times: list[float]) -> str:
    """Median / 95 %."""
    if len(times) < 2:
        return f"{times[0]:.2f} / –" if times else "–"
    cuts = statistics.quantiles(times, n=20, method="inclusive")
    return f"{cuts[9]:.2f} / {cuts[18]:.2f}"


@click.command()
@click.option("--sessions", default=30, help="Visitors at the same time.")
@click.option("--page", "pages", multiple=True, type=click.Choice(list(PAGES)),
              default=list(PAGES),
              help="May be given several times; every page one after the other if left out.")
@click.option("--seconds", default=60.0, help="How long each page is measured.")
@click.option("--arrive", default=5.0, help="Seconds within which the visitors come.")
@click.option("--address", help="Of a server that runs already, as http://127.0.0.1:8501")
def main(sessions: int, pages: tuple[str, ...], seconds: float, arrive: float,
         address: str | None) -> None:
    """Measure pages under load."""
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}; {sessions} sessions"
          f" within {arrive:g} s, each page for {seconds:g} s; median / 95 %, in s")
    print(f"{'page':<20}{'first curve':>15}{'whole page':>15}{'new setting':>15}{'seen':>15}"
          f"{'health 99 %':>13}{'moves':>7}{'full':>6}{'errors':>8}{'MB':>12}", flush=True)
    for page in pages:
        process = None
        if address is None:
            log = Path(tempfile.mkdtemp()) / "log"
            process, served = start_server(log)
        else:
            served = address
        try:
            asyncio.run(load(served, "explorer", 4, PAUSE[1] + 1, 0))  # loads the kernels
            before = memory(process.pid) if process else float("nan")
            times = asyncio.run(load(served, page, sessions, seconds, arrive))
            after = memory(process.pid) if process else float("nan")
        finally:
            if process is not None:
                end(process)
        slow = statistics.quantiles(times.health, n=100, method="inclusive")[-1]
        print(f"{page:<20}{quantiles(times.first):>15}{quantiles(times.page):>15}"
              f"{quantiles(times.new):>15}{quantiles(times.seen):>15}{slow:>13.2f}"
              f"{len(times.new) + len(times.seen):>7}{times.turned_away:>6}{len(times.errors):>8}"
              f"{before:>6.0f}{after:>6.0f}", flush=True)
        for error in sorted(set(times.errors)):
            print(f"    {times.errors.count(error)} × {error}")


if __name__ == "__main__":
    main()
