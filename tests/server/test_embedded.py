"""The real embedded model, through the engine and over HTTP."""

import json
import os
import pathlib
import subprocess
import sys

import openai
import pytest
import torch
from transformers import AutoModelForCausalLM

from demos.server import weights
from demos.server.app import create_app
from demos.server.engine import Done, label
from demos.server.settings import Settings
from tests.server.engines import ask, serving

TEXT = """\
Ramen is a bowl of noodles in hot broth. A model with open weights runs on your own computer.
라면은 뜨거운 국물에 담긴 국수입니다. 물을 끓이고 면을 넣으세요.
ラーメンは熱いスープに入った麺料理です。お湯を沸かして麺を入れます。
"""


@pytest.mark.parametrize(
    ("question", "word"),
    [
        ("What is the capital of Japan?", "Tokyo"),
        ("일본의 수도는 어디인가요?", "도쿄"),
        ("日本の首都はどこですか？", "東京"),
        ("Who are you?", "model"),
        ("Is Gemma the same as Gemini?", "No"),
    ],
)
def test_it_answers_in_the_language_of_the_question_in_one_line(embedded, question, word):
    answer, end = ask(embedded, question, 40)
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


def test_int8_stays_close_to_bf16(embedded):
    loaded = embedded._loaded
    folder = weights.cache_folder() / "gemma-3-270m"
    original = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.bfloat16, local_files_only=True)
    ids = loaded.tokenizer(TEXT, return_tensors="pt").input_ids
    with torch.inference_mode():
        losses, choices = [], []
        for model in (original, loaded.model):
            logits = model(ids).logits.float()[0]
            losses.append(torch.nn.functional.cross_entropy(logits[:-1], ids[0, 1:]).item())
            choices.append(logits.argmax(-1))
    agreement = (choices[0] == choices[1]).float().mean().item()
    assert losses[1] - losses[0] < 0.05  # nats; -0.016 when this was written
    assert agreement > 0.75  # 0.85 when this was written


def test_the_openai_client_streams_an_answer_of_the_real_model(embedded, site):
    with serving(create_app(embedded, Settings(), site)) as address:
        with openai.OpenAI(base_url=f"{address}/v1", api_key="none", max_retries=0) as api:
            stream = api.chat.completions.create(
                model="gemma-3-270m",
                messages=[{"role": "user", "content": "라면이 뭐예요?"}],
                stream=True,
                max_tokens=30,
            )
            chunks = list(stream)
        question = {
            "stream": True,
            "messages": [{"role": "user", "content": "What is the capital of Japan?"}],
        }
        url, header = f"{address}/v1/chat/completions", "Content-Type: application/json"
        done = subprocess.run(
            ["curl", "-sN", url, "-H", header, "-d", json.dumps(question)],
            capture_output=True,
            text=True,
            timeout=60,
            check=True,
        )
    assert "라면" in "".join(chunk.choices[0].delta.content or "" for chunk in chunks)
    assert chunks[-1].usage.completion_tokens > 1
    assert "Tokyo" in done.stdout
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
from demos.server import menu, weights
from demos.server.local import LocalEngine
from demos.server.settings import Settings
engine = LocalEngine(menu.choose("embedded", weights.cache_folder()), Settings())
engine.start()
print(engine.wait_loaded(90).state)
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
        timeout=110,
        check=False,
        env=environment,
        cwd=tmp_path,
    )
    assert "tried to connect" not in done.stderr
    assert done.stdout.strip() == "ready", done.stderr
