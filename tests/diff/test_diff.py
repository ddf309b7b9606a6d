"""`lintkit diff`: what a commit changes, object by object, with no secret shown."""

from __future__ import annotations

import json
from base64 import b64encode
from typing import TYPE_CHECKING, Any

import pytest

from tests.git import clone as clone  # noqa: PLC0414 - a fixture

if TYPE_CHECKING:
    from tests.git import Clone

SECRET = "correct-horse-battery"  # noqa: S105 - of no one
FLUX = """
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: cluster, namespace: flux-system}
spec:
  interval: 1h
  path: ./cluster
  prune: true
  sourceRef: {kind: GitRepository, name: flux-system}
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {name: flux-system, namespace: flux-system}
spec: {interval: 1m, url: "https://example.com/a/b"}
"""
APP = """
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: app, namespace: flux-system}
spec:
  interval: 1h
  path: ./app
  prune: true
  targetNamespace: media
  sourceRef: {kind: GitRepository, name: flux-system}
"""
DEPLOYMENT = """
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  template:
    spec:
      containers:
        - name: app
          image: example/web:1.0
        - name: sidecar
          image: example/sidecar:1.0
"""
CONFIG = """
apiVersion: v1
kind: ConfigMap
metadata: {name: config}
data:
  app.conf: |
    one = 1
    two = 2
"""
TREE = {
    "cluster/flux.yaml": FLUX,
    "cluster/app.yaml": APP,
    "app/deployment.yaml": DEPLOYMENT,
    "app/config.yaml": CONFIG,
}


def changes(clone: Clone, *arguments: str) -> list[dict[str, Any]]:
    outcome = clone.lintkit("diff", *arguments, "--output-format", "json")
    assert outcome.err == ""
    assert outcome.code == 0
    return list(json.loads(outcome.out)["changes"])


def names(found: list[dict[str, Any]]) -> list[tuple[str, str, str, str]]:
    return [(one["state"], one["kind"], one["namespace"], one["name"]) for one in found]


def test_a_field_is_shown_with_its_lines_owner_and_place(clone: Clone) -> None:
    clone.commit(TREE)
    clone.write({"app/deployment.yaml": DEPLOYMENT.replace("web:1.0", "web:1.1")})
    assert clone.lintkit("diff", "HEAD").out.splitlines()[:9] == [
        "Kustomization flux-system/app",
        "",
        "  ~ Deployment media/web  app/deployment.yaml:1",
        "    @@ spec.template.spec.containers[app] @@",
        "          spec:",
        "            containers:",
        "            - name: app",
        "    -         image: example/web:1.0",
        "    +         image: example/web:1.1",
    ]
    (found,) = changes(clone, "HEAD")
    path = ["spec", "template", "spec", "containers", "[name=app]", "image"]
    assert found["fields"] == [{"path": path, "before": "example/web:1.0", "after": "example/web:1.1"}]
    assert found["appliedBy"] == [{"cluster": "", "kustomization": "flux-system/app"}]


def test_a_moved_file_and_a_new_order_of_keys_are_no_change(clone: Clone) -> None:
    clone.commit(TREE)
    (clone.folder / "app/deployment.yaml").unlink()
    moved = DEPLOYMENT.replace("  replicas: 1\n", "").rstrip() + "\n  replicas: 1\n# a comment\n"
    clone.write({"app/other.yaml": moved})
    outcome = clone.lintkit("diff", "HEAD", "--exit-code")
    assert outcome.code == 0
    assert outcome.out.startswith("nothing changes from HEAD (")


def test_objects_come_and_go_and_say_whether_they_stay(clone: Clone) -> None:
    clone.commit(TREE)
    (clone.folder / "app/config.yaml").unlink()
    clone.write({"cluster/extra.yaml": CONFIG.replace("name: config", "name: extra, namespace: media")})
    found = changes(clone, "HEAD")
    assert names(found) == [
        ("removed", "ConfigMap", "media", "config"),
        ("added", "ConfigMap", "media", "extra"),
    ]
    assert [one.get("notes") for one in found] == [None, None]
    clone.commit({"cluster/app.yaml": APP.replace("prune: true", "prune: false"), "app/config.yaml": CONFIG})
    (clone.folder / "app/config.yaml").unlink()
    (kept,) = changes(clone, "HEAD")
    assert kept["notes"] == ["stays in the cluster: nothing prunes it"]


def test_an_object_that_another_kustomization_applies_is_one_change(clone: Clone) -> None:
    config = CONFIG.replace("name: config", "name: config, namespace: media")
    clone.commit({**TREE, "app/config.yaml": config})
    (clone.folder / "app/config.yaml").unlink()
    clone.write({"cluster/config.yaml": config})
    (found,) = changes(clone, "HEAD")
    assert found["state"] == "changed"
    assert found["notes"] == ["applied by `flux-system/cluster` from now on, by `flux-system/app` until now"]


def test_the_default_is_where_the_branch_left_the_default_branch(clone: Clone) -> None:
    clone.commit(TREE)
    clone.git("checkout", "--quiet", "-b", "topic")
    clone.commit({"app/deployment.yaml": DEPLOYMENT.replace("replicas: 1", "replicas: 2")})
    clone.git("checkout", "--quiet", "main")
    clone.commit({"app/config.yaml": CONFIG.replace("one = 1", "one = 7")})
    clone.git("checkout", "--quiet", "topic")
    assert names(changes(clone)) == [("changed", "Deployment", "media", "web")]
    assert names(changes(clone, "main")) == [
        ("changed", "ConfigMap", "media", "config"),
        ("changed", "Deployment", "media", "web"),
    ]
    assert clone.lintkit("diff", "--exit-code").code == 1
    assert clone.lintkit("diff").code == 0


def test_without_a_default_branch_it_asks_for_one(clone: Clone) -> None:
    clone.commit(TREE)
    clone.git("branch", "--quiet", "--move", "trunk")
    outcome = clone.lintkit("diff")
    assert outcome.code == 2
    assert outcome.err == (
        "lintkit: `lintkit diff`: no default branch is known here: name a REF, or `git remote set-head origin --auto`\n"
    )
    missing = clone.lintkit("diff", "trunc")
    assert missing.err == "lintkit: `lintkit diff` trunc: git knows no such commit; did you mean `trunk`?\n"


def secret(**data: str) -> str:
    lines = "".join(f"  {key}: {value}\n" for key, value in data.items())
    return f"apiVersion: v1\nkind: Secret\nmetadata: {{name: db}}\nstringData:\n{lines}"


def test_the_keys_of_a_secret_say_what_becomes_of_them(clone: Clone) -> None:
    clone.commit({**TREE, "app/secret.yaml": secret(same=SECRET, other="first-value", gone="third-value")})
    after = secret(other="second-value", new="fourth-value")
    encoded = b64encode(SECRET.encode()).decode()
    clone.write({"app/secret.yaml": f"{after}data:\n  same: {encoded}\n"})
    (found,) = changes(clone, "HEAD")
    assert found["keys"] == {"gone": "removed", "new": "added", "other": "changed", "same": "same"}
    assert found["fields"] == []
    for form in ("text", "markdown", "json"):
        shown = clone.lintkit("diff", "HEAD", "--output-format", form, "--full").out
        for value in (SECRET, encoded, "first-value", "second-value", "third-value", "fourth-value"):
            assert value not in shown
        assert "same" in shown


def test_an_encrypted_secret_shows_neither_text_nor_metadata_of_sops(clone: Clone) -> None:
    sops = "sops:\n  mac: ENC[AES256_GCM,data:macmacmac,type:str]\n  lastmodified: '2024-01-01T00:00:00Z'\n"
    clone.commit({**TREE, "app/secret.yaml": secret(key="ENC[AES256_GCM,data:first==,type:str]") + sops})
    clone.write(
        {"app/secret.yaml": secret(key="ENC[AES256_GCM,data:other==,type:str]") + sops.replace("macmac", "mic")}
    )
    (found,) = changes(clone, "HEAD")
    assert found["keys"] == {"key": "changed"}
    clone.write(
        {"app/secret.yaml": secret(key="ENC[AES256_GCM,data:first==,type:str]") + sops.replace("macmac", "mic")}
    )
    assert changes(clone, "HEAD") == []


RELEASE = f"""
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {{name: db}}
spec:
  values:
    auth:
      password: {SECRET}
      username: admin
    url: "postgres://admin:{SECRET}@db/app"
    extra:
      - apiVersion: v1
        kind: Secret
        stringData: {{plain: sesame-open-now}}
"""


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_passwords_in_values_are_hidden_where_they_stand_and_where_a_build_puts_them(clone: Clone, form: str) -> None:
    patch = f"""
        patches:
          - target: {{kind: HelmRelease}}
            patch: |-
              - op: add
                path: /spec/values/auth/rootPassword
                value: {SECRET[::-1]}
        resources: [release.yaml]
        """
    clone.commit({**TREE, "app/release.yaml": RELEASE, "app/kustomization.yaml": "resources: [release.yaml]\n"})
    new = RELEASE.replace(f"password: {SECRET}", "password: another-one-for-you").replace("admin\n", "root\n")
    clone.write({"app/release.yaml": new.replace("open-now", "shut-now"), "app/kustomization.yaml": patch})
    shown = clone.lintkit("diff", "HEAD", "--output-format", form, "--full").out
    for value in (SECRET, SECRET[::-1], "another-one-for-you", "sesame"):
        assert value not in shown
    assert "rootPassword" in shown
    if form == "text":
        assert "    -       password: (hidden)\n" in shown
        assert "    +       password: (hidden, changed)\n" in shown
        assert "    +         plain: (hidden, changed)\n" in shown
        assert "    +       username: root\n" in shown


def test_a_password_inside_of_a_text_is_hidden_in_its_line(clone: Clone) -> None:
    config = CONFIG.replace("    two = 2\n", f"    password = {SECRET}\n    two = 2\n")
    clone.commit({**TREE, "app/config.yaml": config})
    clone.write({"app/config.yaml": config.replace(SECRET, "quite-another-thing").replace("one = 1", "one = 3")})
    shown = clone.lintkit("diff", "HEAD").out
    assert "    -     password = (hidden)\n" in shown
    assert "    +     password = (hidden, changed)\n" in shown
    assert "    +     one = 3\n" in shown


@pytest.mark.parametrize("value", ["hunter2", "24681357", "aGVsbG8="])
def test_a_secret_that_a_variable_brings_is_hidden_where_it_is_put(clone: Clone, value: str) -> None:
    app = APP + "  postBuild: {substituteFrom: [{kind: Secret, name: settings}]}\n"
    settings = secret(LOGIN=value).replace("name: db", "name: settings, namespace: flux-system")
    config = CONFIG + "  who: ${LOGIN}\n  line: it is ${LOGIN:-none} here\n  ${LOGIN}: x\n"
    clone.commit({**TREE, "cluster/app.yaml": app, "cluster/settings.yaml": settings, "app/config.yaml": CONFIG})
    clone.write({"app/config.yaml": config})
    for form in ("text", "json", "markdown"):
        shown = clone.lintkit("diff", "HEAD", "--output-format", form, "--full").out
        assert value not in shown
        assert "(hidden)" in shown


def test_several_clusters_with_one_base_are_one_change(clone: Clone) -> None:
    tree = {"app/deployment.yaml": DEPLOYMENT, "app/config.yaml": CONFIG}
    for name in ("east", "west"):
        tree[f"clusters/{name}/flux.yaml"] = FLUX.replace("./cluster", f"./clusters/{name}")
        tree[f"clusters/{name}/app.yaml"] = APP
    clone.commit(tree)
    clone.write({"app/deployment.yaml": DEPLOYMENT.replace("replicas: 1", "replicas: 2")})
    (found,) = changes(clone, "HEAD")
    assert found["appliedBy"] == [
        {"cluster": "clusters/east", "kustomization": "flux-system/app"},
        {"cluster": "clusters/west", "kustomization": "flux-system/app"},
    ]


def test_a_remote_base_that_moves_is_said(clone: Clone) -> None:
    remote = "resources:\n  - https://example.com/x?ref=v1\n  - config.yaml\n"
    clone.commit({**TREE, "app/kustomization.yaml": remote})
    clone.write({"app/kustomization.yaml": remote.replace("v1", "v2")})
    outcome = clone.lintkit("diff", "HEAD")
    assert "note: flux-system/app: not shown: `https://example.com/x?ref=v2` is remote\n" in outcome.out


def test_what_kustomize_refuses_on_one_side_is_said(clone: Clone) -> None:
    clone.commit({**TREE, "app/config.yaml": CONFIG + "data: {}\n"})
    clone.write({"app/config.yaml": CONFIG})
    refused = (
        "note: flux-system/app: not shown before: kustomize refuses it: a key is there twice in `app/config.yaml`\n"
    )
    assert refused in clone.lintkit("diff", "HEAD").out


def test_a_file_that_flux_does_not_apply_is_named(clone: Clone) -> None:
    clone.commit({**TREE, "other/config.yaml": CONFIG})
    clone.write({"other/config.yaml": CONFIG.replace("one", "three")})
    outcome = clone.lintkit("diff", "HEAD", "--exit-code")
    assert outcome.code == 0
    assert outcome.out.startswith(
        "note: `other/config.yaml` differs, and Flux applies nothing of it\nnothing changes from"
    )


def test_markdown_stays_below_what_github_takes(clone: Clone) -> None:
    clone.commit(TREE)
    many = {
        f"app/config-{number:03}.yaml": CONFIG.replace("name: config", f"name: config-{number:03}")
        + "".join(f"    line {line} of many with some text in it\n" for line in range(40))
        for number in range(300)
    }
    clone.write(many)
    shown = clone.lintkit("diff", "HEAD", "--output-format", "markdown").out
    assert len(shown) <= 65_536
    assert "config-000" in shown
    assert "config-299" in shown
    assert shown.count("<details>") == shown.count("</details>")


def test_one_long_line_does_not_push_out_the_rest(clone: Clone) -> None:
    clone.commit(TREE)
    clone.write({"app/config.yaml": CONFIG.replace("one = 1", f"one = {'1' * 90_000}").replace("two = 2", "two = 3")})
    shown = clone.lintkit("diff", "HEAD", "--output-format", "markdown").out
    assert len(shown) < 3_000
    assert "+     two = 3" in shown


def test_markdown_cannot_be_broken_out_of(clone: Clone) -> None:
    clone.commit(TREE)
    clone.write({"app/config.yaml": CONFIG + "    ```\n    </details> @someone\n"})
    shown = clone.lintkit("diff", "HEAD", "--output-format", "markdown").out
    fence = "````"
    assert shown.count(f"\n{fence}diff\n") == 1
    assert shown.count(f"\n{fence}\n") == 1


def test_a_terminal_is_not_steered_by_what_stands_in_a_text(clone: Clone) -> None:
    clone.commit(TREE)
    clone.write({"app/config.yaml": CONFIG + '  bad: "a\\e[2Jb\\nc"\n'})
    assert "\x1b" not in clone.lintkit("diff", "HEAD").out
    assert "\x1b[32m" in clone.lintkit("diff", "HEAD", "--color", "always").out


def test_wrong_usage(clone: Clone) -> None:
    clone.commit(TREE)
    assert clone.lintkit("diff", "HEAD", "--live").err == "lintkit: --live compares with the cluster: it takes no REF\n"
    assert clone.lintkit("diff", "--context", "x").err == "lintkit: --context and --cluster go with --live\n"
