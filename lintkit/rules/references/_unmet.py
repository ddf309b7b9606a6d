"""Needs that nothing meets, as findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Applicability, Finding, Fix, Related, Severity
from lintkit.model.contracts import State
from lintkit.model.names import closest
from lintkit.rules.references._repairs import to_kind, to_namespace
from lintkit.syntax.node import Scalar
from lintkit.syntax.rewrite import replace_scalar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from lintkit.model.consumers import Reference
    from lintkit.model.contracts import Answer, Contracts
    from lintkit.model.resource import Resource
    from lintkit.model.tree import Tree


def unmet(tree: Tree, wanted: Callable[[Reference], bool], *, keys: bool = False) -> Iterator[tuple[Contracts, Answer]]:
    """The unmet needs of all clusters that a rule is about.

    Args:
        tree: The tree.
        wanted: Which references.
        keys: Needs of a key that an existing object lacks, rather than of an object that is not there.
    """
    for contracts in tree.contracts:
        for answer in contracts.answers:
            if answer.state is State.UNMET and answer.is_key == keys and wanted(answer.reference):
                yield contracts, answer


def missing_object(contracts: Contracts, answer: Answer, *, severity: Severity | None = None) -> Finding:
    """The finding for an object that is not there.

    Args:
        contracts: The cluster.
        answer: The unmet need.
        severity: Severity when absence is certain; what is not certain is `info`.
    """
    reference = answer.reference
    message, related, suggestion = _hashed(answer) if answer.is_hashed else _explained(contracts, reference)
    certain = contracts.is_certain(answer) or (
        reference.kind in _OF_EITHER_SCOPE and _other_kind(contracts, reference) is not None
    )
    return Finding.at(
        reference.node,
        message,
        severity=severity if certain else Severity.INFO,
        related=related,
        fix=None if answer.is_hashed else _repair(contracts, reference, suggestion),
    )


def missing_flux_object(contracts: Contracts, answer: Answer) -> Finding:
    """The finding for a Flux object that is not there: the tree declares all of them, so absence is certain."""
    reference = answer.reference
    message, related, suggestion = _explained(contracts, reference)
    severity = None
    if _is_in_other_cluster(contracts, reference) and not contracts.tree.has_certain_entry:
        severity = Severity.INFO
    fix = _repair(contracts, reference, suggestion)
    return Finding.at(reference.node, message, severity=severity, related=related, fix=fix)


def _is_in_other_cluster(contracts: Contracts, reference: Reference) -> bool:
    return any(
        other.cluster.find(reference.group, reference.kind, reference.namespace, reference.name) is not None
        for other in contracts.tree.contracts
        if other is not contracts
    )


def _explained(contracts: Contracts, reference: Reference) -> tuple[str, tuple[Related, ...], str | None]:
    """The message, the other places, and the name that was meant."""
    message = f"nothing in this tree is {_shown(reference)}"
    elsewhere = in_other_namespaces(contracts, reference)
    if elsewhere:
        namespaces = sorted({resource.namespace or "none" for resource in elsewhere})
        message += f"; that name is in namespace `{'`, `'.join(namespaces)}`"
        return message, tuple(Related(one.name_place, "the one of that name") for one in elsewhere[:2]), None
    other_kind = _other_kind(contracts, reference)
    if other_kind is not None:
        message += f"; there is a {other_kind.kind} of that name"
        return message, (Related(other_kind.name_place, f"the {other_kind.kind}"),), None
    names = contracts.names(reference)
    close = closest(reference.name, names)
    if close is not None:
        message += f"; did you mean `{close}`?"
        return message, tuple(Related(one.name_place, f"`{close}`") for one in names[close][:1]), close
    unapplied = contracts.is_elsewhere(reference)
    if unapplied is not None:
        message += f": `{unapplied.path}` declares it, and Flux does not apply that here"
        return message, (Related(unapplied.name_place, "not applied"),), None
    return message, (), None


def _hashed(answer: Answer) -> tuple[str, tuple[Related, ...], None]:
    """The message about an object that has another name than the one that its generator says."""
    reference = answer.reference
    message = (
        f"kustomize adds a hash to the name of {reference.kind} `{reference.name}`, and does not write it here; "
        "`disableNameSuffixHash: true` leaves the name as it is"
    )
    places = tuple(Related(maker.node.place, "the generator") for maker in answer.producers if maker.is_hashed)
    return message, places[:1], None


def _shown(reference: Reference) -> str:
    where = f" in namespace `{reference.namespace}`" if reference.namespace else ""
    return f"{reference.kind} `{reference.name}`{where}"


def in_other_namespaces(contracts: Contracts, reference: Reference) -> list[Resource]:
    """Objects of that kind and name in other namespaces."""
    if reference.kind in {"Secret", "ConfigMap"}:
        makers = contracts.producers.get((reference.kind, reference.name), ())
        return [maker.resource for maker in makers if maker.namespace not in {None, reference.namespace}]
    return [
        resource
        for resource in contracts.cluster.named(reference.group, reference.kind, reference.name)
        if resource.namespace != reference.namespace
    ]


_PAIRS = {"Secret": "ConfigMap", "ConfigMap": "Secret", "SecretStore": "ClusterSecretStore",
          "ClusterSecretStore": "SecretStore", "Issuer": "ClusterIssuer", "ClusterIssuer": "Issuer",
          "GitRepository": "OCIRepository", "OCIRepository": "HelmRepository", "HelmRepository": "OCIRepository",
          "Kustomization": "HelmRelease", "HelmRelease": "Kustomization"}  # fmt: skip


_OF_EITHER_SCOPE = frozenset({"SecretStore", "ClusterSecretStore", "Issuer", "ClusterIssuer"})
"""Kinds of which a slip of scope is as sure as one of a letter."""


def _other_kind(contracts: Contracts, reference: Reference) -> Resource | None:
    """An object of that name and of the kind that is most often confused with the wanted one."""
    kind = _PAIRS.get(reference.kind)
    if kind is None:
        return None
    if kind in {"Secret", "ConfigMap"}:
        for maker in contracts.producers.get((kind, reference.name), ()):
            if reference.namespace in {None, maker.namespace}:
                return maker.resource
        return None
    for resource in contracts.cluster.resources:
        if resource.kind == kind and resource.name == reference.name:
            return resource
    return None


def _rename(reference: Reference, name: str) -> Fix | None:
    node = reference.node
    if not isinstance(node, Scalar) or "${" in node.source.text[node.start : node.end]:
        return None
    if node.text != reference.name:
        return None
    return Fix(f"rename to `{name}`", tuple(replace_scalar(node, name)), Applicability.UNSAFE)


def _other_namespace(contracts: Contracts, reference: Reference) -> Fix | None:
    """Write the namespace that the one object of that name is in, where the reference has a field for it."""
    if reference.namespace_node is None and reference.row.namespace != "namespace":
        return None
    found = {resource.namespace for resource in in_other_namespaces(contracts, reference)}
    namespace = found.pop() if len(found) == 1 else ""
    return to_namespace(reference, namespace) if namespace and "${" not in namespace else None


def _repair(contracts: Contracts, reference: Reference, suggestion: str | None) -> Fix | None:
    """Another name, another kind, or the one object of its kind that goes by a longer name."""
    if suggestion:
        return _rename(reference, suggestion)
    if in_other_namespaces(contracts, reference):
        return _other_namespace(contracts, reference)
    other = _other_kind(contracts, reference)
    if other is not None:
        return to_kind(reference, other.kind)
    names = sorted(contracts.names(reference))
    is_only = len(names) == 1 and reference.kind in _OF_EITHER_SCOPE
    is_longer = is_only and (names[0].startswith(f"{reference.name}-") or reference.name.startswith(f"{names[0]}-"))
    return _rename(reference, names[0]) if is_longer else None
