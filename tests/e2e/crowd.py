"""A large tree, and a cluster in which all of it is well: written with its status, as controllers would leave it."""

from __future__ import annotations

import base64
import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import yaml

from tests.e2e.world import commit

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.api import Api, Found

APPS = 300
_NAMESPACES = 30
_SECRETS, _CONFIGS = 4, 10
_FLUX = "flux-system"
_KUSTOMIZE = "kustomize.toolkit.fluxcd.io/v1"
_SOURCE = "source.toolkit.fluxcd.io/v1"
_HELM = "helm.toolkit.fluxcd.io/v2"
_EXTERNAL = "external-secrets.io/v1"


class Crowd:
    """300 Kustomizations with 16 objects each.

    Args:
        root: Where the tree is written.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self._apps = {number: list(_app(number)) for number in range(APPS)}
        self._entry = [
            _object(_SOURCE, "GitRepository", _FLUX, _FLUX, interval="1h", url="https://example.com/big",
                    ref={"branch": "main"}),
            _kustomization(_FLUX, "./clusters/big"),
            _object(_EXTERNAL, "ClusterSecretStore", "", "store",
                    provider={"fake": {"data": [{"key": "app", "value": "x"}]}}),
            *({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": _namespace(number)}}
              for number in range(_NAMESPACES)),
            *(_kustomization(f"app-{number}", f"./apps/app-{number}") for number in self._apps),
        ]  # fmt: skip

    @property
    def objects(self) -> int:
        """How many objects the tree has."""
        return len(self._entry) + sum(len(one) for one in self._apps.values())

    def write(self) -> str:
        """Write the tree and commit it: the revision."""
        self._file("clusters/big/all.yaml", self._entry)
        self._file("clusters/big/kustomization.yaml", [_listing("all.yaml")])
        for number, objects in self._apps.items():
            self._file(f"apps/app-{number}/all.yaml", objects)
            self._file(f"apps/app-{number}/kustomization.yaml", [_listing("all.yaml")])
        subprocess.run(["git", "init", "-q", "-b", "main"], cwd=self.root, check=True)
        commit(self.root, "all")
        found = subprocess.run(["git", "rev-parse", "HEAD"], cwd=self.root, check=True, capture_output=True, text=True)
        return f"main@sha1:{found.stdout.strip()}"

    def _file(self, path: str, objects: list[Found]) -> None:
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(yaml.dump_all(objects, Dumper=yaml.CSafeDumper, sort_keys=False), "utf-8")

    def live(self, api: Api, revision: str) -> None:
        """Write all of it to an API server."""
        ready = {"conditions": [self._ready()], "observedGeneration": 1}
        namespaces = [_FLUX, *map(_namespace, range(_NAMESPACES))]
        api.create(*({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": one}} for one in namespaces))
        api.create(
            *({"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "default", "namespace": one}}
              for one in namespaces)
        )  # fmt: skip
        made: list[Found] = []
        for one in self._entry:
            if one["kind"] == "GitRepository":
                artifact = {"path": "x", "url": "http://x/x", "revision": revision, "lastUpdateTime": self._now,
                            "digest": f"sha256:{'0' * 64}"}  # fmt: skip
                made.append({**one, "status": {**ready, "artifact": artifact}})
            elif one["kind"] == "Kustomization":
                name = one["metadata"]["name"]
                applied = self._entry if name == _FLUX else self._apps[int(name.rpartition("-")[2])]
                inventory = {"entries": [_entry(each) for each in applied]}
                made.append(
                    {**one, "status": {**ready, "lastAppliedRevision": revision, "lastAttemptedRevision": revision,
                                       "inventory": inventory}}
                )  # fmt: skip
            elif one["kind"] == "ClusterSecretStore":
                made.append({**one, "status": {"conditions": [self._ready()]}})
        for objects in self._apps.values():
            made += [self._with_status(one, ready) for one in objects]
        api.create(*made)
        self._pods(api)

    def _with_status(self, one: Found, ready: Found) -> Found:
        if one["kind"] == "Deployment":
            counts = dict.fromkeys(("replicas", "readyReplicas", "availableReplicas", "updatedReplicas"), 1)
            return {**one, "status": {**counts, "observedGeneration": 1}}
        if one["kind"] == "ExternalSecret":
            return {**one, "status": {"conditions": [self._ready()], "refreshTime": self._now}}
        if one["kind"] == "HelmRelease":
            return {**one, "status": {**ready, "history": [self._release(one)]}}
        return one

    def _release(self, one: Found) -> Found:
        digest = f"sha256:{'0' * 64}"
        metadata = {"name": one["metadata"]["name"], "namespace": one["metadata"]["namespace"]}
        times = {"firstDeployed": self._now, "lastDeployed": self._now}
        chart = {"chartName": "app", "chartVersion": "1.0.0", "version": 1, "status": "deployed"}
        return {**metadata, **times, **chart, "configDigest": digest, "digest": digest}

    def _pods(self, api: Api) -> None:
        """A ReplicaSet, a ready pod and the Secrets of every app."""
        deployments = {
            (one["metadata"]["namespace"], one["metadata"]["name"]): one for one in api.list("apps/v1", "Deployment")
        }
        sets, secrets = [], []
        for (namespace, name), one in deployments.items():
            template = one["spec"]["template"]
            sets.append(
                {
                    "apiVersion": "apps/v1",
                    "kind": "ReplicaSet",
                    "metadata": {"name": f"{name}-1", "namespace": namespace, "ownerReferences": [_owner(one)]},
                    "spec": {"replicas": 1, "selector": one["spec"]["selector"], "template": template},
                }
            )
            secrets += [
                {
                    "apiVersion": "v1",
                    "kind": "Secret",
                    "metadata": {"name": f"{name}-{each}", "namespace": namespace},
                    "data": {"key": base64.b64encode(b"value-of-the-crowd").decode()},
                }
                for each in range(_SECRETS)
            ]
        api.create(*sets, *secrets)
        api.create(
            *(
                {
                    "apiVersion": "v1",
                    "kind": "Pod",
                    "metadata": {
                        "name": f"{one['metadata']['name']}-1", "namespace": one["metadata"]["namespace"],
                        "labels": one["spec"]["template"]["metadata"]["labels"], "ownerReferences": [_owner(one)],
                    },
                    "spec": one["spec"]["template"]["spec"],
                    "status": {"phase": "Running", "conditions": [self._ready()]},
                }
                for one in api.list("apps/v1", "ReplicaSet")
            )
        )  # fmt: skip

    def _ready(self) -> Found:
        return {"type": "Ready", "status": "True", "reason": "Succeeded", "message": "all is well",
                "lastTransitionTime": self._now}  # fmt: skip


def _app(number: int) -> list[Found]:
    name, namespace = f"app-{number}", _namespace(number)
    labels = {"app": name}
    env = [
        {"name": f"KEY_{one}", "valueFrom": {"secretKeyRef": {"name": f"{name}-{one}", "key": "key"}}}
        for one in range(_SECRETS)
    ]
    container = {"name": "main", "image": f"example.com/app:1.0.{number}", "env": env}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    selector = {"matchLabels": labels}
    chart = {"chart": "app", "version": "1.0.0", "sourceRef": {"kind": "HelmRepository", "name": "charts"}}
    return [
        _object("apps/v1", "Deployment", namespace, name, replicas=1, selector=selector, template=template),
        _object(_HELM, "HelmRelease", namespace, f"{name}-chart", interval="1h", chart={"spec": chart}),
        *(
            _object(_EXTERNAL, "ExternalSecret", namespace, f"{name}-{one}", refreshInterval="1h",
                    secretStoreRef={"kind": "ClusterSecretStore", "name": "store"},
                    target={"name": f"{name}-{one}"}, data=[{"secretKey": "key", "remoteRef": {"key": "app"}}])
            for one in range(_SECRETS)
        ),
        *(
            {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": f"{name}-{one}", "namespace": namespace},
             "data": {"text": "x" * 200}}
            for one in range(_CONFIGS)
        ),
    ]  # fmt: skip


def _kustomization(name: str, path: str) -> Found:
    source = {"kind": "GitRepository", "name": _FLUX}
    return _object(_KUSTOMIZE, "Kustomization", _FLUX, name, interval="1h", path=path, prune=True, sourceRef=source)


def _object(version: str, kind: str, namespace: str, name: str, **spec: object) -> Found:
    metadata = {"name": name, "namespace": namespace} if namespace else {"name": name}
    return {"apiVersion": version, "kind": kind, "metadata": metadata, "spec": spec}


def _listing(*files: str) -> Found:
    return {"apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", "resources": list(files)}


def _namespace(number: int) -> str:
    return f"team-{number % _NAMESPACES}"


def _entry(one: Found) -> Found:
    metadata = one["metadata"]
    group, _, version = one["apiVersion"].rpartition("/")
    return {"id": f"{metadata.get('namespace', '')}_{metadata['name']}_{group}_{one['kind']}", "v": version}


def _owner(one: Found) -> Found:
    return {"apiVersion": one["apiVersion"], "kind": one["kind"], "name": one["metadata"]["name"],
            "uid": one["metadata"]["uid"], "controller": True}  # fmt: skip
