"""Cooking in the tab, measured: our page beside wllama alone, in one browser, the same file and question.

The two take turns, so that a busy minute hits both. While our page fetches, loads and answers, the browser
notes every task that keeps its main thread for over 50 ms. Called by `scripts.bench`, which starts the
server.
"""

import statistics
from collections.abc import Mapping, Sequence

from playwright.sync_api import Browser, Page, sync_playwright

from demos.server.engine import Message
from demos.server.local import prompt
from scripts import fetch, wllama
from scripts.row import Row

# Its answer is as long as it may be; asked again, only the answer takes time.
QUESTION = "List all the numbers from 1 to 500, separated by commas."
ANSWER_TOKENS = 40
TIMES = 6
PATIENCE_MS = 300_000
SPEED_GOAL = 0.95
TASK_GOAL_MS = 200
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking")
ISOLATED: Mapping[str, str] = {
    "Content-Type": "text/html",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
}
WATCH = """
  globalThis.tasks = [];
  new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration)))
    .observe({ type: "longtask", buffered: true });
"""
THREADS = "Number(document.querySelector('cook-in-this-tab').dataset.threads)"
# What the page of wllama's own example does, with the settings that our worker uses.
ALONE = """async ([home, files, threads]) => {
  const { Wllama } = await import(`${home}index.js`);
  const packed = (await fetch(`${home}wllama.wasm.gz`)).body.pipeThrough(new DecompressionStream("gzip"));
  const wasm = await new Response(packed, { headers: { "Content-Type": "application/wasm" } }).blob();
  const blob = async (names) =>
    new Blob(await Promise.all(names.map(async (name) => (await fetch(`/api/model/${name}`)).blob())));
  const blobs = await Promise.all(files.map(blob));
  globalThis.seasoned = blobs.length > 1;
  globalThis.model = new Wllama({ default: URL.createObjectURL(wasm) }, { suppressNativeLog: true });
  model.setCompat(null);
  const lora = seasoned ? { lora_adapters: [{ path: "models/model-00002-of-00002.gguf", scale: 1 }] } : {};
  const size = { n_ctx: 2048, n_batch: 64, n_ubatch: 64, n_parallel: 1, swa_full: true };
  await model.loadModel(blobs, { ...size, n_threads: threads, n_gpu_layers: 0, ...lora });
}"""
ASK_ALONE = """async ([prompt, max_tokens]) => {
  const lora = seasoned ? { lora: [{ id: 0, scale: 0 }] } : {};
  const order = { prompt, max_tokens, temperature: 0, stop: ["\\n"], stream: true, timings_per_token: true };
  let timings;
  const chunks = await model.createCompletion({ ...order, ...lora });
  for await (const chunk of chunks) timings = chunk.timings ?? timings;
  return timings.predicted_per_second;
}"""


def rows(address: str) -> list[Row]:
    """Tokens/s in our page over wllama alone, and the longest task of the main thread.

    Args:
        address: a running server, without a slash at the end.
    """
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=fetch.chromium(), args=list(FLAGS))
        try:
            ours = loaded(browser, address)
            bare = alone(browser, address, threads=ours.evaluate(THREADS))
            ask(ours), ask_alone(bare)  # both read the examples
            pairs = []
            for number in range(TIMES):
                if number % 2:
                    alone_rate, our_rate = ask_alone(bare), ask(ours)
                else:
                    our_rate, alone_rate = ask(ours), ask_alone(bare)
                pairs.append((our_rate, alone_rate))
            tasks = ours.evaluate("tasks")
        finally:
            browser.close()
    return measured(pairs, tasks)


def measured(pairs: Sequence[tuple[float, float]], tasks: Sequence[float]) -> list[Row]:
    """The rows from tokens/s, ours and alone, and from the milliseconds of long tasks."""
    our_rate, rate = (statistics.median(each) for each in zip(*pairs, strict=True))
    ratio = statistics.median(our / bare for our, bare in pairs)
    longest = max(tasks, default=0.0)
    return [
        Row(
            "tab",
            "decode",
            our_rate,
            "tokens/s",
            "wllama alone",
            rate,
            ratio,
            f"at least {SPEED_GOAL}",
            ratio >= SPEED_GOAL,
        ),
        Row(
            "tab",
            "longest task of the page",
            longest,
            "ms",
            goal=f"at most {TASK_GOAL_MS} ms",
            ok=longest <= TASK_GOAL_MS,
        ),
    ]


def loaded(browser: Browser, address: str) -> Page:
    """Our page with the server's model on the stove, without a topping."""
    page = browser.new_page()
    page.add_init_script(WATCH)
    page.goto(f"{address}/cook-in-this-tab/")
    page.get_by_role("button", name="Fetch").first.wait_for()
    page.evaluate("tasks.length = 0")  # opening a page is Lighthouse's matter
    page.get_by_role("button", name="Fetch").first.click()
    page.wait_for_selector("cook-in-this-tab[data-state=ready]", timeout=PATIENCE_MS)
    topping = page.get_by_label("House topping")
    if topping.is_visible():
        topping.uncheck()
    page.get_by_text("Options").click()
    page.get_by_label("Longest answer").fill(str(ANSWER_TOKENS))
    return page


def ask(page: Page) -> float:
    """Tokens/s of an answer as our page shows them, to one decimal."""
    page.get_by_label("Your prompt").fill(QUESTION)
    page.get_by_role("button", name="Ask", exact=True).click()
    page.wait_for_selector("cook-in-this-tab[data-state=running]", timeout=PATIENCE_MS)
    page.wait_for_selector("cook-in-this-tab[data-state=ready]", timeout=PATIENCE_MS)
    return float(page.locator(".tt-figures dd").last.inner_text())


def alone(browser: Browser, address: str, threads: int) -> Page:
    """An empty page of the same origin that loads the same files into wllama, in its own main thread."""
    page = browser.new_page()
    page.set_default_timeout(PATIENCE_MS)
    page.route(
        f"{address}/alone", lambda route: route.fulfill(body="<!doctype html>", headers=dict(ISOLATED))
    )
    page.goto(f"{address}/alone")
    manifest = page.request.get(f"{address}/api/model/manifest.json").json()
    files = [[part["file"] for part in manifest["model"]["parts"]]]
    if manifest["topping"]:
        files.append([manifest["topping"]["file"]])
    page.evaluate(ALONE, [f"{address}/{wllama.runtime().folder}/", files, threads])
    return page


def ask_alone(page: Page) -> float:
    """Tokens/s of the same answer from wllama."""
    text = prompt.as_examples([Message("user", QUESTION)])
    return float(page.evaluate(ASK_ALONE, [text, ANSWER_TOKENS]))
