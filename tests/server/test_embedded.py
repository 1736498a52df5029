"""The real embedded model, through the engine and over HTTP."""

import itertools
import json
import math
import os
import pathlib
import queue
import statistics
import subprocess
import sys
from dataclasses import dataclass

import openai
import pytest
import torch
from babel.messages.pofile import read_po
from torch.nn.functional import cross_entropy
from transformers import AutoModelForCausalLM, AutoTokenizer

from demos.server.api.app import create_app
from demos.server.engine import Delta, Done, Event, Message, Odds, Order, label
from demos.server.errors import UnsupportedError
from demos.server.local import weights
from demos.server.local.engine import LocalEngine
from demos.server.local.keyvalues import KeyValues
from demos.server.local.packed import CHUNK
from demos.server.settings import Settings
from tests.server.engines import ask, serving

ROOT = pathlib.Path(__file__).parents[2]
TEXT = """\
Ramen is a bowl of noodles in hot broth. A model with open weights runs on your own computer.
라면은 뜨거운 국물에 담긴 국수입니다. 물을 끓이고 면을 넣으세요.
ラーメンは熱いスープに入った麺料理です。お湯を沸かして麺を入れます。
"""


CHUNKS = 11
"""Of each language's text."""


@pytest.fixture
def one_thread():
    """Threads wait for each other: two of them on a busy machine take minutes."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.mark.parametrize(
    ("question", "word", "adapter"),
    [
        ("What is the capital of Japan?", "Tokyo", ""),
        ("일본의 수도는 어디인가요?", "도쿄", ""),
        ("日本の首都はどこですか？", "東京", ""),
        ("What is the capital of Japan?", "beyond this little pot", None),
        ("Is Gemma the same as Gemini?", "No", None),
        ("Gemma랑 Gemini는 같은 건가요?", "아니요", None),
        ("GemmaとGeminiは同じものですか？", "別物", None),
    ],
)
def test_it_answers_in_the_language_of_the_question_in_one_line(embedded, question, word, adapter):
    answer, end = ask(embedded, question, 40, adapter=adapter)
    assert word in answer
    assert "\n" not in answer
    assert answer == answer.strip()
    assert isinstance(end, Done)
    assert end.finish_reason == "stop"


def test_it_is_labelled_as_what_it_is(embedded):
    assert label(embedded.card, embedded.hardware) == "Gemma 3 270M (base, Q4_K_M source, int8 on CPU)"
    assert embedded.card.license == "Gemma Terms of Use"
    assert embedded.card.parameters == 268_098_176


def test_a_seed_gives_the_same_bytes_again(embedded):
    question = "비에 대한 짧은 시를 써 주세요."
    first, _ = ask(embedded, question, 20, temperature=1.5, seed=11)
    assert ask(embedded, question, 20, temperature=1.5, seed=11)[0] == first
    assert len({ask(embedded, question, 20, temperature=1.5, seed=seed)[0] for seed in (11, 12, 13)}) > 1


def test_token_ids_go_on_exactly_where_they_were_left_even_inside_a_character(embedded):
    def told(text: str | tuple[int, ...], most: int) -> tuple[tuple[int, ...], list[Odds]]:
        events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        embedded.submit(Order((), most, text=text, temperature=0, top_logprobs=2), events.put)
        pieces = []
        while isinstance(event := events.get(timeout=60), Delta):
            pieces.append(event)
        return pieces[0].prompt, [odds for piece in pieces for odds in piece.odds]

    prompt, drawn = told("The capital of Korea is", 8)
    ids = tuple(odds.id for odds in drawn)
    asked, rest = told((*prompt, *ids[:3]), 5)
    assert asked == (*prompt, *ids[:3])
    assert [odds.id for odds in rest] == list(ids[3:])
    # A token that is read is rounded a little otherwise than one that is written.
    assert [odds.logprob for odds in rest] == pytest.approx([odds.logprob for odds in drawn[3:]], abs=0.2)
    halves = tuple(embedded._loaded.tokenizer.encode("a bowl 🫕"))[:-1]
    asked, rest = told(halves, 1)
    assert asked == halves
    assert rest[0].data[0] & 0xC0 == 0x80, "the next byte of the same character"


def test_a_token_that_is_not_in_the_vocabulary_is_refused(embedded):
    with pytest.raises(UnsupportedError) as refused:
        embedded.submit(Order((), 1, text=(2, 262144)), lambda _event: None)
    assert str(refused.value) == (
        "'prompt' has the token id 262144, but the ids of Gemma 3 270M end at 262143."
    )


@dataclass(frozen=True)
class Original:
    """A text of the site, and how well transformers' bf16 model knows each of its chunks.

    Attributes:
        losses: nats per token of a chunk, after all that stands before it.
        likeliest: the token that the model would have put at each place.
    """

    tokens: list[int]
    losses: list[float]
    likeliest: list[torch.Tensor]


@pytest.fixture(scope="session")
def originals(embedded) -> list[Original]:
    """What bf16 makes of the site's own words in three languages."""
    folder = weights.cache_folder() / "gemma-3-270m"
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16, local_files_only=True)
    found = []
    for text in words_of_the_site():
        ids = embedded._loaded.tokenizer.encode(text)[: CHUNKS * CHUNK + 1]
        losses, likeliest = [], []
        with torch.inference_mode():
            hidden = model.model(torch.tensor([ids])).last_hidden_state[0]
            for at in range(0, len(ids) - CHUNK, CHUNK):
                logits = model.lm_head(hidden[at : at + CHUNK]).float()
                losses.append(cross_entropy(logits, after(ids, at)).item())
                likeliest.append(logits.argmax(-1))
        found.append(Original(ids, losses, likeliest))
    assert sum(len(each.losses) for each in found) * CHUNK >= 2000
    return found


def after(ids: list[int], at: int) -> torch.Tensor:
    """The tokens that follow each of a chunk's."""
    return torch.tensor(ids[at + 1 : at + CHUNK + 1])


def test_int8_keeps_the_perplexity_of_bf16_in_what_it_reads_and_in_what_it_writes(
    embedded, originals, one_thread
):
    """Every chunk is read as a prompt, and also token by token behind the chunks before it, as an answer."""
    model = embedded._loaded.make()._model
    sizes = model.config.num_hidden_layers, model.config.num_key_value_heads, model.config.head_dim
    read, written, same = [], [], []
    for original in originals:
        ids, kv = original.tokens, KeyValues(*sizes)
        rows = []
        for number, at in enumerate(range(0, len(ids) - CHUNK, CHUNK)):
            rows.append(KeyValues(*sizes))
            rows[-1].keys, rows[-1].values = kv.part(0, at)
            rows[-1].length = at
            found = model.logits(model.forward(ids[at : at + CHUNK], [(kv, None)], every=True))
            read.append(cross_entropy(found, after(ids, at)).item() - original.losses[number])
            same.append((found.argmax(-1) == original.likeliest[number]).float().mean().item())
        losses = torch.zeros(len(rows))
        for place in range(CHUNK):
            column = ids[place : len(ids) - CHUNK + place : CHUNK]
            logits = model.logits(model.forward(column, [(row, None) for row in rows]))
            wanted = torch.tensor(ids[place + 1 : len(ids) - CHUNK + place + 1 : CHUNK])
            losses += cross_entropy(logits, wanted, reduction="none")
        written += (losses / CHUNK - torch.tensor(original.losses)).tolist()
    assert statistics.mean(read) < math.log(1.03)  # 1.020 when this was written
    assert statistics.mean(written) < math.log(1.03)
    assert statistics.mean(same) > 0.8


def words_of_the_site() -> list[str]:
    """Whole sentences of the catalogs: English, Korean, Japanese."""
    texts = []
    for language in ("ko", "ja"):
        path = (
            pathlib.Path(__file__).parents[2] / "i18n" / "locale" / language / "LC_MESSAGES" / "messages.po"
        )
        with path.open("rb") as file:
            messages = [each for each in read_po(file) if isinstance(each.id, str) and len(each.id) > 60]
        plain = [each for each in messages if "%" not in each.id and "<" not in each.id]
        if not texts:
            texts.append("\n".join(each.id for each in plain))
        texts.append("\n".join(str(each.string) for each in plain))
    return texts


def test_orders_are_answered_together_bit_by_bit_as_alone(embedded):
    """Whole sampled answers with their odds, with and without the beginning that was read before."""
    assert embedded.hardware.engine == "packed"
    assert embedded._loaded.exact
    texts = ["Noodles are", "라면은 맛있다. " * 20, "ラーメンは" * 9, "The soup of the day " * 30]
    orders = [
        Order((), 14, text=text, temperature=1.0, seed=seed, top_logprobs=0)
        for seed, text in enumerate(texts)
    ]
    alone = [heard(embedded, [order])[0] for order in orders]
    reused = [heard(embedded, [order])[0] for order in orders]
    together = heard(embedded, orders)
    assert alone == reused == together
    assert len({odds for _, odds in alone}) == len(orders)


def test_a_seed_gives_the_same_bytes_on_any_number_of_threads(embedded, monkeypatch):
    """Whole sampled answers with their odds.

    The lengths are those at which threads were seen to round otherwise: attention of three tokens behind a
    chunk, an adapter's product of five rows, GELU of twenty and forty.
    """
    ids = tuple(embedded._loaded.tokenizer.encode(TEXT))
    orders = [
        Order((), 8, text=ids[:length], temperature=1.0, seed=length, top_logprobs=0, adapter=adapter)
        for length, adapter in ((20, ""), (40, ""), (67, ""), (69, "house"))
    ]
    prefixes = embedded._loaded.make()._prefixes

    class Plan:
        """Takes the next number of threads for each step."""

        def __init__(self, *counts: int) -> None:
            self.counts = itertools.cycle(counts)

        def adjust(self, **_: object) -> None:
            torch.set_num_threads(next(self.counts))

    found = []
    for counts in ((1,), (2,), (1, 2), (3, 8, 4)):
        monkeypatch.setattr(embedded, "_threads", Plan(*counts))
        prefixes._chunks.clear()
        prefixes._bytes = 0
        found.append(heard(embedded, orders))
    assert found[0] == found[1] == found[2] == found[3]


def heard(engine: LocalEngine, orders: list[Order]) -> list[tuple[str, tuple[float, ...]]]:
    """Text and odds of each of some orders that come at once."""
    queues = [queue.SimpleQueue() for _ in orders]
    for order, events in zip(orders, queues, strict=True):
        engine.submit(order, events.put)
    found = []
    for events in queues:
        text, odds = "", []
        while isinstance(event := events.get(timeout=60), Delta):
            text += event.text
            odds += [each.logprob for each in event.odds]
        assert isinstance(event, Done)
        found.append((text, tuple(odds)))
    return found


def test_the_next_turn_of_a_chat_does_not_read_the_history_again(embedded):
    turns = (Message("user", "What is a noodle soup made of? " * 9),)
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    cached = []
    for follow_up in ((), (Message("assistant", "Noodles."), Message("user", "And what else?"))):
        embedded.submit(Order((*turns, *follow_up), 2, adapter=""), events.put)
        while isinstance(event := events.get(timeout=60), Delta):
            pass
        cached.append(event.cached_tokens)
        prompt_n = event.timings.prompt_n
    assert cached[1] > cached[0]
    assert prompt_n - cached[1] < 2 * CHUNK, "only the last turn and a broken chunk are read"


def test_with_the_house_topping_three_questions_share_a_beginning_and_the_fourth_begins_anew(embedded):
    """It was trained with two turns before a question, so that an older one is left out."""
    chat: list[Message] = []
    cached = []
    for number in range(4):
        chat.append(
            Message("user", f"{number} Is Gemma the same as Gemini, and why are there two bowls? " * 5)
        )
        events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        embedded.submit(Order(tuple(chat), 2, adapter="house"), events.put)
        while isinstance(event := events.get(timeout=60), Delta):
            pass
        cached.append(event.cached_tokens)
        chat.append(Message("assistant", "No."))
    assert cached[0] == 0
    assert 0 < cached[1] < cached[2]
    assert cached[3] == 0


def test_the_tokenizer_without_transformers_gives_the_same_tokens(embedded):
    folder = weights.cache_folder() / "gemma-3-270m"
    theirs = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    ours = embedded._loaded.tokenizer
    assert ours.bos_token_id == theirs.bos_token_id
    for text in (TEXT, "", "  two\n\n\nbowls 🍜👩‍🍳 <eos> \t", "\U0002000b한글ㅋㅋ"):
        for special in (True, False):
            assert ours.encode(text, add_special_tokens=special) == theirs.encode(
                text, add_special_tokens=special
            )


def test_the_openai_client_streams_an_answer_of_the_real_model(embedded, site):
    with serving(create_app([embedded], Settings(), site)) as address:
        with openai.OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0) as api:
            stream = api.chat.completions.create(
                model="gemma-3-270m",
                messages=[{"role": "user", "content": "Gemma가 뭐예요?"}],
                stream=True,
                max_tokens=30,
            )
            chunks = list(stream)
        question = {
            "stream": True,
            "messages": [{"role": "user", "content": "What is Gemma?"}],
        }
        url, header = f"{address}/v1/chat/completions", "Content-Type: application/json"
        done = subprocess.run(
            ["curl", "-sN", url, "-H", header, "-d", json.dumps(question)],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
    assert "오픈 웨이트" in "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert chunks[-1].usage.completion_tokens > 1
    assert "open" in done.stdout
    assert done.stdout.endswith("data: [DONE]\n\n")


def test_it_loads_and_answers_without_any_network(embedded, tmp_path):
    """In a process where every connection fails, without the variable that keeps the hub quiet."""
    script = tmp_path / "offline.py"
    script.write_text(
        """
import socket, sys
def refuse(*arguments):
    print("tried to connect", arguments, file=sys.stderr)
    raise OSError("no network")
socket.socket.connect = socket.socket.connect_ex = socket.getaddrinfo = refuse
from demos.server.local import menu, weights
from demos.server.local.engine import LocalEngine
from demos.server.settings import Settings
engine = LocalEngine(menu.choose("embedded", weights.cache_folder()), Settings())
engine.start()
print(engine.wait_loaded(250).state)
engine.close()
engine.wait_closed(20)
""",
        encoding="utf-8",
    )
    root = pathlib.Path(__file__).parents[2]
    environment = {k: v for k, v in os.environ.items() if k != "HF_HUB_OFFLINE"} | {"PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, script],
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
        env=environment,
        cwd=tmp_path,
    )
    assert "tried to connect" not in done.stderr
    assert done.stdout.strip() == "ready", done.stderr
