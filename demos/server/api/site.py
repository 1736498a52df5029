"""The built website as files: right types, `index.html` for folders, the 404 page of the reader's language.

Starlette's StaticFiles does the work and keeps paths inside the folder.
"""

import os
import pathlib
import re
from typing import Any
from xml.sax.saxutils import escape

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FINGERPRINT = re.compile(r"\.[0-9a-f]{8}\.min\.(?:js|css)$")
"""Material puts a hash of the content into these names, so their content never changes."""


class Site(StaticFiles):
    """The folder that `scripts.site.build` made."""

    def __init__(self, directory: Any) -> None:
        """Serve a folder."""
        super().__init__(directory=directory, html=True)

    def lookup_path(self, path: str) -> tuple[str, os.stat_result | None]:
        """The file of a path, also of one that no file can have: with a NUL, or too long a name."""
        try:
            return super().lookup_path(path)
        except (OSError, ValueError):
            return "", None

    async def get_response(self, path: str, scope: Scope) -> Response:
        """A file, a folder's page or a 404 page; revalidated each time unless its name has a fingerprint."""
        file, found = self.lookup_path(path)
        if found and path.endswith("sitemap.xml"):
            return Response(sitemap(pathlib.Path(file).parent, folder_address(scope)), media_type="text/xml")
        response = await super().get_response(path, scope)
        if response.status_code == 404:  # noqa: PLR2004
            language, _, _ = path.partition("/")
            page, found = self.lookup_path(f"{language}/404.html")
            if found:
                response = FileResponse(page, 404, stat_result=found)
        unchanging = FINGERPRINT.search(path) and response.status_code in {200, 304}
        caching = "public, max-age=31536000, immutable" if unchanging else "no-cache"
        response.headers["Cache-Control"] = caching
        return response


def folder_address(scope: Scope) -> str:
    """The address, as the reader wrote it, of the folder that holds the requested file; ends in a slash."""
    return str(Request(scope).url.replace(query="")).rpartition("/")[0] + "/"


def sitemap(folder: pathlib.Path, address: str) -> str:
    """The pages of one language at this address.

    A site that is built for no address in particular has an empty sitemap, and Material swaps pages without
    a reload only if it finds them there.
    """
    languages = {path.parent for path in folder.glob("*/sitemap.xml")}
    pages = sorted(path.parent for path in folder.rglob("index.html") if languages.isdisjoint(path.parents))
    links = (f"{page.relative_to(folder).as_posix()}/".removeprefix("./") for page in pages)
    entries = "".join(f"<url><loc>{escape(address + link)}</loc></url>" for link in links)
    return f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{entries}</urlset>'
