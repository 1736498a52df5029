"""What the tests of scheduling share: a batch that counts instead of computing, and jobs that listen."""

from collections.abc import Iterator, Sequence

from demos.server.engine import Delta, Done, Event, Failed, Message, Order
from demos.server.errors import UnknownAdapterError
from demos.server.local.answer import Answer, Job
from demos.server.local.prompt import Prompt
from demos.server.local.table import Table
from tests.server.gemma4 import byte_tokenizer

WORDS = byte_tokenizer().backend_tokenizer
BOWL = WORDS.encode("bowl", add_special_tokens=False).ids[0]
END = 1


class CountingBatch:
    """Each prompt takes as many chunks as it has tokens; every token after it is one more than the last.

    What it was asked is in `log`, in order, so that a test sees who was served when.
    """

    def __init__(self) -> None:
        self.rows: list[int] = []
        self.log: list[str] = []
        self.broken: set[str] = set()
        self.gone: set[str] = set()
        self.reused = 0

    def __len__(self) -> int:
        return len(self.rows)

    def join(self, prompt: Prompt, adapter: str | None) -> Iterator[object]:
        name = f"{prompt.tokens[0]}{adapter or ''}"
        if name in self.gone:
            raise UnknownAdapterError("The topping is gone.")
        if self.reused:
            yield self.reused
        for chunk in range(1, len(prompt.tokens) + 1):
            if f"read {name}" in self.broken:
                raise RuntimeError("out of noodles")
            self.log.append(f"read {name} {chunk}")
            if chunk < len(prompt.tokens):
                yield None
        self.rows.append(prompt.tokens[0])
        yield float(prompt.tokens[0])

    def step(self, tokens: Sequence[int]) -> list[float]:
        if "step" in self.broken:
            raise RuntimeError("the pot boiled over")
        assert len(tokens) == len(self.rows)
        self.log.append(f"step {' '.join(map(str, self.rows))}")
        return [token + 1.0 for token in tokens]

    def drop(self, row: int) -> None:
        if "drop" in self.broken:
            raise MemoryError("no memory for the rest")
        self.log.append(f"drop {self.rows[row]}")
        del self.rows[row]


class Same:
    """A sampler that takes the logits for the token; `broken` ones are no token."""

    def __init__(self) -> None:
        self.broken: set[float] = set()

    def draw(self, logits: float) -> int:
        if logits in self.broken:
            raise ValueError("no such noodle")
        return int(logits)


class Guest:
    """A job and what its listener heard."""

    def __init__(self, name: int, chunks: int = 1, max_tokens: int = 3, **choices: object) -> None:
        self.events: list[Event] = []
        order = Order((Message("user", "?"),), max_tokens, **choices)
        self.job = Job(order, Prompt([name] * chunks), self.events.append, 0.0)

    @property
    def end(self) -> Event | None:
        ends = [event for event in self.events if isinstance(event, Done | Failed)]
        assert len(ends) <= 1, "an answer ends once"
        assert not ends or self.events[-1] is ends[0], "nothing is said after the end"
        return ends[0] if ends else None

    @property
    def text(self) -> str:
        return "".join(event.text for event in self.events if isinstance(event, Delta))


class Room:
    """A table, its batch, and guests."""

    def __init__(self) -> None:
        self.batches: list[CountingBatch] = []
        self.sampler = Same()
        self.drawn = 0
        self.table = Table(self._make, self._sit, lambda _logits, _token, _most: None, self._count)

    def _make(self) -> CountingBatch:
        self.batches.append(CountingBatch())
        return self.batches[-1]

    def _sit(self, job: Job) -> tuple[Answer, Same]:
        return Answer(job, WORDS, {END}), self.sampler

    def _count(self) -> None:
        self.drawn += 1

    @property
    def batch(self) -> CountingBatch:
        return self.batches[-1]

    def seat(self, *guests: Guest) -> None:
        for guest in guests:
            self.table.add(guest.job)

    def turns(self, count: int) -> None:
        for _ in range(count):
            self.table.turn()
