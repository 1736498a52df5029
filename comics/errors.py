"""Errors of the comics that a person can mend: one sentence that is shown as it is."""

from typing import Self


class ComicError(Exception):
    """What is wrong, where, what was expected and what to do; anything else is a bug with a traceback."""


class StripError(ComicError):
    """A strip file is not as it should be."""


class FitError(ComicError):
    """A text does not fit its bubble, or the font cannot write it.

    `code` names the reason for whoever says it in words of their own, with the `values` that the sentence
    quotes. `panel` and `bubble` count from 1; 0 is the title, or no bubble in particular.
    """

    def __init__(self, sentence: str, code: str = "", **values: str | int) -> None:
        super().__init__(sentence)
        self.code = code
        self.values = values
        self.panel = 0
        self.bubble = 0

    def at(self, place: str, panel: int = 0, bubble: int = 0) -> Self:
        """The same error with its place, also in front of its sentence, which ends here."""
        found = type(self)(f"{place}: {self}.", self.code, **self.values)
        found.panel, found.bubble = panel, bubble or self.bubble
        return found
