"""Lists and sets."""

from __future__ import annotations

from functools import cmp_to_key
from itertools import pairwise
from typing import TYPE_CHECKING

from lintkit.cel.budget import Budget, limited
from lintkit.cel.errors import EvaluationError
from lintkit.cel.functions._declare import function
from lintkit.cel.times import Duration
from lintkit.cel.values import NUMBERS, Value, compare, equal, kind_of, whole

if TYPE_CHECKING:
    from collections.abc import Iterable


def _index_of(budget: Budget, values: list[Value], wanted: Value) -> int:
    return next((at for at, value in enumerate(values) if _same(value, wanted, budget)), -1)


def _last_index_of(budget: Budget, values: list[Value], wanted: Value) -> int:
    return next((at for at in range(len(values) - 1, -1, -1) if _same(values[at], wanted, budget)), -1)


def _same(one: Value, other: Value, budget: Budget) -> bool:
    budget.spend(1)
    return equal(one, other, budget)


def _is_sorted(values: list[Value]) -> bool:
    return all(compare(one, other) in {-1, 0} for one, other in pairwise(values))


def _sum(values: list[Value]) -> Value:
    if not values:
        return 0
    kind = kind_of(values[0])
    if any(kind_of(value) != kind for value in values) or kind not in {*NUMBERS, "duration"}:
        message = "`sum` takes a list of numbers or of durations"
        raise EvaluationError(message)
    if kind == "duration":
        return Duration(sum(value.nanos for value in values))
    return sum(values) if kind == "double" else whole(sum(values), kind)


def _least(values: list[Value], sign: int) -> Value:
    if not values:
        message = f"`{'min' if sign < 0 else 'max'}` takes a list that is not empty"
        raise EvaluationError(message)
    best = values[0]
    for value in values[1:]:
        if compare(value, best) == sign:
            best = value
    return best


def _sorted(budget: Budget, values: list[Value]) -> list[Value]:
    budget.spend(len(values) * len(values).bit_length())
    return sorted(values, key=cmp_to_key(compare))


def _distinct(budget: Budget, values: list[Value]) -> list[Value]:
    made: list[Value] = []
    for value in values:
        if not any(_same(value, one, budget) for one in made):
            made.append(value)
    return made


def _flatten(values: list[Value], depth: int = 1) -> list[Value]:
    if depth < 0:
        message = "`flatten` takes no negative depth"
        raise EvaluationError(message)
    made: list[Value] = []
    for value in values:
        made += _flatten(value, depth - 1) if isinstance(value, list) and depth else [value]
    limited(len(made))
    return made


def _slice(values: list[Value], start: int, end: int) -> list[Value]:
    if not 0 <= start <= end <= len(values):
        message = f"no elements {start} to {end} in a list of {len(values)}"
        raise EvaluationError(message)
    return values[start:end]


def _range(budget: Budget, count: int) -> list[Value]:
    limited(count)
    budget.spend(max(0, count))
    return list(range(count))


def _holds(budget: Budget, values: list[Value], wanted: Iterable[Value]) -> bool:
    return all(any(_same(value, one, budget) for value in values) for one in wanted)


def _equivalent(budget: Budget, one: list[Value], other: list[Value]) -> bool:
    return _holds(budget, one, other) and _holds(budget, other, one)


def _intersects(budget: Budget, one: list[Value], other: list[Value]) -> bool:
    return any(_same(left, right, budget) for left in one for right in other)


FUNCTIONS = (
    function("list . indexOf(dyn)", _index_of, budget=True),
    function("list . lastIndexOf(dyn)", _last_index_of, budget=True),
    function("list . isSorted()", _is_sorted),
    function("list . sum()", _sum),
    function("list . min()", lambda values: _least(values, -1)),
    function("list . max()", lambda values: _least(values, 1)),
    function("list . sort()", _sorted, budget=True),
    function("list . reverse()", lambda values: values[::-1]),
    function("list . distinct()", _distinct, budget=True),
    function("list . flatten()", _flatten),
    function("list . flatten(int)", _flatten),
    function("list . slice(int, int)", _slice),
    function("lists.range(int)", _range, budget=True),
    function("sets.contains(list, list)", _holds, budget=True),
    function("sets.equivalent(list, list)", _equivalent, budget=True),
    function("sets.intersects(list, list)", _intersects, budget=True),
)
