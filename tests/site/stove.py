"""A worker in place of the one that cooks in the tab: it is ready at once, and says what a test wants."""

import json
from collections.abc import Callable

from playwright.sync_api import Route

WORKER = """addEventListener("message", async ({ data }) => {
  if (data.load) postMessage({ ready: { name: "noodles", threads: 1, chat: false } });
  if (!data.ask) return;
  for (const text of %s) {
    postMessage({ text });
    await new Promise((later) => setTimeout(later, %d));
  }
  postMessage({ finish: "stop" });
});"""


def fake_stove(*pieces: str, pause_ms: int = 0) -> Callable[[Route], None]:
    """What answers the browser when it asks for `workers/wllama.js`."""
    script = WORKER % (json.dumps(pieces), pause_ms)
    return lambda route: route.fulfill(body=script, content_type="text/javascript")
