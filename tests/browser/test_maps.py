"""The page of maps in a real browser: curves beside the pointer, without the server."""

LINK = "/maps?v=1&map=alpha_decay&place=0-0"


def test_the_square_under_the_pointer_shows_its_curves_and_escape_hides_them(visit):
    tab = visit().open(LINK)
    page, card = tab.page, tab.page.locator(".tl-glance")
    square = page.locator("[class*=st-key-map-alpha_decay-] .nsewdrag").last
    square.scroll_into_view_if_needed()
    box = square.bounding_box()

    def point(x: float, y: float) -> None:
        page.mouse.move(box["x"] + x * box["width"], box["y"] + y * box["height"])

    assert card.is_hidden()
    point(0.02, 0.98)  # the lowest α and the least weight decay
    card.wait_for(state="visible")
    assert card.locator("p").all_inner_texts() == [
        "α = 0.05, λ = 0.1", "identical neurons overfit", "neurons that differ overfit"]
    assert card.locator("polyline").count() == 4
    point(0.98, 0.02)
    assert card.locator("p").all_inner_texts()[1:] == [
        "identical neurons rest", "neurons that differ rest"]
    page.keyboard.press("Escape")
    assert card.is_hidden()
    point(0.5, -0.5)
    assert card.is_hidden()
    # Of the chosen square's own charts there is nothing to show.
    chart = page.locator(".st-key-map-run .nsewdrag").first
    chart.scroll_into_view_if_needed()
    chart.hover()
    assert card.is_hidden()
    square.scroll_into_view_if_needed()
    box = square.bounding_box()
    point(0.02, 0.98)
    card.wait_for(state="visible")
    assert not [e for e in tab.errors if "404" not in e]
