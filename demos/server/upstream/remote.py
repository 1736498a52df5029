"""Another server that speaks OpenAI's API: its address, its key, and what to say when it does not answer.

Each problem is one sentence with an HTTP status and a code. Knows HTTP, but no engine; nothing here or
elsewhere shows the key.
"""

import contextlib
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import httpx2

from demos.server.distant.key import Key
from demos.server.distant.patience import Patience
from demos.server.engine import Failed
from demos.server.errors import KitchenError
from demos.server.upstream import abilities, wire
from demos.server.upstream.abilities import Abilities

VARIABLE = "UPSTREAM_API_KEY"


@dataclass(frozen=True)
class Remote:
    """One server; `root` is that of its API, "http://127.0.0.1:8080/v1"."""

    root: str
    key: Key | None = field(default=None, repr=False)

    @property
    def netloc(self) -> str:
        """Host and port."""
        return httpx2.URL(self.root).netloc.decode()

    @property
    def is_here(self) -> bool:
        """Whether it is this very machine."""
        host = httpx2.URL(self.root).host
        with contextlib.suppress(ValueError):
            return ipaddress.ip_address(host).is_loopback
        return host == "localhost"

    def failed(self, said: str) -> Failed:
        """It says that something broke over there."""
        return Failed(f"The server at {self.netloc} failed: {self.scrubbed(said)}.", 502, "upstream_failed")

    def scrubbed(self, said: str) -> str:
        """What it says, without the key in it."""
        return self.key.scrub(said) if self.key else said

    def options(self, patience: Patience) -> dict[str, Any]:
        """How a client is made for it."""
        headers = {"Authorization": f"Bearer {self.key.reveal()}"} if self.key else {}
        return {
            "base_url": self.root + "/",
            "headers": headers,
            "timeout": httpx2.Timeout(patience.silence, connect=patience.connect),
            "trust_env": not self.is_here,  # no proxy stands between a machine and itself
        }

    def models(self, patience: Patience) -> dict[str, Abilities]:
        """The models that it lists, and what it says of each.

        Raises:
            KitchenError: it lists none.
        """
        patience = replace(patience, silence=patience.connect)  # a list is no work
        try:
            with httpx2.Client(**self.options(patience)) as client:
                reply = client.get("models")
                status = reply.status_code
                well = status == httpx2.codes.OK
                if not well and status < httpx2.codes.INTERNAL_SERVER_ERROR:
                    raise KitchenError(self.refused(status, reply, "").reason)
                entries = {str(each["id"]): each for each in reply.json()["data"]} if well else {}
                found = {name: learnt(client, name, entry) for name, entry in entries.items()}
        except httpx2.RequestError as error:
            raise KitchenError(self.broken(error, begun=False, patience=patience).reason) from None
        except (ValueError, KeyError, TypeError):
            found = {}
        if not found:
            # `transformers serve` fails at its list where no model was ever downloaded, and serves folders.
            failed = "" if well else f" (status {status})"
            message = (
                f"The server at {self.netloc} lists no models{failed}: start one there, or name it behind "
                f"the address: {self.root}#model"
            )
            raise KitchenError(message)
        return found

    def refused(self, status: int, reply: httpx2.Response, model: str) -> Failed:
        """Another answer than a stream. `reply` has been read."""
        there = f"The server at {self.netloc}"
        try:
            said = wire.said(reply.json())
        except ValueError:
            said = None
        if status in {401, 403}:
            hint = f"it rejects the key in {VARIABLE}" if self.key else f"put its key into {VARIABLE}"
            return Failed(f"{there} does not let us in: {hint}.", 502, "upstream_unauthorized")
        if status == httpx2.codes.NOT_FOUND:
            what = f"no model '{model}'" if model else f"nothing at {self.root}/models"
            return Failed(f"{there} has {what}.", 404, "model_not_found")
        if status == httpx2.codes.TOO_MANY_REQUESTS:
            wait = reply.headers.get("retry-after", "")
            seconds = int(wait) if wait.isdecimal() else None
            when = "in a moment" if seconds is None else f"in {seconds} seconds"
            return Failed(f"{there} is busy: try again {when}.", 429, "upstream_busy", wait_s=seconds)
        if status < httpx2.codes.INTERNAL_SERVER_ERROR:
            why = self.scrubbed(said) if said else f"status {status}"
            return Failed(f"{there} refuses the request: {why}.", 400, "upstream_refused")
        return self.failed(said or f"status {status}")

    def silent_about_odds(self) -> Failed:
        """The answer comes without what was asked for with it."""
        message = f"The server at {self.netloc} does not tell the odds of its tokens: leave out 'logprobs'."
        return Failed(message, 400, "logprobs_not_supported")

    def unreadable(self) -> Failed:
        """It sent what is not in OpenAI's form."""
        message = f"The server at {self.netloc} answers with something that is no stream of chunks."
        return Failed(message, 502, "upstream_unreadable")

    def broken(self, error: httpx2.RequestError, *, begun: bool, patience: Patience) -> Failed:
        """No answer, or half a one."""
        there = f"The server at {self.netloc}"
        if isinstance(error, httpx2.SSEError | httpx2.DecodingError):
            return self.unreadable()
        if isinstance(error, httpx2.ConnectTimeout | httpx2.ConnectError):
            message = f"{there} cannot be reached: start it, or check the address."
            return Failed(message, 502, "upstream_unreachable")
        if isinstance(error, httpx2.TimeoutException):
            message = f"{there} sent nothing for {patience.silence:g} seconds, so the answer ends here."
            return Failed(message, 504, "upstream_timeout")
        what = "broke the answer off in the middle" if begun else "hung up without an answer"
        return Failed(f"{there} {what}: ask again.", 502, "upstream_broken")


def learnt(client: httpx2.Client, model: str, entry: Mapping[str, Any]) -> Abilities:
    """What a server says that a model can do, where it has pages of its own about that, too."""
    # What cannot be learnt is not known: that is no reason not to cook.
    found = Abilities()
    with contextlib.suppress(httpx2.RequestError, ValueError, KeyError, TypeError, AttributeError):
        found = abilities.listed(entry)
        if entry.get("owned_by") == abilities.LLAMA_CPP:
            return replace(found, thinking=abilities.thinks(client.get("../props").json()))
        if entry.get("owned_by") == abilities.OLLAMA:
            return abilities.ollama(client.post("../api/show", json={"model": model}).json())
    return found
