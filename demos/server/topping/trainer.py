"""The toppings of the model in this process: what is kept of them, and the one training that may run.

Says no before anything is begun: to a wrong wish, a taken name, a full shelf, too little memory or disk.
Knows no HTTP. Examples are never logged and never stored.
"""

import pathlib
import shutil
import threading
from collections.abc import Sequence
from datetime import UTC, datetime

import psutil
from filelock import FileLock, Timeout

from demos.server.engine import Engine
from demos.server.errors import (
    ConflictError,
    KitchenError,
    NoRoomError,
    NotReadyError,
    UnknownAdapterError,
    UnsupportedError,
)
from demos.server.local import threads
from demos.server.local.engine import LocalEngine
from demos.server.topping import kept, wish
from demos.server.topping.course import COMMAND, Course, Progress
from demos.server.topping.kept import Kept, Topping
from demos.server.topping.wish import Wish

MOST_KEPT = 8
ROOM_ON_DISK = 64 << 20
"""Bytes: an adapter takes a tenth of it."""
ROOM_FOR_TORCH = 1300 << 20
"""Bytes that a training takes beside the weights: torch, transformers, an optimizer, a batch on its way."""
PATIENCE_S = 10


class Trainer:
    """Trains, keeps and deletes toppings."""

    def __init__(self, engines: Sequence[Engine], command: tuple[str, ...] = COMMAND) -> None:
        """Serve the toppings of the first model that lives in this process."""
        self._engine = next((engine for engine in engines if isinstance(engine, LocalEngine)), None)
        self._command = command
        self._starting = threading.Lock()
        self._course: Course | None = None
        self._lock: FileLock | None = None

    def close(self) -> None:
        """End what is being trained. Returns at once."""
        if self._course:
            self._course.cancel()

    @property
    def model(self) -> str | None:
        """The model that gets toppings, None where none could."""
        return self._engine.card.id if self._engine else None

    @property
    def progress(self) -> Progress | None:
        """The training that runs, or the last that ran."""
        return self._course.progress if self._course else None

    def start(self, wanted: Wish) -> Progress:
        """Begin a training.

        Raises:
            WishError: something about the wish is not as it should be.
            ConflictError: the name is taken, another training runs, or too many are kept.
            NoRoomError: memory or disk is too small.
            NotReadyError, UnsupportedError: the model is not there yet, or takes no toppings.
        """
        name, pairs, asked = wanted.checked()
        with self._starting:
            engine, base, here = self.ready()
            self._refuse(name, here, base)
            lock = FileLock(here.folder / "training.lock", thread_local=False)
            try:
                here.folder.mkdir(parents=True, exist_ok=True)
                lock.acquire(timeout=0)
            except Timeout:
                raise ConflictError(
                    "Another kitchen on this computer is training a topping: wait until it is done.",
                    code="training_busy",
                ) from None
            except OSError as error:
                raise no_disk(here.folder) from error
            recipe = wish.recipe(pairs, asked)
            steps = wish.steps_of(pairs, recipe)

            def keep(losses: tuple[float, ...]) -> None:
                created = datetime.now(UTC).isoformat(timespec="seconds")
                engine.add_adapter(name, here.partial(name))
                try:
                    here.keep(Topping(name, created, len(pairs), losses))
                except OSError:
                    engine.remove_adapter(name)
                    raise

            def ended() -> None:
                here.clear()
                lock.release()

            here.clear()
            order = {
                "base": str(base.resolve()),
                "target": str(here.partial(name).resolve()),
                "origin": engine.origin,
                "recipe": recipe,
                "pairs": pairs,
                "threads": threads.cores(),
            }
            self._course = Course(name, steps, order, keep, ended, command=self._command)
            try:
                self._course.start()
            except OSError as error:
                self._course = None
                ended()
                raise KitchenError("No process could be started to train a topping in.") from error
            return self._course.progress

    def find(self, name: str) -> Course:
        """The training of a topping, running or the last that ran.

        Raises:
            UnknownAdapterError: there is none.
        """
        course = self._course
        if course is None or course.name.casefold() != name.casefold():
            raise UnknownAdapterError(
                f"No topping '{name[: kept.LONGEST_NAME]}' is being trained.",
                param="name",
                code="training_not_found",
            )
        return course

    def cancel(self, name: str) -> Progress:
        """End a training, and wait until nothing is left of it."""
        course = self.find(name)
        course.cancel()
        course.wait(PATIENCE_S)
        return course.progress

    def remove(self, name: str) -> None:
        """Delete a topping.

        Raises:
            UnknownAdapterError: there is none.
            ConflictError: it is the house's own.
        """
        engine, _, here = self.ready()
        if name.casefold() in kept.RESERVED:
            raise ConflictError(
                f"'{name}' belongs to the house and stays.", param="name", code="topping_of_the_house"
            )
        with self._starting:  # two at once would find it gone
            try:
                engine.remove_adapter(here.remove(name))
            except OSError as error:
                raise no_disk(here.folder) from error

    def ready(self) -> tuple[LocalEngine, pathlib.Path, Kept]:
        """The engine, the folder of its model and the toppings for it.

        Raises:
            NotReadyError: the model is loading, or failed to load.
            UnsupportedError: there is no model here that takes toppings.
        """
        engine = self._engine
        if engine is None:
            raise UnsupportedError(
                "No model in this process could get a topping: start the server with --model embedded.",
                code="toppings_not_supported",
            )
        if engine.status.state != "ready":
            reason = engine.status.reason or f"The model is still loading: {engine.status.step}."
            raise NotReadyError(reason, code=engine.status.code)
        if engine.base is None:
            raise UnsupportedError(
                f"{engine.card.name} takes no toppings here: only the packed engine does.",
                code="toppings_not_supported",
            )
        return engine, *engine.base

    def _refuse(self, name: str, here: Kept, base: pathlib.Path) -> None:
        """Say no before anything is begun."""
        running = self._course.progress if self._course else None
        if running and not running.ended:
            raise ConflictError(
                f"'{running.name}' is being trained: wait until it is done, or cancel it.",
                code="training_busy",
            )
        if here.find(name):
            raise ConflictError(
                f"There is a topping '{name}' already: delete it, or take another name.",
                param="name",
                code="topping_exists",
            )
        if len(here.all()) >= MOST_KEPT:
            raise ConflictError(
                f"{MOST_KEPT} toppings are kept already: delete one of them first.", code="too_many_toppings"
            )
        needed, free = needed_memory(base), psutil.virtual_memory().available
        if free < needed:
            raise NoRoomError(
                f"Training takes {needed / 1e9:.1f} GB of memory, and {free / 1e9:.1f} GB are free: close "
                "other programs and try again.",
                code="not_enough_memory",
            )
        there = next(path for path in (here.folder, *here.folder.parents) if path.exists())
        if shutil.disk_usage(there).free < ROOM_ON_DISK:
            raise no_disk(here.folder)


def needed_memory(base: pathlib.Path) -> int:
    """Bytes that a training takes: the weights are read once more, and torch is there a second time."""
    return ROOM_FOR_TORCH + sum(path.stat().st_size for path in base.glob("*.safetensors"))


def no_disk(folder: pathlib.Path) -> NoRoomError:
    """What is said where nothing can be written."""
    return NoRoomError(
        f"There is no room for a topping in {folder}: make some and try again.", code="disk_full"
    )
