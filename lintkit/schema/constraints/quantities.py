"""Quantities of Kubernetes: `500m`, `1.5Gi`, `2e3`."""

from __future__ import annotations

import re
from decimal import Decimal

from lintkit.schema.constraints.constraint import UndecidedError

_QUANTITY = re.compile(r"([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|([KMGTPE]i|[numkMGTPE]))?")
_LONGEST = 64
_FACTORS = {
    **{
        suffix: Decimal(10) ** power
        for suffix, power in zip("numkMGTPE", (-9, -6, -3, 3, 6, 9, 12, 15, 18), strict=True)
    },
    **{f"{suffix}i": Decimal(1024) ** (power + 1) for power, suffix in enumerate("KMGTPE")},
}


def amount(text: str) -> Decimal:
    """The number that a quantity stands for; raises UndecidedError for what is none, which a schema reports."""
    found = _QUANTITY.fullmatch(text) if len(text) <= _LONGEST else None
    if found is None:
        raise UndecidedError
    digits, exponent, suffix = found.groups()
    if exponent and len(exponent) > 4:
        raise UndecidedError
    return Decimal(digits + (exponent or "")) * _FACTORS.get(suffix, Decimal(1))
