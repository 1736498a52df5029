"""Record what a starter set makes of the embedded model, for the pages that no server stands behind.

Trains the pirate chef with the examples of each language as the toppings bar would, asks before and after
what the set does not teach, deletes the topping again, and writes `docs/data/seasonings.yml`. On a quiet
machine: the seconds are told to readers.

    python -m scripts.record_toppings en ko ja
"""

import datetime as dt
import pathlib
import queue
import time
from collections.abc import Sequence
from typing import Annotated, Any

import typer
import yaml
from rich.console import Console

from demos.server.engine import Delta, Event, Message, Order, label
from demos.server.local import menu, weights
from demos.server.local.engine import LocalEngine
from demos.server.settings import Settings
from demos.server.topping.trainer import Trainer
from demos.server.topping.wish import Wish
from i18n import catalog, facts
from i18n.languages import LANGUAGE, LANGUAGES, Language
from i18n.seasoning import Seasonings, Starters
from scripts.record import machine

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "data" / "seasonings.yml"
HEAD = "# Recorded trainings, as measured: `python -m scripts.record_toppings` writes this file.\n"
STARTER = "pirate"
STEPS = 8
NAME = "recorded"
CODES = [language.code for language in LANGUAGES]
console = Console()


def answers(engine: LocalEngine, questions: Sequence[str], adapter: str) -> list[str]:
    """What the model says to each question, at temperature 0."""
    said = []
    for question in questions:
        events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        order = Order((Message("user", question),), 64, temperature=0, adapter=adapter)
        engine.submit(order, events.put)
        text = ""
        while isinstance(event := events.get(timeout=120), Delta):
            text += event.text
        said.append(text.strip())
    return said


def seasoning(engine: LocalEngine, language: Language, starters: Starters) -> dict[str, Any]:
    """One training and what came of it, in the shape of docs/data/seasonings.yml.

    Raises:
        RuntimeError: the training broke off.
    """
    say = catalog.for_language(ROOT, language)
    starter = next(each for each in starters.starters if each.id == STARTER)
    examples = [{"question": say(each.question), "answer": say(each.answer)} for each in starter.examples]
    questions = [str(say(taste)) for taste in starters.tastes]
    trainer = Trainer([engine])
    before = answers(engine, questions, "")
    begun = time.monotonic()
    trainer.start(Wish.model_validate({"name": NAME, "examples": examples, "steps": STEPS}, strict=False))
    trainer.find(NAME).wait()
    seconds = time.monotonic() - begun
    end = trainer.find(NAME).progress
    if end.state != "done":
        raise RuntimeError(end.reason)
    memory = engine.adapter_bytes(NAME)
    after = answers(engine, questions, NAME)
    trainer.remove(NAME)
    return {
        "language": language.code,
        "starter": STARTER,
        "date": dt.datetime.now(tz=dt.UTC).date(),
        "machine": machine(),
        "model": label(engine.card, engine.hardware),
        "examples": len(examples),
        "seconds": round(seconds),
        "losses": list(end.losses),
        "memory_bytes": memory,
        "bites": [
            {"question": question, "before": plain, "after": topped}
            for question, plain, topped in zip(questions, before, after, strict=True)
        ],
    }


def main(languages: Annotated[list[str] | None, typer.Argument(help="Codes; none for all.")] = None) -> None:
    """Train the pirate chef in these languages and put what came of it into docs/data/seasonings.yml."""
    starters = facts.load(ROOT).seasoned
    found = yaml.safe_load(TARGET.read_text("utf-8"))["seasonings"] if TARGET.exists() else []
    engine = LocalEngine(menu.choose("embedded", weights.cache_folder()), Settings())
    engine.start()
    engine.wait_loaded()
    for code in languages or CODES:
        found = [each for each in found if each["language"] != code]
        found.append(seasoning(engine, LANGUAGE[code], starters))
        for bite in found[-1]["bites"]:
            console.print(bite["question"], "→", bite["before"], "→", bite["after"], highlight=False)
    engine.close()
    engine.wait_closed()
    found.sort(key=lambda each: CODES.index(each["language"]))
    Seasonings.model_validate({"seasonings": found})
    told = yaml.safe_dump({"seasonings": found}, allow_unicode=True, sort_keys=False, width=120)
    TARGET.write_text(HEAD + told, "utf-8")


if __name__ == "__main__":
    typer.run(main)
