"""`lintkit diff --live` against a stand-in for an API server; the real one is asked in tests/e2e."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING, Any

import pytest

from tests.diff.server import Server, running
from tests.diff.test_diff import APP, CONFIG, DEPLOYMENT, FLUX, SECRET, TREE, names, secret
from tests.git import clone as clone  # noqa: PLC0414 - a fixture

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.git import Clone

pytest.importorskip("kubernetes", reason="the Kubernetes client is an extra")
OWNED = {"kustomize.toolkit.fluxcd.io/name": "app", "kustomize.toolkit.fluxcd.io/namespace": "flux-system"}
KUBECONFIG = """
apiVersion: v1
kind: Config
current-context: here
contexts: [{{name: here, context: {{cluster: c, user: u}}}}]
clusters: [{{name: c, cluster: {{server: "{address}"}}}}]
users: [{{name: u, user: {{token: t}}}}]
"""
WEB = "/apis/apps/v1/namespaces/media/deployments/web"
CONFIG_PATH = "/api/v1/namespaces/media/configmaps/config"
DB = "/api/v1/namespaces/media/secrets/db"
FLUX_PATH = "/apis/kustomize.toolkit.fluxcd.io/v1/namespaces/flux-system/kustomizations"


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    with running() as (server, address):
        (tmp_path / "kubeconfig").write_text(KUBECONFIG.format(address=address), "utf-8")
        monkeypatch.setenv("KUBECONFIG", str(tmp_path / "kubeconfig"))
        monkeypatch.setattr("lintkit.verify.client._PAUSES", ())
        yield server


def applied(clone: Clone, server: Server) -> None:
    """The cluster as Flux has made it from the tree: what a dry-run answers is what is there."""
    clone.lintkit("diff", "--live")
    for verb, path, _ in list(server.asked):
        if verb == "PATCH":
            server.objects[path] = {"metadata": {}}
    for path, text in {
        WEB: DEPLOYMENT, CONFIG_PATH: CONFIG, f"{FLUX_PATH}/app": APP, f"{FLUX_PATH}/cluster": FLUX,
    }.items():  # fmt: skip
        server.objects[path] = loaded(text, "cluster" if path.startswith(FLUX_PATH) else "app")
    source = loaded(FLUX.partition("---")[2], "cluster")
    server.objects["/apis/source.toolkit.fluxcd.io/v1/namespaces/flux-system/gitrepositories/flux-system"] = source


def loaded(text: str, owner: str) -> dict[str, Any]:
    import yaml  # noqa: PLC0415 - for the stand-in alone

    item: dict[str, Any] = next(iter(yaml.safe_load_all(text)))
    item["metadata"].setdefault("namespace", "media")
    item["metadata"]["labels"] = {**OWNED, "kustomize.toolkit.fluxcd.io/name": owner}
    item["metadata"]["resourceVersion"] = "7"
    item["metadata"]["annotations"] = {"kubectl.kubernetes.io/last-applied-configuration": f"{{{SECRET}}}"}
    item["status"] = {"ready": True}
    return item


def changes(clone: Clone, *arguments: str) -> list[dict[str, Any]]:
    outcome = clone.lintkit("diff", "--live", "--output-format", "json", *arguments)
    assert outcome.err == ""
    assert SECRET not in outcome.out
    return list(json.loads(outcome.out)["changes"])


def test_a_cluster_as_the_tree_has_it_is_no_change_and_stays_as_it_is(clone: Clone, server: Server) -> None:
    clone.commit(TREE)
    applied(clone, server)
    server.objects[WEB]["spec"]["defaulted"] = True
    outcome = clone.lintkit("diff", "--live", "--exit-code")
    assert outcome.out == "nothing changes from cluster here to the tree as it is\n"
    assert outcome.code == 0
    assert {(verb, *query.get("dryRun", ())) for verb, _, query in server.asked} == {("GET",), ("PATCH", "All")}
    assert {one for verb, _, query in server.asked if verb == "PATCH" for one in query["fieldManager"]} == {
        "kustomize-controller"
    }


def test_what_differs_is_shown_as_between_two_trees(clone: Clone, server: Server) -> None:
    clone.commit(TREE)
    applied(clone, server)
    server.objects[WEB]["spec"]["replicas"] = 5
    del server.objects[CONFIG_PATH]
    found = changes(clone)
    assert names(found) == [("added", "ConfigMap", "media", "config"), ("changed", "Deployment", "media", "web")]
    assert found[1]["fields"] == [{"path": ["spec", "replicas"], "before": 5, "after": 1}]
    assert found[1]["path"] == "app/deployment.yaml"
    assert clone.lintkit("diff", "--live", "--exit-code").code == 1


def test_secrets_are_compared_and_only_their_keys_are_shown(clone: Clone, server: Server) -> None:
    clone.commit({**TREE, "app/secret.yaml": secret(same=SECRET, other="first-value")})
    applied(clone, server)
    encoded = {"same": b64encode(SECRET.encode()).decode(), "other": b64encode(b"live-value").decode()}
    server.objects[DB] = {
        "apiVersion": "v1", "kind": "Secret", "metadata": {"name": "db", "namespace": "media", "labels": OWNED},
        "data": encoded,
    }  # fmt: skip
    server.answer = lambda verb, path, body: (  # type: ignore[method-assign]
        Server.answer(server, verb, path, body) if (verb, path) != ("PATCH", DB) else (200, made)
    )
    made = {**server.objects[DB], "data": {**encoded, "other": b64encode(b"first-value").decode()}}
    (found,) = changes(clone)
    assert found["keys"] == {"other": "changed", "same": "same"}
    shown = clone.lintkit("diff", "--live").out
    assert not [text for text in (SECRET, *encoded.values(), "first-value", "live-value") if text in shown]


def test_an_encrypted_secret_is_compared_by_its_keys(clone: Clone, server: Server) -> None:
    text = secret(kept="ENC[AES256_GCM,data:a==,type:str]", new="ENC[AES256_GCM,data:b==,type:str]")
    clone.commit({**TREE, "app/secret.yaml": f"{text}sops: {{mac: x}}\n"})
    applied(clone, server)
    server.objects[DB] = {"metadata": {"name": "db"}, "data": {"kept": "eA==", "gone": "eA=="}}
    (found,) = changes(clone)
    assert found["keys"] == {"gone": "removed", "kept": "unknown", "new": "added"}
    assert ("PATCH", DB) not in {(verb, path) for verb, path, _ in server.asked}


def test_what_the_server_would_not_take_is_refused_with_its_reason(clone: Clone, server: Server) -> None:
    clone.commit(TREE)
    applied(clone, server)
    answer = Server.answer
    server.answer = lambda verb, path, body: (  # type: ignore[method-assign]
        (422, {"message": "spec.replicas: Invalid value: -1"})
        if (verb, path) == ("PATCH", WEB)
        else (403, {"message": "configmaps is forbidden"})
        if path == CONFIG_PATH
        else answer(server, verb, path, body)
    )
    found = changes(clone)
    assert [(one["state"], one["name"], one["notes"]) for one in found] == [
        ("unknown", "config", ["no access (403): configmaps is forbidden"]),
        ("refused", "web", ["the API server answers 422: spec.replicas: Invalid value: -1"]),
    ]


def test_only_unknown_ends_with_4(clone: Clone, server: Server) -> None:
    clone.commit({**TREE, "app/extra.yaml": "apiVersion: a.example/v1\nkind: Thing\nmetadata: {name: x}\n"})
    applied(clone, server)
    (found,) = changes(clone)
    assert found["notes"] == ["not installed: the cluster does not know the kind"]
    assert clone.lintkit("diff", "--live", "--exit-code").code == 4


def test_what_the_inventory_has_and_the_tree_has_not_is_removed(clone: Clone, server: Server) -> None:
    clone.commit(TREE)
    applied(clone, server)
    ids = ("media_web_apps_Deployment", "media_config__ConfigMap", "media_old__Service")
    server.objects[f"{FLUX_PATH}/app"]["status"] = {"inventory": {"entries": [{"id": one, "v": "v1"} for one in ids]}}
    assert names(changes(clone)) == [("removed", "Service", "media", "old")]


def test_a_variable_that_only_the_cluster_knows_is_no_difference(clone: Clone, server: Server) -> None:
    app = APP + "  postBuild: {substituteFrom: [{kind: Secret, name: settings}]}\n"
    config = CONFIG + "  domain: ${DOMAIN}\n  port: '1'\n"
    clone.commit({**TREE, "cluster/app.yaml": app, "app/config.yaml": config})
    applied(clone, server)
    server.objects[f"{FLUX_PATH}/app"] = loaded(app, "cluster")
    server.objects[CONFIG_PATH] = loaded(config.replace("${DOMAIN}", "example.com").replace("'1'", "'2'"), "app")
    (found,) = changes(clone)
    assert found["fields"] == [{"path": ["data", "port"], "before": "2", "after": "1"}]
    assert found["notes"] == ["holds variables whose values are not known here; they are taken as they are"]


def test_a_namespace_that_comes_with_the_tree_is_no_reason_to_refuse(clone: Clone, server: Server) -> None:
    clone.commit(TREE)
    applied(clone, server)
    del server.objects[CONFIG_PATH]
    answer = Server.answer
    server.answer = lambda verb, path, body: (  # type: ignore[method-assign]
        (404, {"message": 'namespaces "media" not found'})
        if (verb, path) == ("PATCH", CONFIG_PATH)
        else answer(server, verb, path, body)
    )
    assert names(changes(clone)) == [("added", "ConfigMap", "media", "config")]


def test_a_tree_for_several_clusters_asks_which_one(clone: Clone, server: Server) -> None:
    tree = {"app/config.yaml": CONFIG}
    for name in ("east", "west"):
        tree[f"clusters/{name}/flux.yaml"] = FLUX.replace("./cluster", f"./clusters/{name}")
        tree[f"clusters/{name}/app.yaml"] = APP
    clone.commit(tree)
    outcome = clone.lintkit("diff", "--live")
    assert outcome.code == 2
    assert outcome.err == (
        "lintkit: the tree is for several clusters: say which one with `--cluster FOLDER`, one of `clusters/east`,"
        " `clusters/west`\n"
    )
    assert server.asked == []
    assert clone.lintkit("diff", "--live", "--cluster", "./clusters/west/").code == 0


def test_a_cluster_out_of_reach(clone: Clone, monkeypatch: pytest.MonkeyPatch) -> None:
    clone.commit({**TREE, "kubeconfig": KUBECONFIG.format(address="http://127.0.0.1:9")})
    monkeypatch.setenv("KUBECONFIG", str(clone.folder / "kubeconfig"))
    monkeypatch.setattr("lintkit.verify.client._PAUSES", ())
    assert clone.lintkit("diff", "--live").code == 3
