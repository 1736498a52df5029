"""The engine on this machine: transformers' own `generate`, one worker thread that owns the model.

Loads in that thread too, so the site is served meanwhile. Knows nothing of HTTP. Orders are answered one
after the other: on a small machine two at once would only make both slow.
"""

import copy
import logging
import secrets
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from demos.server import prompt
from demos.server.answer import Answer, Job
from demos.server.engine import Failed, Hardware, Listener, ModelCard, Order, Report, Status, Ticket
from demos.server.errors import BusyError, KitchenError, NotReadyError, PromptTooLongError
from demos.server.loading import Loaded, load
from demos.server.menu import Source
from demos.server.settings import Settings

LOG = logging.getLogger(__name__)
CLOSING = "The kitchen is closing, so the answer ends here."
CLOSED = "The kitchen is closing and takes no more orders."
COLDEST = 1e-5
"""Below this temperature the odds overflow, and the likeliest token would win anyway."""
BROKEN = "The model stopped with an error that is in the server's log; the next question starts afresh."


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
        self._jobs: deque[Job] = deque()
        self._changed = threading.Condition()
        self._closing = threading.Event()
        self._tokens_generated = 0
        self._settled = threading.Event()
        # A daemon: closing a terminal must not wait for a conversion or for torch to be imported.
        self._worker = threading.Thread(target=self._run, name="engine", daemon=True)

    @property
    def card(self) -> ModelCard:
        """The model on the stove."""
        return self._card

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
        """Queue an order: see `Engine.submit`."""
        submitted = time.perf_counter()
        if self._loaded is None:
            raise NotReadyError(self._status.reason or f"The model is still loading: {self._status.step}.")
        built = prompt.build(order.messages, self._loaded.tokenizer)
        most = max(0, min(self._settings.max_prompt_tokens, self._loaded.context - order.max_tokens))
        if len(built.tokens) > most:
            message = (
                f"The conversation is {len(built.tokens)} tokens long, but this kitchen takes at most "
                f"{most} beside an answer of {order.max_tokens}. Shorten it or start a new one."
            )
            raise PromptTooLongError(message)
        job = Job(order, built, listener, submitted)
        with self._changed:
            if self._closing.is_set():
                raise NotReadyError(CLOSED)
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

    def _next(self) -> Job | None:
        """Wait for the next order; None when the kitchen closes and nobody waits."""
        with self._changed:
            self._changed.wait_for(lambda: self._jobs or self._closing.is_set())
            return self._jobs.popleft() if self._jobs else None

    def _run(self) -> None:
        try:
            self._load()
        except KitchenError as error:
            self._status = replace(self._status, state="failed", reason=str(error))
        except Exception as error:
            LOG.exception("loading the model failed")
            reason = f"The model could not be loaded: {type(error).__name__}: {error}"
            self._status = replace(self._status, state="failed", reason=reason)
        self._settled.set()
        while self._loaded and (job := self._next()):
            if self._closing.is_set():
                job.listener(Failed(CLOSING))
            elif not job.cancelled.is_set():
                self._answer(job)

    def _load(self) -> None:
        def report(fraction: float, step: str) -> None:
            self._status = Status("loading", round(fraction, 3), step)
            self._report(fraction, step)

        folder = self._source.fetch(lambda done, step: report(0.8 * done, step))
        loaded = load(folder, self._settings.threads, lambda done, step: report(0.8 + 0.2 * done, step))
        self._card = replace(self._card, parameters=loaded.parameters)
        self._loaded = loaded
        self._status = Status("ready", 1.0, "Ready")
        self._report(1.0, "Ready")

    def _answer(self, job: Job) -> None:
        """Generate one answer and end it for its listener, whatever happens."""
        try:
            answer = self._generate(job)
        except Exception:
            LOG.exception("generating an answer failed")
            job.listener(Failed(BROKEN))
            return
        if job.cancelled.is_set():
            return
        if self._closing.is_set() and not answer.complete:
            job.listener(Failed(CLOSING))
        else:
            answer.finish()

    def _generate(self, job: Job) -> Answer:
        import torch  # noqa: PLC0415 - loaded by now
        from transformers import StoppingCriteriaList  # noqa: PLC0415

        if self._loaded is None:
            raise NotReadyError(CLOSING)
        model = self._loaded.model
        config = generation_config(model, self._source.generation, job.order)
        ends = config.eos_token_id if isinstance(config.eos_token_id, list) else [config.eos_token_id]
        answer = Answer(job, self._loaded.tokenizer.backend_tokenizer, ends)

        # `generate` asks its criteria after each token, before it does anything else with it: the one place
        # that sees every token in time to make it the last.
        def over(input_ids: Any, _scores: Any, **_: Any) -> Any:
            self._tokens_generated += 1
            answer.take(int(input_ids[0, -1]))
            stop = answer.complete or job.cancelled.is_set() or self._closing.is_set()
            return torch.full((len(input_ids),), stop, device=input_ids.device)

        tokens = torch.tensor([job.prompt.tokens], device=model.device)
        seed = job.order.seed
        torch.manual_seed(secrets.randbits(32) if seed is None else seed)
        model.generate(
            tokens,
            attention_mask=torch.ones_like(tokens),
            generation_config=config,
            stopping_criteria=StoppingCriteriaList([over]),
        )
        return answer


def generation_config(model: Any, ours: Mapping[str, Any], order: Order) -> Any:
    """The model's own generation settings, then ours for this model, then the order's."""
    config = copy.deepcopy(model.generation_config)
    asked = {"temperature": order.temperature, "top_p": order.top_p, "top_k": order.top_k}
    config.update(**ours, do_sample=True)
    config.update(**{name: value for name, value in asked.items() if value is not None})
    if config.temperature is not None and config.temperature < COLDEST:
        # Greedy. Transformers warns about sampling settings that then have no effect.
        config.update(do_sample=False, temperature=None, top_p=None, top_k=None)
    config.update(max_new_tokens=order.max_tokens, max_length=None)
    return config
