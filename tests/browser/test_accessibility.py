"""axe-core finds no serious fault on any page; every figure has words and numbers."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from pages import PAGES

GRAVE = ("serious", "critical")
FOREIGN = re.compile(r'id="glide-cell-')
"""Cells of Streamlit's tables: two tables on one page number theirs alike."""


def settled_faults(page) -> list[str]:
    """What is left once nothing fades in any more: pale transitions are no faults."""
    for _ in range(5):
        page.wait_for_timeout(1000)
        if not (found := faults(page)):
            break
    return found


def faults(page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{v['id']}: {node['html'][:300]} {node['failureSummary'][:300]}"
            for v in found if v["impact"] in GRAVE for node in v["nodes"]
            if not (v["id"] == "duplicate-id-active" and FOREIGN.search(node["html"]))]


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_serious_light_or_dark(visit, name):
    tab = visit()
    tab.page.goto(f"{tab.address}/{'' if name == 'explorer' else name}")
    tab.page.get_by_role("heading", level=1).first.wait_for()
    for scheme in ("light", "dark"):
        tab.page.emulate_media(color_scheme=scheme)
        tab.settle()
        assert settled_faults(tab.page) == [], scheme


def test_every_figure_has_words_for_those_who_do_not_see_it(visit):
    tab = visit().open()
    words = tab.page.evaluate("""[...document.querySelectorAll('.tl-frame, .tl-sphere')]
        .map(figure => figure.getAttribute('aria-label'))""")
    assert len(words) == 4 and all(len(each) > 40 for each in words)
    tab.page.get_by_text("Table of values").click()
    tab.page.get_by_test_id("stDataFrame").wait_for()
