"""What can go wrong with an expression.

CelError
├── ExpressionError     it cannot be compiled: its syntax, an unknown name
├── EvaluationError     it has no value for this input: a missing key, a wrong type; `||`, `&&` and macros absorb it
└── BudgetError         it took too many steps; nothing absorbs it
"""

from __future__ import annotations


class CelError(Exception):
    """Base of the errors of expressions.

    Args:
        message: What is wrong, in lower case.
        offset: Character of the expression where it shows; -1 when that is not known.
    """

    def __init__(self, message: str, offset: int = -1) -> None:
        super().__init__(message)
        self.message = message
        self.offset = offset


class ExpressionError(CelError):
    """An expression cannot be compiled."""


class EvaluationError(CelError):
    """An expression has no value for this input."""


class BudgetError(CelError):
    """An expression took more steps than it may."""
