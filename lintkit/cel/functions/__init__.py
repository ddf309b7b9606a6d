"""The functions of expressions: those of CEL, and what Kubernetes 1.35 registers.

_declare.py    Function, and how a signature is written
standard.py    sizes, conversions, times, optional values
texts.py       strings, format, regular expressions
lists.py       lists and sets
network.py     URLs, IP addresses, CIDRs
quantity.py    quantities
semver.py      semantic versions
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from lintkit.cel.errors import EvaluationError
from lintkit.cel.functions import lists, network, quantity, semver, standard, texts
from lintkit.cel.values import Value, kind_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from lintkit.cel.functions._declare import Function
    from lintkit.cel.macros import Frame, Run

_FAMILIES = (standard, texts, lists, network, quantity, semver)
_SIZED = (str, bytes, list)


@lru_cache(maxsize=1)
def table() -> dict[tuple[str, bool], tuple[Function, ...]]:
    """(name, whether it is called on a value) -> its overloads."""
    found: dict[tuple[str, bool], tuple[Function, ...]] = {}
    for family in _FAMILIES:
        for one in family.FUNCTIONS:
            key = (one.name, one.is_method)
            found[key] = (*found.get(key, ()), one)
    return found


def overloads(name: str, count: int, *, is_method: bool) -> tuple[Function, ...]:
    """The functions of a name that take a number of arguments, the receiver counted."""
    return tuple(one for one in table().get((name, is_method), ()) if len(one.kinds) == count)


def call(name: str, found: Sequence[Function], arguments: list[Run]) -> Run:
    """A call: the overload is chosen by the kinds of the arguments."""

    def run(frame: Frame) -> Value:
        values = [argument(frame) for argument in arguments]
        frame.budget.spend(1 + sum(len(value) for value in values if isinstance(value, _SIZED)) // 10)
        kinds = [kind_of(value) for value in values]
        for one in found:
            if all(wanted in {"dyn", kind} for wanted, kind in zip(one.kinds, kinds, strict=True)):
                return one.run(frame.budget, *values) if one.wants_budget else one.run(*values)
        expected = " or ".join(f"({', '.join(one.kinds)})" for one in found)
        message = f"`{name}` does not take ({', '.join(kinds)}); expected {expected}"
        raise EvaluationError(message)

    return run
