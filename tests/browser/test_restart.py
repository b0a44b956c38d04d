"""A server that is restarted under an open page."""

import signal
from urllib.parse import urlsplit

from tests.server import end, start_server


def test_a_page_tells_of_the_restart_and_comes_back_with_its_settings(visit, tmp_path):
    process, address = start_server(tmp_path / "first")
    try:
        tab = visit(address).open("/?v=1&m=64&alpha=0.5")
        tab.move("Noise level")
        query, drawn = tab.query(), tab.curve("test")
        process.send_signal(signal.SIGTERM)
        tab.page.get_by_text("The server is restarting").wait_for(timeout=30_000)
        process.wait(30)
        process, _ = start_server(tmp_path / "second",
                                  options=(f"--server.port={urlsplit(address).port}",))
        tab.page.wait_for_selector('[data-testid="stApp"][data-test-connection-state="CONNECTED"]',
                                   timeout=60_000)
        tab.settle()
        assert tab.query() == query and tab.curve("test") == drawn
        tab.move("Noise level")
        tab.page.get_by_text("The server is restarting").wait_for(state="detached", timeout=30_000)
        assert tab.curve("test") != drawn
    finally:
        end(process)
