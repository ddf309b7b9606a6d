"""What a rule says: a finding, its severity, its fix."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import TYPE_CHECKING

from lintkit.syntax.node import Node, Place

if TYPE_CHECKING:
    from lintkit.text.edit import Edit


class Severity(IntEnum):
    """How bad a finding is; `info` never fails a run."""

    INFO = 1
    WARNING = 2
    ERROR = 3

    def __str__(self) -> str:
        return self.name.lower()


class Applicability(Enum):
    """Whether a fix may be applied without asking."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    DISPLAY = "display"


@dataclass(frozen=True, slots=True)
class Moved:
    """A secret that a fix takes out of the tree.

    Attributes:
        place: The secret itself.
        item: The item of the vault that it goes to.
        field: The field of the item.
    """

    place: Place
    item: str
    field: str


@dataclass(frozen=True, slots=True)
class Fix:
    """Edits that remove the cause of a finding.

    Attributes:
        title: What it does, as an order: "rename to `a`".
        edits: The changes, in one file or several; all of them or none.
        applicability: Whether it may be applied without asking.
        moved: Secrets that it takes away; it may only be applied where they can be had again.
        notes: What a person must do after it, one line each.
    """

    title: str
    edits: tuple[Edit, ...]
    applicability: Applicability = Applicability.SAFE
    moved: tuple[Moved, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Related:
    """Another place that a finding is about."""

    place: Place
    message: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One defect at one place.

    Attributes:
        place: What a person would edit.
        message: Lower case, no full stop, the user's own words in backticks.
        severity: None for the rule's default.
        related: Other places.
        fix: How to repair it, when that is known.
        rule: Name of the rule; the engine fills it in.
    """

    place: Place
    message: str
    severity: Severity | None = None
    related: tuple[Related, ...] = ()
    fix: Fix | None = None
    rule: str = ""

    @classmethod
    def at(
        cls,
        place: Node | Place,
        message: str,
        *,
        severity: Severity | None = None,
        related: tuple[Related, ...] = (),
        fix: Fix | None = None,
    ) -> Finding:
        """A finding at a node or a place."""
        return cls(place.place if isinstance(place, Node) else place, message, severity, related, fix)

    @property
    def path(self) -> str:
        """The file."""
        return self.place.source.path

    @property
    def position(self) -> tuple[int, int]:
        """1-based line and column of its start."""
        return self.place.source.position(self.place.span.start)

    @property
    def end_position(self) -> tuple[int, int]:
        """1-based line and column after its end."""
        return self.place.source.position(self.place.span.end)


@dataclass(frozen=True, slots=True)
class Silenced:
    """A finding that is not shown.

    Attributes:
        finding: The finding.
        reason: Why people accept it.
        in_source: Whether a comment in the file says so; else the configuration.
    """

    finding: Finding
    reason: str
    in_source: bool
