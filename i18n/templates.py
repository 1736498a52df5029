"""The Jinja environments, one for pages and one for theme overrides, shared by extraction and staging.

Sharing matters: two environments that disagree about trimming or `%` make two different msgids, and
the English stays on the page without an error.

Theme overrides are rendered twice, by us and then by MkDocs, so our marks there are `[% %]` and `[[ ]]`.
"""

import dataclasses
import pathlib

import jinja2
import jinja2.ext
import jinja2.nodes
import jinja2.parser

from i18n.errors import SiteError


class Located(jinja2.ext.InternationalizationExtension):
    """Jinja's `trans`, with the line of the tag on everything it makes, so that errors name the right one."""

    def parse(self, parser: jinja2.parser.Parser) -> jinja2.nodes.Node | list[jinja2.nodes.Node]:
        """The nodes of one `trans` block."""
        line = parser.stream.current.lineno
        parsed = super().parse(parser)
        for node in parsed if isinstance(parsed, list) else [parsed]:
            node.set_lineno(line)
        return parsed


@dataclasses.dataclass(frozen=True)
class Marks:
    """How a kind of template writes its blocks, values and comments."""

    block: tuple[str, str]
    value: tuple[str, str]
    comment: tuple[str, str]


PAGE = Marks(("{%", "%}"), ("{{", "}}"), ("{#", "#}"))
OVERRIDE = Marks(("[%", "%]"), ("[[", "]]"), ("[#", "#]"))


def environment(marks: Marks, folder: pathlib.Path | None = None) -> jinja2.Environment:
    """An environment with newstyle gettext and trimmed `trans` blocks; nothing is installed in it yet."""
    env = jinja2.Environment(
        block_start_string=marks.block[0],
        block_end_string=marks.block[1],
        variable_start_string=marks.value[0],
        variable_end_string=marks.value[1],
        comment_start_string=marks.comment[0],
        comment_end_string=marks.comment[1],
        extensions=[Located],
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - pages are Markdown of our own
        loader=jinja2.FileSystemLoader(folder) if folder else None,
    )
    env.policies["ext.i18n.trimmed"] = True
    env.newstyle_gettext = True  # type: ignore[attr-defined]
    return env


def parse_error(error: jinja2.TemplateSyntaxError, name: str) -> SiteError:
    """The sentence for a template that does not parse."""
    return SiteError(f"{name}:{error.lineno}: this template does not parse ({error.message}); fix that line.")
