"""A real browser on the built site, on the running server, and on a kitchen that misbehaves on purpose."""

import contextlib
import functools
import pathlib
import socket
import subprocess
import sys
import time
import urllib.parse
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page

from scripts import fetch
from tests.site.loopback import FakeHandler, FakeKitchen, Files, serving

QUIET_BROWSER = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
SUB_PATH = "/some/where"


# The browser


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict) -> dict:
    return browser_type_launch_args | {"executable_path": fetch.chromium_path(), "args": QUIET_BROWSER}


@pytest.fixture(scope="session")
def base_url() -> None:
    """No base address. The plugin's own fixture warns under pytest 9, and a warning is an error here."""


@dataclass
class Complaints:
    """What a visitor's console and network showed that they should not. A test may expect some of it."""

    found: list[str] = field(default_factory=list)
    expected: tuple[str, ...] = ()
    origin: str = ""

    def console(self, kind: str, text: str) -> None:
        if kind in {"error", "warning"}:
            self.found.append(f"console {kind}: {text}")

    def request(self, url: str) -> None:
        parts = urllib.parse.urlsplit(url)
        if parts.scheme in {"data", "blob"}:
            return
        origin = f"{parts.scheme}://{parts.netloc}"
        self.origin = self.origin or origin
        if origin != self.origin:
            self.found.append(f"request to another origin: {url}")

    def unexpected(self) -> list[str]:
        return [line for line in self.found if not any(part in line for part in self.expected)]


@pytest.fixture
def complaints() -> Complaints:
    return Complaints()


@pytest.fixture
def page(page: Page, complaints: Complaints) -> Iterator[Page]:
    """A page whose test fails for any console error, script error or request to another origin."""
    page.set_default_timeout(15_000)
    page.on("console", lambda message: complaints.console(message.type, message.text))
    page.on("pageerror", lambda error: complaints.found.append(f"script error: {error}"))
    page.context.on("request", lambda request: complaints.request(request.url))  # of its workers, too
    yield page
    page.close()
    assert complaints.unexpected() == []


# Servers


class _UnderSubPath(Files):
    def translate_path(self, path: str) -> str:
        return super().translate_path(path.removeprefix(SUB_PATH) if path.startswith(SUB_PATH) else "/none")


@pytest.fixture(scope="session")
def site(built: pathlib.Path) -> pathlib.Path:
    """The built site in three languages."""
    return built


@pytest.fixture(scope="session")
def static_server(site: pathlib.Path) -> Iterator[str]:
    """The site on a plain file host, below a path, which only relative links survive."""
    with serving(functools.partial(_UnderSubPath, directory=site)) as server:
        yield server.url + SUB_PATH


@pytest.fixture
def fake_kitchen(site: pathlib.Path) -> Iterator[FakeKitchen]:
    """The built site with a fake kitchen behind it."""
    kitchen = FakeKitchen()
    kitchen.streams("Ramen ", "is ", "**good**.")
    handler = type("Handler", (FakeHandler,), {"kitchen": kitchen})
    with serving(functools.partial(handler, directory=site)) as server:
        kitchen.url = server.url
        yield kitchen


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def kitchen(site: pathlib.Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a running server with the real embedded model, ready to answer."""
    url = f"http://127.0.0.1:{_free_port()}"
    log = tmp_path_factory.mktemp("kitchen") / "log"
    command = [sys.executable, "-m", "scripts.serve", "--port", url.rpartition(":")[2], "--no-open"]
    with log.open("w") as output, subprocess.Popen(command, stdout=output, stderr=output) as process:
        try:
            _wait_until_ready(url, process, log)
            yield url
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_until_ready(url: str, process: subprocess.Popen, log: pathlib.Path, limit: float = 400) -> None:
    end = time.monotonic() + limit
    while time.monotonic() < end and process.poll() is None:
        with contextlib.suppress(OSError), urllib.request.urlopen(f"{url}/health", timeout=5) as response:
            if response.status == 200:
                return
        time.sleep(0.3)
    pytest.fail(
        f"scripts.serve was not ready after {limit} s (exit {process.poll()}):\n{log.read_text()[-2000:]}"
    )
