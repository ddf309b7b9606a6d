"""How like two names are: what a typo may have meant."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_CLOSE = 0.8
_NEARLY_EQUAL = 0.93
_SLIP = 2
_LONG = 8


def closest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate that is most like a name, if one is like enough to be meant.

    A letter too many, too few, wrong or swapped counts, and a part that was added or left out; `app-secret` and
    `app-config` are two names.
    """
    best, score = None, 0.0
    for candidate in sorted(candidates):
        if candidate == name:
            continue
        matcher = SequenceMatcher(None, name, candidate)
        if matcher.real_quick_ratio() < max(_CLOSE, score) or matcher.quick_ratio() < max(_CLOSE, score):
            continue
        ratio = matcher.ratio()
        if ratio >= _CLOSE and ratio > score and (ratio >= _NEARLY_EQUAL or _is_one_slip(name, candidate)):
            best, score = candidate, ratio
    return best


def _is_one_slip(one: str, other: str) -> bool:
    """Whether two names differ in one short piece, or in one piece that only one of them has."""
    start = 0
    while start < min(len(one), len(other)) and one[start] == other[start]:
        start += 1
    end = 0
    while end < min(len(one), len(other)) - start and one[-1 - end] == other[-1 - end]:
        end += 1
    mine, theirs = one[start : len(one) - end], other[start : len(other) - end]
    if not mine or not theirs:
        return True
    return max(len(mine), len(theirs)) <= _SLIP


def is_typo(name: str, other: str) -> bool:
    """Whether two long names differ by one letter too many, too few, wrong or swapped; digits tell names apart."""
    if min(len(name), len(other)) < _LONG or name == other:
        return False
    start = 0
    while start < min(len(name), len(other)) and name[start] == other[start]:
        start += 1
    mine, theirs = name[start:], other[start:]
    swapped = len(mine) == len(theirs) and mine[2:] == theirs[2:] and mine[:2] == theirs[1::-1]
    if mine[1:] == theirs:
        different = mine[:1]
    elif mine == theirs[1:]:
        different = theirs[:1]
    elif swapped or mine[1:] == theirs[1:]:
        different = mine[:1] + theirs[:1]
    else:
        return False
    return not any(char.isdigit() for char in different)
