# ruff: noqa: E501 - one case a line reads as a table
"""What a Flux Kustomization changes in the kustomization that it builds, held against a file that says the same."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lintkit.model.kustomize.build import Overrides
from lintkit.syntax.node import Mapping, Scalar
from lintkit.syntax.parser import parse
from lintkit.text.source import Source
from tests.model.kustomize import trees

if TYPE_CHECKING:
    from pathlib import Path

OBJECTS = """
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web, namespace: written}
    spec: {template: {spec: {serviceAccountName: web, containers: [{name: a, image: "web:1"}]}}}
    ---
    apiVersion: v1
    kind: ServiceAccount
    metadata: {name: web, namespace: written}
    """
OWN = """
    resources: [all.yaml]
    namespace: own
    namePrefix: own-
    nameSuffix: -own
    images: [{name: web, newTag: own}, {name: other, newTag: own}]
    patches: [{target: {kind: Deployment}, patch: '{"kind": "x", "metadata": {"name": "x", "labels": {"by": "own"}}}'}]
    """
COMPONENT = """
    apiVersion: kustomize.config.k8s.io/v1alpha1
    kind: Component
    labels: [{pairs: {component: added}}]
    """


def overrides(spec: str) -> Overrides:
    root = parse(Source("ks.yaml", spec)).documents[0].root
    assert isinstance(root, Mapping)

    def scalar(name: str) -> Scalar | None:
        node = root.get(name)
        return node if isinstance(node, Scalar) else None

    return Overrides(
        scalar("targetNamespace"),
        scalar("namePrefix"),
        scalar("nameSuffix"),
        tuple(root.mappings_at("patches")),
        tuple(node for node in root.elements_at("components") if isinstance(node, Scalar)),
        tuple(root.mappings_at("images")),
        ignore_missing_components="ignoreMissingComponents: true" in spec,
    )


CASES = [
    ("targetNamespace: flux", {"namespace: own": "namespace: flux"}),
    ("namePrefix: flux-", {"namePrefix: own-": "namePrefix: flux-"}),
    ("nameSuffix: -flux", {"nameSuffix: -own": "nameSuffix: -flux"}),
    ("images: [{name: web, newTag: flux}]", {"{name: web, newTag: own}": "{name: web, newTag: flux}"}),
    ("images: [{name: web, newName: flux}]", {"{name: web, newTag: own}": "{name: web, newName: flux}"}),
    (
        'patches: [{target: {kind: Deployment}, patch: \'{"kind": "x", "metadata": {"name": "x", "labels": {"by": "flux"}}}\'}]',
        {
            "patches: [": 'patches: [{target: {name: none}, patch: \'{"kind": "x", "metadata": {"name": "x"}}\'}, ',
            '"own"': '"flux"',
        },
    ),
    ("components: [../component]", {"namespace: own": "namespace: own\n    components: [../component]"}),
]


@trees.needs_binary
@pytest.mark.parametrize(("spec", "same"), CASES)
def test_the_same_as_when_the_file_says_it(tmp_path: Path, spec: str, same: dict[str, str]) -> None:
    written = OWN
    for old, new in same.items():
        assert old in written
        written = written.replace(old, new)
    files = {"app/all.yaml": OBJECTS, "component/kustomization.yaml": COMPONENT}
    trees.write(tmp_path, {"app/kustomization.yaml": written, **files})
    output = trees.run_binary(tmp_path / "app")
    assert output.objects is not None, output.error
    trees.write(tmp_path, {"app/kustomization.yaml": OWN})
    found = trees.build(tmp_path, "app", overrides(spec))
    assert not found.problems
    assert trees.comparable(found, output) == output.objects
    assert trees.comparable(trees.build(tmp_path), output) != output.objects, "the case changes something"


def test_a_value_that_flux_brings_stands_in_the_flux_kustomization(tmp_path: Path) -> None:
    trees.write(tmp_path, {"app/kustomization.yaml": OWN, "app/all.yaml": OBJECTS})
    found = trees.build(tmp_path, "app", overrides("targetNamespace: flux\n"))
    assert [trees.where(resource.at("metadata", "namespace")) for resource in found.resources] == ["ks.yaml:1:18"] * 2


def test_a_folder_without_a_kustomization_takes_them_too(tmp_path: Path) -> None:
    trees.write(tmp_path, {"app/all.yaml": OBJECTS})
    found = trees.build(tmp_path, "app", overrides("targetNamespace: flux\nnamePrefix: a-\n"))
    assert [(resource.namespace, resource.name) for resource in found.resources] == [("flux", "a-web")] * 2


def test_missing_components(tmp_path: Path) -> None:
    trees.write(tmp_path, {"app/all.yaml": OBJECTS})
    found = trees.build(tmp_path, "app", overrides("components: [../none]\n"))
    assert trees.problems(found) == [("missing-entry", "ks.yaml:1:14", "no folder at `../none`")]
    found = trees.build(tmp_path, "app", overrides("components: [../none]\nignoreMissingComponents: true\n"))
    assert trees.problems(found) == []
