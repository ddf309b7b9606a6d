"""From a kind to its schema: which source is trusted before which, and what each says."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from lintkit.model.resource import make
from lintkit.schema import built_in
from lintkit.schema.catalog import Catalog, KindSchema, Origin, is_definition
from lintkit.schema.crd import CustomKind, Version
from lintkit.schema.validator import compiled
from lintkit.syntax.node import Mapping
from lintkit.syntax.parser import parse
from lintkit.text.source import Source

if TYPE_CHECKING:
    from pathlib import Path

    from lintkit.model.resource import Resource

CRD = """\
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: things.example.org
spec:
  group: {group}
  names: {{kind: {kind}, plural: things}}
  scope: Namespaced
  versions:
    - name: v1
      served: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              properties:
                {field}: {{type: string}}
    - name: v1beta1
      served: true
      deprecated: true
    - name: v1alpha1
      served: false
"""


class _Stored:
    """A store with one kind."""

    def __init__(self, field: str) -> None:
        self.field = field

    def kind(self, group: str, kind: str) -> CustomKind | None:
        if kind != "Certificate":
            return None
        return CustomKind(group, kind, "Namespaced", (Version("v1", _object(self.field)),), "the store")


def _object(field: str) -> dict[str, Any]:
    spec = {"type": "object", "properties": {field: {"type": "string"}}}
    return {"type": "object", "properties": {"spec": spec}}


def definition(field: str, group: str = "cert-manager.io", kind: str = "Certificate") -> Resource:
    """A CRD of the tree."""
    root = parse(Source("crd.yaml", CRD.format(group=group, kind=kind, field=field))).documents[0].root
    assert isinstance(root, Mapping)
    return make(root)


def local(folder: Path, field: str) -> str:
    """A folder of the configuration."""
    path = folder / "crds" / "cert-manager.io" / "certificate_v1.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({**_object(field), "additionalProperties": False}), "utf-8")
    return "crds"


def fields(known: KindSchema | None) -> set[str]:
    """The fields of the spec."""
    assert known is not None
    assert known.schema is not None
    return set(known.schema["properties"]["spec"]["properties"])


def test_what_the_cluster_has_is_trusted_before_what_lintkit_knows(tmp_path: Path) -> None:
    store: Any = _Stored("stored")
    entry, crd = local(tmp_path, "local"), definition("written")
    key = ("cert-manager.io", "v1", "Certificate")
    everything = Catalog(tmp_path, (entry,), (crd,), store=store).find(*key)
    assert (fields(everything), everything and everything.origin) == ({"local"}, Origin.LOCAL)
    tree = Catalog(tmp_path, (), (crd,), store=store).find(*key)
    assert (fields(tree), tree and tree.origin, tree and tree.where) == ({"written"}, Origin.TREE, "crd.yaml")
    stored = Catalog(tmp_path, (), store=store).find(*key)
    assert (fields(stored), stored and stored.origin) == ({"stored"}, Origin.STORE)
    own = Catalog(tmp_path).find(*key)
    assert own is not None
    assert own.origin is Origin.LINTKIT
    assert "issuerRef" in fields(own)


def test_a_crd_of_a_folder_counts_as_the_folder(tmp_path: Path) -> None:
    (tmp_path / "crds").mkdir()
    (tmp_path / "crds" / "a.yaml").write_text(
        CRD.format(group="cert-manager.io", kind="Certificate", field="filed"), "utf-8"
    )
    known = Catalog(tmp_path, ("crds",), (definition("written"),)).find("cert-manager.io", "v1", "Certificate")
    assert (fields(known), known and known.origin) == ({"filed"}, Origin.LOCAL)


def test_a_kind_that_nothing_knows_is_unknown(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path)
    assert catalog.find("example.org", "v1", "Cup") is None
    assert catalog.find("apps", "v1", "Deploymnet") is None
    assert catalog.find("cert-manager.io", "v1", "certificate") is None
    assert catalog.find("../schemas/cert-manager.io", "v1", "Certificate") is None


def test_a_version_that_a_crd_does_not_serve_has_no_schema(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path, (), (definition("a", "example.org", "Cup"),))
    for version in ("v1alpha1", "v3"):
        known = catalog.find("example.org", version, "Cup")
        assert known is not None
        assert (known.served, known.schema, known.versions) == (False, None, ("v1", "v1beta1"))


def test_a_crd_says_that_a_version_is_deprecated(tmp_path: Path) -> None:
    known = Catalog(tmp_path, (), (definition("a", "example.org", "Cup"),)).find("example.org", "v1beta1", "Cup")
    assert known is not None
    assert (known.deprecation, known.scope) == ("it is deprecated", "Namespaced")


@pytest.mark.parametrize(
    ("group", "kind", "scope"),
    [
        ("", "Pod", "Namespaced"),
        ("", "Namespace", "Cluster"),
        ("rbac.authorization.k8s.io", "ClusterRole", "Cluster"),
        ("networking.k8s.io", "NetworkPolicy", "Namespaced"),
    ],
)
def test_a_kind_of_kubernetes_is_found_by_its_whole_group(group: str, kind: str, scope: str, tmp_path: Path) -> None:
    known = Catalog(tmp_path).find(group, "v1", kind)
    assert known is not None
    assert (known.origin, known.scope, known.where) == (Origin.KUBERNETES, scope, built_in.versions()[-1])
    assert Catalog(tmp_path).find(group.partition(".")[0] or "core", "v1", kind) is None


def test_fields_are_those_of_the_version_of_kubernetes(tmp_path: Path) -> None:
    def takes_a_host_name_override(version: str) -> bool:
        known = Catalog(tmp_path, kubernetes_version=version).find("", "v1", "Pod")
        assert known is not None
        assert known.schema is not None
        pod = {"spec": {"containers": [{"name": "a"}], "hostnameOverride": "a"}}
        return compiled(known.schema).is_valid(pod)

    assert not takes_a_host_name_override("1.25")
    assert takes_a_host_name_override("1.37")
    assert takes_a_host_name_override("")


def test_a_removed_api_is_unknown_to_a_newer_kubernetes(tmp_path: Path) -> None:
    old = Catalog(tmp_path, kubernetes_version="1.25").find("autoscaling", "v2beta2", "HorizontalPodAutoscaler")
    assert old is not None
    assert "v2" in old.versions
    assert (
        Catalog(tmp_path, kubernetes_version="1.30").find("autoscaling", "v2beta2", "HorizontalPodAutoscaler") is None
    )


@pytest.mark.parametrize(("version", "nearest"), [("1.20", "1.25"), ("v1.33.2+k3s1", "1.33"), ("1.99", "1.37")])
def test_the_nearest_version_of_kubernetes_is_taken(version: str, nearest: str) -> None:
    known = built_in.load(version)
    assert known is not None
    assert known.version == nearest


def test_custom_kinds_have_types_of_kubernetes_in_them(tmp_path: Path) -> None:
    known = Catalog(tmp_path).find("postgresql.cnpg.io", "v1", "Cluster")
    assert known is not None
    assert known.schema is not None
    validator = compiled(known.schema)

    def cluster(affinity: object) -> dict[str, Any]:
        return {"metadata": {"name": "a"}, "spec": {"instances": 1, "affinity": {"nodeAffinity": affinity}}}

    assert validator.is_valid(cluster({"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": []}}))
    assert not validator.is_valid(cluster({"required": {}}))


def test_a_definition_is_told_by_group_and_kind() -> None:
    assert is_definition(definition("a"))
    root = parse(Source("a.yaml", "apiVersion: example.org/v1\nkind: CustomResourceDefinition")).documents[0].root
    assert isinstance(root, Mapping)
    assert not is_definition(make(root))


def test_without_the_package_of_schemas_kubernetes_is_unknown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lintkit.schema.built_in.load", lambda _: None)
    catalog = Catalog(tmp_path)
    assert catalog.find("", "v1", "Pod") is None
    assert (catalog.known, catalog.known_kinds("apps")) == (frozenset(), frozenset())
    assert catalog.find("cert-manager.io", "v1", "Certificate") is not None
