"""Record how likely each token of a text really was, for readers of "Peek into the pot" without a server.

Starts the kitchen of this project, has it go on with one beginning in each language, and writes
`docs/data/pots.yml`: every token with its odds and those of the likeliest others, as the server told them.

    python -m scripts.record_pots
"""

import datetime as dt
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

TARGET = ROOT / "docs" / "data" / "pots.yml"
HEAD = "# Recorded odds of the local model, as told: `python -m scripts.record_pots` writes this file.\n"
BEGINNING = "Once upon a time"
"""One of the page's own beginnings; each language asks its own words for it."""
TOKENS, NAMED, SEED = 10, 20, 1


def odds(told: dict[str, Any]) -> dict[str, Any]:
    """One token in the shape of docs/data/pots.yml."""
    half = {} if bytes(told["bytes"]) == told["token"].encode() else {"half": bytes(told["bytes"]).hex()}
    found = {"id": told["id"], "text": told["token"], **half, "logprob": round(told["logprob"], 4)}
    others = [odds(other) for other in told.get("top_logprobs", ())]
    return found | ({"others": others} if others else {})


def pot(kitchen: str, model: dict[str, Any], language: str, beginning: str) -> dict[str, Any]:
    """One beginning and what came of it, in the shape of docs/data/pots.yml."""
    choices = {"temperature": 1, "top_k": NAMED, "seed": SEED}
    body = {"prompt": beginning, "max_tokens": TOKENS, "logprobs": NAMED, "return_token_ids": True, **choices}
    reply = httpx.post(f"{kitchen}/v1/completions", json=body, timeout=120).raise_for_status().json()
    choice = reply["choices"][0]
    return {
        "language": language,
        "date": dt.datetime.now(tz=dt.UTC).date(),
        "machine": machine(),
        "model": model["label"],
        "model_id": model["id"],
        "temperature": 1.0,
        "seed": SEED,
        "prompt": beginning,
        "prompt_ids": choice["prompt_token_ids"],
        "tokens": [odds(token) for token in choice["logprobs"]["content"]],
    }


def main() -> None:
    """Have the embedded model go on with one beginning in every language and write docs/data/pots.yml."""
    port = contestants.free_port()
    kitchen = f"http://127.0.0.1:{port}"
    found = []
    with contestants.process([sys.executable, "-m", "scripts.serve", "--port", str(port), "--no-open"]):
        contestants.seconds_until(f"{kitchen}/health", 300)
        model = httpx.get(f"{kitchen}/api/kitchen").json()["model"]
        for language in LANGUAGES:
            beginning = catalog.for_language(ROOT, language)(BEGINNING)
            found.append(pot(kitchen, model, language.code, beginning))
            said = "".join(token["text"] for token in found[-1]["tokens"])
            Console().print(beginning, "→", said, highlight=False)
    text = yaml.safe_dump(
        {"pots": found}, allow_unicode=True, sort_keys=False, width=120, default_flow_style=None
    )
    TARGET.write_text(HEAD + text, "utf-8")


if __name__ == "__main__":
    typer.run(main)
