from __future__ import annotations

import json
import sys
from itertools import count
from typing import TYPE_CHECKING

import pytest

from lintkit.errors import LintkitError
from lintkit.schema.imports import Imported, read_path, read_text, without_prose
from lintkit.schema.store import Store
from lintkit.schema.store_change import changing
from tests.schema.agreement import REFERENCE
from tests.schema.test_store import CRD, crd

if TYPE_CHECKING:
    from pathlib import Path

SCHEMA = {"type": "object", "properties": {"spec": {"type": "object"}}}


def kinds(found: Imported) -> list[str]:
    return [f"{one.kind.kind}.{one.kind.group}" for one in found.definitions]


def schemas(found: Imported) -> list[tuple[str, str, str]]:
    return [(one.group, one.version, one.kind) for one in found.schemas]


def refused(text: str) -> str:
    with pytest.raises(LintkitError) as caught:
        read_text(text)
    return str(caught.value)


def as_json(text: str) -> dict[str, object]:
    import yaml  # noqa: PLC0415

    found: dict[str, object] = yaml.safe_load(text)
    return found


def test_a_release_brings_its_kinds_and_leaves_the_rest() -> None:
    found = read_text(f"{crd('Widget')}---\nkind: Deployment\napiVersion: apps/v1\n---\n---{crd('Gadget')}")
    assert kinds(found) == ["Widget.example.com", "Gadget.example.com"]
    assert found.left_out == 1


@pytest.mark.parametrize("kind", ["List", "CustomResourceDefinitionList"])
def test_a_list_brings_its_kinds(kind: str) -> None:
    one = as_json(CRD)
    if kind != "List":
        del one["kind"], one["apiVersion"]
    dump = {
        "apiVersion": "v1",
        "kind": kind,
        "items": [one, {"kind": "Pod", "apiVersion": "v1"}][: 1 + (kind == "List")],
    }
    assert kinds(read_text(json.dumps(dump))) == ["Widget.example.com"]
    import yaml  # noqa: PLC0415

    assert kinds(read_text(yaml.safe_dump(dump))) == ["Widget.example.com"]


def test_an_old_definition_gives_each_version_the_common_schema() -> None:
    text = """
apiVersion: apiextensions.k8s.io/v1beta1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Cluster
  version: v1beta1
  names: {kind: Widget, plural: widgets}
  validation: {openAPIV3Schema: {type: object, properties: {size: {type: integer}}}}
"""
    (found,) = read_text(text).definitions
    assert found.kind.scope == "Cluster"
    assert [(one.name, one.schema) for one in found.kind.versions] == [
        ("v1beta1", {"type": "object", "properties": {"size": {"type": "integer"}}})
    ]


def test_dates_and_words_of_yaml_are_what_json_says() -> None:
    text = CRD.replace("default: 1}", "default: 2026-01-31, enum: [on, true, 0x10], example: x}")
    (found,) = read_text(text).definitions
    schema = found.kind.versions[0].schema
    assert schema is not None
    size = schema["properties"]["spec"]["properties"]["size"]
    assert size == {"type": "integer", "default": "2026-01-31", "enum": ["on", True, 16]}


def test_prose_goes_and_fields_and_values_of_that_name_stay() -> None:
    schema = {
        "description": "x",
        "properties": {"description": {"description": "y", "default": {"description": "kept"}}},
        "x-kubernetes-validations": [{"rule": "a", "description": "kept"}],
        "items": [{"example": 1, "type": "string"}],
    }
    assert without_prose(schema) == {
        "properties": {"description": {"default": {"description": "kept"}}},
        "x-kubernetes-validations": [{"rule": "a", "description": "kept"}],
        "items": [{"type": "string"}],
    }


def test_a_folder_brings_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / "example.com").mkdir()
    (tmp_path / "example.com" / "widget_v1.json").write_text(json.dumps(SCHEMA))
    (tmp_path / "ingress-networking-v1.json").write_text(json.dumps(SCHEMA))
    (tmp_path / "pod-v1.json").write_text(json.dumps(SCHEMA))
    (tmp_path / "crds.yaml").write_text(CRD)
    (tmp_path / "chart-template.yaml").write_text("{{ if }}\n")
    (tmp_path / "package.json").write_text('{"properties": {}}')
    (tmp_path / "broken.json").write_text("{")
    (tmp_path / "linked-v1.json").write_text('{"$ref": "_definitions.json#/definitions/x"}')
    (tmp_path / "notes.txt").write_text(CRD)
    said: list[str] = []
    found = read_path(tmp_path, said.append)
    assert kinds(found) == ["Widget.example.com"]
    assert schemas(found) == [("", "v1", "pod"), ("example.com", "v1", "widget")]
    assert found.left_out == 5
    assert said[0] == "reading 1 of 8: broken.json"


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({"enum": ["Widget"]}, "Widget"),
        ({"const": "Widget"}, "Widget"),
        ({"type": "string"}, "widget"),
        ({"enum": [1]}, "widget"),
    ],
)
def test_a_schema_may_say_its_kind_itself(tmp_path: Path, said: dict[str, object], kind: str) -> None:
    (tmp_path / "example.com").mkdir()
    path = tmp_path / "example.com" / "widget_v1.json"
    path.write_text(json.dumps({**SCHEMA, "properties": {"kind": said}}))
    assert schemas(read_path(path)) == [("example.com", "v1", kind)]


@pytest.mark.skipif(not REFERENCE.is_dir(), reason="needs the reference schemas")
def test_every_reference_schema_is_found_again(tmp_path: Path) -> None:
    with changing(tmp_path) as change:
        change.put(read_path(REFERENCE), "reference")
    store = Store(tmp_path)
    for path in REFERENCE.glob("*/*.json"):
        kind, _, version = path.stem.rpartition("_")
        assert store.schema(path.parent.name, version, kind) is not None, path


def changed(old: str, new: str) -> str:
    assert old in CRD
    return CRD.replace(old, new)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "standard input: no CustomResourceDefinition and no JSON Schema of a kind is in it"),
        ("a: [", "standard input: no YAML: line "),
        (f"{CRD}---\na: [", "standard input: no YAML: line "),
        ("{", "standard input: no JSON: "),
        ('{"properties": {}}', "standard input: document 1: this JSON Schema does not say its kind; name the file"),
        ('{"$ref": "x.json"}', "document 1: it refers to `x.json`; a schema must stand alone"),
        (
            changed("kind: Widget, ", ""),
            "(`widgets.example.com`) is a broken CustomResourceDefinition: it has no `spec.names",
        ),
        (changed("group: example.com", "group: ''"), "it has no `spec.group`"),
        (changed("group: example.com", "group: ../x"), "it has no `spec.group`"),
        (changed("kind: Widget", r'kind: "W\e[2J"'), "its `spec.names.kind` is no name"),
        (changed("scope: Namespaced", "scope: Both"), "`spec.scope` is `Both`, expected `Namespaced` or `Cluster`"),
        (changed("name: v1beta1", "name: [1]"), "it has no `spec.versions`, or one of them has no name"),
        (changed("properties:\n            spec:", "properties: []\n          x:\n            spec:"), "is no schema"),
        ("[" * 500_000, "standard input: no JSON: "),
        ("- " * 500_000 + CRD[:0], "standard input: no YAML: nested over 200 deep"),
        ('{"properties": ' * 900 + "1" + "}" * 900, "standard input: "),
    ],
    ids=count(),
)
def test_what_is_broken_is_said(text: str, message: str) -> None:
    assert message in refused(text)


def test_a_few_lines_of_aliases_are_not_millions_of_values() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    assert "its aliases stand for over 20 million values" in refused("\n".join(lines))
    merges = ["a0: &a0 {k: v}", *(f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 20)}]}}" for n in range(1, 9))]
    assert "its aliases stand for over 20 million values" in refused("\n".join(merges))
    assert "its aliases stand for over 20 million values" in refused("a: &a [*a]")


def test_a_file_that_is_no_text_is_said(tmp_path: Path) -> None:
    path = tmp_path / "demo-1.2.3.tgz"
    path.write_bytes(b"\x1f\x8b\xff")
    with pytest.raises(
        LintkitError, match=r"no text in UTF-8; a chart is imported with `lintkit schemas import-chart`"
    ):
        read_path(path)


def test_a_path_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(LintkitError, match="gone does not exist"):
        read_path(tmp_path / "gone")


def test_the_loader_leaves_that_of_others_alone() -> None:
    read_text(CRD)
    yaml = sys.modules["yaml"]
    assert yaml.safe_load("a: on") == {"a": True}
