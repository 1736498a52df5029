"""Write the embedded model into a built site, in byte parts, for hosts that take no file over 100 MB.

A page that finds `api/model/manifest.json` offers the packet for cooking in the tab. The parts are those that
the local server sends (`demos.server.local.parts`); the model's terms and notice are written beside them.

    python -m scripts.parts site
"""

import json
import pathlib
import shutil
import sys
from typing import Annotated

import typer
from rich.console import Console

from demos.server.errors import KitchenError
from demos.server.local import parts, weights

FOLDER = pathlib.PurePosixPath("api/model")
MOST_BYTES = 100_000_000
"""What common static hosts take of one file."""

app = typer.Typer(add_completion=False)
console = Console(stderr=True)


@app.command()
def main(site: Annotated[pathlib.Path, typer.Argument(help="The built site.")]) -> None:
    """Write the embedded model into a built site."""
    try:
        target = write(site, weights.cache_folder())
    except (KitchenError, OSError) as error:
        console.print(str(error), markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)
    console.print(f"The packet is in [bold]{target}/[/]; make site takes it out again.")


def write(site: pathlib.Path, cache: pathlib.Path) -> pathlib.Path:
    """Write manifest, parts, topping, terms and notice; return their folder.

    Raises:
        KitchenError: there is no site, or the model's packages are not complete.
        OSError: the disk is full.
    """
    if not (site / "index.html").is_file():
        raise KitchenError(f"There is no built site in {site}: run make site first.")
    offer = parts.offer(cache)
    large = [part for part in offer.base if part.bytes > MOST_BYTES]
    if large:
        raise KitchenError(
            f"{large[0].path} has {large[0].bytes:,} bytes, and hosts take {MOST_BYTES:,} at most: "
            "it has to be cut into smaller parts."
        )
    target = site / FOLDER
    target.mkdir(parents=True, exist_ok=True)
    for name, path in (offer.files | parts.notices()).items():
        shutil.copyfile(path, target / name)
    (target / parts.MANIFEST).write_text(json.dumps(offer.manifest(), indent=1), encoding="utf-8")
    return target


if __name__ == "__main__":
    app()
