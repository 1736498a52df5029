"""The pictures in a request: from data: URLs only, and only what Pillow wholly decodes within the limits.

Nothing is ever fetched: an address in a request would make this server ask others on a stranger's behalf.
Engines get the bytes as they came.
"""

import base64
import binascii
import io
import re
import warnings
from collections.abc import Sequence

from PIL import Image

from demos.server.errors import ImageError
from demos.server.settings import Settings

FORMATS = ("PNG", "JPEG", "WEBP")
DATA_URL = re.compile(r"data:image/(?:png|jpeg|webp);base64,", re.IGNORECASE)
KINDS = "PNG, JPEG or WebP"

# Pillow warns of pictures far above our limit, which are then refused: not on the terminal, too.
warnings.filterwarnings("error", category=Image.DecompressionBombWarning)


def read(addresses: Sequence[tuple[str, str]], settings: Settings) -> list[bytes]:
    """The pictures behind (field of the request, data: URL) pairs. Takes a while: not for an event loop.

    Raises:
        ImageError: there are too many, or one is no picture that is taken here.
    """
    if len(addresses) > settings.max_images:
        message = f"A conversation may have {settings.max_images} pictures, this one has {len(addresses)}."
        raise ImageError(message, code="too_many_images")
    return [picture(param, address, settings.max_image_pixels) for param, address in addresses]


def picture(param: str, address: str, most_pixels: int) -> bytes:
    """One picture's bytes.

    Raises:
        ImageError: it is no data: URL, no picture, damaged, or too large.
    """
    start = DATA_URL.match(address)
    if start is None:
        found = address[:40].partition(",")[0]
        message = (
            f"'{param}' begins with '{found}': pictures are taken as data: URLs of {KINDS} in base64 only, "
            "and nothing is fetched from other addresses."
        )
        raise ImageError(message, param=param, code="image_not_inline")
    try:
        data = base64.b64decode(address[start.end() :], validate=True)
    except (binascii.Error, ValueError):
        raise ImageError(f"The picture in '{param}' is not in base64.", param=param) from None
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            width, height = image.size
            if width * height <= most_pixels:
                image.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        message = f"The picture in '{param}' is far larger than {most_pixels} pixels. Make it smaller."
        raise ImageError(message, param=param, code="image_too_large") from None
    except Exception:  # noqa: BLE001 - decoders of damaged files raise nearly everything
        message = f"The picture in '{param}' is damaged or is no {KINDS}."
        raise ImageError(message, param=param) from None
    if width * height > most_pixels:
        message = (
            f"The picture in '{param}' has {width} x {height} pixels, but this kitchen takes at most "
            f"{most_pixels} in all. Make it smaller."
        )
        raise ImageError(message, param=param, code="image_too_large")
    return data
