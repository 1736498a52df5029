"""The comics under test: the real strip, the real fonts, and a translate function without catalogs."""

import pathlib
from collections.abc import Callable

import hypothesis
import pytest

import comics
from i18n import catalog
from i18n.languages import LANGUAGE
from scripts.comics import typeface

ROOT = pathlib.Path(__file__).resolve().parents[2]
TWINS = ROOT / "comics" / "strips" / "twins.yml"
LANGUAGES = ("en", "ko", "ja")

# How long a text takes to set is a matter for the benchmark; a busy machine must not fail a property.
hypothesis.settings.register_profile("comics", deadline=None)
hypothesis.settings.load_profile("comics")


class Faces:
    """The typefaces by language; no dict, for hypothesis prints all that a failing test was given."""

    def __init__(self) -> None:
        self._faces = {language: typeface(language) for language in LANGUAGES}

    def __getitem__(self, language: str) -> comics.Typeface:
        return self._faces[language]


@pytest.fixture(scope="session")
def faces() -> Faces:
    return Faces()


@pytest.fixture
def text() -> str:
    return TWINS.read_text("utf-8")


@pytest.fixture
def strip(text: str) -> comics.Strip:
    return comics.load(text, "twins.yml")


@pytest.fixture
def plain() -> Callable[[str], str]:
    """English stays English."""
    return lambda msgid: msgid


@pytest.fixture
def spoken() -> Callable[[str], Callable[[str], str]]:
    """The translate function of a language, from its catalog."""
    return lambda language: catalog.for_language(ROOT, LANGUAGE[language])


@pytest.fixture
def lettered() -> Callable[[str], Callable[[str], str]]:
    """A translate function whose every text can be written in a language's font, without any catalog."""
    word = {"en": "noodles", "ko": "라면", "ja": "らーめん"}
    return lambda language: lambda msgid: msgid if "%(" in msgid else word[language]
