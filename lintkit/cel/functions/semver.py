"""Semantic versions."""

from __future__ import annotations

import re
from typing import TypeAlias

from lintkit.cel.errors import EvaluationError
from lintkit.cel.functions._declare import function

_NUMBER = r"(0|[1-9][0-9]{0,18})"
_TAIL = r"(?:-([0-9A-Za-z.-]{1,200}))?(?:\+([0-9A-Za-z.-]{1,200}))?"
_FORM = re.compile(rf"{_NUMBER}\.{_NUMBER}\.{_NUMBER}{_TAIL}", re.ASCII)
_LOOSE = re.compile(rf"v?([0-9]{{1,19}})(?:\.([0-9]{{1,19}}))?(?:\.([0-9]{{1,19}}))?{_TAIL}", re.ASCII)
Order: TypeAlias = tuple[int, int, int, tuple[int, tuple[tuple[int, int, str], ...]]]


class Version:
    """A semantic version."""

    __slots__ = ("build", "order")
    kind = "semver"

    def __init__(self, order: Order, build: str) -> None:
        self.order = order
        self.build = build

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Version) and other.order == self.order

    def __hash__(self) -> int:
        return hash(self.order)


def _semver(text: str, normalize: bool = False) -> Version:  # noqa: FBT001, FBT002 - as CEL calls it
    found = (_LOOSE if normalize else _FORM).fullmatch(text)
    pre = found[4] if found else None
    parts = pre.split(".") if pre else []
    if found is None or not all((*parts, *(found[5] or "0").split("."))):
        message = f"`{text[:60]}` is no semantic version"
        raise EvaluationError(message)
    keys = tuple((0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts)
    numbers = int(found[1]), int(found[2] or 0), int(found[3] or 0)
    return Version((*numbers, (0 if parts else 1, keys)), found[5] or "")


def _is_semver(text: str, normalize: bool = False) -> bool:  # noqa: FBT001, FBT002 - as CEL calls it
    try:
        _semver(text, normalize)
    except EvaluationError:
        return False
    return True


def _compare(one: Version, other: Version) -> int:
    return (one.order > other.order) - (one.order < other.order)


FUNCTIONS = (
    function("semver(string)", _semver),
    function("semver(string, bool)", _semver),
    function("isSemver(string)", _is_semver),
    function("isSemver(string, bool)", _is_semver),
    function("semver . major()", lambda one: one.order[0]),
    function("semver . minor()", lambda one: one.order[1]),
    function("semver . patch()", lambda one: one.order[2]),
    function("semver . isGreaterThan(semver)", lambda one, other: one.order > other.order),
    function("semver . isLessThan(semver)", lambda one, other: one.order < other.order),
    function("semver . compareTo(semver)", _compare),
)
