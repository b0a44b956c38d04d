"""The pages as Streamlit knows them, made once: it would look at their files for each drawing."""

from collections.abc import Mapping
from copy import copy
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote

import streamlit as st
from streamlit.navigation.page import Page

_made: dict[str, Page] = {}


def known(folder: Path, pages: Mapping[str, tuple[str, str]]) -> list[Page]:
    """For `st.navigation`: of its own for each drawing, since one of them is run.

    pages  title and icon by the name of the page's folder in `folder`; the first is the default
    """
    for name, (title, icon) in pages.items():
        if name not in _made:
            _made[name] = st.Page(folder / name / "page.py", title=title, icon=icon, url_path=name,
                                  default=name == next(iter(pages)))
    return [copy(_made[name]) for name in pages]


@lru_cache
def picture(file: Path) -> str:
    """An SVG in one piece, as the browser's tab may have it."""
    return "data:image/svg+xml," + quote(file.read_text())
