"""A YAML file -> dataclasses, with the line of every mistake."""

from __future__ import annotations

import dataclasses
import re
import typing
from collections.abc import Mapping as MappingType
from difflib import get_close_matches
from typing import Any, NoReturn, TypeVar

from lintkit.errors import UsageError
from lintkit.syntax.node import Mapping, Node, Scalar, Sequence
from lintkit.syntax.parser import parse
from lintkit.text.source import Source

NOT_READ = {"read": False}
"""Metadata of a field that no file sets."""
_NAME = re.compile(r"[a-z][a-z0-9-]*")
T = TypeVar("T")


def read(wanted: type[T], text: str, path: str) -> T:
    """Read a dataclass out of YAML.

    Fields are keys, with dashes for underscores. Texts, flags, lists and mappings of them, and dataclasses are known; a
    list of dataclasses that have a `name` which no file sets is a mapping from that name.

    Raises:
        UsageError: The file is no YAML, or does not fit; names file and line.
    """
    source = Source(path, text)
    stream = parse(source)
    if stream.error is not None:
        line, column = source.position(stream.error.place.span.start)
        message = f"{path}:{line}:{column}: {stream.error.message}"
        raise UsageError(message)
    root = stream.documents[0].root if stream.documents else None
    if not isinstance(root, Mapping):
        message = f"{path}: expected a mapping"
        raise UsageError(message)
    made: T = _Reader(path).structure(wanted, root, "")
    return made


class _Reader:
    def __init__(self, path: str) -> None:
        self.path = path

    def structure(self, wanted: Any, node: Node, where: str) -> Any:  # noqa: ANN401 - a dataclass
        fields = {one.name: one for one in dataclasses.fields(wanted) if one.metadata.get("read", True)}
        if isinstance(node, Scalar) and not node.is_null and "template" in fields:
            return wanted(template=node.text)
        if not isinstance(node, Mapping):
            self._fail(node, where, "expected a mapping")
        hints = typing.get_type_hints(wanted)
        values: dict[str, Any] = {}
        for key, value in node.items():
            name = key.text.replace("-", "_")
            if name not in fields:
                known = [one.replace("_", "-") for one in fields]
                close = get_close_matches(key.text, known, 1)
                hint = f"; did you mean `{close[0]}`?" if close else f"; there are {', '.join(sorted(known))}"
                self._fail(key, where, f"`{key.text}` is not known{hint}")
            values[name] = self._value(hints[name], value, f"{where}.{key.text}" if where else key.text)
        for name, one in fields.items():
            has_default = one.default is not dataclasses.MISSING or one.default_factory is not dataclasses.MISSING
            if name not in values and not has_default:
                self._fail(node, where, f"`{name.replace('_', '-')}` is missing")
        return wanted(**values)

    def _value(self, hint: Any, node: Node, where: str) -> Any:  # noqa: ANN401 - any type
        origin, arguments = typing.get_origin(hint), typing.get_args(hint)
        if hint is Any:
            return node.value
        if hint is str:
            return self._text(node, where)
        if hint is bool:
            return node.value if isinstance(node.value, bool) else self._fail(node, where, "expected true or false")
        if origin is typing.Literal:
            text = self._text(node, where)
            return text if text in arguments else self._fail(node, where, f"expected one of {', '.join(arguments)}")
        if dataclasses.is_dataclass(hint):
            return self.structure(hint, node, where)
        if origin is tuple:
            return tuple(self._elements(arguments[0], node, where))
        if origin is MappingType:
            if not isinstance(node, Mapping):
                self._fail(node, where, "expected a mapping")
            return {key.text: self._value(arguments[1], value, f"{where}.{key.text}") for key, value in node.items()}
        raise TypeError(hint)

    def _elements(self, hint: Any, node: Node, where: str) -> list[Any]:  # noqa: ANN401 - any type
        if isinstance(node, Mapping) and dataclasses.is_dataclass(hint) and not _reads_name(hint):
            found = []
            for key, value in node.items():
                if not _NAME.fullmatch(key.text):
                    self._fail(key, where, f"`{key.text}`: a name is small letters, digits and dashes")
                found.append(dataclasses.replace(self._value(hint, value, f"{where}.{key.text}"), name=key.text))
            return found
        if not isinstance(node, Sequence):
            self._fail(node, where, "expected a list")
        return [self._value(hint, one, where) for one in node.elements]

    def _text(self, node: Node, where: str) -> str:
        if not isinstance(node, Scalar) or node.is_null:
            self._fail(node, where, "expected a text")
        return node.text

    def _fail(self, node: Node, where: str, message: str) -> NoReturn:
        line = node.source.position(node.start)[0]
        text = f"{self.path}:{line}: {where + ': ' if where else ''}{message}"
        raise UsageError(text)


def _reads_name(hint: Any) -> bool:  # noqa: ANN401 - a dataclass
    return any(one.name == "name" and one.metadata.get("read", True) for one in dataclasses.fields(hint)) or not any(
        one.name == "name" for one in dataclasses.fields(hint)
    )
