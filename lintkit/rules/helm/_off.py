"""Whether Helm holds the values of a release against the chart's schema at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.model.flux import flag

if TYPE_CHECKING:
    from lintkit.schema.violation import Violation


def is_off(violation: Violation) -> bool:
    """Whether both install and upgrade of the release leave the schema aside."""
    release = violation.resource
    actions = ("install", "upgrade")
    return release is not None and all(
        flag(release.at("spec", action, "disableSchemaValidation")) for action in actions
    )
