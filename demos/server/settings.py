"""The guard rails of the kitchen, each with its default. Plain values: nothing here reads an environment."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """Limits for one server.

    Attributes:
        hosts: names that a request may call this server by, without the port.
        max_body_bytes: largest request body; a longer one is answered with 413.
        max_prompt_tokens: longest conversation; a longer one is answered with 400.
        max_answer_tokens: longest answer; a larger `max_tokens` is lowered to it.
        default_answer_tokens: length of an answer when the request names none.
        queue_length: requests that may wait behind the one being answered; the next gets 429.
        retry_after_s: seconds after which a refused request may come back.
        threads: CPU threads for the model; None for all cores but one.
    """

    hosts: tuple[str, ...] = ("localhost", "127.0.0.1", "::1")
    max_body_bytes: int = 256 * 1024
    max_prompt_tokens: int = 2048
    max_answer_tokens: int = 1024
    default_answer_tokens: int = 192
    queue_length: int = 8
    retry_after_s: int = 5
    threads: int | None = None
