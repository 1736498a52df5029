"""The site and a live Gemma on one address, http://127.0.0.1:8000, until Ctrl-C.

In this order, because of who waits for what: settings, port and models' names are checked first, since they
fail in a moment and the rest takes longer; the site is built, or found to be unchanged; then pages are
served while the model is converted (the first time, about a minute) and loaded. A reader can look around
meanwhile, and the page and the terminal both show how far the model is.

Every setting is a flag, a variable (`--max-images` is TWO_BOWLS_MAX_IMAGES) or a line of a TOML file; flags
go before variables, variables before the file.

    python -m scripts.serve --port 8000 --model embedded
    python -m scripts.serve --help > docs/parts/serve_help.txt
"""

import dataclasses
import inspect
import os
import pathlib
import secrets
import sys
import threading
import typing
import webbrowser
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Protocol

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn

from demos.server import config, log
from demos.server.api import listen, restaurant
from demos.server.distant.hosted import HostedModel
from demos.server.engine import Engine, Report, label
from demos.server.errors import KitchenError
from demos.server.gemini.engine import GeminiEngine, utc_today
from demos.server.local import weights
from demos.server.local.engine import LocalEngine
from demos.server.settings import Settings
from scripts.engines import Awaited
from scripts.engines import engines as make_engines

# Plain text of one width: the same words stand in the docs.
WIDTH = {"terminal_width": 100, "max_content_width": 100}
app = typer.Typer(add_completion=False, rich_markup_mode=None, context_settings=WIDTH)
ROOT = pathlib.Path(__file__).resolve().parent.parent
console = Console(stderr=True)
KEYWORD = inspect.Parameter.KEYWORD_ONLY


def main(**flags: Any) -> None:
    """Serve the site and a live Gemma on http://127.0.0.1:8000.

    Each option can also be an environment variable (--max-images is TWO_BOWLS_MAX_IMAGES) or a line of a
    TOML file (max_images = 2). An option goes before a variable, a variable before the file.
    """
    file = flags.pop("config")
    try:
        run(config.read(flags, os.environ, file))
    except KitchenError as error:
        say(str(error))
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)


def options() -> list[inspect.Parameter]:
    """One option for each setting, and one for the file. Values are judged by `config`, not by Typer."""
    file = typer.Option(
        help="TOML file with settings; TWO_BOWLS_CONFIG names it, too.", metavar="FILE", show_default=False
    )
    found = [
        inspect.Parameter("config", KEYWORD, default=None, annotation=Annotated[pathlib.Path | None, file])
    ]
    hints = typing.get_type_hints(Settings, include_extras=True)
    for field in dataclasses.fields(Settings):
        *_, help_text = (
            note.description for note in hints[field.name].__metadata__ if hasattr(note, "description")
        )
        default = ", ".join(field.default) if isinstance(field.default, tuple) else field.default
        flag = isinstance(default, bool)
        name = field.name.replace("_", "-")
        option = typer.Option(
            *([f"--{name}/--no-{name}"] if flag else []),
            help=help_text if flag or default in {None, ""} else f"{help_text}  [default: {default}]",
            show_default=False,
            metavar=None if flag else field.name.rpartition("_")[2].upper(),
        )
        kind: Any = bool if flag else list[str] if isinstance(field.default, tuple) else str
        annotation = Annotated[kind | None, option]
        found.append(inspect.Parameter(field.name, KEYWORD, default=None, annotation=annotation))
    return found


# Typer reads a function's signature: this one is made of the settings.
main.__signature__ = inspect.Signature(options(), return_annotation=None)  # type: ignore[attr-defined]
main.__annotations__ = {option.name: option.annotation for option in options()}
app.command()(main)


def secured(settings: Settings) -> Settings:
    """The settings with the names that this server goes by, and with a token if others can reach it."""
    token = settings.token
    if token is None and not listen.is_private(settings.host):
        token = secrets.token_urlsafe(24)
    return dataclasses.replace(
        settings, hosts=(*settings.hosts, *listen.names_of(settings.host)), token=token
    )


def run(settings: Settings) -> None:
    """Check, build, serve.

    Raises:
        KitchenError: the address or a model cannot be had, or the site cannot be built.
    """
    os.environ["HF_HUB_OFFLINE"] = "1"  # nothing is downloaded unless a person does it
    log.set_up(settings.log)
    progress = Progress(
        TextColumn("{task.description}", style="progress.description", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        console=console,
        transient=True,
    )
    with listen.reserve(settings.port, settings.host) as reserved:
        settings = secured(settings)
        engines = make_engines(settings, os.environ, hosted, lambda: reporter(progress), say)

        folder = built()

        from demos.server.api import tab, toppings  # noqa: PLC0415
        from demos.server.api.app import create_app  # noqa: PLC0415
        from demos.server.topping.trainer import Trainer  # noqa: PLC0415

        closing = threading.Event()
        trainer = Trainer(engines)
        routers = [
            restaurant.router(engines, hosted, settings),
            tab.router(weights.cache_folder()),
            toppings.router(trainer),
        ]
        listen.serve(
            create_app(engines, settings, folder, routers, closing=closing),
            settings,
            reserved,
            closing,
            listening=lambda: announce(settings, engines, progress),
            stopping=lambda: close([trainer, *engines]),
        )
    progress.stop()
    if not all(engine.wait_closed(timeout_s=1) for engine in engines):
        # Ended in the ordinary way while a thread is inside torch, the process aborts with a C++ message.
        sys.stderr.flush()
        os._exit(0)


def built() -> pathlib.Path:
    """The folder of the site, which is built first where something changed.

    Raises:
        KitchenError: it cannot be built.
    """
    from i18n.errors import SiteError  # noqa: PLC0415 - a wrong port must not wait for these
    from scripts import unchanged  # noqa: PLC0415

    try:
        if unchanged.found(unchanged.fingerprint("", utc_today()), strict=False):
            return unchanged.SITE
    except SiteError as error:
        raise KitchenError(str(error)) from None

    from scripts import site  # noqa: PLC0415 - as long again, for nothing where nothing changed

    try:
        return site.build(strict=False)
    except site.PROBLEMS as error:
        raise KitchenError(str(error)) from None


def announce(settings: Settings, engines: Sequence[Awaited], progress: Progress) -> None:
    """Say where the pages are, and begin to load."""
    address = f"http://{shown(settings.host)}:{settings.port}/"
    console.print(f"Two Bowls is served on [bold]{address}[/] [dim](stop with Ctrl-C)[/]")
    if settings.token:
        # Behind a "#", which a browser keeps to itself; the page of the demo takes it from there (token.js).
        door = f"{address}taste-test/#token={settings.token}"
        console.print(
            f"Whoever comes this way may ask it: {door}", markup=False, highlight=False, soft_wrap=True
        )
    for engine in engines:
        if isinstance(engine, LocalEngine):
            engine.start()
    threading.Thread(target=watch, args=(engines, progress), daemon=True).start()
    # A browser's command line can be read by everybody on this machine, so a token is only printed.
    if settings.open and not settings.token and has_screen():
        webbrowser.open(address)


class Closable(Protocol):
    """Something that can be ended, at once."""

    def close(self) -> None:
        """End it."""


def close(running: Sequence[Closable]) -> None:
    """End what is running, with a sentence for who still listens."""
    for each in running:
        each.close()


def hosted() -> Sequence[HostedModel]:
    """The restaurant's menu.

    Raises:
        KitchenError: docs/data cannot be read.
    """
    from i18n import facts  # noqa: PLC0415 - only who has a key waits for these
    from i18n.errors import SiteError  # noqa: PLC0415
    from scripts import restaurant  # noqa: PLC0415

    try:
        return restaurant.menu(facts.load(ROOT), utc_today())
    except SiteError as error:
        raise KitchenError(str(error)) from None


def say(sentence: str) -> None:
    """A sentence for the person at the terminal."""
    console.print(sentence, markup=False, highlight=False, soft_wrap=True)


def reporter(progress: Progress) -> Report:
    """A line of the terminal for one engine's way to its first answer."""
    task = progress.add_task("Starting", total=1.0)
    return lambda done, step: progress.update(task, completed=done, description=step)


def watch(engines: Sequence[Awaited], progress: Progress) -> None:
    """Show how the engines load, then what became of each, and who else answers."""
    with progress:
        statuses = [engine.wait_loaded() for engine in engines]
    for engine, status in zip(engines, statuses, strict=True):
        if status.state == "ready" and engine.card.host is None:
            console.print(f"{label(engine.card, engine.hardware)} answers now.", markup=False)
        elif status.reason:
            say(status.reason)
    for sentence in elsewhere(engines):
        say(sentence)


def elsewhere(engines: Sequence[Engine]) -> Iterator[str]:
    """A sentence for each host that cooks in our place: how many models, and where its key was found."""
    models = Counter(
        (engine.card.host, engine.key_source if isinstance(engine, GeminiEngine) else None)
        for engine in engines
        if engine.card.host
    )
    for (host, source), count in models.items():
        paid = f"; the key is from {source}" if source else ""
        yield f"{host} answers, too (models: {count}{paid})."


def shown(host: str) -> str:
    """The address as it stands in a browser's address bar."""
    address = listen.address_of(host)
    if address.is_unspecified:
        return listen.names_of(host)[-1]
    return f"[{address}]" if address.version == 6 else str(address)  # noqa: PLR2004


def has_screen() -> bool:
    """Whether there is somewhere to open a browser."""
    return sys.platform in {"darwin", "win32"} or bool(
        os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    )


if __name__ == "__main__":
    app()
