"""Errors of the comics that a person can mend: one sentence that is shown as it is."""


class ComicError(Exception):
    """What is wrong, where, what was expected and what to do; anything else is a bug with a traceback."""


class StripError(ComicError):
    """A strip file is not as it should be."""


class FitError(ComicError):
    """A text does not fit its bubble, or the font cannot write it."""
