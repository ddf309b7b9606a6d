"""The tree against a cluster: what a server-side apply by Flux would change there, asked by dry-run."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

from lintkit import engine
from lintkit.diff.compare import Change, Difference, State, Where, changed, merged
from lintkit.diff.open_variables import filled, has_open
from lintkit.diff.side import Member, side_of
from lintkit.errors import UsageError
from lintkit.model.flux import KUSTOMIZE
from lintkit.model.resource import ResourceId, make, manifests
from lintkit.syntax.node import Mapping
from lintkit.syntax.parser import parse
from lintkit.text.source import Source
from lintkit.verify.cluster import NoAccess, Served, Unanswered
from lintkit.verify.login import connect

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lintkit.diff.side import Group, Side
    from lintkit.diff.view import Secrets
    from lintkit.model.resource import Resource
    from lintkit.options import Options
    from lintkit.verify.client import KubernetesCluster

_MANAGER = "kustomize-controller"
_AT_ONCE = 8
_OF_SERVER = frozenset({"managedFields", "resourceVersion", "uid", "creationTimestamp", "generation", "selfLink"})
_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_RECONCILE = f"{KUSTOMIZE}/reconcile"
_SSA = f"{KUSTOMIZE}/ssa"


def against_cluster(root: Path, options: Options, context: str = "", start: str = "") -> Difference:
    """What Flux would change in a cluster if it applied the tree as it is.

    Args:
        root: Root of the tree, resolved.
        options: Options of the tree.
        context: Context of the kubeconfig; empty for the current one.
        start: Folder where Flux starts, to tell the clusters of the tree apart; may be empty where there is one.

    Raises:
        ToolMissingError: The Kubernetes client is not installed.
        UsageError: There is no kubeconfig, or it is not clear which cluster of the tree is meant.
        ClusterError: The cluster is out of reach.
    """
    side = side_of(engine.load_tree(root, options))
    group = _chosen(side, start)
    cluster = connect(context)
    asked = _Asked(cluster, side.secrets)
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        found = [one for one in pool.map(asked.change, _applied(group)) if one is not None]
    changes = (*found, *asked.gone(group))
    notes = tuple(f"{owner or '.'}: not compared: {reason}" for owner, reason in sorted(side.gaps))
    return Difference(f"cluster {cluster.name}", "the tree as it is", merged(changes), (*notes, *asked.notes))


def _chosen(side: Side, start: str) -> Group:
    folder = start.strip("/").removeprefix("./")
    found = [group for group in side.groups if not start or folder in group.folders]
    if len(found) == 1:
        return found[0]
    known = ", ".join(f"`{name or '.'}`" for name in sorted({name for one in side.groups for name in one.folders}))
    if not side.groups:
        message = "nothing in this tree is applied to a cluster"
    elif start and not found:
        message = f"--cluster {start}: Flux does not start there; expected one of {known}"
    else:
        message = f"the tree is for several clusters: say which one with `--cluster FOLDER`, one of {known}"
    raise UsageError(message)


def _applied(group: Group) -> Iterator[Member]:
    """What Flux applies; what it is told to leave alone is left out."""
    for member in group.members:
        resource = member.resource
        if not resource.name or resource.annotation(_RECONCILE) == "disabled":
            continue
        if (resource.annotation(_SSA) or "").lower() not in {"ignore", "ifnotpresent"}:
            yield member


class _Answer(NamedTuple):
    """An object in the cluster, and what an apply would make of it."""

    live: dict[str, Any] | None
    made: dict[str, Any]
    is_open: bool = False


@dataclass
class _Asked:
    """Asks a cluster about objects; safe to use from several threads."""

    cluster: KubernetesCluster
    secrets: Secrets

    def __post_init__(self) -> None:
        self.notes: list[str] = []
        self._served: dict[str, tuple[Served, ...]] = {}

    def change(self, member: Member) -> Change | None:
        """What an apply of an object would change; None when nothing."""
        resource = member.resource
        if has_open(resource.name) or has_open(resource.namespace):
            return _state(member, State.UNKNOWN, "a variable that is not known here is part of its name")
        try:
            served = self._kind(resource)
            if served is None:
                return _state(member, State.UNKNOWN, "not installed: the cluster does not know the kind")
            live = self.cluster.raw(served, resource.namespace or "default", resource.name)
            if "sops" in resource.root.entries:
                return self._encrypted(member, live)
            answer = self._dry_run(member, served, live)
        except NoAccess as error:
            return _state(member, State.UNKNOWN, str(error))
        except _RefusedError as error:
            return _state(member, State.REFUSED, _said(resource, error, self.secrets))
        except Unanswered as error:
            return _state(member, State.UNKNOWN, _said(resource, error, self.secrets))
        return self._compared(member, answer)

    def _kind(self, resource: Resource) -> Served | None:
        group = resource.group
        if group not in self._served:
            self._served[group] = self.cluster.served(group)
        found = next((one for one in self._served[group] if one.kind == resource.kind), None)
        path = f"/apis/{resource.api_version}" if group else "/api/v1"
        return found._replace(path=path) if found is not None else None

    def _dry_run(self, member: Member, served: Served, live: dict[str, Any] | None) -> _Answer:
        wanted = _as_flux_sends(member, served)
        is_open = has_open(json.dumps(wanted))
        if is_open:
            wanted = filled(wanted, live or {})
        try:
            return _Answer(live, self.cluster.dry_run(wanted, served, _MANAGER), is_open)
        except NoAccess:
            raise
        except Unanswered as error:
            if live is None and _is_missing_namespace(str(error)):
                return _Answer(None, wanted, is_open)
            if any(f"answers {status}" in str(error) for status in (400, 409, 422)):
                raise _RefusedError(str(error)) from None
            raise

    def _compared(self, member: Member, answer: _Answer) -> Change | None:
        after = _member(answer.made, member)
        before = _member(answer.live, member) if answer.live is not None else None
        found = changed(before, after, (self.secrets, self.secrets), "")
        if found is None:
            return None
        resource = member.resource
        line = resource.source.position(resource.written.start)[0]
        notes = tuple(note for note in found.notes if "hash" not in note)
        if answer.is_open:
            notes = (*notes, "holds variables whose values are not known here; they are taken as they are")
        return replace(found, path=resource.path, line=line, notes=notes)

    def _encrypted(self, member: Member, live: dict[str, Any] | None) -> Change | None:
        """An object that only Flux can decrypt: its keys, and of those that stay nothing more."""
        resource = member.resource
        keys = set(_keys_of(resource.root.value))
        if live is None:
            return replace(
                _state(member, State.ADDED, "encrypted: only its keys are known"),
                keys=tuple((key, State.ADDED) for key in sorted(keys)),
            )
        there = set(_keys_of(live))
        if keys == there:
            return None
        states = tuple(
            (key, State.ADDED if key not in there else State.REMOVED if key not in keys else State.UNKNOWN)
            for key in sorted(keys | there)
        )
        return replace(_state(member, State.CHANGED, "encrypted: only its keys are compared"), keys=states)

    def gone(self, group: Group) -> Iterator[Change]:
        """What Flux has applied and would prune: in an inventory, and no longer in the tree."""
        owners = {member.owner: member for member in group.members if member.applied is not None}
        known = {(one.resource.group, one.resource.kind, one.resource.name) for one in group.members}
        try:
            served = next((one for one in self.cluster.served(KUSTOMIZE) if one.kind == "Kustomization"), None)
            found = self.cluster.objects(served, None) if served is not None else []
        except Unanswered as error:
            self.notes.append(f"what Flux would prune is not known: {error}")
            return
        for one in found:
            metadata, spec = one["metadata"], one.get("spec") or {}
            owner = f"{metadata.get('namespace', '')}/{metadata['name']}"
            member = owners.get(owner)
            if member is None or member.applied is None or member.applied.is_partial or not spec.get("prune"):
                continue
            for entry in ((one.get("status") or {}).get("inventory") or {}).get("entries") or ():
                identity = _entry(str(entry.get("id") or ""))
                if (identity.group, identity.kind, identity.name) not in known and not _is_generated(identity, known):
                    version = str(entry.get("v") or "v1")
                    api_version = f"{identity.group}/{version}" if identity.group else version
                    yield Change(State.REMOVED, identity, api_version, "", 0, (Where("", owner),))


class _RefusedError(Unanswered):
    """The API server would not take an object."""


def _state(member: Member, state: State, note: str) -> Change:
    resource = member.resource
    line = resource.source.position(resource.written.start)[0]
    where = (Where("", member.owner),)
    return Change(state, resource.id, resource.api_version, resource.path, line, where, notes=(note,))


def _said(resource: Resource, error: Unanswered, secrets: Secrets) -> str:
    """What the API server says; it may quote the values of what it refuses."""
    if resource.kind == "Secret" and not resource.group:
        return str(error).partition(": ")[0]
    return secrets.without(str(error))


def _as_flux_sends(member: Member, served: Served) -> dict[str, Any]:
    """An object with the labels by which Flux knows what it has applied."""
    wanted: dict[str, Any] = json.loads(json.dumps(member.resource.root.value, default=str))
    metadata = wanted.setdefault("metadata", {})
    if served.is_namespaced:
        metadata.setdefault("namespace", "default")
    else:
        metadata.pop("namespace", None)
    view = member.applied.kustomization if member.applied is not None else None
    if view is not None:
        labels = metadata["labels"] = dict(metadata.get("labels") or {})
        labels[f"{KUSTOMIZE}/name"] = view.name
        labels[f"{KUSTOMIZE}/namespace"] = view.namespace
    wanted.pop("status", None)
    return wanted


def _member(item: dict[str, Any], member: Member) -> Member:
    """An object of the API server as one of the tree, so that all is compared and hidden in the same way."""
    kept = {key: value for key, value in item.items() if key != "status"}
    metadata = {key: value for key, value in (item.get("metadata") or {}).items() if key not in _OF_SERVER}
    annotations = {key: value for key, value in (metadata.get("annotations") or {}).items() if key != _APPLIED}
    metadata.pop("annotations", None)
    kept["metadata"] = {**metadata, **({"annotations": annotations} if annotations else {})}
    kept.setdefault("apiVersion", member.resource.api_version)
    kept.setdefault("kind", member.resource.kind)
    stream = parse(Source("", json.dumps(kept, sort_keys=True)))
    root = next(manifests(stream), None)
    if root is None:
        root = Mapping(stream.source, 0, 0, [], {})
    return Member(make(root), member.owner, member.applied)


def _keys_of(item: Any) -> Iterator[str]:  # noqa: ANN401 - JSON
    for field in ("data", "stringData"):
        yield from (item.get(field) or {}) if isinstance(item, dict) else ()


def _is_missing_namespace(said: str) -> bool:
    return "namespaces " in said and "not found" in said


def _entry(text: str) -> ResourceId:
    """An entry of an inventory: `namespace_name_group_kind`, with `__` for the colons in a name."""
    namespace, _, rest = text.partition("_")
    rest, _, kind = rest.rpartition("_")
    name, _, group = rest.rpartition("_")
    return ResourceId(group, kind, namespace, name.replace("__", ":"))


def _is_generated(identity: ResourceId, known: set[tuple[str, str, str]]) -> bool:
    """Whether a name is one of the tree with the hash of a generator."""
    return (identity.group, identity.kind, identity.name.rpartition("-")[0]) in known
