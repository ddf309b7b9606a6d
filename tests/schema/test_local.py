"""`schemas:` of the configuration: folders of CRDs and JSON Schemas, and kubeconform's templates."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from lintkit.errors import ConfigurationError
from lintkit.schema import local
from lintkit.schema.local import LocalSchemas

if TYPE_CHECKING:
    from pathlib import Path

    from lintkit.schema.local import SchemaFile

CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: cups.example.org
spec:
  group: example.org
  names: {kind: Cup, plural: cups}
  scope: Cluster
  versions:
    - name: v1
      served: true
      schema:
        openAPIV3Schema: {type: object}
"""


def write(folder: Path, *paths: str) -> None:
    """JSON Schemas that say where they are."""
    for path in paths:
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(json.dumps({"title": path}), "utf-8")


def title(found: SchemaFile | None) -> str | None:
    """Which schema it is."""
    return found.content["title"] if found else None


@pytest.mark.parametrize(
    ("entry", "path"),
    [
        ("crds/{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json", "crds/apps.example.org/cup_v1.json"),
        ("crds/{{ .ResourceKind }}{{ .KindSuffix }}.json", "crds/cup-apps-v1.json"),
        (
            "k8s/{{.NormalizedKubernetesVersion}}-standalone{{.StrictSuffix}}/{{.ResourceKind}}.json",
            "k8s/v1.33-standalone-strict/cup.json",
        ),
    ],
)
def test_a_template_has_kubeconforms_variables(entry: str, path: str, tmp_path: Path) -> None:
    write(tmp_path, path)
    found = LocalSchemas(entry, tmp_path)
    assert title(found.find("apps.example.org", "v1", "Cup", "1.33")) == path
    assert found.find("apps.example.org", "v2", "Plate", "1.33") is None
    assert found.custom_kind("apps.example.org", "Cup") is None


def test_without_a_version_of_kubernetes_it_is_master(tmp_path: Path) -> None:
    write(tmp_path, "master/cup-v1.json")
    found = LocalSchemas("{{.NormalizedKubernetesVersion}}/{{.ResourceKind}}{{.KindSuffix}}.json", tmp_path)
    assert title(found.find("", "v1", "Cup")) == "master/cup-v1.json"


@pytest.mark.parametrize(
    ("path", "group"),
    [
        ("example.org/cup_v1.json", "example.org"),
        ("cup_example.org_v1.json", "example.org"),
        ("cup-example-v1.json", "example.org"),
        ("cup_v1.json", ""),
        ("deep/down/example.org/cup_v1.json", "example.org"),
    ],
)
def test_a_folder_is_read_by_the_names_that_are_common(path: str, group: str, tmp_path: Path) -> None:
    write(tmp_path, f"schemas/{path}", "schemas/readme.json")
    found = LocalSchemas("schemas", tmp_path)
    assert title(found.find(group, "v1", "Cup")) == f"schemas/{path}"
    assert found.find("other.org", "v1", "Cup") is None
    assert found.find(group, "v2", "Cup") is None


def test_a_folder_may_hold_crds(tmp_path: Path) -> None:
    (tmp_path / "all").mkdir()
    (tmp_path / "all" / "crds.yaml").write_text(f"kind: ConfigMap\n---\n{CRD}", "utf-8")
    items = CRD.replace("example.org", "list.org").replace("\n", "\n    ")
    (tmp_path / "all" / "list.yml").write_text(f"kind: List\nitems:\n  - {items}", "utf-8")
    (tmp_path / "all" / "broken.yaml").write_text("kind: CustomResourceDefinition\n[", "utf-8")
    found = LocalSchemas("all", tmp_path)
    for group in ("example.org", "list.org"):
        kind = found.custom_kind(group, "Cup")
        assert kind is not None
        assert (kind.scope, [one.name for one in kind.versions]) == ("Cluster", ["v1"])
    assert found.custom_kind("example.org", "Plate") is None


def test_a_variable_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"has the variable `Kind`; known are .*`\{\{\.ResourceKind\}\}`"):
        LocalSchemas("crds/{{.Kind}}.json", tmp_path)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no folder `crds`"):
        LocalSchemas("crds", tmp_path)


@pytest.mark.parametrize(("text", "why"), [("{", "is no JSON Schema"), ("[]", "not an object")])
def test_a_file_that_is_no_schema_is_refused(text: str, why: str, tmp_path: Path) -> None:
    (tmp_path / "crds").mkdir()
    (tmp_path / "crds" / "cup_v1.json").write_text(text, "utf-8")
    with pytest.raises(ConfigurationError, match=rf"cup_v1\.json.*{why}"):
        LocalSchemas("crds", tmp_path).find("", "v1", "Cup")


def test_a_folder_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(local, "_MAX_FILES", 1)
    write(tmp_path, "crds/a_v1.json", "crds/b_v1.json")
    with pytest.raises(ConfigurationError, match="`crds` holds over 1 files; name a smaller folder"):
        LocalSchemas("crds", tmp_path).find("", "v1", "A")
