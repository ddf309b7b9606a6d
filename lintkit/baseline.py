"""Findings that are accepted for now: a file with one line for each; docs/baseline.md describes it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from lintkit.errors import ConfigurationError, WriteError
from lintkit.finding import Finding, Severity, Silenced
from lintkit.fingerprint import LENGTH, fingerprints
from lintkit.suppress import order
from lintkit.syntax.node import Place
from lintkit.text.edit import Span
from lintkit.text.source import Source, decode

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence

    from lintkit.options import Options

FILE = ".lintkit-baseline"
STALE = "stale-baseline-entry"
REASON = "in the baseline"
HEAD = "# lintkit baseline 1"
_TEXT = f"""{HEAD}
# Findings that are accepted for now, by fingerprint, rule and file. `lintkit baseline write` writes this file,
# `lintkit baseline prune` takes out what is gone, `lintkit baseline show` tells what is in it.
"""
_MOST_BYTES = 50_000_000
_ENTRY = re.compile(rf"([0-9a-f]{{{LENGTH}}}) ([a-z0-9-]+) (.+)")
_ESCAPES = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_ESCAPED = re.compile(r"\\(.)")


class Entry(NamedTuple):
    """A finding that is accepted.

    Attributes:
        path: The file it is in.
        rule: Its rule.
        fingerprint: What it is known by.
        place: Where the entry stands in the baseline; None for one that is to be written.
    """

    path: str
    rule: str
    fingerprint: str
    place: Place | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a baseline makes of the findings of a run.

    Attributes:
        shown: The findings that it does not accept, and those about stale entries.
        silenced: Those that it accepts.
        entries: The entries whose finding is there still, with it.
        stale: The entries whose finding is gone.
    """

    shown: list[Finding]
    silenced: list[Silenced]
    entries: list[tuple[Entry, Finding]]
    stale: list[Entry]


def file_of(root: Path, options: Options) -> Path:
    """Where the baseline of a tree stands."""
    return root / (options.baseline or FILE)


def read(file: Path, root: Path) -> list[Entry]:
    """The entries of a baseline, in the order of the file.

    Raises:
        ConfigurationError: It cannot be read, or a line of it is none.
    """
    shown = _shown(file, root)
    try:
        if file.exists() and not file.is_file():
            message = "is no file"
            raise ConfigurationError(message, shown)
        if file.stat().st_size > _MOST_BYTES:
            message = f"is larger than {_MOST_BYTES // 1_000_000} MB"
            raise ConfigurationError(message, shown)
        text = decode(file.read_bytes())[0]
    except OSError as error:
        hint = "; `lintkit baseline write` makes it" if isinstance(error, FileNotFoundError) else ""
        message = f"the baseline cannot be read: {error.strerror}{hint}"
        raise ConfigurationError(message, shown) from error
    source = Source(shown, text)
    found: list[Entry] = []
    for number in range(1, source.line_count + 1):
        line = source.line(number)
        if number == 1 and line.strip() != HEAD:
            message = f"is no baseline that this version reads: its first line is not `{HEAD}`"
            raise ConfigurationError(message, shown, 1)
        if not line.strip() or line.startswith("#"):
            continue
        entry = _ENTRY.fullmatch(line)
        if entry is None:
            message = "is no entry of a baseline; expected a fingerprint, a rule and a path"
            raise ConfigurationError(message, shown, number)
        place = Place(source, Span(*source.line_span(number)))
        found.append(Entry(_unescaped(entry[3]), entry[2], entry[1], place))
    return found


def entries_of(findings: Sequence[Finding], sensitive: Mapping[str, Sequence[Span]]) -> list[Entry]:
    """The entries that accept all findings of a run."""
    found = [one for one in findings if one.rule != STALE]
    marks = fingerprints(found, sensitive)
    return [Entry(finding.path, finding.rule, mark) for finding, mark in zip(found, marks, strict=True)]


def written(entries: Iterable[Entry]) -> str:
    """The text of a baseline: sorted by path, rule and fingerprint, so that a change moves no other line."""
    kept = sorted({(entry.path, entry.rule, entry.fingerprint) for entry in entries})
    return _TEXT + "".join(f"{fingerprint} {rule} {_escaped(path)}\n" for path, rule, fingerprint in kept)


def save(file: Path, entries: Iterable[Entry]) -> None:
    """Write a baseline.

    Raises:
        WriteError: The file cannot be written.
    """
    try:
        file.write_text(written(entries), "utf-8", errors="surrogateescape", newline="\n")
    except OSError as error:
        message = f"{file} cannot be written: {error.strerror}"
        raise WriteError(message) from error


def judge(
    findings: Sequence[Finding],
    sensitive: Mapping[str, Sequence[Span]],
    entries: Iterable[Entry],
    ran: Collection[str],
    severity: Severity = Severity.INFO,
) -> Verdict:
    """Split the findings of a run into those that a baseline accepts and those that it does not.

    Args:
        findings: All findings of the whole tree, sorted.
        sensitive: Path -> spans that are never shown.
        entries: The baseline.
        ran: Names of the rules that ran to their end: an entry of another one is never stale.
        severity: Severity of findings about stale entries.
    """
    known = {(entry.path, entry.rule, entry.fingerprint): entry for entry in entries}
    shown: list[Finding] = []
    silenced: list[Silenced] = []
    used: list[tuple[Entry, Finding]] = []
    for finding, mark in zip(findings, fingerprints(findings, sensitive), strict=True):
        entry = known.pop((finding.path, finding.rule, mark), None)
        if entry is None:
            shown.append(finding)
        else:
            silenced.append(Silenced(finding, REASON, in_source=False))
            used.append((entry, finding))
    stale = [entry for entry in known.values() if entry.rule in ran]
    if STALE in ran:
        for entry in stale:
            if entry.place is not None:
                message = f"`{entry.rule}` in {entry.path} is gone"
                shown.append(Finding(entry.place, message, severity, rule=STALE))
    return Verdict(sorted(shown, key=order), silenced, used, stale)


def apply(
    findings: Sequence[Finding],
    sensitive: Mapping[str, Sequence[Span]],
    root: Path,
    options: Options,
    ran: Collection[str],
) -> tuple[list[Finding], list[Silenced]]:
    """The findings that the baseline of a run does not accept, and those that it does.

    Raises:
        ConfigurationError: The baseline cannot be read.
    """
    if not options.baseline:
        return list(findings), []
    level = options.severities.get(STALE)
    severity = Severity[level.upper()] if level else Severity.INFO
    verdict = judge(findings, sensitive, read(file_of(root, options), root), ran, severity)
    return verdict.shown, verdict.silenced


def _shown(file: Path, root: Path) -> str:
    """A file as findings name it: seen from the root where it is below it."""
    where = Path(file).absolute()
    return where.relative_to(root).as_posix() if where.is_relative_to(root) else str(file)


def _escaped(path: str) -> str:
    return "".join(_ESCAPES.get(char, char) for char in path)


def _unescaped(text: str) -> str:
    back = {code[1]: char for char, code in _ESCAPES.items()}
    return _ESCAPED.sub(lambda found: back.get(found[1], found[1]), text)
