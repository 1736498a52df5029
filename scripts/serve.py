"""The site and a live Gemma on one address, http://127.0.0.1:8000, until Ctrl-C.

In this order, because of who waits for what: the port and the model's name are checked first, since they
fail in a moment and the rest takes longer; the site is built, or found to be unchanged; then pages are
served while the model is converted (the first time, about a minute) and loaded. A reader can look around
meanwhile, and the page and the terminal both show how far the model is.

    python -m scripts.serve --port 8000 --model embedded
"""

import os
import sys
import threading
import webbrowser
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from demos.server import listen, menu, weights
from demos.server.engine import label
from demos.server.errors import KitchenError
from demos.server.settings import Settings

app = typer.Typer(add_completion=False)
console = Console(stderr=True)


@app.command()
def main(
    *,
    port: Annotated[str, typer.Option(help="1 to 65535.")] = "8000",
    model: Annotated[
        str, typer.Option(help="embedded, a folder, or a downloaded Hugging Face id.")
    ] = menu.EMBEDDED,
    threads: Annotated[
        int, typer.Option(help="CPU threads for the model; 0 for all cores but one.", min=0)
    ] = 0,
    browser: Annotated[bool, typer.Option("--open/--no-open", help="Open the address in a browser.")] = True,
) -> None:
    """Serve the site and a live Gemma on http://127.0.0.1:8000."""
    try:
        run(port, model, threads, browser=browser)
    except KitchenError as error:
        console.print(str(error), markup=False, highlight=False, soft_wrap=True)
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def run(port: str, model: str, threads: int, *, browser: bool) -> None:
    """Check, build, serve.

    Raises:
        KitchenError: the port or the model cannot be had, or the site cannot be built.
    """
    os.environ["HF_HUB_OFFLINE"] = "1"  # nothing is downloaded unless a person does it
    source = menu.choose(model, weights.cache_folder())
    reserved = listen.reserve(port)
    address = f"http://{listen.HOST}:{port}/"

    from scripts import site  # noqa: PLC0415 - a wrong port must not wait for the site's packages

    try:
        folder = site.build(strict=False)
    except site.PROBLEMS as error:
        reserved.close()
        raise KitchenError(str(error)) from None

    from demos.server.app import create_app  # noqa: PLC0415
    from demos.server.local import LocalEngine  # noqa: PLC0415

    settings = Settings(threads=threads or None)
    progress = Progress(
        TextColumn("{task.description}", style="progress.description", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        console=console,
        transient=True,
    )
    task = progress.add_task("Starting", total=1.0)
    engine = LocalEngine(
        source, settings, lambda done, step: progress.update(task, completed=done, description=step)
    )

    def announce() -> None:
        console.print(f"Two Bowls is served on [bold]{address}[/] [dim](stop with Ctrl-C)[/]")
        engine.start()
        threading.Thread(target=watch, daemon=True).start()
        if browser and has_screen():
            webbrowser.open(address)

    def watch() -> None:
        with progress:
            status = engine.wait_loaded()
        if status.state == "ready":
            console.print(f"{label(engine.card, engine.hardware)} answers now.", markup=False)
        elif status.reason:
            console.print(status.reason, markup=False, highlight=False, soft_wrap=True)

    listen.serve(create_app(engine, settings, folder), reserved, announce, engine.close)
    progress.stop()
    if not engine.wait_closed(timeout_s=1):
        # Ended in the ordinary way while a thread is inside torch, the process aborts with a C++ message.
        sys.stderr.flush()
        os._exit(0)


def has_screen() -> bool:
    """Whether there is somewhere to open a browser."""
    return sys.platform in {"darwin", "win32"} or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )


if __name__ == "__main__":
    app()
