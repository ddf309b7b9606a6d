"""What a repository gets to be linted from now on: a configuration, a pre-commit hook, a job of its CI, a baseline."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

from lintkit import baseline, configuration, engine
from lintkit.errors import BrokenRuleError, NothingLintedError
from lintkit.finding import Severity
from lintkit.fix.loop import Change
from lintkit.generate.ci import hook, job, kind_of_ci
from lintkit.generate.settings import settings
from lintkit.syntax.node import Mapping
from lintkit.syntax.parser import parse
from lintkit.syntax.rewrite import add_entry
from lintkit.text.edit import apply
from lintkit.text.source import Source

if TYPE_CHECKING:
    from pathlib import Path

    from lintkit.engine import Report
    from lintkit.options import Options

_MOST_BYTES = 1_000_000
HOOKS = ".pre-commit-config.yaml"


@dataclass(frozen=True, slots=True)
class Wish:
    """What is wanted.

    Attributes:
        ci: The CI that gets a job; `auto` for the one that the repository shows.
        has_hook: Whether pre-commit gets its hooks.
        has_baseline: Whether the findings of today are accepted.
    """

    ci: Literal["auto", "github", "gitlab", "none"] = "auto"
    has_hook: bool = True
    has_baseline: bool = False


@dataclass(frozen=True, slots=True)
class Adoption:
    """What will be written.

    Attributes:
        changes: Path -> before and after.
        kept: What is left as it is, and why.
        hints: What a person should know or do.
        failing: Findings that fail a run with the new configuration; those that the baseline accepts do not.
        accepted: Findings that the baseline accepts.
        has_ci: Whether a CI is known, or none is wanted.
    """

    changes: dict[str, Change]
    kept: tuple[str, ...]
    hints: tuple[str, ...]
    failing: int
    accepted: int
    has_ci: bool


def adopt(root: Path, wish: Wish) -> Adoption:
    """What lintkit needs in a repository, given what is there; nothing is written.

    Raises:
        BrokenRuleError: A rule broke, so that the findings of today are not known.
    """
    changes: dict[str, Change] = {}
    kept: list[str] = []
    hints: list[str] = []
    there = configuration.path_of(root)
    is_configured = there is not None and (there.name == configuration.FILE or _is_in(there))
    options = configuration.load(root)
    report = _report(root, options)
    if is_configured:
        kept.append(f"{_name(there)} is there already")
    else:
        text = settings(report, options)
        changes[configuration.FILE] = Change(None, text)
        options = configuration.read_yaml(text, configuration.FILE)
        report = _report(root, options)
    accepted = 0
    if wish.has_baseline and report is not None:
        accepted = _baseline(root, report, options, changes, kept)
    elif wish.has_baseline:
        hints.append("there are no manifests yet, so there is nothing to accept")
    if wish.has_hook:
        _put(HOOKS, hook(_read(root / HOOKS)), root, changes, kept)
    ci = kind_of_ci(root) if wish.ci == "auto" else wish.ci
    if ci == "":
        hints.append("no CI is to be seen; `--ci github` or `--ci gitlab` writes a job")
    elif ci != "none":
        path, made = job(root, ci)
        _put(path, made, root, changes, kept)
    failing = 0
    if report is not None and baseline.FILE not in changes and not options.baseline:
        failing = sum((one.severity or Severity.ERROR) >= report.fail_on for one in report.findings)
    return Adoption(changes, tuple(kept), tuple(hints), failing, accepted, has_ci=bool(ci))


def _report(root: Path, options: Options) -> Report | None:
    try:
        report = engine.check(root, root=root, options=replace(options, baseline=""))
    except NothingLintedError:
        return None
    if report.failures:
        message = f"internal error in `{report.failures[0].rule}`: what is wrong today is not known"
        raise BrokenRuleError(message)
    return report


def _baseline(root: Path, report: Report, options: Options, changes: dict[str, Change], kept: list[str]) -> int:
    """The baseline, and the line of the configuration that names it; how many findings it accepts."""
    if options.baseline or (root / baseline.FILE).exists():
        kept.append(f"{options.baseline or baseline.FILE} is there already; `lintkit baseline write` writes it again")
        return 0
    entries = baseline.entries_of(report.findings, report.sensitive)
    if not entries:
        kept.append("no finding is there to be accepted, so there is no baseline")
        return 0
    line = (
        "# Findings of the day that lintkit came; `lintkit baseline prune` takes out what is gone.\n"
        f"baseline: {baseline.FILE}"
    )
    change = changes.get(configuration.FILE)
    text = change.after if change is not None else _read(root / configuration.FILE)
    if not text:
        kept.append(
            f'{_name(configuration.path_of(root))} does not name the baseline yet: `baseline = "{baseline.FILE}"`'
        )
    else:
        before = None if change is not None else text
        changes[configuration.FILE] = Change(before, _with_line(text, line))
    changes[baseline.FILE] = Change(None, baseline.written(entries))
    return len(entries)


def _with_line(text: str, line: str) -> str:
    stream = parse(Source(configuration.FILE, text))
    root = stream.documents[0].root if stream.documents else None
    edits = add_entry(root, line) if isinstance(root, Mapping) else None
    return apply(text, edits) if edits is not None else text.rstrip("\n") + f"\n\n{line}\n"


def _put(path: str, made: str | None, root: Path, changes: dict[str, Change], kept: list[str]) -> None:
    """A file as it will be; None says that it names lintkit already."""
    if made is None:
        kept.append(f"{path} names lintkit already")
        return
    changes[path] = Change(_read(root / path) or None, made)


def _read(path: Path) -> str:
    """The text of a file; empty where there is none."""
    try:
        return path.read_text("utf-8") if path.is_file() and path.stat().st_size < _MOST_BYTES else ""
    except (OSError, UnicodeDecodeError):
        return ""


def _is_in(path: Path) -> bool:
    return "[tool.lintkit" in _read(path)


def _name(path: Path | None) -> str:
    return path.name if path is not None else configuration.FILE
