"""What all tests share."""

import pytest

from tests import chromium as browser

CHROMIUM_ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)
"""For a Chromium in a container, run by root, that must not reach for the internet."""


@pytest.fixture(scope="session")
def chromium() -> dict:
    """Arguments for Playwright's `chromium.launch`."""
    path = browser.find()
    if path is None:
        pytest.fail("No Chromium found; `make test` installs one or says how.")
    return {"executable_path": path, "args": list(CHROMIUM_ARGUMENTS)}
