"""The lecture and the exercises in a real browser."""


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
    tab.page.get_by_role("button", name="Reveal").click()
    wait_for_words(tab, "The end")
    tab.page.wait_for_function("![...document.querySelectorAll('.tl-plot')].flatMap(p => p.data)"
                               ".some(trace => trace.name.endsWith('?'))")
    assert tab.page.get_by_role("button", name="The end").is_disabled()
    tab.page.get_by_role("button", name="Back", exact=False).filter(has_text="Back").click()
    wait_for_words(tab, "what will happen?")


def test_lecture_type_is_larger_and_an_embedded_page_is_clean(visit):
    size = "document.querySelector('.tl-plot')._fullLayout.font.size"
    tab = visit().open()
    ordinary = tab.page.evaluate(size)
    lecture = visit().open("/lecture?embed=true")
    assert lecture.page.evaluate(size) > 1.2 * ordinary
    assert lecture.page.get_by_test_id("stTopNavLink").count() == 0
    assert tab.page.get_by_test_id("stTopNavLink").count() > 0


def test_a_phone_shows_lecture_and_exercises_without_sideways_scroll(visit):
    for link in ("/lecture", "/exercises"):
        tab = visit(width=390, height=800).open(link)
        over = tab.page.evaluate("""(main => main.scrollWidth - main.clientWidth)(
            document.querySelector('[data-testid="stMain"]'))""")
        assert over <= 0


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
    task.wait_for(timeout=60_000)
