"""How long the next question takes: from the key to the painted screen, in Chromium, settings as in production.

    ./dev bench swap

A database of its own, gunicorn on a free port of the loopback, guests who skip through the trial by keyboard. Exit
status 1 when the median is over the bound. Measure on a machine that does nothing else.
"""

import shutil
import statistics
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from benchmarks._site import free_port, own_database, prepare_site, say, serve

DATABASE = "holdout_swap_bench"
BOUND_MS = 100
VISITORS = 5
QUESTIONS = 4  # of the trial
SETTLED_MS = 200  # htmx wires a new screen 20 ms after it has painted it; nobody's next key comes sooner
WATCH = """() => {
  window.times = [];
  addEventListener("keydown", () => { window.pressedAt = performance.now(); }, true);
  document.addEventListener("htmx:beforeRequest", () => { window.sentAt = performance.now(); });
  document.addEventListener("htmx:beforeSwap", () => { window.answeredAt = performance.now(); });
  // A frame, and what comes right after it: then the new screen is painted.
  const painted = () => window.times.push([performance.now() - window.pressedAt, window.answeredAt - window.sentAt]);
  new MutationObserver(() => requestAnimationFrame(() => setTimeout(painted)))
    .observe(document.querySelector("main"), { childList: true });
}"""

PAINTED = """swaps => new Promise((done) => {
  const look = () => (window.times.length < swaps ? setTimeout(look, 10) : done());
  look();
})"""


def main() -> None:
    with closing(own_database(DATABASE)), tempfile.TemporaryDirectory(prefix="holdout-swap-") as folder:
        prepare_site(folder)
        port = free_port()
        web = serve(port, Path(folder, "gunicorn.log"))
        try:
            times = measure(f"http://127.0.0.1:{port}")
        finally:
            web.terminate()
            web.wait()
    all_of_it = statistics.median(whole for whole, _ in times)
    browser = statistics.median(whole - request for whole, request in times)
    say(f"{len(times)} swaps: median {all_of_it:.0f} ms from key to paint, {browser:.0f} ms of them in the browser")
    say(f"slowest {max(whole for whole, _ in times):.0f} ms; bound {BOUND_MS} ms on the median")
    sys.exit(1 if all_of_it > BOUND_MS else 0)


def measure(home: str) -> list[tuple[float, float]]:
    """(from key to paint, of that for the request), in ms, one for each swap; the first visitor only warms up."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        visits = [skip_through(browser.new_page(), home) for _ in range(1 + VISITORS)]
        browser.close()
    return [swap for visit in visits[1:] for swap in visit]


def skip_through(page: Page, home: str) -> list[tuple[float, float]]:
    page.goto(f"{home}/trial/")
    page.get_by_role("button", name="Start").click()
    page.wait_for_url("**/interviews/*-*/")
    page.wait_for_load_state("networkidle")  # a key before the scripts would send the plain form
    page.evaluate(WATCH)
    for swaps in range(1, QUESTIONS):
        page.keyboard.press("Alt+s")
        page.evaluate(PAINTED, swaps)
        page.wait_for_timeout(SETTLED_MS)
    times = page.evaluate("window.times")
    page.close()
    return times


if __name__ == "__main__":
    main()
