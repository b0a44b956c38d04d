"""The page of the paper's figures in a real browser: opened by a link or a click, and kept."""


def box(tab, number: int):
    return tab.page.get_by_test_id("stExpander").filter(
        has=tab.page.get_by_text(f"Figure {number}", exact=True))


def test_a_link_shows_its_figure_and_the_way_back_is_there(visit):
    tab = visit(height=800).open("/paper?figure=24")
    tab.page.wait_for_function("number => { const top = [...document.querySelectorAll("
                               "'[data-testid=stExpander]')][number].getBoundingClientRect().top;"
                               " return top > 0 && top < 500; }", arg=23)
    box(tab, 6).locator("summary").click()
    tab.page.wait_for_function("() => location.search.includes('figure=6')")
    tab.settle()
    assert box(tab, 6).get_by_text("The equations and descent").is_visible()
    assert not box(tab, 24).get_by_text("Caption.").is_visible(), "one figure at a time"
    tab.page.go_back()
    box(tab, 24).get_by_text("v tends to the flow").wait_for()
    tab.page.reload()
    box(tab, 24).get_by_text("v tends to the flow").wait_for()
    assert not [e for e in tab.errors if "404" not in e]
