"""Render one language into a folder of its own: a docs folder and an mkdocs.yml for MkDocs and its like.

Pages are Jinja templates of Markdown, rendered before MkDocs sees them. Theme overrides are rendered
too, with marks of their own (i18n/templates.py), so that nothing has to run inside MkDocs.
"""

import dataclasses
import functools
import html
import pathlib
import posixpath
import re
import shutil
import types
import urllib.parse
from collections.abc import Mapping
from typing import Any

import jinja2
import yaml

from i18n import facts, formatting, marked_yaml, phrases, templates
from i18n.catalog import Translate
from i18n.citations import Citations, Cited
from i18n.errors import SiteError
from i18n.facts import Quote
from i18n.languages import LANGUAGES, SOURCE, Language

Renderers = Mapping[str, Any]


@dataclasses.dataclass(frozen=True)
class Stage:
    """What one language is rendered from, and the folder that it is rendered into (emptied first).

    `renderers` are Jinja globals handed in by the caller, functions and values (`strip`, for one), `quotes`
    are values that it computed, quoted in texts beside the facts. `stale` has the ids of values past their
    shelf life, with its days. `address` is the public address of the whole site, ending in "/", or "" when it
    is not known: then every link is relative.
    """

    root: pathlib.Path
    folder: pathlib.Path
    language: Language
    translate: Translate
    book: facts.Book
    renderers: Renderers = dataclasses.field(default_factory=dict)
    quotes: Mapping[str, Quote] = dataclasses.field(default_factory=dict)
    stale: Mapping[str, int] = dataclasses.field(default_factory=dict)
    address: str = ""

    def write(self) -> pathlib.Path:
        """Stage everything and return the path of the mkdocs.yml.

        Raises:
            SiteError: a template or a data file is wrong.
        """
        shutil.rmtree(self.folder, ignore_errors=True)
        docs = self.root / "docs"
        for page in sorted(docs.rglob("*.md")):
            _put(self.folder / "docs" / page.relative_to(docs), self.page(page))
        shutil.copytree(docs / "assets", self.folder / "docs" / "assets")
        overrides = docs / "overrides"
        for template in sorted(overrides.rglob("*.html")):
            _put(self.folder / "overrides" / template.relative_to(overrides), self.override(template))
        config = self.folder / "mkdocs.yml"
        _put(config, yaml.safe_dump(self.config(), allow_unicode=True, sort_keys=False))
        return config

    def page(self, path: pathlib.Path) -> str:
        """One page as Markdown, in this language."""
        docs = self.root / "docs"
        env = self._installed(templates.environment(templates.PAGE, docs))
        source = path.relative_to(docs).as_posix()
        home = _up(source)
        citations = Citations(self.book)
        env.globals.update(
            home=home,
            root=_joined(home, "../" if self.language.prefix else ""),
            fact=lambda key: self._fact(citations, key),
            cite=lambda *keys: self._cited(citations, keys),
            text=lambda text: self._text(citations, text),
            sources=citations.listed,
        )
        rendered = phrases.headings(self._rendered(env, path, source), self.language)
        if not (dates := [cited.source.checked for cited in citations.listed()]):
            return rendered
        # The day on which the newest of its sources was read, for search engines.
        return rendered.replace("---\n", f'---\nchecked: "{max(dates)}"\n', 1)

    def override(self, path: pathlib.Path) -> str:
        """One theme override, with its texts in this language."""
        folder = self.root / "docs" / "overrides"
        env = self._installed(templates.environment(templates.OVERRIDE, folder))
        up = "../" if self.language.prefix else ""
        env.globals.update(
            alternates=[(other, up + other.prefix) for other in LANGUAGES],
            source=SOURCE,
            address=self.address,
            checked=max(source.checked for source in self.book.sources.values()),
            questions=self.questions(),
            path=urllib.parse.urlsplit(self.address).path or "/",
        )
        return self._rendered(env, path, path.relative_to(folder).as_posix())

    def config(self) -> dict[str, Any]:
        """The mkdocs.yml of this language.

        Raises:
            SiteError: the project's mkdocs.yml is not YAML.
        """
        name = "mkdocs.yml"
        config = self._translated(marked_yaml.parse((self.root / name).read_text("utf-8"), name))
        config["docs_dir"] = "docs"
        config["site_dir"] = "site"
        config["site_url"] = self.address + self.language.prefix if self.address else ""
        config["theme"] = {**config["theme"], "language": self.language.code, "custom_dir": "overrides"}
        return dict(config)

    def questions(self) -> list[dict[str, Any]]:
        """The myths as schema.org questions, in plain text."""
        said = functools.partial(self._text, Citations(self.book))
        return [
            {
                "@type": "Question",
                "name": _plain(said(myth.claim).html),
                "acceptedAnswer": {"@type": "Answer", "text": _plain(said(myth.answer).html)},
            }
            for myth in self.book.myths
        ]

    def quoted(self, key: str) -> Quote:
        """A computed value or a fact, by id."""
        if key in self.quotes:
            return self.quotes[key]
        return self.book.quote(key, self.language, self.translate)

    def _installed(self, env: jinja2.Environment) -> jinja2.Environment:
        env.install_gettext_callables(  # type: ignore[attr-defined]
            self.translate,
            lambda one, many, count: self.translate(one if count == 1 else many),
            newstyle=True,
        )
        env.globals.update(
            language=self.language,
            data=self.book,
            date=lambda value: formatting.date(value, self.language),
            number=lambda value: formatting.number(value, self.language),
            share=lambda value: formatting.share(value, self.language),
            price=lambda value: formatting.price(value, self.language),
            **self.renderers,
        )
        env.filters["phrases"] = lambda text: phrases.broken(text, self.language)
        return env

    def _rendered(self, env: jinja2.Environment, path: pathlib.Path, source: str) -> str:
        name = path.relative_to(self.root).as_posix()
        try:
            return env.get_template(source).render()
        except jinja2.TemplateSyntaxError as error:
            raise templates.parse_error(error, _named(self.root, error.filename) or name) from None
        except SiteError as error:
            line = _line(error.__traceback__, path)
            raise SiteError(f"{name}:{line}: {sentence}" for sentence in error.sentences) from None
        except (jinja2.TemplateError, TypeError, ValueError, KeyError) as error:
            line = _line(error.__traceback__, path)
            raise SiteError(
                f"{name}:{line}: this template does not render ({error}); fix that line."
            ) from error

    def _text(self, citations: Citations, text: str) -> types.SimpleNamespace:
        """A text of a data file with its facts filled in, their ids, and the marks of their sources."""
        quotes = {key: self.quoted(key) for key in _placeholders(text)}
        html = self.translate(text) % {key: quote.text for key, quote in quotes.items()}
        return types.SimpleNamespace(
            html=html, sources=list(quotes), cited=self._cited(citations, tuple(quotes))
        )

    def _fact(self, citations: Citations, key: str) -> str:
        """The text of a value. A stale one puts its sources on the list of the page, cited or not."""
        if key in self.stale:
            self._cited(citations, (key,))
        return self.quoted(key).text

    def _cited(self, citations: Citations, keys: tuple[str, ...]) -> list[Cited]:
        """Marks for source keys and for fact ids."""
        found: dict[str, int] = {}
        for key in keys:
            for source in (key,) if key in self.book.sources else self.quoted(key).sources:
                found[source] = max(self.stale.get(key, 0), found.get(source, 0))
        return citations.mark(found)

    def _translated(self, value: Any) -> Any:
        if isinstance(value, marked_yaml.Text):
            return str(self.translate(value))
        if isinstance(value, dict):
            return {self._translated(key): self._translated(child) for key, child in value.items()}
        if isinstance(value, list):
            return [self._translated(child) for child in value]
        return value


def _placeholders(text: str) -> list[str]:
    return [part.partition(")s")[0] for part in text.split("%(")[1:]]


def _plain(text: str) -> str:
    return html.unescape(re.sub(r"<[^>]+>", "", text))


def _up(source: str) -> str:
    """The way from a page's address to its language's root: index.md -> "./", a.md -> "../"."""
    address = (
        posixpath.dirname(source) if posixpath.basename(source) == "index.md" else source.removesuffix(".md")
    )
    return "../" * len(address.split("/")) if address else "./"


def _joined(home: str, up: str) -> str:
    return (up if home == "./" else home + up) if up else home


def _line(traceback: types.TracebackType | None, path: pathlib.Path) -> int:
    """The line of the template that was running; Jinja puts template frames into the traceback."""
    line = 1
    while traceback is not None:
        if traceback.tb_frame.f_code.co_filename == str(path):
            line = traceback.tb_lineno
        traceback = traceback.tb_next
    return line


def _named(root: pathlib.Path, filename: str | None) -> str:
    path = pathlib.Path(filename) if filename else None
    return path.relative_to(root).as_posix() if path and path.is_relative_to(root) else ""


def _put(path: pathlib.Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, "utf-8")
