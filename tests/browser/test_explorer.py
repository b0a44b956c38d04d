"""The explorer as a visitor meets it, in a real Chromium."""

import io
import json
import re
from urllib.parse import urlsplit

import pandas as pd
import pytest

from engine import Parameters, Trajectory, solve
from engine.results.keyfigures import key_figures

ROUNDING = 1e-8
"""Two processes may link the kernels to differently rounded machine code (relative 1e-16 a step);
the flat plateau amplifies that to about 1e-11 in the curves."""


def test_opening_shows_the_headline_run_at_once(visit):
    page = visit().open()
    expected = solve(Parameters()).test_error[-1]
    assert page.curve("test")[-1] == pytest.approx(expected, rel=1e-6)
    assert page.query() == ""


def test_a_slider_move_changes_the_curve_and_the_link(visit):
    page = visit().open()
    before = page.curve("test")
    page.move("Noise level", times=2)
    after = page.curve("test")
    assert after[-1] == pytest.approx(solve(Parameters(tau=0.4)).test_error[-1], rel=1e-6)
    assert after != before
    assert "tau=0.4" in page.query()
    assert page.example() == "Custom"


def test_zoom_hidden_curves_and_dom_node_survive_a_slider_move(visit):
    page = visit().open()
    page.page.evaluate("document.querySelector('.tl-plot').marked = true")
    page.page.locator('.tl-chip[data-trace="train"]').click()
    plot = page.page.locator(".tl-plot .nsewdrag").first.bounding_box()
    x, y = plot["x"] + 0.3 * plot["width"], plot["y"] + 0.3 * plot["height"]
    page.page.mouse.move(x, y)
    page.page.mouse.down()
    page.page.mouse.move(x + 0.3 * plot["width"], y + 0.4 * plot["height"], steps=5)
    page.page.mouse.up()
    ranges = ("[...document.querySelectorAll('.tl-plot')].map(p =>"
              " p._fullLayout.xaxis.range.map(x => x.toFixed(4)).join())")
    zoomed = page.page.evaluate(ranges)
    assert len(set(zoomed)) == 1, "all panels share one time axis"
    y_zoomed = page.page.evaluate("document.querySelector('.tl-plot')._fullLayout.yaxis.range")
    assert page.page.locator(".plotly-notifier").count() == 0, "nothing covers Reset zoom"
    page.move("Noise level")
    assert page.page.evaluate(ranges) == zoomed
    assert page.page.evaluate(
        "document.querySelector('.tl-plot')._fullLayout.yaxis.range") == y_zoomed
    assert page.page.evaluate("document.querySelector('.tl-plot').marked") is True
    assert page.page.evaluate("document.querySelector('.tl-plot').data"
                              ".find(t => t.name === 'train').visible") is False
    page.page.get_by_test_id("tl-reset").click()
    assert page.page.evaluate(ranges) != zoomed


def test_a_link_brings_back_the_same_picture(visit):
    page = visit().open()
    page.move("Noise level", times=3)
    page.move("Width m", "ArrowLeft")
    again = visit().open("/" + page.query())
    assert again.curve("test") == page.curve("test")
    assert again.query() == page.query()


def test_a_bad_link_says_what_was_ignored_and_why(visit):
    page = visit().open("/?v=1&alpha=99&tau=abc&m=64&beta=1")
    (warnings,) = page.page.get_by_test_id("stAlert").all_inner_texts()
    assert "alpha" in warnings and "from 0.01 to 10" in warnings
    assert "tau" in warnings and "must be a number" in warnings
    assert "beta" in warnings
    assert page.curve("test")[-1] == pytest.approx(solve(Parameters(m=64)).test_error[-1],
                                                   rel=1e-6)


def test_downloads_hold_the_run_that_is_shown(visit):
    page = visit().open("/?v=1&m=64")
    run = solve(Parameters(m=64))
    with page.page.expect_download() as download:
        page.page.get_by_role("button", name="Download CSV").click()
    frame = pd.read_csv(io.BytesIO(download.value.path().read_bytes()))
    pd.testing.assert_frame_equal(frame, run.to_frame(), rtol=ROUNDING)
    with page.page.expect_download() as download:
        page.page.get_by_role("button", name="Download JSON").click()
    loaded = Trajectory.from_dict(json.loads(download.value.path().read_text()))
    assert loaded.parameters == run.parameters
    assert list(loaded.test_error) == pytest.approx(list(run.test_error), rel=ROUNDING)


def test_the_cursor_scrubs_plays_and_steps_without_the_server(visit):
    page = visit().open()
    chart, messages = page.chart, page.messages
    page.page.get_by_test_id("tl-scrub").fill("200")
    middle = float(chart.get_attribute("data-cursor"))
    assert middle == pytest.approx((0.01 * 7680) ** 0.5, rel=0.05), "halfway on the log axis"
    assert "Learn" in page.page.get_by_test_id("tl-now").inner_text()
    shown = page.page.locator('.tl-chip[data-trace="test"] .tl-value').inner_text()
    assert float(shown) == pytest.approx(
        float(solve(Parameters()).at([middle])["test_error"].iloc[0]), rel=2e-3)
    page.page.get_by_test_id("tl-forward").click()
    forward = float(chart.get_attribute("data-cursor"))
    page.page.get_by_test_id("tl-back").click()
    back = float(chart.get_attribute("data-cursor"))
    assert back == pytest.approx(middle) and back < forward
    page.page.get_by_test_id("tl-play").click()
    page.page.wait_for_function(
        "x => Number(document.querySelector('.tl-chart').dataset.cursor) > x", arg=forward)
    page.page.get_by_test_id("tl-play").click()
    assert chart.get_attribute("data-playing") == "false"
    assert page.messages == messages, "no traffic with the server"


def test_the_cursor_stays_on_the_curves_of_a_run_that_was_cut_off(visit):
    page = visit().open("/?init=lazy&alpha=4&tau=3&gamma0=2.5&m=100000&target=noise&h=weak")
    end, test_error = page.curve("test", "x")[-1], page.curve("test")[-1]
    assert end < 0.5 * 60 * 100_000, "a glassy run"

    def cursor():
        return float(page.chart.get_attribute("data-cursor"))

    assert cursor() == pytest.approx(end)
    shown = page.page.locator('.tl-chip[data-trace="test"] .tl-value').inner_text()
    assert float(shown) == pytest.approx(test_error, rel=1e-3), "four digits"
    page.page.get_by_test_id("tl-back").click()
    assert cursor() < 0.99 * end


def test_the_keyboard_alone_moves_the_cursor(visit):
    page = visit().open()
    page.chart.focus()
    page.page.keyboard.press("Home")
    start = float(page.chart.get_attribute("data-cursor"))
    page.page.keyboard.press("ArrowRight")
    page.page.keyboard.press("Shift+ArrowRight")
    assert float(page.chart.get_attribute("data-cursor")) > start
    page.page.keyboard.press("Space")
    assert page.chart.get_attribute("data-playing") == "true"
    page.page.keyboard.press("Space")
    assert page.chart.get_attribute("data-playing") == "false"


def test_pinning_overlays_the_two_runs(visit):
    page = visit().open()
    page.page.get_by_role("button", name="Pin as A").click()
    page.settle()
    page.move("Noise level")
    assert page.curve("test A")[-1] == pytest.approx(solve(Parameters()).test_error[-1], rel=1e-6)
    assert page.curve("test B")[-1] == pytest.approx(
        solve(Parameters(tau=0.35)).test_error[-1], rel=1e-6)
    assert page.page.get_by_text("Compare A and B").is_visible()


def test_an_example_sets_all_controls(visit):
    page = visit().open()
    page.choose_example("Lazy below the threshold")
    page.page.wait_for_function("() => location.search.includes('init=lazy')")
    page.settle()
    assert page.page.get_by_text("Initial complexity γ₀").first.is_visible()
    assert "gamma0=0.1" in page.query() and "m=1024" in page.query()


def test_nothing_is_asked_of_the_outside_and_nothing_goes_wrong(visit, address):
    page = visit().open()
    page.move("Data per weight")
    home = urlsplit(address).netloc
    outside = [url for url in page.requests
               if urlsplit(url).scheme in ("http", "https") and urlsplit(url).netloc != home]
    assert outside == []
    assert page.errors == []


def test_plots_follow_the_dark_theme(visit):
    page = visit(color_scheme="dark").open()
    colour = page.page.evaluate("document.querySelector('.tl-plot')._fullLayout.font.color")
    red, green, blue = (int(colour[i:i + 2], 16) for i in (1, 3, 5))
    assert min(red, green, blue) > 180, f"light text on dark, not {colour}"


def test_without_plotly_the_plain_charts_stand_in(visit):
    page = visit()
    page.page.route(re.compile(r"/vendor/"), lambda route: route.abort())
    page.page.goto(page.address)
    page.page.wait_for_selector('[data-testid="stPlotlyChart"]')
    assert page.page.locator('[data-testid="stPlotlyChart"]').count() == 3


def test_a_long_run_shows_progress_and_can_be_stopped_and_started_again(visit, slow_address):
    page = visit(slow_address)
    page.page.goto(page.address + "/?v=1&rtol=0.0001&m=300")
    bar = page.page.get_by_test_id("stProgress")
    bar.wait_for()
    page.page.get_by_text(re.compile(r"Solving .*: [1-9]\d? ?%")).first.wait_for()
    page.page.get_by_role("button", name="Stop").first.click()
    page.page.get_by_text("You stopped this computation").first.wait_for()
    page.page.get_by_text("Incomplete: the run ended at t =").wait_for()
    page.page.wait_for_selector(".tl-chart[data-revision]")
    assert page.page.get_by_test_id("stAlert").count() == 1
    assert page.curve("test")[0] > page.curve("test")[-1]
    page.page.get_by_role("button", name="Run again").click()
    bar.wait_for()


@pytest.mark.parametrize("name", ["", "lazy_vs_mean_field", "exercises"])
def test_the_old_curves_stay_dimmed_while_new_ones_are_solved_for(visit, slow_address, name):
    page = visit(slow_address).open(f"/{name}?v=1&rtol=0.0001&m=256")
    first = "document.querySelector('.tl-plot').data.at(-1).y.slice()"
    before = page.page.evaluate(first)
    page.slider("Width m").press("ArrowRight")
    page.page.get_by_test_id("stProgress").wait_for()
    page.page.wait_for_function("""() => {
      let shown = 1;
      for (let box = document.querySelector('.tl-chart'); box; box = box.parentElement)
        shown *= getComputedStyle(box).opacity;
      return shown < 0.6;
    }""")
    assert page.page.evaluate(first) == before


def test_moving_on_leaves_a_long_run_for_the_new_one(visit, slow_address):
    page = visit(slow_address).open("/?v=1&m=64")
    page.page.goto(page.address + "/?v=1&rtol=0.0001&m=301")
    page.page.get_by_test_id("stProgress").wait_for()
    page.choose_example("Learn, then overfit")
    page.page.wait_for_selector(".tl-chart[data-revision]")
    page.settle()
    assert page.curve("test")[-1] == pytest.approx(solve(Parameters()).test_error[-1], rel=1e-6)


def test_a_first_visit_to_another_page_gets_that_page(visit, fresh_address):
    page = visit(fresh_address)
    page.page.goto(fresh_address + "/theory?v=1&alpha=0.5")
    page.page.get_by_role("heading", name="Theory", exact=True).wait_for()
    page.settle()
    assert page.page.get_by_test_id("stTopNavLink").first.is_visible(), "the page has navigation"
    assert "alpha=0.5" in page.query()


def test_neurons_rise_and_sink_with_the_cursor_without_the_server(visit):
    page = visit().open()
    run, messages = solve(Parameters()), page.messages
    drawn = """[...document.querySelectorAll('.tl-sphere g circle')]
        .map(circle => Number(circle.getAttribute('cy')))"""
    heights = {}
    for step in (0, 200, 400):
        page.page.get_by_test_id("tl-scrub").fill(str(step))
        picture = page.page.get_by_test_id("tl-picture")
        t = min(float(page.chart.get_attribute("data-cursor")), run.t[-1])
        heights[step] = float(picture.get_attribute("data-height"))
        # Five digits go to the browser, which interpolates linearly between 200 points.
        assert heights[step] == pytest.approx(float(run.at([t])["v"].iloc[0]), abs=2e-3)
        middle = sum(page.page.evaluate(drawn)) / 72
        assert middle == pytest.approx(-100 * 0.927 * heights[step], abs=12), "dots follow v"
    assert heights[0] < heights[400] < heights[200]
    assert page.messages == messages, "no traffic with the server"


def test_the_tours_verbs_play_their_stretch_of_time(visit):
    page = visit().open()
    page.page.get_by_role("button", name="overfit").click()
    page.page.wait_for_function(
        "() => document.querySelector('.tl-chart').dataset.playing === 'true'")
    assert float(page.chart.get_attribute("data-cursor")) >= 60
    page.page.wait_for_function(
        "() => document.querySelector('.tl-chart').dataset.playing === 'false'")
    run = solve(Parameters())
    assert float(page.chart.get_attribute("data-cursor")) == pytest.approx(
        key_figures(run).interpolation_time, rel=0.05)


def test_pinning_shows_the_difference_of_the_errors(visit):
    page = visit().open()
    page.page.get_by_role("button", name="Pin as A").click()
    page.settle()
    page.move("Noise level")
    title = page.page.get_by_role("heading", name="Difference of the errors, B minus A")
    assert title.is_visible()


def test_the_take_away_link_brings_back_the_run_and_bibtex_is_there(visit):
    page = visit().open("/?v=1&m=64&tau=0.5")
    page.page.get_by_text("Link, Python, shell, BibTeX").click()
    page.page.get_by_text("montanari2025dynamical").wait_for()
    link = page.page.get_by_test_id("stCode").first.inner_text().strip()
    assert link.startswith(page.address) and "alpha=0.3" in link and "t_max=3840" in link
    again = visit().open(link.removeprefix(page.address))
    assert again.curve("test") == page.curve("test")
    assert again.page.get_by_test_id("stAlert").count() == 0


def test_a_plot_is_saved_as_svg(visit):
    page = visit().open()
    page.page.locator(".tl-plot").first.hover()
    with page.page.expect_download() as download:
        page.page.locator('.modebar-btn[data-title="Download SVG"]').first.click()
    drawn = download.value.path().read_text()
    assert drawn.startswith("<svg") and "Train and test error" in drawn


def test_what_is_touched_before_plotly_has_come_counts_when_it_comes(visit):
    page, held = visit(), []
    page.page.route(re.compile(r"/vendor/"), lambda route: held.append(route))
    page.page.goto(page.address)
    page.page.locator(".tl-frame").first.wait_for()
    page.idle()
    room = page.page.locator(".tl-frame").first.bounding_box()
    page.page.get_by_test_id("tl-scrub").fill("200")
    page.page.locator('.tl-chip[data-trace="train"]').click()
    at = page.chart.get_attribute("data-cursor")
    for route in held:
        route.continue_()
    page.page.wait_for_selector(".tl-chart[data-revision]")
    assert page.page.locator(".tl-frame").first.bounding_box() == room, "nothing moves"
    assert page.chart.get_attribute("data-cursor") == at
    assert page.page.evaluate("document.querySelector('.tl-plot').data"
                              ".find(t => t.name === 'train').visible") is False
    assert page.errors == []


def followed(page, word: str) -> None:
    """Until the curves are those of a setting, such as tau=0.4."""
    page.page.wait_for_function(
        "word => document.querySelector('.tl-chart').dataset.followed?.split('&').includes(word)",
        arg=word)


SKETCHED = """() => {
  const plot = document.querySelector('.tl-plot');
  const { xaxis, yaxis } = plot._fullLayout;
  const path = plot.parentElement.querySelector('.tl-sketch path[data-trace=test]');
  return path.getAttribute('d').slice(1).split('L').map(point => {
    const [x, y] = point.split(',').map(Number);
    return [10 ** xaxis.p2l(x), 10 ** yaxis.p2l(y)];
  });
}"""
FIGURES = "[...document.querySelectorAll('.tl-figure dd')].map(value => value.textContent)"


def test_curves_and_figures_follow_a_slider_that_is_held_and_stay_when_it_is_let_go(visit):
    page = visit().open()
    before, messages = page.page.evaluate(FIGURES), page.messages
    move = page.hold("Noise level")
    move(2)
    followed(page, "tau=0.4")
    first = page.page.evaluate(SKETCHED)
    move(1)
    followed(page, "tau=0.45")
    last, figures = page.page.evaluate(SKETCHED), page.page.evaluate(FIGURES)
    assert first != last and figures != before
    assert page.messages == messages, "the server's pages are not asked"
    plotted = page.page.locator(".tl-plot .scatterlayer").first
    assert plotted.evaluate("layer => getComputedStyle(layer).visibility") == "hidden"
    page.page.mouse.up()
    page.page.wait_for_function("() => location.search.includes('tau=0.45')")
    page.settle()
    assert plotted.evaluate("layer => getComputedStyle(layer).visibility") == "visible"
    assert page.page.evaluate(FIGURES) == figures
    times, errors = zip(*last, strict=True)
    # A path has two decimals of a pixel, of which a decade has some ninety.
    assert page.curve("test", "x") == pytest.approx(times, rel=1e-3)
    assert page.curve("test") == pytest.approx(errors, rel=1e-3)
    assert page.errors == []


def test_a_slider_let_go_where_it_was_taken_leaves_the_page_as_it_was(visit):
    page = visit().open()
    before = page.page.evaluate(FIGURES), page.curve("test")
    move = page.hold("Noise level")
    move(3)
    followed(page, "tau=0.45")
    assert page.page.evaluate(FIGURES) != before[0]
    move(-3)
    page.page.mouse.up()
    page.page.wait_for_function(
        "() => !document.querySelector('.tl-chart').classList.contains('tl-following')")
    assert (page.page.evaluate(FIGURES), page.curve("test")) == before
    assert page.query() == ""


@pytest.mark.parametrize("refusal", ["503", "gone", "nonsense"])
def test_where_the_server_refuses_curves_follow_when_the_slider_is_let_go(visit, refusal):
    page = visit().open()
    answers = {"503": lambda route: route.fulfill(status=503, headers={"Retry-After": "1"}),
               "gone": lambda route: route.abort(),
               "nonsense": lambda route: route.fulfill(status=200, body="<html>")}
    page.page.route(re.compile("/api/solve"), answers[refusal])
    before = page.curve("test")
    move = page.hold("Noise level")
    with page.page.expect_request(re.compile("/api/solve")):
        move(2)
    move(1)
    assert page.curve("test") == before
    page.page.mouse.up()
    page.page.wait_for_function("() => location.search.includes('tau=0.45')")
    page.settle()
    assert page.curve("test")[-1] == pytest.approx(
        solve(Parameters(tau=0.45)).test_error[-1], rel=1e-6)
    assert [error for error in page.errors if "Failed to load resource" not in error] == []


def test_a_mouse_over_the_plot_moves_the_cursor_and_leaves_a_figure_that_plays(visit):
    page = visit().open()
    plot = page.page.locator(".tl-plot .nsewdrag").first.bounding_box()
    middle = plot["x"] + plot["width"] / 2, plot["y"] + plot["height"] / 2
    page.page.mouse.move(*middle)
    assert float(page.chart.get_attribute("data-cursor")) == pytest.approx(
        (0.01 * 7680) ** 0.5, rel=0.05), "halfway on the log axis"
    page.page.keyboard.press("Escape")
    page.page.get_by_test_id("tl-play").press("Enter")
    page.page.mouse.move(middle[0] - 60, middle[1])
    assert page.chart.get_attribute("data-playing") == "true"


@pytest.mark.parametrize("width", [1280, 390])
def test_the_scrubbers_knob_stands_under_its_time(visit, width):
    page = visit(width=width).open()
    for step in (0, 200, 400):
        page.page.get_by_test_id("tl-scrub").fill(str(step))
        knob, line = page.page.evaluate("""() => {
          const scrub = document.querySelector('.tl-scrub').getBoundingClientRect();
          const line = document.querySelector('.tl-cursor').getBoundingClientRect();
          const share = document.querySelector('.tl-scrub').value / 400;
          return [scrub.left + 8 + share * (scrub.width - 16), line.left + line.width / 2];
        }""")
        assert knob == pytest.approx(line, abs=1.5), "pixels; a knob is 16 wide"


def test_neither_plot_nor_its_error_axis_moves_while_a_slider_moves(visit):
    page = visit().open()
    where = """() => {
      const plot = document.querySelector('.tl-plot');
      const { top, left } = plot.getBoundingClientRect();
      return [top, left, ...plot._fullLayout.yaxis.range];
    }"""
    before, words = page.page.evaluate(where), page.page.get_by_test_id("tl-story").inner_text()
    page.move("Noise level", times=2)
    assert page.page.get_by_test_id("tl-story").inner_text() != words
    assert page.page.evaluate(where) == pytest.approx(before)


def test_a_sweep_is_there_in_one_click_and_stays_through_reload_pages_and_drags(visit):
    page = visit().open("/?m=64")
    page.page.get_by_role("button", name="Sweep", exact=True).click()
    page.page.get_by_text("Noise level τ").last.click()
    page.page.wait_for_function("() => location.search.includes('sweep=tau')")
    page.settle()
    expected = solve(Parameters(m=64, tau=0.5)).test_error[-1]
    assert page.curve("test, τ = 0.5")[-1] == pytest.approx(expected, rel=1e-6)
    title = page.page.get_by_test_id("tl-headline").inner_text()
    assert title.startswith("τ = 0.1 to 0.5")
    buttons = page.page.get_by_role("button", name="End sweep").bounding_box()
    words = page.page.evaluate("""() => {
      const range = document.createRange();
      range.selectNodeContents(document.querySelector('.tl-headline'));
      return Math.max(...[...range.getClientRects()].map(line => line.right));
    }""")
    assert words < buttons["x"], "the title stands beside the buttons"
    page.page.locator('.tl-chip[data-trace="train, τ = 0.3"]').click()
    visible = "document.querySelector('.tl-plot').data.filter(t => t.visible).length"
    assert page.page.evaluate(visible) == 5, "one quantity's curves go together"
    place = "document.querySelector('.tl-plot').getBoundingClientRect().top"
    before = page.page.evaluate(place)
    move = page.hold("Noise level")
    move(2)
    followed(page, "tau=0.4")
    assert page.page.evaluate(place) == before, "nothing jumps under the hand"
    assert page.page.locator(".tl-plot").first.locator("xpath=..").locator(
        ".tl-sketch path").count() == 1, "one run follows, its train error hidden"
    page.page.mouse.up()
    page.page.wait_for_function("() => location.search.includes('tau=0.4')")
    page.settle()
    assert page.page.evaluate(visible) == 5
    page.page.get_by_test_id("stTopNavLink").get_by_text("Finding").click()
    page.page.wait_for_function("() => location.pathname.includes('finding')")
    page.page.go_back()
    page.page.wait_for_selector(".tl-chart[data-revision]")
    page.settle()
    page.page.reload()
    page.page.wait_for_selector(".tl-chart[data-revision]")
    page.settle()
    assert page.curve("test, τ = 0.5")[-1] == pytest.approx(expected, rel=1e-6)
    assert page.errors == []


TICKS = """axis => {
  const { tickvals, ticktext } = document.querySelector('.tl-plot').layout[axis];
  return tickvals.map((value, i) => [value, ticktext[i]]);
}"""
DIGITS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


def said(tick: str) -> float:
    """The number that a tick says: 0.02, 10⁻², 2·10⁴."""
    mantissa, _, power = tick.rpartition("10") if tick[-1] in "⁰¹²³⁴⁵⁶⁷⁸⁹" else (tick, "", "0")
    return float(mantissa.rstrip("·") or 1) * 10.0 ** int(power.translate(DIGITS))


@pytest.mark.parametrize(("link", "fewest", "decades"), [
    ("/", 3, True), ("/?m=8&t_max=4", 3, False), ("/?alpha=10&tau=5&t_max=0.02", 3, False)])
def test_every_tick_of_a_logarithmic_axis_says_its_number(visit, link, fewest, decades):
    page = visit().open(link)
    for axis in ("xaxis", "yaxis"):
        ticks = page.page.evaluate(TICKS, axis)
        assert len(ticks) >= fewest
        for value, text in ticks:
            assert said(text) == pytest.approx(value, rel=1e-6)
            assert not decades or text.lstrip("10").strip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻") == ""


def test_linear_axes_stay_through_pages_and_curves_follow_on_them(visit):
    page = visit().open("/?m=32")
    page.page.get_by_text("Linear time").click()
    page.page.wait_for_function("() => location.search.includes('linear_time=1')")
    page.page.get_by_text("Linear error").click()
    page.page.wait_for_function("() => location.search.includes('linear_error=1')")
    page.settle()
    axes = """() => { const { xaxis, yaxis } = document.querySelector('.tl-plot')._fullLayout;
                      return [xaxis.type, xaxis.range, yaxis.type, yaxis.range[0]]; }"""
    linear = page.page.evaluate(axes)
    assert linear == ["linear", [0, 1920], "linear", 0]
    page.page.get_by_test_id("tl-scrub").fill("200")
    assert float(page.chart.get_attribute("data-cursor")) == pytest.approx(960)
    move = page.hold("Noise level")
    move(2)
    followed(page, "tau=0.4")
    sketched = page.page.evaluate(SKETCHED.replace("10 ** ", ""))
    page.page.mouse.up()
    page.page.wait_for_function("() => location.search.includes('tau=0.4')")
    page.settle()
    times, errors = zip(*sketched, strict=True)
    # Two decimals of a pixel, of which the axes have some hundreds.
    assert page.curve("test", "x") == pytest.approx(times, abs=0.05 * 1920 / 400)
    assert page.curve("test") == pytest.approx(errors, abs=0.05 / 200)
    page.page.get_by_test_id("stTopNavLink").get_by_text("Finding").click()
    page.page.wait_for_function("() => location.pathname.includes('finding')")
    page.page.go_back()
    page.page.wait_for_selector(".tl-chart[data-revision]")
    page.settle()
    assert page.page.evaluate(axes) == linear
    assert page.errors == []


def playing(page) -> bool:
    return page.chart.get_attribute("data-playing") == "true"


def test_the_figure_plays_itself_once_with_the_tours_sentences(visit):
    page = visit(first=True).open()
    box = page.page.get_by_test_id("tl-opening")
    box.wait_for()
    assert playing(page)
    words = box.locator("p").inner_text().removesuffix(".")
    told = page.page.get_by_test_id("tl-story").inner_text().replace("\u00a0►", "")
    assert words.startswith("Watch it learn until t = 14")
    assert " ".join(words.split()) in " ".join(told.split()), "nothing that is not in the figure"
    page.page.keyboard.press("x")
    assert box.count() == 0 and not playing(page)
    page.page.reload()
    page.page.wait_for_selector(".tl-chart[data-revision]")
    page.settle()
    assert box.count() == 0 and not playing(page)


@pytest.mark.parametrize(("link", "options"), [
    ("/?m=64", {}), ("/", {"reduced_motion": "reduce"})])
def test_nothing_plays_itself_where_a_link_has_settings_or_motion_is_unwelcome(
        visit, link, options):
    page = visit(first=True, **options).open(link)
    assert page.page.get_by_test_id("tl-opening").count() == 0 and not playing(page)


def test_the_playing_figure_is_saved_as_a_video_that_is_called_after_the_run(visit):
    page = visit().open("/?m=64&tau=0.5")
    with page.page.expect_download() as download:
        page.page.get_by_test_id("tl-film").click()
        page.page.wait_for_timeout(1500)
        page.page.get_by_test_id("tl-film").click()
    assert download.value.suggested_filename == "mean-field_m64_tau0.5.webm"
    film = download.value.path().read_bytes()
    assert film.startswith(b"\x1aE\xdf\xa3") and b"webm" in film[:64], "EBML, of type webm"
    assert len(film) > 20_000
    assert page.errors == []


def test_a_browser_that_records_nothing_says_so(visit):
    page = visit()
    page.context.add_init_script("delete window.MediaRecorder")
    page.open()
    button = page.page.get_by_test_id("tl-film")
    assert button.inner_text() == "No video in this browser" and button.is_disabled()


def test_on_a_phone_one_slider_and_the_plot_are_in_sight_together(visit):
    page = visit(width=390, height=844).open("/?m=64")
    sheet, plot = page.page.locator(".st-key-sheet"), page.page.locator(".tl-frame").first
    assert sheet.is_visible()
    page.page.mouse.move(195, 400)
    page.page.mouse.wheel(0, 900)
    page.page.wait_for_timeout(300)
    move = page.hold("under the thumb")
    move(2)
    followed(page, "tau=0.4")
    box, foot = plot.bounding_box(), sheet.bounding_box()
    assert box["y"] > 0 and box["y"] + box["height"] < foot["y"]
    page.page.mouse.up()
    page.page.wait_for_function("() => location.search.includes('tau=0.4')")
    page.settle()
    assert page.curve("test")[-1] == pytest.approx(
        solve(Parameters(m=64, tau=0.4)).test_error[-1], rel=1e-6)
    sheet.locator("input").first.fill("Width")
    page.page.get_by_role("option", name="Width m").click()
    page.page.wait_for_function("() => location.search.includes('thumb=m')")
    page.settle()
    page.move("under the thumb")
    assert "m=96" in page.query()
    assert page.errors == []
    page.page.set_viewport_size({"width": 1280, "height": 844})
    assert not sheet.is_visible(), "a desk has the sidebar"
