"""A batch serves only if it goes on as `generate` does, and what was once proved is noted."""

import ast
import json
import pathlib
from types import SimpleNamespace

import pytest
import torch
from transformers import Gemma3TextConfig

from demos.server.local import gemma3, loading_packed, loading_padded, proof
from demos.server.local.proof import What
from tests.server import random_gemma3


class Pattern:
    """A batch whose next token is the last one plus the number of rows it is wrong about."""

    def __init__(self, wrong_together: int = 0, wrong_alone: int = 0) -> None:
        self.rows = 0
        self.wrong_together, self.wrong_alone = wrong_together, wrong_alone

    def __len__(self) -> int:
        return self.rows

    def join(self, prompt, adapter):
        self.rows += 1
        yield None
        yield self.after(prompt.tokens[-1])

    def after(self, token):
        wrong = self.wrong_together if self.rows > 1 else self.wrong_alone
        logits = torch.zeros(50)
        logits[token + 1 + wrong] = 2.0
        logits[token + 1] += 1.0
        return logits

    def step(self, tokens):
        return torch.stack([self.after(token) for token in tokens])

    def drop(self, row):
        self.rows -= 1


def counting(prompt: list[int], count: int) -> list[int]:
    return [prompt[-1] + 1 + step for step in range(count)]


def test_a_batch_that_goes_on_as_generate_does_is_accepted_and_left_empty():
    batch = Pattern()
    assert proof.difference(batch, counting, [[1], [5, 6]], tie=0) is None
    assert len(batch) == 0


def test_an_answer_that_ends_early_is_compared_as_far_as_it_goes():
    assert proof.difference(Pattern(), lambda p, n: counting(p, n)[: len(p)], [[1], [5, 6]], tie=0) is None


def test_the_first_difference_is_named():
    found = proof.difference(Pattern(wrong_alone=2), counting, [[1], [5, 6]], tie=0)
    assert found == "alone, text 1 goes on with token 4 at place 1, where generate says 2"
    found = proof.difference(Pattern(wrong_together=1), counting, [[1], [5, 6]], tie=0)
    assert found == "together, text 1 goes on with token 4 at place 2, where generate says 3"


def test_tokens_that_are_as_likely_as_each_other_are_no_difference():
    assert proof.difference(Pattern(wrong_together=1), counting, [[1], [5, 6]], tie=1.5) is None


def test_numbers_that_are_no_numbers_are_a_difference():
    batch = Pattern()
    batch.after = lambda token: torch.full((50,), torch.nan)
    assert "alone, text 1 goes on with token" in proof.difference(batch, counting, [[1]], tie=1.5)


def test_rows_that_depend_on_their_neighbours_are_not_exact():
    assert proof.exact(Pattern(), [[1, 2, 3], [4, 5, 6]])
    assert not proof.exact(Pattern(wrong_together=1), [[1, 2, 3], [4, 5, 6]])


def what(folder: pathlib.Path, code: str = "a", **circumstances: str) -> What:
    (folder / "code.py").write_text(code)
    return What("model", {"torch": "2", **circumstances}, [folder / "code.py"])


def test_a_proof_holds_until_code_or_versions_change(tmp_path):
    proofs = tmp_path / "proofs"
    assert not proof.noted(proofs, what(tmp_path))
    proof.note(proofs, what(tmp_path))
    assert proof.noted(proofs, what(tmp_path))
    assert not proof.noted(proofs, what(tmp_path, code="b"))
    assert not proof.noted(proofs, what(tmp_path, torch="3"))
    proof.note(proofs, what(tmp_path, torch="3"))
    assert [path.name for path in proofs.iterdir()] == ["model.json"], "one for each model"


NO_NUMBERS = {"loaded", "sampling", "threads"}
"""Modules that a loader imports and that no logit depends on."""


@pytest.mark.parametrize("loader", [loading_packed, loading_padded])
def test_a_proof_is_forgotten_when_anything_changes_that_makes_numbers(loader):
    tree = ast.parse(pathlib.Path(loader.__file__).read_text("utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    package = "demos.server.local"
    used = {name.name for node in imports if node.module == package for name in node.names}
    used |= {
        node.module.removeprefix(f"{package}.") for node in imports if node.module.startswith(f"{package}.")
    }
    kept = {path.stem for path in loader.CODE}
    assert used - NO_NUMBERS <= kept
    assert loader.__name__.rpartition(".")[2] in kept
    assert all(path.is_file() for path in loader.CODE)


def test_a_damaged_note_and_a_folder_that_cannot_be_written_only_mean_another_proof(tmp_path):
    proof.note(tmp_path, what(tmp_path))
    (tmp_path / "model.json").write_text("{")
    assert not proof.noted(tmp_path, what(tmp_path))
    blocked = tmp_path / "file"
    blocked.write_text("")
    proof.note(blocked, what(tmp_path))
    assert not proof.noted(blocked, what(tmp_path))


def test_what_loads_the_embedded_model_needs_transformers_only_where_a_configuration_is_incomplete(tmp_path):
    full = random_gemma3.config().to_dict()
    (tmp_path / "config.json").write_text(json.dumps(full))
    found = loading_packed.configuration(tmp_path)
    assert isinstance(found, SimpleNamespace)
    assert gemma3.reason_against(found) is None
    older = {name: value for name, value in full.items() if name not in {"rope_parameters", "layer_types"}}
    (tmp_path / "config.json").write_text(json.dumps(older))
    assert isinstance(completed := loading_packed.configuration(tmp_path), Gemma3TextConfig)
    assert completed.rope_parameters["full_attention"]["rope_theta"]
