"""A whole tree held against its schemas.

What Flux applies is what is judged: an object as it is built, with its patches, and with its variables where they are
known. A finding stands on the line that brought the value in. What no build holds is judged as it is written; patches
are left alone as patches.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from lintkit.errors import ConfigurationError
from lintkit.model.flux import is_helm_release
from lintkit.model.kustomize.kustomization import GROUP as KUSTOMIZE_CONFIG
from lintkit.model.versions import flux_version, kubernetes_version
from lintkit.schema.bare import bare_annotations, empty_lists
from lintkit.schema.beside import begin
from lintkit.schema.built_in import minor
from lintkit.schema.catalog import Catalog, KindSchema, Origin, is_definition
from lintkit.schema.charts import Charts, Known
from lintkit.schema.clean import Clean
from lintkit.schema.constraints import violated
from lintkit.schema.explain import explain
from lintkit.schema.nesting import below_values
from lintkit.schema.scope import out_of_scope
from lintkit.schema.validator import Validator, compiled
from lintkit.schema.values import judge
from lintkit.schema.violation import Subject, Violation
from lintkit.syntax.node import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.collect.cache import Cache
    from lintkit.model.kustomize.kustomization import Kustomization
    from lintkit.model.resource import Resource
    from lintkit.model.tree import Tree
    from lintkit.schema.beside import Beside
    from lintkit.schema.store import Store

_MANY = 150
"""Number of objects from which on a second process takes less time than it costs."""
_SOPS = "sops"
_FLUX = "toolkit.fluxcd.io"
_FLUX_KNOWN = (2, 9)
"""The newest Flux whose fields lintkit's own schemas have."""
_UNSURE = frozenset({"unknown-field", "invalid-value"})


@dataclass(frozen=True, slots=True)
class UnknownKind:
    """A kind without a schema: its first object, and how many there are."""

    resource: Resource
    count: int


class Validation:
    """What the schemas say of a tree; made once for a run, when a rule asks for it.

    Args:
        tree: The tree.
        store: Schemas that were imported on this machine.
        cache: Where compiled schemas are kept.
    """

    def __init__(self, tree: Tree, store: Store | None = None, cache: Cache | None = None) -> None:
        self.tree = tree
        self.store = store
        self.cache = cache
        self._beside: Beside | None = None

    @cached_property
    def catalog(self) -> Catalog:
        """Where schemas come from.

        Raises:
            ConfigurationError: `schemas` in the configuration is wrong.
        """
        return Catalog(
            self.tree.repository.root,
            self.tree.options.schemas,
            (resource for resource in self.tree.written if is_definition(resource)),
            self.kubernetes_version,
            self.store,
            self.cache,
        )

    @cached_property
    def kubernetes_version(self) -> str:
        """Version of Kubernetes, `1.33`; empty when nothing says it."""
        return kubernetes_version(self.tree)

    @cached_property
    def _clean(self) -> Clean | None:
        if self.cache is None:
            return None
        return Clean(self.cache, self.tree.repository.root, self.kubernetes_version)

    def begin(self) -> None:
        """Start on the violations in a second process, where there is much to do: most objects of a tree are clean."""
        if self._clean is not None and self._clean.is_empty and len(self.objects) >= _MANY:
            self._beside = begin(self._find_clean)

    def _find_clean(self) -> frozenset[bytes]:
        for resource in self.objects:
            _ = list(self.judge(resource))
        for kustomization in self.tree.kustomizations.values():
            _ = list(self._of_kustomization(kustomization))
        return self._clean.seen if self._clean is not None else frozenset()

    @cached_property
    def _validators(self) -> dict[tuple[str, str, str], Validator | None]:
        return {}

    def of(self, rule: str) -> Iterator[Violation]:
        """The violations that one rule reports."""
        return (violation for violation in self.violations if violation.rule == rule)

    @cached_property
    def violations(self) -> tuple[Violation, ...]:
        """Every violation of the tree; a value that several objects share is reported once."""
        if self._beside is not None and self._clean is not None:
            self._clean.add(*self._beside.names())
        found: dict[tuple[str, int, str, str], Violation] = {}
        for resource in self.objects:
            for violation in self.judge(resource):
                place = violation.place
                key = (place.source.path, place.span.start, violation.rule, violation.message)
                found.setdefault(key, violation)
        for kustomization in self.tree.kustomizations.values():
            for violation in self._of_kustomization(kustomization):
                place = violation.place
                key = (place.source.path, place.span.start, violation.rule, violation.message)
                found.setdefault(key, violation)
        for violation in self._of_values():
            place = violation.place
            key = (place.source.path, place.span.start, violation.rule, violation.message)
            found.setdefault(key, violation)
        if self._clean is not None:
            self._clean.keep()
        return tuple(found.values())

    @cached_property
    def charts(self) -> Charts:
        """Where charts come from."""
        folders = tuple(local.folder for local in self.catalog.local if not local.is_template)
        return Charts(self.tree.repository.root, folders, self.store)

    def _chart_of(self, resource: Resource) -> Known | None:
        """What is at hand of the chart of a release."""
        for contracts in self.tree.contracts:
            for view in contracts.views:
                if view.release.resource is resource and view.chart is not None:
                    return self.charts.find(view.chart, view.folder)
        return None

    def _of_values(self) -> Iterator[Violation]:
        """What the charts of the Helm releases say of their values."""
        for contracts in self.tree.contracts:
            for view in contracts.views:
                if view.chart is None:
                    continue
                known = self.charts.find(view.chart, view.folder)
                if known is not None:
                    yield from (replace(one, resource=view.release.resource) for one in judge(view.values, known))

    @cached_property
    def objects(self) -> tuple[Resource, ...]:
        """What is held against schemas: built objects, and what is written and in no build."""
        found: list[Resource] = []
        built: set[int] = set()
        seen: set[tuple[int, ...]] = set()
        for resource in self._of_builds:
            built.add(id(resource.written))
            content = _identity(resource.root)
            if content not in seen:
                seen.add(content)
                found.append(resource)
        patches = self.tree.patch_files
        found += [
            resource
            for resource in self.tree.written
            if id(resource.root) not in built and resource.path not in patches
        ]
        return tuple(found)

    @cached_property
    def _of_builds(self) -> tuple[Resource, ...]:
        """What kustomize builds: the trees that Flux applies, then the rest."""
        applied = [resource for one in self.tree.applied for resource in one.resources]
        return (*applied, *(resource for build in self.tree.other_builds for resource in build.resources))

    @cached_property
    def _built(self) -> frozenset[int]:
        """Identities of the objects that a build holds."""
        return frozenset(id(resource.root) for resource in self._of_builds)

    @cached_property
    def unknown_kinds(self) -> tuple[UnknownKind, ...]:
        """The kinds without a schema."""
        found: dict[tuple[str, str, str], list[Resource]] = {}
        for resource in self.objects:
            key = (resource.group, resource.version, resource.kind)
            if self.catalog.find(*key) is None:
                found.setdefault(key, []).append(resource)
        return tuple(
            UnknownKind(resources[0], len({id(resource.written) for resource in resources}))
            for resources in found.values()
        )

    def definition(self, group: str, kind: str) -> Resource | None:
        """The CustomResourceDefinition of a kind in the tree."""
        for resource in self.tree.written:
            names = (resource.text("spec", "group"), resource.text("spec", "names", "kind"))
            if is_definition(resource) and names == (group, kind):
                return resource
        return None

    def judge(self, resource: Resource) -> Iterator[Violation]:
        """What its schema, and the rules beside it, say of an object."""
        known = self.catalog.find(resource.group, resource.version, resource.kind)
        if known is None or known.schema is None:
            return
        if self._clean is None:
            yield from self._judged(resource, known)
            return
        name = self._clean.name(resource, known, is_whole=id(resource.root) in self._built)
        if self._clean.has(name):
            return
        found = list(self._judged(resource, known))
        if not found:
            self._clean.add(name)
        yield from found

    def _judged(self, resource: Resource, known: KindSchema) -> Iterator[Violation]:
        if known.schema is None:
            return
        validator = self._validator(known)
        value = plain(resource.root)
        value.pop(_SOPS, None)
        errors = () if validator is None or validator.is_valid(value) else validator.errors(value)
        subject = Subject(resource.root, known.schema, f"a {resource.kind}")
        found = [self._weighed(violation, known) for violation in explain(errors, subject)]
        found += [*empty_lists(subject), *out_of_scope(resource, known)]
        if resource.written is not resource.root:
            found += bare_annotations(resource.written)
        if found and is_helm_release(resource):
            found = list(below_values(found, self._chart_of(resource)))
        broken: dict[tuple[str, int], Violation] = {}
        for violation in self._across_fields(resource, found):
            broken.setdefault(_spot(violation), violation)
        for violation in found:
            if not (_is_vague(violation) and _spot(violation) in broken):
                yield replace(violation, resource=resource)
        yield from broken.values()

    def _across_fields(self, resource: Resource, found: list[Violation]) -> Iterator[Violation]:
        """What the rules that span fields say; silent on what a finding of the schema may have brought about."""
        told = [violation for violation in found if violation.severity != "info"]
        names = (resource.group, resource.kind, resource.version)
        for constraint, place, path in violated(resource.root, *names, is_whole=id(resource.root) in self._built):
            broken = Violation(
                "invalid-value", place, constraint.message, path, resource=resource, origin=constraint.source
            )
            others = (one for one in told if not (_is_vague(one) and _spot(one) == _spot(broken)))
            if not any(one.path[: len(path)] == path for one in others):
                yield broken

    def _of_kustomization(self, kustomization: Kustomization) -> Iterator[Violation]:
        kind = "Component" if kustomization.is_component else "Kustomization"
        known = self.catalog.find(KUSTOMIZE_CONFIG, "v1alpha1" if kustomization.is_component else "v1beta1", kind)
        if known is None or known.schema is None:
            return
        name = self._clean.name_of(known, kustomization.root) if self._clean is not None else b""
        if self._clean is not None and self._clean.has(name):
            return
        validator = self._validator(known)
        value = plain(kustomization.root)
        if validator is None or validator.is_valid(value):
            if self._clean is not None:
                self._clean.add(name)
            return
        subject = Subject(kustomization.root, known.schema, f"a {kind}")
        for violation in explain(validator.errors(value), subject):
            # kustomize reads its keys without regard to case
            is_same = violation.suggestion is not None and violation.key is not None
            if is_same and violation.key.text.lower() == (violation.suggestion or "").lower():  # type: ignore[union-attr]
                continue
            if violation.path[:1] not in {("apiVersion",), ("kind",)}:
                yield violation

    def _validator(self, known: KindSchema) -> Validator | None:
        key = (known.group, known.version, known.kind)
        if key not in self._validators:
            self._validators[key] = _compiled(known)
        return self._validators[key]

    def _weighed(self, violation: Violation, known: KindSchema) -> Violation:
        """A violation with its severity: what may be newer than lintkit's own knowledge is a warning."""
        origin = f"{known.origin.value} {known.where}".strip()
        severity = violation.severity
        is_unsure = violation.rule in _UNSURE and violation.suggestion is None and violation.path[:1] != ("metadata",)
        if is_unsure and known.origin is Origin.LINTKIT and not self._is_known_flux(known):
            severity = "warning"
        if is_unsure and known.origin is Origin.KUBERNETES and self._is_newer_than_known:
            severity = "warning"
        return replace(violation, severity=severity, origin=origin)

    def _is_known_flux(self, known: KindSchema) -> bool:
        version = flux_version(self.tree) if known.group.endswith(_FLUX) else None
        return version is not None and version <= _FLUX_KNOWN

    @cached_property
    def _is_newer_than_known(self) -> bool:
        """Whether the cluster is newer than the newest schemas of Kubernetes at hand."""
        known = self.catalog.built_in
        return known is not None and minor(self.kubernetes_version) > minor(known.version)


def _compiled(known: KindSchema) -> Validator | None:
    """The validator of a kind; None when the tree or the store has a schema for it that is none."""
    if known.schema is None:
        return None
    try:
        return compiled(known.schema)
    except ValueError as error:
        if known.origin is not Origin.LOCAL:
            return None
        message = f"`schemas`: `{known.where}` is no JSON Schema: {str(error).partition(chr(10))[0]}"
        raise ConfigurationError(message) from None


def _spot(violation: Violation) -> tuple[str, int]:
    return violation.place.source.path, violation.place.span.start


def _is_vague(violation: Violation) -> bool:
    """Whether a schema says no more than that a value is not allowed."""
    return violation.rule == "invalid-value" and violation.suggestion is None


def plain(node: Node) -> Any:  # noqa: ANN401 - any YAML value
    """The value of a node as the API server sees it: a null field of a mapping is no field."""
    if isinstance(node, Mapping):
        return {
            key: plain(child)
            for key, child in node.entries.items()
            if not (isinstance(child, Scalar) and child.is_null)
        }
    if isinstance(node, Sequence):
        return [plain(child) for child in node.elements]
    return node.value


def _identity(root: Mapping) -> tuple[int, ...]:
    """What tells two builds of one object apart: everything but its name and namespace."""
    metadata = root.entries.get("metadata")
    parts = [id(node) for key, node in root.entries.items() if key != "metadata"]
    if isinstance(metadata, Mapping):
        parts += [id(node) for key, node in metadata.entries.items() if key not in {"name", "namespace"}]
    return tuple(parts)
