"""Where two views differ, field by field: for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, NamedTuple

from lintkit.diff.view import Leaf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.diff.view import View

_KEYS = ("name", "key", "mountPath", "host", "path")
"""What elements of a list are known by, where each has one and no two have the same."""


class Field(NamedTuple):
    """A field that differs.

    Attributes:
        path: Its key path; an element of a list by its position, or as `[name=x]`.
        before: What it was; None when it was not there.
        after: What it is; None when it is gone.
    """

    path: tuple[str | int, ...]
    before: View | None
    after: View | None

    def as_json(self) -> dict[str, Any]:
        """The field as plain values: no `before` where it is new, no `after` where it is gone."""
        made: dict[str, Any] = {"path": list(self.path)}
        for name, view in (("before", self.before), ("after", self.after)):
            if view is not None:
                made[name] = plain(view)
        if any(view is not None and hides(view) for view in (self.before, self.after)):
            made["hidden"] = True
        return made


def differences(before: View, after: View, path: tuple[str | int, ...] = ()) -> Iterator[Field]:
    """The fields that differ, in order of their keys."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted({*before, *after}):
            old, new = before.get(key), after.get(key)
            if old is None or new is None:
                yield Field((*path, key), old, new)
            else:
                yield from differences(old, new, (*path, key))
    elif isinstance(before, list) and isinstance(after, list):
        yield from _in_lists(before, after, path)
    elif token(before) != token(after):
        yield Field(path, before, after)


def _in_lists(before: list[View], after: list[View], path: tuple[str | int, ...]) -> Iterator[Field]:
    named = by_name(before, after)
    if named is not None:
        old, new = named
        common = [name for name in old if name in new]
        if common == [name for name in new if name in old]:
            for name in (*old, *(one for one in new if one not in old)):
                inside = (*path, f"[{name}]")
                if name in old and name in new:
                    yield from differences(old[name], new[name], inside)
                else:
                    yield Field(inside, old.get(name), new.get(name))
            return
        # they stand in another order: the list as a whole is what changed
    elif len(before) == len(after):
        for index, (one, other) in enumerate(zip(before, after, strict=True)):
            yield from differences(one, other, (*path, index))
        return
    if token(before) != token(after):
        yield Field(path, before, after)


def by_name(before: list[View], after: list[View]) -> tuple[dict[str, View], dict[str, View]] | None:
    """The elements of two lists by what they are known by: `name=x`; None where nothing tells them apart."""
    for key in _KEYS:
        old, new = _by(before, key), _by(after, key)
        if old is not None and new is not None:
            return old, new
    return None


def _by(elements: list[View], key: str) -> dict[str, View] | None:
    """Elements by what they are known by; None where that does not tell them apart."""
    found: dict[str, View] = {}
    for one in elements:
        name = one.get(key) if isinstance(one, dict) else None
        if (
            not isinstance(name, Leaf)
            or not isinstance(name.shown, str)
            or name.is_hidden
            or f"{key}={name.shown}" in found
        ):
            return None
        found[f"{key}={name.shown}"] = one
    return found


def token(view: View) -> str:
    """What a view really is, for comparing alone."""
    if isinstance(view, Leaf):
        return view.real
    if isinstance(view, dict):
        return f"{{{','.join(f'{json.dumps(key)}:{token(view[key])}' for key in sorted(view))}}}"
    return f"[{','.join(map(token, view))}]"


def plain(view: View) -> Any:  # noqa: ANN401 - JSON
    """A view as plain values, secrets hidden."""
    if isinstance(view, Leaf):
        return view.shown
    if isinstance(view, dict):
        return {key: plain(value) for key, value in view.items()}
    return [plain(value) for value in view]


def hides(view: View) -> bool:
    """Whether something in a view is hidden."""
    if isinstance(view, Leaf):
        return view.is_hidden
    return any(map(hides, view.values() if isinstance(view, dict) else view))
