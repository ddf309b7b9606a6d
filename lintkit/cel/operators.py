"""The operators: arithmetic, comparisons, logic, fields and indexes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.cel.budget import Budget, limited
from lintkit.cel.errors import EvaluationError
from lintkit.cel.macros import Frame, Run, truth
from lintkit.cel.times import Duration, Timestamp
from lintkit.cel.values import NUMBERS, Optional, Value, compare, equal, key_of, kind_of, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


def conditional(test: Run, yes: Run, no: Run) -> Run:
    """`test ? yes : no`."""
    return lambda frame: yes(frame) if truth(test(frame)) else no(frame)


def logical(parts: Sequence[Run], *, decisive: bool) -> Run:
    """`||` and `&&`: a part that decides counts for more than one that fails."""

    def run(frame: Frame) -> Value:
        failed: EvaluationError | None = None
        for part in parts:
            try:
                if truth(part(frame)) is decisive:
                    return decisive
            except EvaluationError as error:
                failed = failed or error
        if failed is not None:
            raise failed
        return not decisive

    return run


def unary(sign: str, of: Run) -> Run:
    """`!x` and `-x`."""
    if sign == "unary_not":
        return lambda frame: not truth(of(frame))
    return lambda frame: _negative(of(frame))


def binary(name: str, left: Run, right: Run) -> Run:
    """An operator between two values, by the name that the grammar gives it."""
    if name == "relation_eq":
        return lambda frame: equal(left(frame), right(frame), frame.budget)
    if name == "relation_ne":
        return lambda frame: not equal(left(frame), right(frame), frame.budget)
    if name == "relation_in":
        return lambda frame: contains(right(frame), left(frame), frame.budget)
    if name in _ORDERS:
        wanted = _ORDERS[name]
        return lambda frame: compare(left(frame), right(frame)) in wanted
    operate = _ARITHMETIC[name]
    return lambda frame: operate(left(frame), right(frame), frame.budget)


def contains(value: Value, element: Value, budget: Budget) -> bool:
    """`element in value`."""
    kind = kind_of(value)
    if kind == "map":
        return key_of(element) in value
    if kind == "list":
        budget.spend(1 + len(value))
        return any(equal(one, element, budget) for one in value)
    message = f"`in` takes a list or a map, not a {kind}"
    raise EvaluationError(message)


def unwrapped(value: Value) -> tuple[Value, ...]:
    """What stands in an optional value: one value or none."""
    if isinstance(value, Optional):
        return value.present
    message = f"a {kind_of(value)} is not optional"
    raise EvaluationError(message)


def field(of: Run, name: str, *, is_optional: bool) -> Run:
    """`x.name` and `x.?name`."""
    if is_optional:
        return lambda frame: _optional_step(of(frame), name)

    def run(frame: Frame) -> Value:
        value = of(frame)
        try:
            if type(value) is dict:
                return value[name]
        except KeyError:
            message = f"no such key: `{name}`"
            raise EvaluationError(message) from None
        return _optional_step(value, name) if isinstance(value, Optional) else _field(value, name)

    return run


def index(of: Run, at: Run, *, is_optional: bool) -> Run:
    """`x[key]` and `x[?key]`."""

    def run(frame: Frame) -> Value:
        value, key = of(frame), at(frame)
        if is_optional or isinstance(value, Optional):
            return _optional_step(value, key)
        return step(value, key)

    return run


def has(of: Run, name: str) -> Run:
    """`has(x.name)`."""

    def run(frame: Frame) -> Value:
        value = of(frame)
        if isinstance(value, Optional):
            return bool(_optional_step(value, name).present)
        if kind_of(value) != "map":
            message = f"a {kind_of(value)} has no field `{name}`"
            raise EvaluationError(message)
        return name in value

    return run


def step(value: Value, key: Value) -> Value:
    """The element of a list or map.

    Raises:
        EvaluationError: There is none, or the value is neither.
    """
    kind = kind_of(value)
    if kind == "map":
        found = key_of(key)
        if found not in value:
            message = f"no such key: `{key}`"
            raise EvaluationError(message)
        return value[found]
    if kind == "list":
        at = _position(key)
        if not 0 <= at < len(value):
            message = f"no element {at} in a list of {len(value)}"
            raise EvaluationError(message)
        return value[at]
    message = f"a {kind} has no elements"
    raise EvaluationError(message)


def _position(key: Value) -> int:
    kind = kind_of(key)
    if kind not in NUMBERS or (kind == "double" and key != key // 1):
        message = f"the position in a list is a whole number, not a {kind}"
        raise EvaluationError(message)
    return int(key)


def _field(value: Value, name: str) -> Value:
    if kind_of(value) != "map":
        message = f"a {kind_of(value)} has no field `{name}`"
        raise EvaluationError(message)
    return step(value, name)


def _optional_step(value: Value, key: Value) -> Optional:
    if isinstance(value, Optional):
        if not value.present:
            return value
        value = value.present[0]
    kind = kind_of(value)
    if kind == "map":
        found = key_of(key)
        return Optional(value[found]) if found in value else Optional()
    if kind == "list":
        at = _position(key)
        return Optional(value[at]) if 0 <= at < len(value) else Optional()
    message = f"a {kind} has no elements"
    raise EvaluationError(message)


def _negative(value: Value) -> Value:
    kind = kind_of(value)
    if kind == "int":
        return whole(-value, "int")
    if kind == "double":
        return -value
    message = f"a {kind} has no negative"
    raise EvaluationError(message)


def _no_overload(sign: str, left: Value, right: Value) -> EvaluationError:
    return EvaluationError(f"`{sign}` does not take {kind_of(left)} and {kind_of(right)}")


def _add(left: Value, right: Value, budget: Budget) -> Value:
    kind = kind_of(left)
    if kind != kind_of(right):
        if isinstance(left, Timestamp) and isinstance(right, Duration):
            return Timestamp(left.nanos + right.nanos)
        if isinstance(left, Duration) and isinstance(right, Timestamp):
            return Timestamp(left.nanos + right.nanos)
        raise _no_overload("+", left, right)
    if kind in {"int", "uint"}:
        return whole(left + right, kind)
    if kind == "double":
        return left + right
    if kind in {"string", "bytes", "list"}:
        size = len(left) + len(right)
        limited(size)
        budget.spend(size // 10)
        return left + right
    if isinstance(left, Duration):
        return Duration(left.nanos + right.nanos)
    raise _no_overload("+", left, right)


def _subtract(left: Value, right: Value, _: Budget) -> Value:
    kind = kind_of(left)
    if isinstance(left, Timestamp) and isinstance(right, Duration):
        return Timestamp(left.nanos - right.nanos)
    if kind == kind_of(right):
        if kind in {"int", "uint"}:
            return whole(left - right, kind)
        if kind == "double":
            return left - right
        if kind in {"duration", "timestamp"}:
            return Duration(left.nanos - right.nanos)
    raise _no_overload("-", left, right)


def _multiply(left: Value, right: Value, _: Budget) -> Value:
    kind = kind_of(left)
    if kind == kind_of(right) and kind in NUMBERS:
        return left * right if kind == "double" else whole(left * right, kind)
    raise _no_overload("*", left, right)


def _divide(left: Value, right: Value, _: Budget) -> Value:
    kind = kind_of(left)
    if kind != kind_of(right) or kind not in NUMBERS:
        raise _no_overload("/", left, right)
    if kind == "double":
        if right:
            return left / right
        return float("nan") if left == 0 or left != left else left * float("inf")  # noqa: PLR0124 - not a number
    if not right:
        message = "division by zero"
        raise EvaluationError(message)
    amount = abs(left) // abs(right)
    return whole(amount if (left < 0) == (right < 0) else -amount, kind)


def _remainder(left: Value, right: Value, _: Budget) -> Value:
    kind = kind_of(left)
    if kind != kind_of(right) or kind not in {"int", "uint"}:
        raise _no_overload("%", left, right)
    if not right:
        message = "modulus by zero"
        raise EvaluationError(message)
    exact = abs(left) % abs(right)
    return whole(-exact if left < 0 else exact, kind)


_ORDERS = {
    "relation_lt": frozenset({-1}),
    "relation_le": frozenset({-1, 0}),
    "relation_gt": frozenset({1}),
    "relation_ge": frozenset({1, 0}),
}
_ARITHMETIC: dict[str, Callable[[Value, Value, Budget], Value]] = {
    "addition_add": _add,
    "addition_sub": _subtract,
    "multiplication_mul": _multiply,
    "multiplication_div": _divide,
    "multiplication_mod": _remainder,
}
