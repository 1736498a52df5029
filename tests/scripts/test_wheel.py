"""The Python of the pages: a wheel that installs, a list like Pyodide's own, the same bytes every time."""

import gzip
import hashlib
import io
import json
import subprocess
import sys
import zipfile

import pytest

from scripts import comics_wheel, fetch, wheel


@pytest.fixture(scope="module")
def made() -> wheel.Runtime:
    fetch.libraries()
    return wheel.runtime()


def unpacked(made: wheel.Runtime, name: str) -> bytes:
    return gzip.decompress(made.files[f"{name}.gz"])


def test_the_wheel_installs_and_its_kitchen_answers_without_this_project(tmp_path):
    name, data = wheel.wheel(wheel.KITCHEN, wheel.kitchen())
    (tmp_path / name).write_bytes(data)
    target = tmp_path / "there"
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--target"]
    subprocess.run([*pip, str(target), str(tmp_path / name)], check=True, cwd=tmp_path)
    code = "from demos.kitchen import orders; print(orders.__file__)"
    command = [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(target)!r}); {code}"]
    done = subprocess.run(command, check=True, cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout.strip() == str(target / "demos" / "kitchen" / "orders.py")


def test_the_wheel_has_the_kitchen_and_nothing_of_the_server():
    _, data = wheel.wheel(wheel.KITCHEN, wheel.kitchen())
    names = zipfile.ZipFile(io.BytesIO(data)).namelist()
    assert {"demos/__init__.py", "demos/kitchen/cost.py", "demos/kitchen/orders.py"} <= set(names)
    assert not [name for name in names if "server" in name or "__pycache__" in name]


def test_the_same_sources_give_the_same_bytes(made):
    again = wheel.runtime()
    assert again == made
    assert made.folder.startswith("assets/python/")


def test_another_kitchen_gets_another_folder(tmp_path, made):
    (tmp_path / "demos" / "kitchen").mkdir(parents=True)
    (tmp_path / "demos" / "kitchen" / "cost.py").write_text("PRICE = 1\n")
    assert wheel.runtime(root=tmp_path).folder != made.folder


def test_our_package_is_listed_as_pyodide_lists_its_own(made):
    shipped = json.loads((wheel.LIBRARY / wheel.LIST).read_text("utf-8"))
    ours = json.loads(unpacked(made, wheel.LIST))
    assert ours["info"] == shipped["info"]
    assert list(ours["packages"]) == ["two-bowls", "two-bowls-comics"]
    for package in ours["packages"].values():
        assert package.keys() == shipped["packages"]["jinja2"].keys()
        digest = hashlib.sha256(unpacked(made, package["file_name"])).hexdigest()
        assert package["sha256"] == digest


def test_pyodides_own_reader_takes_the_list(made):
    # The first that reads the list of this Pyodide, 0.2.1, wants Python 3.12.
    lock = pytest.importorskip("pyodide_lock", reason="pyodide-lock is not installed")
    spec = lock.PyodideLockSpec.from_dict(json.loads(unpacked(made, wheel.LIST)))
    spec.check_wheel_filenames()
    assert {package.name for package in spec.packages.values()} == {"two_bowls", "two_bowls_comics"}


def test_every_file_is_packed_and_the_manifest_says_its_size_and_hash(made):
    manifest = json.loads(made.files["manifest.json"])
    wheels = {
        name: f"{name.replace('-', '_')}-0.1.0-py3-none-any.whl" for name in ("two-bowls", "two-bowls-comics")
    }
    assert manifest["wheels"] == made.wheels == wheels
    assert manifest["sizes"] == {
        name.removesuffix(".gz"): len(data) for name, data in made.files.items() if name.endswith(".gz")
    }
    assert manifest["sha256"] == {
        name: hashlib.sha256(unpacked(made, name)).hexdigest() for name in manifest["sizes"]
    }
    assert unpacked(made, "pyodide.asm.wasm")[:4] == b"\0asm"
    both = sum(map(len, made.files.values()))
    for package, other in (tuple(wheels), tuple(wheels)[::-1]):
        assert made.size(package) == both - len(made.files[f"{wheels[other]}.gz"])


def test_the_comics_wheel_draws_without_anything_that_is_installed_here(tmp_path):
    name, data = wheel.wheel(wheel.COMICS, comics_wheel.files())
    (tmp_path / name).write_bytes(data)
    code = (
        "from comics import studio, drawing, ink, strip, typeset; import yaml, jinja2, budoux\n"
        "assert all('there' in module.__file__ for module in (yaml, jinja2, budoux))\n"
        "print(len(drawing.prop(strip.Prop(prop='bowl', at=(0.0, 0.0)), ink.Brush(4.8))) > 500,"
        " typeset.breaks('今日は天気です。', 'ja'))"
    )
    zipfile.ZipFile(tmp_path / name).extractall(tmp_path / "there")
    command = [
        sys.executable,
        "-I",
        "-S",
        "-c",
        f"import sys; sys.path.insert(0, {str(tmp_path / 'there')!r}); {code}",
    ]
    done = subprocess.run(command, check=True, cwd=tmp_path, capture_output=True, text=True)
    assert done.stdout.strip() == "True [0, 3, 8]"
    licences = {path.parent.name for path in (tmp_path / "there").glob("*/LICENSE")}
    assert licences == {"jinja2", "markupsafe", "budoux", "yaml"}


def test_the_library_is_whole_and_what_a_start_imports_is_compiled(made):
    shipped = zipfile.ZipFile(wheel.LIBRARY / wheel.LIBRARY_ZIP).namelist()
    ours = zipfile.ZipFile(io.BytesIO(unpacked(made, wheel.LIBRARY_ZIP))).namelist()
    assert sorted(name.removesuffix("c") if name.endswith(".pyc") else name for name in ours) == sorted(
        shipped
    )
    assert {"dataclasses.pyc", "json/decoder.pyc", "typing.pyc", "statistics.py"} <= set(ours)


def test_a_library_that_does_not_compile_is_one_sentence(tmp_path):
    (tmp_path / "package.json").write_text("{}")
    with pytest.raises(fetch.FetchError) as caught:
        wheel.library_zip(tmp_path, tmp_path / "cache")
    assert str(caught.value) == (
        f"Python's library could not be compiled for the browser from {tmp_path}: see the words of Node "
        "above, delete node_modules, and run the same command again."
    )
    assert not list((tmp_path / "cache").glob("*.zip"))
