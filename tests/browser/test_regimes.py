"""The page of regimes in a real browser: ladders redraw, a threshold is found, links, phone."""

LINK = "/regimes?v=1&init=lazy&widths=16-256"


def test_another_regime_redraws_the_ladder_and_enters_the_link(visit):
    tab = visit().open(LINK)
    before = tab.curve("m = 256")
    tab.page.locator("label:has-text('Fitting the noise')").click()
    tab.page.wait_for_function("() => location.search.includes('regime=lazy-2')")
    tab.page.wait_for_function(
        "y => { const now = [...document.querySelectorAll('.tl-plot')].flatMap(p => p.data ?? [])"
        ".find(trace => trace.name === 'm = 256'); return now && now.y.at(-1) !== y; }",
        arg=before[-1])
    tab.settle()
    other = visit().open(f"/regimes{tab.query()}")
    assert other.page.get_by_role("radio", name="Fitting the noise").is_checked()
    assert other.curve("m → ∞") == tab.curve("m → ∞")
    assert not [e for e in tab.errors if "404" not in e]


def test_a_threshold_is_found_while_the_page_stays_alive(visit):
    tab = visit().open("/regimes?v=1&init=lazy&target=noise&h=weak&alpha=0.5&tau=1&widths=16-64")
    tab.page.get_by_role("button", name="Find γ*").click()
    tab.page.get_by_text("exponent ν").wait_for()
    tab.settle()
    value = tab.page.locator('[data-testid="stMetricValue"]').first.inner_text()
    assert value.startswith("0.83")


def test_a_search_can_be_stopped(visit):
    tab = visit().open("/regimes?v=1&init=lazy&alpha=0.6&tau=1.1&widths=16-64")
    # The curve e_∞(γ), a job with a Stop of its own, comes first.
    tab.page.get_by_role("button", name="Find γ*").click()
    tab.page.get_by_role("button", name="Stop", exact=True).click()
    tab.page.get_by_text("Stopped; what was reached").wait_for()
    assert tab.page.get_by_role("button", name="Find γ*").is_enabled()
