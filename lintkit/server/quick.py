"""What one changed file says at once, before the whole tree is read again.

Rules that look at a document, at an object or at a schema judge the new text: objects are built again as Flux applies
them, in the tree of the last whole run. What other rules found is carried over to where it stands now.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit import baseline, engine, suppress
from lintkit.collect.discover import Listing
from lintkit.collect.repository import KUSTOMIZATION_NAMES, Repository
from lintkit.model.cluster import Applied, Cluster
from lintkit.model.kustomize.build import Builder
from lintkit.model.reach import Reach
from lintkit.model.secrets import sensitive_spans
from lintkit.model.tree import Tree
from lintkit.schema.validation import Validation
from lintkit.server.carry import Shift, carried
from lintkit.text.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lintkit.engine import Report
    from lintkit.finding import Finding
    from lintkit.model.kustomize.build import Build
    from lintkit.model.resource import Resource
    from lintkit.rules._rule import Rule

_OF_TREES = frozenset({"syntax-error", "inline-password", "plaintext-secret", "invalid-suppression"})
_OF_SCHEMAS = frozenset(
    {
        "invalid-helm-value", "invalid-value", "misplaced-field", "missing-field", "unknown-field",
        "unknown-helm-value", "unquoted-string", "wrong-type",
    }
)  # fmt: skip
MOST_BUILDS = 8
"""A file that more builds share is judged by the first few; the whole run that follows judges them all."""


def is_quick(rule: Rule) -> bool:
    """Whether a rule is judged at once."""
    if rule.scope == "Validation":
        return rule.name in _OF_SCHEMAS
    return rule.scope in {"Document", "Resource"} or rule.name in _OF_TREES


def findings_of(report: Report, rules: tuple[Rule, ...], texts: Mapping[str, str], path: str) -> tuple[Finding, ...]:
    """The findings in one file whose text is not that of the last whole run.

    Args:
        report: The last whole run.
        rules: All rules that there are.
        texts: Path -> unsaved text; has `path`.
        path: The file.
    """
    tree = report.tree
    if tree is None:
        return ()
    selected = tuple(rule for rule in report.rules if is_quick(rule))
    names = {rule.name for rule in selected}
    before = tree.repository.source(path)
    source = Source(path, texts[path])
    found: list[Finding] = []
    if before is not None:
        shift = Shift.between(before.text, source.text)
        old = (one for one in report.findings if one.path == path and one.rule not in names)
        found += [moved for one in old if (moved := carried(one, source, shift)) is not None]
    near = Near(tree, texts, path)
    judged, _ = engine.run_rules(near, tree.options, selected, None, near.validation(report.validation))
    here = [one for one in judged if one.path == path and _is_of_concern(one, tree, selected)]
    kept, _ = suppress.apply(here, near, tree.options, selected, rules)
    sensitive = sensitive_spans(near)
    kept, _ = baseline.apply(kept, sensitive, tree.repository.root, tree.options, ())
    found += [engine.masked(one, sensitive) for one in kept if one.path == path]
    return tuple(sorted(found, key=suppress.order))


def _is_of_concern(finding: Finding, tree: Tree, rules: tuple[Rule, ...]) -> bool:
    if finding.path not in tree.archived_files:
        return True
    return any(rule.name == finding.rule and rule.category == "secrets" for rule in rules)


class _OneFile(Repository):
    """A repository in which one file has a new text, and only that file is there to be judged."""

    def __init__(self, known: Repository, texts: Mapping[str, str], path: str) -> None:
        listing = Listing(
            dict(known.listing.files), set(known.listing.folders), known.listing.links, known.listing.hidden,
            known.listing.unreadable, known.listing.skipped,
        )  # fmt: skip
        super().__init__(known.root, listing, texts, known)
        self.path = path

    def yaml_files(self) -> list[str]:
        """The file, when its name is that of a manifest."""
        return [path for path in super().yaml_files() if path == self.path]


class Near(Tree):
    """A tree of one changed file, and of what Flux builds with it.

    Args:
        known: The tree of the last whole run.
        texts: Path -> unsaved text.
        path: The changed file.
    """

    def __init__(self, known: Tree, texts: Mapping[str, str], path: str) -> None:
        super().__init__(_OneFile(known.repository, texts, path), known.options, known.remote)
        self.known = known
        self.path = path
        self.__dict__["listed_files"] = known.listed_files
        self.__dict__["patch_files"] = known.patch_files
        self.__dict__["chart_profiles"] = known.chart_profiles
        self.__dict__["unattached"] = ()
        self.__dict__["clusters"] = tuple(self._clusters())
        self.__dict__["other_builds"] = tuple(self._others())

    def _clusters(self) -> Iterator[Cluster]:
        reach = Reach(self.builder, (), self.remote, self.options.external_variables)
        left = MOST_BUILDS
        for cluster in self.known.clusters:
            applied: list[Applied] = []
            for one in cluster.applied:
                if one.build is None or one.folder is None or self.path not in one.build.files or left == 0:
                    continue
                left -= 1
                if one.kustomization is not None:
                    applied.append(reach.applied(one.kustomization, one.folder, cluster))
                else:
                    build = reach.build(one.folder)
                    applied.append(Applied(None, one.folder, build, build.resources))
            if applied:
                yield Cluster(cluster.entries, tuple(applied), cluster.implied)

    def _others(self) -> Iterator[Build]:
        with_file = [build for build in self.known.other_builds if self.path in build.files]
        for build in with_file[:MOST_BUILDS]:
            yield Builder(self.repository).build(build.folder)

    def validation(self, known: Validation | None) -> Validation | None:
        """The file held against the schemas that are known; None when no rule asked for that."""
        return _Held(self, known) if known is not None else None


class _Held(Validation):
    """The objects of one file, held against the schemas of a whole tree."""

    def __init__(self, near: Near, known: Validation) -> None:
        super().__init__(near, known.store)
        self.known = known
        self.path = near.path
        for name in ("catalog", "kubernetes_version", "_validators", "charts", "_is_newer_than_known"):
            self.__dict__[name] = getattr(known, name)

    @property
    def objects(self) -> tuple[Resource, ...]:
        """The objects that are written in the file; all that is built where the file is a kustomization's."""
        found = super().objects
        if self.path.rpartition("/")[2] in KUSTOMIZATION_NAMES:
            return found
        return tuple(resource for resource in found if resource.path == self.path)

    def _is_known_flux(self, known: object) -> bool:
        return self.known._is_known_flux(known)  # type: ignore[arg-type]  # noqa: SLF001 - the same class
