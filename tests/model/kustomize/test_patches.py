# ruff: noqa: E501 - one case a line reads as a table
"""Strategic merge patches, JSON patches, and which objects they change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.model.kustomize import trees

if TYPE_CHECKING:
    from tests.model.kustomize.conftest import BuildTree

DEPLOYMENT = """
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      labels: {app: web, tier: front}
      annotations: {team: blue}
    spec:
      replicas: 1
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec:
          containers:
          - name: web
            image: web:1
            env: [{name: A, value: "1"}, {name: B, value: "2"}]
            ports: [{containerPort: 80}, {containerPort: 81, protocol: UDP}]
            args: [one, two]
          - name: proxy
            image: proxy:1
          volumes: [{name: data, emptyDir: {}}, {name: cache, emptyDir: {}}]
          tolerations: [{key: a}]
    """
THING = """
    apiVersion: example.com/v1
    kind: Thing
    metadata: {name: thing}
    spec: {list: [{name: a, value: 1}, {name: b, value: 2}], text: old, map: {a: {b: 1}, c: 2}}
    """


def patched(build: BuildTree, patch: str, *, target: str = "", files: dict[str, str] | None = None) -> list[Any]:
    """The objects of a tree with one patch in a file of its own."""
    entry = f"- path: patch.yaml\n  target: {target}\n" if target else "- path: patch.yaml\n"
    found = build(
        {
            "app/kustomization.yaml": f"resources: [web.yaml, thing.yaml]\npatches:\n{entry}",
            "app/web.yaml": DEPLOYMENT,
            "app/thing.yaml": THING,
            "app/patch.yaml": patch,
            **(files or {}),
        }
    )
    return trees.objects(found)


def web_patch(spec: str) -> str:
    return f"{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: web}}, spec: {spec}}}\n"


def pod_patch(spec: str) -> str:
    return web_patch(f"{{template: {{spec: {spec}}}}}")


@pytest.mark.parametrize(
    ("patch", "name", "value"),
    [
        ("{containers: [{name: web, image: web:2}]}", "images", ["web:2", "proxy:1"]),
        ("{containers: [{name: proxy, image: proxy:2}]}", "images", ["proxy:2", "web:1"]),
        ("{containers: [{name: new, image: new:1}]}", "images", ["new:1", "web:1", "proxy:1"]),
        ("{containers: [{name: web, $patch: delete}]}", "images", ["proxy:1"]),
        ("{containers: [{$patch: replace}, {name: only, image: only:1}]}", "images", ["only:1"]),
        ("{containers: [{name: web, env: [{name: B, value: x}, {name: C, value: y}]}]}", "env", ["B=x", "C=y", "A=1"]),
        ("{containers: [{name: web, env: [{name: A, $patch: delete}]}]}", "env", ["B=2"]),
        ("{containers: [{name: web, env: null}]}", "env", []),
        ("{containers: [{name: web, args: [three]}]}", "args", ["three"]),
        ("{containers: [{name: web, ports: [{containerPort: 80, name: http}]}]}", "ports", ["80/None/http", "81/UDP/None"]),
        (
            "{containers: [{name: web, ports: [{containerPort: 81, protocol: UDP, name: dns}]}]}",
            "ports",
            ["80/None/None", "81/UDP/dns"],
        ),
        ("{volumes: [{name: data, emptyDir: null, hostPath: {path: /data}}]}", "volumes", ["data", "cache"]),
        ("{volumes: [{name: more, emptyDir: {}}]}", "volumes", ["more", "data", "cache"]),
        ("{volumes: null}", "volumes", []),
        ("{tolerations: [{key: b}]}", "tolerations", ["b"]),
    ],
)  # fmt: skip
def test_strategic_merge_of_a_pod(build: BuildTree, patch: str, name: str, value: list[str]) -> None:
    pod = patched(build, pod_patch(patch))[0]["spec"]["template"]["spec"]
    first = next((one for one in pod["containers"] if one["name"] == "web"), {})
    have = {
        "images": [one["image"] for one in pod["containers"]],
        "env": [f"{one['name']}={one['value']}" for one in first.get("env", [])],
        "args": first.get("args"),
        "ports": [f"{one['containerPort']}/{one.get('protocol')}/{one.get('name')}" for one in first.get("ports", [])],
        "volumes": [one["name"] for one in pod.get("volumes", [])],
        "tolerations": [one["key"] for one in pod.get("tolerations", [])],
    }
    assert have[name] == value


@pytest.mark.parametrize(
    ("patch", "value"),
    [
        ("{list: [{name: b, value: 3}]}", {"list": [{"name": "b", "value": 3}]}),
        ("{text: new}", {"text": "new"}),
        ("{text: null}", {"text": None}),
        ("{map: {a: {d: 4}}}", {"map": {"a": {"b": 1, "d": 4}, "c": 2}}),
        ("{map: {$patch: replace, x: 1}}", {"map": {"x": 1}}),
        ("{map: {$patch: delete}}", {"map": None}),
        ("{added: {a: null, b: {c: null, d: 1}}}", {"added": {"b": {"d": 1}}}),
        ("{added: []}", {"added": []}),
    ],
)
def test_strategic_merge_of_a_custom_resource(build: BuildTree, patch: str, value: dict[str, Any]) -> None:
    spec = patched(build, f"{{apiVersion: example.com/v1, kind: Thing, metadata: {{name: thing}}, spec: {patch}}}")[1][
        "spec"
    ]
    assert {key: spec.get(key) for key in value} == value


def test_a_patch_deletes_an_object(build: BuildTree) -> None:
    values = patched(build, "{$patch: delete, apiVersion: apps/v1, kind: Deployment, metadata: {name: web}}")
    assert [value["kind"] for value in values] == ["Thing"]


def test_a_patch_with_a_target_keeps_names(build: BuildTree) -> None:
    values = patched(
        build,
        "{apiVersion: any/v1, kind: Any, metadata: {name: any, labels: {new: label}}}",
        target="{name: .*}",
    )
    assert [value["metadata"]["name"] for value in values] == ["web", "thing"]
    assert [value["metadata"]["labels"]["new"] for value in values] == ["label", "label"]


def test_a_patch_of_several_documents(build: BuildTree) -> None:
    values = patched(
        build,
        web_patch("{replicas: 2}")
        + "---\n"
        + "{apiVersion: example.com/v1, kind: Thing, metadata: {name: thing}, spec: {text: new}}\n",
    )
    assert values[0]["spec"]["replicas"] == 2
    assert values[1]["spec"]["text"] == "new"


def test_a_patch_may_change_name_and_kind_when_it_says_so(build: BuildTree) -> None:
    found = build(
        {
            "app/kustomization.yaml": """
                resources: [thing.yaml]
                patches:
                - target: {kind: Thing}
                  options: {allowNameChange: true, allowKindChange: true}
                  patch: |
                    apiVersion: example.com/v1
                    kind: Other
                    metadata: {name: other}
                """,
            "app/thing.yaml": THING,
        }
    )
    value = trees.the_object(found)
    assert (value["kind"], value["metadata"]["name"]) == ("Other", "other")


@pytest.mark.parametrize(
    ("operation", "spec"),
    [
        ("{op: add, path: /spec/new, value: 1}", {"new": 1}),
        ("{op: add, path: /spec/list/-, value: c}", {"list": [{"name": "a", "value": 1}, {"name": "b", "value": 2}, "c"]}),
        ("{op: add, path: /spec/list/0, value: c}", {"list": ["c", {"name": "a", "value": 1}, {"name": "b", "value": 2}]}),
        ("{op: replace, path: /spec/list/1/value, value: 5}", {"list": [{"name": "a", "value": 1}, {"name": "b", "value": 5}]}),
        ("{op: replace, path: /spec/absent, value: 1}", {"absent": 1}),
        ("{op: remove, path: /spec/list/0}", {"list": [{"name": "b", "value": 2}]}),
        ("{op: remove, path: /spec/text}", {"text": None}),
        ("{op: move, from: /spec/text, path: /spec/map/text}", {"text": None, "map": {"a": {"b": 1}, "c": 2, "text": "old"}}),
        ("{op: copy, from: /spec/text, path: /spec/copy}", {"copy": "old", "text": "old"}),
        ("{op: test, path: /spec/text, value: old}", {"text": "old"}),
        ("{op: add, path: /spec/a~1b, value: 1}", {"a/b": 1}),
        ("{op: add, path: /spec/a~0b, value: 1}", {"a~b": 1}),
        ("{op: replace, path: /spec/text, value: null}", {"text": None}),
        ("{op: add, path: /spec/list/-1, value: c}", {"list": [{"name": "a", "value": 1}, {"name": "b", "value": 2}, "c"]}),
    ],
)  # fmt: skip
def test_operations_of_a_json_patch(build: BuildTree, operation: str, spec: dict[str, Any]) -> None:
    value = patched(build, f"- {operation}\n", target="{kind: Thing}")[1]["spec"]
    assert {key: value.get(key) for key in spec} == spec


@pytest.mark.parametrize(
    ("operation", "message"),
    [
        ("{op: remove, path: /spec/absent}", "`/spec/absent` is not in the object"),
        ("{op: add, path: /spec/absent/deep, value: 1}", "`/spec/absent/deep` is not in the object (`absent`)"),
        ("{op: add, path: /spec/list/9, value: 1}", "`/spec/list/9` is not in the object"),
        ("{op: replace, path: /spec/list/2, value: 1}", "`/spec/list/2` is not in the object"),
        ("{op: test, path: /spec/text, value: other}", "the value at `/spec/text` is not the one tested for"),
        ("{op: change, path: /spec/text, value: x}", "`change` is no operation of a JSON patch"),
        ("{path: /spec/text, value: x}", "the operation has no `op`"),
        ("{op: add, value: x}", "the operation has no `path`"),
        ("{op: move, path: /spec/text}", "the operation `move` has no `from`"),
    ],
)
def test_operations_that_cannot_be_done(build: BuildTree, operation: str, message: str) -> None:
    found = build(
        {
            "app/kustomization.yaml": "resources: [thing.yaml]\npatches: [{path: patch.yaml, target: {kind: Thing}}]\n",
            "app/thing.yaml": THING,
            "app/patch.yaml": f"- {operation}\n",
        }
    )
    [(rule, place, text)] = trees.problems(found)
    assert rule == "unmatched-patch"
    assert place.startswith("app/patch.yaml:1:")
    assert text.startswith(message)
    assert text.endswith(", in Thing/default/thing")


@pytest.mark.parametrize(
    ("target", "kinds"),
    [
        ("{kind: Deployment}", ["Deployment"]),
        ("{kind: Deploy.*}", ["Deployment"]),
        ("{kind: Deploy}", []),
        ("{group: apps}", ["Deployment"]),
        ("{version: v1}", ["Deployment", "Thing"]),
        ("{name: web|thing}", ["Deployment", "Thing"]),
        ("{name: we}", []),
        ("{name: ^web$}", ["Deployment"]),
        ("{namespace: default}", ["Deployment", "Thing"]),
        ("{namespace: other}", []),
        ("{labelSelector: app=web}", ["Deployment"]),
        ("{labelSelector: 'app in (web, api)'}", ["Deployment"]),
        ("{labelSelector: 'app notin (web)'}", ["Thing"]),
        ("{labelSelector: app!=web}", ["Thing"]),
        ("{labelSelector: 'app,tier==front'}", ["Deployment"]),
        ("{labelSelector: '!app'}", ["Thing"]),
        ("{annotationSelector: team=blue}", ["Deployment"]),
        ("{annotationSelector: team=red}", []),
        ("{kind: Deployment, name: thing}", []),
    ],
)
def test_targets(build: BuildTree, target: str, kinds: list[str]) -> None:
    values = patched(build, '- {op: add, path: /metadata/finalizers, value: ["x"]}\n', target=target)
    assert [value["kind"] for value in values if "finalizers" in value["metadata"]] == kinds


@pytest.mark.parametrize(
    ("target", "message"),
    [
        ("{name: '(web'}", "`(web` is no regular expression, which `name` is"),
        ("{name: 'web**'}", "`web**` is no regular expression, which `name` is"),
        ("{name: '(?=web)web'}", "`(?=web)web` is no regular expression, which `name` is"),
        ("{labelSelector: 'app in web'}", "`app in web` is no selector such as `app=web,tier in (front,back)`"),
        ("{labelSelector: 'app==,=x'}", "`app==,=x` is no selector such as `app=web,tier in (front,back)`"),
    ],
)
def test_targets_that_cannot_be_read(build: BuildTree, target: str, message: str) -> None:
    found = build(
        {
            "app/kustomization.yaml": f"resources: [thing.yaml]\npatches: [{{path: patch.yaml, target: {target}}}]\n",
            "app/thing.yaml": THING,
            "app/patch.yaml": "- {op: remove, path: /spec/text}\n",
        }
    )
    assert ("invalid-kustomization", message) in [(rule, text) for rule, _, text in trees.problems(found)]


def test_how_often_a_target_is_met_is_remembered(build: BuildTree) -> None:
    found = build(
        {
            "app/kustomization.yaml": """
                resources: [thing.yaml]
                patches:
                - patch: '[{"op": "remove", "path": "/spec/text"}]'
                  target: {kind: Thing}
                - patch: '[{"op": "remove", "path": "/spec/text"}]'
                  target: {kind: Deployment, name: web}
                """,
            "app/thing.yaml": THING,
        }
    )
    assert [(use.target, use.matched, trees.where(use.place)) for use in found.uses] == [
        ("kind `Thing`", 1, "app/kustomization.yaml:4:11"),
        ("kind `Deployment`, name `web`", 0, "app/kustomization.yaml:6:11"),
    ]


@pytest.mark.parametrize(
    ("patches", "message"),
    [
        ("- {patch: '', path: ''}", "this patch has neither `patch` nor `path`; expected one of them"),
        ("- {patch: 'a: b', path: patch.yaml}", "this patch has both `patch` and `path`; expected one of them"),
        ('- {patch: \'[{"op": "remove", "path": "/spec/text"}]\'}', "a JSON patch needs a `target`"),
        (
            "- {patch: '[{op: remove, path: /spec/text}]', target: {kind: Thing}}",
            "a patch that starts with `[` is read as JSON, and this is YAML",
        ),
        ("- {patch: '{spec: {text: new}}'}", "this patch has no `kind` and no `metadata.name`"),
        ("- {patch: '{kind: Thing, spec: {text: new}}'}", "this patch has no `metadata.name`"),
        (
            "- {patch: '{kind: Thing, spec: {text: new}}', target: {kind: Thing}}",
            "this patch has no `metadata.name`, which it needs beside its `target`",
        ),
        (
            "- {patch: '{metadata: {name: thing}, spec: {text: new}}', target: {kind: Thing}}",
            "this patch has no `kind`, which it needs beside its `target`",
        ),
    ],
)
def test_entries_that_are_no_patch(build: BuildTree, patches: str, message: str) -> None:
    found = build(
        {
            "app/kustomization.yaml": f"resources: [thing.yaml]\npatches:\n{patches}\n",
            "app/thing.yaml": THING,
            "app/patch.yaml": "a: b",
        }
    )
    assert ("invalid-kustomization", message) in [(rule, text) for rule, _, text in trees.problems(found)]


@pytest.mark.parametrize(
    ("patch", "message"),
    [
        (
            "{apiVersion: apps/v1, kind: Deployment, metadata: {name: wob}}",
            "the patch for Deployment/default/wob matches no object of this build; did you mean `web`?",
        ),
        (
            "{apiVersion: apps/v1beta1, kind: Deployment, metadata: {name: web}}",
            "the patch for Deployment/default/web matches no object of this build; there is one of version `apps/v1`",
        ),
        (
            "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web, namespace: other}}",
            "the patch for Deployment/other/web matches no object of this build; it is in namespace `default`",
        ),
        (
            "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: [1]}",
            "the patch has a list where the object has a mapping, in Deployment/default/web",
        ),
        (
            "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {replicas: {a: 1}}}",
            "the patch has a mapping where the object has a single value, in Deployment/default/web",
        ),
        (
            "{apiVersion: apps/v1, kind: Deployment, metadata: {name: web}, spec: {$patch: remove}}",
            "`remove` is no directive of a patch; expected delete, replace or merge, in Deployment/default/web",
        ),
    ],
)
def test_merge_patches_that_fail(build: BuildTree, patch: str, message: str) -> None:
    found = build(
        {
            "app/kustomization.yaml": "resources: [web.yaml]\npatches: [{path: patch.yaml}]\n",
            "app/web.yaml": DEPLOYMENT,
            "app/patch.yaml": patch,
        }
    )
    assert ("unmatched-patch", message) in [(rule, text) for rule, _, text in trees.problems(found)]


def test_an_empty_patch_changes_nothing(build: BuildTree) -> None:
    found = build(
        {
            "app/kustomization.yaml": "resources: [thing.yaml]\npatches: [{path: patch.yaml}]\n",
            "app/thing.yaml": THING,
            "app/patch.yaml": "{}\n",
        }
    )
    assert not found.problems


def test_the_deprecated_lists(build: BuildTree) -> None:
    found = build(
        {
            "app/kustomization.yaml": """
                resources: [web.yaml, thing.yaml]
                patchesStrategicMerge:
                - merge.yaml
                - |
                  apiVersion: example.com/v1
                  kind: Thing
                  metadata: {name: thing}
                  spec: {text: merged}
                patchesJson6902:
                - target: {group: example.com, version: v1, kind: Thing, name: thing}
                  path: operations.yaml
                """,
            "app/web.yaml": DEPLOYMENT,
            "app/thing.yaml": THING,
            "app/merge.yaml": web_patch("{replicas: 3}"),
            "app/operations.yaml": "- {op: add, path: /spec/more, value: 1}\n",
        }
    )
    web, thing = trees.objects(found)
    assert web["spec"]["replicas"] == 3
    assert (thing["spec"]["text"], thing["spec"]["more"]) == ("merged", 1)


def test_a_value_that_a_patch_brings_stands_in_the_patch(build: BuildTree) -> None:
    found = build(
        {
            "app/kustomization.yaml": """
                resources: [thing.yaml]
                patches:
                - patch: |
                    apiVersion: example.com/v1
                    kind: Thing
                    metadata: {name: thing}
                    spec:
                      text: new
                """,
            "app/thing.yaml": THING,
        }
    )
    [resource] = found.resources
    assert trees.where(resource.at("spec", "text")) == "app/kustomization.yaml:8:13"
    assert trees.where(resource.at("spec", "list")) == "app/thing.yaml:4:14"


def test_an_expression_that_takes_too_long_is_unknown(build: BuildTree) -> None:
    found = build(
        {
            "app/kustomization.yaml": "resources: [thing.yaml]\npatches: [{path: p.yaml, target: {name: '(a*)*b'}}]\n",
            "app/thing.yaml": THING,
            "app/p.yaml": "- {op: remove, path: /spec/text}\n",
        }
    )
    assert trees.gaps(found) == [("app/kustomization.yaml:2:41", "the regular expression `(a*)*b` is not read")]
