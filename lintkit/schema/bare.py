"""What schemas let pass and a reader should know: a list or mapping that is written as nothing, a bare annotation."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.schema import fields, words
from lintkit.schema.explain import key_place
from lintkit.schema.violation import Subject, Violation, shown
from lintkit.syntax.node import Mapping, Node, Scalar, walk

if TYPE_CHECKING:
    from collections.abc import Iterator


def empty_lists(subject: Subject) -> Iterator[Violation]:
    """Lists and mappings that are written as nothing: the API server takes them for absent."""
    for path, node in walk(subject.root):
        if not isinstance(node, Scalar) or node.text or node.style or node.tag or not path:
            continue
        types = fields.types(fields.at(path, subject.schema), subject.schema)
        if len(types) == 1 and types <= {"array", "object"} and isinstance(path[-1], str):
            message = f"`{shown((*subject.prefix, *path))}` is nothing, expected {words.types(list(types))}"
            place = key_place(subject.root, path)
            yield Violation("wrong-type", place, message, path, node, severity="info", wanted=frozenset(types))


def bare_annotations(written: Node) -> Iterator[Violation]:
    """Annotations that are no text as they are written: kustomize puts quotes around them, nothing else does."""
    annotations = written.at("metadata", "annotations")
    for name, node in annotations.entries.items() if isinstance(annotations, Mapping) else ():
        if isinstance(node, Scalar) and not node.is_null and not isinstance(node.value, str):
            path = ("metadata", "annotations", name)
            what = f"`{node.text}` at `{shown(path)}` is {words.type_of(node.value)}"
            message = f"{what}, and text is expected: quote it, as not every tool that reads this file does"
            yield Violation("unquoted-string", node.place, message, path, node, severity="warning")
