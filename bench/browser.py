"""How fast the page answers in a real Chromium: `python -m bench.browser [--others 10]`.

Prints median, quartiles, 95 % and worst, in milliseconds, of: a slider move to the new curve (new
and cached settings), a slider that is dragged to the curve under the hand, one step of the time
cursor, the first chart of a new visitor, also on a slow line, and a change of page; then the moves
again beside other open sessions.  Browser, server and whatever else runs share the machine, so its
load stands above the table.
"""

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import click
from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "browser"))
from conftest import CHROMIUM_FLAGS, Visit, find_chromium

from pages import PAGES
from tests.server import start_server

# In the browser: from the key that moves the slider to the frame in which the curve is new.
TIME_A_MOVE = """([label, key]) => new Promise(resolve => {
  const chart = document.querySelector('.tl-chart');
  const box = [...document.querySelectorAll('[data-testid="stSlider"]')]
    .find(s => s.querySelector('label').textContent.includes(label));
  const before = Number(chart.dataset.revision);
  let start;
  new MutationObserver((_, observer) => {
    if (Number(chart.dataset.revision) <= before) return;
    observer.disconnect();
    requestAnimationFrame(() => resolve(performance.now() - start));
  }).observe(chart, {attributes: true, attributeFilter: ['data-revision']});
  document.addEventListener('keydown', () => { start = performance.now(); },
    {once: true, capture: true});
  box.querySelector('input').focus();
})"""
# In the browser: from each move of the mouse that changes a slider to the frame with its curve.
TIME_A_DRAG = """word => {
  const chart = document.querySelector('.tl-chart');
  const input = document.querySelector(`[class*="st-key-set-${word}"] input`);
  const moved = {};
  let latest = 0;
  window.tlDrag = [];
  document.addEventListener('pointermove', event => { latest = event.timeStamp; }, true);
  const noted = () => { moved[input.getAttribute('aria-valuetext').replace(',', '')] = latest; };
  new MutationObserver(noted).observe(input,
    {attributes: true, attributeFilter: ['aria-valuetext']});
  new MutationObserver(() => {
    const start = moved[new URLSearchParams(chart.dataset.followed).get(word)];
    requestAnimationFrame(() => window.tlDrag.push(performance.now() - start));
  }).observe(chart, {attributes: true, attributeFilter: ['data-followed']});
}"""
TIME_STEPS = """() => {
  const chart = document.querySelector('.tl-chart').tlChart;
  return Array.from({length: 100}, (_, i) => {
    const start = performance.now();
    chart.moveTo(4 * i);
    document.body.offsetHeight;
    return performance.now() - start;
  });
}"""


def report(name: str, times: list[float]) -> None:
    low, middle, high = statistics.quantiles(times, n=4)
    most = statistics.quantiles(times, n=20, method="inclusive")[-1]
    numbers = "".join(f"{time:9.1f}" for time in (middle, low, high, most, max(times)))
    print(f"{name:<52}{numbers}{len(times):6}", flush=True)


def heading() -> None:
    print(f"{os.cpu_count()} processors, load {os.getloadavg()[0]:.1f}; times in ms")
    print(f"{'':<52}{'median':>9}{'quarter':>9}{'3 quart.':>9}{'95 %':>9}{'worst':>9}{'n':>6}")


def moves(browser, address: str, link: str, times: int, suffix: str) -> None:
    """From a link's settings: slider moves to new ones, back to cached ones; cursor steps."""
    visit = Visit(browser, address).open(link)
    for label in ("Noise level", "Width m"):
        there = [move(visit, label, "ArrowRight") for _ in range(times)]
        back = [move(visit, label, "ArrowLeft") for _ in range(times)]
        report(f"slider to curve, new ({label}){suffix}", there)
        report(f"slider to curve, cached ({label}){suffix}", back)
    report(f"one step of the time cursor{suffix}", visit.page.evaluate(TIME_STEPS))
    visit.context.close()


def drags(browser, address: str, link: str, suffix: str) -> None:
    """A slider under the hand, one stop at a time and as fast as a mouse reports."""
    visit = Visit(browser, address).open(link)
    while not visit.page.request.get(f"{address}/api/solve?m=8").ok:  # the kernels are compiled
        time.sleep(1)
    for word, label in (("tau", "Noise level"), ("m", "Width m")):
        for pause, how in ((200, "one stop at a time"), (16, "in one sweep")):
            visit.page.evaluate(f"({TIME_A_DRAG})('{word}')")
            move_by = visit.hold(label)
            for by in (1,) * 12 + (-1,) * 11:
                move_by(by)
                visit.page.wait_for_timeout(pause)
            visit.page.wait_for_timeout(500)
            report(f"drag to curve ({label}), {how}{suffix}",
                   visit.page.evaluate("window.tlDrag"))
            move_by(-1)
            visit.page.mouse.up()
            visit.page.reload()
            visit.settle()
    visit.context.close()


def move(visit: Visit, label: str, key: str) -> float:
    """Milliseconds from the key to the drawn curve."""
    visit.page.evaluate(f"window.tlMove = ({TIME_A_MOVE})(['{label}', '{key}']); 0")
    visit.page.keyboard.press(key)
    elapsed = visit.page.evaluate("window.tlMove")
    visit.settle()
    return elapsed


def first_chart(browser, address: str, megabits: float | None = None) -> float:
    """Milliseconds from the request to the first chart, on a line of so many Mbit/s if given."""
    visit = Visit(browser, address)
    if megabits is not None:
        visit.context.new_cdp_session(visit.page).send("Network.emulateNetworkConditions", {
            "offline": False, "latency": 20, "downloadThroughput": megabits * 1e6 / 8,
            "uploadThroughput": megabits * 1e6 / 8})
    start = time.perf_counter()
    visit.page.goto(address, wait_until="commit")  # not "load", which waits for all files
    visit.page.wait_for_selector(".tl-chart[data-revision]", timeout=120_000)
    elapsed = time.perf_counter() - start
    visit.context.close()
    return 1000 * elapsed


def page_changes(browser, address: str, suffix: str) -> None:
    """By the navigation, page after page: to its title, and to all that it draws."""
    visit = Visit(browser, address, width=1900).open("/?v=1&m=64")
    titles, wholes = [], []
    for turn in range(2):
        for name in [*PAGES][1:] + [*PAGES][:1]:
            title = PAGES[name][0]
            old = visit.page.get_by_role("heading", level=1).first.inner_text()
            link = visit.page.get_by_test_id("stTopNavLink").filter(has_text=title).first
            link.wait_for()
            start = time.perf_counter()
            link.click()
            visit.page.wait_for_function(
                "old => ![...document.querySelectorAll('h1')].some(h => h.innerText === old)",
                arg=old)
            titles.append(1000 * (time.perf_counter() - start))
            visit.settle()
            # Less the time for which `settle` looks whether anything moves.
            wholes.append(1000 * (time.perf_counter() - start) - 300)
        report(f"page change to title, {('first', 'second')[turn]} time{suffix}", titles)
        report(f"page change to all drawn, {('first', 'second')[turn]} time{suffix}", wholes)
        titles, wholes = [], []
    visit.context.close()


@click.command(help=__doc__)
@click.option("--others", default=10, show_default=True, help="Other open sessions.")
@click.option("--moves", "count", default=10, show_default=True, help="Moves of a slider.")
def main(others: int, count: int) -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server, address = start_server(Path(folder) / "log")
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
        try:
            heading()
            cold = first_chart(browser, address)
            print(f"{'first chart after the start of the server':<52}{cold:9.1f}")
            for line, megabits in (("", None), (", 3 Mbit/s", 3.0)):
                report(f"first chart of a new visitor{line}",
                       [first_chart(browser, address, megabits) for _ in range(5)])
            drags(browser, address, "/", "")
            page_changes(browser, address, "")
            moves(browser, address, "/", count, "")
            if others:
                open_ones = [Visit(browser, address).open("/?v=1&alpha=0.5")
                             for _ in range(others)]
                # At another α nothing of the first round is in the cache.
                drags(browser, address, "/?v=1&alpha=0.4", f", {len(open_ones)} others")
                moves(browser, address, "/?v=1&alpha=0.4", count,
                      f", {len(open_ones)} others")
                page_changes(browser, address, f", {len(open_ones)} others")
        finally:
            browser.close()
            server.terminate()


if __name__ == "__main__":
    main()
