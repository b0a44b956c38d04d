"""Fixtures for tests of whole pages in Streamlit's own test harness."""

import pytest


@pytest.fixture(scope="session")
def control():
    """control(page.select_slider, "tau"): the widget of a word, however often it began anew."""
    def find(widgets, word: str):
        return next(w for w in widgets if (w.key or "").startswith(f"set {word} #"))

    return find
