"""How long a reader waits for Python in a page, what it weighs, and whether the page stays smooth meanwhile.

Each demo is used once by a new visitor and once by the same visitor after a reload, in a Chromium without a
window, on a local host that compresses. Bytes are those that the host sent. The longest task is that of all
visits: a page that was smooth in two of three is not smooth.

    python -m scripts.python_bench
"""

import dataclasses
import functools
import http.server
import pathlib
import statistics
import threading
from collections.abc import Sequence

from playwright.sync_api import BrowserContext, sync_playwright

from scripts import fetch, lighthouse, site
from scripts.row import Row

RUNS = 3
LONGEST_MS = 200
START_S = 1
PATIENCE_MS = 120_000
# By name: the page, the element, and what its reader does first.
CHANGE = "host.querySelector('form input, form select').dispatchEvent(new Event('input', { bubbles: true }))"
POSE = (
    "const pose = host.querySelector('select[data-place^=pose]'); "
    "pose.selectedIndex = pose.selectedIndex ? 0 : 1; pose.dispatchEvent(new Event('change'))"
)
DEMOS = {
    "receipt": ("costs/", "bowl-receipt", CHANGE),
    "fit": ("your-kitchen/", "bowl-fit", CHANGE),
    "choice": ("which-bowl/", "bowl-choice", CHANGE),
    "code cell": ("toppings/", "code-cell", "host.querySelector('.cell-line button').click()"),
    "comic studio": (
        "comic-studio/",
        "comic-studio",
        POSE,
    ),
}
WATCH = """
window.tasks = [];
new PerformanceObserver((list) => tasks.push(...list.getEntries())).observe({ type: "longtask" });
"""
# Seconds from what the reader does to the state "ready", and the longest task in ms (0: none over 50).
USE = """(tag) => new Promise((resolve) => {
  const host = document.querySelector(tag);
  const begun = performance.now();
  new MutationObserver(() => {
    if (host.dataset.state !== "ready") return;
    const seconds = (performance.now() - begun) / 1000;
    setTimeout(() => {
      const during = tasks.filter(({ startTime }) => startTime >= begun).map(({ duration }) => duration);
      resolve([seconds, Math.max(0, ...during)]);
    }, 100);
  }).observe(host, { attributes: true, attributeFilter: ["data-state"] });
  ACT;
})"""


@dataclasses.dataclass(frozen=True)
class Visit:
    """One use of a demo: seconds to its first result, bytes before and in all, the longest task in ms."""

    seconds: float
    before: int
    after: int
    task_ms: float


class _Counting(lighthouse.Host):
    """Counts what it sends, over all connections."""

    sent = 0

    def send_header(self, keyword: str, value: str) -> None:
        if keyword == "Content-Length":
            type(self).sent += int(value)
        super().send_header(keyword, value)


def rows(root: pathlib.Path) -> list[Row]:
    """The figures of every demo of the site that is built in `root`, medians of a few runs.

    Raises:
        fetch.FetchError: there is no Chromium, and none could be had.
    """
    handler = functools.partial(_Counting, directory=root)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}/"
    found: list[Row] = []
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=fetch.chromium(), args=["--no-sandbox", "--disable-gpu"]
            )
            for name in DEMOS:
                visits = []
                for _ in range(RUNS):
                    with browser.new_context() as context:
                        visits.append((_visit(context, address, name), _visit(context, address, name)))
                found += figures(name, visits)
            browser.close()
    finally:
        server.shutdown()
        server.server_close()
    return found


def _visit(context: BrowserContext, address: str, name: str) -> Visit:
    """One use of a demo on a page of its own, in a browser that may have been here before."""
    path, tag, act = DEMOS[name]
    sent = _Counting.sent
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.add_init_script(WATCH)
    page.goto(address + path, wait_until="networkidle")
    page.wait_for_function("(tag) => /idle|ready/.test(document.querySelector(tag).dataset.state)", arg=tag)
    before = _Counting.sent - sent
    seconds, task = page.evaluate(USE.replace("ACT", act), tag)
    page.close()
    return Visit(seconds, before, _Counting.sent - sent, task)


def figures(name: str, visits: list[tuple[Visit, Visit]]) -> list[Row]:
    """The rows of a demo, from its first and second visits."""
    first, second = ([pair[at] for pair in visits] for at in (0, 1))
    cold, warm = (statistics.median(visit.seconds for visit in each) for each in (first, second))
    return [
        Row("python", f"{name}: first result, new visitor", cold, "s"),
        Row(
            "python",
            f"{name}: first result, again",
            warm,
            "s",
            "new visitor",
            cold,
            warm / cold,
            goal=f"under {START_S} s",
            ok=warm < START_S,
        ),
        *weight("python", name, first, first + second),
    ]


def weight(area: str, name: str, first: Sequence[Visit], visits: Sequence[Visit]) -> list[Row]:
    """What a demo's page weighs before and after the first use, and the longest task of all visits."""
    before, after = (
        statistics.median(getattr(visit, field) for visit in first) / 1e6 for field in ("before", "after")
    )
    task = max(visit.task_ms for visit in visits)
    goal = f"at most {LONGEST_MS} ms"
    return [
        Row(area, f"{name}: page before use", before, "MB"),
        Row(area, f"{name}: page after use", after, "MB", "before", before, after / before),
        Row(area, f"{name}: longest task", task, "ms", goal=goal, ok=task <= LONGEST_MS),
    ]


if __name__ == "__main__":
    for row in rows(site.build(strict=False)):
        print(row)
