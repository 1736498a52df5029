"""From the settings to the engines behind one server: the packet, other servers, and the restaurant.

The restaurant is open to every server that has a key, behind the models that `--model` names. Nothing is
started here and no model is loaded; other servers are asked which models they have.
"""

import pathlib
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from demos.server.distant import key
from demos.server.distant.hosted import HostedModel
from demos.server.engine import Engine, Report, Status
from demos.server.errors import KitchenError, UnknownModelError
from demos.server.gemini import engine as gemini
from demos.server.gemini.budget import Budget
from demos.server.local import menu, weights
from demos.server.local.engine import LocalEngine
from demos.server.settings import Settings
from demos.server.upstream import engine as upstream

GEMINI = "gemini-"
"""What the names of the restaurant's own models begin with."""


class Awaited(Engine, Protocol):
    """An engine whose beginning and end can be waited for."""

    def wait_loaded(self, timeout_s: float | None = None) -> Status:
        """Wait until it is ready or has failed."""

    def wait_closed(self, timeout_s: float | None = None) -> bool:
        """Wait until its thread has ended, as it does after `close`."""


def engines(
    settings: Settings,
    environment: Mapping[str, str],
    hosted: Callable[[], Sequence[HostedModel]],
    reporter: Callable[[], Report],
    say: Callable[[str], None],
) -> list[Awaited]:
    """The engines, in the order of the settings' models, then the rest of the restaurant.

    Args:
        settings: models, limits, key file and budget.
        environment: where keys may be.
        hosted: gives the restaurant's menu, and is asked only where there is a key.
        reporter: gives, for each model that is loaded here, what hears how far that is.
        say: hears what a person should know about a choice that was made for them.

    Raises:
        KitchenError: a model is not to be had, or a key is none.
    """
    file = pathlib.Path(settings.key_file) if settings.key_file else None
    found_key = key.find(environment, file)
    served = gemini.engines(hosted() if found_key else (), found_key, Budget(settings.budget_usd))
    restaurant = {engine.card.id: engine for engine in served}
    found: list[Awaited] = []
    for name in settings.model:
        if upstream.is_address(name):
            found += upstream.engines(name, upstream.key_from(environment))
        elif name in restaurant:
            found.append(restaurant.pop(name))
        elif name.startswith(GEMINI):
            raise not_served(name, [engine.card.id for engine in served])
        else:
            source = menu.choose(
                name, weights.cache_folder(), four_bit=settings.four_bit, drafter=settings.drafter
            )
            if source.advice:
                say(source.advice)
            found.append(LocalEngine(source, settings, reporter()))
    return [*found, *restaurant.values()]


def not_served(name: str, there: Sequence[str]) -> KitchenError:
    """Why the restaurant does not serve this model, by the models that it does serve."""
    if there:
        return UnknownModelError(
            f"There is no '{name}' on the Gemini API's menu: there are {', '.join(there)}."
        )
    return KitchenError(
        f"'{name}' needs a key to the Gemini API: set {key.VARIABLES[1]}, or name a file that holds it with "
        "--key-file."
    )
