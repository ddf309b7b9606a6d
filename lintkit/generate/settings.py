"""The text of a `.lintkit.yaml`: what files alone cannot say, each part with its reason."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Severity
from lintkit.generate.emit import emit
from lintkit.model.contracts import State
from lintkit.model.flux import GROUPS

if TYPE_CHECKING:
    from lintkit.engine import Report
    from lintkit.model.consumers import Reference
    from lintkit.model.contracts import Contracts
    from lintkit.model.tree import Tree
    from lintkit.options import Options

SCHEMA = "https://raw.githubusercontent.com/lintkit/lintkit/main/docs/schemas/configuration.json"
PAGE = "https://lintkit.github.io/lintkit/configuration/"
_ORDER = ("kind", "namespace", "name")
_STORES = frozenset({"SecretStore", "ClusterSecretStore"})
_OPENERS = frozenset({"connect", "onepassword-connect", "vault", "bitwarden-sdk-server"})
_BESIDE = frozenset({"archive", "archived", "docs", "examples", "templates", "test", "tests"})
_HEAD = f"""# yaml-language-server: $schema={SCHEMA}
# What lintkit cannot read from this repository. Every key: {PAGE}
"""


def settings(report: Report | None, options: Options) -> str:
    """The configuration that a tree needs.

    Args:
        report: What is wrong with it today; None for a tree without manifests.
        options: Options that hold anyway.
    """
    parts: list[str] = []
    tree = report.tree if report is not None else None
    if tree is not None and report is not None:
        if folders := _beside(report, tree):
            parts.append(
                "# Flux applies nothing of these, and they have findings.\n"
                + emit({"exclude": [f"/{one}/" for one in folders]})
            )
        if outside := _external(tree, options):
            parts.append(
                "# Nothing in this repository makes these, and nothing can: they are made by hand before Flux starts.\n"
                "external:\n" + "".join(outside)
            )
    if not parts:
        parts.append("# Nothing is needed so far: everything is read from the tree.\n")
    return _HEAD + "\n" + "\n".join(parts)


def _beside(report: Report, tree: Tree) -> list[str]:
    """Folders at the top with findings that no cluster applies, by the names that such folders have."""
    found = {
        path.partition("/")[0]
        for one in report.findings
        if "/" in (path := one.path) and (one.severity or Severity.ERROR) > Severity.INFO
    }
    reached = {path.partition("/")[0] for path in tree.reached_files}
    return sorted(found & _BESIDE - reached)


def _external(tree: Tree, options: Options) -> list[str]:
    """Secrets that open a vault or Flux's own sources, and those that a file declares which Flux does not apply."""
    found: dict[tuple[str, str, str], tuple[set[str], str]] = {}
    for contracts in tree.contracts:
        for answer in contracts.answers:
            one = answer.reference
            if (
                answer.state is not State.UNMET
                or answer.is_key
                or one.is_optional
                or one.kind not in {"Secret", "ConfigMap"}
            ):
                continue
            if not one.namespace or not one.is_decided or contracts.is_certain(answer):
                continue
            if reason := _why_outside(one, contracts):
                keys, _ = found.setdefault((one.kind, one.namespace, one.name), (set(), reason))
                if one.key:
                    keys.add(one.key)
    declared = {(one.kind, one.namespace, one.name) for one in options.external}
    return [
        f"  - {emit({'kind': kind, 'namespace': namespace, 'name': name}, 4, _ORDER).lstrip()}"
        + (emit({"keys": sorted(keys)}, 4) if keys else "")
        + emit({"reason": reason}, 4)
        for (kind, namespace, name), (keys, reason) in sorted(found.items())
        if (kind, namespace, name) not in declared
    ]


def _why_outside(reference: Reference, contracts: Contracts) -> str:
    written = contracts.is_elsewhere(reference)
    if written is not None:
        return f"{written.path} declares it, and Flux does not apply that"
    consumer = reference.consumer
    if consumer.kind in _STORES:
        return f"opens the vault for {consumer.kind} {consumer.name}"
    if consumer.group in GROUPS and consumer.kind != "HelmRelease":
        return f"what {consumer.kind} {consumer.name} needs itself"
    if consumer.kind == "HelmRelease":
        for view in contracts.views:
            if view.release.resource.name == consumer.name and view.chart is not None and view.chart.name in _OPENERS:
                return f"opens the vault for HelmRelease {consumer.name}"
    return ""
