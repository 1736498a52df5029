"""Ask the live Gemini API what the tests ask a stand-in, with your own key: no test of this project does.

It sends a dozen short, harmless questions to Google, in your name and under the terms of your key, costs a
cent or two at most on a paid one (`--budget` is where it stops), and prints what each check found. Run it
when the SDK, a model or a price has changed:

    GEMINI_API_KEY=... python -m scripts.try_gemini
"""

import asyncio
import base64
import datetime as dt
import os
import pathlib
import queue
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Final

import typer
from google.genai import types
from rich.console import Console

from demos.server.distant import key
from demos.server.distant.hosted import HostedModel
from demos.server.distant.patience import Patience
from demos.server.engine import Delta, Done, Event, Failed, Message, Order
from demos.server.errors import KitchenError
from demos.server.gemini import engine as gemini
from demos.server.gemini import request as gemini_request
from demos.server.gemini import sdk as gemini_client
from demos.server.gemini.budget import Budget, dollars
from i18n import facts
from i18n.errors import SiteError
from scripts import restaurant

ROOT: Final = pathlib.Path(__file__).resolve().parent.parent
# A red square of 8 x 8 pixels.
PICTURE: Final = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEklEQVR42mP4z8CAFWEXHbQSACj/P8Fu7N9hAAAAAElFTkSuQmCC"
)
QUESTION: Final = "라면이 뭐예요? 한 문장으로 답해 주세요."
console: Final = Console()


class NotSoError(Exception):
    """What a check found instead of what it expected."""


@dataclass(frozen=True)
class Trial:
    """What a check may use."""

    found: key.Key
    address: str
    model: HostedModel
    gemma: HostedModel
    budget: Budget

    def engine(self, model: HostedModel, found: key.Key | None = None) -> gemini.GeminiEngine:
        """An engine of its own, which a check closes."""
        (engine,) = gemini.engines([model], found or self.found, self.budget, address=self.address)
        engine.wait_loaded()
        return engine


def heard(
    trial: Trial, model: HostedModel, order: Order, found: key.Key | None = None
) -> tuple[str, str, Event]:
    """What was said, what was thought, and the end."""
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    engine = trial.engine(model, found)
    try:
        engine.submit(order, events.put)
        said = thought = ""
        while isinstance(event := events.get(timeout=Patience().whole + 10), Delta):
            said, thought = said + event.text, thought + event.thought
        return said, thought, event
    finally:
        engine.close()
        engine.wait_closed(10)


def answered(trial: Trial, model: HostedModel, order: Order) -> tuple[str, str, Done]:
    """The same for an answer that must come.

    Raises:
        NotSoError: it failed.
    """
    said, thought, end = heard(trial, model, order)
    if not isinstance(end, Done):
        raise NotSoError(str(end))
    return said, thought, end


def asked(text: str, max_tokens: int = 64) -> Order:
    """A question that leaves little to think about."""
    return Order((Message("user", text),), max_tokens, thinking=False)


def streams(trial: Trial) -> str:
    """An answer comes, with its tokens and its price."""
    said, _, done = answered(trial, trial.model, asked(QUESTION))
    expect(said and done.timings.prompt_n and done.timings.predicted_n, f"{said!r}, {done}")
    expect(done.cost_usd is not None and done.cost_usd > 0, f"it cost {done.cost_usd}")
    timings = done.timings
    return (
        f"{said.strip()!r}: {timings.prompt_n} + {timings.predicted_n} tokens, first after "
        f"{timings.ttft_ms:.0f} ms, {dollars(done.cost_usd or 0)}"
    )


def thinks(trial: Trial) -> str:
    """Thoughts are told apart and counted."""
    order = replace(asked("How many r are in strawberry?"), thinking=True)
    _, thought, done = answered(trial, trial.model, order)
    expect(done.thought_tokens, "no tokens were thought")
    return f"{done.thought_tokens} tokens of thought, {len(thought)} characters of them shown"


def sees(trial: Trial) -> str:
    """A picture is looked at."""
    turn = Message("user", "Which colour is this? One English word.", (PICTURE,))
    said, _, _ = answered(trial, trial.model, Order((turn,), 32, thinking=False))
    expect("red" in said.lower(), f"it saw {said!r}")
    return said.strip()


def remembers(trial: Trial) -> str:
    """A system instruction and earlier turns are heeded."""
    turns = (
        Message("system", "Answer with one word."),
        Message("user", "My dish is ramen."),
        Message("assistant", "Noted."),
        Message("user", "What is my dish?"),
    )
    said, _, _ = answered(trial, trial.model, Order(turns, 32, thinking=False))
    expect("ramen" in said.lower(), f"it said {said!r}")
    return said.strip()


def ends(trial: Trial) -> str:
    """An answer ends where it was asked to."""
    _, _, done = answered(trial, trial.model, asked("Count from 1 to 500.", max_tokens=16))
    expect(done.finish_reason == "length", f"it ended with {done.finish_reason}")
    order = replace(asked("Count from 1 to 9 with spaces."), stop=("7",))
    said, _, _ = answered(trial, trial.model, order)
    expect("6" in said and "7" not in said, f"it said {said!r}")
    return f"at {done.timings.predicted_n} tokens, and before a 7"


def stops(trial: Trial) -> str:
    """Hanging up closes the request and frees the money."""
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    engine = trial.engine(trial.model)
    try:
        ticket = engine.submit(asked("Write a poem of a hundred lines about noodles.", 1024), events.put)
        first = events.get(timeout=Patience().silence)
        expect(isinstance(first, Delta), str(first))
        ticket.cancel()
    finally:
        engine.close()
        expect(engine.wait_closed(10), "it did not end")
    expect(trial.budget.held_usd == 0, f"{trial.budget.held_usd} is still set aside")
    return f"{dollars(trial.budget.unreported_usd)} may have been used without a report"


def bounds(trial: Trial) -> str:
    """What is reckoned beforehand is never less than what the API counts."""
    order = Order(
        (Message("user", f"{QUESTION} ラーメン 🍜 {{}}\\u0000"), Message("user", "?", (PICTURE,))), 8
    )
    contents, _ = gemini_request.build(order, trial.model)

    async def counted() -> int:
        async with gemini_client.client(trial.found, trial.address, Patience()) as client:
            found = await client.aio.models.count_tokens(
                model=trial.model.id,
                contents=list(contents),
                config=types.CountTokensConfig(
                    http_options=types.HttpOptions(api_version=trial.model.version)
                ),
            )
            return found.total_tokens or 0

    tokens, bound = asyncio.run(counted()), gemini_request.worst(order, trial.model).prompt
    expect(0 < tokens <= bound, f"the API counts {tokens}, the bound is {bound}")
    return f"{tokens} tokens, bound {bound}"


def cooks_the_packet(trial: Trial) -> str:
    """Gemma answers, too, with its sampling settings and for nothing."""
    said, _, done = answered(trial, trial.gemma, replace(asked(QUESTION), temperature=0.0, seed=1))
    expect(said and done.cost_usd == 0, f"{said!r} for {done.cost_usd}")
    return f"{trial.gemma.id}: {said.strip()!r}"


def refuses(trial: Trial) -> str:
    """A wrong key and a model that does not exist are told as such."""
    wrong = key.Key("AIzaSyThisKeyOpensNothing00000000000000", "this check")
    _, _, by_key = heard(trial, trial.model, asked("?"), wrong)
    expect(isinstance(by_key, Failed) and by_key.code == "key_rejected", str(by_key))
    _, _, by_model = heard(trial, replace(trial.model, id="gemini-0-nothing"), asked("?"))
    expect(isinstance(by_model, Failed) and by_model.code == "model_shut_down", str(by_model))
    return "both"


CHECKS: Final[Mapping[str, Callable[[Trial], str]]] = {
    "an answer streams": streams,
    "thoughts are counted": thinks,
    "a picture is seen": sees,
    "turns are remembered": remembers,
    "an answer ends": ends,
    "hanging up ends it": stops,
    "the bound holds": bounds,
    "Gemma on the API": cooks_the_packet,
    "refusals are told": refuses,
}


def expect(holds: object, found: str) -> None:
    """A check's condition.

    Raises:
        NotSoError: it does not hold.
    """
    if not holds:
        raise NotSoError(found)


def prepared(found: key.Key | None, address: str, name: str, budget: float) -> Trial:
    """What the checks need; the menu's first model for the name "".

    Raises:
        KitchenError: there is no key, or no such model.
        SiteError: docs/data cannot be read.
    """
    if found is None:
        raise KitchenError("There is no API key: set GEMINI_API_KEY, or name a file with --key-file.")
    menu = restaurant.menu(facts.load(ROOT), dt.datetime.now(dt.UTC).date())
    model = next((model for model in menu if name in {"", model.id}), None)
    if model is None:
        there = ", ".join(model.id for model in menu)
        raise KitchenError(f"There is no {name} on the menu: choose one of {there}.")
    gemma = next(model for model in menu if model.version == "v1beta")
    return Trial(found, address, model, gemma, Budget(budget))


def main(
    *,
    model: Annotated[str, typer.Option(help="Id of a model on the menu; its first one without.")] = "",
    key_file: Annotated[pathlib.Path | None, typer.Option(help="A file of mode 0600 with the key.")] = None,
    budget: Annotated[float, typer.Option(help="Dollars that may be spent.")] = 0.2,
    address: Annotated[str, typer.Option(help="Of the API.")] = gemini.ADDRESS,
) -> None:
    """Check the restaurant against the live Gemini API, with your key."""
    try:
        trial = prepared(key.find(os.environ, key_file), address, model, budget)
    except (KitchenError, SiteError) as error:
        console.print(str(error), markup=False, highlight=False, soft_wrap=True)
        raise typer.Exit(1) from None
    console.print(f"{trial.model.name} at {address}, with the key from {trial.found.source}", markup=False)
    failures = 0
    for name, check in CHECKS.items():
        try:
            result = f"ok      {name}: {check(trial)}"
        except NotSoError as problem:
            failures += 1
            result = f"NOT SO  {name}: {problem}"
        console.print(trial.found.scrub(result), markup=False, highlight=False, soft_wrap=True)
    spent, unreported = dollars(trial.budget.spent_usd), dollars(trial.budget.unreported_usd)
    console.print(f"Spent {spent}, and at most {unreported} that was not reported.", markup=False)
    if failures:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
