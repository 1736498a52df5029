"""The one error of this package that is meant for a person; anything else keeps its traceback."""

from collections.abc import Iterable


class SiteError(Exception):
    """One or more sentences: what is wrong, where, and what to do."""

    def __init__(self, sentences: str | Iterable[str]) -> None:
        self.sentences = (sentences,) if isinstance(sentences, str) else tuple(sentences)
        super().__init__("\n".join(self.sentences))
