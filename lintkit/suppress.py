"""Which findings a comment or the configuration silences, and which of those silence nothing."""

from __future__ import annotations

import re
from bisect import bisect_right
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from lintkit.finding import Applicability, Finding, Fix, Severity, Silenced
from lintkit.options import Ignore
from lintkit.syntax.comments import Suppression, suppressions, without
from lintkit.syntax.node import Place
from lintkit.text.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from lintkit.model.resource import Resource
    from lintkit.model.tree import Tree
    from lintkit.options import Options
    from lintkit.rules._rule import Rule


UNUSED = "unused-suppression"
INVALID = "invalid-suppression"


def apply(
    findings: Iterable[Finding], tree: Tree, options: Options, selected: Sequence[Rule], known: Sequence[Rule]
) -> tuple[list[Finding], list[Silenced]]:
    """Split findings into those that are shown and those that are silenced; both sorted, each once.

    Findings about the suppressions themselves are added, when their rules are selected.
    """
    comments = {
        stream.source.path: found for stream in tree.repository.parsed().values() if (found := suppressions(stream))
    }
    ignores = [one for one in options.ignore if isinstance(one, Ignore)]
    used: set[tuple[str, int]] = set()
    effective: set[int] = set()
    shown: list[Finding] = []
    silenced: list[Silenced] = []
    owners = _Owners(tree)
    for finding in _unique(findings):
        comment = _comment_for(finding, comments.get(finding.path, ()))
        if comment is not None:
            used.add((finding.path, comment.span.start))
            silenced.append(Silenced(finding, comment.reason, in_source=True))
        elif matching := [index for index, one in enumerate(ignores) if _is_ignored(finding, one, owners)]:
            effective.update(matching)
            silenced.append(Silenced(finding, ignores[matching[0]].reason, in_source=False))
        else:
            shown.append(finding)
    names = {rule.name for rule in selected}
    everything = names >= {rule.name for rule in known if rule.on_by_default}
    unused = [one for index, one in enumerate(ignores) if index not in effective and (everything or one.rule in names)]
    about = [
        *_about_comments(comments, used, tree, names, {rule.name for rule in known}),
        *_about_entries(unused, names | {"*"}, tree.repository.root),
    ]
    return sorted([*shown, *(one for one in about if one.rule in names)], key=order), sorted(
        silenced, key=lambda one: order(one.finding)
    )


def order(finding: Finding) -> tuple[str, int, int, str, str]:
    """The order in which findings are shown."""
    line, column = finding.position
    return finding.path, line, column, finding.rule, finding.message


def closest(name: str, known: Iterable[str]) -> str:
    """A hint at the end of a message: the known name that comes closest."""
    close = get_close_matches(name, list(known), 1)
    return f"; did you mean `{close[0]}`?" if close else ""


def _unique(findings: Iterable[Finding]) -> Iterable[Finding]:
    seen: set[tuple[str, str, int, str]] = set()
    for finding in findings:
        key = (finding.rule, finding.path, finding.place.span.start, finding.message)
        if key not in seen:
            seen.add(key)
            yield finding


def _comment_for(finding: Finding, comments: Iterable[Suppression]) -> Suppression | None:
    line = finding.position[0]
    for comment in comments:
        if comment.rule == finding.rule and comment.line in {0, line}:
            return comment
    return None


def _about_comments(
    comments: dict[str, list[Suppression]],
    used: set[tuple[str, int]],
    tree: Tree,
    selected: set[str],
    known: set[str],
) -> Iterable[Finding]:
    for path, found in comments.items():
        source = tree.repository.source(path)
        if source is None:
            continue
        for comment in found:
            place = Place(source, comment.span)
            if comment.mistake:
                yield Finding(place, comment.mistake, Severity.WARNING, rule=INVALID)
            if not comment.rule:
                continue
            if comment.rule not in known:
                message = f"`{comment.rule}` is no rule{closest(comment.rule, known)}"
                yield Finding(place, message, Severity.WARNING, rule=INVALID)
            elif comment.rule in selected and (path, comment.span.start) not in used:
                message = f"`{comment.rule}` finds nothing here"
                edit = without(source, comment.span)
                fix = Fix("remove it", (edit,), Applicability.UNSAFE) if edit else None
                yield Finding(place, message, Severity.WARNING, fix=fix, rule=UNUSED)


def _about_entries(unused: Iterable[Ignore], selected: set[str], root: Path) -> Iterable[Finding]:
    """Entries of `ignore:` in the configuration that silence nothing."""
    for one in unused:
        if one.rule in selected and isinstance(one.place, Place):
            source, span = one.place
            path = Path(source.path).absolute()
            shown = path.relative_to(root).as_posix() if path.is_relative_to(root) else source.path
            place = Place(Source(shown, source.text), span)
            what = "no rule" if one.rule == "*" else f"`{one.rule}`"
            yield Finding(place, f"{what} finds nothing that this entry would leave out", Severity.WARNING, rule=UNUSED)


def _is_ignored(finding: Finding, one: Ignore, owners: _Owners) -> bool:
    if one.rule not in {"*", finding.rule}:
        return False
    if not glob(one.path).fullmatch(finding.path):
        return False
    if one.resource == "*":
        return True
    resource = owners.of(finding)
    if resource is None:
        return False
    return glob(one.resource).fullmatch(f"{resource.kind}/{resource.namespace}/{resource.name}") is not None or (
        glob(one.resource).fullmatch(f"{resource.kind}/{resource.name}") is not None
    )


class _Owners:
    """Which object a finding stands in."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.by_path: dict[str, list[Resource]] | None = None

    def of(self, finding: Finding) -> Resource | None:
        if self.by_path is None:
            self.by_path = {}
            built = {id(one.written): one for applied in self.tree.applied for one in applied.resources}
            for resource in self.tree.written:
                best = built.get(id(resource.root), resource)
                self.by_path.setdefault(resource.path, []).append(best)
        here = self.by_path.get(finding.path, [])
        at = bisect_right([one.written.start for one in here], finding.place.span.start) - 1
        return here[at] if at >= 0 else None


@lru_cache(maxsize=512)
def glob(pattern: str) -> re.Pattern[str]:
    """A glob as a regular expression: `*` stays within a part, `**` crosses parts."""
    parts: list[str] = []
    at = 0
    while at < len(pattern):
        if pattern.startswith("**/", at):
            parts.append("(?:.*/)?")
            at += 3
        elif pattern.startswith("**", at):
            parts.append(".*")
            at += 2
        else:
            char = pattern[at]
            parts.append({"*": "[^/]*", "?": "[^/]"}.get(char) or re.escape(char))
            at += 1
    return re.compile("".join(parts))
