"""Another server as the stove: any that speaks OpenAI's API, such as Ollama, llama.cpp, vLLM or this one.

    upstream.engines("http://127.0.0.1:11434/v1", key)             # an engine for every model it lists
    upstream.engines("http://127.0.0.1:8080/v1#some/model", key)   # for this one, unasked: it may not run yet

One thread holds the connections of all engines of one address. Answers are passed on as they come, with our
own timings: what a reader waits for includes the way there. A ticket that is cancelled closes its request.
Everything that goes wrong with an order reaches its listener as `Failed`. Knows no model.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx2

from demos.server.distant.engine import CLOSING, Distant
from demos.server.distant.hosted import Usage
from demos.server.distant.key import Key
from demos.server.distant.meter import Meter
from demos.server.distant.patience import Patience
from demos.server.engine import Delta, Done, Event, Failed, Listener, ModelCard, Order, Status
from demos.server.errors import KitchenError
from demos.server.upstream import wire
from demos.server.upstream.abilities import Abilities
from demos.server.upstream.remote import VARIABLE, Remote
from demos.server.upstream.stops import Stops

if TYPE_CHECKING:
    from concurrent.futures import Future

LOG = logging.getLogger(__name__)
AT_ONCE = 32
"""Orders for one model that may be under way."""
FIELD_REFUSED = frozenset({400, 422})
"""How servers answer to a field that they do not know."""
NOTHING = Delta("")
CLOSED = "The server is closing and passes no more orders on."


def is_address(name: str) -> bool:
    """Whether a model's name is the address of another server."""
    return name.startswith(("http://", "https://"))


def key_from(environment: Mapping[str, str]) -> Key | None:
    """The key that the other server asks for, None where there is none.

    Raises:
        KitchenError: what is there is no key.
    """
    value = environment.get(VARIABLE)
    return Key(value, VARIABLE) if value else None


def engines(address: str, key: Key | None, patience: Patience | None = None) -> "list[UpstreamEngine]":
    """An engine for each model behind an address; asks the server which there are unless one is named.

    Args:
        address: of the API's root, "http://127.0.0.1:8080/v1", with "#model" behind it for one model only.
        key: sent as a bearer token; None for no key.
        patience: how long to wait for what, None for the defaults.

    Raises:
        KitchenError: it is no address, or the server does not say which models it has.
    """
    patience = patience or Patience()
    root, _, model = address.partition("#")
    try:
        url = httpx2.URL(root)
    except httpx2.InvalidURL:
        url = httpx2.URL("")
    if not url.host or url.userinfo or url.query:
        message = f"'{root}' is no address of a server: expected one like http://127.0.0.1:8080/v1"
        raise KitchenError(message)
    remote = Remote(str(url).rstrip("/") + ("/v1" if url.path in {"", "/"} else ""), key)
    found = {model: Abilities()} if model else remote.models(patience)
    line = Line(remote, patience, users=len(found))
    return [UpstreamEngine(name, line, can) for name, can in found.items()]


class Line:
    """The thread and the connections that all engines of one place share."""

    def __init__(self, remote: Remote, patience: Patience, *, users: int) -> None:
        """Start it; it ends when all its users have left."""
        self.remote, self.patience = remote, patience
        self._users = users
        self._lock = threading.Lock()
        self.loop = asyncio.new_event_loop()
        self.client = httpx2.AsyncClient(
            **remote.options(patience),
            limits=httpx2.Limits(max_connections=None, max_keepalive_connections=8),
        )
        self.thread = threading.Thread(target=self._run, name="upstream", daemon=True)
        self.thread.start()

    def leave(self) -> None:
        """One user less."""
        with self._lock:
            self._users -= 1
            if self._users == 0:
                self.loop.call_soon_threadsafe(self.loop.stop)

    def _run(self) -> None:
        self.loop.run_forever()
        self.loop.run_until_complete(self._hang_up())
        self.loop.close()

    async def _hang_up(self) -> None:
        answers = asyncio.all_tasks() - {asyncio.current_task()}
        for task in answers:
            task.cancel()
        await asyncio.gather(*answers, return_exceptions=True)
        await self.client.aclose()


class Job:
    """An order under way: the `Ticket` that `UpstreamEngine.submit` gives."""

    def __init__(self, listener: Listener) -> None:
        """Take an order."""
        self._listener = listener
        self._lock = threading.Lock()
        self._ended = False
        self.future: Future[None] | None = None

    def cancel(self) -> None:
        """Close the request; the listener hears nothing more."""
        with self._lock:
            self._ended = True
        if self.future:
            self.future.cancel()

    def tell(self, event: Event) -> None:
        """Pass on what happened, unless nobody listens any more; a `Done` or `Failed` is the last event."""
        with self._lock:
            if not self._ended and event != NOTHING:
                self._ended = not isinstance(event, Delta)
                self._listener(event)


class UpstreamEngine(Distant[Job]):
    """An `Engine` whose model another server runs."""

    def __init__(self, model: str, line: Line, can: Abilities) -> None:
        """Put a model on the menu."""
        self._line = line
        remote = line.remote
        card = ModelCard(
            model,
            model,
            f"served by {remote.netloc}",
            host=None if remote.is_here else httpx2.URL(remote.root).host,
            images=can.images,
            thinking=can.thinking,
            logprobs=can.logprobs,
        )
        super().__init__(card, AT_ONCE, CLOSED)

    @property
    def status(self) -> Status:
        """Ready: what is wrong over there, an order finds out."""
        return Status("ready", 1.0, "Ready")

    def wait_loaded(self, timeout_s: float | None = None) -> Status:  # noqa: ARG002
        """Returns at once."""
        return self.status

    def wait_closed(self, timeout_s: float | None = None) -> bool:
        """Wait until the thread of all engines has ended, as it does when all of them are closed."""
        self._line.thread.join(timeout_s)
        return not self._line.thread.is_alive()

    def submit(self, order: Order, listener: Listener) -> Job:
        """Pass an order on: see `Engine.submit`. Nothing here waits for the network."""
        meter, job = Meter(time.perf_counter()), Job(listener)
        with self._admitted(job):
            job.future = asyncio.run_coroutine_threadsafe(self._answer(job, order, meter), self._line.loop)
        job.future.add_done_callback(lambda _future: self._forget(job))
        return job

    def close(self) -> None:
        """End what is under way and take no more orders. Returns at once."""
        jobs = self._ended()
        if jobs is None:
            return
        for job in jobs:
            job.tell(Failed(CLOSING, 503, "closing"))
            job.cancel()
        self._line.leave()

    async def _answer(self, job: Job, order: Order, meter: Meter) -> None:
        """Ask, pass on what comes, and end it for the listener, whatever happens."""
        remote, patience = self._line.remote, self._line.patience
        try:
            ending = await self._stream(job, order, meter)
        except httpx2.RequestError as error:
            ending = remote.broken(error, begun=meter.begun, patience=patience)
        except (ValueError, KeyError, TypeError, AttributeError):
            ending = remote.unreadable()
        except Exception:
            LOG.exception("passing an order on failed")
            ending = Failed("The order could not be passed on; why is in the server's log.")
        job.tell(ending)

    async def _stream(self, job: Job, order: Order, meter: Meter) -> Done | Failed:
        """Ask, once more and more plainly where a field is not known over there, and pass on the answer.

        Raises:
            httpx2.RequestError: there is none, or half of one.
            ValueError, KeyError, TypeError, AttributeError: it is not in OpenAI's form.
        """
        remote, sent = self._line.remote, 0
        body: dict[str, Any] | None = wire.request(order, self._card.id)
        meter.send()
        while body is not None:
            async with self._line.client.sse(wire.path(order), method="POST", json=body) as source:
                reply = source.response
                leaving = 0 if remote.is_here else len(reply.request.content)
                self.sent_bytes += leaving
                sent += leaving
                if reply.status_code == httpx2.codes.OK:
                    ending = await self._passed_on(source, job, order, meter)
                    return replace(ending, sent_bytes=sent) if isinstance(ending, Done) else ending
                await reply.aread()
            body = wire.plainer(body, reply.text) if reply.status_code in FIELD_REFUSED else None
        return remote.refused(reply.status_code, reply, self._card.id)

    async def _passed_on(
        self, source: httpx2.EventSource, job: Job, order: Order, meter: Meter
    ) -> Done | Failed:
        """Pass on an answer that has begun: see `_stream`."""
        remote, pieces, reason = self._line.remote, 0, None
        odds, stops = order.top_logprobs is None, Stops(order.stop)
        async for event in source:
            if event.data == "[DONE]":
                break
            chunk: Any = event.json()
            if "error" in chunk:
                return remote.failed(wire.said(chunk) or "it does not say why")
            piece = wire.delta(chunk, order.top_logprobs or 0)
            if piece and stops.met:
                break  # a server that knows stop texts would have no more to say
            pieces += piece is not None
            told = wire.usage(chunk) or (Usage(answer=pieces) if piece else None)
            self._tokens_generated += meter.take(told, piece=piece is not None)
            if piece:
                odds = odds or bool(piece.odds)
                if piece.text and not odds:
                    return remote.silent_about_odds()
                job.tell(replace(piece, text=stops.push(piece.text)))
            reason = wire.end(chunk) or reason
        job.tell(Delta(stops.finish()))
        if stops.met:
            reason = "stop"
        if reason is None:
            raise httpx2.RemoteProtocolError("the stream ended before the answer")
        usage = meter.usage or Usage()
        return Done(reason, meter.timings(), cached_tokens=usage.cached, thought_tokens=usage.thought)
