"""The dashboard: `python -m dashboard`, or in a single process `streamlit run app.py`.

Streamlit reads this file twice over: once as the web server's description (`app` below),
and once per visit as the script that draws the page.
"""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboard.components import navigation
from dashboard.components.reconnect import reconnect
from dashboard.service import farewell, kernels, logs, server, visitor
from dashboard.service.api import Solver
from dashboard.service.door import FrontDoor
from dashboard.service.turns import doors, drawing, turns
from pages import PAGES
from pages.explorer import picture

FOLDER = Path(__file__).parent / "pages"
ASSETS = Path(__file__).parent / "assets"
AGAIN = 15
"""Seconds after which a visitor who found the dashboard full is let in if there is room."""


def draw() -> None:
    """Navigation, then the chosen page, when it is this visitor's turn."""
    embedded = st.context.is_embedded  # ?embed=true: the page alone, for a frame elsewhere
    icon = navigation.picture(ASSETS / "icon.svg")
    st.set_page_config("Learning, then overfitting", icon, layout="wide",
                       initial_sidebar_state="collapsed" if embedded else "auto")
    st.html(ASSETS / "page.css")
    session = get_script_run_ctx().session_id
    if not doors.enter(session):
        st.fragment(full, run_every=AGAIN)()
        st.stop()
    visitor.arrive()
    reconnect()
    page = st.navigation(navigation.known(FOLDER, PAGES), position="hidden" if embedded else "top")
    if not kernels.ready():
        st.toast("The solver is being made ready; on a new machine it is compiled first. Sliders"
                 " answer when that is done.",
                 icon=":material/build:", duration="long")
    with turns.taken(), drawing.page(session):
        page.run()


def full() -> None:
    """What a visitor sees who finds no place; asks again by itself."""
    if doors.enter(get_script_run_ctx().session_id):
        st.rerun()
    st.warning(f"The dashboard is full: {doors.places} pages are open. It tries again every"
               f" {AGAIN} seconds; your settings stay in the address.", icon=":material/hourglass:")


# A folder named `pages` makes Streamlit draw its old automatic list of pages until the first
# `st.navigation` of the process, which a first visit to /theory would never reach.
PagesManager.uses_pages_directory = False

if get_script_run_ctx(suppress_warning=True) is None:
    logs.in_json()
    server.prepare()
    kernels.prepare()
    app = st.App(__file__, middleware=[Middleware(FrontDoor), *server.middleware()],
                 routes=Solver(lambda run, other: picture.chart(run, other).data).routes(),
                 lifespan=farewell.lifespan)
else:
    draw()
