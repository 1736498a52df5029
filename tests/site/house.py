"""A whole house for the browser: site, packet, a restaurant before the stand-in, and a guest at the table."""

import datetime as dt
import pathlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from playwright.sync_api import Locator, Page, expect

from demos.server.api import restaurant
from demos.server.api.app import create_app
from demos.server.distant.hosted import HostedModel
from demos.server.distant.key import Key
from demos.server.engine import Engine
from demos.server.gemini import engine as gemini
from demos.server.gemini.budget import Budget
from demos.server.settings import Settings
from demos.server.upstream import engine as upstream
from i18n import facts
from i18n.languages import LANGUAGE
from scripts import restaurant as menu
from tests.server import gemini_api
from tests.server.engines import serving
from tests.server.gemini_api import Api
from tests.server.restaurant import QUICK, SECRET

ANSWER_MS = 60_000
DAY = dt.datetime.now(dt.UTC).date()
BOOK = facts.load(pathlib.Path(__file__).parents[2])
# The default of the day, and the packet that the restaurant cooks; both with the prices of docs/data.
SERVED = menu.menu(BOOK, DAY)
MODELS = (SERVED[0], SERVED[-1])


@dataclass
class House:
    """Where it stands, and what stands behind it."""

    url: str
    api: Api


@contextmanager
def opened_house(
    site: pathlib.Path,
    packet: str | Engine,
    *,
    budget_usd: float = 0.5,
    key: bool = True,
    models: Sequence[HostedModel] = MODELS,
    address: str | None = None,
) -> Iterator[House]:
    """The site with two bowls; the packet is an engine, or a kitchen that this server passes orders on to."""
    settings = Settings(budget_usd=budget_usd)
    with ExitStack() as stack:
        api = stack.enter_context(gemini_api.serving(SECRET))
        secret = Key(SECRET, "GEMINI_API_KEY") if key else None
        packets = upstream.engines(packet + "/v1", None) if isinstance(packet, str) else [packet]
        served = gemini.engines(
            models,
            secret,
            Budget(budget_usd),
            address=address or api.address,
            patience=QUICK,
            today=lambda: DAY,
        )
        engines: list[Engine] = [*packets, *served]
        for engine in served:
            assert engine.wait_loaded(30).state == "ready"
        for engine in engines:
            stack.callback(engine.close)
        app = create_app(engines, settings, site, [restaurant.router(engines, lambda: models, settings)])
        yield House(stack.enter_context(serving(app, settings)), api)


class Guest:
    """Somebody at the table."""

    def __init__(
        self, page: Page, url: str, code: str = "en", fragment: str = "", state: str = "ready"
    ) -> None:
        page.goto(f"{url}/{LANGUAGE[code].prefix}taste-test/{fragment}")
        self.page, self.table = page, page.locator("taste-test")
        expect(self.table).to_have_attribute("data-state", state, timeout=ANSWER_MS)
        self.packet = self.table.locator("[data-side=packet]")
        self.restaurant = self.table.locator("[data-side=restaurant]")
        self.consent = self.restaurant.locator(".tt-consent")

    def asks(self, prompt: str = "", tokens: int = 12) -> None:
        if prompt:
            self.table.locator("textarea").first.fill(prompt)
        else:
            self.table.locator(".tt-idea").first.click()
        self.table.locator("input[type=number]").first.evaluate("(box, n) => box.value = n", tokens)
        self.table.locator(".tt-main").first.click()

    def says(self, *, yes: bool) -> None:
        expect(self.consent).to_be_visible()
        self.consent.locator("button").nth(0 if yes else 1).click()

    def sees(self, bowl: Locator, state: str) -> None:
        expect(bowl.locator(".tt-answer")).to_have_attribute("data-state", state, timeout=ANSWER_MS)

    def settles(self) -> None:
        """Nothing cooks any more."""
        expect(self.table).not_to_have_attribute("data-state", "running", timeout=ANSWER_MS)

    def keeps(self, what: str) -> pathlib.Path:
        """The file that a button of the export gives."""
        with self.page.expect_download() as download:
            self.table.get_by_role("button", name=f"Keep as {what}").click()
        return pathlib.Path(download.value.path())

    def figure(self, bowl: Locator, name: str) -> str:
        return bowl.locator(f"[data-figure={name}]").inner_text()
