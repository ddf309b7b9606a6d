"""What a CEL value is in Python.

bool, int, float, str, bytes, None, list, dict stand for themselves; `Uint`, `Optional` and `TypeName` are below,
timestamps and durations in `times`, what Kubernetes adds beside its functions. All of these have an attribute `kind`.
Python takes `True` for 1, CEL does not: keys of maps go through `key_of`, everything else through `equal`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from lintkit.cel.errors import EvaluationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from lintkit.cel.budget import Budget

Value: TypeAlias = Any
"""A CEL value; its type is known only when the program runs."""
INT_MIN, INT_MAX, UINT_MAX = -(2**63), 2**63 - 1, 2**64 - 1
NUMBERS = frozenset({"int", "uint", "double"})
_ORDERED = frozenset({"bool", "string", "bytes", "timestamp", "duration"})


class Uint(int):
    """An unsigned whole number."""

    __slots__ = ()


class TypeName:
    """A type as a value: what `type(x)` gives, and what names such as `int` mean."""

    __slots__ = ("name",)
    kind = "type"

    def __init__(self, name: str) -> None:
        self.name = name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, TypeName) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)


class Optional:
    """A value that may be absent.

    Args:
        present: One value, or none.
    """

    __slots__ = ("present",)
    kind = "optional"

    def __init__(self, *present: Value) -> None:
        self.present = present


class LazyMap:
    """A map whose values are made when they are asked for.

    Args:
        names: Its keys.
        make: Key -> value.
    """

    __slots__ = ("_made", "_make", "_names")
    kind = "map"

    def __init__(self, names: Iterable[str], make: Callable[[str], Value]) -> None:
        self._names = dict.fromkeys(names)
        self._make = make
        self._made: dict[str, Value] = {}

    def __contains__(self, key: object) -> bool:
        return key in self._names

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __getitem__(self, key: str) -> Value:
        if key not in self._made:
            if key not in self._names:
                raise KeyError(key)
            self._made[key] = self._make(key)
        return self._made[key]


_KINDS: dict[type, str] = {
    bool: "bool",
    int: "int",
    Uint: "uint",
    float: "double",
    str: "string",
    bytes: "bytes",
    type(None): "null",
    list: "list",
    dict: "map",
}


def kind_of(value: Value) -> str:
    """The kind of a value: `int`, `string`, `map` ..."""
    kind: str = _KINDS.get(type(value)) or value.kind
    return kind


def key_of(value: Value) -> Value:
    """A value as the key of a Python dict; what cannot be a key stays as it is.

    Raises:
        EvaluationError: It is a list, a map or the like.
    """
    kind = kind_of(value)
    if kind == "bool":
        return ("bool", value)
    if kind in {"int", "uint", "string", "double"}:
        return value
    message = f"{kind} cannot be the key of a map"
    raise EvaluationError(message)


def keys(value: Value) -> Iterator[Value]:
    """The keys of a map."""
    for key in value:
        yield key[1] if type(key) is tuple else key


def equal(one: Value, other: Value, budget: Budget) -> bool:
    """Whether two values are equal: numbers by their worth, lists and maps part by part, other kinds never."""
    kind, other_kind = kind_of(one), kind_of(other)
    if kind in NUMBERS:
        return other_kind in NUMBERS and bool(one == other)
    if kind != other_kind:
        return False
    if kind == "list":
        budget.spend(1 + len(one))
        return len(one) == len(other) and all(
            equal(left, right, budget) for left, right in zip(one, other, strict=True)
        )
    if kind == "map":
        budget.spend(1 + len(one))
        return len(one) == len(other) and all(key in other and equal(one[key], other[key], budget) for key in one)
    if kind == "optional":
        if len(one.present) != len(other.present):
            return False
        return not one.present or equal(one.present[0], other.present[0], budget)
    return bool(one == other)


def compare(one: Value, other: Value) -> int:
    """-1, 0 or 1: the order of two values; 2 where there is none, because one is not a number.

    Raises:
        EvaluationError: The kinds have no order, or none with one another.
    """
    kind, other_kind = kind_of(one), kind_of(other)
    is_ordered = kind == other_kind and kind in _ORDERED
    if not is_ordered and not (kind in NUMBERS and other_kind in NUMBERS):
        message = f"{kind} and {other_kind} have no order"
        raise EvaluationError(message)
    if one < other:
        return -1
    if one > other:
        return 1
    return 0 if one == other else 2


def whole(value: int, kind: str) -> int:
    """A whole number within the bounds of its kind.

    Raises:
        EvaluationError: It is out of bounds.
    """
    if kind == "uint":
        if not 0 <= value <= UINT_MAX:
            message = "unsigned integer overflow"
            raise EvaluationError(message)
        return Uint(value)
    if not INT_MIN <= value <= INT_MAX:
        message = "integer overflow"
        raise EvaluationError(message)
    return value
