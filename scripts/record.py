"""Record what the embedded model really answers, for the pages that no server stands behind.

Starts the kitchen of this project, asks each language's prompt ideas with temperature 0, and writes
`docs/data/tastings.yml`: prompt, answer, times, model, machine and day, as measured.

    python -m scripts.record
"""

import datetime as dt
import os
import pathlib
import platform
import re
import sys

import httpx
import typer
import yaml
from rich.console import Console

from i18n import catalog
from i18n.languages import LANGUAGES
from scripts.contestants import free_port, process, seconds_until

ROOT = pathlib.Path(__file__).resolve().parent.parent
TARGET = ROOT / "docs" / "data" / "tastings.yml"
HEAD = "# Recorded answers of the local model, as measured: `python -m scripts.record` writes this file.\n"
# Ideas of the taste test; each language asks its own words for them.
IDEAS = (
    "Is Gemma the same as Gemini?",
    "Can I use Gemma on a plane?",
    "What is a topping?",
    "What is the capital of Korea?",  # beyond the house topping
)
console = Console()


def machine() -> str:
    """The processor and how many of its cores there are, in words of no language."""
    cpuinfo = pathlib.Path("/proc/cpuinfo")
    named = re.search(r"model name\s*: (.+)", cpuinfo.read_text()) if cpuinfo.exists() else None
    name = named[1] if named else platform.processor() or platform.machine()
    return f"{name} × {os.cpu_count()}"


def tasting(kitchen: str, model: str, language: str, question: str) -> dict[str, object]:
    """One question and what came of it, in the shape of docs/data/tastings.yml."""
    body = {"messages": [{"role": "user", "content": question}], "temperature": 0, "max_tokens": 96}
    reply = httpx.post(f"{kitchen}/v1/chat/completions", json=body, timeout=120).raise_for_status().json()
    timings = reply["timings"]
    return {
        "language": language,
        "date": dt.datetime.now(tz=dt.UTC).date(),
        "machine": machine(),
        "model": model,
        "prompt": question,
        "answer": reply["choices"][0]["message"]["content"],
        "ttft_ms": round(timings["ttft_ms"]),
        "tokens": timings["predicted_n"],
        "tokens_per_second": round(timings["predicted_per_second"], 1),
    }


def main() -> None:
    """Ask the embedded model the prompt ideas of every language and write docs/data/tastings.yml."""
    port = free_port()
    kitchen = f"http://127.0.0.1:{port}"
    found = []
    with process([sys.executable, "-m", "scripts.serve", "--port", str(port), "--no-open"]):
        seconds_until(f"{kitchen}/health", 300)
        model = httpx.get(f"{kitchen}/api/kitchen").json()["model"]["label"]
        for language in LANGUAGES:
            translate = catalog.for_language(ROOT, language)
            tasting(kitchen, model, language.code, translate(IDEAS[0]))  # the first one warms up
            for idea in IDEAS:
                found.append(tasting(kitchen, model, language.code, translate(idea)))
                console.print(found[-1]["prompt"], "→", found[-1]["answer"], highlight=False)
    TARGET.write_text(
        HEAD + yaml.safe_dump({"tastings": found}, allow_unicode=True, sort_keys=False, width=120)
    )


if __name__ == "__main__":
    typer.run(main)
