"""The connection for the worker's container of a pod template: how the charts themselves give it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Applicability, Fix
from lintkit.model.airflow import COMMUNITY, DATABASE
from lintkit.syntax.blocks import add_item
from lintkit.syntax.embedded import is_masked
from lintkit.syntax.node import Mapping, Sequence
from lintkit.syntax.rewrite import add_entry, quoted

if TYPE_CHECKING:
    from lintkit.model.airflow import Airflow
    from lintkit.text.edit import Edit

_HELPER = '{{ template "airflow_metadata_secret" . }}'
"""The name of the Secret, as the official chart writes it itself; pod templates are templates of Helm."""


def with_connection(airflow: Airflow, container: Mapping) -> Fix | None:
    """Give the container the connection: a variable, or with the community chart its Secret of variables."""
    if airflow.flavour == COMMUNITY:
        secret = f"{airflow.release.release_name}-config-envs"
        edits = _added(container, "envFrom", f"secretRef:\n  name: {quoted(secret)}")
        return Fix(f"add `envFrom` with Secret `{secret}`", tuple(edits), Applicability.UNSAFE) if edits else None
    written = airflow.metadata_secret
    is_plain = written is not None and not is_masked(written.text) and "${" not in written.text
    name = quoted(written.text) if written is not None and is_plain else _HELPER
    variable = f"name: {DATABASE}\nvalueFrom:\n  secretKeyRef:\n    name: {name}\n    key: connection"
    edits = _added(container, "env", variable)
    return Fix(f"add `{DATABASE}` from the chart's Secret", tuple(edits), Applicability.UNSAFE) if edits else None


def _added(container: Mapping, field: str, text: str) -> list[Edit] | None:
    node = container.get(field)
    if isinstance(node, Sequence):
        return add_item(node, text)
    if node is not None:
        return None
    first, *rest = text.split("\n")
    return add_entry(container, "\n".join([f"{field}:", f"  - {first}", *(f"    {line}" for line in rest)]))
