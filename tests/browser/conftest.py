"""A server on a free port and a real Chromium, for tests that look at the page as a visitor."""

import os
import shutil
from collections.abc import Callable

import pytest
from playwright.sync_api import TimeoutError as PlaywrightTimeoutError
from playwright.sync_api import sync_playwright

from tests.server import ROOT, end, start_server

PATIENCE = 120_000
"""Milliseconds for whatever is waited for: the first visit may compile the kernels, and a busy
machine takes its time."""
COMING = '.tl-chart[aria-busy=true], [data-testid="stSkeleton"]'
"""What stands where something is still to be drawn: a chart, a widget whose script loads."""
OPENING = "two-layer-dynamics opening seen"
"""What a browser keeps that has seen the explorer play itself."""
CHROMIUM_FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]


def find_chromium() -> str | None:
    """$CHROMIUM, an installed browser, or None for the one that playwright brings."""
    names = (os.environ.get("CHROMIUM"), "/usr/bin/chromium", "chromium", "chromium-browser",
             "google-chrome")
    return next((found for name in names if name and (found := shutil.which(name))), None)


# Python runs a sitecustomize.py at its start.  This one makes each row of a long run wait, so
# that a visitor has time to watch and to stop it on the fastest machine too.
SLOW_MOTION = """
import time
from dataclasses import replace
import engine
from engine.monitor import Monitor

fast = engine.solve

def solve(parameters, *arguments, monitor=Monitor(), **rest):
    def waiting():
        time.sleep(0.03)
        return monitor.cancel()

    slow = replace(monitor, cancel=waiting) if parameters.m >= 300 else monitor
    return fast(parameters, *arguments, monitor=slow, **rest)

engine.solve = solve
"""


@pytest.fixture(scope="session")
def address(tmp_path_factory):
    """Of a server for the whole session: DASHBOARD_ADDRESS, such as a container's, or a new one."""
    if running := os.environ.get("DASHBOARD_ADDRESS"):
        yield running
        return
    process, address = start_server(tmp_path_factory.mktemp("server") / "log")
    yield address
    end(process)


@pytest.fixture
def fresh_address(tmp_path):
    """A server that nobody has visited yet."""
    process, address = start_server(tmp_path / "log")
    yield address
    end(process)


@pytest.fixture(scope="module")
def slow_address(tmp_path_factory):
    """A server on which runs of width 300 and more take many seconds (SLOW_MOTION)."""
    folder = tmp_path_factory.mktemp("slow server")
    (folder / "sitecustomize.py").write_text(SLOW_MOTION)
    process, address = start_server(
        folder / "log", PYTHONPATH=os.pathsep.join([str(folder), str(ROOT)]))
    yield address
    end(process)


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


class Visit:
    """One visitor's tab on the explorer, with what went wrong and what was asked for; `first` for
    a browser that has not seen the opening."""

    def __init__(self, browser, address: str, width: int = 1280, height: int = 900,
                 first: bool = False, **context):
        self.context = browser.new_context(viewport={"width": width, "height": height},
                                           accept_downloads=True, **context)
        if not first:
            self.context.add_init_script(f"localStorage.setItem('{OPENING}', '1')")
        self.context.set_default_timeout(PATIENCE)
        self.page = self.context.new_page()
        self.address = address
        self.requests, self.errors, self.messages = [], [], 0
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("websocket", self._count)

    def _count(self, socket):
        def count(_):
            self.messages += 1

        socket.on("framesent", count)
        socket.on("framereceived", count)

    def open(self, link: str = "") -> "Visit":
        self.page.goto(self.address + link)
        self.page.wait_for_selector(".tl-chart[data-revision]")
        self.settle()
        return self

    def settle(self) -> None:
        """Until the page's script has run and nothing redraws any more."""
        for _ in range(2):  # a chart may ask for the script again
            self.idle()
            self.page.wait_for_function("query => !document.querySelector(query)", arg=COMING)
            self.page.wait_for_timeout(150)

    def idle(self) -> None:
        """Until the page's script has run; the chart may still be drawn."""
        self.page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')

    @property
    def chart(self):
        return self.page.get_by_test_id("tl-chart")

    def revision(self) -> int:
        return int(self.chart.get_attribute("data-revision"))

    def slider(self, label: str):
        """The input of the sidebar's slider whose label begins with `label`."""
        return self.page.locator(
            f'[data-testid="stSlider"]:has(label:has-text("{label}")) input[type=range]')

    def move(self, label: str, key: str = "ArrowRight", times: int = 1) -> None:
        """Move a slider by keys and wait for the new link and curve.

        The link tells that the server has taken the move: a chart may also be drawn again for an
        earlier one.
        """
        for _ in range(times):
            before = self.query()
            self.slider(label).press(key)
            self.page.wait_for_function("query => location.search !== query", arg=before)
            self.settle()

    def hold(self, label: str) -> Callable[[int], None]:
        """Take a slider's thumb with the mouse; call what is returned to move it on by stops."""
        slider = self.slider(label)
        track = slider.locator("xpath=ancestor::*[@data-orientation][1]").bounding_box()
        stops, at = int(slider.get_attribute("max")), int(slider.get_attribute("value"))
        place = lambda stop: track["x"] + track["width"] * stop / stops  # noqa: E731
        height = track["y"] + track["height"] / 2
        self.page.mouse.move(place(at), height)
        self.page.mouse.down()

        def move(by: int) -> None:
            nonlocal at
            at += by
            self.page.mouse.move(place(at), height)

        return move

    def curve(self, name: str, axis: str = "y") -> list[float]:
        """The values that Plotly holds for the curve called `name`."""
        return self.page.evaluate(
            "([name, axis]) => [...document.querySelectorAll('.tl-plot')].flatMap(p => p.data)"
            ".find(trace => trace.name === name)[axis].slice()", [name, axis])

    def choose_example(self, name: str) -> None:
        """By typing: the list holds only those options that are in sight.  A page that is still
        drawn may close it again: a visitor then types once more."""
        option = self.page.get_by_role("option", name=name)
        for _ in range(10):
            self.page.locator('[data-testid="stSelectbox"] input').first.fill(name)
            try:
                option.click(timeout=PATIENCE / 10)
                # A list that stays open keeps the rest of the page from being used.
                self.page.keyboard.press("Escape")
                return option.first.wait_for(state="detached", timeout=PATIENCE / 10)
            except PlaywrightTimeoutError:
                continue
        raise AssertionError(f"no example {name!r} to choose")

    def example(self) -> str:
        """The example that the sidebar names."""
        return self.page.locator('[data-testid="stSelectbox"] input').first.input_value()

    def query(self) -> str:
        return self.page.evaluate("location.search")


@pytest.fixture
def visit(browser, address):
    """Call it for a new visitor: visit(width=390).open("/?alpha=1")."""
    visits = []

    def new(address: str = address, **options) -> Visit:
        visits.append(Visit(browser, address, **options))
        return visits[-1]

    yield new
    for each in visits:
        each.context.close()
