"""The positioned tree of a YAML document.

A node knows the source it stands in and its half-open span of characters there. Nodes never change once the parser has
made them; what kustomize changes is a new node that shares everything else with the old one, so that every field of a
built object still knows the file and line that brought it in.

Reading goes through `get`, `at`, `items` and `elements`, which follow aliases and merge keys; `pairs` and `children`
are the text as it stands, for those who judge or edit the text itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from lintkit.syntax.plain import flux_value
from lintkit.text.edit import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from collections.abc import Sequence as SequenceOf

    from lintkit.text.source import Source

KeyPath: TypeAlias = tuple[str | int, ...]


class Place(NamedTuple):
    """A span of a source: what a finding underlines."""

    source: Source
    span: Span


class Node:
    """A value in a document.

    Args:
        source: Where it is written.
        start: Offset of its first character, after an anchor or tag.
        end: Offset after its last character; a block collection ends where its last child ends.
    """

    __slots__ = ("anchor", "end", "source", "start", "tag")

    def __init__(self, source: Source, start: int, end: int, tag: str | None = None, anchor: str | None = None) -> None:
        self.source = source
        self.start = start
        self.end = end
        self.tag = tag
        self.anchor = anchor

    @property
    def place(self) -> Place:
        """Where the value stands."""
        return Place(self.source, Span(self.start, self.end))

    @property
    def value(self) -> Any:  # noqa: ANN401 - any YAML value
        """The plain Python value, as Flux reads it: str, int, float, bool, None, list or dict."""
        raise NotImplementedError

    def at(self, *path: str | int) -> Node | None:
        """The node below at a key path, or None."""
        node: Node | None = self
        for step in path:
            if isinstance(node, Mapping):
                node = node.entries.get(step) if isinstance(step, str) else None
            elif isinstance(node, Sequence) and isinstance(step, int):
                node = node.elements[step] if -len(node.elements) <= step < len(node.elements) else None
            else:
                return None
        return node

    def text_at(self, *path: str | int) -> str | None:
        """The text of the non-null scalar at a key path, or None."""
        node = self.at(*path)
        return node.text if isinstance(node, Scalar) and not node.is_null else None

    def mapping_at(self, *path: str | int) -> Mapping | None:
        """The mapping at a key path, or None."""
        node = self.at(*path)
        return node if isinstance(node, Mapping) else None

    def elements_at(self, *path: str | int) -> SequenceOf[Node]:
        """The elements of the sequence at a key path; empty when there is none."""
        node = self.at(*path)
        return node.elements if isinstance(node, Sequence) else ()

    def mappings_at(self, *path: str | int) -> list[Mapping]:
        """The mappings among the elements of the sequence at a key path."""
        return [element for element in self.elements_at(*path) if isinstance(element, Mapping)]


class Scalar(Node):
    """A scalar: `text` is its content after quotes, escapes and folding, `style` its quote or `|` or `>`, or empty."""

    __slots__ = ("style", "text")

    def __init__(  # noqa: PLR0913, PLR0917 - one call a scalar, on the hottest path there is
        self,
        source: Source,
        start: int,
        end: int,
        text: str,
        style: str = "",
        tag: str | None = None,
        anchor: str | None = None,
    ) -> None:
        self.source = source
        self.start = start
        self.end = end
        self.text = text
        self.style = style
        self.tag = tag
        self.anchor = anchor

    def __repr__(self) -> str:
        return f"Scalar({self.text!r} at {self.source.path}:{self.start})"

    @property
    def value(self) -> Any:  # noqa: ANN401 - any YAML scalar
        """The value as Flux reads it."""
        if self.style or self.tag is not None:
            if self.tag in {"tag:yaml.org,2002:int", "tag:yaml.org,2002:float", "tag:yaml.org,2002:bool"}:
                return flux_value(self.text)
            return None if self.tag == "tag:yaml.org,2002:null" else self.text
        return flux_value(self.text)

    @property
    def is_null(self) -> bool:
        """Whether it is null: nothing, `~` or `null`, unquoted."""
        return not self.style and self.text in {"", "~", "null", "Null", "NULL"} and self.tag is None

    @property
    def is_text(self) -> bool:
        """Whether Flux reads it as text."""
        return (bool(self.style) and self.tag is None) or isinstance(self.value, str)

    def within(self, part: str, occurrence: int = 0) -> Place:
        """Where `part` of the text stands in the source; the whole scalar when it cannot be told apart."""
        at = self.start - 1
        for _ in range(occurrence + 1):
            at = self.source.text.find(part, at + 1, self.end)
            if at < 0:
                return self.place
        return Place(self.source, Span(at, at + len(part)))

    def with_text(self, text: str, style: str | None = None) -> Scalar:
        """The same place with another text."""
        return Scalar(self.source, self.start, self.end, text, self.style if style is None else style, self.tag)


class Alias(Node):
    """`*name`, standing where another node is repeated."""

    __slots__ = ("name", "target")

    def __init__(self, source: Source, start: int, end: int, name: str, target: Node) -> None:
        super().__init__(source, start, end)
        self.name = name
        self.target = target

    @property
    def value(self) -> Any:  # noqa: ANN401 - any YAML value
        """The value of what it repeats."""
        return self.target.value


class Sequence(Node):
    """A list; `children` as written, `elements` with aliases followed."""

    __slots__ = ("children", "elements", "flow")

    def __init__(
        self, source: Source, start: int, end: int, children: list[Node], elements: list[Node], *, flow: bool = False
    ) -> None:
        super().__init__(source, start, end)
        self.children = children
        self.elements = elements
        self.flow = flow

    def __repr__(self) -> str:
        return f"Sequence({len(self.children)} at {self.source.path}:{self.start})"

    @property
    def value(self) -> list[Any]:
        """The plain values."""
        return [element.value for element in self.elements]

    def with_elements(self, elements: list[Node]) -> Sequence:
        """The same place with other elements."""
        return Sequence(self.source, self.start, self.end, elements, elements, flow=self.flow)


class Mapping(Node):
    """A map; `pairs` as written, duplicate keys included, `entries` with aliases and merge keys followed.

    `is_simple` says that there is no alias, merge key or repeated key, so that `pairs` are the items.
    """

    __slots__ = ("entries", "flow", "is_simple", "pairs")

    def __init__(  # noqa: PLR0913 - made here and by the parser alone
        self,
        source: Source,
        start: int,
        end: int,
        pairs: list[tuple[Node, Node]],
        entries: dict[str, Node],
        *,
        flow: bool = False,
        is_simple: bool = False,
    ) -> None:
        super().__init__(source, start, end)
        self.pairs = pairs
        self.entries = entries
        self.flow = flow
        self.is_simple = is_simple

    def __repr__(self) -> str:
        return f"Mapping({', '.join(self.entries)} at {self.source.path}:{self.start})"

    @property
    def value(self) -> dict[str, Any]:
        """The plain values by the text of their keys."""
        return {key: node.value for key, node in self.entries.items()}

    def get(self, key: str) -> Node | None:
        """The value of `key`, or None."""
        return self.entries.get(key)

    def text(self, key: str) -> str | None:
        """The text of the non-null scalar at `key`, or None."""
        node = self.entries.get(key)
        return node.text if isinstance(node, Scalar) and not node.is_null else None

    def items(self) -> Iterable[tuple[Scalar, Node]]:
        """Keys and values, aliases and merge keys followed, a repeated key once with its last value."""
        return self.pairs if self.is_simple else self._followed()  # type: ignore[return-value] # its keys are scalars

    def _followed(self) -> Iterator[tuple[Scalar, Node]]:
        seen: set[str] = set()
        for key, _ in self.pairs:
            if isinstance(key, Scalar) and key.text in self.entries and key.text not in seen:
                seen.add(key.text)
                yield key, self.entries[key.text]
        if len(seen) < len(self.entries):
            for merged in self._merged():
                for key, value in merged.items():
                    if key.text not in seen:
                        seen.add(key.text)
                        yield key, value

    def key(self, name: str) -> Scalar | None:
        """The node of the key `name`, the last one when it is repeated."""
        found = None
        for key, _ in self.pairs:
            if isinstance(key, Scalar) and key.text == name:
                found = key
        if found is None and name in self.entries:
            for merged in self._merged():
                found = found or merged.key(name)
        return found

    def _merged(self) -> Iterator[Mapping]:
        for key, value in self.pairs:
            if isinstance(key, Scalar) and key.text == "<<" and not key.style:
                target = value.target if isinstance(value, Alias) else value
                for part in target.elements if isinstance(target, Sequence) else (target,):
                    if isinstance(part, Mapping):
                        yield part

    def with_entry(self, key: Scalar, value: Node) -> Mapping:
        """The same place with `key` set to `value`."""
        if key.text in self.entries:
            pairs: list[tuple[Node, Node]] = [
                (old, value if old.text == key.text else node) for old, node in self.items()
            ]
        else:
            pairs = [*self.items(), (key, value)]
        entries = {**self.entries, key.text: value}
        return Mapping(self.source, self.start, self.end, pairs, entries, flow=self.flow, is_simple=True)

    def without(self, name: str) -> Mapping:
        """The same place without the key `name`."""
        pairs: list[tuple[Node, Node]] = [(key, node) for key, node in self.items() if key.text != name]
        entries = {key: node for key, node in self.entries.items() if key != name}
        return Mapping(self.source, self.start, self.end, pairs, entries, flow=self.flow, is_simple=True)


class Document(NamedTuple):
    """One document of a source.

    `defects` are the mistakes that leave the document readable: duplicate keys and undefined aliases, each with the
    node that is wrong and, for a duplicate, the node that came first.
    """

    source: Source
    number: int
    root: Node | None
    start: int
    end: int
    defects: tuple[Defect, ...]

    def at(self, path: str | KeyPath) -> Node | None:
        """The node at a key path: a tuple, or text with `/` between the steps, digits being list positions."""
        if isinstance(path, str):
            path = tuple(int(step) if step.isdigit() else step for step in path.split("/") if step)
        return self.root.at(*path) if self.root else None


class Defect(NamedTuple):
    """A mistake in the YAML itself: `kind` is `duplicate-key`, `undefined-alias` or `syntax-error`."""

    kind: str
    message: str
    place: Place
    first: Place | None = None


class Stream(NamedTuple):
    """All documents of one source, and the error that ended the reading, if one did."""

    source: Source
    documents: tuple[Document, ...]
    error: Defect | None


def walk(root: Node) -> Iterator[tuple[KeyPath, Node]]:
    """Every node below and including `root` with its key path, in document order; aliases and merge keys followed."""
    stack: list[tuple[KeyPath, Node]] = [((), root)]
    while stack:
        path, node = stack.pop()
        yield path, node
        if isinstance(node, Mapping):
            stack.extend(((*path, key), value) for key, value in reversed(node.entries.items()))
        elif isinstance(node, Sequence):
            stack.extend(((*path, index), node.elements[index]) for index in range(len(node.elements) - 1, -1, -1))


def scalars(root: Node) -> Iterator[Scalar]:
    """Every scalar value as it is written, in document order; aliases are not followed, keys are left out."""
    stack = [root]
    while stack:
        node = stack.pop()
        if isinstance(node, Scalar):
            yield node
        elif isinstance(node, Mapping):
            stack.extend(value for _, value in reversed(node.pairs))
        elif isinstance(node, Sequence):
            stack.extend(reversed(node.children))
