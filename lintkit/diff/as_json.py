"""A difference for programs."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from lintkit.diff.compare import State

if TYPE_CHECKING:
    from lintkit.diff.compare import Change, Difference


def render(difference: Difference) -> str:
    """The whole difference as one JSON object."""
    made = {
        "before": difference.before,
        "after": difference.after,
        "summary": {state.value: difference.count(state) for state in State if state is not State.SAME},
        "changes": [_change(change) for change in difference.changes],
        "notes": list(difference.notes),
    }
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"


def _change(change: Change) -> dict[str, Any]:
    made: dict[str, Any] = {
        "state": change.state.value,
        "apiVersion": change.api_version,
        "kind": change.id.kind,
        "namespace": change.id.namespace,
        "name": change.id.name,
        "appliedBy": [{"cluster": where.cluster, "kustomization": where.owner} for where in change.wheres],
        "path": change.path,
        "line": change.line,
        "fields": [field.as_json() for field in change.fields],
    }
    if change.keys:
        made["keys"] = {key: state.value for key, state in change.keys}
    if change.notes:
        made["notes"] = list(change.notes)
    return made
