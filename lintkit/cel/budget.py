"""How much an expression may do."""

from __future__ import annotations

from lintkit.cel.errors import BudgetError, EvaluationError

MAX_TEXT = 1_000_000
"""The longest text or list that an expression may make, in characters or elements."""


class Budget:
    """Steps that are left to an expression, or to all that share the budget.

    A step is the visit of one node of an expression, or the handling of ten characters or list elements. The count
    depends on the expression and its input alone, so that the same tree gives the same answer everywhere.

    Args:
        steps: How many there are.
    """

    __slots__ = ("left", "steps")

    def __init__(self, steps: int) -> None:
        self.steps = steps
        self.left = steps

    def spend(self, steps: int) -> None:
        """Take steps.

        Raises:
            BudgetError: None are left.
        """
        self.left -= steps
        if self.left < 0:
            message = f"took more than {self.steps:,} steps"
            raise BudgetError(message)


def limited(size: int) -> None:
    """Refuse to make a text or list of this size, when it is too large.

    Raises:
        EvaluationError: It is.
    """
    if size > MAX_TEXT:
        message = f"would make a value of {size:,} characters or elements; the limit is {MAX_TEXT:,}"
        raise EvaluationError(message)
