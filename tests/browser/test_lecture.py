"""The lecture and the exercises in a real browser."""

import json

import pytest

from engine import Parameters, solve
from pages.lecture.lesson import error_range
from tests.browser.test_accessibility import settled_faults


def names(tab) -> list[str]:
    return tab.page.evaluate("[...document.querySelectorAll('.tl-plot')]"
                             ".flatMap(p => p.data).map(trace => trace.name)")


def wait_for_words(tab, words: str) -> None:
    tab.page.get_by_text(words).first.wait_for()
    tab.settle()


def test_a_guess_comes_before_the_curve_and_is_judged(visit):
    tab = visit().open("/lecture")
    assert tab.page.get_by_test_id("stSidebar").count() == 0
    assert "test" not in names(tab) and "test error rises?" in names(tab)
    assert not tab.page.get_by_text("learn, then overfit").is_visible(), "the name is an answer"
    tab.page.get_by_text("rises", exact=True).nth(1).click()
    tab.settle()
    tab.page.get_by_role("button", name="Reveal").click()
    wait_for_words(tab, "you expected that it rises")
    tab.page.wait_for_function("[...document.querySelectorAll('.tl-plot')].flatMap(p => p.data)"
                               ".some(trace => trace.name === 'test')")
    # The first regime of the mean-field start ends at √m = 11.3.
    last = tab.page.evaluate("[...document.querySelectorAll('.tl-plot')].flatMap(p => p.data)"
                             ".find(trace => trace.name === 'test').x.at(-1)")
    assert 11 < last < 11.6, "nothing beyond the regime is shown"
    for name in ("train", "test"):
        value = tab.page.locator(f'.tl-chip[data-trace="{name}"] .tl-value').inner_text()
        assert 0.04 < float(value) < 0.07, "the cursor stands where the known curves end"
    reveal = tab.page.get_by_role("button", name="Reveal").bounding_box()
    assert reveal["y"] + reveal["height"] < 900, "the next question is on the first screen"
    tab.page.get_by_role("button", name="Reveal").click()
    wait_for_words(tab, "The end")
    tab.page.wait_for_function("![...document.querySelectorAll('.tl-plot')].flatMap(p => p.data)"
                               ".some(trace => trace.name.endsWith('?'))")
    assert tab.page.get_by_role("button", name="The end").is_disabled()
    tab.page.get_by_role("button", name="Back", exact=False).filter(has_text="Back").click()
    wait_for_words(tab, "what will happen?")


DRAG_MODE = "document.querySelector('.tl-plot')._fullLayout.dragmode"
FALL = [(0.5 * i / 20, 0.1 + 0.25 * (i / 20) ** 3) for i in range(21)]
"""From the top left, as shares of the plot: a line that falls over the first half of log t."""


def draw(tab, touch: bool) -> None:
    """Along FALL in the first plot, with the mouse or a finger."""
    plot = tab.page.locator(".tl-plot .nsewdrag").first
    plot.scroll_into_view_if_needed()
    box = plot.bounding_box()
    path = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in FALL]
    if touch:
        finger = tab.context.new_cdp_session(tab.page)
        for kind, at in (("touchStart", path[:1]), *(("touchMove", [p]) for p in path[1:]),
                         ("touchEnd", [])):
            finger.send("Input.dispatchTouchEvent",
                        {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in at]})
        return
    tab.page.mouse.move(*path[0])
    tab.page.mouse.down()
    for point in path[1:]:
        tab.page.mouse.move(*point)
    tab.page.mouse.up()


@pytest.mark.parametrize("touch", [False, True], ids=["mouse", "finger"])
def test_a_drawn_line_stays_beside_the_curve_and_is_measured(visit, touch):
    tab = visit(**{"width": 390, "height": 800, "has_touch": True} if touch else {}
                ).open("/lecture")
    before = tab.page.evaluate(DRAG_MODE)
    tab.page.get_by_text("test error", exact=True).click()
    tab.page.wait_for_function("() => " + DRAG_MODE + " === 'drawopenpath'")
    draw(tab, touch)
    has = "name => document.querySelector('.tl-plot').data.some(trace => trace.name === name)"
    tab.page.wait_for_function(has, arg="your test error")
    drawn = [y for y in tab.curve("your test error") if y is not None]
    # The axis of errors tells the height of the first point and of the last.
    low, high = error_range(solve(Parameters()))
    at = [high * (low / high) ** share for _, share in (FALL[0], FALL[-1])]
    assert [drawn[0], drawn[-1]] == pytest.approx(at, rel=0.1)
    assert not any(name.endswith("?") for name in names(tab)), "the sketches give way"
    tab.page.get_by_role("button", name="Reveal").click()
    wait_for_words(tab, "on average a factor")
    tab.page.wait_for_function(has, arg="test")
    assert [y for y in tab.curve("your test error") if y is not None] == drawn
    tab.settle()
    again = visit().open(tab.page.url.removeprefix(tab.address))
    assert [y for y in again.curve("your test error") if y is not None] == drawn, "by a link too"
    assert tab.page.evaluate(DRAG_MODE) == "drawopenpath", "ready for the next regime"
    tab.page.get_by_text("test error", exact=True).click()
    tab.page.wait_for_function("() => " + DRAG_MODE + f" === {json.dumps(before)}")


def test_a_button_that_cannot_be_pressed_can_be_read_in_the_dark(visit):
    tab = visit(color_scheme="dark").open("/lecture?seen=2")
    button = tab.page.get_by_role("button", name="The end")
    red, green, blue = button.evaluate("""button => getComputedStyle(button.querySelector('p'))
        .color.match(/[\\d.]+/g).slice(0, 3).map(Number)""")
    assert button.is_disabled() and min(red, green, blue) > 90


def test_what_was_seen_and_guessed_comes_back(visit):
    tab = visit().open("/lecture")
    tab.page.get_by_text("rises", exact=True).nth(1).click()
    tab.page.wait_for_function("() => location.search.includes('guesses=')")
    tab.page.get_by_role("button", name="Reveal").click()
    wait_for_words(tab, "you expected that it rises")
    tab.page.reload()
    wait_for_words(tab, "you expected that it rises")
    tab.page.go_back()
    tab.page.get_by_text("t = Θ(1): what will happen?").wait_for()
    tab.settle()
    assert tab.page.get_by_role("radio", name="rises").nth(1).is_checked()


def test_lecture_type_is_larger_and_an_embedded_page_is_clean(visit):
    size = "document.querySelector('.tl-plot')._fullLayout.font.size"
    tab = visit().open()
    ordinary = tab.page.evaluate(size)
    lecture = visit().open("/lecture?embed=true")
    assert lecture.page.evaluate(size) > 1.2 * ordinary
    assert lecture.page.get_by_test_id("stTopNavLink").count() == 0
    assert tab.page.get_by_test_id("stTopNavLink").count() > 0


def test_an_exercise_is_checked_and_a_task_is_done_by_moving_a_slider(visit):
    tab = visit().open("/exercises")
    answer = tab.page.get_by_label("Your answer").first
    answer.fill("0.3")
    answer.press("Enter")
    wait_for_words(tab, "too large")
    answer.fill("0.045")
    answer.press("Enter")
    wait_for_words(tab, "Right. The engine's own value: 0.0450")
    task = tab.page.get_by_text("Memorising needs a large γ")
    assert task.count() == 0
    tab.page.goto(tab.address + "/exercises?v=1&tau=1")
    task.wait_for()


PLAYED = "() => !document.querySelector('.lecture-cover')"
COVERED = "() => document.querySelector('.lecture-cover')"


def test_a_remote_control_goes_through_the_script_and_the_curve_plays(visit):
    tab = visit().open("/lecture?scene=1")
    title = tab.page.get_by_role("heading", level=1)
    assert "test" not in names(tab)
    tab.page.keyboard.press("PageDown")
    tab.page.wait_for_function(COVERED)
    tab.page.wait_for_function(PLAYED)
    tab.settle()
    assert title.inner_text() == "It learns" and "test" in names(tab)
    tab.page.keyboard.press("ArrowRight")
    tab.page.wait_for_function("() => location.search.includes('scene=3')")
    tab.settle()
    tab.page.keyboard.press("PageUp")
    tab.page.wait_for_function("() => location.search.includes('scene=2')")
    tab.page.reload()
    wait_for_words(tab, "It learns")


def test_keys_that_move_a_choice_do_not_turn_the_page(visit):
    tab = visit().open("/lecture?scene=1")
    tab.page.get_by_text("It falls", exact=True).click()
    tab.page.wait_for_function("() => location.search.includes('chosen=')")
    tab.settle()
    tab.page.keyboard.press("ArrowRight")
    tab.page.wait_for_function("() => location.search.includes('chosen=0~1')")
    assert "scene=1" in tab.query()


def test_those_who_want_no_motion_see_the_answer_at_once(visit):
    tab = visit(reduced_motion="reduce").open("/lecture?scene=1")
    tab.page.keyboard.press("PageDown")
    wait_for_words(tab, "Both errors fall together")
    assert tab.page.locator(".lecture-cover").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_plot_of_the_exercises_stays_in_sight_and_hides_what_passes_under_it(visit, scheme):
    tab = visit(color_scheme=scheme).open("/exercises")
    tab.page.get_by_text("Score sheet", exact=True).scroll_into_view_if_needed()
    tab.page.wait_for_timeout(300)
    plot = tab.page.locator(".tl-plot").first.bounding_box()
    assert 40 < plot["y"] < 200
    page, under = tab.page.evaluate("""() => [document.querySelector('[data-testid=stApp]'),
        document.querySelector('[data-testid=stLayoutWrapper]:has(> .st-key-in-sight)')]
        .map(box => getComputedStyle(box).backgroundColor)""")
    assert page == under


def board(tab) -> list[str]:
    """The bars on the projector: answer and count of each."""
    return tab.page.locator(".poll li").all_inner_texts()


def wait_for_bars(tab, *bars: str) -> None:
    tab.page.wait_for_function("bars => [...document.querySelectorAll('.poll li')].map(bar =>"
                               " bar.innerText.replace(/\\s+/g, ' ')).join() === bars",
                               arg=",".join(bars))


def test_a_class_votes_on_its_phones_and_the_bars_fill_before_the_answer_is_told(visit):
    lecturer = visit(width=1920, height=1080).open("/lecture?scene=1")
    lecturer.page.get_by_role("button", name="Students' link").click()
    lecturer.page.get_by_role("button", name="Let the class vote").click()
    wait_for_bars(lecturer, "It falls 0", "It stays 0", "It rises 0")
    code = lecturer.page.url.partition("host=")[2].partition("~")[0]
    student, other = visit(width=390, height=844), visit(width=390, height=844)
    for tab, choice in ((student, "It rises"), (other, "It stays")):
        tab.page.goto(f"{tab.address}/lecture?room={code}")
        tab.page.get_by_role("button", name=choice).click()
        tab.page.get_by_text(f"You chose: {choice}").wait_for()
        assert tab.page.evaluate("document.documentElement.scrollWidth") <= 390
    wait_for_bars(lecturer, "It falls 0", "It stays 1", "It rises 1")
    assert settled_faults(student.page) == settled_faults(lecturer.page) == []
    assert "✓" not in "".join(board(lecturer)), "nothing is told yet"
    student.page.reload()
    student.page.get_by_role("button", name="It falls").click()
    wait_for_bars(lecturer, "It falls 1", "It stays 1", "It rises 0")
    lecturer.page.get_by_role("button", name="Close the vote").click()
    student.page.get_by_text("The vote is closed. You chose: It falls.").wait_for()
    assert student.page.get_by_role("button", name="It rises").is_disabled()
    lecturer.page.reload()
    lecturer.page.get_by_role("button", name="Open it again").click()
    student.page.get_by_text("You can change it").wait_for()
    lecturer.page.keyboard.press("PageDown")
    student.page.get_by_text("The answer: It falls.").wait_for()
    wait_for_bars(lecturer, "It falls ✓ 1", "It stays 1", "It rises 0")
    lecturer.settle()
    lecturer.page.keyboard.press("PageDown")
    student.page.get_by_role("heading", name="What will the test error do next?").wait_for()
    wait_for_bars(lecturer, "It falls 0", "It stays 0", "It rises 0")
    lecturer.page.get_by_role("button", name="The vote's link").click()
    lecturer.page.get_by_role("button", name="End the votes").click()
    student.page.get_by_text("There is no such vote, or not any more").wait_for()


def test_a_code_that_is_none_leads_to_the_lecture_with_a_word_of_why(visit):
    tab = visit().open("/lecture?room=%3Cb%3E")
    assert tab.page.get_by_text("Ignored room").is_visible()


def test_on_a_projector_the_plot_takes_half_the_screen_and_names_can_be_read(visit):
    tab = visit(width=1920, height=1080).open("/lecture?scene=4")
    box = tab.page.locator(".tl-plot").bounding_box()
    assert box["height"] >= 540 and box["width"] > 1700
    names = tab.page.locator(".tl-plot .annotation text").filter(has_text="Wait")
    # As the small type of a slide: a forty-fifth of the picture's height.
    assert names.evaluate("text => parseFloat(getComputedStyle(text).fontSize)") >= 1080 / 45
    buttons = tab.page.get_by_role("button", name="Next").bounding_box()
    assert buttons["y"] + buttons["height"] <= 1080
    small = visit().open("/lecture?scene=4").page.locator(".tl-plot").bounding_box()
    assert small["height"] < 500


def test_an_empty_plot_has_a_cursor_at_its_start(visit):
    tab = visit().open("/lecture?scene=1")
    assert tab.page.get_by_test_id("tl-now").inner_text() == "t = 0.01"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_printed_hand_out_has_its_plots_whole_on_white(visit, scheme):
    tab = visit(color_scheme=scheme).open("/lecture?sheet=handout")
    tab.page.emulate_media(media="print", color_scheme=scheme)
    sheet = tab.page.locator("[class*=st-key-sheet-scene]").first
    assert sheet.evaluate("box => getComputedStyle(box).breakInside") == "avoid"
    # A4 less the browser's margins of 1 cm, at 96 pixels an inch.
    assert sheet.locator(".tl-plot").bounding_box()["width"] <= 19 / 2.54 * 96
    ink, paper = tab.page.evaluate("""() => [
        getComputedStyle(document.querySelector('.tl-plot text')).fill,
        getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor]""")
    assert (ink, paper) == ("rgb(0, 0, 0)", "rgb(255, 255, 255)")
