"""The tree: everything a repository declares, and what Flux would apply of it."""

from __future__ import annotations

import posixpath
import re
from functools import cached_property
from typing import TYPE_CHECKING, NamedTuple

from lintkit.collect.discover import Skipped
from lintkit.collect.repository import KUSTOMIZATION_NAMES, Repository, looks_like_manifest, looks_templated
from lintkit.model.cluster import Applied, Cluster, is_archived
from lintkit.model.contracts import Contracts
from lintkit.model.kustomize.build import Build, Builder
from lintkit.model.kustomize.kustomization import GROUP as KUSTOMIZE_CONFIG
from lintkit.model.kustomize.kustomization import Kustomization, resolve
from lintkit.model.profiles import read_profiles
from lintkit.model.reach import Reach
from lintkit.model.resource import Resource, ResourceId, is_manifest, make, manifests
from lintkit.model.secrets import literal_secrets
from lintkit.model.variable_uses import uses
from lintkit.syntax.node import Mapping, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.kustomize.item import Problem
    from lintkit.model.kustomize.patches import PatchUse
    from lintkit.model.profiles import Profile
    from lintkit.model.secrets import LiteralSecret
    from lintkit.model.variable_uses import Used
    from lintkit.options import Options
    from lintkit.syntax.node import Document, Stream

_NOT_FOR_CLUSTERS = frozenset(
    {
        "apiserver.config.k8s.io", "audit.k8s.io", "backstage.io", "client.authentication.k8s.io",
        "config.kubernetes.io", "k3d.io", "kind.x-k8s.io", "kubeadm.k8s.io", "kubelet.config.k8s.io",
        "kubeproxy.config.k8s.io", "kubescheduler.config.k8s.io", "skaffold", "talos.dev",
    }
)  # fmt: skip
_BLANK = re.compile(r"<[\w .-]+>")
_OWN_CHARTS = ".lintkit/charts/"
_OF_FLUX = re.compile(r"kind `(?:Kustomization|HelmRelease|HelmRepository|GitRepository|OCIRepository)`")
_CORE_VERSIONS = frozenset({"v1"})
_KNOWN_FILES = (
    (re.compile(r"(^|/)\.?[Tt]askfile\.ya?ml$|(^|/)\.taskfiles/"), "", "a Taskfile"),
    (re.compile(r"(^|/)\.?(github|forgejo|gitea)/"), "", "a forge's own configuration"),
    (re.compile(r"(^|/)\.?renovate"), "", "Renovate's configuration"),
    (re.compile(r"(^|/)helmfile"), "", "a Helmfile"),
    (re.compile(r"(^|/)talos/|talconfig"), "", "Talos configuration"),
    (re.compile(r""), "machine:", "Talos configuration"),
    (re.compile(r"(^|/)Chart\.ya?ml$"), "", "a Helm chart's own file"),
    (re.compile(r"values[^/]*\.ya?ml$"), "", "Helm values"),
)


class Found(NamedTuple):
    """A problem of a build, and how it matters.

    Attributes:
        problem: The problem.
        is_reached: Whether Flux applies a build with it.
        is_archived: Whether it stands in a hidden folder that nothing reaches.
    """

    problem: Problem
    is_reached: bool
    is_archived: bool


class Tree:
    """All that a repository declares; read-only.

    Args:
        repository: The files.
        options: The configuration.
        remote: URL of the repository's git remote, empty when unknown.
    """

    def __init__(self, repository: Repository, options: Options, remote: str = "") -> None:
        self.repository = repository
        self.options = options
        self.remote = remote
        self.builder = Builder(repository)
        self.not_manifests: dict[str, str] = {}
        self.templates: set[str] = set()

    @cached_property
    def streams(self) -> tuple[Stream, ...]:
        """Every file that holds manifests or kustomizations, read."""
        charts = {
            posixpath.dirname(path)
            for path in self.repository.listing.files
            if path.endswith(("/Chart.yaml", "/Chart.yml")) or path == "Chart.yaml"
        }
        streams: list[Stream] = []
        for path in self.repository.yaml_files():
            source = self.repository.source(path)
            if source is None:
                continue
            reason = self._reason_to_skip(path, source.text, charts)
            if reason:
                self.not_manifests[path] = reason
                continue
            stream = self.repository.stream(path)
            if stream is not None:
                streams.append(stream)
        return tuple(streams)

    def _reason_to_skip(self, path: str, text: str, charts: set[str]) -> str:
        name = posixpath.basename(path)
        if charts and _in_chart_templates(path, charts):
            return "a template of a Helm chart"
        if name in KUSTOMIZATION_NAMES:
            return ""
        if not looks_like_manifest(text):
            for pattern, begin, reason in _KNOWN_FILES:
                if pattern.search(path) and (not begin or re.search(rf"^{begin}", text, re.MULTILINE)):
                    return reason
            return "no Kubernetes object: no `apiVersion` and `kind` at the left margin"
        return ""

    @cached_property
    def skipped(self) -> tuple[Skipped, ...]:
        """What is not linted, and why, by path."""
        _ = self.written
        found = [*self.repository.skipped, *(Skipped(path, why) for path, why in self.not_manifests.items())]
        found += [Skipped(path, why) for path, why in self.repository.unreadable.items()]
        found += [Skipped(path, "an archive that Flux does not reach") for path in self.archived_files]
        return tuple(sorted(found, key=lambda skipped: skipped.path))

    @cached_property
    def written(self) -> tuple[Resource, ...]:
        """Every manifest as it is written in a file; kustomization files and what is no cluster object left out."""
        found: list[Resource] = []
        for stream in self.streams:
            if stream.error is not None and looks_templated(stream.source.text):
                self.templates.add(stream.source.path)
                self.not_manifests[stream.source.path] = "a template: it is no YAML before a tool has rendered it"
                continue
            before = len(found)
            for root in manifests(stream):
                resource = make(root)
                if _is_for_clusters(resource):
                    found.append(resource)
            if len(found) == before and not self._is_kustomization(stream) and stream.error is None:
                self.not_manifests[stream.source.path] = _why_nothing(stream)
        return tuple(found)

    @staticmethod
    def _is_kustomization(stream: Stream) -> bool:
        return posixpath.basename(stream.source.path) in KUSTOMIZATION_NAMES

    @cached_property
    def reach(self) -> Reach:
        """Follows Flux through this tree."""
        return Reach(self.builder, self.written, self.remote, self.options.external_variables)

    @cached_property
    def clusters(self) -> tuple[Cluster, ...]:
        """What Flux applies, cluster by cluster; empty when the tree has no Flux Kustomization."""
        return tuple(self.reach.clusters())

    @property
    def applied(self) -> Iterator[Applied]:
        """What every Flux Kustomization applies."""
        for cluster in self.clusters:
            yield from cluster.applied

    @cached_property
    def variable_uses(self) -> tuple[Used, ...]:
        """Every `${...}` that a substituting Kustomization meets."""
        return tuple(uses(self.applied))

    @cached_property
    def written_secrets(self) -> tuple[LiteralSecret, ...]:
        """The literal secrets of every manifest as it is written."""
        return tuple(secret for resource in self.written for secret in literal_secrets(resource))

    @cached_property
    def contracts(self) -> tuple[Contracts, ...]:
        """The needs of every cluster, and who meets them."""
        return tuple(Contracts(self, cluster) for cluster in (*self.clusters, *self.unattached))

    @cached_property
    def unattached(self) -> tuple[Cluster, ...]:
        """What may be applied although no Flux Kustomization of this tree says so, taken for one cluster.

        Empty where the repository itself says where Flux starts: then what is not reached is not applied.
        """
        if self.has_certain_entry:
            return ()
        builds = [build for build in self.other_builds if not is_archived(f"{build.folder}/")]
        applied = [Applied(None, build.folder, build, build.resources) for build in builds]
        if not self.clusters:
            known = {id(resource.written) for build in builds for resource in build.resources}
            loose = [
                resource
                for resource in self.written
                if id(resource.root) not in known and not is_archived(resource.path)
            ]
            applied.append(Applied(None, None, None, tuple(loose)))
        return tuple(_without_conflicts(applied))

    @cached_property
    def chart_profiles(self) -> tuple[Profile, ...]:
        """The repository's own chart profiles."""
        found: list[Profile] = []
        for path in sorted(self.repository.listing.files):
            if path.startswith(_OWN_CHARTS) and path.endswith((".yaml", ".yml")):
                source = self.repository.source(path)
                found += read_profiles(source.text, path) if source else ()
        return tuple(found)

    @cached_property
    def has_certain_entry(self) -> bool:
        """Whether the repository itself says where Flux starts."""
        return any(entry.is_certain for cluster in self.clusters for entry in cluster.entries)

    @cached_property
    def flux_builds(self) -> tuple[Build, ...]:
        """The builds of everything that Flux applies."""
        return tuple(dict.fromkeys(applied.build for applied in self.applied if applied.build is not None))

    @cached_property
    def reached_folders(self) -> frozenset[str]:
        """Folders whose kustomization takes part in what Flux applies."""
        return frozenset().union(*(build.kustomizations for build in self.flux_builds))

    @cached_property
    def reached_files(self) -> frozenset[str]:
        """Files that take part in what Flux applies."""
        return frozenset().union(*(build.files for build in self.flux_builds))

    @cached_property
    def archived_files(self) -> frozenset[str]:
        """Files in hidden folders and archives that Flux does not reach."""
        paths = {stream.source.path for stream in self.streams}
        return frozenset(path for path in paths if is_archived(path)) - self.reached_files

    @cached_property
    def kustomizations(self) -> dict[str, Kustomization]:
        """Every kustomization file that can be read, by its folder."""
        found: dict[str, Kustomization] = {}
        for path in self.repository.yaml_files():
            folder, name = posixpath.split(path)
            if name in KUSTOMIZATION_NAMES and folder not in found:
                kustomization = self.builder.kustomization(folder)
                if kustomization is not None:
                    found[folder] = kustomization
        return found

    @cached_property
    def other_builds(self) -> tuple[Build, ...]:
        """Builds of the kustomizations that Flux does not reach, outermost first."""
        seen = set(self.reached_folders)
        builds: list[Build] = []
        for folder in sorted(self.kustomizations, key=lambda folder: (folder.count("/"), folder)):
            if folder in seen:
                continue
            build = self.builder.build(folder)
            seen |= build.kustomizations
            builds.append(build)
        return tuple(builds)

    @property
    def builds(self) -> tuple[Build, ...]:
        """All builds: what Flux applies, then the rest."""
        return (*self.flux_builds, *self.other_builds)

    @cached_property
    def listed_files(self) -> frozenset[str]:
        """Files that some kustomization lists: as a resource, a patch, or for a generator."""
        return frozenset(self.builder.files.used).union(*(build.files for build in self.builds))

    def problems(self, rule: str) -> Iterator[Found]:
        """The problems of all builds that one rule reports, each place once."""
        seen: set[tuple[str, int, str]] = set()
        for is_reached, builds in ((True, self.flux_builds), (False, self.other_builds)):
            for build in builds:
                for problem in build.problems:
                    place = problem.place
                    key = (place.source.path, place.span.start, problem.message)
                    if problem.rule == rule and key not in seen:
                        seen.add(key)
                        yield Found(problem, is_reached, not is_reached and is_archived(place.source.path))

    @cached_property
    def patch_files(self) -> frozenset[str]:
        """Files that some kustomization takes patches from."""
        found: set[str] = set()
        for kustomization in self.kustomizations.values():
            entries = [entry for entry in kustomization.scalars("patchesStrategicMerge") if "\n" not in entry.text]
            for field in ("patches", "patchesJson6902"):
                paths = [patch.get("path") for patch in kustomization.mappings(field)]
                entries += [path for path in paths if isinstance(path, Scalar)]
            found.update(path for entry in entries if (path := resolve(kustomization.folder, entry.text)))
        return frozenset(found)

    @cached_property
    def patch_uses(self) -> tuple[tuple[PatchUse, bool], ...]:
        """Patches that selected nothing in any build, and whether Flux reaches them."""
        matched: dict[tuple[str, int, str], int] = {}
        first: dict[tuple[str, int, str], tuple[PatchUse, bool]] = {}
        partial: set[tuple[str, int, str]] = set()
        for is_reached, builds in ((True, self.flux_builds), (False, self.other_builds)):
            for build in builds:
                for use in build.uses:
                    key = (use.place.source.path, use.place.span.start, use.target)
                    matched[key] = matched.get(key, 0) + use.matched
                    first.setdefault(key, (use, is_reached))
                    if build.is_partial and not _OF_FLUX.search(use.target):
                        partial.add(key)
        return tuple(first[key] for key, count in matched.items() if not count and key not in partial)

    @cached_property
    def documents(self) -> tuple[Document, ...]:
        """All documents of all files that hold manifests."""
        _ = self.written
        return tuple(
            document
            for stream in self.streams
            if stream.source.path not in self.not_manifests
            for document in stream.documents
        )


def _without_conflicts(applied: list[Applied]) -> Iterator[Cluster]:
    """Clusters in which no identity occurs twice."""
    groups: list[tuple[list[Applied], set[ResourceId]]] = []
    for one in applied:
        ids = {resource.id for resource in one.resources}
        group = next((group for group in groups if not group[1] & ids), None)
        if group is None:
            group = ([], set())
            groups.append(group)
        group[0].append(one)
        group[1].update(ids)
    for members, ids in groups:
        if ids:
            yield Cluster((), tuple(members))


def _in_chart_templates(path: str, charts: set[str]) -> bool:
    parts = path.split("/")
    return any(
        part in {"templates", "charts"} and "/".join(parts[:index]) in charts for index, part in enumerate(parts[:-1])
    )


def _is_for_clusters(resource: Resource) -> bool:
    if _BLANK.search(resource.name):
        return False
    if resource.group == KUSTOMIZE_CONFIG or resource.group in _NOT_FOR_CLUSTERS:
        return False
    if not resource.group:
        return resource.version in _CORE_VERSIONS and resource.kind != "Config"
    return True


def _why_nothing(stream: Stream) -> str:
    for document in stream.documents:
        root = document.root
        if isinstance(root, Mapping) and is_manifest(root):
            is_form = _BLANK.search(make(root).name)
            return (
                "a form to fill in: its name is a `<…>`"
                if is_form
                else "not for a cluster: another tool's `apiVersion`"
            )
    return "no Kubernetes object: no document has `apiVersion` and `kind`"
