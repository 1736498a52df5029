"""Comics: a strip file and a translate function become pictures with text and a transcript.

    strip = comics.load(text, "comics/strips/twins.yml")
    comics.figure(strip, "ko", translate, typeface)    # HTML for a page
    comics.sheet(strip, "ko", translate, typeface)     # one SVG picture

Pure functions: no files, no clock, no chance; the same input gives the same bytes. `scripts/comics.py` does
the reading and writing.
"""

from comics.errors import ComicError, FitError, StripError
from comics.page import figure, sheet
from comics.strip import Strip
from comics.typeface import Typeface


def load(text: str, source: str) -> Strip:
    """Read a strip file; `source` is the name that errors carry.

    Raises:
        StripError: the text is not YAML, or not a strip; the sentence names the first mistake.
    """
    # What checks a file is native code, which drawing does without: a browser has none of it.
    from comics import loading  # noqa: PLC0415

    return loading.load(text, source)


__all__ = ["ComicError", "FitError", "Strip", "StripError", "Typeface", "figure", "load", "sheet"]
