"""What the kitchen says to a person when it cannot go on. Anything else is a bug and keeps its traceback."""


class KitchenError(Exception):
    """One sentence for the person: what, where, what was found and what to do."""


class UnknownModelError(KitchenError):
    """The name is not a model that this kitchen can cook with."""


class PromptTooLongError(KitchenError):
    """The conversation has more tokens than the kitchen takes."""


class RefusedConversationError(KitchenError):
    """The model's own chat template does not take such a conversation."""


class BusyError(KitchenError):
    """Every place in the queue is taken; the same request may be sent again later."""


class NotReadyError(KitchenError):
    """The model is still loading, failed to load, or is being put away."""
