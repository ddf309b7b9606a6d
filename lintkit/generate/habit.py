"""What most of several values are."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

HALF = 0.5


def usual(values: Iterable[Any], share: float = HALF) -> Any:  # noqa: ANN401 - any YAML value
    """The value that more than a share of all have; None when there is none, or when that is what they have."""
    texts = [json.dumps(value, sort_keys=True, default=str) for value in values]
    if not texts:
        return None
    text, count = Counter(texts).most_common(1)[0]
    return json.loads(text) if count > share * len(texts) else None


def usual_fields(mappings: Sequence[Mapping[str, Any]], names: Iterable[str]) -> dict[str, Any]:
    """For each name, the value that most mappings have there."""
    found = {name: usual(one.get(name) for one in mappings) for name in names}
    return {name: value for name, value in found.items() if value is not None}


def order_of(mappings: Iterable[Mapping[str, Any]]) -> tuple[str, ...]:
    """The keys of several mappings, in the order they mostly come in."""
    before: Counter[tuple[str, str]] = Counter()
    keys: Counter[str] = Counter()
    for mapping in mappings:
        seen: list[str] = []
        for key in mapping:
            before.update((other, key) for other in seen)
            seen.append(key)
            keys[key] += 1
    # each key ranks by how many others mostly come before it
    wins = {key: sum(before[other, key] > before[key, other] for other in keys) for key in keys}
    return tuple(sorted(keys, key=lambda key: (wins[key], key)))


def share(flags: Iterable[bool], default: float = 1.0) -> float:
    """The part of the flags that is set."""
    counted = list(flags)
    return sum(counted) / len(counted) if counted else default
