"""ConfigMaps and Secrets that a kustomization makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.model.kustomize import trees

if TYPE_CHECKING:
    from tests.model.kustomize.conftest import BuildTree

FILES: dict[str, str | bytes] = {
    "app/config.txt": "first line\nsecond line\n",
    "app/empty.txt": "",
    "app/settings.env": "# a comment\nA=1\n\n  B=two words \nC=x=y\nD=\n",
    "app/picture.bin": bytes(range(256)),
}


def generated(build: BuildTree, kustomization: str, **files: str | bytes) -> list[Any]:
    found = build({"app/kustomization.yaml": kustomization, **FILES, **files})
    assert not found.problems
    return [(resource.root.value, resource.hashed) for resource in found.resources]


def test_literals_files_and_env_files(build: BuildTree) -> None:
    [(value, hashed)] = generated(
        build,
        """
        configMapGenerator:
        - name: made
          literals: [Z=1, 'Y="quoted"', "X='single'", W=a=b, V=]
          files: [config.txt, renamed=config.txt, ./empty.txt]
          envs: [settings.env]
        """,
    )
    assert hashed
    assert value == {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": "made"},
        "data": {
            "A": "1",
            "B": "two words ",
            "C": "x=y",
            "D": "",
            "Z": "1",
            "Y": "quoted",
            "X": "single",
            "W": "a=b",
            "V": "",
            "config.txt": "first line\nsecond line\n",
            "renamed": "first line\nsecond line\n",
            "empty.txt": "",
        },
    }


def test_secrets(build: BuildTree) -> None:
    [(value, hashed)] = generated(
        build, "secretGenerator: [{name: made, literals: [user=me], type: kubernetes.io/basic-auth}, ]\n"
    )
    assert hashed
    assert (value["kind"], value["type"]) == ("Secret", "kubernetes.io/basic-auth")
    assert value["stringData"] == {"user": "me"}
    [(value, _)] = generated(build, "secretGenerator: [{name: made, literals: [user=me]}]\n")
    assert value["type"] == "Opaque"


def test_binary_files(build: BuildTree) -> None:
    [(value, _)] = generated(build, "configMapGenerator: [{name: made, files: [picture.bin]}]\n")
    assert list(value["binaryData"]) == ["picture.bin"]
    assert "data" not in value


@pytest.mark.parametrize(
    ("local", "shared", "hashed"),
    [
        ("", "", True),
        ("options: {disableNameSuffixHash: true}", "", False),
        ("", "generatorOptions: {disableNameSuffixHash: true}", False),
        ("options: {disableNameSuffixHash: false}", "generatorOptions: {disableNameSuffixHash: true}", False),
        ("options: {disableNameSuffixHash: false}", "", True),
        ("options: {disableNameSuffixHash: yes}", "", False),
        ("", "generatorOptions: {disableNameSuffixHash: on}", False),
    ],
)
def test_hashes(build: BuildTree, local: str, shared: str, hashed: bool) -> None:
    [(_, has_hash)] = generated(
        build, f"configMapGenerator:\n- name: made\n  literals: [a=b]\n{'  ' + local if local else ''}\n{shared}\n"
    )
    assert has_hash is hashed


def test_options(build: BuildTree) -> None:
    [(value, _)] = generated(
        build,
        """
        generatorOptions: {labels: {a: shared, b: shared}, annotations: {note: shared}, immutable: true}
        configMapGenerator:
        - name: made
          namespace: web
          options: {labels: {b: own}, annotations: {more: own}}
          literals: [a=b]
        """,
    )
    assert value["metadata"] == {
        "name": "made",
        "namespace": "web",
        "labels": {"a": "shared", "b": "own"},
        "annotations": {"note": "shared", "more": "own"},
    }
    assert value["immutable"] is True


@pytest.mark.parametrize(
    ("behavior", "data"), [("merge", {"a": "base", "b": "over", "c": "over"}), ("replace", {"b": "over", "c": "over"})]
)
def test_behavior(build: BuildTree, behavior: str, data: dict[str, str]) -> None:
    [(value, hashed)] = generated(
        build,
        f"""
        resources: [../base]
        configMapGenerator:
        - name: made
          behavior: {behavior}
          literals: [b=over, c=over]
        """,
        **{"base/kustomization.yaml": "configMapGenerator: [{name: made, literals: [a=base, b=base]}]\n"},
    )
    assert value["data"] == data
    assert hashed


def test_merging_into_what_a_file_brings(build: BuildTree) -> None:
    [(value, hashed)] = generated(
        build,
        "resources: [one.yaml]\nconfigMapGenerator: [{name: one, behavior: merge, literals: [b=2]}]\n",
        **{"app/one.yaml": "{apiVersion: v1, kind: ConfigMap, metadata: {name: one, labels: {a: b}}, data: {a: '1'}}"},
    )
    assert value["data"] == {"a": "1", "b": "2"}
    assert value["metadata"]["labels"] == {"a": "b"}
    assert not hashed


@pytest.mark.parametrize("off", ["app", "base", "none"])
def test_a_merged_one_has_a_hash_when_both_ask_for_it(build: BuildTree, off: str) -> None:
    def options(folder: str) -> str:
        return "generatorOptions: {disableNameSuffixHash: true}\n" if folder == off else ""

    generator = "configMapGenerator: [{name: made, behavior: merge, literals: [a=b]}]\n"
    [(_, hashed)] = generated(
        build,
        f"resources: [../base]\n{generator}{options('app')}",
        **{"base/kustomization.yaml": generator.replace("behavior: merge, ", "") + options("base")},
    )
    assert hashed is (off == "none")


def test_merging_into_nothing(build: BuildTree) -> None:
    found = build({"app/kustomization.yaml": "configMapGenerator: [{name: one, behavior: merge, literals: [b=2]}]\n"})
    assert trees.problems(found) == [
        (
            "unmatched-patch",
            "app/kustomization.yaml:1:44",
            "ConfigMap/default/one is to be merged, and there is none of that name",
        )
    ]


def test_what_is_generated_twice(build: BuildTree) -> None:
    found = build(
        {
            "app/kustomization.yaml": """
                configMapGenerator:
                - {name: one, literals: [a=b]}
                - {name: one, literals: [c=d]}
                """
        }
    )
    assert [rule for rule, _, _ in trees.problems(found)] == ["duplicate-resource"]


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("literals: [novalue]", "the literal `novalue` is not `key=value`"),
        ("files: [absent.txt]", "no file at `absent.txt`"),
        ("files: [key=absent.txt]", "no file at `absent.txt`"),
        ("envs: [absent.env]", "no file at `absent.env`"),
    ],
)
def test_what_is_wrong_with_an_entry(build: BuildTree, entry: str, message: str) -> None:
    found = build({"app/kustomization.yaml": f"configMapGenerator:\n- name: made\n  {entry}\n"})
    assert [text for _, _, text in trees.problems(found)] == [message]


def test_the_hash_is_followed_by_what_names_it(build: BuildTree) -> None:
    found = build(
        {
            "app/kustomization.yaml": """
                namePrefix: a-
                namespace: web
                resources: [pod.yaml]
                configMapGenerator: [{name: made, literals: [a=b]}]
                """,
            "app/pod.yaml": """
                apiVersion: v1
                kind: Pod
                metadata: {name: pod}
                spec:
                  containers: [{name: a, image: b, envFrom: [{configMapRef: {name: made}}]}]
                """,
        }
    )
    pod, made = found.resources
    assert (made.name, made.hashed, made.generated) == ("a-made", True, True)
    assert pod.root.text_at("spec", "containers", 0, "envFrom", 0, "configMapRef", "name") == "a-made"


def test_a_generated_value_stands_in_its_file(build: BuildTree) -> None:
    found = build(
        {
            "app/kustomization.yaml": "configMapGenerator: [{name: made, files: [config.txt], envs: [settings.env]}]\n",
            **FILES,
        }
    )
    [resource] = found.resources
    assert trees.where(resource.at("data", "config.txt")) == "app/config.txt:1:1"
    assert trees.where(resource.at("data", "B")) == "app/settings.env:4:5"


def test_a_generator_after_a_namespace_meets_its_object(build: BuildTree) -> None:
    values = generated(
        build,
        """
        namespace: outer
        resources: [../base]
        configMapGenerator: [{name: made, namespace: inner, behavior: merge, literals: [b=over]}]
        """,
        **{"base/kustomization.yaml": "namespace: inner\nconfigMapGenerator: [{name: made, literals: [a=base]}]\n"},
    )
    assert [value["data"] for value, _ in values] == [{"a": "base", "b": "over"}]


def test_a_long_value_of_a_secret(build: BuildTree) -> None:
    [(value, _)] = generated(build, f"secretGenerator: [{{name: made, literals: ['a={'long ' * 40}']}}]\n")
    assert value["stringData"] == {"a": "long " * 40}
