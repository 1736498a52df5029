"""A whole house for the browser: the site, the real embedded Gemma, and a restaurant before the stand-in."""

import datetime as dt
import pathlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from demos.server import gemini, restaurant, upstream
from demos.server.app import create_app
from demos.server.budget import Budget
from demos.server.hosted import HostedModel
from demos.server.key import Key
from demos.server.settings import Settings
from i18n import facts
from scripts import restaurant as menu
from tests.server import gemini_api
from tests.server.engines import serving
from tests.server.gemini_api import Api
from tests.server.restaurant import QUICK, SECRET

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
    kitchen: str,
    *,
    budget_usd: float = 0.5,
    key: bool = True,
    models: Sequence[HostedModel] = MODELS,
) -> Iterator[House]:
    """The site with two bowls; the packet is the kitchen's, which this server passes orders on to."""
    settings = Settings(budget_usd=budget_usd)
    with ExitStack() as stack:
        api = stack.enter_context(gemini_api.serving(SECRET))
        secret = Key(SECRET, "GEMINI_API_KEY") if key else None
        engines = [
            *upstream.engines(kitchen + "/v1", None),
            *gemini.engines(
                models, secret, Budget(budget_usd), address=api.address, patience=QUICK, today=lambda: DAY
            ),
        ]
        for engine in engines:
            assert engine.wait_loaded(30).state == "ready"
            stack.callback(engine.close)
        app = create_app(engines, settings, site, [restaurant.router(engines, lambda: models, settings)])
        yield House(stack.enter_context(serving(app, settings)), api)
