"""Everything that can be chosen about one server, each with its default. Plain values: nothing is read here.

`demos.server.config` fills it from flags, the environment and a file; the descriptions are the help texts.
"""

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field


def split(value: Any) -> Any:
    """Names with commas between them as a list; anything else as it is, for pydantic to judge."""
    return [name.strip() for name in value.split(",")] if isinstance(value, str) else value


Names = Annotated[tuple[str, ...], BeforeValidator(split)]
Count = Annotated[int, Field(ge=1)]
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
Port = Annotated[str, BeforeValidator(lambda value: str(value) if type(value) is int else value)]


@dataclass(frozen=True)
class Settings:
    """One server's choices and limits."""

    model: Annotated[
        Names,
        Field(
            min_length=1,
            description="embedded, auto, a folder, a downloaded Hugging Face id, gemini-... or the http "
            "address of another server's /v1. The first one answers requests that name no model.",
        ),
    ] = ("embedded",)
    port: Annotated[Port, Field(description="1 to 65535.")] = "8000"
    host: Annotated[
        str, Field(description="Address to listen on; any but this computer's own needs an access token.")
    ] = "127.0.0.1"
    hosts: Annotated[Names, Field(description="More names that requests may call this server by.")] = ()
    token: Annotated[
        str | None,
        Field(min_length=16, description="Access token; where one is needed and none given, one is made."),
    ] = field(default=None, repr=False)
    open: Annotated[bool, Field(description="Open the address in a browser.")] = True
    threads: Annotated[
        int | None, Field(ge=0, description="CPU threads for the model; 0 for as many as others leave idle.")
    ] = None
    rows: Annotated[Count, Field(description="Orders that one model answers together.")] = 8
    prefix_megabytes: Annotated[
        int, Field(ge=0, description="Memory for beginnings of conversations, which are then not read again.")
    ] = 256
    four_bit: Annotated[bool, Field(description="Round the weights to 4 bits (CUDA, with bitsandbytes).")] = (
        False
    )
    drafter: Annotated[bool, Field(description="Let the model's small -assistant guess ahead.")] = False
    key_file: Annotated[
        str | None,
        Field(description="File with the Gemini API key, before GOOGLE_API_KEY and GEMINI_API_KEY."),
    ] = None
    budget_usd: Annotated[
        float, Field(ge=0, allow_inf_nan=False, description="What answers of the Gemini API may cost in all.")
    ] = 0.5
    log: Annotated[
        Literal["problems", "requests"],
        Field(description="What is logged, as JSON lines without prompts: problems, or every request, too."),
    ] = "problems"
    max_requests: Annotated[Count, Field(description="Orders in the house at once; one more gets 429.")] = 32
    requests_per_minute: Annotated[
        Count, Field(description="Orders from one client, who may also send that many at once.")
    ] = 300
    queue_length: Annotated[
        Count, Field(description="Orders that may wait for one model; the next gets 429.")
    ] = 8
    retry_after_s: Annotated[Count, Field(description="When a refused order may come back.")] = 5
    max_body_bytes: Annotated[Count, Field(description="Largest request, and largest text in one.")] = (
        256 * 1024
    )
    max_image_body_bytes: Annotated[Count, Field(description="Largest chat request, pictures included.")] = (
        12 * 1024 * 1024
    )
    max_images: Annotated[Count, Field(description="Pictures in one chat.")] = 4
    max_image_pixels: Annotated[Count, Field(description="Width times height of a picture.")] = 16_000_000
    max_prompt_tokens: Annotated[Count, Field(description="Longest conversation; a longer one gets 400.")] = (
        2048
    )
    max_answer_tokens: Annotated[
        Count, Field(description="Longest answer; a larger max_tokens is lowered to it.")
    ] = 1024
    default_answer_tokens: Annotated[
        Count, Field(description="Length of an answer when the request names none.")
    ] = 192
    sender_timeout_s: Annotated[Seconds, Field(description="How long a request may take to arrive.")] = 20
    grace_s: Annotated[
        float,
        Field(
            ge=0,
            allow_inf_nan=False,
            description="How long answers may go on after Ctrl-C; a second one ends them at once.",
        ),
    ] = 5
    reader_timeout_s: Annotated[
        Seconds, Field(description="How long a client may leave an answer unread before it is cut off.")
    ] = 30
