"""Every authored schema says what the API says: against a reference where one is at hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lintkit.schema.authored import load, read
from tests.schema import more_kinds
from tests.schema.agreement import REFERENCE, compare
from tests.schema.newer_fields import NEWER, NOT_SERVED

if TYPE_CHECKING:
    from lintkit.schema.authored import Authored

SCHEMAS = Path(__file__).resolve().parents[2] / "schemas"
FILES = sorted(path for path in SCHEMAS.glob("*.*/*.yaml"))
needs_reference = pytest.mark.skipif(not REFERENCE.is_dir(), reason="the reference schemas are not on this machine")
_FLUX = "toolkit.fluxcd.io"
FIRST = {
    f"kustomize.{_FLUX}": {"Kustomization": "v1 v1beta1 v1beta2"},
    f"helm.{_FLUX}": {"HelmRelease": "v2 v2beta1 v2beta2"},
    f"source.{_FLUX}": {
        "GitRepository": "v1 v1beta1 v1beta2",
        "OCIRepository": "v1 v1beta2",
        "HelmRepository": "v1 v1beta1 v1beta2",
        "HelmChart": "v1 v1beta1 v1beta2",
        "Bucket": "v1 v1beta1 v1beta2",
        "ExternalArtifact": "v1",
    },
    "source.extensions.fluxcd.io": {"ArtifactGenerator": "v1beta1"},
    f"notification.{_FLUX}": {
        "Alert": "v1beta1 v1beta2 v1beta3",
        "Provider": "v1beta1 v1beta2 v1beta3",
        "Receiver": "v1 v1beta1 v1beta2",
    },
    f"image.{_FLUX}": {
        "ImagePolicy": "v1 v1alpha1 v1alpha2 v1beta1 v1beta2",
        "ImageRepository": "v1 v1alpha1 v1alpha2 v1beta1 v1beta2",
        "ImageUpdateAutomation": "v1 v1alpha1 v1alpha2 v1beta1 v1beta2",
    },
    "fluxcd.controlplane.io": {"FluxInstance": "v1", "ResourceSet": "v1", "ResourceSetInputProvider": "v1"},
    "external-secrets.io": {
        "ExternalSecret": "v1 v1alpha1 v1beta1",
        "ClusterExternalSecret": "v1 v1beta1",
        "SecretStore": "v1 v1alpha1 v1beta1",
        "ClusterSecretStore": "v1 v1alpha1 v1beta1",
        "PushSecret": "v1alpha1",
    },
    "cert-manager.io": {"Certificate": "v1", "Issuer": "v1", "ClusterIssuer": "v1"},
    "gateway.networking.k8s.io": {
        "HTTPRoute": "v1 v1beta1",
        "Gateway": "v1 v1beta1",
        "GatewayClass": "v1 v1beta1",
        "ReferenceGrant": "v1 v1alpha2 v1beta1",
    },
    "monitoring.coreos.com": {
        "ServiceMonitor": "v1",
        "PodMonitor": "v1",
        "PrometheusRule": "v1",
        "Probe": "v1",
        "ScrapeConfig": "v1alpha1",
        "AlertmanagerConfig": "v1alpha1",
    },
    "grafana.integreatly.org": {"GrafanaDashboard": "v1beta1", "GrafanaDatasource": "v1beta1"},
    "postgresql.cnpg.io": {"Cluster": "v1", "ScheduledBackup": "v1"},
    "kustomize.config.k8s.io": {"Kustomization": "v1beta1", "Component": "v1alpha1"},
}
KINDS = {group: {**FIRST.get(group, {}), **more_kinds.KINDS.get(group, {})} for group in {**FIRST, **more_kinds.KINDS}}
CLUSTER_SCOPED = {"ClusterIssuer", "ClusterSecretStore", "ClusterExternalSecret", "GatewayClass"}


def _authored(path: Path) -> Authored:
    return read(path.read_text("utf-8"), str(path))


@pytest.mark.parametrize(
    ("group", "kind", "versions"),
    [(group, kind, versions) for group, kinds in KINDS.items() for kind, versions in kinds.items()],
)
def test_a_kind_is_there_in_every_version_that_was_served(group: str, kind: str, versions: str) -> None:
    found = load(group, kind)
    assert found is not None
    assert (found.group, found.kind) == (group, kind)
    assert sorted(found.versions) == versions.split()
    is_cluster_scoped = kind in CLUSTER_SCOPED or kind in more_kinds.CLUSTER_SCOPED.get(group, ())
    assert found.scope == ("Cluster" if is_cluster_scoped else "Namespaced")


def test_no_file_is_without_a_row_above() -> None:
    assert {(found.group, found.kind) for found in map(_authored, FILES)} == {
        (group, kind) for group, kinds in KINDS.items() for kind in kinds
    }


@needs_reference
@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_field_type_required_field_and_enum_agrees(path: Path) -> None:
    authored = _authored(path)
    key = (authored.group, authored.kind)
    if key in more_kinds.NO_REFERENCE:
        pytest.skip(more_kinds.NO_REFERENCE[key])
    newer = {**NEWER, **more_kinds.NEWER}.get(key, {})
    differences: list[str] = []
    for version in authored.versions:
        reference = REFERENCE / authored.group / f"{authored.kind.lower()}_{version}.json"
        assert reference.exists(), version
        found = compare(authored, version, json.loads(reference.read_text("utf-8")))
        differences += [f"{version}: {line}" for line in found]
    places = {line: line.partition(": ")[2].partition(": ")[0] for line in differences}
    explained = {line for line, place in places.items() if place in newer}
    if authored.kind in more_kinds.KINDS.get(authored.group, {}):
        explained |= {line for line in differences if more_kinds.says_less(line)}
    assert [line for line in differences if line not in explained] == []
    used = {places[line] for line in explained}
    assert sorted(set(newer) - used) == [], "rows of the table that the reference has caught up with"


@needs_reference
@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_no_version_of_the_reference_is_left_out(path: Path) -> None:
    authored = _authored(path)
    served = {
        file.stem.rpartition("_")[2] for file in (REFERENCE / authored.group).glob(f"{authored.kind.lower()}_*.json")
    }
    missing = {version for version in served if (authored.group, authored.kind, version) not in NOT_SERVED}
    assert missing - set(authored.versions) == set()


def test_a_difference_to_the_reference_is_seen() -> None:
    authored = read(
        "group: example.org\nkind: Cup\nversions:\n  v1:\n    spec!:\n      size!: small | large\n      lid: bool\n",
        "cup",
    )
    spec = {
        "type": "object",
        "required": ["size", "colour"],
        "properties": {
            "size": {"type": "string", "enum": ["small"]},
            "colour": {"type": "string"},
            "lid": {"type": "integer"},
        },
    }
    reference = {"type": "object", "required": ["spec"], "properties": {"spec": spec}}
    assert compare(authored, "v1", reference) == [
        ".spec.colour: missing",
        ".spec: required: we say ['size'], the reference says ['colour', 'size']",
        ".spec.lid: we say boolean, the reference says integer",
        ".spec.size: enum: we say ['large', 'small'], the reference says ['small']",
    ]
