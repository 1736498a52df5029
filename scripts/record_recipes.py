"""Record whether one recipe really gives one bowl, for readers of "Same recipe twice" without a server.

Starts the kitchen of this project, asks one question in each language three times with one seed, then with
another seed and another temperature, and writes `docs/data/recipes.yml`: every answer with its SHA-256.

    python -m scripts.record_recipes
"""

import datetime as dt
import hashlib
import sys
from typing import Any

import httpx
import typer
import yaml
from rich.console import Console

from i18n import catalog
from i18n.languages import LANGUAGES
from scripts import contestants
from scripts.record import ROOT, machine

TARGET = ROOT / "docs" / "data" / "recipes.yml"
HEAD = (
    "# Recorded answers by one recipe, as they came: `python -m scripts.record_recipes` writes this file.\n"
)
QUESTION = "What is ramen?"
"""The page's own; each language asks it in its own words."""
SEED, TEMPERATURE, TOKENS = 7, 1.0, 40
CHANGES: tuple[tuple[str, dict[str, float]], ...] = (
    ("", {}),
    ("", {}),
    ("", {}),
    ("seed", {"seed": SEED + 1}),
    ("temperature", {"temperature": TEMPERATURE + 0.1}),
)


def bowl(kitchen: str, question: str, changed: str, choices: dict[str, float]) -> dict[str, str]:
    """One answer in the shape of docs/data/recipes.yml, without any topping."""
    body: dict[str, Any] = {"messages": [{"role": "user", "content": question}], "max_tokens": TOKENS}
    body |= {"adapter": "", "seed": SEED, "temperature": TEMPERATURE, **choices}
    reply = httpx.post(f"{kitchen}/v1/chat/completions", json=body, timeout=120).raise_for_status().json()
    text = reply["choices"][0]["message"]["content"]
    return {"changed": changed, "sha256": hashlib.sha256(text.encode()).hexdigest(), "text": text}


def recipe(kitchen: str, model: str, language: str, question: str) -> dict[str, Any]:
    """One question and all its bowls, in the shape of docs/data/recipes.yml."""
    return {
        "language": language,
        "date": dt.datetime.now(tz=dt.UTC).date(),
        "machine": machine(),
        "model": model,
        "seed": SEED,
        "temperature": TEMPERATURE,
        "prompt": question,
        "bowls": [bowl(kitchen, question, changed, choices) for changed, choices in CHANGES],
    }


def main() -> None:
    """Ask the embedded model one question several times in every language and write docs/data/recipes.yml."""
    port = contestants.free_port()
    kitchen = f"http://127.0.0.1:{port}"
    found = []
    with contestants.process([sys.executable, "-m", "scripts.serve", "--port", str(port), "--no-open"]):
        contestants.seconds_until(f"{kitchen}/health", 300)
        model = httpx.get(f"{kitchen}/api/kitchen").json()["model"]["label"]
        for language in LANGUAGES:
            question = catalog.for_language(ROOT, language)(QUESTION)
            found.append(recipe(kitchen, model, language.code, question))
            for each in found[-1]["bowls"]:
                Console().print(each["changed"] or "-", each["sha256"][:16], each["text"], highlight=False)
    text = yaml.safe_dump({"recipes": found}, allow_unicode=True, sort_keys=False, width=120)
    TARGET.write_text(HEAD + text, "utf-8")


if __name__ == "__main__":
    typer.run(main)
