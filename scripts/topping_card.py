"""The house topping's model card: what it was trained on, how, and how right its answers are.

Every figure comes from files beside the adapter: adapter_config.json, loss.csv and tasting.json.
"""

import csv
import dataclasses
import json
import pathlib
from collections.abc import Sequence
from typing import Any, Protocol

from rich.table import Table

from demos.server.errors import KitchenError
from demos.server.topping import lessons
from demos.server.topping.fluency import fluent
from demos.server.topping.lessons import Pair

NAMES = {"en": "English", "ko": "Korean", "ja": "Japanese"}
WHO = {"topping": "with the topping", "bare": "without it"}
WINDOW = 20
"""Steps whose losses are averaged for the curve."""

MISTAKES = 4
"""Wrong answers that the card shows per language."""

Tasting = dict[str, Any]


class HasLoss(Protocol):
    """A step of the training."""

    @property
    def loss(self) -> float:
        """Nats for a token."""


def read_tasting(adapter: pathlib.Path) -> Tasting:
    """What `evaluate` found so far, {} when it found nothing."""
    path = adapter / "tasting.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}


def write_tasting(adapter: pathlib.Path, found: Tasting) -> None:
    """Keep what `evaluate` found."""
    text = json.dumps(found, ensure_ascii=False, indent=1)
    (adapter / "tasting.json").write_text(text + "\n", encoding="utf-8")


def smooth(steps: Sequence[HasLoss]) -> list[float]:
    """The losses, each averaged with those just before it."""
    return [
        sum(step.loss for step in steps[max(0, end - WINDOW) : end]) / min(end, WINDOW)
        for end in range(1, len(steps) + 1)
    ]


def share(rows: Sequence[dict[str, Any]], *, beyond: bool) -> tuple[int, int]:
    """Right answers and questions: of those beyond the topping, or of all others."""
    chosen = [row for row in rows if (row["kind"] == "beyond") == beyond]
    return sum(row["right"] for row in chosen), len(chosen)


def fluency(rows: Sequence[dict[str, Any]], code: str) -> tuple[int, int]:
    """Fluent answers and questions, of one language."""
    return sum(fluent(row["answer"], code) for row in rows), len(rows)


def shares(found: Tasting, who: str, code: str) -> dict[str, str]:
    """What was counted of one language's answers, in words."""
    rows = found.get(who, {}).get(code, [])
    return {
        "right answers": _told(*share(rows, beyond=False)),
        "right refusals": _told(*share(rows, beyond=True)),
        "fluent": _told(*fluency(rows, code)),
    }


def scores(found: Tasting) -> Table:
    """What was counted, for the terminal."""
    table = Table("", "language", *shares({}, "", ""))
    for who, told in WHO.items():
        for code in lessons.LANGUAGES:
            table.add_row(told, code, *shares(found, who, code).values())
    return table


def write(adapter: pathlib.Path, pairs: Sequence[Pair], recipe: Any) -> None:
    """Write README.md and loss.svg into the adapter's folder.

    Raises:
        KitchenError: the adapter was not trained or not tasted, or changed since.
    """
    missing = [
        name for name in ("adapter_config.json", "loss.csv", "tasting.json") if not (adapter / name).exists()
    ]
    if missing:
        message = f"{adapter} has no {missing[0]}: run train and evaluate of scripts.topping first."
        raise KitchenError(message)
    with (adapter / "loss.csv").open(encoding="utf-8", newline="") as file:
        losses = [float(row["loss"]) for row in csv.DictReader(file)]
    (adapter / "loss.svg").write_text(curve(losses), encoding="utf-8")
    config = json.loads((adapter / "adapter_config.json").read_text(encoding="utf-8"))
    text = _card(pairs, recipe, config, losses, read_tasting(adapter))
    (adapter / "README.md").write_text(text, encoding="utf-8")


def curve(losses: Sequence[float], width: int = 640, height: int = 240) -> str:
    """The loss of each step and its running mean, as SVG."""

    @dataclasses.dataclass(frozen=True)
    class Dot:
        loss: float

    edge = 36
    highest = max(losses)

    def points(values: Sequence[float]) -> str:
        return " ".join(
            f"{edge + number * (width - 2 * edge) / max(1, len(values) - 1):.1f},"
            f"{height - edge - value * (height - 2 * edge) / highest:.1f}"
            for number, value in enumerate(values)
        )

    mean = smooth([Dot(loss) for loss in losses])
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="Loss from {losses[0]:.2f} to {mean[-1]:.2f} nats in {len(losses)} steps" '
        'font-family="sans-serif" font-size="12">\n'
        f'<path d="M{edge} {edge / 2}V{height - edge}H{width - edge}" fill="none" stroke="#888"/>\n'
        f'<polyline points="{points(losses)}" fill="none" stroke="#bbb"/>\n'
        f'<polyline points="{points(mean)}" fill="none" stroke="#c4553b" stroke-width="2"/>\n'
        f'<text x="{edge}" y="{height - 12}" fill="#777">step 1</text>\n'
        f'<text x="{width - edge}" y="{height - 12}" text-anchor="end" fill="#777">{len(losses)}</text>\n'
        f'<text x="{edge + 6}" y="{edge / 2 + 10}" fill="#777">{highest:.1f} nats a token</text>\n</svg>\n'
    )


def _told(right: int, asked: int) -> str:
    """A share in words: of an empty one nothing is known."""
    return f"{right} of {asked} ({right / asked:.0%})" if asked else "not tasted"


def _scores(found: Tasting) -> str:
    rows = ["| held-out questions | with the topping | without it |", "|---|---|---|"]
    for code in lessons.LANGUAGES:
        topping, bare = (shares(found, who, code) for who in WHO)
        rows += [f"| {NAMES[code]}, {what} | {topping[what]} | {bare[what]} |" for what in topping]
    return "\n".join(rows)


def _counts(pairs: Sequence[Pair]) -> str:
    rows = ["| | things to know | ways to ask, trained | held out |", "|---|---|---|---|"]
    for code in lessons.LANGUAGES:
        mine = [pair for pair in pairs if pair.language == code]
        held = sum(pair.held_out for pair in mine)
        items = len({pair.item for pair in mine if pair.kind != "beyond"})
        rows.append(f"| {NAMES[code]} | {items} | {len(mine) - held} | {held} |")
    return "\n".join(rows)


def _mistakes(found: Tasting) -> str:
    lines = []
    for code in lessons.LANGUAGES:
        wrong = [row for row in found.get("topping", {}).get(code, []) if not row["right"]]
        lines += [f"- {row['ask']} → {row['answer'] or '(nothing)'}" for row in wrong[:MISTAKES]]
    return "\n".join(lines) or "None."


def _card(
    pairs: Sequence[Pair], recipe: Any, config: dict[str, Any], losses: Sequence[float], found: Tasting
) -> str:
    last = losses[-WINDOW:]
    return (
        (lessons.FOLDER / "card.md")
        .read_text(encoding="utf-8")
        .format(
            scores=_scores(found),
            mistakes=_mistakes(found),
            counts=_counts(pairs),
            rank=config["r"],
            alpha=config["lora_alpha"],
            recipe=recipe,
            warmup=f"{recipe.warmup:.0%}",
            casual=f"{recipe.casual:.0%}",
            blur=f"{recipe.blur:.0%}",
            chatter=f"{recipe.chatter:.0%}",
            steps=len(losses),
            window=WINDOW,
            loss=f"{sum(last) / len(last):.3f}",
        )
    )
