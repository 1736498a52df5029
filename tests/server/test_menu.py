"""What `--model` names: a folder, a download that is whole, or the best of them; never a way to elsewhere."""

import json
import pathlib

import pytest
import yaml

from demos.server.errors import UnknownModelError
from demos.server.local import menu, shelf
from demos.server.local.devices import Device
from demos.server.local.menu import AUTO, choose
from demos.server.settings import Settings
from scripts.engines import engines

GB = 10**9
E2B, E4B, BIG = "google/gemma-4-E2B-it", "google/gemma-4-E4B-it", "google/gemma-4-31B-it"
ROOT = pathlib.Path(__file__).resolve().parents[2]
SHARDS = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """An empty Hugging Face cache, and what puts a model into it, as a download does."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))

    def put(name: str, *, shards: int = 2, tokenizer: bool = True) -> pathlib.Path:
        model = tmp_path / f"models--{name.replace('/', '--')}"
        (model / "refs").mkdir(parents=True)
        (model / "refs" / "main").write_text("c0ffee")
        folder = model / "snapshots" / "c0ffee"
        folder.mkdir(parents=True)
        (folder / "config.json").write_text(json.dumps({"model_type": "gemma4"}))
        index = {"weight_map": {f"layer.{number}": shard for number, shard in enumerate(SHARDS)}}
        (folder / "model.safetensors.index.json").write_text(json.dumps(index))
        for shard in SHARDS[:shards]:
            (folder / shard).write_bytes(b"")
        if tokenizer:
            (folder / "tokenizer.json").write_text("{}")
        return folder

    return put


def auto(kind: str, gigabytes: float) -> menu.Source:
    return choose(AUTO, pathlib.Path(), device=lambda: Device(kind, int(gigabytes * GB)))


def test_sizes_are_those_of_the_pages():
    data = yaml.load((ROOT / "docs/data/models.yml").read_text(encoding="utf-8"), AnyTag)  # noqa: S506
    told = {
        (each["hf"], f"Gemma 4 {each['label']}", each["memory"]["bf16"]) for each in data["gemma"].values()
    }
    assert told == {(size.id, size.name, size.gigabytes) for size in shelf.SIZES}
    assert sorted(shelf.SIZES, key=lambda size: -size.gigabytes) == list(shelf.SIZES)


class AnyTag(yaml.SafeLoader):
    """Reads a text that is to be translated as it stands."""


AnyTag.add_constructor("!t", AnyTag.construct_yaml_str)


def test_nothing_downloaded_is_the_embedded_model_and_the_command_for_a_larger_one(hub):
    def never() -> Device:
        raise AssertionError("nothing depends on the device, and asking it takes seconds")

    source = choose(AUTO, pathlib.Path(), device=never)
    assert source.card.id == "gemma-3-270m"
    assert source.advice == (
        "No Gemma 4 is downloaded: make model MODEL=google/gemma-4-E2B-it fetches Gemma 4 E2B, which needs "
        "11.4 GB of memory, and MODEL=auto then cooks with it."
    )


def test_who_asked_for_auto_is_told_how_to_get_a_larger_model(hub):
    heard: list[str] = []
    wanted = Settings(model=("auto",))
    (engine,) = engines(wanted, {}, list, lambda: lambda _done, _step: None, heard.append)
    assert engine.card.id == "gemma-3-270m"
    assert [sentence.partition(":")[0] for sentence in heard] == ["No Gemma 4 is downloaded"]


@pytest.mark.parametrize(
    ("kind", "gigabytes", "chosen"),
    [
        ("cuda", 80, BIG),
        ("cuda", 69.8, E4B),
        ("mps", 18, E4B),
        ("cuda", 17.8, E2B),
        ("cuda", 11.3, "gemma-3-270m"),
        ("cpu", 200, E4B),
        ("cpu", 12, E2B),
    ],
)
def test_the_largest_that_is_downloaded_and_fits_is_taken(hub, kind, gigabytes, chosen):
    for name in (E2B, E4B, BIG):
        hub(name)
    assert auto(kind, gigabytes).card.id == chosen


def test_a_larger_one_that_would_fit_is_named_with_its_command(hub):
    hub(E2B)
    source = auto("cuda", 30)
    assert source.card.id == E2B
    assert source.advice == (
        "Gemma 4 12B would fit, too: 30.0 GB are free on CUDA, and it needs 26.7 GB: "
        "make model MODEL=google/gemma-4-12B-it"
    )
    assert auto("cuda", 17).advice is None


def test_a_download_that_does_not_fit_is_left_and_the_reason_told(hub):
    hub(BIG)
    assert auto("cuda", 8).advice == (
        "No Gemma 4 fits: 8.0 GB are free on CUDA, and Gemma 4 31B needs 69.9 GB."
    )
    assert auto("cpu", 15).card.id == "gemma-3-270m"
    assert "make model MODEL=google/gemma-4-E2B-it" in auto("cpu", 15).advice


def test_a_download_that_is_not_whole_is_not_taken_and_says_how_to_go_on(hub):
    hub(E2B)
    hub(E4B, shards=1)
    assert auto("cuda", 80).card.id == E2B
    with pytest.raises(UnknownModelError) as error:
        choose(E4B, pathlib.Path())
    assert str(error.value) == (
        "The download of 'google/gemma-4-E4B-it' is not complete: 1 of 2 files with weights are missing. "
        "Go on with it: make model MODEL=google/gemma-4-E4B-it"
    )


def test_a_download_without_a_tokenizer_is_passed_over(hub):
    hub(E2B)
    hub(E4B, tokenizer=False)
    assert auto("cuda", 80).card.id == E2B


def test_an_index_that_is_damaged_counts_as_missing(hub):
    (hub(E2B) / "model.safetensors.index.json").write_text("[]")
    with pytest.raises(UnknownModelError, match="is not complete: 1 of 2 files"):
        choose(E2B, pathlib.Path())


def test_a_model_without_a_tokenizer_is_one_sentence(hub):
    folder = hub(E2B, tokenizer=False)
    with pytest.raises(UnknownModelError) as error:
        choose(str(folder), pathlib.Path())
    assert str(error.value) == (
        f"The folder {folder} holds a model without a tokenizer: tokenizer.json is missing. Copy it from "
        "where the model came from."
    )


def test_a_downloaded_gemma_4_has_its_card_and_the_recommended_sampling(hub):
    folder = hub(E2B)
    source = choose(E2B, pathlib.Path())
    assert (source.card.name, source.card.license) == ("Gemma 4 E2B", "Apache 2.0")
    assert source.generation == {"temperature": 1.0, "top_p": 0.95, "top_k": 64}
    assert source.fetch(lambda _done, _step: None) == folder
    assert choose(str(folder), pathlib.Path()).generation == source.generation


def test_a_model_of_another_make_keeps_its_own_sampling(hub):
    folder = hub("somebody/model")
    (folder / "config.json").write_text(json.dumps({"model_type": "llama"}))
    source = choose("somebody/model", pathlib.Path())
    assert (source.card.id, source.generation) == ("somebody/model", {})


def test_four_bits_and_the_drafter_are_taken_only_when_asked_for(hub):
    hub(E2B)
    plain = choose(E2B, pathlib.Path())
    assert (plain.four_bit, plain.drafter) == (False, None)
    with pytest.raises(UnknownModelError, match=r"make model MODEL=google/gemma-4-E2B-it-assistant$"):
        choose(E2B, pathlib.Path(), drafter=True)
    folder = hub(E2B + "-assistant")
    source = choose(AUTO, pathlib.Path(), four_bit=True, drafter=True, device=lambda: Device("cuda", 80 * GB))
    assert (source.four_bit, source.drafter) == (True, folder)


def test_the_drafter_of_a_folder_lies_beside_it(hub, tmp_path):
    beside = hub(E2B).rename(tmp_path / "mine")
    drafter = tmp_path / "mine-assistant"
    drafter.mkdir()
    assert choose(str(beside), pathlib.Path(), drafter=True).drafter == drafter


@pytest.mark.parametrize(
    "name", ["../secret/model", "a/../../secret", "models--a--b", "a/b/c", "a\0b", "", "~x/y"]
)
def test_a_name_is_never_a_way_out_of_the_cache(hub, tmp_path, monkeypatch, name):
    (tmp_path.parent / "secret" / "model").mkdir(parents=True, exist_ok=True)
    monkeypatch.chdir(ROOT)
    with pytest.raises(UnknownModelError):
        choose(name, tmp_path)
