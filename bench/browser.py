"""How fast the page answers in a real Chromium: `python bench/browser.py [--others 10]`.

Prints median, quartiles and worst, in milliseconds, of: a slider move to the new curve (new
and cached settings), one step of the time cursor, and the first chart of a new visitor.
"""

import argparse
import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "browser"))
from conftest import CHROMIUM_FLAGS, Visit, find_chromium, start_server

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
    print(f"{name:<44} median {middle:7.1f}  quartiles {low:7.1f} – {high:7.1f}"
          f"  worst {max(times):7.1f}  ({len(times)} times)", flush=True)


def move(visit: Visit, label: str, key: str) -> float:
    """Milliseconds from the key to the drawn curve."""
    visit.page.evaluate(f"window.tlMove = ({TIME_A_MOVE})(['{label}', '{key}']); 0")
    visit.page.keyboard.press(key)
    elapsed = visit.page.evaluate("window.tlMove")
    visit.settle()
    return elapsed


def first_chart(browser, address: str, megabits: float | None = None) -> float:
    """Milliseconds from the request to the chart, on a line of so many Mbit/s if given."""
    visit = Visit(browser, address)
    if megabits is not None:
        visit.context.new_cdp_session(visit.page).send("Network.emulateNetworkConditions", {
            "offline": False, "latency": 20, "downloadThroughput": megabits * 1e6 / 8,
            "uploadThroughput": megabits * 1e6 / 8})
    start = time.perf_counter()
    visit.page.goto(address)
    visit.page.wait_for_selector(".tl-chart[data-revision]", timeout=120_000)
    elapsed = time.perf_counter() - start
    visit.context.close()
    return 1000 * elapsed


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--others", type=int, default=0, help="other open sessions")
    parser.add_argument("--moves", type=int, default=12)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server, address = start_server(Path(folder) / "log")
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=CHROMIUM_FLAGS)
        try:
            print(f"first chart after the server's start: {first_chart(browser, address):.0f} ms")
            report("first chart of a new visitor",
                   [first_chart(browser, address) for _ in range(3)])
            report("first chart at 3 Mbit/s, nothing cached",
                   [first_chart(browser, address, 3.0) for _ in range(3)])
            for _ in range(options.others):
                Visit(browser, address).open()
            visit = Visit(browser, address).open()
            for label in ("Noise level", "Width m"):
                there = [move(visit, label, "ArrowRight") for _ in range(options.moves)]
                back = [move(visit, label, "ArrowLeft") for _ in range(options.moves)]
                report(f"slider to curve, new settings ({label})", there)
                report(f"slider to curve, cached settings ({label})", back)
            report("one step of the time cursor", visit.page.evaluate(TIME_STEPS))
        finally:
            browser.close()
            server.terminate()


if __name__ == "__main__":
    main()
