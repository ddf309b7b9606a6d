"""Comments, and the suppressions that people write in them.

`# lintkit: ignore[rule-a, rule-b] reason` at the end of a line is about that line; on a line of its own it is about the
next line that is no comment. `# lintkit: ignore-file[rule] reason` is about the whole file.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

from lintkit.syntax.node import Mapping, Scalar, Sequence
from lintkit.text.edit import Edit, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.syntax.node import Node, Stream
    from lintkit.text.source import Source

_COMMENT = re.compile(r"(?:^|(?<=[\s\ufeff]))#[^\r\n]*", re.MULTILINE)
_DIRECTIVE = re.compile(r"#\s*lintkit:\s*(?P<verb>[\w-]*)\s*(?:\[(?P<rules>[^\]]*)\])?\s*(?P<reason>.*)")
_NAME = re.compile(r"[A-Za-z0-9_-]+")


@dataclass(frozen=True, slots=True)
class Suppression:
    """One rule name of one suppression comment.

    Attributes:
        rule: The rule it silences; empty when the comment cannot be read.
        span: The rule's name in the source, or the whole comment.
        line: 1-based line it is about; 0 for the whole file.
        reason: The words after the bracket.
        mistake: What is wrong with the comment itself, empty when it is well formed.
    """

    rule: str
    span: Span
    line: int
    reason: str
    mistake: str = ""


def comments(stream: Stream) -> Iterator[Span]:
    """Spans of the comments of a source, `#` included, those inside block scalars as well."""
    leaves = sorted(_leaves(stream))
    starts = [start for start, _ in leaves]
    found = _COMMENT.search(stream.source.text)
    while found:
        leaf = bisect_right(starts, found.start()) - 1
        end = found.end()
        if leaf >= 0 and found.start() < leaves[leaf][1]:
            end = leaves[leaf][1]  # a comment may follow on the same line
        else:
            yield Span(found.start(), end)
        found = _COMMENT.search(stream.source.text, end)


def suppressions(stream: Stream) -> list[Suppression]:
    """All suppressions of a source."""
    source = stream.source
    if "lintkit:" not in source.text:
        return []
    found: list[Suppression] = []
    for span in comments(stream):
        directive = _DIRECTIVE.match(source.text[span.start : span.end])
        if directive:
            found += _read(source, span, directive)
    return found


def _read(source: Source, span: Span, directive: re.Match[str]) -> list[Suppression]:
    verb, rules, reason = directive["verb"], directive["rules"], directive["reason"].strip()
    line = 0 if verb == "ignore-file" else _line_meant(source, span)
    if verb not in {"ignore", "ignore-file"}:
        return [Suppression("", span, line, reason, f"`{verb}` is not `ignore` or `ignore-file`")]
    names = list(_NAME.finditer(rules)) if rules is not None else []
    if not names:
        return [Suppression("", span, line, reason, f"`{verb}` names no rule; expected `{verb}[rule-name] reason`")]
    offset = span.start + directive.start("rules")
    mistake = "" if reason else "no reason is given after the bracket"
    return [
        Suppression(name[0], Span(offset + name.start(), offset + name.end()), line, reason, mistake) for name in names
    ]


def _line_meant(source: Source, span: Span) -> int:
    line = source.position(span.start)[0]
    if not source.text[source.line_starts[line - 1] : span.start].strip(" \t\ufeff"):
        while line < source.line_count and source.line(line).lstrip().startswith("#"):
            line += 1
    return line


def _leaves(stream: Stream) -> Iterator[tuple[int, int]]:
    stack: list[Node] = [document.root for document in stream.documents if document.root is not None]
    while stack:
        node = stack.pop()
        if isinstance(node, Mapping):
            for key, value in node.pairs:
                stack += (key, value)
        elif isinstance(node, Sequence):
            stack += node.children
        elif isinstance(node, Scalar) and node.style not in {"|", ">"}:
            yield node.start, node.end


def without(source: Source, name: Span) -> Edit | None:
    """Take one rule's name out of a suppression; the whole comment where it is the only one."""
    line = source.line_starts[source.line_index(name.start)]
    start = source.text.rfind("#", line, name.start)
    directive = _DIRECTIVE.match(source.text, start, source.line_span(source.line_index(name.start) + 1)[1])
    if start < 0 or directive is None or directive["rules"] is None:
        return None
    names = [Span(found.start(), found.end()) for found in _NAME.finditer(source.text, *directive.span("rules"))]
    if name not in names:
        return None
    index = names.index(name)
    if len(names) > 1:
        begin, end = (name.start, names[1].start) if index == 0 else (names[index - 1].end, name.end)
        return Edit(source.path, Span(begin, end), "")
    before = source.text[line:start]
    if before.strip(" \t\ufeff"):
        return Edit(source.path, Span(line + len(before.rstrip(" \t")), directive.end()), "")
    following = source.line_index(start) + 1
    end = source.line_starts[following] if following < len(source.line_starts) else len(source.text)
    return Edit(source.path, Span(line + before.startswith("\ufeff"), end), "")
