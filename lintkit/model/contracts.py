"""The contract graph: every need of a cluster, held against whoever meets it.

A need is met, undecided or unmet. Absence is certain only where everything else of that kind in that namespace is made
by this tree, or where a name that is there comes close; docs/certainty.md has the whole rule.
"""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from enum import Enum
from fnmatch import fnmatchcase
from functools import cached_property
from typing import TYPE_CHECKING

from lintkit.model.consumers import Reference, references_of
from lintkit.model.flux import GROUPS, OPERATOR, is_helm_release
from lintkit.model.given import PLAIN_GROUPS, SILENT_GROUPS, by_the_cluster, derives, given
from lintkit.model.helm import HelmRelease
from lintkit.model.helm_values import values_of
from lintkit.model.kustomize.names import followed
from lintkit.model.names import closest, is_typo
from lintkit.model.producers import Producer, index, makes_claim
from lintkit.model.value_references import ReleaseView

if TYPE_CHECKING:
    from lintkit.model.cluster import Applied, Cluster
    from lintkit.model.kustomize.item import Gap
    from lintkit.model.resource import Resource
    from lintkit.model.tree import Tree
    from lintkit.options import External

_TEMPLATES = frozenset({(OPERATOR, "ResourceSet"), ("kyverno.io", "ClusterPolicy"), ("kyverno.io", "Policy")})
_DECIDED_LATER = re.compile(r"<<.*?>>|\{\{.*?\}\}")
_TEMPLATED_NAME = re.compile(r"^[ \t]*(?:- )?name:[ \t]*(.+)$", re.MULTILINE)


class State(Enum):
    """How a need stands."""

    MET = "met"
    UNDECIDED = "undecided"
    UNMET = "unmet"


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """What the tree says to a need.

    Attributes:
        reference: The need.
        state: Met, undecided or unmet.
        reason: Why it is undecided.
        target: The object that meets it.
        producers: Who makes the Secret or ConfigMap that is named.
        is_key: The object is there and the key is not.
        is_hashed: The object is there under a name with a hash, which kustomize does not write where it is needed.
    """

    reference: Reference
    state: State
    reason: str = ""
    target: Resource | None = None
    producers: tuple[Producer, ...] = ()
    is_key: bool = False
    is_hashed: bool = False


_OF_CHARTS = frozenset(
    {"Service", "ServiceAccount", "PersistentVolumeClaim", "Deployment", "StatefulSet", "ReplicaSet", "Role"}
)
_OF_VALUES = frozenset({"values", "existing", "airflow"})
_SHARED = frozenset({"Gateway", "Kustomization", "HelmRelease"})
"""Kinds of which one name is used from many namespaces, so that the same name elsewhere is the one that is meant."""


class Contracts:
    """The needs of one cluster."""

    def __init__(self, tree: Tree, cluster: Cluster) -> None:
        self.tree = tree
        self.cluster = cluster

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        """Every reference of every object of the cluster."""
        found = [reference for resource in self.cluster.resources for reference in references_of(resource)]
        for view in self.views:
            found += view.references()
        return tuple(found)

    @cached_property
    def views(self) -> tuple[ReleaseView, ...]:
        """Every Helm release, with its chart, its values and what is known of the chart."""
        own = self.tree.chart_profiles
        return tuple(
            ReleaseView(release, values_of(release, self), self.cluster, own)
            for resource in self.cluster.resources
            if is_helm_release(resource)
            for release in (HelmRelease(resource),)
        )

    @cached_property
    def producers(self) -> dict[tuple[str, str], list[Producer]]:
        """(kind, name) -> who makes it."""
        found = index(self.cluster.resources)
        for view in self.views:
            for producer in view.made():
                found.setdefault((producer.kind, producer.name), []).append(producer)
        return found

    @cached_property
    def written_producers(self) -> dict[tuple[str, str], list[Producer]]:
        """(kind, name) -> who would make it, if Flux applied it."""
        return index(self.tree.written)

    @cached_property
    def answers(self) -> tuple[Answer, ...]:
        """The answer to every need."""
        return tuple(self.answer(reference) for reference in self.references)

    @cached_property
    def releases(self) -> dict[str, list[ReleaseView]]:
        """Namespace -> the Helm releases in it; their charts make objects that no file shows."""
        found: dict[str, list[ReleaseView]] = {}
        for view in self.views:
            found.setdefault(view.release.release_namespace, []).append(view)
        return found

    def answer(self, reference: Reference) -> Answer:
        """Hold one need against the cluster."""
        if not reference.is_decided or reference.name == "*":
            return Answer(reference, State.UNDECIDED, "a variable or wildcard decides it")
        if reference.kind in {"Secret", "ConfigMap"} and not reference.group:
            return self._data(reference)
        found = self.cluster.find(reference.group, reference.kind, reference.namespace, reference.name)
        if found is not None:
            return Answer(reference, State.MET, target=found)
        reason = self._why_undecided(reference)
        return Answer(reference, State.UNDECIDED if reason else State.UNMET, reason)

    def _data(self, reference: Reference) -> Answer:
        found = tuple(
            producer
            for producer in self.producers.get((reference.kind, reference.name), ())
            if reference.namespace is None or producer.namespace in {None, reference.namespace}
        )
        makers = [producer for producer in found if producer.owns]
        if not makers:
            reason = self._why_undecided(reference)
            return Answer(reference, State.UNDECIDED if reason else State.UNMET, reason, producers=found)
        if not any(self._is_named(reference, producer) for producer in makers) and not self._external(reference):
            return Answer(reference, State.UNMET, target=makers[0].resource, producers=found, is_hashed=True)
        if reference.key is None or any(reference.key in producer.keys for producer in found):
            return Answer(reference, State.MET, target=makers[0].resource, producers=found)
        if any(producer.may_have_more for producer in found):
            reason = f"{makers[0].resource.kind} `{makers[0].resource.name}` may have more keys than files show"
            return Answer(reference, State.UNDECIDED, reason, makers[0].resource, found)
        external = self._external(reference)
        if external is not None and (not external.keys or reference.key in external.keys):
            return Answer(reference, State.MET, producers=found)
        return Answer(reference, State.UNMET, target=makers[0].resource, producers=found, is_key=True)

    def _is_named(self, reference: Reference, maker: Producer) -> bool:
        """Whether the name that is written is the one that the object gets; a hash is added to some."""
        if not maker.is_hashed:
            return True
        owner, other = self.cluster.owner(reference.consumer), self.cluster.owner(maker.resource)
        if owner is None or other is None:
            return True
        if owner is not other or owner.build is None:
            return False
        return id(reference.node) in followed(reference.consumer, reference.kind, owner.build.references)

    def _external(self, reference: Reference) -> External | None:
        return next((one for one in self.tree.options.external if is_declared(reference, one)), None)

    def _why_undecided(self, reference: Reference) -> str:
        """Why an object that no file declares may exist all the same; empty when nothing speaks for it."""
        if self._external(reference) is not None:
            return "the configuration says that it comes from outside"
        why = given(reference)
        if why:
            return why
        if self._is_of_another(reference) and self.close_name(reference) is None:
            return "it is sent to another cluster, which may have it"
        identity = (reference.group, reference.kind, reference.namespace or "", reference.name)
        if identity in self.cluster.implied:
            return "Flux was started with it"
        for view in self.releases.get(reference.namespace or "", ()):
            release = view.release
            if release.resource is reference.consumer and reference.row.role not in _OF_VALUES:
                continue  # a chart makes nothing that its own release needs before it is installed
            if reference.name in view.made_names(reference.kind):
                return f"the chart of HelmRelease `{release.resource.name}` makes it"
            if release.resource is reference.consumer and reference.row.role == "existing":
                continue
            is_flux = reference.group in GROUPS and view.profile is not None  # no known chart makes objects of Flux
            may_make = not (is_flux or view.makes_all(reference.kind)) and derives(reference.name, release.release_name)
            if may_make and not self._is_typo(reference):
                return f"the chart of HelmRelease `{release.resource.name}` may make it"
        templated = self._templated(reference)
        if templated:
            return templated
        if reference.group in GROUPS:
            return self._shared_source(reference)
        reason = self._maker(reference) or self._unknown_chart(reference)
        if not reason and self.close_name(reference) is None:
            reason = self._unseen(reference)
        return reason

    def _is_of_another(self, reference: Reference) -> bool:
        """Whether a need is met in another cluster than the one that Flux runs in."""
        owner = self.cluster.owner(reference.consumer)
        view = owner.kustomization if owner is not None else None
        senders = [reference.consumer] if reference.row.role == "health" else []
        senders += [view.resource] if view is not None else []
        return any(sender.at("spec", "kubeConfig") is not None for sender in senders)

    def _is_typo(self, reference: Reference) -> bool:
        """Whether the name is one letter away from that of an object that this tree makes."""
        return any(is_typo(reference.name, name) for name in self.names(reference))

    @cached_property
    def templates(self) -> tuple[tuple[Resource, str, tuple[re.Pattern[str], ...]], ...]:
        """ResourceSets and Kyverno's policies, their text, and the names in it that are decided in the cluster."""
        found = []
        for resource in self.cluster.resources:
            if (resource.group, resource.kind) not in _TEMPLATES:
                continue
            text = resource.source.text[resource.written.start : resource.written.end]
            names = {name.strip().strip("\"'") for name in _TEMPLATED_NAME.findall(text) if _DECIDED_LATER.search(name)}
            patterns = tuple(
                re.compile(".*".join(re.escape(part) for part in _DECIDED_LATER.split(name))) for name in sorted(names)
            )
            found.append((resource, text, patterns))
        return tuple(found)

    def _templated(self, reference: Reference) -> str:
        """A ResourceSet or policy whose templates may make the object."""
        for resource, text, patterns in self.templates:
            if reference.kind not in text:
                continue
            literal = re.search(rf"name:.*(?<![\w-]){re.escape(reference.name)}(?![\w-])", text)
            if literal or any(pattern.fullmatch(reference.name) for pattern in patterns):
                return f"{resource.kind} `{resource.name}` may make it"
        return ""

    def _shared_source(self, reference: Reference) -> str:
        """A source that many Kustomizations share is the one that Flux was started with, under another name."""
        if reference.row.role != "source" or reference.kind not in {"GitRepository", "OCIRepository", "Bucket"}:
            return ""
        if (reference.kind, reference.name) not in self.tree.reach.common_sources:
            return ""
        return "many share it, so Flux was started with it"

    def _maker(self, reference: Reference) -> str:
        """An object of a kind that is not known to make nothing, and whose name the wanted one is made of."""
        if reference.kind not in {"Secret", "ConfigMap", "Service", "PersistentVolumeClaim", "ServiceAccount"}:
            return ""
        for resource in self.cluster.resources:
            if resource.namespace != reference.namespace:
                continue
            if reference.kind == "PersistentVolumeClaim" and makes_claim(resource, reference.name):
                return f"{resource.kind} `{resource.name}` makes it"
            if resource is reference.consumer:
                continue
            silent = SILENT_GROUPS if reference.kind in {"Secret", "ConfigMap"} else PLAIN_GROUPS
            if resource.group in silent or not resource.group:
                continue
            if derives(reference.name, resource.name):
                return f"{resource.kind} `{resource.name}` may make it"
        return ""

    def _unknown_chart(self, reference: Reference) -> str:
        """A chart in the same namespace that may make objects of a kind under any name."""
        if reference.kind not in _OF_CHARTS or self._is_typo(reference):
            return ""
        for view in self.releases.get(reference.namespace or "", ()):
            if not view.makes_all(reference.kind):
                return f"the chart of HelmRelease `{view.release.resource.name}` may make it"
        return ""

    def _unseen(self, reference: Reference) -> str:
        """A part of the cluster that files do not show and that may hold the object."""
        if by_the_cluster(reference):
            return "the cluster has objects of its own there"
        owner = self.cluster.owner(reference.consumer)
        build = owner.build if owner is not None else None
        if owner is not None and build is not None and any(_may_hold(gap, reference) for gap in build.gaps):
            return f"the build of `{owner.folder}` is not wholly known"
        for applied in self.cluster.applied:
            if not applied.is_partial or applied is owner or applied.kustomization is None:
                continue
            target = applied.kustomization.target_namespace
            if target is not None and target.text == reference.namespace:
                return f"Kustomization `{applied.kustomization.name}` is not wholly known"
        return ""

    def is_elsewhere(self, reference: Reference) -> Resource | None:
        """An object of that name that is written in the repository and that this cluster does not apply."""
        for producer in self.written_producers.get((reference.kind, reference.name), ()):
            return producer.resource
        for resource in self.tree.written:
            if (
                resource.kind == reference.kind
                and resource.name == reference.name
                and resource.group == reference.group
            ):
                return resource
        return None

    def names(self, reference: Reference) -> dict[str, list[Resource]]:
        """Names of what exists of the wanted kind, with the objects that make it."""
        found: dict[str, list[Resource]] = {}
        if reference.kind in {"Secret", "ConfigMap"}:
            for (kind, name), producers in self.producers.items():
                if kind == reference.kind:
                    found.setdefault(name, []).extend(
                        producer.resource
                        for producer in producers
                        if reference.namespace in {None, producer.namespace} or producer.namespace is None
                    )
            return {name: resources for name, resources in found.items() if resources}
        for resource in self.cluster.of_kind(reference.group, reference.kind):
            if reference.namespace in {None, "", resource.namespace}:
                found.setdefault(resource.name, []).append(resource)
        return found

    def close_name(self, reference: Reference) -> str | None:
        """The existing name that comes closest to the wanted one."""
        return closest(reference.name, self.names(reference))

    def is_wholly_made_here(self, reference: Reference) -> bool:
        """Whether every other need of that kind in that namespace is met by this tree, and there is one."""
        others = [
            answer.state
            for answer in self.answers
            if answer.reference.kind == reference.kind
            and answer.reference.namespace == reference.namespace
            and answer.reference.name != reference.name
        ]
        return bool(others) and all(state is State.MET for state in others)

    def is_certain(self, answer: Answer) -> bool:
        """Whether an unmet need is certainly a defect."""
        reference = answer.reference
        if answer.is_key or answer.is_hashed:
            return True
        if reference.kind in _SHARED and self.cluster.named(reference.group, reference.kind, reference.name):
            return True
        if self.is_elsewhere(reference) is not None:
            return False
        if self.close_name(reference) is not None:
            return True
        owner = self.cluster.owner(reference.consumer)
        is_partial = owner is not None and owner.build is not None and owner.build.is_partial
        return (not is_partial or reference.group in GROUPS) and self.is_wholly_made_here(reference)


def _may_hold(gap: Gap, reference: Reference) -> bool:
    """Whether the unknown part of a build may well bring what an object needs: what a sibling fetches does not."""
    folder = posixpath.dirname(gap.place.source.path)
    return not folder or reference.consumer.path.startswith(f"{folder}/")


def is_declared(reference: Reference, one: External) -> bool:
    """Whether an entry of `external:` in the configuration is about what a reference names."""
    return (
        fnmatchcase(reference.kind, one.kind)
        and fnmatchcase(reference.namespace or "", one.namespace)
        and fnmatchcase(reference.name, one.name)
    )


def owner_name(applied: Applied | None) -> str:
    """The Flux Kustomization that applies something, for messages."""
    return applied.kustomization.name if applied and applied.kustomization else ""
