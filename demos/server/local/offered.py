"""The adapters that orders may ask for: the house topping, and what was trained here or by another kitchen.

Used from several threads. Imports torch. Knows nothing of orders, queues and HTTP.
"""

import logging
import pathlib
import threading
from collections.abc import Callable

from demos.server.errors import KitchenError
from demos.server.local.lowrank import LowRank
from demos.server.topping.kept import Kept, Topping

LOG = logging.getLogger(__name__)


class Offered:
    """Adapters by name, of one model."""

    def __init__(
        self, adapters: dict[str, LowRank], read: Callable[[pathlib.Path], LowRank], kept: Kept
    ) -> None:
        """Offer none yet.

        Args:
            adapters: where the batches look for them; changed.
            read: makes one of a folder; raises UnusableAdapterError.
            kept: what lies on disk.
        """
        self._adapters, self._read, self._kept = adapters, read, kept
        self._changing, self._taking = threading.Lock(), threading.Lock()
        self._taken: dict[str, Topping] = {}
        self.names: tuple[str, ...] = ()

    def add(self, name: str, folder: pathlib.Path) -> None:
        """Offer an adapter, in place of one of the same name.

        Raises:
            UnusableAdapterError: it cannot be read or does not fit.
        """
        adapter = self._read(folder)
        with self._changing:
            self._adapters[name] = adapter
            self.names = tuple(sorted(self._adapters))

    def remove(self, name: str) -> None:
        """Offer an adapter no more; an answer that has begun with it goes on with it."""
        with self._changing:
            self._adapters.pop(name, None)
            self._taken.pop(name, None)
            self.names = tuple(sorted(self._adapters))

    def try_to_add(self, name: str, folder: pathlib.Path) -> None:
        """Offer an adapter; without one that cannot be read the base model answers as well as it can."""
        try:
            self.add(name, folder)
        except KitchenError as error:
            LOG.warning("%s", error)

    def take_up(self) -> list[Topping]:
        """Offer what is kept on disk now, since other kitchens on this computer train and delete, too.

        Returns:
            What is kept, with what cannot be read and is not offered.
        """
        with self._taking:
            there = {topping.name: topping for topping in self._kept.all()}
            for name in self._taken.keys() - there.keys():
                self.remove(name)
            for name, topping in there.items():
                if self._taken.get(name) != topping:
                    self.try_to_add(name, self._kept.place(name))
            self._taken = there
        return list(there.values())

    def bytes_of(self, name: str) -> int | None:
        """The memory that an adapter takes, None where it is not offered."""
        found = self._adapters.get(name)
        return None if found is None else found.bytes
