"""The page of real networks in a real browser: live curves, Stop, links, phone."""

import re
import time

SMALL = "/networks?v=1&m=16&t_max=160&d=50&seeds=3"
LENGTH_OF_TEST = """[...document.querySelectorAll('.tl-plot')].flatMap(p => p.data ?? [])
    .find(trace => trace.name === 'test')?.y.length"""


def press(page, name: str) -> None:
    page.get_by_role("button", name=name).first.click()


def test_networks_are_trained_and_drawn_beside_the_theory(visit):
    tab = visit().open(SMALL)
    before = tab.curve("test, theory")
    tab.page.get_by_text("The largest difference").wait_for()
    # The words come with the server's answer, the last curves once Plotly has drawn them.
    tab.page.wait_for_function("() => " + LENGTH_OF_TEST + " === 100")
    assert tab.curve("test, theory") == before
    assert all(0 < y < 10 for y in tab.curve("test"))
    assert not [e for e in tab.errors if "404" not in e]


def test_curves_grow_while_networks_train_and_stop_keeps_them(visit):
    tab = visit().open("/networks?v=1&m=64&t_max=640")
    press(tab.page, "Train 10 networks")
    tab.page.get_by_text("Until then you see").wait_for(state="detached")
    tab.settle()
    grown = "n => [...document.querySelectorAll('.tl-plot')].flatMap(p => p.data ?? [])" \
            ".some(trace => trace.name === 'test' && trace.y.length > n)"
    tab.page.wait_for_function(grown, arg=3)
    first = len(tab.curve("test"))
    tab.page.wait_for_function(grown, arg=first)
    press(tab.page, "Stop")
    tab.page.get_by_text("Stopped; what was reached").wait_for()
    tab.settle()
    time.sleep(1)  # the points that were on their way when Stop was pressed
    kept = len(tab.curve("test"))
    assert first < kept < 100
    time.sleep(2)
    assert len(tab.curve("test")) == kept


def test_an_example_is_trained_at_once_and_its_settings_stay_when_it_ends(visit):
    tab = visit().open(SMALL)
    tab.page.get_by_text("The largest difference").wait_for()
    press(tab.page, "Leaves early")
    tab.page.wait_for_function("() => location.search.includes('m=16&t_max=160')"
                               " && !location.search.includes('d=50')")
    tab.page.get_by_text("The largest difference").wait_for(state="detached")
    tab.page.get_by_text("The largest difference").wait_for()
    tab.settle()
    assert "m=16&t_max=160" in tab.query() and "seeds" not in tab.query()


def test_the_first_visit_shows_networks_at_the_nearest_settings_that_take_seconds(visit):
    tab = visit().open("/networks")
    tab.page.get_by_text("You see the nearest settings that take seconds").wait_for()
    tab.page.get_by_text("The largest difference").wait_for()
    tab.page.wait_for_function("() => " + LENGTH_OF_TEST + " === 100")
    # What they are depends on how fast this machine is.
    label = tab.page.get_by_role("button", name="Set m = ").first.inner_text()
    m, d = re.search(r"Set m = (\d+), d = (\d+)", label).groups()
    press(tab.page, label)
    tab.page.wait_for_function("([m, d]) => location.search.includes(`m=${m}&`)"
                               " && location.search.includes(`d=${d}`)", arg=[m, d])
    tab.page.get_by_text("You see the nearest").wait_for(state="detached")


def test_the_link_brings_the_same_page_to_another_visitor(visit):
    tab = visit().open(SMALL)
    tab.page.get_by_text("Gaussian model", exact=True).first.click()
    tab.page.wait_for_function("() => location.search.includes('algorithm=gaussian')")
    tab.settle()
    link = tab.query()
    other = visit().open(f"/networks{link}")
    assert other.query() == link
    assert other.page.get_by_role("radio", name="Gaussian model").is_checked()
    assert other.curve("test, theory") == tab.curve("test, theory")


def test_other_pages_keep_the_networks_settings_without_a_warning(visit):
    tab = visit().open(SMALL)
    tab.page.get_by_role("link", name="Explorer").click()
    tab.page.get_by_text("First it learns").wait_for()
    tab.settle()
    assert tab.page.get_by_text("Ignored").count() == 0
    tab.page.get_by_role("link", name="Networks").click()
    tab.page.get_by_text("The largest difference").wait_for()
    assert "d=50" in tab.query() and "seeds=3" in tab.query()
