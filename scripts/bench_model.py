"""The embedded model beside others: `transformers serve` in bf16, llama.cpp on the same GGUF, itself bare.

Everybody goes on with the same texts, in turns, so that a busy minute hits all. `make bench` reports them.

    python -m scripts.bench_model    # these rows alone: minutes
"""

import contextlib
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor

from rich.console import Console

from demos.server.local import vocabulary
from scripts import contestants
from scripts.contestants import Answer, Contestant
from scripts.row import Row, show

PEER = "transformers serve"
BATCHING = f"{PEER} --continuous-batching"
LLAMA = "llama.cpp, same GGUF"
BARE = "the engine without HTTP"
TOKENS = 64
CLIENTS = 4
ROUNDS = 2
PROMPT_TOKENS = 50
PAUSE_S = 0.6
"""Before each question, as people make one: an engine that looks how busy the machine is sees nobody else."""
PROSE = """
Ramen came to Japan from China, and every region made a bowl of its own. In the north it is miso, because the
winters are long; in the south it is pork bones, boiled for a day until the broth is white. The noodles
differ, too: some are thin and straight, others thick and curly.

집에서 라면을 끓일 때는 먼저 물을 끓입니다. 물이 끓으면 면과 스프를 넣고, 면이 익는 동안 파를 썰고
달걀을 풀어 둡니다. 김치가 있으면 더 좋고, 밥을 말아 먹으면 한 끼로 충분합니다. 불을 끄기 전에
국물을 맛봅니다.

ラーメンの味は、スープとたれと油で決まります。店ではスープを朝から煮て、昼に出します。家では袋を開けて、
お湯を沸かし、三分待てば食べられます。卵やねぎをのせると、もっとおいしくなります。

A restaurant cooks for you: you order, you wait, you eat, and you never see the kitchen. At home you open a
packet, boil the water and choose what goes in. Both are noodles and both come from the same house, but who
holds the pot is not the same person.
"""
TEXTS = [" ".join(text.split()) for text in PROSE.split("\n\n")]
# Threads: what can be set by hand, beside what the engine chooses.
FIXED: Mapping[str, tuple[Sequence[str], Mapping[str, str]]] = {
    "1 thread": (("--threads", "1"), {}),
    "2 threads": (("--threads", "2"), {}),
    "2 threads, passive": (("--threads", "2"), {"OMP_WAIT_POLICY": "passive", "GOMP_SPINCOUNT": "0"}),
}
console = Console()


def rows() -> list[Row]:
    """All of them: minutes."""
    return [row for group in groups() for row in group]


def groups() -> Iterator[list[Row]]:
    """All of them, as they come."""
    with contextlib.ExitStack() as stack:
        ours = stack.enter_context(contestants.ours())
        texts = cut(TEXTS)  # not before: the first start ever is what unpacks the tokenizer
        everybody: dict[str, Contestant] = {
            "ours": ours,
            BARE: stack.enter_context(contestants.bare("engine")),
            PEER: stack.enter_context(contestants.peer()),
        }
        if contestants.has_llama():
            everybody[LLAMA] = stack.enter_context(contestants.bare("llama"))
        else:
            console.print("llama-cpp-python is not installed here, so llama.cpp is not beside us.")
        yield one_stream(in_turns(everybody, texts))
    with contestants.ours() as ours, contestants.peer(*contestants.CONTINUOUS) as peer:
        yield clients(ours, peer, texts)
    yield waiting(texts)


def cut(texts: Sequence[str]) -> list[str]:
    """The texts at the length of a prompt."""
    words = vocabulary.Vocabulary(contestants.model_folder()).backend_tokenizer
    # The first token says that a text begins, and nobody writes it.
    return [words.decode(words.encode(text).ids[1:PROMPT_TOKENS]) for text in texts]


def in_turns(everybody: Mapping[str, Contestant], texts: Sequence[str]) -> dict[str, list[Answer]]:
    """Everybody's answers to the texts, one contestant after the other for each; the first round warms up."""
    for each in everybody.values():
        each.ask(texts[0], TOKENS)
    found: dict[str, list[Answer]] = {name: [] for name in everybody}
    for text in [*texts] * ROUNDS:
        for name, each in everybody.items():
            time.sleep(PAUSE_S)
            found[name].append(each.ask(text, TOKENS))
    return found


def one_stream(answers: Mapping[str, Sequence[Answer]]) -> list[Row]:
    """The rows of one answer at a time; `answers` come from `in_turns`."""

    def middle(name: str, figure: Callable[[Answer], float]) -> float:
        return statistics.median(figure(each) for each in answers[name])

    def first(name: str) -> float:
        return middle(name, lambda each: 1000 * each.first_s)

    def rate(name: str) -> float:
        return middle(name, lambda each: each.rate)

    def token(name: str) -> float:
        return middle(name, lambda each: 1000 * each.seconds / each.tokens)

    decode, beginning = "decode, one stream", f"first token, prompt of {PROMPT_TOKENS}"
    over = "an answer over HTTP, per token"
    found = [
        Row.beside("speed", decode, rate("ours"), "tokens/s", (PEER, rate(PEER)), at_least=2.0),
        Row.beside("speed", beginning, first("ours"), "ms", (PEER, first(PEER)), at_most=0.8),
        Row.beside("speed", over, token("ours"), "ms", (BARE, token(BARE)), at_most=1.05),
    ]
    if LLAMA in answers:
        # Neither side has HTTP here: llama.cpp is called in its own process, too.
        found += [
            Row.beside("speed", decode, rate(BARE), "tokens/s", (LLAMA, rate(LLAMA)), at_least=0.8),
            Row.beside("speed", beginning, first(BARE), "ms", (LLAMA, first(LLAMA))),
        ]
    return found


def clients(ours: Contestant, peer: Contestant, texts: Sequence[str]) -> list[Row]:
    """Several clients at once, beside one alone and beside the peer's own way of batching."""
    single, total, theirs = [], [], []
    for each in (ours, peer):
        together(each, texts)
    for _ in range(ROUNDS + 1):
        single += [ours.ask(text, TOKENS).rate for text in texts[:2]]
        total.append(together(ours, texts))
        theirs.append(together(peer, texts))
    one, four, four_peer = (statistics.median(rates) for rates in (single, total, theirs))
    name = f"{CLIENTS} clients, total"
    return [
        Row.beside("speed", name, four, "tokens/s", ("our single stream", one), at_least=2.0),
        Row.beside("speed", name, four, "tokens/s", (BATCHING, four_peer), at_least=1.3),
    ]


def together(contestant: Contestant, texts: Sequence[str]) -> float:
    """Tokens/s of several clients at once, prompts and the wait of the slowest included."""
    with ThreadPoolExecutor(CLIENTS) as pool:
        answers = list(pool.map(lambda text: contestant.ask(text, TOKENS), texts[:CLIENTS]))
    return sum(each.tokens for each in answers) / max(each.seconds for each in answers)


def waiting(texts: Sequence[str]) -> list[Row]:
    """What the engine makes of an idle and of a busy machine, beside numbers of threads set by hand."""
    with contextlib.ExitStack() as stack:
        everybody: dict[str, Contestant] = {
            name: stack.enter_context(contestants.bare("engine", *arguments, env=env))
            for name, (arguments, env) in FIXED.items()
        }
        everybody["ours"] = stack.enter_context(contestants.bare("engine"))
        found = []
        for state, around in (("idle", contextlib.nullcontext), ("beside a busy loop", busy)):
            with around():
                answers = in_turns(everybody, texts[:2])
            rates = {name: statistics.median(each.rate for each in got) for name, got in answers.items()}
            found += [Row("threads", f"{state}, {name}", rates[name], "tokens/s") for name in FIXED]
            best = max(FIXED, key=rates.__getitem__)
            name = f"{state}, as many as the engine chooses"
            row = Row.beside("threads", name, rates["ours"], "tokens/s", (best, rates[best]), at_least=0.8)
            found.append(row)
    return found


@contextlib.contextmanager
def busy() -> Iterator[None]:
    """A program that takes a whole core for the length of a block."""
    with subprocess.Popen([sys.executable, "-c", "while True: pass"]) as loop:
        try:
            yield
        finally:
            loop.kill()


if __name__ == "__main__":
    for some in groups():
        show(some)
