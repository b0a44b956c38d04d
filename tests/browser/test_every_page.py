"""What holds on every page: a clean console, no outside requests, links, a narrow phone."""

import time
from urllib.parse import urlsplit

import pytest

from pages import PAGES
from tests.browser.conftest import PATIENCE

SMALL = "v=1&m=64"
PROBES = ("_stcore/health", "_stcore/host-config")
"""Opened at /networks, Streamlit's client looks for its server below that path first, gets these
two refusals and then asks at the root.  An answer there would make it stay below the path."""
SHOWN = """(() => {
  const words = document.querySelector('[data-testid="stMain"]').cloneNode(true);
  words.querySelectorAll('.tl-plot, style').forEach(drawn => drawn.remove());
  const curves = [...document.querySelectorAll('.tl-plot')].flatMap(plot => plot.data ?? []);
  return [words.textContent, curves.map(({name, x, y}) => [name, [...x], [...y]])];
})()"""
"""All words of the page, in hidden tabs too, and all curves."""
COMPUTES = '[data-testid="stProgress"]'
OVERFLOW = """[document.documentElement, document.querySelector('[data-testid="stMain"]')]
    .map(box => box.scrollWidth - box.clientWidth)"""


def path(name: str, query: str = "") -> str:
    return f"/{'' if name == 'explorer' else name}{query and '?'}{query}"


def open_page(tab, name: str, query: str = "") -> None:
    """Until the page's script has run; not every page has a chart."""
    tab.page.goto(tab.address + path(name, query))
    tab.page.get_by_role("heading", level=1).first.wait_for()
    tab.page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    tab.settle()


def shown(tab) -> list:
    """What SHOWN finds once nothing is computed any more."""
    tab.page.wait_for_function("query => !document.querySelector(query)", arg=COMPUTES)
    tab.settle()
    return tab.page.evaluate(SHOWN)


def change_a_setting(tab) -> None:
    """One step of the noise; pages without sliders have examples, figures to open, or maps."""
    slider, examples, figure, quantity = (
        tab.slider("Noise level"), tab.page.get_by_role("button", name="Another run"),
        tab.page.get_by_text("Figure 6", exact=True),
        tab.page.get_by_role("combobox", name="Shown"))
    # A busy machine draws the title first.
    slider.or_(examples).or_(figure).or_(quantity).first.wait_for(state="attached")
    if slider.count():
        slider.press("ArrowRight")
        changed = "tau=0.35"
    elif figure.count():
        figure.click()
        changed = "figure=6"
    elif quantity.count():
        quantity.click()
        tab.page.get_by_role("option", name="best time to stop").click()
        changed = "shown=best_time"
    else:
        examples.click()
        tab.choose_example("Failure: plenty of data")
        changed = "alpha=3"
    tab.page.wait_for_function("text => location.search.includes(text)", arg=changed)
    tab.settle()


@pytest.mark.parametrize("name", PAGES)
def test_nothing_goes_wrong_and_nothing_is_asked_of_the_outside(visit, name):
    tab = visit()
    faults, urls = [], []
    tab.page.on("console", lambda m: m.type == "error" and faults.append(
        (m.text, m.location["url"])))
    tab.page.on("pageerror", lambda error: faults.append((str(error), "")))
    tab.page.on("request", lambda request: urls.append(request.url))
    tab.page.on("websocket", lambda socket: urls.append(socket.url))
    open_page(tab, name, SMALL)
    change_a_setting(tab)
    probes = [tab.address + path(name) + "/" + probe for probe in PROBES]
    assert [fault for fault in faults if fault[1] not in probes] == []
    home = urlsplit(tab.address).netloc
    hosts = {urlsplit(url).netloc for url in urls if urlsplit(url).scheme not in ("data", "blob")}
    assert hosts == {home}


@pytest.mark.parametrize("name", PAGES)
def test_a_link_brings_another_visitor_the_same_page(visit, name):
    tab, other = visit(), visit()
    open_page(tab, name, SMALL)
    before = tab.page.evaluate(SHOWN)
    change_a_setting(tab)
    open_page(other, name, tab.query().removeprefix("?"))
    shown(tab), shown(other)
    end = time.monotonic() + PATIENCE / 1000
    # The script has run; plots and tables may still be on their way, one page's before the other's.
    while (here := shown(tab)) != (there := shown(other)) and time.monotonic() < end:
        tab.page.wait_for_timeout(500)
    assert here == there != before
    assert tab.query() == other.query()


@pytest.mark.parametrize("name", PAGES)
def test_a_phone_needs_no_sideways_scroll(visit, name):
    tab = visit(width=390, height=844, has_touch=True)
    open_page(tab, name)
    assert all(over <= 0 for over in tab.page.evaluate(OVERFLOW))
