"""YAML and JSON that others wrote, as JSON values and within limits."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from lintkit.errors import LintkitError

if TYPE_CHECKING:
    from collections.abc import Iterator

MAX_VALUES = 20_000_000
"""A few lines of aliases can stand for more than a machine can hold; an honest dump of a cluster has 2 million."""
MAX_DEPTH = 200
"""libyaml's composer calls itself for each level and takes the process down with it."""
_MOST_BRACKETS = 5_000
"""With fewer, no text is too deep for the composer: it takes some ten thousand levels to end a process."""
_DROPPED = frozenset({"tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:merge", "tag:yaml.org,2002:value"})
_BOOL = "tag:yaml.org,2002:bool"


class ForeignError(LintkitError):
    """A text cannot be read."""


def documents(text: str, *, is_json: bool = False) -> Iterator[Any]:
    """The documents of a YAML stream, or the one of a JSON text; empty ones are left out.

    Dates are text, and `<<` is a key like any other.

    Raises:
        ForeignError: It is no YAML or JSON, or it stands for too much.
    """
    if is_json:
        try:
            yield json.loads(text)
        except (ValueError, RecursionError) as error:
            message = f"no JSON: {error}"
            raise ForeignError(message) from None
        return
    import yaml  # noqa: PLC0415 - only where there is something to read

    try:
        _check_depth(text)
        for found in yaml.load_all(text, _loader()):
            if found is not None:
                _measured(found, {})
                yield found
    except (yaml.YAMLError, RecursionError, ValueError, TypeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark is not None else ""
        what = getattr(error, "problem", None) or str(error).splitlines()[0]
        message = f"no YAML: {where}{what}"
        raise ForeignError(message) from None


@lru_cache(maxsize=1)
def _loader() -> Any:  # noqa: ANN401 - a class that PyYAML's stubs do not know
    import yaml  # noqa: PLC0415

    class Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        """Reads what JSON can say."""

        yaml_implicit_resolvers = {  # noqa: RUF012 - PyYAML's own form
            first: [
                (tag, pattern) for tag, pattern in pairs if tag not in _DROPPED and (tag != _BOOL or first in "tTfF")
            ]
            for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
        }

    return Loader


def is_shallow(text: str) -> bool:
    """Whether a YAML text can be handed to libyaml's composer; cheap for what people write."""
    if text.count("[") + text.count("{") + text.count("- - ") < _MOST_BRACKETS:
        return True
    try:
        _check_depth(text)
    except ValueError:
        return False
    return True


def _check_depth(text: str) -> None:
    import yaml  # noqa: PLC0415

    depth = 0
    for event in yaml.parse(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                message = f"nested over {MAX_DEPTH} deep"
                raise ValueError(message)
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _measured(value: Any, seen: dict[int, int]) -> int:  # noqa: ANN401 - any value of YAML
    """How many values a value stands for, with those behind aliases counted each time."""
    if not isinstance(value, dict | list):
        return 1
    known = seen.get(id(value))
    if known is not None:
        return known
    seen[id(value)] = MAX_VALUES + 1  # a value inside itself has no end
    inside = value.values() if isinstance(value, dict) else value
    size = 1 + sum(_measured(one, seen) for one in inside)
    if size > MAX_VALUES:
        message = f"its aliases stand for over {MAX_VALUES // 1_000_000} million values"
        raise ValueError(message)
    seen[id(value)] = size
    return size
