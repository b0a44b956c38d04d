"""The pages as Streamlit knows them, made once: it would look at their files for each drawing."""

from copy import copy
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

import streamlit as st
from streamlit.navigation.page import Page

from pages import PAGES

FOLDER = Path(__file__).parent
ICON = FOLDER.parent / "assets" / "icon.svg"


def known() -> list[Page]:
    """All pages, for `st.navigation`; of its own for each drawing, since one of them is run."""
    return [copy(page) for page in _pages()]


@lru_cache
def _pages() -> list[Page]:
    return [st.Page(FOLDER / name / "page.py", title=title, icon=icon, url_path=name,
                    default=name == "explorer")
            for name, (title, icon) in PAGES.items()]


@lru_cache
def icon() -> str:
    """Of the browser's tab, in one piece."""
    return "data:image/svg+xml," + quote(ICON.read_text())
