"""The engine on this machine: one worker thread that owns the model, and a queue before it.

Loads in that thread too, so the site is served meanwhile. Orders are answered together where a batch was
proved equal to `generate`, and one after the other where not. Knows nothing of HTTP.
"""

import logging
import pathlib
import threading
import time
from collections import deque
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from demos.server.engine import Failed, Hardware, Listener, ModelCard, Order, Report, Status, Ticket
from demos.server.errors import (
    MODEL_FAILED,
    BusyError,
    KitchenError,
    NotReadyError,
    PromptTooLongError,
    UnknownAdapterError,
    UnsupportedError,
)
from demos.server.local import prompt, threads, weights
from demos.server.local.answer import Answer, Job
from demos.server.local.loaded import Loaded, fingerprint
from demos.server.local.loading import begin, load, unloadable
from demos.server.local.menu import Source
from demos.server.local.table import BROKEN, Table, tell
from demos.server.settings import Settings
from demos.server.topping import turns
from demos.server.topping.kept import HOUSE, Kept, Topping

if TYPE_CHECKING:
    from demos.server.local.offered import Offered

LOG = logging.getLogger(__name__)
CLOSING = Failed("The kitchen is closing, so the answer ends here.", 503, "closing")
CLOSED = "The kitchen is closing and takes no more orders."
CONFIG = "adapter_config.json"
HOUSE_MODEL = "gemma-3-270m"
HOUSE_BASE = "google/gemma-3-270m"
HOUSE_FOLDER = pathlib.Path(turns.__file__).parent / "adapter"


class LocalEngine:
    """An `Engine` that runs a model in this process."""

    def __init__(
        self, source: Source, settings: Settings, report: Report = lambda _fraction, _step: None
    ) -> None:
        """Prepare an engine; `start` makes it load.

        Args:
            source: the model.
            settings: limits, and threads.
            report: hears the progress of loading, as `status` shows it.
        """
        self._source = source
        self._settings = settings
        self._report = report
        self._card = source.card
        self._status = Status("loading", 0.0, "Starting")
        self._loaded: Loaded | None = None
        self._base: tuple[pathlib.Path, Kept] | None = None
        self._jobs: deque[Job] = deque()
        self._tables: list[Table] = []
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._offered: Offered | None = None
        self._threads: threads.Threads | None = None
        self._tokens_generated = 0
        self._settled = threading.Event()
        # A daemon: closing a terminal must not wait for a conversion or for torch to be imported.
        self._worker = threading.Thread(target=self._run, name="engine", daemon=True)

    @property
    def card(self) -> ModelCard:
        """The model on the stove."""
        return replace(self._card, adapters=self._offered.names) if self._offered else self._card

    @property
    def status(self) -> Status:
        """Loading, ready or failed."""
        return self._status

    @property
    def hardware(self) -> Hardware | None:
        """None until the model is loaded."""
        return self._loaded.hardware if self._loaded else None

    @property
    def tokens_generated(self) -> int:
        """Tokens decoded since the start."""
        return self._tokens_generated

    @property
    def base(self) -> tuple[pathlib.Path, Kept] | None:
        """The model's folder and the toppings kept for it; None where it takes none, or is not loaded yet."""
        return self._base

    @property
    def origin(self) -> str:
        """What an adapter for this model says it belongs to."""
        return HOUSE_BASE if self._card.id == HOUSE_MODEL else self._card.id

    def start(self) -> None:
        """Begin to load, in the background."""
        self._worker.start()

    def wait_loaded(self, timeout_s: float | None = None) -> Status:
        """Wait until the model is ready or has failed."""
        self._settled.wait(timeout_s)
        return self._status

    def wait_closed(self, timeout_s: float | None = None) -> bool:
        """Wait until the worker has ended, as it does after `close`; False while it still loads."""
        if self._worker.is_alive():
            self._worker.join(timeout_s)
        return not self._worker.is_alive()

    def close(self) -> None:
        """Stop what is running and take no more orders. Returns at once."""
        with self._changed:
            self._closing.set()
            self._changed.notify()

    def submit(self, order: Order, listener: Listener) -> Ticket:
        """Queue an order: see `Engine.submit`.

        Raises:
            UnknownAdapterError: the order names an adapter that is not here.
            UnsupportedError: the order names a token that is not here.
        """
        submitted = time.perf_counter()
        if (loaded := self._loaded) is None:
            raise self._not_ready()
        adapter = self._adapter(order)
        built = self._prompt(order, adapter, loaded)
        most = max(0, min(self._settings.max_prompt_tokens, loaded.context - order.max_tokens))
        if len(built.tokens) > most:
            message = (
                f"The conversation is {len(built.tokens)} tokens long, but this kitchen takes at most "
                f"{most} beside an answer of {order.max_tokens}. Shorten it or start a new one."
            )
            raise PromptTooLongError(message)
        job = Job(order, built, listener, submitted, adapter)
        with self._changed:
            if self._closing.is_set():
                raise NotReadyError(CLOSED, code="closed")
            # Whoever has left frees a place now, not when the turn comes.
            self._jobs = deque(waiting for waiting in self._jobs if not waiting.cancelled.is_set())
            if len(self._jobs) >= self._settings.queue_length:
                message = (
                    f"The kitchen is busy: {self._settings.queue_length} orders are waiting already. Try "
                    f"again in {self._settings.retry_after_s} seconds."
                )
                raise BusyError(message)
            self._jobs.append(job)
            self._changed.notify()
        return job

    def add_adapter(self, name: str, folder: pathlib.Path) -> None:
        """Offer an adapter to the orders that come from now on, in place of one of the same name.

        Raises:
            NotReadyError: the model is not loaded.
            KitchenError: the adapter cannot be read or does not fit, or this engine takes none.
        """
        if self._loaded is None:
            raise self._not_ready()
        if self._offered is None:
            raise KitchenError(f"{self._card.name} takes no toppings here: only the packed engine does.")
        self._offered.add(name, folder)

    def _not_ready(self) -> NotReadyError:
        """Why there is no model: waiting helps while it loads, and never once it has failed."""
        status = self._status
        if status.state == "failed":
            return NotReadyError(status.reason or status.step, code=status.code or MODEL_FAILED)
        return NotReadyError(f"The model is still loading: {status.step}.")

    def remove_adapter(self, name: str) -> None:
        """Take an adapter away; an answer that has begun with it goes on with it."""
        if self._offered:
            self._offered.remove(name)

    def take_up(self) -> list[Topping]:
        """See `Offered.take_up`."""
        return self._offered.take_up() if self._offered else []

    def adapter_bytes(self, name: str) -> int | None:
        """The memory that an adapter takes, None where it is not offered."""
        return self._offered.bytes_of(name) if self._offered else None

    def _adapter(self, order: Order) -> str | None:
        """The name of the adapter for an order, None for the base model."""
        names = self.card.adapters
        if order.adapter is None:
            return HOUSE if HOUSE in names and order.text is None else None
        if order.adapter and order.adapter not in names:
            here = ", ".join(f"'{name}'" for name in names) or "none"
            message = f"There is no topping '{order.adapter[:100]}' for {self._card.name}: it has {here}."
            raise UnknownAdapterError(message)
        return order.adapter or None

    def _prompt(self, order: Order, adapter: str | None, loaded: Loaded) -> prompt.Prompt:
        """A text as it is, a conversation as the adapter or the model was trained."""
        tokenizer = loaded.tokenizer
        if order.text is not None:
            return prompt.Prompt(self._tokens(order.text, tokenizer))
        if adapter and not any(message.images for message in order.messages):
            return prompt.Prompt(turns.prompt(order.messages, tokenizer), stop=(turns.STOP,), trim=True)
        return prompt.build(order.messages, tokenizer, loaded.processor, thinking=order.thinking)

    def _tokens(self, text: str | tuple[int, ...], tokenizer: Any) -> list[int]:
        """The ids of a text, or those that stand for it already."""
        if isinstance(text, str):
            return list(tokenizer.encode(text))
        most = tokenizer.backend_tokenizer.get_vocab_size()
        if wrong := [token for token in text if token >= most]:
            raise UnsupportedError(
                f"'prompt' has the token id {wrong[0]}, but the ids of {self._card.name} end at {most - 1}.",
                param="prompt",
                code="invalid_value",
            )
        return list(text)

    def _run(self) -> None:
        try:
            self._load()
        except KitchenError as error:
            self._status = replace(self._status, state="failed", reason=str(error), code=error.code)
        except Exception as error:
            LOG.exception("loading the model failed")
            self._status = unloadable(self._status, error)
        self._settled.set()
        while self._loaded and self._serve(self._loaded):
            pass

    def _load(self) -> None:
        def report(fraction: float, step: str) -> None:
            self._status = Status("loading", round(fraction, 3), step)
            self._report(fraction, step)

        begin()
        folder = self._source.fetch(lambda done, step: report(0.8 * done, step))
        most = self._settings.threads or min(threads.cores(), threads.MOST)
        # One thread until it is known what else this machine does: see `threads`.
        loaded = load(
            folder,
            self._settings.threads or 1,
            lambda done, step: report(0.8 + 0.2 * done, step),
            proofs=weights.cache_folder() / "proofs",
            prefix_bytes=self._settings.prefix_megabytes << 20,
            four_bit=self._source.four_bit,
            drafter=self._source.drafter,
        )
        self._card = replace(
            self._card,
            parameters=loaded.parameters,
            images=loaded.processor is not None,
            thinking=loaded.thinking,
            logprobs=True,
        )
        if loaded.make:
            self._tables = [self._table(loaded)]
        if loaded.hardware.device == "cpu" and not self._settings.threads:
            import torch  # noqa: PLC0415

            self._threads = threads.Threads(most, torch.set_num_threads)
            loaded = replace(loaded, hardware=replace(loaded.hardware, threads=most))
        self._loaded = loaded
        if loaded.read_adapter:
            self._offer(loaded, loaded.read_adapter, folder)
        self._status = Status("ready", 1.0, "Ready")
        self._report(1.0, "Ready")

    def _offer(self, loaded: Loaded, read: Callable[[pathlib.Path], Any], folder: pathlib.Path) -> None:
        """Take up the house topping and those that were trained here."""
        from demos.server.local.offered import Offered  # noqa: PLC0415 - torch is loaded by now

        kept = Kept(weights.cache_folder() / "toppings" / fingerprint(folder, weights_only=True))
        self._offered = Offered(loaded.adapters, read, kept)
        if self._card.id == HOUSE_MODEL and (HOUSE_FOLDER / CONFIG).is_file():
            self._offered.try_to_add(HOUSE, HOUSE_FOLDER)
        self._offered.take_up()
        self._base = folder, kept

    def _table(self, loaded: Loaded) -> Table:
        from demos.server.local import sampling  # noqa: PLC0415 - torch is loaded by now

        if loaded.make is None:
            raise NotReadyError(CLOSED, code="closed")

        def sit(job: Job) -> tuple[Answer, Any]:
            config = sampling.choices(loaded.generation, self._source.generation, job.order)
            answer = Answer(job, loaded.tokenizer.backend_tokenizer, sampling.ends(config))
            return answer, sampling.Sampler(config, job.prompt.tokens, job.order.seed)

        return Table(loaded.make, sit, sampling.chance, self._drawn)

    def _drawn(self) -> None:
        self._tokens_generated += 1

    def _serve(self, loaded: Loaded) -> bool:
        """Take who waits, and give everyone a turn; False when the kitchen has closed."""
        jobs = self._next()
        if self._closing.is_set():
            self._end(jobs, CLOSING)
            return False
        try:
            self._turn(loaded, jobs)
        except Exception:  # the next order finds a kitchen, whatever this was
            LOG.exception("a turn of the tables failed")
            self._end(jobs, BROKEN)
        return True

    def _end(self, jobs: list[Job], reason: Failed) -> None:
        """Break off what is at the tables, and what has no place yet."""
        tables, self._tables = self._tables, []
        for table in tables:
            table.end(reason)
        for job in jobs:
            tell(job, reason)

    def _turn(self, loaded: Loaded, jobs: list[Job]) -> None:
        """Give those a place who have come, then everyone a turn; `jobs` keeps who has got no place yet."""
        if self._threads:  # tables behind the first are those of seeds: see `_seat`
            seeds = len(self._tables) > 1 or any(job.order.seed is not None for job in jobs)
            self._threads.adjust(one=seeds and not loaded.exact)
        if jobs and loaded.make and not self._tables:
            self._tables = [self._table(loaded)]
        while jobs:
            if self._tables:
                self._seat(loaded, jobs[0])
            else:
                self._alone(loaded, jobs[0])
            del jobs[0]
        for table in self._tables:
            table.turn()
        self._tables = [t for number, t in enumerate(self._tables) if number == 0 or len(t)]

    def _seat(self, loaded: Loaded, job: Job) -> None:
        """Take an order to the others, or to a table of its own where neighbours would change its numbers."""
        alone = not loaded.exact and job.order.seed is not None
        if alone:
            self._tables.append(self._table(loaded))
        self._tables[-1 if alone else 0].add(job)

    def _next(self) -> list[Job]:
        """Those for whom there is a place; waits while there is nothing at all to do."""
        with self._changed:
            seated = sum(len(table) for table in self._tables)
            if not seated:
                # Now and then the machine is looked at meanwhile, so that the next order finds that done.
                pause = threads.INTERVAL_S if self._threads else None
                self._changed.wait_for(lambda: self._jobs or self._closing.is_set(), pause)
            places = max(0, self._settings.rows - seated) if self._tables else 1
            if self._closing.is_set():
                places = len(self._jobs)
            jobs: list[Job] = []
            while self._jobs and len(jobs) < places:
                job = self._jobs.popleft()
                if not job.cancelled.is_set():
                    jobs.append(job)
            return jobs

    def _alone(self, loaded: Loaded, job: Job) -> None:
        """Answer one order with plain `generate`, and end it for its listener, whatever happens."""
        from demos.server.local import plain, sampling  # noqa: PLC0415 - torch is loaded by now

        try:
            config = sampling.choices(loaded.generation, self._source.generation, job.order)
            answer = Answer(job, loaded.tokenizer.backend_tokenizer, sampling.ends(config))
            most = job.order.top_logprobs

            def take(token: int, logits: Any) -> bool:
                self._drawn()
                answer.take(token, None if most is None else sampling.chance(logits, token, most))
                return answer.complete or job.cancelled.is_set() or self._closing.is_set()

            plain.generate(
                loaded.model,
                job.prompt,
                config,
                take,
                seed=job.order.seed,
                odds=most is not None,
                drafter=loaded.drafter,
            )
            if job.cancelled.is_set():
                return
            if self._closing.is_set() and not answer.complete:
                job.listener(CLOSING)
            else:
                answer.finish()
        except Exception:
            LOG.exception("generating an answer failed")
            tell(job, BROKEN)
