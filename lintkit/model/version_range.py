"""Version ranges as people write them in policies: `0.39.0`, `>=0.39,<0.41`, `~0.39.0`, `^1.2`, `0.39.x`."""

from __future__ import annotations

import re

_TERM = re.compile(r"(>=|<=|>|<|=|~|\^)?\s*v?(\d+)(?:\.(\d+|[xX*]))?(?:\.(\d+|[xX*]))?")


def numbers(text: str) -> tuple[int, ...] | None:
    """The numbers of a version, without trailing zeros; None when there are none."""
    found = re.match(r"v?(\d+(?:\.\d+)*)", text)
    if not found:
        return None
    parts = [int(part) for part in found[1].split(".")]
    while len(parts) > 1 and parts[-1] == 0:
        parts.pop()
    return tuple(parts)


def satisfies(version: str, wanted: str) -> bool:
    """Whether a version lies in a range; terms separated by commas or spaces must all hold, `||` gives alternatives."""
    have = numbers(version)
    if have is None:
        return False
    padded = (*have, 0, 0, 0)[:3]
    return any(
        all(_holds(padded, term) for term in _TERM.finditer(part)) and _TERM.search(part) is not None
        for part in wanted.split("||")
    )


def is_valid(wanted: str) -> bool:
    """Whether a range can be read wholly."""
    rest = _TERM.sub("", wanted)
    return bool(_TERM.search(wanted)) and not re.sub(r"[\s,|]", "", rest)


def _holds(have: tuple[int, ...], term: re.Match[str]) -> bool:
    operator, *parts = term.groups()
    known = [int(part) for part in parts if part is not None and part.isdigit()]
    low = (*known, 0, 0, 0)[:3]
    match operator:
        case ">=":
            return have >= low
        case "<=":
            return have <= low
        case ">":
            return have > low
        case "<":
            return have < low
        case "^":
            first = next((index for index, part in enumerate(low) if part), len(known) - 1)
            return have >= low and have[: first + 1] == low[: first + 1]
        case "~":
            return have >= low and have[: max(1, min(2, len(known)))] == low[: max(1, min(2, len(known)))]
        case _:
            return have[: len(known)] == tuple(known)
