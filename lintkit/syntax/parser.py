"""Text -> documents of positioned nodes, from the events of libyaml's parser.

Events are used rather than PyYAML's own nodes: `compose()` loses the place of an alias and refuses anchors that are
defined twice, which is legal and occurs in real repositories (docs/decisions/0001-parser-events.md).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentEndEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from lintkit.syntax.node import Alias, Defect, Document, Mapping, Node, Place, Scalar, Sequence, Stream
from lintkit.text.edit import Span

if TYPE_CHECKING:
    from collections.abc import Callable

    from lintkit.text.source import Source

try:
    from yaml._yaml import CParser
except ImportError:  # pragma: no cover - PyYAML without libyaml: slower, the same events
    from yaml.loader import SafeLoader as CParser  # type: ignore[assignment]

MAX_DEPTH = 300
MAX_EXPANSION = 1_000_000
_EXPANSION_RATIO = 100
_PROPERTIES = re.compile(r"(?:[&!]\S*(?:\s+(?:#[^\r\n]*[\r\n]\s*)*|$))+")
_BREAK = re.compile(r"[\r\n]")
_STR_TAG = "tag:yaml.org,2002:str"


class _CannotReadError(Exception):
    """Ends the reading of a source; carries the defect."""

    def __init__(self, message: str, start: int, end: int) -> None:
        super().__init__(message)
        self.message = message
        self.span = Span(start, end)


class _Open:
    """A collection that is not closed yet."""

    __slots__ = (
        "anchor", "entries", "firsts", "flow", "is_simple", "items", "key", "known", "merges", "raw", "start", "weight"
    )  # fmt: skip

    def __init__(self, start: int, anchor: str | None, weight: int, *, flow: bool, mapping: bool) -> None:
        self.start = start
        self.anchor = anchor
        self.weight = weight
        self.flow = flow
        self.raw: list[Any] = []
        self.items: list[Node] = []
        self.entries: dict[str, Node] | None = {} if mapping else None
        self.key: Node | None = None
        self.merges: list[Node] = []
        self.firsts: dict[str, Node] = {}
        self.known = 0
        self.is_simple = True

    def first_key(self, name: str) -> Node:
        """The key that set `name` first; each pair is looked at once, however many keys are repeated."""
        for key, _ in self.raw[self.known :]:
            self.firsts.setdefault(_followed(key).text, key)  # type: ignore[attr-defined] # keys are scalars
        self.known = len(self.raw)
        return self.firsts[name]


class _Composer:
    """Builds the documents of one source out of parser events."""

    def __init__(self, source: Source, text: str, locate: Callable[[int], int] | None, shift: int) -> None:
        self.source = source
        self.text = text
        self.locate = locate
        self.shift = shift
        self.documents: list[Document] = []
        self.open: list[_Open] = []
        self.root: Node | None = None
        self.anchors: dict[str, tuple[Node | None, int]] = {}
        self.heights: dict[int, int] = {}
        self.undefined: set[int] = set()
        self.defects: list[Defect] = []
        self.document_start = 0
        self.weight = 0
        self.nodes = 0

    def outer(self, index: int) -> int:
        """Where a character of the parsed text stands in the source."""
        return index + self.shift if self.locate is None else self.locate(index)

    def place(self, start: int, end: int) -> Place:
        """A place from two offsets of the source."""
        return Place(self.source, Span(start, end))

    def document_started(self, event: Any) -> None:  # noqa: ANN401 - PyYAML's events carry no types
        self.document_start = event.start_mark.index
        self.root = None
        self.anchors = {}
        self.heights = {}
        self.defects = []

    def document_ended(self, event: Any) -> None:  # noqa: ANN401
        self.documents.append(
            Document(
                self.source,
                len(self.documents),
                self.root,
                self.outer(self.document_start),
                self.outer(event.start_mark.index),
                tuple(self.defects),
            )
        )

    def start_of(self, event: Any) -> int:  # noqa: ANN401
        """Offset in the parsed text at which a node's own text starts, its anchor and tag skipped."""
        start: int = event.start_mark.index
        if event.anchor is not None or event.tag is not None:
            found = _PROPERTIES.match(self.text, start)
            if found:
                start = min(found.end(), max(event.end_mark.index, start))
        return start

    def scalar(self, event: Any) -> None:  # noqa: ANN401
        start, end = event.start_mark.index, event.end_mark.index
        tag = event.tag
        if tag is not None or event.anchor is not None:
            start = self.start_of(event)
        style = event.style or ""
        if style in {"|", ">"}:
            end = _block_end(self.text, start, end)
        if self.locate is None:
            start += self.shift
            end += self.shift
        else:
            start, end = self.locate(start), self.locate(end)
        if tag == "!":
            tag = None
        elif tag == _STR_TAG:
            tag, style = None, style or '"'
        node = Scalar(self.source, start, end, event.value, style, tag, event.anchor)
        self.weight += 1
        if event.anchor is not None:
            self.anchors[event.anchor] = (node, 1)
        self.add(node, node)

    def alias(self, event: Any) -> None:  # noqa: ANN401
        start, end = self.outer(event.start_mark.index), self.outer(event.end_mark.index)
        target, weight = self.anchors.get(event.anchor, (None, -1))
        if target is None and weight >= 0:
            message = f"the anchor `{event.anchor}` contains itself"
            raise _CannotReadError(message, start, end)
        if target is None:
            self.defects.append(
                Defect("undefined-alias", f"nothing defines the anchor `{event.anchor}`", self.place(start, end))
            )
            target = Scalar(self.source, start, end, "")
            self.undefined.add(start)
        self.weight += max(weight, 1)
        if self.weight > MAX_EXPANSION and self.weight > _EXPANSION_RATIO * self.nodes:
            message = f"aliases expand to more than {MAX_EXPANSION:,} values"
            raise _CannotReadError(message, start, end)
        if len(self.open) + self.height(target) > MAX_DEPTH:
            message = f"aliases nest deeper than {MAX_DEPTH} levels"
            raise _CannotReadError(message, start, end)
        self.add(Alias(self.source, start, end, event.anchor, target), target)

    def height(self, root: Node) -> int:
        """How many collections stand below one another in a node, itself and what its aliases repeat included."""
        known = self.heights.get(id(root))
        if known is not None:
            return known
        highest = 0
        stack = [(root, 0)]
        while stack:
            node, depth = stack.pop()
            if isinstance(node, Alias):
                highest = max(highest, depth + self.height(node.target))
                continue
            if isinstance(node, Mapping):
                stack += [(child, depth + 1) for pair in node.pairs for child in pair]
            elif isinstance(node, Sequence):
                stack += [(child, depth + 1) for child in node.children]
            highest = max(highest, depth + (not isinstance(node, Scalar)))
        self.heights[id(root)] = highest
        return highest

    def collection_started(self, event: Any, *, mapping: bool) -> None:  # noqa: ANN401
        start = event.start_mark.index
        if event.anchor is not None:
            self.anchors[event.anchor] = (None, 0)
        if event.anchor is not None or event.tag is not None:
            start = self.start_of(event)
        frame = _Open(start, event.anchor, self.weight, flow=bool(event.flow_style), mapping=mapping)
        if len(self.open) >= MAX_DEPTH:
            at = self.outer(event.start_mark.index)
            message = f"nested deeper than {MAX_DEPTH} levels"
            raise _CannotReadError(message, at, at + 1)
        self.open.append(frame)
        self.weight += 1

    def mapping_started(self, event: Any) -> None:  # noqa: ANN401
        self.collection_started(event, mapping=True)

    def sequence_started(self, event: Any) -> None:  # noqa: ANN401
        self.collection_started(event, mapping=False)

    def span_of(self, frame: _Open, event: Any, last: Node | None) -> tuple[int, int]:  # noqa: ANN401
        """The span of a collection that ends with `event`; `last` is its last child."""
        start = self.outer(frame.start)
        end = self.outer(event.end_mark.index) if frame.flow or last is None else max(last.end, start)
        return start, end

    def mapping_ended(self, event: Any) -> None:  # noqa: ANN401
        frame = self.open.pop()
        pairs = frame.raw
        start, end = self.span_of(frame, event, _later(*pairs[-1]) if pairs else None)
        entries = frame.entries or {}
        for merged in frame.merges:
            for part in merged.elements if isinstance(merged, Sequence) else [merged]:
                if isinstance(part, Mapping):
                    for key, value in part.entries.items():
                        entries.setdefault(key, value)
                elif part.start not in self.undefined:
                    message = "`<<` takes a mapping, or a list of mappings"
                    raise _CannotReadError(message, part.start, part.end)
        node = Mapping(self.source, start, end, pairs, entries, flow=frame.flow, is_simple=frame.is_simple)
        self.closed(frame, node)

    def sequence_ended(self, event: Any) -> None:  # noqa: ANN401
        frame = self.open.pop()
        raw = frame.raw
        start, end = self.span_of(frame, event, raw[-1] if raw else None)
        node = Sequence(self.source, start, end, raw, frame.items, flow=frame.flow)
        self.closed(frame, node)

    def closed(self, frame: _Open, node: Node) -> None:
        """Hand a complete collection to its parent."""
        if frame.anchor is not None:
            node.anchor = frame.anchor
            if self.anchors[frame.anchor][0] is None:  # else a node inside took the name over
                self.anchors[frame.anchor] = (node, self.weight - frame.weight)
        self.add(node, node)

    def add(self, written: Node, node: Node) -> None:
        """Put a node into the collection that is open; `written` may be an alias of `node`."""
        self.nodes += 1
        if not self.open:
            self.root = node
            return
        frame = self.open[-1]
        entries = frame.entries
        if entries is None:
            frame.raw.append(written)
            frame.items.append(node)
            return
        key = frame.key
        if key is None:
            frame.key = written
            return
        frame.key = None
        frame.raw.append((key, written))
        followed = _followed(key)
        if not isinstance(followed, Scalar):
            message = "a key is text, not a list or mapping"
            raise _CannotReadError(message, key.start, key.end)
        name = followed.text
        is_merge = name == "<<" and not followed.style
        if written is not node or followed is not key or is_merge:
            frame.is_simple = False
        if name in entries or (is_merge and frame.merges):
            frame.is_simple = False
            first = frame.first_key(name)
            line = self.source.position(first.start)[0]
            self.defects.append(
                Defect("duplicate-key", f"the key `{name}` is already set on line {line}", key.place, first.place)
            )
        if is_merge:
            frame.merges.append(node)
        else:
            entries[name] = node

    def run(self) -> Defect | None:
        """Read all documents; the defect is what ended the reading before the end of the text."""
        handlers: dict[type, Callable[[Any], None]] = {
            ScalarEvent: self.scalar,
            MappingStartEvent: self.mapping_started,
            MappingEndEvent: self.mapping_ended,
            SequenceStartEvent: self.sequence_started,
            SequenceEndEvent: self.sequence_ended,
            AliasEvent: self.alias,
            DocumentStartEvent: self.document_started,
            DocumentEndEvent: self.document_ended,
        }
        try:
            parser = CParser(self.text)
            get_event = parser.get_event
            while (event := get_event()) is not None:
                handle = handlers.get(type(event))
                if handle is not None:
                    handle(event)
        except _CannotReadError as error:
            return Defect("syntax-error", error.message, Place(self.source, error.span))
        except yaml.MarkedYAMLError as error:
            return self.marked(error)
        except yaml.reader.ReaderError as error:  # counts bytes
            return self.forbidden(len(self.text.encode()[: error.position].decode()), error.character)
        except UnicodeEncodeError as error:  # half of a surrogate pair
            return self.forbidden(error.start, ord(self.text[error.start]))
        return None

    def forbidden(self, index: int, code: int) -> Defect:
        """A character that YAML does not allow, as a defect."""
        at = self.outer(index)
        return Defect("syntax-error", f"the character U+{code:04X} is not allowed in YAML", self.place(at, at + 1))

    def marked(self, error: yaml.MarkedYAMLError) -> Defect:
        """A parser's error as a defect, at the place of the problem."""
        mark = error.problem_mark or error.context_mark
        at = self.outer(min(mark.index, len(self.text))) if mark else 0
        first = None
        message = str(error.problem or error.context)
        if error.context and error.problem:
            message = f"{error.problem} {error.context}"
            if error.context_mark and error.context_mark.line != (mark.line if mark else -1):
                begun = self.outer(error.context_mark.index)
                if mark and not self.text[mark.index :].strip():
                    # what is never closed ends with the file: there is nothing to see there
                    return Defect("syntax-error", message, self.place(begun, begun + 1), None)
                first = self.place(begun, begun + 1)
                message += f" that starts on line {self.source.position(begun)[0]}"
        return Defect("syntax-error", message, self.place(at, at + 1), first)


def _later(key: Node, value: Node) -> Node:
    return value if value.end >= key.end else key


def _followed(key: Node) -> Node:
    return key.target if isinstance(key, Alias) else key


def _block_end(text: str, start: int, end: int) -> int:
    """Where a block scalar's text ends: after its last line that is not blank, or after all lines of `|+` and `>+`."""
    raw = text[start:end]
    if "+" in raw[:3]:
        raw = raw.rstrip(" \t")
        return start + len(raw.removesuffix("\n").removesuffix("\r"))
    found = _BREAK.search(text, start + len(raw.rstrip(" \t\r\n")), end)
    return found.start() if found else end


def parse(source: Source) -> Stream:
    """Read all documents of a source.

    A syntax error ends the reading: the documents before it are kept. Never raises on any text.
    """
    text = source.text
    shift = 1 if text.startswith("\ufeff") else 0
    composer = _Composer(source, text[1:] if shift else text, None, shift)
    error = composer.run()
    return Stream(source, tuple(composer.documents), error)


def parse_within(source: Source, text: str, locate: Callable[[int], int]) -> Stream:
    """Read YAML that stands inside another source, such as a block scalar.

    Args:
        source: The outer source, which all nodes point into.
        text: The inner text.
        locate: Inner offset -> offset in `source`.
    """
    composer = _Composer(source, text, locate, 0)
    error = composer.run()
    return Stream(source, tuple(composer.documents), error)
