"""A real cluster on loopback: etcd, API server, controller manager, scheduler; nodes by kwok; Flux."""

from __future__ import annotations

import json
import os
import secrets
from collections import Counter
from typing import TYPE_CHECKING

import urllib3
import yaml

from tests.e2e.api import Api
from tests.e2e.certificates import certificate, kubeconfig, signing_key
from tests.e2e.processes import Process, Processes, free_port, until

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.build import Components

VERIFIER = "verifier"
"""The user that `lintkit verify` is; what it asks is in the audit log."""
_AUDIT = {
    "apiVersion": "audit.k8s.io/v1",
    "kind": "Policy",
    "omitStages": ["RequestReceived", "ResponseStarted"],
    "rules": [{"level": "Metadata", "users": [VERIFIER, "narrow"]}, {"level": "None"}],
}


class ControlPlane:
    """etcd and an API server; users `admin`, `verifier` (watched) and `narrow` (without rights).

    Args:
        components: What was built.
        folder: For data, logs and keys.
    """

    def __init__(self, components: Components, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.components, self.folder = components, folder
        self.processes = Processes(folder)
        self.ca, key = certificate(folder, "api")
        self.signing_key = signing_key(folder, "sa")
        self.tokens = {name: secrets.token_hex(16) for name in ("admin", VERIFIER, "narrow")}
        self.port = free_port()
        self.url = f"https://127.0.0.1:{self.port}"
        self.audit = folder / "audit.log"
        self.api = Api(self.url, self.tokens["admin"], self.ca)
        try:
            self.etcd_url = self._etcd()
            self.server = self._server(key)
        except BaseException:
            self.end()
            raise

    def _etcd(self) -> str:
        client, peer = (f"http://127.0.0.1:{free_port()}" for _ in range(2))
        self.processes.start(
            "etcd", self.components.programs["kube"], "etcd", "--data-dir", self.folder / "etcd",
            "--listen-client-urls", client, "--advertise-client-urls", client, "--listen-peer-urls", peer,
            "--initial-advertise-peer-urls", peer, "--initial-cluster", f"default={peer}", "--unsafe-no-fsync",
            "--log-level", "warn",
        ).ready(lambda: urllib3.request("GET", f"{client}/health", retries=False).status == 200)  # fmt: skip
        return client

    def _server(self, key: Path) -> Process:
        tokens, policy = self.folder / "tokens.csv", self.folder / "audit.yaml"
        tokens.write_text(
            "".join(
                f"{token},{name},{name}{',system:masters' if name != 'narrow' else ''}\n"
                for name, token in self.tokens.items()
            ),
            "utf-8",
        )
        tokens.chmod(0o600)
        policy.write_text(json.dumps(_AUDIT), "utf-8")
        return self.processes.start(
            "apiserver", self.components.programs["kube"], "apiserver", "--etcd-servers", self.etcd_url,
            "--bind-address", "127.0.0.1", "--advertise-address", "127.0.0.1", "--secure-port", self.port_text,
            "--tls-cert-file", self.ca, "--tls-private-key-file", key, "--service-cluster-ip-range", "10.96.0.0/16",
            "--service-account-issuer", "https://kubernetes.default.svc",
            "--service-account-key-file", self.signing_key, "--service-account-signing-key-file", self.signing_key,
            "--token-auth-file", tokens, "--authorization-mode", "RBAC", "--endpoint-reconciler-type", "none",
            "--allow-privileged", "--kubelet-preferred-address-types", "InternalIP",
            "--audit-policy-file", policy, "--audit-log-path", self.audit,
        ).ready(self.is_ready)  # fmt: skip

    @property
    def port_text(self) -> str:
        return str(self.port)

    def is_ready(self) -> bool:
        """Whether the API server says so."""
        return bool(self.api.request("GET", "/readyz") == "ok")

    def kubeconfig(self, user: str = VERIFIER, *, url: str = "", token: str = "") -> Path:
        """A kubeconfig for a user, or for a token."""
        name = f"{user}{'-' + url.rpartition(':')[2] if url else ''}{'-token' if token else ''}.kubeconfig"
        return kubeconfig(self.folder / name, url or self.url, token or self.tokens[user], self.ca)

    def asked(self) -> Counter[tuple[str, str]]:
        """What the watched users asked so far: (verb, resource) -> how often."""
        return Counter(
            (one["verb"], "/".join(filter(None, (ref.get("resource"), ref.get("subresource"))))
             if (ref := one.get("objectRef")) else one["requestURI"])
            for one in map(json.loads, self.audit.read_text("utf-8").splitlines())
        )  # fmt: skip

    def install_crds(self) -> None:
        """The CRDs of Flux, External Secrets and kwok; and of what only its objects are looked at, without schema."""
        manifests = self.components.manifests
        files = [
            *sorted(manifests.glob("*-controller/config/crd/bases/*.yaml")),
            manifests / "external-secrets" / "deploy" / "crds" / "bundle.yaml",
            *(manifests / "kwok" / "kustomize" / "crd" / "bases" / f"kwok.x-k8s.io_{one}.yaml"
              for one in ("execs", "logs")),
        ]  # fmt: skip
        self.api.create_files(files)
        for group, version, kind in (
            ("fluxcd.controlplane.io", "v1", "FluxInstance"),
            ("grafana.integreatly.org", "v1beta1", "Grafana"),
            ("grafana.integreatly.org", "v1beta1", "GrafanaDashboard"),
            ("grafana.integreatly.org", "v1beta1", "GrafanaDatasource"),
        ):
            self.api.create(_open_crd(group, version, kind))
        until("CRDs", self._are_served, 30)

    def _are_served(self) -> bool:
        stated = self.api.list("apiextensions.k8s.io/v1", "CustomResourceDefinition")
        return all(
            any(one["type"] == "Established" and one["status"] == "True" for one in crd["status"]["conditions"])
            for crd in stated
        )

    def end(self) -> None:
        """End everything."""
        self.processes.end()


class Cluster(ControlPlane):
    """A control plane with nodes, controllers and Flux.

    Args:
        components: What was built.
        folder: For data, logs and keys.
        path: Where containers find their programs: kwok runs the commands of `exec` on this machine.
        ports: Port of a container -> port on loopback, for port-forward.
    """

    def __init__(self, components: Components, folder: Path, path: list[Path], ports: dict[int, int]) -> None:
        super().__init__(components, folder)
        try:
            self._complete(path, ports)
        except BaseException:
            self.end()
            raise

    def _complete(self, path: list[Path], ports: dict[int, int]) -> None:
        own = self.kubeconfig("admin")
        kube = self.components.programs["kube"]
        self.processes.start(
            "controller-manager", kube, "controller-manager", "--kubeconfig", own, "--bind-address", "127.0.0.1",
            "--secure-port", str(free_port()), "--leader-elect=false",
            "--service-account-private-key-file", self.signing_key, "--root-ca-file", self.ca,
            "--node-monitor-grace-period=24h",
        )  # fmt: skip
        self.processes.start(
            "scheduler", kube, "scheduler", "--kubeconfig", own, "--bind-address", "127.0.0.1",
            "--secure-port", str(free_port()), "--leader-elect=false",
        )  # fmt: skip
        self.install_crds()
        self._kwok(own, path, ports)
        # a commit that mends what does not get healthy is applied at once, not after the timeout of the health check
        cancel = ("--feature-gates=CancelHealthCheckOnNewRevision=true",)
        for name, more in (("kustomize-controller", cancel), ("helm-controller", ())):
            self.processes.start(
                name, self.components.programs[name], "--watch-all-namespaces", "--enable-leader-election=false",
                "--requeue-dependency=2s", *more,
                "--events-addr=", f"--metrics-addr=127.0.0.1:{free_port()}", f"--health-addr=127.0.0.1:{free_port()}",
                env={"KUBECONFIG": str(own), "RUNTIME_NAMESPACE": "flux-system"},
            )  # fmt: skip
        until("node `one` is ready", self._has_node, 60)

    def _has_node(self) -> bool:
        node = self.api.get("v1", "Node", "", "one")
        stated = ((node or {}).get("status") or {}).get("conditions") or ()
        taints = ((node or {}).get("spec") or {}).get("taints") or ()
        return any(one["type"] == "Ready" and one["status"] == "True" for one in stated) and not taints

    def _kwok(self, own: Path, path: list[Path], ports: dict[int, int]) -> None:
        stages = self.components.manifests / "kwok" / "kustomize" / "stage"
        documents = [
            one.read_text("utf-8")
            for one in (
                stages / "node/fast/node-initialize.yaml",
                *sorted((stages / "node/heartbeat-with-lease").glob("node-heartbeat*.yaml")),
                *(stages / f"pod/fast/pod-{name}.yaml" for name in ("ready", "complete", "delete")),
            )
        ]
        forwards = [
            {"ports": [inside], "target": {"port": outside, "address": "127.0.0.1"}}
            for inside, outside in ports.items()
        ]
        documents.append(
            yaml.safe_dump(
                {
                    "apiVersion": "kwok.x-k8s.io/v1alpha1",
                    "kind": "ClusterPortForward",
                    "metadata": {"name": "all"},
                    "spec": {"forwards": forwards},
                }
            )
        )
        config = self.folder / "kwok.yaml"
        config.write_text("\n---\n".join(documents), "utf-8")
        crt, key = certificate(self.folder, "kwok")
        port = free_port()
        self.processes.start(
            "kwok", self.components.programs["kwok"], "--kubeconfig", own, "--manage-all-nodes",
            "--node-ip", "127.0.0.1", "--node-name", "localnode", "--node-port", str(port),
            "--server-address", f"127.0.0.1:{port}", "--node-lease-duration-seconds", "40",
            "--tls-cert-file", crt, "--tls-private-key-file", key, "--config", config,
            "--enable-crds", "Exec,Logs",
            env={"PATH": os.pathsep.join([*map(str, path), "/usr/bin", "/bin"])},
        )  # fmt: skip
        self.api.apply(
            {
                "apiVersion": "v1",
                "kind": "Node",
                "metadata": {"name": "one", "labels": {"kubernetes.io/os": "linux"}},
            }
        )


def _open_crd(group: str, version: str, kind: str) -> dict[str, object]:
    plural = f"{kind.lower()}s"
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group,
            "scope": "Namespaced",
            "names": {"kind": kind, "plural": plural, "singular": kind.lower(), "listKind": f"{kind}List"},
            "versions": [
                {
                    "name": version,
                    "served": True,
                    "storage": True,
                    "subresources": {"status": {}},
                    "schema": {
                        "openAPIV3Schema": {
                            "type": "object",
                            "properties": {"spec": schema, "status": schema},
                            "x-kubernetes-preserve-unknown-fields": True,
                        }
                    },
                }
            ],
        },
    }
