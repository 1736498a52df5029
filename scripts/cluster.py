"""The kitchen as Ray Serve replicas behind one address, until Ctrl-C: `make cluster`.

Models, port and everything else are settings of `scripts.serve`, as flags here or as variables
(TWO_BOWLS_ROWS=16). RAY_ADDRESS names a Ray cluster that is already there; the project must then be
installed on its machines, with the model.

    python -m scripts.cluster --model google/gemma-4-E2B-it --least 1 --most 8
    python -m scripts.cluster --cores 4 --port 8123
"""

import os
import signal
import sys
import threading
from typing import Annotated

import typer
from rich.console import Console

from demos.server import cluster, config
from demos.server.errors import KitchenError
from demos.server.local import menu, weights
from scripts import serve

console = Console(stderr=True)


def main(
    *,
    model: Annotated[str | None, typer.Option(help="embedded, auto, a folder or a downloaded id.")] = None,
    port: Annotated[str | None, typer.Option(help="1 to 65535.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    least: Annotated[int, typer.Option(min=1, help="Replicas that are always there.")] = 1,
    most: Annotated[int, typer.Option(min=1, help="Replicas at the most.")] = 4,
    cores: Annotated[
        int | None, typer.Option(min=1, help="CPU cores of one replica; an equal share where none is given.")
    ] = None,
    open_after: Annotated[
        float, typer.Option(min=0.1, help="Seconds of work for more replicas before another one starts.")
    ] = 10,
    close_after: Annotated[
        float, typer.Option(min=0.1, help="Seconds of work for fewer replicas before one ends.")
    ] = 300,
) -> None:
    """Serve with as many replicas as there is work for."""
    if most < least:
        raise typer.BadParameter(f"it is {most}, less than --least {least}.", param_hint="--most")
    flags = {"model": [model] if model else None, "port": port, "host": host}
    try:
        settings = serve.secured(config.read(flags, os.environ))
        menu.choose(settings.model[0], weights.cache_folder())  # a wrong name must not wait for Ray
    except KitchenError as error:
        serve.say(str(error))
        sys.exit(1)
    told = threading.Event()
    address = os.environ.get("RAY_ADDRESS")
    try:
        size = cluster.Size(least, most, cores, open_after, close_after)
        cluster.start(settings, size, serve.ROOT / "site", serve.hosted(), address)
        for number in (signal.SIGINT, signal.SIGTERM):  # now, because Ray has set its own meanwhile
            signal.signal(number, lambda *_: told.set())
        serve.say(
            f"{least} to {most} kitchens answer on http://{serve.shown(settings.host)}:{settings.port}/"
        )
        if settings.token:
            serve.say(f"They need the access token {settings.token}")
        told.wait()
    except KitchenError as error:
        serve.say(str(error))
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        cluster.stop(address)


if __name__ == "__main__":
    typer.run(main)
