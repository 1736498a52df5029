"""The real embedded model, through the engine and over HTTP."""

import json
import math
import os
import pathlib
import queue
import statistics
import subprocess
import sys

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


def test_int8_keeps_the_perplexity_of_bf16(embedded, one_thread):
    """Over the site's own words in three languages, read in chunks as a prompt; some also token by token."""
    folder = weights.cache_folder() / "gemma-3-270m"
    original = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16, local_files_only=True)
    model = embedded._loaded.make()._model
    sizes = model.config.num_hidden_layers, model.config.num_key_value_heads, model.config.head_dim
    above, same = [], []
    for text in words_of_the_site():
        ids = embedded._loaded.tokenizer.encode(text)[: 11 * CHUNK]
        with torch.inference_mode():
            hidden = original.model(torch.tensor([ids])).last_hidden_state[0]
        read, written = KeyValues(*sizes), KeyValues(*sizes)
        for at in range(0, len(ids) - CHUNK, CHUNK):
            chunk, wanted = ids[at : at + CHUNK], torch.tensor(ids[at + 1 : at + CHUNK + 1])
            found = model.logits(model.forward(chunk, [(read, None)], every=True))
            with torch.inference_mode():
                expected = original.lm_head(hidden[at : at + CHUNK]).float()
            above.append((cross_entropy(found, wanted) - cross_entropy(expected, wanted)).item())
            same.append((found.argmax(-1) == expected.argmax(-1)).float().mean().item())
            if at == 0:
                one_by_one = torch.cat([model.forward([token], [(written, None)]) for token in chunk])
                written_loss = cross_entropy(model.logits(one_by_one), wanted)
                assert abs(written_loss - cross_entropy(found, wanted)) < 0.05, "decoding is as good"
    assert len(above) * CHUNK >= 1900
    assert statistics.mean(above) < math.log(1.03)  # 1.018 when this was written
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
