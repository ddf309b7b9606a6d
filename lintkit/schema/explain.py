"""From the errors of a validator to statements about fields, each at its own place; the deepest cause speaks."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from lintkit.model.names import closest
from lintkit.schema import fields, words
from lintkit.schema.shapes import INSTEAD, LENIENT
from lintkit.schema.violation import Level, Path, Subject, Violation, is_combined, shown
from lintkit.syntax.node import Mapping, Node, Place, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from lintkit.schema.validator import SchemaError

_UNDECIDED = re.compile(r"\$\{|\{\{|^ENC\[|\$\(")
_GENERAL = frozenset(
    {
        "name", "kind", "type", "key", "value", "apiVersion", "metadata", "spec", "namespace", "data", "enabled",
        "enable", "optional",
    }
)  # fmt: skip
"""Fields of so many objects that a stray one says nothing of where it was meant to be."""
_LIMITS = frozenset(
    {
        "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength",
        "minItems", "maxItems", "minProperties", "maxProperties",
    }
)  # fmt: skip
_MOST_TEXT = 60


def explain(errors: Iterable[SchemaError], subject: Subject) -> Iterator[Violation]:
    """What is wrong, one statement for each field.

    A value that a variable, a template or encryption hides is not judged, and neither is what depends on one.
    """
    found = list(errors)
    told = [error.path for error in found if not is_combined(error) and error.keyword != "not"]
    for error in found:
        if is_combined(error) and any(path[: len(error.path)] == error.path for path in told):
            continue
        yield from _explained(error, subject)


def is_undecided(node: Node | None) -> bool:
    """Whether a variable, a template or encryption hides a value, or a part of it."""
    if isinstance(node, Scalar):
        return _UNDECIDED.search(node.text) is not None
    if isinstance(node, Mapping):
        return any(is_undecided(child) or "${" in key for key, child in node.entries.items())
    if isinstance(node, Sequence):
        return any(is_undecided(child) for child in node.elements)
    return False


def _explained(error: SchemaError, subject: Subject) -> Iterator[Violation]:
    node = subject.root.at(*error.path)
    if node is None:
        return
    keyword = error.keyword
    if keyword in {"additionalProperties", "unevaluatedProperties"}:
        yield from _unknown(error, node, subject)
    elif (keyword == "falseSchema" or fields.is_never(error.schema)) and error.path and isinstance(error.path[-1], str):
        yield from _forbidden(error, subject)
    elif (keyword == "type" or is_combined(error)) and (outer := _belongs_outside(error, node, subject)) is not None:
        yield outer
    elif keyword == "required":
        yield from _missing(error, node, subject)
    elif is_combined(error):
        yield from _combined(error, node, subject)
    elif isinstance(node, Scalar) and is_undecided(node):
        return
    elif keyword == "type":
        yield _wrong_type(error, node, subject, error.details["types"])
    elif keyword == "propertyNames":
        yield from _wrong_key(error, node, subject)
    else:
        yield from _invalid(error, node, subject)


def _where(subject: Subject, path: Path) -> str:
    return f"`{shown((*subject.prefix, *path))}`" if path or subject.prefix else subject.name


def _unknown(error: SchemaError, node: Node, subject: Subject) -> Iterator[Violation]:
    if not isinstance(node, Mapping):
        return
    schema = fields.at(error.path, subject.schema) or error.schema
    known = list(fields.properties(schema, subject.schema)) or list(error.schema.get("properties", {}))
    for name in error.details["unexpected"]:
        key = node.key(name)
        if key is None or _UNDECIDED.search(name):
            continue
        yield _unknown_field(name, key, error.path, [one for one in known if one not in node.entries], subject)


def _unknown_field(name: str, key: Scalar, path: Path, known: list[str], subject: Subject) -> Violation:
    """A field that is misspelled, stands in the wrong place, or is none at all."""
    node = subject.root.at(*path, name)
    whole = (*subject.prefix, *path, name)
    message = f"`{name}` is no field of {_where(subject, path)}"
    level: Level = "warning" if fields.passes(LENIENT, path, subject.schema) else ""
    instead = fields.at((*path, name), subject.schema).get(INSTEAD, "")
    if "." in instead:
        return Violation("unknown-field", key.place, f"{message}; it is `{instead}` here", whole, node, key)
    if name in fields.properties(fields.at(path, subject.schema), subject.schema):
        reason = _by_type(path, subject)
        rule = "missing-field" if reason.startswith(" without") else "unknown-field"
        return Violation(rule, key.place, message + reason, whole, node, key)
    close = instead or _close(name, known)
    if close is not None and fits(node, fields.at((*path, close), subject.schema), subject.schema):
        return Violation(
            "unknown-field", key.place, f"{message}; did you mean `{close}`?", whole, node, key, close, severity=level
        )
    home = _home(name, path, node, subject)
    if home is not None:
        shape = tuple(step for step in (*subject.prefix, *home) if step not in {fields.ANY_ELEMENT, fields.ANY_KEY})
        place = f"under `{_pattern((*subject.prefix, *home))}`" if home or subject.prefix else "at the top level"
        return Violation(
            "misplaced-field", key.place, f"{message}; it belongs {place}", whole, node, key, belongs=shape,
            severity=level,
        )  # fmt: skip
    return Violation("unknown-field", key.place, message, whole, node, key, severity=level)


def _by_type(path: Path, subject: Subject) -> str:
    """Why an object does not take a field that others of its kind take: its `type`."""
    if "type" not in fields.properties(fields.at(path, subject.schema), subject.schema):
        return ""
    written = subject.root.at(*path, "type")
    return f" of `type: {written.text}`" if isinstance(written, Scalar) else " without a `type`"


def _belongs_outside(error: SchemaError, node: Node, subject: Subject) -> Violation | None:
    """A value in a mapping of any names that would be a field of the object around it: it stands one level too deep."""
    outside, owner, name = error.path[:-2], error.path[:-1], error.path[-1] if error.path else 0
    if not isinstance(name, str) or len(error.path) < 2 or isinstance(node, Scalar):
        return None
    field = fields.properties(fields.at(outside, subject.schema), subject.schema).get(name)
    key = subject.root.at(*owner)
    written = key.key(name) if isinstance(key, Mapping) else None
    is_named = name in fields.properties(fields.at(owner, subject.schema), subject.schema)
    if field is None or is_named or written is None or not fits(node, field, subject.schema):
        return None
    home, whole = (*subject.prefix, *outside), (*subject.prefix, *error.path)
    place = f"under `{shown(home)}`" if home else "at the top level"
    what = f"`{name}` is no entry of {_where(subject, owner)}: it is {words.type_of(node.value)}; it belongs {place}"
    return Violation("misplaced-field", written.place, what, whole, node, written, belongs=home)


def _pattern(path: Path) -> str:
    text = ""
    for step in path:
        if isinstance(step, int):
            text += f"[{step}]"
        elif step == fields.ANY_ELEMENT:
            text += "[]"
        else:
            text += f".{step}" if text else step
    return text


def _close(name: str, known: list[str]) -> str | None:
    plain = name.lower().replace("-", "").replace("_", "")
    for one in known:
        if plain == one.lower():
            return one
    for one in known:
        other = one.lower()
        if plain in {f"{other}s", f"{other}es"} or other in {f"{plain}s", f"{plain}es"}:
            return one
    return closest(name, known)


def _home(name: str, path: Path, node: Node | None, subject: Subject) -> Path | None:
    """The one object that the field belongs to; None when none, or more than one, is likely."""
    if name in _GENERAL:
        # below `metadata` there is one place that it can come from, unless that has one already
        top = fields.properties(subject.schema, subject.schema).get(name)
        is_deep = (*subject.prefix, *path) == ("metadata",) and subject.root.at(name) is None
        return () if is_deep and top is not None and fits(node, top, subject.schema) else None
    for home, schema in fields.homes(name, path, subject.schema):
        if _is_like(home, path) or not fits(node, schema, subject.schema) or "status" in home[:1]:
            continue
        return home
    return None


def _is_like(home: Path, path: Path) -> bool:
    """Whether a pattern is that of a path, so that another entry of the same mapping or list is meant."""
    return len(home) == len(path) and all(
        step == own or step == (fields.ANY_ELEMENT if isinstance(own, int) else fields.ANY_KEY)
        for step, own in zip(home, path, strict=True)
    )


def fits(node: Node | None, schema: dict[str, Any], root: dict[str, Any]) -> bool:
    """Whether a value is of a type that a schema takes, and its first fields are known to it."""
    if node is None or not schema:
        return True
    types = fields.types(schema, root)
    if isinstance(node, Scalar):
        is_text = isinstance(node.value, str)
        return not types or (not types <= {"object", "array"} and (not is_text or types != {"boolean"}))
    if isinstance(node, Sequence):
        return not types or "array" in types
    if types and "object" not in types:
        return False
    known = fields.properties(schema, root)
    return not known or not isinstance(node, Mapping) or any(key in known for key in node.entries) or not node.entries


def _forbidden(error: SchemaError, subject: Subject) -> Iterator[Violation]:
    parent, name = error.path[:-1], error.path[-1]
    owner = subject.root.at(*parent)
    key = owner.key(name) if isinstance(owner, Mapping) and isinstance(name, str) else None
    if key is not None:
        known = [one for one in fields.properties(fields.at(parent, subject.schema), subject.schema) if one != name]
        yield _unknown_field(str(name), key, parent, known, subject)


def key_place(root: Node, path: Path) -> Place:
    """The key of the value at a path; the element itself in a list, its first key where it is a mapping.

    A value that a patch brought in from another text stands for itself.
    """
    node = root.at(*path)
    if path and isinstance(path[-1], str):
        owner = root.at(*path[:-1])
        key = owner.key(path[-1]) if isinstance(owner, Mapping) else None
        if key is not None and (node is None or node.source is key.source):
            return key.place
    if isinstance(node, Mapping) and node.pairs:
        return node.pairs[0][0].place
    return (node or root).place


def _missing(error: SchemaError, node: Node, subject: Subject) -> Iterator[Violation]:
    name = str(error.details["property"])
    if isinstance(node, Mapping) and any("${" in key or key.startswith("{{") for key in node.entries):
        return
    place = key_place(subject.root, error.path)
    owner = _where(subject, error.path)
    message = f"{owner} {'lack' if owner.startswith('the values') else 'lacks'} `{name}`"
    yield Violation("missing-field", place, message, (*subject.prefix, *error.path, name), node)


def _wrong_type(error: SchemaError, node: Node, subject: Subject, types: list[str]) -> Violation:
    path = (*subject.prefix, *error.path)
    expected = words.types(types)
    what = words.type_of(node.value)
    is_plain = isinstance(node, Scalar) and not node.style and not isinstance(node.value, str) and not node.is_null
    if types and set(types) <= {"string", "null"} and is_plain and _takes_text(node, error.schema):
        shown_value = f"`{node.text}`" if isinstance(node, Scalar) and len(node.text) < _MOST_TEXT else "the value"
        message = f"{shown_value} at `{shown(path)}` is {what}, and text is expected: quote it"
        return Violation("unquoted-string", node.place, message, path, node)
    place = node.place if isinstance(node, Scalar) and node.end > node.start else key_place(subject.root, error.path)
    owner = f"`{shown(path)}`" if path else subject.name
    message = f"{owner} is {what}, expected {expected}"
    return Violation("wrong-type", place, message, path, node, wanted=frozenset(types))


def _takes_text(node: Node, schema: dict[str, Any]) -> bool:
    """Whether the text of a scalar, once quoted, is allowed."""
    text = node.text if isinstance(node, Scalar) else ""
    pattern = schema.get("pattern")
    if isinstance(pattern, str):
        try:
            if not re.search(pattern, text):
                return False
        except re.error:
            return False
    allowed = schema.get("enum")
    return allowed is None or text in allowed


def _wrong_key(error: SchemaError, node: Node, subject: Subject) -> Iterator[Violation]:
    name, inner = str(error.details["name"]), error.details["inner"]
    key = node.key(name) if isinstance(node, Mapping) else None
    if key is None or _UNDECIDED.search(name):
        return
    message = f"the key `{name}` of {_where(subject, error.path)}: expected {_expectation(inner)}"
    yield Violation("invalid-value", key.place, message, (*subject.prefix, *error.path, name), node, key)


def _expectation(error: SchemaError) -> str:
    details = error.details
    if error.keyword == "pattern":
        return words.pattern(details["pattern"])
    if error.keyword == "enum":
        return words.options(details["options"])
    if error.keyword == "const":
        return f"`{details['expected_value']}`"
    if error.keyword == "format":
        return words.format_name(details["format"])
    return words.limit(error.keyword, details.get("limit"))


def _invalid(error: SchemaError, node: Node, subject: Subject) -> Iterator[Violation]:
    keyword, path = error.keyword, (*subject.prefix, *error.path)
    owner = f"`{shown(path)}`" if path else subject.name
    suggestion = None
    place = node.place if isinstance(node, Scalar) and node.end > node.start else key_place(subject.root, error.path)
    if keyword in {"enum", "const", "pattern", "format"} or keyword in _LIMITS:
        if not isinstance(node, Scalar) and is_undecided(node):
            return
        value = _value(node, keyword)
        message = f"{value}{owner}: expected {_expectation(error)}"
        if keyword == "enum" and isinstance(node, Scalar):
            suggestion = _close(node.text, [one for one in error.details["options"] if isinstance(one, str)])
            message += f"; did you mean `{suggestion}`?" if suggestion else ""
    elif keyword == "uniqueItems":
        message = f"{owner} has an element twice"
    elif keyword == "not" and not isinstance(node, Mapping) and "required" in error.schema.get("not", {}):
        return  # that it is no mapping is an error of its own
    elif keyword == "not":
        message, together = _not_together(error, node, owner)
        place = key_place(subject.root, (*error.path, together)) if together else place
    else:
        message = f"{owner} breaks the schema: {keyword}"
    yield Violation("invalid-value", place, message, path, node, suggestion=suggestion)


def _not_together(error: SchemaError, node: Node, owner: str) -> tuple[str, str]:
    """What the fields of a `not` are that cannot stand together, and the one to point at."""
    forbidden = error.schema.get("not")
    names = forbidden.get("required") if isinstance(forbidden, dict) else None
    if not isinstance(forbidden, dict) or not isinstance(names, list) or not names or not isinstance(node, Mapping):
        return f"{owner} has a value that is not allowed here", ""
    last = str(names[-1])
    chosen = [
        f"`{name}: {node.text(name)}`"
        for name, schema in forbidden.get("properties", {}).items()
        if isinstance(schema, dict) and "enum" in schema and node.text(name)
    ]
    if chosen:
        return f"`{last}` cannot stand in {owner} beside {words.any_of(chosen)}", last
    together = " and ".join(f"`{name}`" for name in names)
    return f"{together} cannot stand {'together ' if len(names) > 1 else ''}in {owner}", last


def _value(node: Node, keyword: str) -> str:
    if not isinstance(node, Scalar):
        return ""
    if keyword == "format" or len(node.text) > _MOST_TEXT or "\n" in node.text:
        return "the value of "
    return f"`{node.text}` is no value of " if node.text else "the empty value of "


def _combined(error: SchemaError, node: Node, subject: Subject) -> Iterator[Violation]:
    """None of several schemas fits: what is wrong with the one that comes closest."""
    if is_undecided(node):
        return
    path = (*subject.prefix, *error.path)
    owner = f"`{shown(path)}`" if path else subject.name
    branches = [branch for branch in error.branches if branch]
    if (error.keyword == "oneOf" and len(branches) < len(error.schema.get("oneOf", ()))) or not branches:
        yield Violation("invalid-value", key_place(subject.root, error.path), _too_many(error, owner), path, node)
        return
    here = [branch for branch in branches if any(one.keyword == "type" and one.path == error.path for one in branch)]
    deeper = [branch for branch in branches if branch not in here]
    if not deeper:
        types = [name for branch in branches for one in branch if one.path == error.path for name in _types(one)]
        yield _wrong_type(error, node, subject, list(dict.fromkeys(types)))
        return
    if all(len(branch) == 1 and branch[0].keyword == "required" and branch[0].path == error.path for branch in deeper):
        names = list(dict.fromkeys(str(branch[0].details["property"]) for branch in deeper))
        message = f"{owner} lacks {words.any_of([f'`{name}`' for name in names])}"
        yield Violation("missing-field", key_place(subject.root, error.path), message, path, node)
        return
    best = min(deeper, key=lambda branch: _badness(branch, error.path))
    yield from explain(best, subject)


def _types(error: SchemaError) -> list[str]:
    found = error.details.get("types", [])
    return list(found) if isinstance(found, list) else [str(found)]


def _too_many(error: SchemaError, owner: str) -> str:
    names = [
        part["required"][0]
        for part in error.schema.get("oneOf", ())
        if isinstance(part, dict) and isinstance(part.get("required"), list) and part["required"]
    ]
    if names:
        return f"{owner} takes only one of {words.any_of([f'`{name}`' for name in dict.fromkeys(names)])}"
    return f"{owner} fits more than one of the forms it can have"


def _badness(branch: tuple[SchemaError, ...], path: Path) -> tuple[int, int, int]:
    """How far a branch is from the value: a wrong discriminator first, then the number of errors, then their depth."""
    discriminators = sum(error.keyword in {"enum", "const"} and len(error.path) <= len(path) + 1 for error in branch)
    depth = max((len(error.path) for error in branch), default=0)
    return discriminators, len(branch), -depth
