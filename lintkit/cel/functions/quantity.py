"""Quantities: `500m`, `1.5Gi`, `2e3`."""

from __future__ import annotations

import re
from fractions import Fraction

from lintkit.cel.errors import EvaluationError
from lintkit.cel.functions._declare import function
from lintkit.cel.values import INT_MAX, INT_MIN, whole

_FORM = re.compile(r"([+-]?)(\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})([KMGTPE]i|[numkMGTPE]|[eE][+-]?\d{1,3})?", re.ASCII)
_BINARY = {f"{letter}i": Fraction(1024) ** power for power, letter in enumerate("KMGTPE", 1)}
_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_MAX_EXPONENT = 40


class Quantity:
    """An amount, exactly."""

    __slots__ = ("amount",)
    kind = "quantity"

    def __init__(self, amount: Fraction) -> None:
        self.amount = amount

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Quantity) and other.amount == self.amount

    def __hash__(self) -> int:
        return hash(self.amount)


def _quantity(text: str) -> Quantity:
    found = _FORM.fullmatch(text)
    if found is None:
        message = f"`{text[:60]}` is no quantity; expected one such as `500m` or `1Gi`"
        raise EvaluationError(message)
    sign, digits, suffix = found[1], found[2], found[3] or ""
    amount = Fraction(digits.removesuffix("."))
    if suffix in _BINARY:
        amount *= _BINARY[suffix]
    else:
        exponent = _DECIMAL[suffix] if suffix in _DECIMAL else int(suffix[1:])
        if abs(exponent) > _MAX_EXPONENT:
            message = f"`{text}` is out of range"
            raise EvaluationError(message)
        amount *= Fraction(10) ** exponent
    return Quantity(-amount if sign == "-" else amount)


def _is_quantity(text: str) -> bool:
    try:
        _quantity(text)
    except EvaluationError:
        return False
    return True


def _is_integer(one: Quantity) -> bool:
    return one.amount.denominator == 1 and INT_MIN <= one.amount <= INT_MAX


def _as_integer(one: Quantity) -> int:
    if one.amount.denominator != 1:
        message = "the quantity is no whole number"
        raise EvaluationError(message)
    return whole(int(one.amount), "int")


def _compare(one: Quantity, other: Quantity) -> int:
    return (one.amount > other.amount) - (one.amount < other.amount)


FUNCTIONS = (
    function("quantity(string)", _quantity),
    function("isQuantity(string)", _is_quantity),
    function("quantity . sign()", lambda one: (one.amount > 0) - (one.amount < 0)),
    function("quantity . isInteger()", _is_integer),
    function("quantity . asInteger()", _as_integer),
    function("quantity . asApproximateFloat()", lambda one: float(one.amount)),
    function("quantity . add(quantity)", lambda one, other: Quantity(one.amount + other.amount)),
    function("quantity . add(int)", lambda one, other: Quantity(one.amount + other)),
    function("quantity . sub(quantity)", lambda one, other: Quantity(one.amount - other.amount)),
    function("quantity . sub(int)", lambda one, other: Quantity(one.amount - other)),
    function("quantity . isGreaterThan(quantity)", lambda one, other: one.amount > other.amount),
    function("quantity . isLessThan(quantity)", lambda one, other: one.amount < other.amount),
    function("quantity . compareTo(quantity)", _compare),
)
