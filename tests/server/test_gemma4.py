"""Random Gemma 4s as the kitchen loads them: text, pictures, experts, the unified form, a drafter."""

import io
import queue
from collections.abc import Iterator

import pytest
import torch
from PIL import Image
from transformers import Gemma4AssistantConfig, Gemma4AssistantForCausalLM, Gemma4TextConfig

from demos.server.engine import Delta, Done, Message, Order
from demos.server.errors import KitchenError, RefusedConversationError
from demos.server.local import devices, transformer
from demos.server.local.menu import choose
from demos.server.local.padded import PaddedBatch
from demos.server.local.prompt import Prompt, build, upright
from demos.server.settings import Settings
from scripts.engines import engines
from tests.server import gemma4 as tiny
from tests.server.engines import ask, running, started

TURN = "<bos><|turn>user\nwhat is<turn|>\n<|turn>model\n"


def png(picture: Image.Image, kind: str = "PNG") -> bytes:
    buffer = io.BytesIO()
    picture.save(buffer, kind)
    return buffer.getvalue()


RED = png(Image.new("RGB", (60, 40), "red"))
STRIPES = png(Image.linear_gradient("L").resize((50, 80)), "JPEG")


@pytest.fixture(scope="module", autouse=True)
def one_thread():
    """Models so small gain nothing from a second thread, and wait for it on a busy machine."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tiny.save_seeing(tmp_path_factory.mktemp("e2b"), tiny.SHARED)


@pytest.fixture(scope="module", params=["E2B", "26B A4B"])
def seeing(request, folder, tmp_path_factory):
    if request.param == "26B A4B":
        folder = tiny.save_seeing(tmp_path_factory.mktemp("26b"), tiny.EXPERTS)
    loaded = transformer.read(folder, "cpu")
    assert loaded.dtype == "bf16"
    loaded.model.float()  # so that no two tokens are equally likely
    return loaded


def asked(loaded, *messages: Message, thinking: bool | None = None) -> Prompt:
    return build(messages, loaded.tokenizer, loaded.processor, thinking=thinking)


def plain(loaded, prompt: Prompt, count: int = 8) -> list[int]:
    """What transformers' own greedy `generate` says."""
    tokens = torch.tensor([prompt.tokens])
    options = {"max_new_tokens": count, "min_new_tokens": count, "do_sample": False}
    answer = loaded.model.generate(tokens, attention_mask=torch.ones_like(tokens), **prompt.media, **options)
    return answer[0, tokens.shape[1] :].tolist()


def test_pictures_become_soft_tokens_before_the_text(seeing):
    prompt = asked(seeing, Message("user", "what is", (RED, STRIPES)))
    text = seeing.tokenizer.decode(prompt.tokens)
    image = seeing.tokenizer.image_token
    count = prompt.tokens.count(seeing.tokenizer.image_token_id)
    assert text.replace(image, "") == TURN.replace("what is", "\n\n<|image><image|>\n\n" * 2 + "what is")
    assert 2 * 50 < count <= 2 * 70
    assert {"pixel_values", "image_position_ids", "mm_token_type_ids"} == set(prompt.media)
    assert len(prompt.media["pixel_values"]) == 2


def test_the_answer_depends_on_the_picture_and_is_what_generate_says_in_company(seeing):
    prompts = [
        asked(seeing, Message("user", "what is", (RED,))),
        asked(seeing, Message("user", "what is")),
        asked(seeing, Message("user", "what is", (STRIPES,))),
    ]
    batch = PaddedBatch(seeing.model, chunk=4)
    said, first = [], []
    for prompt in prompts:
        *waiting, logits = batch.join(prompt, None)
        assert bool(waiting) != bool(prompt.media), "a prompt with pictures is one chunk"
        first.append(logits)
        said.append([int(logits.argmax())])
        for row, step in zip(said, batch.step([row[-1] for row in said]), strict=True):
            row.append(int(step.argmax()))
    for prompt, row in zip(prompts, said, strict=True):
        assert row == plain(seeing, prompt, len(row))
    assert not torch.allclose(first[0], first[2])


def test_without_pictures_a_model_with_eyes_reads_plain_text(seeing):
    prompt = asked(seeing, Message("user", "what is"))
    assert seeing.tokenizer.decode(prompt.tokens) == TURN
    assert not prompt.media


def test_a_system_turn_is_its_own_and_thinking_is_asked_for_at_its_top(seeing):
    messages = (Message("system", "a bowl"), Message("user", "what is"))
    assert seeing.thinking
    decode = seeing.tokenizer.decode
    system = "<bos><|turn>system\na bowl<turn|>\n<|turn>user\nwhat is<turn|>\n<|turn>model\n"
    assert decode(asked(seeing, *messages).tokens) == system
    assert decode(asked(seeing, *messages, thinking=False).tokens) == system
    assert decode(asked(seeing, *messages, thinking=True).tokens) == system.replace("a b", "<|think|>a b")


def test_a_picture_is_turned_as_its_camera_was_held():
    exif = Image.Exif()
    exif[0x0112] = 6  # lying on its right side
    buffer = io.BytesIO()
    Image.new("RGB", (60, 40)).save(buffer, "JPEG", exif=exif)
    assert upright(buffer.getvalue()).size == (40, 60)


def test_a_model_without_eyes_refuses_pictures():
    with pytest.raises(
        RefusedConversationError, match=r"^This model reads text only: leave the pictures out\.$"
    ):
        build([Message("user", "what is", (RED,))], tiny.turn_tokenizer())


def test_text_that_holds_the_mark_of_a_picture_is_refused_where_pictures_are_counted(seeing):
    with pytest.raises(RefusedConversationError, match=r"^The model cannot read these pictures: The total "):
        asked(seeing, Message("user", "<|image|>", (RED,)))


def test_the_unified_form_answers_text_and_says_in_the_log_why_it_sees_nothing(tmp_path, monkeypatch):
    said = []
    monkeypatch.setattr(transformer.LOG, "warning", lambda text, *values: said.append(text % values))
    loaded = transformer.read(tiny.save_unified(tmp_path), "cpu")
    assert type(loaded.model).__name__ == "Gemma4UnifiedForConditionalGeneration"
    loaded.model.float()
    prompt = asked(loaded, Message("user", "what is a bowl of noodles"))
    *_, logits = PaddedBatch(loaded.model, chunk=5).join(prompt, None)
    assert int(logits.argmax()) == plain(loaded, prompt, 1)[0]
    if loaded.processor is None:
        assert [text.startswith("the model reads text only here: ") for text in said] == [True]


def test_a_text_model_is_loaded_as_one(gemma4_folder):
    loaded = transformer.read(gemma4_folder, "cpu")
    assert type(loaded.model).__name__ == "Gemma4ForCausalLM"
    assert loaded.processor is None
    assert not loaded.thinking


@pytest.fixture(scope="module")
def drafter(folder):
    """The folder of a random drafter, where the kitchen looks for it."""
    transformer._let_all_layers_share(Gemma4TextConfig)
    vocabulary = transformer.read(folder, "cpu").model.config.get_text_config().vocab_size
    text = Gemma4TextConfig(
        **{**tiny.TEXT, "hidden_size": 32},
        vocab_size=vocabulary,
        vocab_size_per_layer_input=0,
        hidden_size_per_layer_input=0,
        num_hidden_layers=2,
        num_kv_shared_layers=2,
        layer_types=["sliding_attention", "full_attention"],
    )
    torch.manual_seed(1)
    config = Gemma4AssistantConfig(text_config=text, backbone_hidden_size=tiny.TEXT["hidden_size"])
    place = folder.with_name(f"{folder.name}-assistant")
    Gemma4AssistantForCausalLM(config).save_pretrained(place)
    return place


def test_a_drafter_changes_no_token(folder, drafter):
    loaded = transformer.read(folder, "cpu")
    loaded.model.float()
    guesses = transformer.read_drafter(drafter, "cpu").float()
    prompt = asked(loaded, Message("user", "what is a bowl of noodles"))
    tokens = torch.tensor([prompt.tokens])
    drafts = []
    guesses.register_forward_hook(lambda *_: drafts.append(1))
    answer = loaded.model.generate(
        tokens,
        attention_mask=torch.ones_like(tokens),
        assistant_model=guesses,
        max_new_tokens=12,
        min_new_tokens=12,
        do_sample=False,
    )
    assert answer[0, tokens.shape[1] :].tolist() == plain(loaded, prompt, 12)
    assert drafts


def test_the_engine_lets_a_drafter_guess_and_nobody_notices(folder, drafter):
    bowl = "what is a bowl of noodles"
    with started(choose(str(folder), folder), Settings(threads=1)) as plainly:
        expected = ask(plainly, bowl, 16, temperature=0.0)[0]
    wanted = Settings(model=(str(folder),), drafter=True, threads=1)
    (engine,) = engines(wanted, {}, list, lambda: lambda _done, _step: None, print)
    with running(engine):
        assert (engine.hardware.engine, engine.hardware.engine_reason) == (
            "generate",
            "a drafter guesses ahead for one order at a time",
        )
        drafts = []
        engine._loaded.drafter.register_forward_hook(lambda *_: drafts.append(1))
        whole, end = ask(engine, bowl, 16, temperature=0.0)
        assert (whole, end.timings.predicted_n) == (expected, 16)
        assert drafts, "it guessed"
        stop = whole[4:7]
        said, end = ask(engine, bowl, 16, temperature=0.0, stop=(stop,))
        assert (said, end.finish_reason) == (whole[: whole.index(stop)], "stop")
        texts = {seed: ask(engine, bowl, 16, temperature=1.0, seed=seed)[0] for seed in (1, 2, 3)}
        assert len(set(texts.values())) > 1
        assert {seed: ask(engine, bowl, 16, temperature=1.0, seed=seed)[0] for seed in texts} == texts
        events = queue.SimpleQueue()
        ticket = engine.submit(Order((Message("user", bowl),), 200, temperature=1.0, seed=3), events.put)
        events.get(timeout=30)
        ticket.cancel()
        before = engine.tokens_generated
        assert ask(engine, bowl, 16, temperature=0.0)[0] == expected
        assert engine.tokens_generated - before - 16 <= 1
        assert not any(isinstance(event, Done) for event in iter_of(events))


def iter_of(events: queue.SimpleQueue) -> Iterator[object]:
    """What a listener has heard so far."""
    while not events.empty():
        yield events.get()


def test_four_bits_without_their_package_are_one_sentence(folder):
    with pytest.raises(KitchenError) as error:
        transformer.read(folder, "cpu", four_bit=True)
    assert str(error.value) == (
        "4-bit weights need the package bitsandbytes, which is not here: install it, or leave 4 bits out."
    )


def test_the_device_is_one_that_torch_can_use_and_its_memory_is_known():
    device = devices.best()
    torch.ones(1, device=device.kind)
    assert device.free_bytes > 10**6
    assert devices.dtype_for("cpu") is torch.bfloat16


def test_a_device_without_bf16_gets_fp32(monkeypatch):
    def refusing(*_sizes, **_options):
        raise TypeError("BFloat16 is not supported on MPS")

    monkeypatch.setattr(torch, "ones", refusing)
    assert devices.dtype_for("mps") is torch.float32


def test_the_engine_takes_pictures_and_thinking_and_says_so_on_its_card(folder):
    with started(choose(str(folder), folder), Settings()) as engine:
        card = engine.card
        assert (card.images, card.thinking, card.logprobs) == (True, True, True)
        answers = set()
        for picture in (RED, STRIPES):
            order = Order((Message("user", "what is", (picture,)),), 6, temperature=0.0, thinking=True)
            events = queue.SimpleQueue()
            engine.submit(order, events.put)
            heard = [events.get(timeout=60)]
            while isinstance(heard[-1], Delta):
                heard.append(events.get(timeout=60))
            assert isinstance(heard[-1], Done), heard[-1]
            assert heard[-1].timings.predicted_n == 6
            assert heard[-1].timings.prompt_n > 60
            answers.add(tuple(heard[:-1]))
        assert len(answers) == 2, "the answer depends on the picture"
