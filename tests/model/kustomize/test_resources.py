# ruff: noqa: E501 - one case a line reads as a table
"""Which files and folders take part in a build, and what is wrong with entries that name nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.model.kustomize import trees

if TYPE_CHECKING:
    from pathlib import Path

    from tests.model.kustomize.conftest import BuildTree

ONE = "{apiVersion: v1, kind: ConfigMap, metadata: {name: one}}\n"
TWO = "{apiVersion: v1, kind: ConfigMap, metadata: {name: two}}\n"


def names(found: object) -> list[str]:
    return [value["metadata"]["name"] for value in trees.objects(found)]  # type: ignore[arg-type]


def test_files_and_folders_in_their_order(build: BuildTree) -> None:
    found = build(
        {
            "app/kustomization.yaml": "resources: [two.yaml, ../base, one.yaml]",
            "app/one.yaml": ONE,
            "app/two.yaml": TWO,
            "base/kustomization.yml": "resources:\n- ./three.yaml\n",
            "base/three.yaml": "{apiVersion: v1, kind: Secret, metadata: {name: three}}",
        }
    )
    assert names(found) == ["two", "three", "one"]
    assert found.kustomizations == {"app", "base"}
    assert found.files == {
        "app/kustomization.yaml",
        "app/one.yaml",
        "app/two.yaml",
        "base/kustomization.yml",
        "base/three.yaml",
    }
    assert not found.problems
    assert not found.is_partial


def test_the_origin_of_a_field_is_the_file_that_brings_it(build: BuildTree) -> None:
    found = build(
        {
            "app/kustomization.yaml": "resources: [one.yaml]\nnamespace: web\nlabels: [{pairs: {a: b}}]\n",
            "app/one.yaml": ONE,
        }
    )
    [resource] = found.resources
    assert trees.where(resource.at("metadata", "name")) == "app/one.yaml:1:52"
    assert trees.where(resource.at("metadata", "namespace")) == "app/kustomization.yaml:2:12"
    assert trees.where(resource.at("metadata", "labels", "a")) == "app/kustomization.yaml:3:22"


def test_several_documents_comments_and_lists(build: BuildTree) -> None:
    found = build(
        {
            "app/kustomization.yaml": "resources: [all.yaml, nothing.yaml, list.yaml]",
            "app/all.yaml": "# first\n---\n" + ONE + "---\n---\n# none\n---\n" + TWO,
            "app/nothing.yaml": "# nothing but a comment\n",
            "app/list.yaml": """
                apiVersion: v1
                kind: List
                items:
                - {apiVersion: v1, kind: ConfigMap, metadata: {name: three}}
                - {apiVersion: v1, kind: ConfigMap, metadata: {name: four}}
                """,
        }
    )
    assert names(found) == ["one", "two", "three", "four"]


def test_anchors_and_merge_keys_are_followed(build: BuildTree) -> None:
    found = build(
        {
            "app/kustomization.yaml": "resources: [one.yaml]",
            "app/one.yaml": """
                apiVersion: v1
                kind: ConfigMap
                metadata:
                  name: &name one
                  labels: &labels {app: *name, tier: front}
                  annotations: {<<: *labels, tier: back}
                data: {first: &name again, second: *name}
                """,
        }
    )
    value = trees.the_object(found)
    assert value["metadata"]["annotations"] == {"app": "one", "tier": "back"}
    assert value["data"] == {"first": "again", "second": "again"}


def test_plain_scalars_are_kept_as_go_reads_them(build: BuildTree) -> None:
    found = build(
        {
            "app/kustomization.yaml": "resources: [one.yaml]",
            "app/one.yaml": """
                apiVersion: example.com/v1
                kind: Thing
                metadata: {name: one}
                spec: {a: yes, b: off, c: 0755, d: 0o17, e: 1_000, f: 1e3, g: 12:30, h: 2024-01-15, i: ~, j: "08", k: y}
                """,
        }
    )
    spec = trees.the_object(found)["spec"]
    assert spec == {
        "a": "yes",
        "b": "off",
        "c": 493,
        "d": 15,
        "e": 1000,
        "f": 1000,
        "g": "12:30",
        "h": "2024-01-15T00:00:00Z",
        "i": None,
        "j": "08",
        "k": "y",
    }


def test_annotations_become_text(build: BuildTree) -> None:
    found = build(
        {
            "app/kustomization.yaml": "resources: [one.yaml]",
            "app/one.yaml": "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, annotations: {b: true, c: 1.50, d: 012}}}",
        }
    )
    assert trees.the_object(found)["metadata"]["annotations"] == {"b": "true", "c": "1.50", "d": "012"}


def test_local_configuration_is_left_out(build: BuildTree) -> None:
    found = build(
        {
            "app/kustomization.yaml": "resources: [one.yaml, two.yaml]",
            "app/one.yaml": ONE,
            "app/two.yaml": """
                apiVersion: v1
                kind: ConfigMap
                metadata: {name: two, annotations: {config.kubernetes.io/local-config: "true"}}
                """,
        }
    )
    assert names(found) == ["one"]


def test_keys_are_read_in_any_letter_case_and_bases_are_resources(build: BuildTree) -> None:
    found = build(
        {
            "app/kustomization.yaml": "Resources: [one.yaml]\nBASES: [../base]\nNamespace: web\n",
            "app/one.yaml": ONE,
            "base/Kustomization": "resources: [two.yaml]",
            "base/two.yaml": TWO,
        }
    )
    assert names(found) == ["one", "two"]
    assert {value["metadata"]["namespace"] for value in trees.objects(found)} == {"web"}


@pytest.mark.parametrize(
    ("kustomization", "rule", "message"),
    [
        ("resources: [absent.yaml]", "missing-entry", "no file or folder at `absent.yaml`"),
        (
            "resources: [One.yaml]",
            "missing-entry",
            "no file or folder at `One.yaml`; `one.yaml` differs in letter case",
        ),
        ("resources: [onee.yaml]", "missing-entry", "no file or folder at `onee.yaml`; did you mean `one.yaml`?"),
        ("resources: [../empty]", "missing-entry", "the folder `../empty` has no kustomization file"),
        ("resources: [.]", "invalid-kustomization", "`.` leads back to this kustomization"),
        ("resources: [../back]", "invalid-kustomization", "`../app` leads back to this kustomization"),
        (
            "resources: [../component]",
            "invalid-kustomization",
            "`../component` is a Component, listed under `resources`",
        ),
        ("components: [../base]", "invalid-kustomization", "`../base` is a Kustomization, listed under `components`"),
        ("components: [../absent]", "missing-entry", "no folder at `../absent`"),
        ("configurations: [absent.yaml]\nresources: [one.yaml]", "missing-entry", "no file at `absent.yaml`"),
        ("patches: [{path: absent.yaml}]\nresources: [one.yaml]", "missing-entry", "no file at `absent.yaml`"),
        (
            "resources: [one.yaml, one.yaml]",
            "duplicate-resource",
            "`app/one.yaml` is listed twice, so ConfigMap/default/one is here twice",
        ),
        (
            "resources: [one.yaml, again.yaml]",
            "duplicate-resource",
            "ConfigMap/default/one is here twice: it is also in `app/one.yaml`",
        ),
    ],
)
def test_what_is_wrong_with_an_entry(build: BuildTree, kustomization: str, rule: str, message: str) -> None:
    found = build(
        {
            "app/kustomization.yaml": kustomization,
            "app/one.yaml": ONE,
            "app/again.yaml": "{apiVersion: v1, kind: ConfigMap, metadata: {name: one, namespace: default}}",
            "back/kustomization.yaml": "resources: [../app]",
            "base/kustomization.yaml": "resources: [two.yaml]",
            "base/two.yaml": TWO,
            "empty/two.yaml": TWO,
            "component/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n",
        }
    )
    assert (rule, message) in [(found_rule, text) for found_rule, _, text in trees.problems(found)]


@pytest.mark.parametrize(
    ("metadata", "place", "has"),
    [
        ("metadata: {labels: {a: b}}", "app/job.yaml:3:1", "no"),
        ("metadata: {name: ''}", "app/job.yaml:3:1", "no"),
        ("metadata: {generateName: a-}", "app/job.yaml:3:26", "`generateName` in place of"),
        ("spec: {}", "app/job.yaml:2:1", "no"),
    ],
)
def test_an_object_without_a_name(build: BuildTree, metadata: str, place: str, has: str) -> None:
    found = build(
        {
            "app/kustomization.yaml": "resources: [job.yaml]\n",
            "app/job.yaml": f"apiVersion: batch/v1\nkind: Job\n{metadata}\n",
        }
    )
    message = f"this Job has {has} `metadata.name`, and kustomize refuses the file"
    assert trees.problems(found) == [("invalid-kustomization", place, message)]


def test_two_versions_of_a_kind_are_two_objects(build: BuildTree) -> None:
    found = build(
        {
            "app/kustomization.yaml": "resources: [one.yaml, two.yaml]",
            "app/one.yaml": "{apiVersion: example.com/v1, kind: Thing, metadata: {name: one}}",
            "app/two.yaml": "{apiVersion: example.com/v2, kind: Thing, metadata: {name: one}}",
        }
    )
    assert names(found) == ["one", "one"]
    assert not found.problems


def test_a_component_works_on_what_its_parent_has(build: BuildTree) -> None:
    found = build(
        {
            "app/kustomization.yaml": """
                namespace: web
                namePrefix: my-
                resources: [one.yaml]
                configMapGenerator: [{name: made, literals: [a=b], options: {disableNameSuffixHash: true}}]
                components: [../component]
                """,
            "app/one.yaml": ONE,
            "component/kustomization.yaml": """
                apiVersion: kustomize.config.k8s.io/v1alpha1
                kind: Component
                resources: [two.yaml]
                labels: [{pairs: {by: component}}]
                patches:
                - target: {kind: ConfigMap, name: one|made}
                  patch: '[{"op": "add", "path": "/data", "value": {"patched": "yes"}}]'
                """,
            "component/two.yaml": TWO,
        }
    )
    values = {value["metadata"]["name"]: value for value in trees.objects(found)}
    assert list(values) == ["my-one", "my-made", "my-two"]
    assert {value["metadata"]["namespace"] for value in values.values()} == {"web"}
    assert {value["metadata"]["labels"]["by"] for value in values.values()} == {"component"}
    assert [value.get("data") for value in values.values()] == [{"patched": "yes"}, {"patched": "yes"}, None]
    assert found.kustomizations == {"app", "component"}


@pytest.mark.parametrize(
    "entry",
    [
        "https://example.com/deploy.yaml",
        "github.com/example/repo//deploy?ref=v1.0.0",
        "https://github.com/example/repo.git//deploy?ref=main",
        "git@github.com:example/repo.git",
        "ssh://git@example.com/repo//deploy",
        "github.com/example/repo",
    ],
)
def test_a_remote_entry_makes_a_build_partial(tmp_path: Path, entry: str) -> None:
    trees.write(tmp_path, {"app/kustomization.yaml": f"resources:\n- one.yaml\n- {entry}\n", "app/one.yaml": ONE})
    found = trees.build(tmp_path)
    assert names(found) == ["one"]
    assert trees.problems(found) == []
    assert trees.gaps(found) == [("app/kustomization.yaml:3:3", f"`{entry}` is remote")]
    assert found.is_partial


def test_a_remote_component_makes_a_build_partial(tmp_path: Path) -> None:
    entry = "https://github.com/example/repo//component?ref=v1"
    trees.write(tmp_path, {"app/kustomization.yaml": f"components:\n- {entry}\n"})
    found = trees.build(tmp_path)
    assert trees.problems(found) == []
    assert trees.gaps(found) == [("app/kustomization.yaml:2:3", f"`{entry}` is remote")]


@pytest.mark.parametrize("field", ["generators", "transformers", "validators"])
def test_plugins_make_a_build_partial(tmp_path: Path, field: str) -> None:
    trees.write(tmp_path, {"app/kustomization.yaml": f"{field}: [plugin.yaml]\n", "app/plugin.yaml": ONE})
    found = trees.build(tmp_path)
    assert trees.gaps(found) == [(f"app/kustomization.yaml:1:{len(field) + 3}", f"`{field}` run plugins")]


def test_charts_and_vars_make_a_build_partial(tmp_path: Path) -> None:
    trees.write(
        tmp_path,
        {
            "app/kustomization.yaml": """
                resources: [one.yaml]
                helmCharts: [{name: web, repo: https://example.com}]
                vars: [{name: A, objref: {kind: ConfigMap, name: one, apiVersion: v1}}]
                """,
            "app/one.yaml": ONE,
        },
    )
    assert trees.gaps(trees.build(tmp_path)) == [
        ("app/kustomization.yaml:2:13", "charts are inflated by `helmCharts`"),
        ("app/kustomization.yaml:3:7", "`vars` are not followed"),
    ]


def test_what_lies_outside_of_the_repository_is_unknown_never_missing(tmp_path: Path) -> None:
    trees.write(tmp_path, {"app/kustomization.yaml": "resources: [../../shared, /etc/passwd]"})
    found = trees.build(tmp_path)
    assert trees.problems(found) == []
    assert [reason for _, reason in trees.gaps(found)] == [
        "`../../shared` lies outside of the repository",
        "`/etc/passwd` lies outside of the repository",
    ]


def test_a_kustomization_is_generated_where_there_is_none(tmp_path: Path) -> None:
    trees.write(
        tmp_path,
        {
            "app/b.yaml": TWO,
            "app/.hidden.yaml": "{apiVersion: v1, kind: ConfigMap, metadata: {name: hidden}}",
            "app/notes.txt": "no manifest",
            "app/deeper/a.yml": ONE,
            "app/own/kustomization.yaml": "resources: [three.yaml]\nnamePrefix: own-\n",
            "app/own/three.yaml": "{apiVersion: v1, kind: ConfigMap, metadata: {name: three}}",
            "app/own/unlisted.yaml": "{apiVersion: v1, kind: ConfigMap, metadata: {name: unlisted}}",
            "app/part/kustomization.yaml": "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n",
        },
    )
    found = trees.build(tmp_path)
    assert sorted(names(found)) == ["hidden", "one", "own-three", "two"]


def test_a_folder_without_manifests_builds_to_nothing(tmp_path: Path) -> None:
    trees.write(tmp_path, {"app/notes.txt": "no manifest"})
    assert trees.build(tmp_path).resources == ()


@pytest.mark.parametrize("text", ["a: [b\n", "just text\n", "- a\n", "data: {a: b}\n"])
def test_a_file_that_holds_no_object_makes_a_build_partial(build: BuildTree, text: str) -> None:
    found = build({"app/kustomization.yaml": "resources: [one.yaml, broken.yaml]", "app/one.yaml": ONE,
                   "app/broken.yaml": text})  # fmt: skip
    assert names(found) == ["one"]
    assert found.is_partial
