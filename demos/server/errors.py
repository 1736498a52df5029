"""What the kitchen says to a person when it cannot go on. Anything else is a bug and keeps its traceback."""

MODEL_FAILED = "model_failed"
"""The code of a failure to load that has none of its own."""


class KitchenError(Exception):
    """One sentence for the person: what, where, what was found and what to do.

    Attributes:
        param: the field of the request that it is about, as OpenAI writes it, "messages[0].content".
        code: what kind of problem it is, for programs and translators; None for the usual one of its class.
    """

    def __init__(self, message: str, *, param: str | None = None, code: str | None = None) -> None:
        """Say it."""
        super().__init__(message)
        self.param = param
        self.code = code


class UnknownModelError(KitchenError):
    """The name is not a model that this kitchen can cook with."""


class UnknownAdapterError(KitchenError):
    """The model has no adapter of this name."""


class UnsupportedError(KitchenError):
    """The model cannot do what the request asks of it; `code` says what."""


class ImageError(KitchenError):
    """A picture is none, or too large a one."""


class TooLongError(KitchenError):
    """The request has more text than is read at all."""


class PromptTooLongError(KitchenError):
    """The conversation has more tokens than the kitchen takes."""


class RefusedConversationError(KitchenError):
    """The model's own chat template does not take such a conversation."""


class WishError(KitchenError):
    """A topping that is wished for cannot be as it is wished for; `code` says why."""


class ConflictError(KitchenError):
    """It does not go with what is there already; `code` says what that is."""


class NoRoomError(KitchenError):
    """Memory or disk is too small; `code` says which."""


class BusyError(KitchenError):
    """Every place in the queue is taken; the same request may be sent again later."""


class NotReadyError(KitchenError):
    """The model is still loading, failed to load, or is being put away."""
