from __future__ import annotations

import json
import os
import shutil
import ssl
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import yaml

from lintkit.errors import ClusterError, ToolMissingError
from lintkit.fetch import cluster
from tests.schema.servers import Reply, forwarding, serving
from tests.schema.test_store import crd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.schema.servers import Asked, Server

pytestmark = pytest.mark.skipif(
    shutil.which("kubectl") is None or shutil.which("openssl") is None, reason="needs kubectl and openssl"
)

GROUP = "/apis/apiextensions.k8s.io/v1"
CRDS = f"{GROUP}/customresourcedefinitions"
TOKEN = "token-of-a-test"  # noqa: S105 - of a test


def reply(content: object, status: int = 200) -> Reply:
    return Reply(json.dumps(content).encode(), status, {"Content-Type": "application/json"})


def listing(*kinds: str, following: str = "") -> dict[str, object]:
    items = [yaml.safe_load(crd(kind)) for kind in kinds]
    metadata = {"resourceVersion": "1", **({"continue": following} if following else {})}
    return {"kind": "CustomResourceDefinitionList", "apiVersion": "apiextensions.k8s.io/v1", "metadata": metadata,
            "items": items}  # fmt: skip


def guarded(answer: Callable[[Asked], Reply]) -> Callable[[Asked], Reply]:
    def route(asked: Asked) -> Reply:
        if asked.authorization != f"Bearer {TOKEN}" and asked.client != "tester":
            status = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": 401,
                      "reason": "Unauthorized", "message": "Unauthorized"}  # fmt: skip
            return reply(status, 401)
        return answer(asked)

    return route


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that is its own authority, for the server and for a client called `tester`; its key beside it."""
    folder = tmp_path_factory.mktemp("tls")
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
         "-subj", "/CN=tester", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem", "-out", "cert.pem"],
        cwd=folder, check=True, capture_output=True,
    )  # fmt: skip
    return folder / "cert.pem"


@pytest.fixture
def api(certificate: Path) -> Iterator[Server]:
    """What kubectl asks of an API server before and while it lists CRDs."""
    resources = [
        {"name": "customresourcedefinitions", "singularName": "customresourcedefinition", "namespaced": False,
         "kind": "CustomResourceDefinition", "verbs": ["get", "list"], "shortNames": ["crd", "crds"]}
    ]  # fmt: skip
    version = {"groupVersion": "apiextensions.k8s.io/v1", "version": "v1"}
    group = {"name": "apiextensions.k8s.io", "versions": [version], "preferredVersion": version}
    plain = {
        "/version": {"major": "1", "minor": "33", "gitVersion": "v1.33.0"},
        "/api": {"kind": "APIVersions", "versions": ["v1"]},
        "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": [group]},
        "/api/v1": {"kind": "APIResourceList", "groupVersion": "v1", "resources": []},
        GROUP: {"kind": "APIResourceList", "groupVersion": "apiextensions.k8s.io/v1", "resources": resources},
        CRDS: listing("Widget", "Gadget"),
    }
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, certificate.with_name("key.pem"))
    tls.load_verify_locations(certificate)
    tls.verify_mode = ssl.CERT_OPTIONAL
    with serving(tls=tls) as server:
        for path, content in plain.items():
            server.routes[path] = guarded(lambda _, content=content: reply(content))
        yield server


@pytest.fixture
def kubeconfig(api: Server, certificate: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A kubeconfig with the ways of logging in: a token, a program that gives one, a certificate; and a wrong token."""
    plugin = tmp_path / "login"
    credential = {"apiVersion": "client.authentication.k8s.io/v1", "kind": "ExecCredential", "status": {"token": TOKEN}}
    plugin.write_text(f"#!{sys.executable}\nprint({json.dumps(credential)!r})\n")
    plugin.chmod(0o755)
    program = {"apiVersion": "client.authentication.k8s.io/v1", "command": str(plugin), "interactiveMode": "Never"}
    users = {
        "a": {"token": TOKEN},
        "b": {"exec": program},
        "c": {"token": "wrong"},
        "d": {"client-certificate": str(certificate), "client-key": str(certificate.with_name("key.pem"))},
    }
    content = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "a",
        "clusters": [{"name": "one", "cluster": {"server": api.url, "certificate-authority": str(certificate)}}],
        "users": [{"name": name, "user": user} for name, user in users.items()],
        "contexts": [{"name": name, "context": {"cluster": "one", "user": name}} for name in users],
    }
    path = tmp_path / "config"
    path.write_text(json.dumps(content))
    monkeypatch.setenv("KUBECONFIG", str(path))
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return path


@pytest.mark.parametrize(("context", "label"), [("", "cluster a"), ("b", "cluster b"), ("d", "cluster d")])
def test_the_kinds_of_a_cluster_are_listed(kubeconfig: Path, context: str, label: str) -> None:
    found, origin = cluster.fetch(context, lambda _: None)
    assert [one.kind.kind for one in found.definitions] == ["Widget", "Gadget"]
    assert [one.name for one in found.definitions[0].kind.versions] == ["v1", "v1beta1", "v1alpha1"]
    assert origin == label


def test_a_cluster_behind_a_proxy_is_reached(kubeconfig: Path) -> None:
    with forwarding() as (proxy, asked):
        content = json.loads(kubeconfig.read_text())
        content["clusters"][0]["cluster"]["proxy-url"] = proxy
        kubeconfig.write_text(json.dumps(content))
        found, _ = cluster.fetch("d", lambda _: None)
    assert [one.kind.kind for one in found.definitions] == ["Widget", "Gadget"]
    assert set(asked) == {content["clusters"][0]["cluster"]["server"].removeprefix("https://")}


def test_a_long_list_comes_in_parts(api: Server, kubeconfig: Path) -> None:
    def parts(asked: Asked) -> Reply:
        return reply(listing("Gadget") if "continue=more" in asked.query else listing("Widget", following="more"))

    api.routes[CRDS] = guarded(parts)
    found, _ = cluster.fetch("", lambda _: None)
    assert [one.kind.kind for one in found.definitions] == ["Widget", "Gadget"]


def test_a_cluster_without_custom_kinds_has_none(api: Server, kubeconfig: Path) -> None:
    api.routes[CRDS] = guarded(lambda _: reply(listing()))
    assert cluster.fetch("", lambda _: None)[0].definitions == []


def test_a_refusal_is_said(api: Server, kubeconfig: Path) -> None:
    status = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure", "code": 403,
              "reason": "Forbidden", "message": "user `a` cannot list them"}  # fmt: skip
    api.routes[CRDS] = reply(status, 403)
    with pytest.raises(ClusterError, match=r"cluster a: Error from server .*user `a` cannot list them"):
        cluster.fetch("", lambda _: None)


def test_a_wrong_token_and_a_wrong_context_are_said(kubeconfig: Path) -> None:
    with pytest.raises(ClusterError, match=r"cluster c: .*(?i:logged in|unauthorized)"):
        cluster.fetch("c", lambda _: None)
    with pytest.raises(ClusterError, match=r"cluster nope: .*context.* nope"):
        cluster.fetch("nope", lambda _: None)


def test_a_cluster_out_of_reach_is_said(kubeconfig: Path) -> None:
    content = json.loads(kubeconfig.read_text())
    content["clusters"][0]["cluster"]["server"] = "https://127.0.0.1:1"
    kubeconfig.write_text(json.dumps(content))
    with pytest.raises(ClusterError, match=r"cluster a: .*127\.0\.0\.1:1"):
        cluster.fetch("", lambda _: None)


def test_kubectl_is_needed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ToolMissingError, match="`--from-cluster` needs kubectl on the PATH"):
        cluster.fetch("", lambda _: None)


def test_a_kubectl_that_hangs_is_left(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "kubectl"
    program.write_text("#!/bin/sh\nexec sleep 60\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setattr(cluster, "_TIMEOUT", 0.2)
    with pytest.raises(ClusterError, match="kubectl did not end in"):
        cluster.fetch("a", lambda _: None)
