"""The forms that most rules have: fields that exclude or need each other, and lists whose elements differ."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.schema.constraints.constraint import Check, UndecidedError, of_list, of_mapping
from lintkit.schema.constraints.reading import find, flag, has, key_of, number, present, text, text_of
from lintkit.syntax.node import Mapping, Scalar

if TYPE_CHECKING:
    from collections.abc import Hashable

    from lintkit.syntax.node import Node, Sequence


def at_most_one(*names: str) -> Check:
    """No two of these fields; points at the key of the second one."""

    def judge(self: Mapping) -> Node | None:
        found = present(self, *names)
        return key_of(self, found[1]) if len(found) > 1 else None

    return of_mapping(judge)


def exactly_one(*names: str) -> Check:
    """One of these fields and no second one."""

    def judge(self: Mapping) -> Node | None:
        found = present(self, *names)
        if not found:
            return self
        return key_of(self, found[1]) if len(found) > 1 else None

    return of_mapping(judge)


def at_least_one(*names: str) -> Check:
    """One of these fields, or several."""
    return of_mapping(lambda self: None if present(self, *names) else self)


def not_beside(name: str, *others: str) -> Check:
    """A field that none of the others may stand beside; points at its key."""
    return of_mapping(lambda self: key_of(self, name) if has(self, name) and present(self, *others) else None)


def needs(name: str, *others: str) -> Check:
    """A field that needs one of the others; points at its key."""
    return of_mapping(lambda self: key_of(self, name) if has(self, name) and not present(self, *others) else None)


def only_with(name: str, other: str, *values: str, default: str = "") -> Check:
    """A field that is there only where another one has one of these values; points at its key."""
    return of_mapping(
        lambda self: key_of(self, name) if has(self, name) and text(self, other, default) not in values else None
    )


def not_with(name: str, other: str, *values: str, default: str = "") -> Check:
    """A field that is not there where another one has one of these values; points at its key."""
    return of_mapping(
        lambda self: key_of(self, name) if has(self, name) and text(self, other, default) in values else None
    )


def needed_with(name: str, other: str, *values: str, default: str = "") -> Check:
    """A field that is needed where another one has one of these values; points at that value."""

    def judge(self: Mapping) -> Node | None:
        if text(self, other, default) in values and not has(self, name):
            return find(self, other) or self
        return None

    return of_mapping(judge)


def unique(*names: str, default: tuple[str, ...] = ()) -> Check:
    """A list whose elements differ in these fields; points at the value in the second element of two.

    An element without the first of the fields is no part of the comparison. `default` is what an absent field stands
    for, field by field.
    """

    def judge(self: Sequence) -> Node | None:
        seen: set[tuple[Hashable, ...]] = set()
        for element in self.elements:
            if not isinstance(element, Mapping):
                raise UndecidedError
            try:
                key = tuple(_plain(element, name, default[at] if default else "") for at, name in enumerate(names))
            except UndecidedError:
                continue
            node = find(element, names[0])
            if node is None:
                continue
            if key in seen:
                return node
            seen.add(key)
        return None

    return of_list(judge)


def distinct() -> Check:
    """A list of texts that differ; points at the second of two."""

    def judge(self: Sequence) -> Node | None:
        seen: set[str] = set()
        for element in self.elements:
            try:
                word = text_of(element)
            except UndecidedError:
                continue
            if word in seen:
                return element
            seen.add(word)
        return None

    return of_list(judge)


def alone(word: str) -> Check:
    """A list in which this text stands alone or not at all; points at it."""

    def judge(self: Sequence) -> Node | None:
        found = next((one for one in self.elements if isinstance(one, Scalar) and one.text == word), None)
        return found if found is not None and len(self.elements) > 1 else None

    return of_list(judge)


def true_with(name: str, other: str) -> Check:
    """A field that is true only where another one is; points at its value."""
    return of_mapping(lambda self: find(self, name) if flag(self, name) and not flag(self, other) else None)


def not_above(low: str, high: str, *, least: int = 0) -> Check:
    """A number that does not exceed another one, where both are there; points at the lower field's value.

    Args:
        low: The field that is not to be the larger one; 0 or `least` where it is absent.
        high: The other field.
        least: What `low` stands for where it is absent.
    """

    def judge(self: Mapping) -> Node | None:
        top, bottom = number(self, high), number(self, low)
        if top is None or (least if bottom is None else bottom) <= top:
            return None
        return find(self, low) or find(self, high)

    return of_mapping(judge)


def _plain(element: Mapping, name: str, default: str) -> Hashable:
    node = find(element, name)
    if node is None:
        return default
    if not isinstance(node, Scalar):
        raise UndecidedError
    value = node.value
    if isinstance(value, bool | int | float | str):
        return value
    raise UndecidedError
