"""Record what a starter set makes of the embedded model, for the pages that no server stands behind.

Starts the kitchen of this project, trains the pirate chef with the examples of each language as a page would,
asks questions that the set does not teach before and after, deletes the topping again, and writes
`docs/data/seasonings.yml`. On a quiet machine: the seconds are told to readers.

    python -m scripts.record_toppings en ko ja
"""

import datetime as dt
import json
import pathlib
import sys
import time
from collections.abc import Sequence
from typing import Annotated, Any

import httpx
import typer
import yaml
from rich.console import Console

from i18n import catalog, facts
from i18n.languages import LANGUAGE, LANGUAGES, Language
from i18n.seasoning import Seasonings, Starters
from scripts import bench
from scripts.record import machine

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "data" / "seasonings.yml"
HEAD = "# Recorded trainings, as measured: `python -m scripts.record_toppings` writes this file.\n"
STARTER = "pirate"
STEPS = 8
NAME = "recorded"
console = Console()


def answers(kitchen: str, questions: Sequence[str], adapter: str) -> list[str]:
    """What the model says to each question, at temperature 0."""
    said = []
    for question in questions:
        messages = [{"role": "user", "content": question}]
        body = {"messages": messages, "adapter": adapter, "temperature": 0, "max_tokens": 64}
        reply = httpx.post(f"{kitchen}/v1/chat/completions", json=body, timeout=120).raise_for_status()
        said.append(reply.json()["choices"][0]["message"]["content"].strip())
    return said


def seasoning(kitchen: str, language: Language, starters: Starters) -> dict[str, Any]:
    """One training and what came of it, in the shape of docs/data/seasonings.yml.

    Raises:
        RuntimeError: the training broke off.
    """
    say = catalog.for_language(ROOT, language)
    starter = next(each for each in starters.starters if each.id == STARTER)
    examples = [{"question": say(each.question), "answer": say(each.answer)} for each in starter.examples]
    questions = [str(say(taste)) for taste in starters.tastes]
    before = answers(kitchen, questions, "")
    begun = time.monotonic()
    wish = {"name": NAME, "examples": examples, "steps": STEPS}
    httpx.post(f"{kitchen}/api/toppings", json=wish).raise_for_status()
    told = httpx.get(f"{kitchen}/api/toppings/{NAME}/training", timeout=600).text.splitlines()
    end = json.loads([line for line in told if line.startswith("data: {")][-1].removeprefix("data: "))
    if end["state"] != "done":
        raise RuntimeError(end["reason"])
    seconds = time.monotonic() - begun
    try:
        after = answers(kitchen, questions, NAME)
        listed = httpx.get(f"{kitchen}/api/toppings").json()["toppings"]
        (topping,) = [each for each in listed if each["name"] == NAME]
    finally:
        httpx.delete(f"{kitchen}/api/toppings/{NAME}")
    return {
        "language": language.code,
        "starter": STARTER,
        "date": dt.datetime.now(tz=dt.UTC).date(),
        "machine": machine(),
        "model": httpx.get(f"{kitchen}/api/kitchen").json()["model"]["label"],
        "examples": len(examples),
        "seconds": round(seconds),
        "losses": topping["losses"],
        "memory_bytes": topping["memory_bytes"],
        "bites": [
            {"question": question, "before": plain, "after": topped}
            for question, plain, topped in zip(questions, before, after, strict=True)
        ],
    }


def main(
    languages: Annotated[list[str], typer.Argument(help="Codes of languages.")] = [  # noqa: B006
        language.code for language in LANGUAGES
    ],
) -> None:
    """Train the pirate chef in these languages and put what came of it into docs/data/seasonings.yml."""
    starters = facts.load(ROOT).seasoned
    found = yaml.safe_load(TARGET.read_text("utf-8"))["seasonings"] if TARGET.exists() else []
    port = bench.free_port()
    kitchen = f"http://127.0.0.1:{port}"
    with bench.process([sys.executable, "-m", "scripts.serve", "--port", str(port), "--no-open"]):
        bench.seconds_until(f"{kitchen}/health", 300)
        for code in languages:
            found = [each for each in found if each["language"] != code]
            found.append(seasoning(kitchen, LANGUAGE[code], starters))
            for bite in found[-1]["bites"]:
                console.print(bite["question"], "→", bite["before"], "→", bite["after"], highlight=False)
    order = [language.code for language in LANGUAGES]
    found.sort(key=lambda each: order.index(each["language"]))
    Seasonings.model_validate({"seasonings": found})
    told = yaml.safe_dump({"seasonings": found}, allow_unicode=True, sort_keys=False, width=120)
    TARGET.write_text(HEAD + told)


if __name__ == "__main__":
    typer.run(main)
