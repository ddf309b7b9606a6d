# ruff: noqa: E501 - one case a line reads as a table
"""Namespaces, names, labels, annotations, replicas and images; and the fields that follow a changed name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.model.kustomize import trees

if TYPE_CHECKING:
    from tests.model.kustomize.conftest import BuildTree

WORKLOADS = """
    apiVersion: v1
    kind: Namespace
    metadata: {name: before}
    ---
    apiVersion: v1
    kind: ServiceAccount
    metadata: {name: web}
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata: {name: web, namespace: explicit}
    spec:
      selector: {matchLabels: {app: web}}
      template:
        metadata: {labels: {app: web}}
        spec:
          serviceAccountName: web
          initContainers: [{name: init, image: busybox}]
          containers:
          - name: web
            image: ghcr.io/example/web:1.0
            envFrom: [{configMapRef: {name: settings}}, {secretRef: {name: elsewhere}}]
          - {name: proxy, image: "nginx@sha256:24a0c4b4a4c0eb97a1aabb8e29f18e917d05abfe1b7a7c07857230879ce7d3d3"}
          volumes: [{name: v, configMap: {name: settings}}, {name: c, persistentVolumeClaim: {claimName: data}}]
    ---
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: settings}
    ---
    apiVersion: v1
    kind: PersistentVolumeClaim
    metadata: {name: data}
    spec: {storageClassName: fast}
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: web}
    spec: {selector: {app: web}, ports: [{port: 80}]}
    ---
    apiVersion: networking.k8s.io/v1
    kind: Ingress
    metadata: {name: web}
    spec:
      rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: web, port: {number: 80}}}}]}}]
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRoleBinding
    metadata: {name: web}
    roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: web}
    subjects:
    - {kind: ServiceAccount, name: web, namespace: default}
    - {kind: ServiceAccount, name: default, namespace: kept}
    - {kind: ServiceAccount, name: other, namespace: kept}
    ---
    apiVersion: rbac.authorization.k8s.io/v1
    kind: ClusterRole
    metadata: {name: web}
    rules: [{apiGroups: [""], resources: [configmaps], resourceNames: [settings], verbs: [get]}]
    ---
    apiVersion: apps/v1
    kind: StatefulSet
    metadata: {name: store}
    spec:
      serviceName: web
      selector: {matchLabels: {app: store}}
      template: {metadata: {labels: {app: store}}, spec: {containers: [{name: a, image: "busybox:1"}]}}
      volumeClaimTemplates: [{metadata: {name: data}}]
    ---
    apiVersion: batch/v1
    kind: CronJob
    metadata: {name: tick}
    spec:
      schedule: "* * * * *"
      jobTemplate: {spec: {template: {spec: {containers: [{name: a, image: "busybox:1", envFrom: [{configMapRef: {name: settings}}]}]}}}}
    ---
    apiVersion: autoscaling/v2
    kind: HorizontalPodAutoscaler
    metadata: {name: web}
    spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}}
    ---
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata: {name: chart}
    spec: {valuesFrom: [{kind: ConfigMap, name: settings}]}
    """


def transformed(build: BuildTree, kustomization: str, **files: str) -> dict[str, Any]:
    """The objects of the workloads under a kustomization, by their kind."""
    found = build(
        {
            "app/kustomization.yaml": f"resources: [all.yaml]\n{kustomization}",
            "app/all.yaml": WORKLOADS,
            **{f"app/{name}.yaml": text for name, text in files.items()},
        }
    )
    return {value["kind"]: value for value in trees.objects(found)}


def test_namespace(build: BuildTree) -> None:
    values = transformed(build, "namespace: web-system\n")
    assert values["Namespace"]["metadata"]["name"] == "web-system"
    assert values["Deployment"]["metadata"]["namespace"] == "web-system"
    assert values["HelmRelease"]["metadata"]["namespace"] == "web-system"
    assert "namespace" not in values["ClusterRole"]["metadata"]
    assert [subject["namespace"] for subject in values["ClusterRoleBinding"]["subjects"]] == [
        "web-system",
        "web-system",
        "kept",
    ]


def test_an_outer_namespace_wins(build: BuildTree) -> None:
    found = build(
        {
            "app/kustomization.yaml": "namespace: outer\nresources: [../base]\n",
            "base/kustomization.yaml": "namespace: inner\nresources: [all.yaml]\n",
            "base/all.yaml": WORKLOADS,
        }
    )
    namespaces = {value["metadata"].get("namespace") for value in trees.objects(found)}
    assert namespaces == {"outer", None}


def test_a_custom_kind_gets_the_namespace_whatever_its_scope(build: BuildTree) -> None:
    found = build(
        {
            "app/kustomization.yaml": "namespace: web\nresources: [store.yaml]\n",
            "app/store.yaml": "{apiVersion: external-secrets.io/v1, kind: ClusterSecretStore, metadata: {name: s}}",
        }
    )
    assert trees.the_object(found)["metadata"]["namespace"] == "web"


def test_a_namespace_that_makes_two_objects_one(build: BuildTree) -> None:
    found = build(
        {
            "app/kustomization.yaml": "resources: [a.yaml, b.yaml]\nnamespace: web\n",
            "app/a.yaml": "{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: a}}",
            "app/b.yaml": "{apiVersion: v1, kind: ConfigMap, metadata: {name: c, namespace: b}}",
        }
    )
    assert trees.problems(found) == [
        (
            "duplicate-resource",
            "app/kustomization.yaml:2:12",
            "the namespace `web` makes two objects of one identity: ConfigMap/web/c",
        )
    ]


def test_prefix_and_suffix_and_what_follows_them(build: BuildTree) -> None:
    values = transformed(build, "namePrefix: a-\nnameSuffix: -z\n")
    pod = values["Deployment"]["spec"]["template"]["spec"]
    assert pod["serviceAccountName"] == "web", "the Deployment stands in another namespace"
    assert values["Namespace"]["metadata"]["name"] == "before"
    assert values["Deployment"]["metadata"]["name"] == "a-web-z"
    assert pod["containers"][0]["envFrom"] == [
        {"configMapRef": {"name": "settings"}},
        {"secretRef": {"name": "elsewhere"}},
    ], "the Deployment stands in another namespace"
    assert values["StatefulSet"]["spec"]["serviceName"] == "a-web-z"
    backend = values["Ingress"]["spec"]["rules"][0]["http"]["paths"][0]["backend"]
    assert backend["service"]["name"] == "a-web-z"
    job = values["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    assert job["containers"][0]["envFrom"][0]["configMapRef"]["name"] == "a-settings-z"
    assert values["ClusterRoleBinding"]["roleRef"]["name"] == "a-web-z"
    assert values["ClusterRoleBinding"]["subjects"][0]["name"] == "a-web-z"
    assert values["ClusterRole"]["rules"][0]["resourceNames"] == ["a-settings-z"]
    assert values["HelmRelease"]["spec"]["valuesFrom"][0]["name"] == "settings", "no field of a custom resource"
    assert values["HorizontalPodAutoscaler"]["spec"]["scaleTargetRef"]["name"] == "web"


def test_prefixes_of_several_levels(build: BuildTree) -> None:
    found = build(
        {
            "app/kustomization.yaml": "namePrefix: outer-\nnamespace: one\nresources: [../base]\n",
            "base/kustomization.yaml": "namePrefix: inner-\nnameSuffix: -v1\nresources: [all.yaml]\n",
            "base/all.yaml": WORKLOADS,
        }
    )
    values = {value["kind"]: value for value in trees.objects(found)}
    assert values["Deployment"]["metadata"]["name"] == "outer-inner-web-v1"
    pod = values["Deployment"]["spec"]["template"]["spec"]
    assert pod["serviceAccountName"] == "outer-inner-web-v1"


def test_a_configuration_makes_custom_fields_follow(build: BuildTree) -> None:
    values = transformed(
        build,
        "namePrefix: a-\nconfigurations: [names.yaml]\n",
        names="""
            nameReference:
            - kind: ConfigMap
              version: v1
              fieldSpecs: [{path: spec/valuesFrom/name, kind: HelmRelease}]
            """,
    )
    assert values["HelmRelease"]["spec"]["valuesFrom"][0]["name"] == "a-settings"


@pytest.mark.parametrize(
    ("entry", "selector", "template", "cron"),
    [
        ("labels: [{pairs: {new: x}}]", False, False, False),
        ("labels: [{pairs: {new: x}, includeTemplates: true}]", False, True, True),
        ("labels: [{pairs: {new: x}, includeSelectors: true}]", True, True, True),
        ("commonLabels: {new: x}", True, True, True),
        ("labels: [{pairs: {new: x}, fields: [{path: spec/template/metadata/labels, create: true}]}]", False, True, False),
    ],
)  # fmt: skip
def test_labels(build: BuildTree, entry: str, selector: bool, template: bool, cron: bool) -> None:
    values = transformed(build, entry + "\n")
    deployment = values["Deployment"]
    assert {value["metadata"]["labels"]["new"] for value in values.values()} == {"x"}
    assert (deployment["spec"]["selector"]["matchLabels"].get("new") == "x") is selector
    assert (values["Service"]["spec"]["selector"].get("new") == "x") is selector
    assert (deployment["spec"]["template"]["metadata"]["labels"].get("new") == "x") is template
    assert ("metadata" in values["CronJob"]["spec"]["jobTemplate"]["spec"]["template"]) is cron


def test_a_label_that_is_there_is_replaced(build: BuildTree) -> None:
    values = transformed(build, "commonLabels: {app: other}\n")
    assert values["Deployment"]["spec"]["selector"]["matchLabels"] == {"app": "other"}


def test_common_annotations(build: BuildTree) -> None:
    values = transformed(build, "commonAnnotations: {note: here}\n")
    assert {value["metadata"]["annotations"]["note"] for value in values.values()} == {"here"}
    assert values["Deployment"]["spec"]["template"]["metadata"]["annotations"] == {"note": "here"}


def test_replicas(build: BuildTree) -> None:
    values = transformed(build, "replicas: [{name: web, count: 4}, {name: store, count: 2}]\n")
    assert values["Deployment"]["spec"]["replicas"] == 4
    assert values["StatefulSet"]["spec"]["replicas"] == 2


def test_replicas_of_nothing(build: BuildTree) -> None:
    found = build(
        {
            "app/kustomization.yaml": "resources: [all.yaml]\nreplicas: [{name: wob, count: 4}]\n",
            "app/all.yaml": WORKLOADS,
        }
    )
    assert trees.problems(found) == [
        (
            "unmatched-patch",
            "app/kustomization.yaml:2:19",
            "`replicas` names `wob`, and no Deployment, ReplicaSet or StatefulSet here has that name",
        )
    ]


@pytest.mark.parametrize(
    ("entry", "images"),
    [
        ("{name: busybox, newTag: '2'}", ["busybox:2", "ghcr.io/example/web:1.0", "nginx@sha256:24a0c4b4"]),
        ("{name: ghcr.io/example/web, newTag: v2}", ["busybox", "ghcr.io/example/web:v2", "nginx@sha256:24a0c4b4"]),
        ("{name: ghcr.io/example/web, newName: local/web}", ["busybox", "local/web:1.0", "nginx@sha256:24a0c4b4"]),
        ("{name: ghcr.io/example/web, digest: 'sha256:ab'}", ["busybox", "ghcr.io/example/web@sha256:ab", "nginx@sha256:24a0c4b4"]),
        ("{name: nginx, newTag: '1.27'}", ["busybox", "ghcr.io/example/web:1.0", "nginx:1.27"]),
        ("{name: nginx, newName: local/nginx}", ["busybox", "ghcr.io/example/web:1.0", "local/nginx@sha256:24a0c4b4"]),
        ("{name: web, newTag: v2}", ["busybox", "ghcr.io/example/web:1.0", "nginx@sha256:24a0c4b4"]),
        ("{name: ghcr.io/.*, newTag: v2}", ["busybox", "ghcr.io/example/web:v2", "nginx@sha256:24a0c4b4"]),
        ("{name: ghcr.io/example/web, tagSuffix: -arm}", ["busybox", "ghcr.io/example/web:1.0-arm-arm", "nginx@sha256:24a0c4b4"]),
    ],
)  # fmt: skip
def test_images(build: BuildTree, entry: str, images: list[str]) -> None:
    pod = transformed(build, f"images: [{entry}]\n")["Deployment"]["spec"]["template"]["spec"]
    found = [container["image"] for container in (*pod["initContainers"], *pod["containers"])]
    assert [image.replace("24a0c4b4a4c0eb97a1aabb8e29f18e917d05abfe1b7a7c07857230879ce7d3d3", "24a0c4b4") for image in found] == images  # fmt: skip


def test_an_image_name_that_is_no_expression(build: BuildTree) -> None:
    found = build(
        {
            "app/kustomization.yaml": "resources: [all.yaml]\nimages: [{name: '(web', newTag: '2'}]\n",
            "app/all.yaml": WORKLOADS,
        }
    )
    assert [text for _, _, text in trees.problems(found)] == [
        "`(web` is no regular expression, which the name of an image is"
    ]


def test_a_new_tag_stands_where_it_is_written(build: BuildTree) -> None:
    found = build(
        {
            "app/kustomization.yaml": "resources: [pod.yaml]\nimages: [{name: web, newTag: '2'}]\n",
            "app/pod.yaml": "{apiVersion: v1, kind: Pod, metadata: {name: p}, spec: {containers: [{name: a, image: web}]}}",
        }
    )
    image = found.resources[0].at("spec", "containers", 0, "image")
    assert trees.where(image) == "app/kustomization.yaml:2:30"
