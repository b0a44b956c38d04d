"""A server that stops under an open page, and one that starts in its place."""

from urllib.parse import urlsplit

import pytest

from tests.browser.conftest import Visit
from tests.server import end, start_server

CONNECTED = '[data-testid="stApp"][data-test-connection-state="CONNECTED"]'
CURVE = "test"


@pytest.fixture
def servers(tmp_path):
    """Starts the dashboard, always at the same port, and ends what it has started."""
    started = []

    def start():
        port = urlsplit(started[-1][1]).port if started else None
        started.append(start_server(tmp_path / f"{len(started)}", port=port))
        return started[-1]

    yield start
    for process, _ in started:
        if process.poll() is None:
            end(process)


KEY = """() => document.querySelector('[class*="st-key-set-tau"]')
    ?.className.match(/st-key-set-tau\\S*/)?.[0]"""
"""Of the slider; each session gives its widgets keys of their own."""


def come_back(tab, old: str) -> None:
    """Until the page has been drawn by the new server."""
    tab.page.wait_for_function(f"old => ![undefined, old].includes(({KEY})())", arg=old)
    tab.settle()


@pytest.mark.parametrize("how", ["terminate", "kill"])
def test_an_open_page_comes_back_by_itself_with_its_settings(browser, servers, how):
    process, address = servers()
    tab = Visit(browser, address).open("/?v=1&m=64&alpha=0.5")
    tab.move("Noise level")
    link, before, key = tab.query(), tab.curve(CURVE), tab.page.evaluate(KEY)
    getattr(process, how)()
    if how == "terminate":
        tab.page.get_by_text("The server is restarting").wait_for()
    tab.page.wait_for_selector(CONNECTED, state="detached")
    process.wait(20)
    servers()
    come_back(tab, key)
    assert tab.query() == link and tab.curve(CURVE) == before
    tab.move("Noise level")
    assert tab.curve(CURVE) != before, "the new server takes moves"


def test_a_move_that_no_server_has_taken_is_taken_back(browser, servers):
    """Between the old server's end and the new one's first answer the sliders still move."""
    process, address = servers()
    tab = Visit(browser, address).open("/?v=1&m=64&alpha=0.5")
    link, key = tab.query(), tab.page.evaluate(KEY)
    value = tab.slider("Noise level").get_attribute("aria-valuetext")
    process.kill()
    process.wait(20)
    servers()
    tab.page.wait_for_selector(CONNECTED)
    tab.slider("Noise level").press("ArrowRight")
    come_back(tab, key)
    moved = tab.slider("Noise level").get_attribute("aria-valuetext") != value
    assert moved is (tab.query() != link), "the slider shows what the address and the curve have"
