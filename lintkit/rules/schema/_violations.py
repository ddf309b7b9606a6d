"""Violations of schemas, as findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Applicability, Finding, Fix, Severity
from lintkit.syntax.node import Scalar
from lintkit.syntax.rewrite import rename_key, replace_scalar

if TYPE_CHECKING:
    from lintkit.schema.violation import Violation


def finding(violation: Violation, fix: Fix | None = None) -> Finding:
    """The finding for a violation."""
    severity = Severity[violation.severity.upper()] if violation.severity else None
    return Finding.at(violation.place, violation.message, severity=severity, fix=fix)


def rename(violation: Violation) -> Fix | None:
    """Rename a key to what was meant."""
    if violation.key is None or violation.suggestion is None:
        return None
    edits = tuple(rename_key(violation.key, violation.suggestion))
    return Fix(f"rename to `{violation.suggestion}`", edits, Applicability.UNSAFE)


def replace_value(violation: Violation) -> Fix | None:
    """Replace a value by what was meant."""
    if not isinstance(violation.node, Scalar) or violation.suggestion is None:
        return None
    edits = tuple(replace_scalar(violation.node, violation.suggestion))
    return Fix(f"change to `{violation.suggestion}`", edits, Applicability.UNSAFE)


def quote(violation: Violation) -> Fix | None:
    """Put a value in quotes; what it says stays."""
    node = violation.node
    if not isinstance(node, Scalar) or node.style or "${" in node.source.text[node.start : node.end]:
        return None
    return Fix("quote it", tuple(replace_scalar(node, node.text)), Applicability.SAFE)
