"""How a function of the library is declared."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Callable

    from lintkit.cel.values import Value

_KINDS = "bool|int|uint|double|string|bytes|list|map|null|timestamp|duration|type|optional|ip|cidr|url|quantity|semver"
_SIGNATURE = re.compile(rf"(?:(?P<receiver>{_KINDS}|dyn) \. )?(?P<name>[\w.]+)\((?P<kinds>[\w, ]*)\)")


class Function(NamedTuple):
    """One overload of a function.

    Attributes:
        name: Its name.
        is_method: Whether it is called on a value.
        kinds: Kinds of its arguments, the receiver first; `dyn` is any.
        run: Takes the arguments, after the budget where it wants that.
        wants_budget: Whether it does.
    """

    name: str
    is_method: bool
    kinds: tuple[str, ...]
    run: Callable[..., Value]
    wants_budget: bool = False


def function(signature: str, run: Callable[..., Value], *, budget: bool = False) -> Function:
    """Declare a function: `string . indexOf(string, int)` is called on a string, `size(list)` is not."""
    found = _SIGNATURE.fullmatch(signature)
    if found is None:
        message = f"`{signature}` is no signature"
        raise ValueError(message)
    receiver = (found["receiver"],) if found["receiver"] else ()
    kinds = tuple(kind.strip() for kind in found["kinds"].split(",") if kind.strip())
    return Function(found["name"], bool(receiver), (*receiver, *kinds), run, budget)
