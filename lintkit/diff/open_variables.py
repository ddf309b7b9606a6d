"""Fields whose value only the cluster knows: `${...}` that a Secret or ConfigMap outside of the tree decides."""

from __future__ import annotations

import re
from typing import Any

_OPEN = re.compile(r"\$\{[A-Za-z_]")


def has_open(text: str) -> bool:
    """Whether a text holds a variable that was not replaced."""
    return _OPEN.search(text) is not None


def filled(wanted: Any, live: Any) -> Any:  # noqa: ANN401 - JSON
    """An object with what the cluster has where a variable is open, so that it is no difference.

    Args:
        wanted: The object as the tree has it.
        live: The object as the cluster has it; lists are followed by the names of their elements, else by position.
    """
    if isinstance(wanted, dict):
        there = live if isinstance(live, dict) else {}
        return {key: filled(value, there.get(key)) for key, value in wanted.items()}
    if isinstance(wanted, list):
        there_list = live if isinstance(live, list) else []
        named = {one["name"]: one for one in there_list if isinstance(one, dict) and "name" in one}
        return [
            filled(
                one,
                named.get(one["name"])
                if isinstance(one, dict) and one.get("name") in named
                else (there_list[index] if index < len(there_list) else None),
            )
            for index, one in enumerate(wanted)
        ]
    if isinstance(wanted, str) and has_open(wanted) and live is not None and not isinstance(live, dict | list):
        return live
    return wanted
