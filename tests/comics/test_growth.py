"""What the benchmark of the comics measures: more strips that are strips, and pictures that are all there."""

import shutil

import comics
from scripts import comics as command
from scripts import strips_bench


def test_ten_times_the_strips_are_strips_under_ids_of_their_own(tmp_path):
    folder = tmp_path / "comics" / "strips"
    shutil.copytree(command.STRIPS, folder)
    strips = len(list(folder.glob("*.yml")))
    assert strips_bench.grow(tmp_path, 10) == 10 * strips
    ids = [comics.load(file.read_text("utf-8"), file.name).id for file in folder.glob("*.yml")]
    assert len(ids) == len(set(ids)) == 10 * strips


def test_several_strips_are_drawn_on_several_processors_as_they_are_on_one(strip, monkeypatch, lettered):
    monkeypatch.setattr(command.os, "cpu_count", lambda: 2)
    words = {code: {m: lettered(code)(m) for m in command.transcript.msgids(strip)} for code in ("en", "ko")}
    jobs = [(strip, words, 200), (strip, words, 200)]
    drawn = [files for _, files in command._shared(command.pairs, jobs)]
    assert drawn == [command.pairs(strip, words, 200)] * 2
    assert set(drawn[0]) == {"en/twins.svg", "en/twins.png", "ko/twins.svg", "ko/twins.png"}


def test_without_inkscape_there_is_nothing_to_compare_with(monkeypatch):
    monkeypatch.setattr(strips_bench.shutil, "which", lambda _: None)
    assert strips_bench.inkscape([]) is None
