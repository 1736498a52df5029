"""Engines for the tests of the kitchen.

Three of them: a scripted one, because HTTP must be tested without waiting for a model; a tiny random Gemma 4,
because it is the architecture that people will bring; and the embedded model itself, converted once into the
cache that `make serve` uses.
"""

import os
import pathlib
from collections.abc import Iterator

import pytest

os.environ["HF_HUB_OFFLINE"] = "1"  # before anything imports huggingface_hub

from demos.server.local import menu, weights
from demos.server.local.engine import LocalEngine
from demos.server.settings import Settings
from tests.server import bar
from tests.server import gemma4 as random_gemma4
from tests.server.engines import started


@pytest.fixture
def site(tmp_path: pathlib.Path) -> pathlib.Path:
    """A small website with one Korean page."""
    files = {
        "index.html": "<h1>Two bowls</h1>" + "<p>noodles</p>" * 100,
        "404.html": "Not here",
        "sitemap.xml": "<urlset/>",
        "side-by-side/index.html": "side by side",
        "ko/index.html": "두 그릇",
        "ko/404.html": "없어요",
        "ko/sitemap.xml": "<urlset/>",
        "assets/app.css": "body{}",
        "assets/main.0123abcd.min.js": "1",
        "assets/demo.js": "export {};",
        "api/kitchen": '{"state": "absent"}',
    }
    for name, content in files.items():
        path = tmp_path / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, encoding="utf-8")
    return tmp_path / "site"


CONVERSION_S = 500


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let whichever test needs the real model first wait for its conversion."""
    for item in items:
        if "embedded" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.timeout(CONVERSION_S + 100))


@pytest.fixture(scope="session")
def embedded() -> Iterator[LocalEngine]:
    """The real embedded model; the first run on a machine converts it."""
    with started(menu.choose("embedded", weights.cache_folder()), Settings(), CONVERSION_S) as engine:
        yield engine


@pytest.fixture(scope="session")
def gemma4_folder(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A random Gemma 4 of a few thousand weights, saved as a person would save one."""
    return random_gemma4.save(tmp_path_factory.mktemp("gemma4"))


@pytest.fixture(scope="session")
def gemma4(gemma4_folder: pathlib.Path) -> Iterator[LocalEngine]:
    """The random Gemma 4 in the engine."""
    with started(menu.choose(str(gemma4_folder), gemma4_folder), Settings(max_prompt_tokens=300)) as engine:
        yield engine


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """The tiny model of the toppings bar."""
    return bar.save(tmp_path_factory.mktemp("tiny") / "tiny")


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """Where its toppings are kept."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def trained_engine(tiny: pathlib.Path, cache: pathlib.Path) -> Iterator[LocalEngine]:
    """The engine that takes them up."""
    with bar.cooking(tiny, cache) as engine:
        yield engine


@pytest.fixture
def place(trained_engine: LocalEngine, site: pathlib.Path) -> Iterator[bar.Place]:
    """What a test of toppings needs, and nothing kept afterwards."""
    found = bar.Place(trained_engine, trained_engine.base[1], site)
    yield found
    for topping in found.kept.all():
        trained_engine.remove_adapter(found.kept.remove(topping.name))
    assert bar.folders(found.kept) == []
