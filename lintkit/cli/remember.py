"""What a run printed is kept, with all that it depended on; `front` prints it again."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from lintkit import baseline, configuration
from lintkit.cli.front import PART, name_of
from lintkit.collect.state import state_of
from lintkit.custom.load import FOLDER
from lintkit.schema.chart_files import helm_cache
from lintkit.schema.store import default_folder

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lintkit.collect.cache import Cache
    from lintkit.options import Options
    from lintkit.outcome import Report


class Printed(NamedTuple):
    """What a run ended with: whether a text went to the standard error, and the text; the exit code."""

    texts: list[tuple[bool, str]]
    code: int


def keep(  # noqa: PLR0913, PLR0917 - all that decides a run
    cache: Cache,
    arguments: list[str],
    report: Report,
    printed: Printed,
    paths: list[Path],
    options: Options,
    config: Path | None,
) -> None:
    """Keep what a run printed.

    Args:
        cache: Where.
        arguments: The words of the command.
        report: What came of the run; it has the tree.
        printed: What it printed.
        paths: Files and folders whose findings it showed.
        options: Its options.
        config: The configuration file that the command named.
    """
    if report.failures or report.tree is None:
        return
    root = report.root
    contents = [root / configuration.FILE, root / "pyproject.toml", root / ".git" / "config"]
    contents += [config] if config is not None else []
    contents += [baseline.file_of(root, options)] if options.baseline else []
    try:
        state = state_of(
            report.tree.repository,
            contents=map(_absolute, contents),
            exists=map(_absolute, (*paths, *_marks(paths, root))),
            outside=map(_absolute, _outside(report, options)),
        )
    except (OSError, RuntimeError):
        return
    if state is not None:
        texts = [(is_error, *_around_the_time(text, report.seconds)) for is_error, text in printed.texts]
        cache.write(PART, name_of(cache, arguments), (state, texts, printed.code))


def _absolute(path: Path) -> str:
    return os.path.abspath(path)  # noqa: PTH100 - a link stays what it is


def _marks(paths: list[Path], root: Path) -> Iterator[Path]:
    """What would make another folder the root, or part of a repository above."""
    for folder in {one for path in paths for one in (path.resolve(), *path.resolve().parents)} | {*root.parents, root}:
        yield folder / ".git"
        yield folder / configuration.FILE


def _outside(report: Report, options: Options) -> Iterator[Path]:
    """Folders of which files are read without the repository."""
    root = report.root
    yield root / FOLDER
    yield default_folder()
    yield helm_cache() / "repository"
    for entry in options.schemas:
        yield root / entry.partition("{{")[0]
    listing = report.tree.repository.listing if report.tree is not None else None
    if listing is not None and report.validation is not None:
        for folder in report.validation.charts.folders_in_tree:
            if folder not in listing.folders or listing.is_hidden(folder):
                yield root / folder


def _around_the_time(text: str, seconds: float) -> tuple[str, str | None]:
    """A text before and after the time of the run, which is another one each time; no second part without a time."""
    before, found, after = text.rpartition(f", {seconds:.2f} s)")
    return (f"{before}, ", f" s){after}") if found else (text, None)
