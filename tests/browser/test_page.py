"""The page without a server, opened from disk."""

import numpy as np
import pytest

from dashboard.service import presets
from engine import Parameters, solve
from scripts.page import pack
from scripts.page.build import html
from scripts.page.grid import START, Axis, Plan, of_values
from tests.browser.conftest import Visit

EXAMPLE = presets.PRESETS_BY_NAME["Failure: too narrow"]
SMALL = Plan((of_values("alpha", 0.3, 1.0), of_values("m", 32),
              Axis(START.label, START.help, START.choices[:1], ordered=False)), (EXAMPLE,))


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "page.html"
    path.write_text(html(SMALL), encoding="utf-8")
    return path


class Opened(Visit):
    def open(self, link: str = "") -> "Opened":
        self.page.goto(self.address + link)
        self.drawn()
        return self

    def drawn(self, number: int | None = None) -> None:
        """Until the run of this number, or any, is drawn."""
        of = "[data-number]" if number is None else f"[data-number='{number}']"
        self.page.wait_for_selector(f"#chart{of} .tl-chart[data-revision][aria-busy=false]")

    def alpha(self):
        return self.page.get_by_label("Data per weight")


@pytest.fixture
def opened(browser, file):
    visits = []

    def new(link: str = "", **options) -> Opened:
        visits.append(Opened(browser, file.as_uri(), **options))
        return visits[-1].open(link)

    yield new
    for each in visits:
        each.context.close()


def assert_curves_are_of(tab, run) -> None:
    """The drawn curves are the run's, to the digits that are kept."""
    for name, column in (("test", "test_error"), ("alignment v", "v")):
        t, y = (np.array(tab.curve(name, axis)) for axis in "xy")
        known = t <= run.t[-1]
        true = run.at(t[known])[column].to_numpy()
        # T_DIGITS of t may move a steep curve by a fraction of the last digit of y.
        assert y[known] == pytest.approx(true, rel=10.0 ** (1 - pack.DIGITS), abs=1e-12)


def test_a_slider_shows_the_run_of_its_values_and_nothing_leaves_the_file(opened):
    tab = opened()
    assert_curves_are_of(tab, solve(Parameters(m=32)))
    tab.alpha().press("ArrowRight")
    tab.drawn(1)
    assert_curves_are_of(tab, solve(Parameters(m=32, alpha=1.0)))
    assert "alpha=1" in tab.page.evaluate("location.hash")
    assert "--alpha 1.0" in tab.page.locator("#command").inner_text().replace("1 ", "1.0 ")
    tab.page.get_by_test_id("tl-play").click()
    tab.page.get_by_test_id("tl-play").click()
    assert all(url.startswith(("file:", "data:", "blob:")) for url in tab.requests), tab.requests
    assert tab.errors == []


def test_the_address_brings_it_back_and_back_goes_back(opened):
    tab = opened()
    tab.alpha().press("ArrowRight")
    tab.drawn(1)
    tab.page.get_by_label("Example").select_option(EXAMPLE.name)
    tab.drawn(2)
    assert tab.page.get_by_text(EXAMPLE.why).is_visible()
    tab.page.reload()
    tab.drawn(2)
    assert_curves_are_of(tab, solve(EXAMPLE.settings.parameters))
    tab.page.go_back()
    tab.drawn(1)
    tab.page.go_back()
    tab.drawn(0)


def test_an_address_between_the_values_finds_the_nearest_and_says_so(opened):
    tab = opened("#alpha=0.9&m=32&init=cubist")
    tab.drawn(1)
    assert "the nearest is α = 1" in tab.page.locator("#said").inner_text()


def test_on_a_phone_nothing_has_to_be_scrolled_sideways(opened):
    tab = opened(width=390, height=844)
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= 390


def test_on_a_phone_plot_and_controls_are_in_sight_together(opened):
    tab = opened(width=390, height=844)
    tab.page.evaluate("document.querySelector('.tl-frame').scrollIntoView()")
    plot = tab.page.locator(".tl-frame").first.bounding_box()
    controls = tab.page.locator("#controls").bounding_box()
    assert plot["y"] > -1 and plot["y"] + plot["height"] <= controls["y"]
    assert controls["y"] + controls["height"] == 844
    tab.alpha().press("ArrowRight")
    tab.drawn(1)
    after = tab.page.locator(".tl-frame").first.bounding_box()
    assert after == pytest.approx(plot, abs=1), "nothing jumps, pixels"
