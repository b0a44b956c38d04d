"""The dashboard: `streamlit run app.py`.

Streamlit reads this file twice over: once as the web server's description (`app` below),
and once per visit as the script that draws the page.
"""

from pathlib import Path

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager
from streamlit.runtime.scriptrunner import get_script_run_ctx

from dashboard.service import server, visitor
from dashboard.service.jobs import warm_up

PAGES = {
    "explorer": ("Explorer", ":material/show_chart:"),
    "lazy_vs_mean_field": ("Lazy vs mean-field", ":material/balance:"),
    "regimes": ("Regimes and thresholds", ":material/map:"),
    "unequal": ("Unequal neurons", ":material/diversity_3:"),
    "finding": ("Finding", ":material/lightbulb:"),
    "networks": ("Networks", ":material/hub:"),
    "lecture": ("Lecture", ":material/co_present:"),
    "exercises": ("Exercises", ":material/quiz:"),
    "theory": ("Theory", ":material/menu_book:"),
}
FOLDER = Path(__file__).parent / "pages"
ASSETS = Path(__file__).parent / "assets"


def draw() -> None:
    """Navigation, then the chosen page."""
    embedded = st.context.is_embedded  # ?embed=true: the page alone, for a frame elsewhere
    st.set_page_config("Learning, then overfitting", ASSETS / "icon.svg", layout="wide",
                       initial_sidebar_state="collapsed" if embedded else "auto")
    st.html(ASSETS / "page.css")
    visitor.arrive()
    pages = [st.Page(FOLDER / name / "page.py", title=title, icon=icon, url_path=name,
                     default=name == "explorer")
             for name, (title, icon) in PAGES.items()]
    page = st.navigation(pages, position="hidden" if embedded else "top")
    warm_up()
    page.run()


# A folder named `pages` makes Streamlit draw its old automatic list of pages until the first
# `st.navigation` of the process, which a first visit to /theory would never reach.
PagesManager.uses_pages_directory = False

if get_script_run_ctx(suppress_warning=True) is None:
    app = st.App(__file__, middleware=server.middleware())
else:
    draw()
