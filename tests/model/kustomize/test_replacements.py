# ruff: noqa: E501 - one case a line reads as a table
"""`replacements`: a field of one object copied into others."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.model.kustomize import trees

if TYPE_CHECKING:
    from tests.model.kustomize.conftest import BuildTree

OBJECTS = """
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: source, labels: {role: source}}
    data: {host: db.example.com:5432, port: "5432", "dotted.key": dotted, yaml: "a: 1"}
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web, labels: {app: web}}
    spec:
      template:
        spec:
          containers:
          - {name: web, image: "web:1", env: [{name: HOST, value: old}, {name: PORT, value: old}]}
          - {name: other, image: "other:1"}
    ---
    apiVersion: example.com/v1
    kind: Thing
    metadata: {name: thing, annotations: {note: old}}
    spec: {number: 1, a: {b: old}, list: [one, two], url: "https://old/path"}
    """


def replaced(build: BuildTree, entry: str) -> tuple[Any, Any, list[tuple[str, str]]]:
    """(Deployment, Thing, problems) after one replacement."""
    found = build(
        {
            "app/kustomization.yaml": f"resources: [all.yaml]\nreplacements:\n- {entry}\n",
            "app/all.yaml": OBJECTS,
        }
    )
    values = {value["kind"]: value for value in trees.objects(found)}
    return values["Deployment"], values["Thing"], [(rule, text) for rule, _, text in trees.problems(found)]


SOURCE = "source: {kind: ConfigMap, name: source, fieldPath: data.host}"


@pytest.mark.parametrize(
    ("source", "path", "options", "spec"),
    [
        (SOURCE, "spec.a.b", "", {"a": {"b": "db.example.com:5432"}}),
        ("source: {kind: ConfigMap, fieldPath: data.port}", "spec.number", "", {"number": 5432}),
        ("source: {kind: Thing, fieldPath: spec.number}", "spec.a.b", "", {"a": {"b": "1"}}),
        (SOURCE, "spec.list.0", "", {"list": ["db.example.com:5432", "two"]}),
        (SOURCE, "spec.list.*", "", {"list": ["db.example.com:5432", "db.example.com:5432"]}),
        (SOURCE, "spec.new", "create: true", {"new": "db.example.com:5432"}),
        (SOURCE, "spec.new.deep", "create: true", {"new": {"deep": "db.example.com:5432"}}),
        (SOURCE, "spec.url", "delimiter: /, index: 2", {"url": "https://db.example.com:5432/path"}),
        (SOURCE, "spec.url", "delimiter: /, index: 9", {"url": "https://old/path/db.example.com:5432"}),
        (SOURCE, "spec.url", "delimiter: /, index: -1", {"url": "db.example.com:5432/https://old/path"}),
        (
            "source: {kind: ConfigMap, name: source, fieldPath: data.host, options: {delimiter: ':', index: 1}}",
            "spec.a.b",
            "",
            {"a": {"b": "5432"}},
        ),
        ("source: {kind: ConfigMap, name: source}", "spec.a.b", "", {"a": {"b": "source"}}),
        (r"source: {kind: ConfigMap, fieldPath: data.dotted\.key}", "spec.a.b", "", {"a": {"b": "dotted"}}),
        ("source: {kind: ConfigMap, fieldPath: 'data.[dotted.key]'}", "spec.a.b", "", {"a": {"b": "dotted"}}),
        ("source: {kind: Thing, fieldPath: spec.list}", "spec.a.b", "", {"a": {"b": ""}}),
        ("sourceValue: given", "spec.a.b", "", {"a": {"b": "given"}}),
    ],
)
def test_values(build: BuildTree, source: str, path: str, options: str, spec: dict[str, Any]) -> None:
    written = f", options: {{{options}}}" if options else ""
    entry = f"{{{source}, targets: [{{select: {{kind: Thing}}, fieldPaths: ['{path}']{written}}}]}}"
    _, thing, problems = replaced(build, entry)
    assert problems == []
    assert {key: thing["spec"].get(key) for key in spec} == spec


@pytest.mark.parametrize(
    ("path", "container", "value"),
    [
        ("spec.template.spec.containers.[name=web].image", 0, "image"),
        ("spec.template.spec.containers.1.image", 1, "image"),
    ],
)
def test_elements_of_lists(build: BuildTree, path: str, container: int, value: str) -> None:
    entry = f"{{{SOURCE}, targets: [{{select: {{kind: Deployment}}, fieldPaths: ['{path}']}}]}}"
    deployment, _, _ = replaced(build, entry)
    images = [one["image"] for one in deployment["spec"]["template"]["spec"]["containers"]]
    assert images[container] == "db.example.com:5432"
    assert sum(image == "db.example.com:5432" for image in images) == 1


def test_several_targets_and_paths(build: BuildTree) -> None:
    path = "spec.template.spec.containers.[name=web].env.[name=HOST].value"
    entry = (
        f"{{{SOURCE}, targets: [{{select: {{kind: Deployment}}, fieldPaths: ['{path}']}}, "
        "{select: {name: thing}, fieldPaths: [metadata.annotations.note, spec.a.b]}]}"
    )
    deployment, thing, _ = replaced(build, entry)
    assert deployment["spec"]["template"]["spec"]["containers"][0]["env"][0]["value"] == "db.example.com:5432"
    assert thing["metadata"]["annotations"]["note"] == thing["spec"]["a"]["b"] == "db.example.com:5432"


@pytest.mark.parametrize(
    ("select", "reject", "kinds"),
    [
        ("{kind: Thing|Deployment}", "", ["Deployment", "Thing"]),
        ("{kind: Thing|Deployment}", "[{kind: Thing}]", ["Deployment"]),
        ("{kind: Thing|Deployment}", "[{name: web}, {name: thing}]", []),
        ("{kind: Thing|Deployment}", "[{labelSelector: app=web}]", ["Thing"]),
        ("{labelSelector: app=web}", "", ["Deployment"]),
        ("{kind: Thing|Deployment, namespace: default}", "", []),
        ("{version: v1, name: web|thing}", "", ["Deployment", "Thing"]),
    ],
)
def test_selection(build: BuildTree, select: str, reject: str, kinds: list[str]) -> None:
    written = f", reject: {reject}" if reject else ""
    entry = (
        f"{{{SOURCE}, targets: [{{select: {select}{written}, "
        "fieldPaths: [metadata.labels.new], options: {create: true}}]}"
    )
    objects = replaced(build, entry)[:2]
    assert [value["kind"] for value in objects if value["metadata"].get("labels", {}).get("new")] == kinds


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        (
            "{source: {kind: Secret}, targets: [{select: {kind: Thing}, fieldPaths: [spec.a.b]}]}",
            "the source of this replacement selects nothing; expected one object",
        ),
        (
            "{source: {version: v1}, targets: [{select: {kind: Thing}, fieldPaths: [spec.a.b]}]}",
            "the source of this replacement selects 3 objects; expected one object",
        ),
        (
            "{source: {kind: ConfigMap, fieldPath: data.absent}, targets: [{select: {kind: Thing}}]}",
            "the source ConfigMap/default/source has no field `data.absent`",
        ),
        (
            f"{{{SOURCE}, targets: [{{select: {{kind: Thing}}, fieldPaths: [spec.absent]}}]}}",
            "the target Thing/default/thing has no field `spec.absent`",
        ),
        (f"{{{SOURCE}, targets: [{{fieldPaths: [spec.a.b]}}]}}", "this target has no `select`"),
        ("{targets: [{select: {kind: Thing}, fieldPaths: [spec.a.b]}]}", "a replacement needs a `source` and `targets`"),
        (f"{{{SOURCE}}}", "a replacement needs a `source` and `targets`"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_replacement(build: BuildTree, entry: str, message: str) -> None:
    assert message in [text for _, text in replaced(build, entry)[2]]


def test_replacements_in_a_file(build: BuildTree) -> None:
    found = build(
        {
            "app/kustomization.yaml": "resources: [all.yaml]\nreplacements: [{path: copy.yaml}]\n",
            "app/all.yaml": OBJECTS,
            "app/copy.yaml": f"- {SOURCE}\n  targets: [{{select: {{kind: Thing}}, fieldPaths: [spec.a.b]}}]\n".replace(
                "source: {", "source: {version: v1, "
            ),
        }
    )
    assert trees.objects(found)[2]["spec"]["a"] == {"b": "db.example.com:5432"}
