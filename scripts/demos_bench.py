"""What the demos without Python weigh, and whether the page stays smooth while they are used.

Each is used once by a new visitor and once again, on the running server with its own model. Bytes are those
that came over the wire, workers' too. The demos with Python, which any static host serves, are measured by
`scripts.python_bench`; called by `scripts.bench`, which starts the server.
"""

from playwright.sync_api import BrowserContext, Request, sync_playwright

from scripts import fetch
from scripts.python_bench import PATIENCE_MS, USE, WATCH, Visit, weight
from scripts.row import Row

ASK = "host.querySelector('{0} .tt-idea').click(); host.querySelector('{0} .tt-main').click()"
# By name: the page, the element, its state before a use, and what its reader does first.
DEMOS = {
    "taste test": ("taste-test/", "taste-test", "ready", ASK.format(".tt-form")),
    "toppings bar": ("toppings-bar/", "toppings-bar", "ready", ASK.format(".bar-tasting")),
    "peek into the pot": (
        "peek-into-the-pot/",
        "token-pot",
        "ready",
        "host.querySelector('.pot-main').click()",
    ),
    "same recipe twice": (
        "same-recipe-twice/",
        "same-recipe",
        "ready",
        "host.querySelector('.pot-main').click()",
    ),
    "cook in this tab": (
        "cook-in-this-tab/",
        "cook-in-this-tab",
        "idle",
        "host.querySelector('li .tt-main').click()",
    ),
    "where words go": (
        "your-words/",
        "word-path",
        "ready",
        "host.querySelector('.pot-main').click()",  # its way takes as long as it is drawn
    ),
    # What it says is there with the click.
    "myth or menu": (
        "myths/",
        "bowl-quiz",
        "ready",
        "document.querySelector('.quiz-guess button').click(); host.dataset.state = 'ready'",
    ),
}


def rows(address: str) -> list[Row]:
    """The figures of every demo.

    Args:
        address: a running server whose model is ready, without a slash at the end.

    Raises:
        fetch.FetchError: there is no Chromium, and none could be had.
    """
    found: list[Row] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=fetch.chromium(), args=["--no-sandbox", "--disable-gpu"]
        )
        for name in DEMOS:
            with browser.new_context() as context:
                visits = [_visit(context, address, name) for _ in range(2)]
            found += weight("demos", name, visits[:1], visits)
        browser.close()
    return found


def _visit(context: BrowserContext, address: str, name: str) -> Visit:
    path, tag, rests, act = DEMOS[name]
    page = context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.add_init_script(WATCH)
    requests: list[Request] = []

    def note(request: Request) -> None:  # Playwright cannot mark a method of a list
        requests.append(request)

    page.on("requestfinished", note)
    page.goto(f"{address}/{path}", wait_until="networkidle")
    page.wait_for_selector(f"{tag}[data-state={rests}]")
    before = _bytes(requests)
    seconds, task = page.evaluate(USE.replace("ACT", act), tag)
    after = _bytes(requests)
    page.close()
    return Visit(seconds, before, after, task)


def _bytes(requests: list[Request]) -> int:
    sizes = [request.sizes() for request in list(requests)]
    return sum(each["responseHeadersSize"] + max(0, each["responseBodySize"]) for each in sizes)
