"""Whole journeys: what a visitor has set stays, wherever he goes and however he comes back."""

import json
from urllib.parse import parse_qsl

import pytest

from pages import PAGES

CONTROLS = """() => {
  const side = document.querySelector('[data-testid="stSidebar"]');
  const label = (box) => box.querySelector('label, p')?.textContent.trim();
  const shown = {};
  for (const box of side?.querySelectorAll('[data-testid="stSlider"]') ?? [])
    shown[label(box)] = box.querySelector('input[type=range]').getAttribute('aria-valuetext')
      ?? box.querySelector('[data-testid="stSliderThumbValue"]')?.textContent;
  for (const box of side?.querySelectorAll('[data-testid="stRadio"]') ?? [])
    shown[label(box)] = box.querySelector('label:has(input:checked)')?.textContent.trim();
  for (const box of side?.querySelectorAll('[data-testid="stSelectbox"]') ?? [])
    shown[label(box)] = box.querySelector('input').value || box.textContent;
  for (const box of side?.querySelectorAll('[data-testid="stTextInput"]') ?? [])
    shown[label(box)] = box.querySelector('input').value;
  for (const box of side?.querySelectorAll('[data-testid="stCheckbox"]') ?? [])
    shown[label(box)] = box.querySelector('input').checked;
  return shown;
}"""
"""Label and value of every control of the sidebar."""
CURVES = """() => [...document.querySelectorAll('.tl-plot')].flatMap(plot => plot.data ?? [])
    .map(({name, x, y}) => [name, [...x], [...y]])"""
LINKS = {
    "lazy": "/?v=1&init=lazy&alpha=0.5&tau=0.4&gamma0=0.5&m=64",
    "mean-field with the words of many pages":
        "/?v=1&alpha=0.5&tau=0.4&m=64&gamma0=0.3&pinned=tau~0.7~m~64&regime=mean-field-2"
        "&widths=16-64&d=25&seeds=2&algorithm=gaussian&tab=dmft&answers=bayes~0.08",
    "noise, a frozen second layer and a covariance of one's own":
        "/?v=1&alpha=0.317&tau=0.7&m=100&target=noise&h=0,0.5,0.25&train_second_layer=0"
        "&t_max=1000&rtol=0.003&widths=16-64",
}

def words_of(link: str) -> dict[str, str]:
    """The words of a link; their order does not matter."""
    return dict(parse_qsl(link.partition("?")[2]))


class Journey:
    """A visitor's way through the pages, and what should be seen at each step of it."""

    def __init__(self, tab):
        self.tab, self.page = tab, tab.page
        self.seen = {}

    def start(self, link: str) -> None:
        self.page.goto(self.tab.address + link)
        self.arrive("explorer")

    def arrive(self, name: str) -> None:
        self.page.get_by_role("heading", level=1).first.wait_for()
        path = f"/{'' if name == 'explorer' else name}"
        self.page.wait_for_function("path => location.pathname === path", arg=path)
        self.rest()

    def rest(self) -> None:
        """Until nothing on the page or in the address has changed for a while."""
        before = None
        for _ in range(60):
            self.tab.settle()
            now = json.dumps([self.tab.query(), self.controls(), self.curves()])
            if now == before:
                return
            before = now
        raise AssertionError("the page does not come to rest")

    def visit(self, name: str) -> None:
        """By the navigation, as a visitor does."""
        title = PAGES[name][0]
        heading = self.page.get_by_role("heading", level=1).first.inner_text()
        self.page.get_by_test_id("stTopNavLink").filter(has_text=title).first.click()
        self.page.wait_for_function(
            "old => ![...document.querySelectorAll('h1')].some(h => h.innerText === old)",
            arg=heading)
        self.arrive(name)

    def move(self, label: str, key: str) -> None:
        before = self.tab.query()
        self.tab.slider(label).first.press(key)
        self.page.wait_for_function("old => location.search !== old", arg=before)
        self.rest()

    def choose_example(self, name: str) -> None:
        self.tab.choose_example(name)
        self.page.wait_for_function("() => location.search.includes('m=8')")
        self.rest()

    def go_back(self, name: str) -> None:
        self.page.go_back()
        self.arrive(name)

    def reload(self, name: str) -> None:
        self.page.reload()
        self.arrive(name)

    def controls(self) -> dict:
        return self.page.evaluate(CONTROLS)

    def curves(self) -> list:
        return self.page.evaluate(CURVES)

    def address(self) -> dict[str, str]:
        return words_of(self.tab.query())

    def shown(self) -> dict:
        """Everything that must stay: controls, address, curves."""
        return {"controls": self.controls(), "address": self.address(), "curves": self.curves()}

    def walk(self) -> None:
        """Every page in turn and back to the explorer: controls, address and curves as before."""
        home = self.shown()
        for name in [*PAGES, "explorer"][1:]:
            self.visit(name)
            now = self.shown()
            assert now["address"] == home["address"], name
            if name not in ("lecture", "maps", "paper"):  # which have no sidebar
                assert now["controls"] == home["controls"], name
            known = self.seen.setdefault((name, self.tab.query()), now["curves"])
            assert now["curves"] == known, name
        assert now == home


@pytest.fixture
def journey(visit):
    return Journey(visit(width=2400))  # the lecture, in large type, shows its whole navigation too


@pytest.mark.timeout(900)
@pytest.mark.parametrize("link", LINKS.values(), ids=LINKS)
def test_a_whole_journey_loses_nothing(journey, link):
    journey.start(link)
    opened = journey.shown()
    assert opened["address"] == words_of(link), "the address is the link"
    journey.walk()

    journey.move("Noise level", "ArrowRight")
    moved = journey.shown()
    for part in opened:
        assert moved[part] != opened[part], part
    journey.walk()

    journey.visit("theory")
    journey.go_back("explorer")
    assert journey.shown() == moved, "back from another page"
    while journey.address() == moved["address"]:
        journey.page.go_back()
        journey.rest()
    assert journey.shown() == opened, "back to before the slider's move"
    journey.page.go_forward()
    journey.rest()
    assert journey.shown() == moved, "and forward again"

    journey.reload("explorer")
    assert journey.shown() == moved, "after a reload"

    journey.choose_example("Failure: too narrow")
    kept = journey.address()
    for word in ("pinned", "d", "widths", "answers", "tab"):
        assert kept.get(word) == opened["address"].get(word), f"{word} is no part of an example"
    journey.walk()


def test_the_pages_own_words_are_on_their_pages_after_a_walk(journey):
    journey.start(LINKS["mean-field with the words of many pages"])
    journey.visit("networks")
    assert journey.page.get_by_role("radio", name="Gaussian model").is_checked()
    journey.visit("theory")
    tab = journey.page.get_by_role("tab", name="DMFT", exact=True)
    assert tab.get_attribute("aria-selected") == "true"
    journey.visit("exercises")
    assert journey.page.get_by_label("Your answer").first.input_value() == "0.08"
    assert journey.page.get_by_text("Right. The engine's own value: 0.0800").is_visible()
    journey.move("Noise level", "ArrowRight")
    assert journey.page.get_by_label("Your answer").first.input_value() == "0.08"
    assert journey.page.get_by_text("Not yet: 0.0800 is too small").is_visible()
    journey.visit("regimes")
    regime = journey.page.get_by_role("radio", name="Overfitting")
    assert regime.first.is_checked()
    journey.visit("explorer")
    assert journey.page.get_by_text("Compare A and B").is_visible()
