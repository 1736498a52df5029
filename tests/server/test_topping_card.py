"""The house topping's model card says what its files say, and its command says what is missing."""

import json
import pathlib
import xml.etree.ElementTree as ET

import pytest
from typer.testing import CliRunner

from demos.server.errors import KitchenError
from demos.server.topping import lessons
from demos.server.topping.training import Recipe
from i18n.languages import SOURCE
from scripts import tasted, topping, topping_card

PAIRS = lessons.read_all()
ROW = {"item": "same", "kind": "fact", "ask": "Same?", "answer": "No.", "right": True}
TASTING = {
    "adapter": "0",
    "topping": {
        "en": [ROW, ROW, {**ROW, "ask": "gemma gemini", "answer": "Perhaps.", "right": False}],
        "ko": [{**ROW, "kind": "beyond"}],
    },
    "bare": {"en": [{**ROW, "right": False}]},
}


@pytest.fixture
def adapter(tmp_path: pathlib.Path) -> pathlib.Path:
    """A folder as `train` and `evaluate` leave it."""
    (tmp_path / "adapter_config.json").write_text('{"r": 8, "lora_alpha": 16}')
    rows = "\n".join(f"{number},1,{100 / number:.4f},0.001,512" for number in range(1, 101))
    (tmp_path / "loss.csv").write_text(f"step,epoch,loss,rate,tokens\n{rows}\n")
    topping_card.write_tasting(tmp_path, TASTING)
    return tmp_path


def test_the_card_gives_every_figure_of_the_files(adapter):
    topping_card.write(adapter, PAIRS, Recipe())
    card = (adapter / "README.md").read_text()
    assert "| English, right answers | 2 of 3 (67%) | 0 of 1 (0%) |" in card
    assert "| Korean, right refusals | 1 of 1 (100%) | not tasted |" in card
    assert "| English, fluent | 3 of 3 (100%) | 1 of 1 (100%) |" in card
    assert "| Korean, fluent | 0 of 1 (0%) | not tasted |" in card, "it is in English"
    assert "- gemma gemini → Perhaps." in card
    assert "Rank 8, alpha 16" in card
    assert "100 steps" in card
    last = sum(100 / number for number in range(81, 101)) / 20
    assert f"{last:.3f} nats a token" in card
    held = sum(pair.held_out for pair in PAIRS if pair.language == "ja")
    assert f"| {held} |" in next(line for line in card.splitlines() if line.startswith("| Japanese | "))
    assert "ai.google.dev/gemma/terms" in card
    assert "{" not in card


def test_the_curve_is_a_picture_with_its_figures_in_words(adapter):
    topping_card.write(adapter, PAIRS, Recipe())
    root = ET.fromstring((adapter / "loss.svg").read_text())  # noqa: S314 - written a line above
    assert root.get("role") == "img"
    assert root.get("aria-label", "").startswith("Loss from 100.00 to ")
    lines = root.findall("{http://www.w3.org/2000/svg}polyline")
    assert [len(line.get("points", "").split()) for line in lines] == [100, 100]


@pytest.mark.parametrize("name", ["adapter_config.json", "loss.csv", "tasting.json"])
def test_a_card_without_its_files_is_not_written(adapter, name):
    (adapter / name).unlink()
    with pytest.raises(KitchenError) as error:
        topping_card.write(adapter, PAIRS, Recipe())
    assert str(error.value) == f"{adapter} has no {name}: run train and evaluate of scripts.topping first."
    assert not (adapter / "README.md").exists()


def test_the_site_says_of_the_house_topping_what_its_card_says():
    card = (tasted.ADAPTER / "README.md").read_text("utf-8")
    made = tasted.recipe()
    assert f"Rank {made.rank}, " in card
    assert f"; {made.epochs} epochs, " in card
    for code, name in (("en", "English"), ("ko", "Korean"), ("ja", "Japanese")):
        assert f"| {name} | {made.things} | " in card
        row = next(line for line in card.splitlines() if line.startswith(f"| {name}, right answers | "))
        assert f"({tasted.share(code, SOURCE)})" in row.split("|")[2]


def test_what_was_tasted_is_read_back(adapter):
    assert topping_card.read_tasting(adapter) == json.loads(json.dumps(TASTING))
    assert topping_card.read_tasting(adapter / "nowhere") == {}


def test_the_command_counts_the_lessons():
    found = CliRunner().invoke(topping.app, ["check"])
    assert found.exit_code == 0
    beyond = sum(pair.kind == "beyond" and pair.language == "en" for pair in PAIRS)
    assert str(beyond) in next(line for line in found.output.splitlines() if "beyond" in line)


def test_the_terms_travel_with_the_adapter():
    notice = " ".join((topping.ADAPTER / "NOTICE.txt").read_text().split())
    assert (
        "Gemma is provided under and subject to the Gemma Terms of Use found at ai.google.dev/gemma/terms"
        in notice
    )
    assert "Prohibited Use Policy" in notice
    assert "3.2 Use Restrictions" in (topping.ADAPTER / "GEMMA_TERMS.txt").read_text()
