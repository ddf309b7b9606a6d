"""Reads `.lintkit.yaml` or `[tool.lintkit]` into Options, with the line of every mistake."""

from __future__ import annotations

import dataclasses
import re
import types
import typing
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from lintkit import plugins
from lintkit.errors import ConfigurationError
from lintkit.options import External, Ignore, Options
from lintkit.syntax.node import Mapping, Node, Place, Scalar, Sequence
from lintkit.syntax.parser import parse
from lintkit.text.source import Source, decode

if TYPE_CHECKING:
    from collections.abc import Iterator

FILE = ".lintkit.yaml"
_T = typing.TypeVar("_T")


def load(root: Path | str, explicit: Path | None = None) -> Options:
    """The options of a tree.

    Args:
        root: Root of the tree; `.lintkit.yaml` there wins over `[tool.lintkit]` of its `pyproject.toml`.
        explicit: A configuration file named on the command line.

    Raises:
        ConfigurationError: The file cannot be read, or says something that cannot be.
    """
    root = Path(root)
    path = path_of(root, explicit)
    options = _read(root, path, is_named=explicit is not None) if path is not None else Options()
    if options.plugins and path is not None and path.resolve().is_relative_to(root.resolve()):
        message = (
            f"a tree does not choose what runs: `plugins` is for --plugin, {plugins.VARIABLE}, and files outside of it"
        )
        raise ConfigurationError(message, str(path))
    more = plugins.from_environment()
    return dataclasses.replace(options, plugins=(*options.plugins, *more)) if more else options


def _read(root: Path, path: Path, *, is_named: bool) -> Options:
    if not is_named and not path.resolve().is_relative_to(root.resolve()):
        message = "is a link out of the tree, and those are not followed"
        raise ConfigurationError(message, str(path))
    try:
        text, broken = decode(path.read_bytes())
    except OSError as error:
        message = f"cannot be read: {error.strerror}"
        raise ConfigurationError(message, str(path)) from error
    if broken is not None:
        message = "is not valid UTF-8"
        raise ConfigurationError(message, str(path), Source(str(path), text).position(broken)[0])
    return read_toml(text, str(path)) if path.suffix == ".toml" else read_yaml(text, str(path))


def path_of(root: Path, explicit: Path | None = None) -> Path | None:
    """The configuration file of a tree, as short as a person would type it; None when there is none."""
    if explicit is not None:
        return explicit
    found = next((path for name in (FILE, "pyproject.toml") if (path := root / name).is_file()), None)
    here = Path.cwd()
    return found.relative_to(here) if found is not None and found.is_relative_to(here) else found


def read_yaml(text: str, path: str) -> Options:
    """Options from the text of a `.lintkit.yaml`."""
    stream = parse(Source(path, text))
    defects = [stream.error] if stream.error else [one for part in stream.documents for one in part.defects]
    for defect in defects:
        line, column = stream.source.position(defect.place.span.start)
        raise ConfigurationError(defect.message, path, line, column)
    root = stream.documents[0].root if stream.documents else None
    if root is None or (isinstance(root, Scalar) and root.is_null):
        return Options()
    options: Options = _decode(root, Options, "")
    return options


def read_toml(text: str, path: str) -> Options:
    """Options from the `[tool.lintkit]` table of a TOML file; no table is no options."""
    import tomllib  # noqa: PLC0415 - most trees have no TOML

    try:
        table = tomllib.loads(text).get("tool", {}).get("lintkit")
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+), column (\d+)", str(error))
        line, column = (int(found[1]), int(found[2])) if found else (0, 0)
        raise ConfigurationError(str(error), path, line, column) from error
    if table is None:
        return Options()
    options: Options = _decode(_node(table, Source(path, text), 0), Options, "")
    return options


def _node(value: Any, source: Source, near: int) -> Node:  # noqa: ANN401 - a TOML value
    """A TOML value as nodes, each key where its text is found."""
    if isinstance(value, dict):
        pairs: list[tuple[Node, Node]] = []
        for name, inner in value.items():
            found = re.compile(rf"(?<![\w-]){re.escape(name)}(?![\w-])").search(source.text, near)
            at = found.start() if found else near
            pairs.append((Scalar(source, at, at + len(name), name, '"'), _node(inner, source, at)))
        entries = {key.text: node for key, node in pairs if isinstance(key, Scalar)}
        return Mapping(source, near, near, pairs, entries)
    if isinstance(value, list):
        elements = [_node(inner, source, near) for inner in value]
        return Sequence(source, near, near, elements, elements)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    at = max(near, source.text.find(text, near))
    return Scalar(source, at, at, text, '"' if isinstance(value, str) else "")


def mistake(message: str, place: object) -> ConfigurationError:
    """An error about a part of a configuration file; `place` is None for options that come from no file."""
    if not isinstance(place, Place):
        return ConfigurationError(message)
    line, column = place.source.position(place.span.start)
    return ConfigurationError(message, place.source.path, line, column)


def decode_as(root: Node, wanted: type[_T]) -> _T:
    """A mapping as a dataclass whose fields are made with `option`.

    Raises:
        ConfigurationError: It says something that cannot be.
    """
    decoded: _T = _decode(root, wanted, "")
    return decoded


def _fail(node: Node, message: str) -> NoReturn:
    raise mistake(message, node.place)


def _decode(node: Node, wanted: Any, where: str) -> Any:  # noqa: ANN401 - one branch a type
    """A node as a value of the wanted type."""
    origin = typing.get_origin(wanted)
    if dataclasses.is_dataclass(wanted):
        return _dataclass(node, wanted, where)
    if origin is tuple:
        inner = typing.get_args(wanted)[0]
        if not isinstance(node, Sequence):
            _fail(node, f"{where} is a list, not {_kind(node)}")
        return tuple(_decode(element, inner, f"{where}[{index}]") for index, element in enumerate(node.elements))
    if origin is dict:
        inner = typing.get_args(wanted)[1]
        if not isinstance(node, Mapping):
            _fail(node, f"{where} is a mapping, not {_kind(node)}")
        return {key.text: _decode(value, inner, f"{where}.{key.text}") for key, value in node.items()}
    if origin in {typing.Union, types.UnionType}:
        choices = typing.get_args(wanted)
        if str in choices and isinstance(node, Scalar):
            return node.text
        structured = [choice for choice in choices if choice is not str and choice is not type(None)]
        return _decode(node, structured[0], where)
    if origin is typing.Literal:
        values = typing.get_args(wanted)
        if not isinstance(node, Scalar) or node.text not in values:
            _fail(node, f"{where} is one of {', '.join(map(str, values))}, not {_kind(node)}")
        return node.text
    return _scalar(node, wanted, where)


def _scalar(node: Node, wanted: Any, where: str) -> Any:  # noqa: ANN401
    if not isinstance(node, Scalar) or node.is_null:
        _fail(node, f"{where} is {_TYPES[wanted]}, not {_kind(node)}")
    if wanted is str:
        return node.text
    value = node.value
    if not isinstance(value, wanted) or (wanted is int and isinstance(value, bool)):
        _fail(node, f"{where} is {_TYPES[wanted]}, not {_kind(node)}")
    return value


_TYPES = {str: "text", bool: "true or false", int: "a whole number"}


def _kind(node: Node) -> str:
    if isinstance(node, Mapping):
        return "a mapping"
    if isinstance(node, Sequence):
        return "a list"
    return f"`{node.text}`" if isinstance(node, Scalar) and node.text else "nothing"


def fields(wanted: Any) -> list[dataclasses.Field[Any]]:  # noqa: ANN401 - a class of options
    """The fields of a class of options that a file may set."""
    return [one for one in dataclasses.fields(wanted) if "help" in one.metadata]


def _dataclass(node: Node, wanted: Any, where: str) -> Any:  # noqa: ANN401
    if not isinstance(node, Mapping):
        _fail(node, f"{where or 'the configuration'} is a mapping, not {_kind(node)}")
    known = {one.name.replace("_", "-"): one for one in fields(wanted)}
    hints = typing.get_type_hints(wanted)
    given: dict[str, Any] = {}
    for key, value in node.items():
        if key.text not in known:
            close = get_close_matches(key.text, known, 1)
            hint = f"; did you mean `{close[0]}`?" if close else f"; expected one of {', '.join(sorted(known))}"
            _fail(key, f"`{key.text}` is no option{f' of {where}' if where else ''}{hint}")
        one = known[key.text]
        path = f"{where}.{key.text}" if where else key.text
        decoded = _decode(value, hints[one.name], path)
        pattern = one.metadata.get("pattern")
        if pattern and not re.search(pattern, str(decoded)):
            _fail(value, f"{path} is `{decoded}`, which is not of the form `{pattern}`")
        given[one.name] = decoded
    for name, one in known.items():
        if one.default is dataclasses.MISSING and one.name not in given:
            _fail(node, f"{where} needs `{name}`")
    if wanted in {External, Ignore}:
        given["place"] = node.place
    if wanted is Options:
        given["places"] = dict(_named_rules(node))
    try:
        return wanted(**given)
    except ValueError as error:
        _fail(node, f"{where}: {error}")


def _named_rules(root: Mapping) -> Iterator[tuple[str, Place]]:
    """The rules and categories that a configuration names, where it names them first."""
    named = [node for key in ("select", "extend-select", "ignore") for node in root.elements_at(key)]
    severity = root.mapping_at("severity")
    for node in reversed([*named, *(key for key, _ in severity.items())] if severity is not None else named):
        if isinstance(node, Scalar):
            yield node.text, node.place


def json_schema() -> dict[str, Any]:
    """The JSON Schema (2020-12) of `.lintkit.yaml`, made from the fields of Options."""
    schema = _schema(Options)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Configuration of lintkit",
        **schema,
    }


def _schema(wanted: Any) -> dict[str, Any]:  # noqa: ANN401
    origin = typing.get_origin(wanted)
    if dataclasses.is_dataclass(wanted):
        hints = typing.get_type_hints(wanted)
        properties: dict[str, Any] = {}
        required = []
        for one in fields(wanted):
            name = one.name.replace("_", "-")
            properties[name] = {"description": one.metadata["help"], **_schema(hints[one.name])}
            if one.metadata.get("pattern"):
                properties[name]["pattern"] = one.metadata["pattern"]
            if one.default is dataclasses.MISSING:
                required.append(name)
        result: dict[str, Any] = {"type": "object", "additionalProperties": False, "properties": properties}
        return {**result, "required": required} if required else result
    if origin is tuple:
        return {"type": "array", "items": _schema(typing.get_args(wanted)[0])}
    if origin is dict:
        return {"type": "object", "additionalProperties": _schema(typing.get_args(wanted)[1])}
    if origin in {typing.Union, types.UnionType}:
        choices = [_schema(choice) for choice in typing.get_args(wanted) if choice is not type(None)]
        return {"anyOf": choices} if len(choices) > 1 else choices[0]
    if origin is typing.Literal:
        return {"enum": list(typing.get_args(wanted))}
    return {"type": {str: "string", bool: "boolean", int: "integer"}[wanted]}
