"""The example repository, applied by real Flux to a real cluster, with real Loki, PostgreSQL and Airflow beside it."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.e2e.airflow import NAMESPACE, Airflow, GitSync, stand_in_vector, worker
from tests.e2e.api import condition
from tests.e2e.cluster import Cluster
from tests.e2e.door import Door
from tests.e2e.kubelet import Kubelet, MissingError
from tests.e2e.processes import Processes, until
from tests.e2e.services import Loki, PostgreSQL
from tests.e2e.sources import Sources
from tests.e2e.stores import Stores

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.api import Found
    from tests.e2e.build import Components

ROOT = Path(__file__).resolve().parent.parent.parent
DAGS = "kubernetes/apps/airflow/airflow/dags"
RELEASE = "kubernetes/apps/airflow/airflow/app/helmrelease.yaml"
_KUSTOMIZE = "kustomize.toolkit.fluxcd.io/v1"
_SOURCE = "source.toolkit.fluxcd.io/v1"
_HELM = "helm.toolkit.fluxcd.io/v2"
_FERNET = "ZmVybmV0LWtleS1vZi10aGUtc3RvcnktMzItYnl0ZXM="
_COMPONENTS = ("webserver", "scheduler", "base", "handler")
_KUSTOMIZATIONS = 16
_IN_PROGRESS = frozenset({"DependencyNotReady", "Progressing", "ProgressingWithRetry"})
_CREATED = ("pods/exec", "pods/portforward")
_GATEWAY, _SINGLE = 8080, 3100


@dataclass(frozen=True)
class Verified:
    """What `lintkit verify` said.

    Attributes:
        code: Exit code.
        results: The `results` of its JSON report; empty when there is none.
        output: Standard output.
        error: Standard error.
        seconds: How long it took.
    """

    code: int
    results: tuple[dict[str, Any], ...]
    output: str
    error: str
    seconds: float

    def of(self, outcome: str) -> list[dict[str, Any]]:
        """The results with an outcome."""
        return [one for one in self.results if one["outcome"] == outcome]

    def not_passed(self) -> list[tuple[str, str, str]]:
        """Probe, subject and evidence of everything that did not pass."""
        return [(one["probe"], one["subject"], one["evidence"]) for one in self.results if one["outcome"] != "pass"]

    def one(self, probe: str, subject: str = "", claim: str = "") -> dict[str, Any]:
        """The only result of a probe about a subject."""
        found = [
            one for one in self.results
            if one["probe"] == probe and subject in one["subject"] and claim in one["claim"]
        ]  # fmt: skip
        assert len(found) == 1, (probe, subject, found)
        return found[0]


_MEASURE = """
import os, resource, subprocess, sys
code = subprocess.call(sys.argv[2:])
with open(sys.argv[1], "w") as file:
    file.write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(code)
"""


def verify(
    root: Path, kubeconfig: Path, *arguments: str, seconds: float = 300.0, measure: Path | None = None
) -> Verified:
    """Run `lintkit verify` as a program; write the most memory that it had, in KiB, into the file `measure`."""
    began = time.monotonic()
    front = [sys.executable, "-c", _MEASURE, str(measure)] if measure else []
    ended = subprocess.run(
        [*front, sys.executable, "-W", "ignore", "-m", "lintkit", "verify", "--output-format", "json", *arguments, "."],
        cwd=root, env=environment(kubeconfig), capture_output=True, text=True, check=False, timeout=seconds,
    )  # fmt: skip
    return read(ended.returncode, ended.stdout, ended.stderr, time.monotonic() - began)


def read(code: int, output: str, error: str, seconds: float) -> Verified:
    """What a run has said; it never ends with a traceback."""
    assert "Traceback" not in output + error, output + error
    try:
        results = tuple(json.loads(output)["results"])
    except ValueError:
        results = ()
    return Verified(code, results, output, error, seconds)


def environment(kubeconfig: Path) -> dict[str, str]:
    """Of `lintkit verify`."""
    kept = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return {**kept, "KUBECONFIG": str(kubeconfig), "PYTHONPATH": str(ROOT), "NO_COLOR": "1"}


class World:
    """Everything; `end()` removes it.

    Args:
        components: What was built.
        folder: For everything.
    """

    def __init__(self, components: Components, folder: Path) -> None:
        self.folder = folder
        with ExitStack() as stack:
            self._begin(components, stack)
            self._stack = stack.pop_all()

    def end(self) -> None:
        """End all."""
        self._stack.close()

    def _begin(self, components: Components, stack: ExitStack) -> None:
        self.times: dict[str, float] = {}
        self._tended: set[str] = set()
        began = time.monotonic()
        self.processes = Processes(self.folder)
        stack.callback(lambda: self.database.remove() if hasattr(self, "database") else None)
        stack.callback(self.processes.end)
        self.loki = Loki(components, self.processes, "loki")
        self.strict_loki = Loki(components, self.processes, "loki-with-tenants", has_tenants=True)
        self.door = Door(self.loki.port)
        stack.callback(self.door.close)
        self.database = PostgreSQL(self.processes)
        self.vault = _vault(self.database)
        self.repository = _repository(self.folder / "repository")
        self.git_sync = GitSync(self.repository, self.folder / "git")
        self.git_sync.pull()
        stand_in_vector(self.folder / "bin", "0.39.0")
        path = [self.folder / "bin", components.airflow]
        ports = {_GATEWAY: self.door.port, _SINGLE: self.door.port}
        self.cluster = Cluster(components, self.folder / "cluster", path, ports)
        stack.callback(self.cluster.end)
        self.api = self.cluster.api
        self.times["cluster"] = time.monotonic() - began
        self.bootstrap()
        self.sources = Sources(self.api, self.repository, self.folder / "artifacts", {"ROOT": str(self.folder)})
        stack.callback(self.sources.end)
        self.stores = Stores(self.api, self.vault, self.folder / "stores.log")
        stack.callback(self.stores.end)
        machine = {
            "PATH": os.pathsep.join([*map(str, path), "/usr/bin", "/bin"]),
            "HOME": str(self.folder),
            "AIRFLOW_HOME": str(self.folder / "airflow"),
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "PGHOSTADDR": self.database.address,
            "PYTHONWARNINGS": "ignore",
        }
        self.kubelet = Kubelet(self.api, self.folder / "kubelet", machine)
        self.settled()
        self.times["applied"] = time.monotonic() - began
        self._airflow(components)
        self.times["airflow"] = time.monotonic() - began
        self.loki.ready()
        self.strict_loki.ready()
        self.speak()
        self.times["all"] = time.monotonic() - began

    def bootstrap(self) -> None:
        """What a person does by hand, and what the Flux Operator makes of the FluxInstance."""
        secret = {"apiVersion": "v1", "kind": "Secret"}
        for name in ("flux-system", "external-secrets"):
            self.api.apply({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})
        for name, key in (
            ("onepassword-connect-credentials", "1password-credentials.json"), ("onepassword-connect-token", "token"),
        ):  # fmt: skip
            where = {"name": name, "namespace": "external-secrets"}
            self.api.apply({**secret, "metadata": where, "stringData": {key: "{}"}})
        where = {"name": "flux-system", "namespace": "flux-system"}
        self.api.apply(
            {
                "apiVersion": _SOURCE,
                "kind": "GitRepository",
                "metadata": where,
                "spec": {
                    "interval": "1h",
                    "ref": {"name": "refs/heads/main"},
                    "url": "https://github.com/lintkit/lintkit",
                },
            },
            {
                "apiVersion": _KUSTOMIZE,
                "kind": "Kustomization",
                "metadata": where,
                "spec": {
                    "interval": "1h",
                    "path": "./kubernetes/clusters/home",
                    "prune": True,
                    "retryInterval": "2s",
                    "sourceRef": {"kind": "GitRepository", "name": "flux-system"},
                },
            },
        )

    def settled(self, seconds: float = 240.0) -> None:
        """Wait until Flux has applied the newest commit, and everything is ready."""
        commit = self.commit
        until(f"commit {commit[:8]} is applied", lambda: self._is_settled(commit), seconds, 2.0)

    @property
    def commit(self) -> str:
        """The newest commit."""
        return _git(self.repository, "rev-parse", "main")

    def _is_settled(self, commit: str) -> bool:
        kustomizations = self.api.list(_KUSTOMIZE, "Kustomization")
        waiting = [
            one["metadata"]["name"]
            for one in kustomizations
            if condition(one).get("status") != "True"
            or one["status"].get("lastAppliedRevision") != f"main@sha1:{commit}"
        ]
        for one in kustomizations:  # what has failed is tried again after minutes; a person calls `flux reconcile`
            if condition(one).get("status") == "False" and condition(one).get("reason") not in _IN_PROGRESS:
                self._poke(_KUSTOMIZE, "Kustomization", "flux-system", one["metadata"]["name"])
        if waiting or len(kustomizations) < _KUSTOMIZATIONS:
            message = f"{len(kustomizations)} Kustomizations, waiting for {waiting}"
            raise AssertionError(message)
        return self.releases_ready()

    def releases_ready(self) -> bool:
        """Whether every HelmRelease is ready in its latest form."""
        waiting = [
            one["metadata"]["name"]
            for one in self.api.list(_HELM, "HelmRelease")
            if condition(one).get("status") != "True"
            or condition(one).get("observedGeneration") != one["metadata"]["generation"]
        ]
        if waiting:
            message = f"waiting for {waiting}"
            raise AssertionError(message)
        return True

    def _poke(self, version: str, kind: str, namespace: str, name: str) -> None:
        """`flux reconcile`: look at it now."""
        change = {"metadata": {"annotations": {"reconcile.fluxcd.io/requestedAt": str(time.time())}}}
        one = {"apiVersion": version, "kind": kind, "metadata": {"name": name, "namespace": namespace}}
        self.api.patch(one, change)

    @contextmanager
    def narrow(self, *namespaces: str, creates: tuple[str, ...] = _CREATED) -> Iterator[None]:
        """As long as it lasts, the user `narrow` may read what is in no namespace, and some namespaces; none for all.

        Args:
            namespaces: What may be read.
            creates: Sub-resources of pods that may be opened too: exec and forwarded ports.
        """
        version, group = "rbac.authorization.k8s.io/v1", "rbac.authorization.k8s.io"
        reads = {"apiGroups": ["*"], "resources": ["*"], "verbs": ["get", "list", "watch"]}
        opens = {"apiGroups": [""], "resources": list(creates), "verbs": ["create"]}
        stores = {**reads, "apiGroups": ["external-secrets.io"], "resources": ["clustersecretstores"]}
        made: list[Found] = [
            {"kind": "ClusterRole", "metadata": {"name": "narrow"}, "rules": [reads, opens] if creates else [reads]},
            {"kind": "ClusterRole", "metadata": {"name": "narrow-stores"}, "rules": [stores]},
        ]
        bindings: list[tuple[str, Found]] = [("narrow-stores", {"name": "narrow-stores"})]
        bindings += [("narrow", {"name": "narrow", "namespace": one}) for one in namespaces]
        bindings += [] if namespaces else [("narrow", {"name": "narrow"})]
        for role, metadata in bindings:
            made.append(
                {
                    "kind": "RoleBinding" if "namespace" in metadata else "ClusterRoleBinding",
                    "metadata": metadata,
                    "roleRef": {"apiGroup": group, "kind": "ClusterRole", "name": role},
                    "subjects": [{"apiGroup": group, "kind": "User", "name": "narrow"}],
                }
            )
        made = [{"apiVersion": version, **one} for one in made]
        self.api.apply(*made)
        try:
            yield
        finally:
            for one in made:
                self.api.delete(version, one["kind"], one["metadata"].get("namespace", ""), one["metadata"]["name"])

    def _airflow(self, components: Components) -> None:
        pod = until("the scheduler's pod", self.scheduler_pod, 60)
        self.kubelet.admit(pod)
        self.airflow = Airflow(
            components, self.processes, self.folder / "airflow", self.kubelet.environment(pod, "scheduler")
        )
        self.airflow.migrate()
        self.airflow.prepare(self.folder / "git" / "repo" / DAGS, "hello_world")
        self.write_template()
        self.scheduler = self.airflow.schedule(self.cluster.kubeconfig("admin"), self.template)
        self.work("first")

    @property
    def template(self) -> Path:
        """The pod template, as it is mounted in the scheduler's container."""
        return self.folder / "pod_template_file.yaml"

    def write_template(self) -> None:
        """Mount the pod template that the release has now."""
        found = self.api.get("v1", "ConfigMap", NAMESPACE, "airflow-config")
        assert found
        self.template.write_text(found["data"]["pod_template_file.yaml"], "utf-8")

    def scheduler_pod(self) -> Found | None:
        """The pod of the scheduler."""
        pods = self.api.list("v1", "Pod", NAMESPACE, labelSelector="component=scheduler,release=airflow")
        running = [one for one in pods if (one.get("status") or {}).get("phase") == "Running"]
        return running[0] if running else None

    def work(self, run: str) -> Found:
        """Have Airflow run its DAG: its worker pod, whose command has run, with its real output as log."""
        self.airflow.trigger("hello_world", run)
        pod = worker(self.api, run, self.scheduler)
        self.tend()
        self.kubelet.run(pod, "base")
        return pod

    def tend(self) -> None:
        """Let commands be run in every worker pod; a schedule makes some that nobody has asked for."""
        for pod in self.api.list("v1", "Pod", NAMESPACE, labelSelector="kubernetes_executor=True"):
            if pod["metadata"]["name"] not in self._tended and (pod.get("status") or {}).get("phase") == "Running":
                with suppress(MissingError):
                    self.kubelet.admit(pod)
                    self._tended.add(pod["metadata"]["name"])

    def speak(self, *silent: str) -> None:
        """What Alloy would send: a line of each component that is not silent."""
        for name in _COMPONENTS:
            if name not in silent:
                self.loki.push({"namespace": NAMESPACE, "container": name}, f"a line of {name}")

    def change(self, path: str, old: str, new: str) -> None:
        """Edit a file of the repository and commit it."""
        file = self.repository / path
        text = file.read_text("utf-8")
        assert old in text, (path, old)
        file.write_text(text.replace(old, new, 1), "utf-8")
        commit(self.repository, f"edit {path}")

    def revert(self) -> None:
        """Take the newest commit back."""
        _git(self.repository, "-c", "user.name=e2e", "-c", "user.email=e2e@example.com", "revert", "--no-edit", "HEAD")

    def line_of(self, path: str, text: str) -> int:
        """1-based line of a file that has a text."""
        lines = (self.repository / path).read_text("utf-8").splitlines()
        return next(number for number, line in enumerate(lines, 1) if text in line)

    def verify(self, *arguments: str, user: str = "verifier") -> Verified:
        """Hold the repository against the cluster."""
        self.tend()
        return verify(self.repository, self.cluster.kubeconfig(user), *arguments)


def _vault(database: PostgreSQL) -> dict[tuple[str, str], str]:
    return {
        ("airflow", "admin-password"): "admin-password-of-the-story",
        ("airflow", "fernet-key"): _FERNET,
        ("airflow", "webserver-secret-key"): "webserver-key-of-the-story",
        ("airflow-postgresql", "postgres-password"): "postgres-password-of-the-story",
        ("airflow-postgresql", "password"): database.password,
        ("grafana-admin", "username"): "admin",
        ("grafana-admin", "password"): "grafana-password-of-the-story",
        ("loki", "access-key-id"): "access-key-of-the-story",
        ("loki", "secret-access-key"): "secret-key-of-the-story",
    }


def _repository(folder: Path) -> Path:
    folder.mkdir()
    shutil.copytree(ROOT / "kubernetes", folder / "kubernetes", ignore=shutil.ignore_patterns("__pycache__"))
    _git(folder, "init", "-q", "-b", "main")
    commit(folder, "the example")
    return folder


def commit(folder: Path, message: str) -> None:
    """Commit everything."""
    _git(folder, "add", "-A")
    _git(folder, "-c", "user.name=e2e", "-c", "user.email=e2e@example.com", "commit", "-q", "-m", message)


def _git(folder: Path, *arguments: str) -> str:
    return subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()
