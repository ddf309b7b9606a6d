"""One root as an editor sees it: unsaved texts over what is on disk, and what the last whole run said."""

from __future__ import annotations

import gc
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

from lintkit import configuration, engine
from lintkit.collect.discover import discover
from lintkit.errors import LintkitError, NothingLintedError
from lintkit.server import quick, trial
from lintkit.server.carry import Shift
from lintkit.server.lookup import Index, Link, link_at
from lintkit.syntax.parser import parse
from lintkit.text.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping
    from pathlib import Path
    from threading import Event

    from lintkit.collect.discover import Listing
    from lintkit.engine import Report
    from lintkit.finding import Finding
    from lintkit.rules._rule import Rule
    from lintkit.syntax.node import Stream


class CancelledError(LintkitError):
    """A newer edit makes this run pointless."""


@dataclass(frozen=True, slots=True)
class Known:
    """A whole run, and what is needed to answer questions about it.

    Attributes:
        report: The run.
        rules: All rules, those that did not run included.
        texts: The unsaved texts that it read.
        index: Its references by place.
        findings: Its findings by file.
    """

    report: Report
    rules: tuple[Rule, ...]
    texts: Mapping[str, str]
    index: Index
    findings: Mapping[str, tuple[Finding, ...]]

    def source(self, path: str) -> Source | None:
        """A file as the run read it."""
        return self.index.tree.repository.source(path)


class Session:
    """The state of one root; every method but `run` belongs to one thread.

    Args:
        root: Root of the tree.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.texts: dict[str, str] = {}
        self.known: Known | None = None
        self._streams: dict[str, Stream] = {}
        self._quick: dict[str, tuple[str, Known, tuple[Finding, ...]]] = {}
        self._standing: frozenset[trial.Key] = frozenset()

    def source(self, path: str) -> Source | None:
        """A file as it is now: unsaved, else as the last run read it."""
        if path in self.texts:
            return self.stream(path).source
        return self.known.source(path) if self.known is not None else None

    def stream(self, path: str) -> Stream:
        """The documents of an open file."""
        text = self.texts[path]
        found = self._streams.get(path)
        if found is None or found.source.text != text:
            known = self.known.index.tree.repository.parsed().get(path) if self.known is not None else None
            found = known if known is not None and known.source.text == text else parse(Source(path, text))
            self._streams[path] = found
        return found

    def close(self, path: str) -> None:
        """Forget the unsaved text of a file."""
        self.texts.pop(path, None)
        self._streams.pop(path, None)
        self._quick.pop(path, None)

    def is_current(self) -> bool:
        """Whether the last whole run has read every text as it is now."""
        known = self.known
        if known is None or not self.texts.keys() >= known.texts.keys():
            return False  # a text that was never saved is gone with its file
        return not any(map(self.is_changed, self.texts))

    def is_changed(self, path: str) -> bool:
        """Whether an open file has another text than the last whole run read."""
        before = self.known.source(path) if self.known is not None and self._counts(path) else None
        return self._counts(path) and (before is None or before.text != self.texts[path])

    def _counts(self, path: str) -> bool:
        """Whether an open file is part of the tree."""
        return self.known is None or is_seen(self.root, self.known.index.tree.repository.listing, path)

    def findings(self, path: str) -> tuple[Finding, ...]:
        """What is known of a file as it is now."""
        if self.known is None:
            return ()
        if path not in self.texts or not self.is_changed(path):
            return self.known.findings.get(path, ())
        text = self.texts[path]
        found = self._quick.get(path)
        if found is None or found[0] != text or found[1] is not self.known:
            texts = {one: text for one, text in self.texts.items() if self._counts(one)}
            judged = quick.findings_of(self.known.report, self.known.rules, texts, path)
            found = self._quick[path] = (text, self.known, judged)
        return found[2]

    def fixes(self, path: str, wanted: Iterable[Finding]) -> list[Finding]:
        """Those findings of a file whose fix stands, as far as is known by now.

        What a single file decides is tried here; the rest was tried after the last whole run, or is left out.
        """
        known = self.known
        if known is None or path not in self.texts:
            return []
        texts = {one: text for one, text in self.texts.items() if self._counts(one)}

        def judge(changed: Mapping[str, str]) -> tuple[Finding, ...]:
            return quick.findings_of(known.report, known.rules, {**texts, **changed}, path)

        found: list[Finding] = []
        before: tuple[Finding, ...] | None = None
        for finding in wanted:
            if not trial.may_be_offered(finding):
                continue
            if trial.key(finding) in self._standing and not self.is_changed(path):
                found.append(finding)
            elif trial.is_tried_at_once(finding, known.rules) and len(found) < trial.MOST:
                before = before if before is not None else judge({path: self.texts[path]})
                if trial.stands([finding], before, judge, self._text):
                    found.append(finding)
        return found

    def _text(self, path: str) -> str | None:
        source = self.source(path)
        return source.text if source is not None else None

    def keep_standing(self, found: frozenset[trial.Key]) -> None:
        """Take over which fixes stand."""
        self._standing = found

    def try_fixes(self, known: Known, paths: Iterable[str], cancelled: Event) -> frozenset[trial.Key]:
        """Which fixes of open files stand, of the rules that need the whole tree; in whatever thread.

        Raises:
            CancelledError: It was cancelled.
        """
        wanted = [
            finding
            for path in paths
            for finding in known.findings.get(path, ())
            if not trial.is_tried_at_once(finding, known.rules)
        ]

        def text_of(path: str) -> str | None:
            source = known.source(path)
            return source.text if source is not None else None

        def judge(changed: Mapping[str, str]) -> tuple[Finding, ...]:
            tried = self.run({**known.texts, **changed}, known, cancelled)
            return tried.report.findings if tried is not None else ()

        return trial.standing(wanted, known.report.findings, judge, text_of)

    def link_at(self, path: str, offset: int) -> Link | None:
        """What the text of an open file refers to at an offset."""
        if self.known is None or path not in self.texts:
            return None
        before = self.known.source(path)
        old = Shift.between(before.text, self.texts[path]).back(offset) if before is not None else None
        return link_at(self.known.index, self.stream(path), offset, old)

    def rule(self, name: str) -> Rule | None:
        """A rule by its name."""
        rules = self.known.rules if self.known is not None else ()
        return next((rule for rule in rules if rule.name == name), None)

    def run(self, texts: Mapping[str, str], earlier: Known | None, cancelled: Event) -> Known | None:
        """Read the whole tree, in whatever thread; None when there is nothing to lint.

        Args:
            texts: Path -> unsaved text.
            earlier: The run before; what has not changed is taken over.
            cancelled: Set when the outcome is not wanted any more.

        Raises:
            CancelledError: It was set.
            ConfigurationError: The configuration is wrong.
        """
        options = configuration.load(self.root)
        rules = engine.rules_of(self.root, options.plugins)
        listing = earlier.index.tree.repository.listing if earlier else discover(self.root, exclude=options.exclude)
        overlay = {path: text for path, text in texts.items() if is_seen(self.root, listing, path)}
        guarded = tuple(replace(rule, check=partial(_guarded, rule.check, cancelled)) for rule in rules)
        _stop(cancelled)
        try:
            report = engine.check(
                self.root, root=self.root, options=options, overlay=overlay, rules=guarded,
                earlier=earlier.report if earlier else None,
            )  # fmt: skip
        except NothingLintedError:
            return None
        tree = report.tree
        if tree is None:
            return None
        _stop(cancelled)
        by_name = {rule.name: rule for rule in rules}
        report = replace(report, rules=tuple(by_name[rule.name] for rule in report.rules))
        found: dict[str, list[Finding]] = {}
        for finding in report.findings:
            found.setdefault(finding.path, []).append(finding)
        findings = {path: tuple(ones) for path, ones in found.items()}
        return Known(report, rules, overlay, Index.of(tree), findings)

    def keep(self, known: Known | None) -> None:
        """Make a run the one that questions are answered from."""
        self.known = known
        self._standing = frozenset()
        self._quick.clear()
        self._streams = {path: stream for path, stream in self._streams.items() if path in self.texts}


def is_seen(root: Path, listing: Listing, path: str) -> bool:
    """Whether an open file is part of the tree: neither hidden nor left out where it stands."""
    return path in listing.files or (listing.is_hidden(path) is None and not (root / path).exists())


def settle() -> None:
    """Take what is in memory for lasting, so that collecting garbage stays short."""
    gc.collect()
    gc.freeze()


def _stop(cancelled: Event) -> None:
    if cancelled.is_set():
        raise CancelledError("a newer edit came")


def _guarded(check: Callable[..., Iterator[Any]], cancelled: Event, *given: object) -> Iterator[Any]:
    _stop(cancelled)
    yield from check(*given)
