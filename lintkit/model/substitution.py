"""`${VAR}` as Flux replaces it after a build: which texts are variables, which are broken, what they become.

The grammar is that of the envsubst package that kustomize-controller uses, measured with its versions 1.4 to 1.8. It
runs over the YAML text of each built object, so keys and multi-line texts are replaced as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from lintkit.syntax.node import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Mapping as MappingOf

NAME = re.compile(r"[_A-Za-z][_A-Za-z0-9]*")
_WORD = re.compile(r"[_A-Za-z0-9]+")
_SIMPLE = re.compile(r"\$\{([_A-Za-z][_A-Za-z0-9]*)\}")
DISABLED = "kustomize.toolkit.fluxcd.io/substitute"
_MAX_NESTING = 20
_OPENING = frozenset("[{'\"")
_QUOTED = re.compile(r"""(['"])([^'"\\]*)\1""")
_NEEDS_QUOTES = re.compile(r"^[-?:,\[\]{}#&*!|>'\"%@`\s]|:\s|:$|\s#|\s$|^$|[\x00-\x08\x0b-\x1f\x7f]")


class Expression(NamedTuple):
    """One `${...}` in a text.

    Attributes:
        start: Offset of the `$` in the text.
        end: Offset after the closing brace; after the name where the text is broken.
        name: The variable's name; empty where the text is broken before it.
        operator: What follows the name: empty, `:-`, `:=`, `^` ...
        default: What stands after `:-` or `:=`; None for other operators.
        mistake: Why Flux cannot read it, or empty.
    """

    start: int
    end: int
    name: str
    operator: str
    default: str | None
    mistake: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Variables:
    """What a Flux Kustomization replaces.

    Attributes:
        values: Name -> text; None when it is defined and its text is not known here.
        origins: Name -> where it is defined.
        is_open: More names may be defined: an object of `substituteFrom` is not in this tree, or has unknown keys.
        is_on: Whether anything is replaced at all; without `postBuild` nothing is.
        external: Globs of names that are defined outside of this repository.
    """

    values: MappingOf[str, str | None] = field(default_factory=dict)
    origins: MappingOf[str, Node] = field(default_factory=dict)
    is_open: bool = False
    is_on: bool = False
    external: tuple[str, ...] = ()


NONE = Variables()


def expressions(text: str) -> Iterator[Expression]:
    """Every `${...}` of a text that is not escaped as `$${...}`, broken ones included; nested ones come after."""
    at = 0
    while True:
        at = text.find("$", at)
        if at < 0 or at + 1 >= len(text):
            return
        if text[at + 1] == "$":
            at += 2
            continue
        if text[at + 1] != "{":
            at += 1
            continue
        expression = _read(text, at)
        yield expression
        if expression.default and "${" in expression.default:
            yield from _nested(expression, 0)
        at = max(expression.end, at + 2)


def _nested(outer: Expression, depth: int) -> Iterator[Expression]:
    """The variables of a default, at the place of the whole."""
    if depth < _MAX_NESTING and outer.default is not None:
        for inner in expressions(outer.default):
            yield inner._replace(start=outer.start, end=outer.end)


def _read(text: str, start: int) -> Expression:
    at = start + 2
    length = text.startswith("#", at)
    found = _WORD.match(text, at + length)
    if not found:
        shown = text[start : start + 12].split("\n", maxsplit=1)[0]
        end = text.find("}", at)
        end = end + 1 if 0 <= end < start + 80 else at
        return Expression(start, end, "", "", None, f"`{shown}` does not name a variable")
    name, at = found[0], found.end()
    if text.startswith("}", at):
        return Expression(start, at + 1, name, "#" if length else "", None)
    if length:
        return Expression(start, at, name, "#", None, "the closing brace is missing")
    operator = next((mark for mark in (":-", ":=", "^^", ",,", "//", "##", "%%") if text.startswith(mark, at)), "")
    operator = operator or text[at : at + 1]
    if operator not in {":-", ":=", "^", "^^", ",", ",,", ":", "/", "//", "#", "##", "%", "%%"}:
        what = "a space" if operator.isspace() else f"`{operator}`" if operator else "the end of the text"
        return Expression(start, at, name, operator, None, f"{what} cannot follow the name `{name}`")
    end = _closing(text, at + len(operator))
    if end < 0:
        return Expression(start, at, name, operator, None, "the closing brace is missing")
    default = text[at + len(operator) : end] if operator in {":-", ":="} else None
    return Expression(start, end + 1, name, operator, default)


def _closing(text: str, at: int) -> int:
    depth = 0
    while at < len(text):
        if text.startswith("${", at):
            depth += 1
            at += 2
            continue
        if text[at] == "}":
            if depth == 0:
                return at
            depth -= 1
        at += 1
    return -1


def expand(text: str, variables: Variables, depth: int = 0) -> str | None:
    """What a text becomes, or None when a value in it is not known.

    An undefined variable without a default becomes the empty text, as lenient Flux does.
    """
    if not variables.is_on:
        return text
    parts: list[str] = []
    at = 0
    while True:
        mark = text.find("$", at)
        if mark < 0 or mark + 1 >= len(text):
            parts.append(text[at:])
            return "".join(parts)
        parts.append(text[at:mark])
        following = text[mark + 1]
        if following == "$":
            parts.append("$")
            at = mark + 2
        elif following != "{":
            parts.append("$")
            at = mark + 1
        else:
            expression = _read(text, mark)
            value = None if expression.mistake else _value(expression, variables, depth)
            if value is None:
                return None
            parts.append(value)
            at = expression.end


def _value(expression: Expression, variables: Variables, depth: int) -> str | None:
    name = expression.name
    known = name in variables.values
    value = variables.values.get(name)
    if known and value is None:
        return None
    if not known and (variables.is_open or any(fnmatchcase(name, pattern) for pattern in variables.external)):
        return None
    value = (value or "").replace("\n", "")
    if expression.default is not None:
        if value or depth > _MAX_NESTING:
            return value
        return expand(expression.default, variables, depth + 1)
    match expression.operator:
        case "":
            return value
        case "#":
            return str(len(value))
        case "^^":
            return value.upper()
        case ",,":
            return value.lower()
        case "^":
            return value[:1].upper() + value[1:]
        case ",":
            return value[:1].lower() + value[1:]
    return None if value else ""


def substitute(root: Mapping, variables: Variables) -> Mapping:
    """Replace the variables of an object; texts with unknown values stay as they are."""
    if not variables.is_on or _is_disabled(root):
        return root
    replaced = _substitute(root, variables)
    return replaced if isinstance(replaced, Mapping) else root


def is_exempt(root: Mapping) -> bool:
    """Whether an object opts out of substitution by a label or annotation."""
    return _is_disabled(root)


def _is_disabled(root: Mapping) -> bool:
    return any(root.text_at("metadata", where, DISABLED) == "disabled" for where in ("annotations", "labels"))


def _substitute(node: Node, variables: Variables) -> Node:
    if isinstance(node, Scalar):
        return _scalar(node, variables) if "$" in node.text else node
    if isinstance(node, Sequence):
        elements = [_substitute(element, variables) for element in node.elements]
        same = all(new is old for new, old in zip(elements, node.elements, strict=True))
        return node if same else node.with_elements(elements)
    if isinstance(node, Mapping):
        pairs: list[tuple[Node, Node]] = []
        changed = False
        for key, value in node.items():
            new_key = _scalar(key, variables) if "$" in key.text else key
            new = _substitute(value, variables)
            changed = changed or new is not value or new_key is not key
            pairs.append((new_key, new))
        if changed:
            entries = {key.text: value for key, value in pairs if isinstance(key, Scalar)}
            return Mapping(node.source, node.start, node.end, pairs, entries, flow=node.flow)
    return node


def _scalar(node: Scalar, variables: Variables) -> Scalar:
    text = expand(node.text, variables)
    if text is None or text == node.text:
        return node
    style = '"' if node.style in {"|", ">"} or "\n" in node.text or _NEEDS_QUOTES.search(node.text) else ""
    if not style and text[:1] in _OPENING:  # Flux reads the result as YAML once more
        quoted = _QUOTED.fullmatch(text)
        return node.with_text(quoted[2], '"') if quoted else node
    if not style and text and _NEEDS_QUOTES.search(text):
        style = '"'
    return node.with_text(text, style)


def is_decided(text: str) -> bool:
    """Whether a text holds no variable any more."""
    return _SIMPLE.search(text) is None and "${" not in text
