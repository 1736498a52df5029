"""Build the staged languages with MkDocs, one process each, and put the result in place at once."""

import concurrent.futures
import logging
import multiprocessing
import os
import pathlib
import shutil
from collections.abc import Callable, Iterable

import mkdocs.commands.build
import mkdocs.config
import mkdocs.exceptions

from i18n.errors import SiteError
from i18n.languages import Language

# Material prints a notice about MkDocs 2 at every build; DECISIONS.md has what we think of it.
os.environ["NO_MKDOCS_2_WARNING"] = "1"
Finish = Callable[[Language, pathlib.Path], None]


def processes() -> multiprocessing.context.BaseContext:
    """How to start processes: by forking where that exists, because what is imported comes along."""
    methods = multiprocessing.get_all_start_methods()
    return multiprocessing.get_context("fork" if "fork" in methods else None)


class _Warnings(logging.Handler):
    """Keeps what MkDocs warns about."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.sentences: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.sentences.append(record.getMessage())


def build(config: pathlib.Path, site: pathlib.Path) -> None:
    """Build one staged language into `site`.

    Raises:
        SiteError: MkDocs failed or warned.
    """
    warnings = _Warnings()
    logger = logging.getLogger("mkdocs")
    logger.addHandler(warnings)
    logger.propagate = False
    try:
        loaded = mkdocs.config.load_config(str(config), site_dir=str(site))
        loaded.plugins.on_startup(command="build", dirty=False)
        mkdocs.commands.build.build(loaded)
    except (mkdocs.exceptions.MkDocsException, SystemExit) as error:
        raise SiteError([*warnings.sentences, f"MkDocs could not build {config} ({error})."]) from None
    finally:
        logger.removeHandler(warnings)
    if warnings.sentences:
        raise SiteError(f"{config.parent.name}: {sentence}" for sentence in warnings.sentences)


def _one(language: Language, config: pathlib.Path, site: pathlib.Path, finish: Finish) -> tuple[str, ...]:
    """Build and finish a language; what went wrong, as sentences."""
    try:
        build(config, site)
        finish(language, site)
    except SiteError as error:
        return error.sentences
    return ()


def build_all(
    staged: Iterable[tuple[Language, pathlib.Path]],
    out: pathlib.Path,
    finish: Finish,
    done: Callable[[Language], None],
) -> dict[Language, pathlib.Path]:
    """Build every staged language into `out/<code>` in parallel; `finish` runs in the same process.

    MkDocs is imported before the processes start: importing it in each would cost more than it gains.

    Raises:
        SiteError: with the sentences of every language that failed.
    """
    folders = {language: out / language.code for language, _ in staged}
    sentences: list[str] = []
    with concurrent.futures.ProcessPoolExecutor(mp_context=processes()) as pool:
        work = {
            pool.submit(_one, language, config, folders[language], finish): language
            for language, config in staged
        }
        for future in concurrent.futures.as_completed(work):
            sentences.extend(future.result())
            done(work[future])
    if sentences:
        raise SiteError(sentences)
    return folders


def publish(folders: dict[Language, pathlib.Path], site: pathlib.Path) -> None:
    """Join the built languages into one tree and swap it with the old one by renaming."""
    fresh, stale = site.with_name(site.name + ".new"), site.with_name(site.name + ".old")
    for folder in (fresh, stale):
        shutil.rmtree(folder, ignore_errors=True)
    for language, folder in sorted(folders.items(), key=lambda pair: pair[0].prefix):
        shutil.move(folder, fresh / language.prefix if language.prefix else fresh)
    if site.exists():
        site.rename(stale)
    fresh.rename(site)
    shutil.rmtree(stale, ignore_errors=True)
