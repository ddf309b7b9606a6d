"""Puts the keys of two views in one order, so that only what differs differs: as the later file has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.diff.fields import by_name

if TYPE_CHECKING:
    from collections.abc import Iterable

    from lintkit.diff.view import View


def aligned(before: View, after: View) -> tuple[View, View]:
    """Both views, with common keys in the order of the later one, and keys that went where they were."""
    if isinstance(before, dict) and isinstance(after, dict):
        order = _order(before, after)
        both = {key: aligned(before[key], after[key]) for key in order if key in before and key in after}
        return (
            {key: both[key][0] if key in both else before[key] for key in order if key in before},
            {key: both[key][1] if key in both else after[key] for key in order if key in after},
        )
    if isinstance(before, list) and isinstance(after, list):
        return _lists(before, after)
    return before, after


def _order(before: Iterable[str], after: Iterable[str]) -> list[str]:
    """The keys of the later one, and after each those that followed it in the earlier one and are gone."""
    kept = list(after)
    known = set(kept)
    gone: dict[str, list[str]] = {}
    last = ""
    for key in before:
        if key in known:
            last = key
        else:
            gone.setdefault(last, []).append(key)
    order = gone.get("", []) if "" not in known else []
    for key in kept:
        order += [key, *gone.get(key, ())]
    return order


def _lists(before: list[View], after: list[View]) -> tuple[View, View]:
    named = by_name(before, after)
    if named is None:
        pairs = [aligned(one, other) for one, other in zip(before, after, strict=False)]
        shared = len(pairs)
        return [one for one, _ in pairs] + before[shared:], [other for _, other in pairs] + after[shared:]
    old, new = named
    both = {name: aligned(old[name], new[name]) for name in old if name in new}
    return (
        [both[name][0] if name in both else one for name, one in old.items()],
        [both[name][1] if name in both else one for name, one in new.items()],
    )
