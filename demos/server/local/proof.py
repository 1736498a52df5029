"""Whether a batch continues texts as transformers' plain `generate` does, alone and together.

Run before a batch serves. It takes as long as a few answers, and where a batch has its own forward a second
copy of the model, so what was proved once is noted, and holds until the code, torch, transformers or the
weights change.
Knows batches and tokens, but no model.
"""

import contextlib
import hashlib
import json
import pathlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from demos.server.local.batch import Batch
from demos.server.local.prompt import Prompt

TEXTS = (
    "The soup is hot",
    "라면 한 그릇에는 면과 국물, 그리고",
    "ラーメンは、",
    "A restaurant cooks for you; a packet lets you cook. " * 12,  # more than a chunk
)
TOKENS = 8
"""Tokens by which each text is continued."""


def difference(
    batch: Batch,
    generate: Callable[[list[int], int], list[int]],
    prompts: Sequence[list[int]],
    tie: float,
) -> str | None:
    """Where a batch differs from plain `generate`, None where it does not.

    Args:
        batch: empty, and empty again afterwards.
        generate: the likeliest continuation of a prompt by so many tokens.
        prompts: token ids.
        tie: logits that are so close are equally likely, and what follows either of them is not compared.
    """
    expected = [generate(prompt, TOKENS) for prompt in prompts]
    for name, group in (
        ("alone", [[index] for index in range(len(prompts))]),
        ("together", [list(range(len(prompts)))]),
    ):
        for indices in group:
            found = continued(batch, [prompts[i] for i in indices], [expected[i] for i in indices])
            for index, logits in zip(indices, found, strict=True):
                for place, row in enumerate(logits):
                    token, other = expected[index][place], int(row.argmax())
                    if not float(row[other] - row[token]) <= tie:
                        return (
                            f"{name}, text {index + 1} goes on with token {other} at place {place + 1}, "
                            f"where generate says {token}"
                        )
    return None


def continued(batch: Batch, prompts: Sequence[list[int]], tokens: Sequence[list[int]]) -> list[list[Any]]:
    """The logits before each of the tokens that follow each of the prompts, the rows side by side."""
    found: list[list[Any]] = []
    for prompt in prompts:
        *_, logits = batch.join(Prompt(prompt), None)
        found.append([logits])
    for place in range(max(len(each) for each in tokens) - 1):
        for row, logits in enumerate(batch.step([each[min(place, len(each) - 1)] for each in tokens])):
            found[row].append(logits)
    for _ in prompts:
        batch.drop(0)
    return [logits[: len(each)] for logits, each in zip(found, tokens, strict=True)]


def exact(batch: Batch, prompts: Sequence[list[int]]) -> bool:
    """Whether rows get bit by bit the same logits alone and together. Also warms everything up.

    Args:
        batch: empty, and empty again afterwards.
        prompts: token ids, at least three in each.
    """
    tokens = [prompt[:3] for prompt in prompts]
    alone = [continued(batch, [prompt], [each])[0] for prompt, each in zip(prompts, tokens, strict=True)]
    together = continued(batch, prompts, tokens)
    return all(
        bool((one == other).all())
        for pair in zip(alone, together, strict=True)
        for one, other in zip(*pair, strict=True)
    )


@dataclass(frozen=True)
class What:
    """What was compared.

    Attributes:
        model: by what it is known again.
        circumstances: versions and the like, by name.
        code: the files whose change makes the comparison worthless.
    """

    model: str
    circumstances: Mapping[str, str]
    code: Sequence[pathlib.Path]

    def note(self) -> dict[str, str]:
        """All that must be the same for a proof to hold."""
        code = b"\0".join(path.read_bytes() for path in self.code)
        return {**self.circumstances, "code": hashlib.sha256(code).hexdigest()}


def noted(folder: pathlib.Path, what: What) -> bool:
    """Whether a proof of this is noted."""
    try:
        found = json.loads(file(folder, what).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(found == what.note())


def note(folder: pathlib.Path, what: What) -> None:
    """Note a proof, one for each model; where it cannot be written it is run again at the next start."""
    with contextlib.suppress(OSError):
        folder.mkdir(parents=True, exist_ok=True)
        file(folder, what).write_text(json.dumps(what.note(), indent=1), encoding="utf-8")


def file(folder: pathlib.Path, what: What, kind: str = "json") -> pathlib.Path:
    """Where the note is, or what else was found out about the same model."""
    return folder / f"{what.model}.{kind}"
