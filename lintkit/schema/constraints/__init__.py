"""What no schema can say of an object: rules that span fields.

`violated` finds what an object breaks; each family of APIs has a module of its own, which is read when an object of
that family is met.
"""

from lintkit.schema.constraints.constraint import Constraint
from lintkit.schema.constraints.judge import violated

__all__ = ["Constraint", "violated"]
