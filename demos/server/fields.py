"""What the bodies of requests are made of: objects that convert nothing, and text that can be written down.

For `api`, which reads requests, and for what else says itself what may be asked of it.
"""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict


class Model(BaseModel):
    """No conversions: "0.5" is not a number. Unknown fields are ignored."""

    model_config = ConfigDict(strict=True, extra="ignore")


def encodable(text: str) -> str:
    r"""The same text.

    Raises:
        ValueError: it has half a character, as JSON can write it ("\\ud800"), which no tokenizer reads.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        raise ValueError("half a character (a lone surrogate) is no text") from None
    return text


Text = Annotated[str, AfterValidator(encodable)]
