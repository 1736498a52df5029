"""Comics: a strip file and a translate function become pictures with text and a transcript.

    strip = comics.load(text, "comics/strips/twins.yml")
    comics.figure(strip, "ko", translate, typeface)    # HTML for a page
    comics.sheet(strip, "ko", translate, typeface)     # one SVG picture

Pure functions: no files, no clock, no chance; the same input gives the same bytes. `scripts/comics.py` does
the reading and writing.
"""

from comics.errors import ComicError, FitError, StripError
from comics.loading import load
from comics.page import figure, sheet
from comics.strip import Strip
from comics.typeface import Typeface

__all__ = ["ComicError", "FitError", "Strip", "StripError", "Typeface", "figure", "load", "sheet"]
