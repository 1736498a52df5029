"""How the kitchen is: for machines that ask, and for the page."""

from pydantic import Field

from demos.server.api.schemas.base import Shape, State


class Health(Shape):
    """Where the default model is on its way to the first answer."""

    status: State
    progress: float = Field(ge=0, le=1)
    step: str
    reason: str | None
    code: str | None


class KitchenModel(Shape):
    """The default model, in words."""

    id: str
    label: str
    parameters: int | None
    license: str | None
    license_url: str | None


class Gemini(Shape):
    """Whether the restaurant can be asked."""

    configured: bool


class Sent(Shape):
    """What has left this machine for one other since the server started."""

    host: str
    bytes: int = Field(description="Of requests, without their headers.")


class Kitchen(Shape):
    """Everything that the page shows about this server."""

    state: State
    progress: float = Field(ge=0, le=1)
    step: str
    reason: str | None
    code: str | None
    model: KitchenModel
    device: str | None
    dtype: str | None
    dtype_reason: str | None
    threads: int | None
    memory_bytes: int
    tokens_generated: int
    gemini: Gemini
    sent: list[Sent]
