"""`make comics`: the files, the pictures, and that nothing is drawn twice."""

import io
import shutil
import subprocess
import sys

import pytest
from PIL import Image, ImageChops

import comics
from comics import export, page
from i18n.languages import LANGUAGE
from scripts import comics as command


def test_a_picture_shows_the_lettering_and_not_only_the_drawing(strip, faces, plain):
    def picture(translate):
        sheet = comics.sheet(strip, "en", translate, faces["en"])
        letters, family = page.texts(strip, translate), page.family(strip, "en")
        return Image.open(io.BytesIO(export.png(sheet, faces["en"], letters, family, 590))).convert("L")

    title = (0, 0, 590, 40)
    assert picture(plain).crop(title).getextrema()[0] < 80
    assert picture(lambda m: " " if m == strip.title else m).crop(title).getextrema()[0] > 200


@pytest.fixture
def picture():
    """A small PNG of one colour."""

    def paint(colour):
        buffer = io.BytesIO()
        Image.new("RGB", (20, 10), colour).save(buffer, "PNG")
        return buffer.getvalue()

    return paint


def test_a_gif_turns_through_all_pictures(picture):
    turning = Image.open(io.BytesIO(export.gif([picture("red"), picture("green"), picture("blue")])))
    assert turning.n_frames == 3
    assert turning.info["loop"] == 0
    assert turning.info["duration"] == 4000


def test_a_webp_turns_through_all_pictures_and_a_pdf_has_a_page_for_each(picture):
    pictures = [picture("red"), picture("green"), picture("blue")]
    turning = Image.open(io.BytesIO(export.webp(pictures)))
    assert (turning.n_frames, turning.info["loop"]) == (3, 0)
    booklet = export.pdf(pictures, "Two Bowls")
    assert booklet.count(b"/Type /Page\n") == 3
    assert booklet == export.pdf(pictures, "Two Bowls")


def test_words_over_a_backdrop_are_the_picture_that_the_sheet_is(strip, faces, plain):
    letters, family = page.texts(strip, plain), page.family(strip, "en")
    whole = export.png(comics.sheet(strip, "en", plain, faces["en"]), faces["en"], letters, family, 590)
    words = page.lettering(strip, "en", plain, faces["en"])
    layered = export.lettered(export.backdrop(page.scenery(strip), 590), words, faces["en"], letters, family)
    one, other = (Image.open(io.BytesIO(data)).convert("L") for data in (whole, layered))
    assert one.size == other.size
    # Parts of pixels at the edges differ, shapes do not.
    differing = ImageChops.difference(one, other).histogram()
    assert sum(differing[64:]) < 0.01 * one.width * one.height


def test_a_card_has_the_size_of_a_link_preview(strip, faces, plain):
    sheet = comics.sheet(strip, "en", plain, faces["en"])
    letters, family = page.texts(strip, plain), page.family(strip, "en")
    card = Image.open(io.BytesIO(export.card(export.png(sheet, faces["en"], letters, family, 1200))))
    assert card.size == (1200, 630)
    assert card.convert("L").crop((0, 0, 1200, 60)).getextrema()[0] < 80  # the title is in it


@pytest.fixture
def kitchen(tmp_path, monkeypatch, lettered):
    """The command in an empty folder with one strip, and words in place of the catalogs."""
    for name in ("comics", "docs"):
        shutil.copytree(command.ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for other in (tmp_path / "comics" / "strips").glob("*.yml"):
        if other.stem != "twins":
            other.unlink()
    monkeypatch.setattr(command, "ROOT", tmp_path)
    monkeypatch.setattr(command, "STRIPS", tmp_path / "comics" / "strips")
    monkeypatch.setattr(command, "OUT", tmp_path / "dist" / "comics")
    monkeypatch.setattr(command, "STAMP", tmp_path / "build" / "comics.json")
    monkeypatch.setattr(command, "PNG_WIDTH", 300)
    monkeypatch.setattr(command, "GIF_WIDTH", 200)
    monkeypatch.setattr(command.catalog, "for_language", lambda _, language: lettered(language.code))
    return tmp_path


def test_every_file_is_written_once_and_an_unchanged_strip_is_skipped(kitchen):
    assert command.build() == (1, 0)
    names = {path.relative_to(command.OUT).as_posix() for path in command.OUT.rglob("*") if path.is_file()}
    assert names == {
        *(
            f"{code}/twins.{suffix}"
            for code in ("en", "ko", "ja")
            for suffix in ("svg", "png", "card.png", "html", "md")
        ),
        *(f"{code}/two-bowls.pdf" for code in ("en", "ko", "ja")),
        "twins.gif",
        "twins.webp",
        "fonts/comic-neue-OFL.txt",
        "fonts/jua-OFL.txt",
        "fonts/yusei-magic-OFL.txt",
    }
    frames = []
    with Image.open(command.OUT / "twins.gif") as turning:
        for language in range(turning.n_frames):
            turning.seek(language)
            frames.append(turning.convert("RGB").tobytes())
    assert len(frames) == len(set(frames)) == 3
    assert command.build() == (0, 1)
    (command.OUT / "ko" / "twins.png").unlink()
    assert command.build() == (1, 0)


def test_whatever_a_strip_is_drawn_from_draws_it_anew_and_nothing_else_does(kitchen, strip, monkeypatch):
    def stamp(word="noodles"):
        return command.fingerprint(strip, {LANGUAGE["ko"]: lambda _: word})

    monkeypatch.setattr(command, "_sources", command._sources.__wrapped__)  # each time anew
    monkeypatch.setattr(command, "FONTS", kitchen / "fonts")
    for name in command.FONT.values():
        (kitchen / "fonts" / name).parent.mkdir(parents=True, exist_ok=True)
        (kitchen / "fonts" / name).write_bytes(b"letters")
    seen = [stamp()]
    for changed in ("comics/art/acting.yml", "comics/art/cat.svg.j2", "comics/ink.py", f"fonts/{name}"):
        with (kitchen / changed).open("a") as file:
            file.write("\n")
        seen.append(stamp())
    monkeypatch.setattr(command.metadata, "version", lambda library: "99" if library == "resvg" else "1")
    seen += [stamp(), stamp("라면")]
    assert len(set(seen)) == len(seen)
    (kitchen / "comics" / "strips" / "other.yml").write_text("another strip")
    (kitchen / "docs" / "index.md").write_text("another page")
    assert stamp("라면") == seen[-1]


def test_a_translation_that_is_missing_is_named_and_nothing_is_drawn(kitchen, monkeypatch):
    marker = command.catalog.MARKER
    monkeypatch.setattr(command.catalog, "for_language", lambda _, language: lambda msgid: marker + msgid)
    with pytest.raises(comics.ComicError) as refused:
        command.build()
    assert str(refused.value) == (
        'comics/strips/twins.yml: "The twins who are not twins" has no English translation that is ready; '
        "run `make i18n` and complete i18n/locale/en/LC_MESSAGES/messages.po."
    )
    assert not command.OUT.exists()


def test_rendering_needs_no_library_that_a_browser_cannot_load():
    banned = {"resvg", "PIL", "pathops", "i18n", "pydantic_core", "fontTools", "numpy"}
    code = f"import sys, comics; print(sorted({banned!r} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=command.ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
