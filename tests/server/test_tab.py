"""The model for a browser tab: what is offered, in which parts, and to whom."""

import hashlib
import pathlib

import pytest
from fastapi.testclient import TestClient

from demos.server.api import tab
from demos.server.api.app import create_app
from demos.server.local import parts, weights
from demos.server.settings import Settings
from scripts import parts as parts_script
from tests.server import tiny_adapter
from tests.server.engines import ScriptedEngine

MANIFEST = "/api/model/manifest.json"
WORD = "a-token"


def client_of(site: pathlib.Path, cache: pathlib.Path, settings: Settings | None = None) -> TestClient:
    app = create_app([ScriptedEngine("ramen")], settings or Settings(), site, [tab.router(cache)])
    return TestClient(app, base_url="http://127.0.0.1:8000")


@pytest.fixture
def client(site: pathlib.Path, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> TestClient:
    monkeypatch.setattr(parts, "ADAPTER", tmp_path / "no adapter")
    return client_of(site, tmp_path / "cache")


@pytest.fixture
def last(client: TestClient) -> dict:
    """The shortest part."""
    return client.get(MANIFEST).json()["model"]["parts"][-1]


def test_the_parts_are_small_and_join_to_the_pinned_model():
    digest = hashlib.sha256()
    for part in parts.base():
        assert part.bytes < parts_script.MOST_BYTES
        data = part.path.read_bytes()
        assert (len(data), hashlib.sha256(data).hexdigest()) == (part.bytes, part.sha256)
        digest.update(data)
    assert digest.hexdigest() == weights.SOURCE_SHA256


def test_the_manifest_names_every_part_by_its_hash(client: TestClient):
    reply = client.get(MANIFEST)
    assert reply.headers["cache-control"] == "no-store"
    found = reply.json()
    assert found["topping"] is None
    assert found["model"]["label"] == "Gemma 3 270M (base, Q4_K_M)"
    assert found["model"]["bytes"] == sum(part["bytes"] for part in found["model"]["parts"])
    assert [part["file"] for part in found["model"]["parts"]] == [part.sha256 for part in parts.base()]


@pytest.mark.parametrize(
    ("asked", "first", "size"), [("bytes=0-9", 0, 10), ("bytes=-5", -5, 5), ("bytes={rest}-", -7, 7)]
)
def test_a_part_can_be_had_from_any_byte_on(
    client: TestClient, last: dict, asked: str, first: int, size: int
):
    asked = asked.format(rest=last["bytes"] - 7)
    reply = client.get(f"/api/model/{last['file']}", headers={"Range": asked})
    data = parts.base()[-1].path.read_bytes()
    first %= len(data)
    assert reply.status_code == 206
    assert reply.headers["content-range"] == f"bytes {first}-{first + size - 1}/{len(data)}"
    assert reply.content == data[first : first + size]


def test_a_range_beyond_the_end_is_told(client: TestClient, last: dict):
    reply = client.get(f"/api/model/{last['file']}", headers={"Range": f"bytes={last['bytes']}-"})
    assert (reply.status_code, reply.headers["content-range"]) == (416, f"bytes */{last['bytes']}")


def test_the_head_of_a_part_tells_its_size_and_its_tag_and_packs_nothing(client: TestClient, last: dict):
    path, tag = f"/api/model/{last['file']}", f'"{last["sha256"]}"'
    head = client.head(path, headers={"Accept-Encoding": "gzip"})
    assert (head.status_code, head.content) == (200, b"")
    assert (head.headers["content-length"], head.headers["etag"]) == (str(last["bytes"]), tag)
    assert head.headers["accept-ranges"] == "bytes"
    assert "content-encoding" not in head.headers
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304
    ranged = {"Range": "bytes=0-1", "If-Range": tag}
    assert client.head(path, headers=ranged).status_code == 206
    assert client.head(path, headers=ranged | {"If-Range": '"another"'}).status_code == 200


@pytest.mark.parametrize(
    "name",
    ["0" * 64, "..%2f..%2fpyproject.toml", "%2fetc%2fpasswd", "gemma-3-270m-q4_k_m.gguf", "%00"],
)
def test_what_is_not_in_the_offer_is_not_there(client: TestClient, name: str):
    assert client.get(f"/api/model/{name}").status_code == 404


def test_the_terms_travel_with_it(client: TestClient):
    assert "Gemma Terms of Use" in client.get("/api/model/GEMMA_TERMS.html").text


def test_a_server_with_a_token_gives_it_to_nobody_else(site: pathlib.Path, tmp_path: pathlib.Path):
    guarded = client_of(site, tmp_path, Settings(token=WORD))
    assert guarded.get(MANIFEST).status_code == 401
    assert guarded.get(MANIFEST, headers={"Authorization": f"Bearer {WORD}"}).status_code == 200


def test_a_topping_comes_along_and_is_written_once(
    site: pathlib.Path, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(parts, "ADAPTER", tiny_adapter.save(tmp_path / "adapter"))
    found = client_of(site, tmp_path / "cache").get(MANIFEST).json()["topping"]
    (kept,) = (tmp_path / "cache").glob("topping-*.gguf")
    written = kept.stat().st_mtime_ns
    again = client_of(site, tmp_path / "cache")
    assert again.get(MANIFEST).json()["topping"] == found
    data = again.get(f"/api/model/{found['file']}").content
    assert (data[:4], len(data)) == (b"GGUF", found["bytes"])
    assert hashlib.sha256(data).hexdigest() == found["sha256"]
    assert kept.stat().st_mtime_ns == written


def test_a_package_without_its_parts_is_told(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(weights, "PACKAGE", "no_such_package")
    parts.base.cache_clear()
    with pytest.raises(weights.DamagedPackageError) as error:
        parts.base()
    assert str(error.value) == (
        "The package no-such-package is not complete, so no tab can fetch the model from here: No module "
        "named 'no_such_package'. Install it again: make clean, then make serve"
    )
    with pytest.raises(weights.DamagedPackageError):
        parts.notices()


def test_a_static_site_gets_manifest_parts_and_terms(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, site: pathlib.Path
):
    cut = tmp_path / "cut"
    cut.write_bytes(b"noodles")
    monkeypatch.setattr(parts, "base", lambda: (parts.measured(cut),))
    monkeypatch.setattr(parts, "ADAPTER", tmp_path / "no adapter")
    target = parts_script.write(site, tmp_path / "cache")
    assert target == site / "api" / "model"
    name = hashlib.sha256(b"noodles").hexdigest()
    assert {path.name for path in target.iterdir()} == {name, parts.MANIFEST, *weights.TRAVELLING}
    assert (target / name).read_bytes() == b"noodles"


def test_a_part_too_large_for_static_hosts_is_told(
    tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch, site: pathlib.Path
):
    monkeypatch.setattr(parts, "base", lambda: (parts.Part(pathlib.Path("large"), 123_456_789, "0"),))
    monkeypatch.setattr(parts, "ADAPTER", tmp_path / "no adapter")
    with pytest.raises(parts_script.KitchenError) as error:
        parts_script.write(site, tmp_path)
    assert str(error.value) == (
        "large has 123,456,789 bytes, and hosts take 100,000,000 at most: it has to be cut into "
        "smaller parts."
    )
    with pytest.raises(parts_script.KitchenError) as error:
        parts_script.write(tmp_path / "empty", tmp_path)
    assert str(error.value) == f"There is no built site in {tmp_path / 'empty'}: run make site first."
