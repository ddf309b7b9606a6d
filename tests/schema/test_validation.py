"""A whole tree, held against its schemas: what is built, substituted and left alone, and where it is said."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from lintkit import configuration, engine
from lintkit.errors import ConfigurationError
from lintkit.schema.validation import Validation
from tests.schema.trees import expect, told

if TYPE_CHECKING:
    from pathlib import Path

DEPLOYMENT = """\
apiVersion: apps/v1
kind: Deployment
metadata:
  name: web
spec:
  replicas: 1
  selector:
    matchLabels: {app: web}
  template:
    metadata:
      labels: {app: web}
    spec:
      containers:
        - name: web
          image: ghcr.io/example/web:1.0.0
"""
SYNC = """\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata:
  name: web
  namespace: flux-system
spec:
  interval: 10m
  path: ./app
  prune: true
  sourceRef:
    kind: GitRepository
    name: flux-system
"""
SOURCE = """\
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata:
  name: flux-system
  namespace: flux-system
spec:
  interval: 1m
  url: https://example.com/fleet.git
"""
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
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec:
              type: object
              required: [size]
              properties:
                size: {type: string, enum: [small, large]}
                colour: {type: string, pattern: '^[a-z\\d-_]+$'}
    - name: v1beta1
      served: false
      storage: false
"""
CUP = """\
apiVersion: example.org/v1
kind: Cup
metadata:
  name: mine
spec:
  size: small
"""


def test_a_patch_is_left_alone_and_what_it_makes_is_judged_on_its_line(tmp_path: Path) -> None:
    expect(
        tmp_path,
        {
            "base/kustomization.yaml": "resources: [web.yaml]\n",
            "base/web.yaml": DEPLOYMENT,
            "prod/kustomization.yaml": "resources: [../base]\npatches: [{path: patch.yaml}]\n",
            "prod/patch.yaml": """\
                apiVersion: apps/v1
                kind: Deployment
                metadata:
                  name: web
                spec:
                  replicas: three # wrong-type: `spec.replicas` is text, expected a whole number
                  template:
                    spec:
                      containers:
                        - name: web
                          imagePullPolicy: always # invalid-value: did you mean `Always`?
                """,
        },
    )


def test_a_patch_in_a_kustomization_is_judged_on_its_line(tmp_path: Path) -> None:
    expect(
        tmp_path,
        {
            "app/web.yaml": DEPLOYMENT,
            "app/kustomization.yaml": """\
                apiVersion: kustomize.config.k8s.io/v1beta1
                kind: Kustomization
                resources: [web.yaml]
                patches:
                  - target: {kind: Deployment}
                    patch: |
                      - op: replace
                        path: /spec/replicas
                        value: [1] # wrong-type: `spec.replicas` is a list, expected a whole number
                """,
        },
    )


def test_a_component_and_a_replacement_are_judged_on_their_lines(tmp_path: Path) -> None:
    expect(
        tmp_path,
        {
            "app/web.yaml": DEPLOYMENT,
            "app/settings.yaml": """\
                apiVersion: v1
                kind: ConfigMap
                metadata:
                  name: settings
                data:
                  replicas: many # wrong-type: `spec.replicas` is text, expected a whole number
                """,
            "app/kustomization.yaml": """\
                resources: [web.yaml, settings.yaml]
                components: [../component]
                replacements:
                  - source: {kind: ConfigMap, name: settings, fieldPath: data.replicas}
                    targets:
                      - select: {kind: Deployment}
                        fieldPaths: [spec.replicas]
                """,
            "component/kustomization.yaml": """\
                apiVersion: kustomize.config.k8s.io/v1alpha1
                kind: Component
                patches: [{path: patch.yaml}]
                """,
            "component/patch.yaml": """\
                apiVersion: apps/v1
                kind: Deployment
                metadata:
                  name: web
                spec:
                  paused: "yes" # wrong-type: `spec.paused` is text, expected true or false
                """,
        },
    )


def test_what_several_overlays_share_is_said_once(tmp_path: Path) -> None:
    overlay = "resources: [../base]\nnamespace: {0}\n"
    expect(
        tmp_path,
        {
            "base/kustomization.yaml": "resources: [web.yaml]\n",
            "base/web.yaml": DEPLOYMENT.replace("replicas: 1", "replica: 1 # unknown-field: did you mean `replicas`?"),
            "prod/kustomization.yaml": overlay.format("prod"),
            "test/kustomization.yaml": overlay.format("test"),
        },
    )


def test_a_variable_is_anything_until_its_value_is_known(tmp_path: Path) -> None:
    files = {
        "cluster/source.yaml": SOURCE,
        "cluster/web.yaml": SYNC,
        "app/kustomization.yaml": "resources: [web.yaml]\n",
        "app/web.yaml": DEPLOYMENT.replace("replicas: 1", "replicas: ${REPLICAS}"),
    }
    assert told(tmp_path, files) == []
    files["cluster/web.yaml"] = SYNC + "  postBuild:\n    substitute:\n      REPLICAS: '3'\n"
    assert told(tmp_path, files) == []
    files["cluster/web.yaml"] = SYNC + "  postBuild:\n    substitute:\n      REPLICAS: many\n"
    ((path, line, rule, severity, message),) = told(tmp_path, files)
    assert (rule, severity, message) == (
        "wrong-type", "error", "`spec.replicas` is text, expected a whole number",
    )  # fmt: skip
    assert (path, line) in {("app/web.yaml", 6), ("cluster/web.yaml", 15)}


def test_nothing_is_absent_and_sops_is_no_field(tmp_path: Path) -> None:
    expect(
        tmp_path,
        DEPLOYMENT.replace("replicas: 1", "replicas: null\n  strategy: ~")
        + """\
sops:
  version: 3.9.0
  mac: ENC[AES256_GCM,data:Zm9v,iv:Zm9v,tag:Zm9v,type:str]
---
apiVersion: v1
kind: Secret
metadata:
  name: web
type: ENC[AES256_GCM,data:Zm9v,iv:Zm9v,tag:Zm9v,type:str]
data:
  password: ENC[AES256_GCM,data:Zm9v,iv:Zm9v,tag:Zm9v,type:str]
sops:
  version: 3.9.0
---
apiVersion: v1
kind: Service
metadata:
  name: web
spec: # missing-field: `spec.ports[0]` lacks `port`
  ports: [{port: null}]
""".replace("spec: # missing-field: `spec.ports[0]` lacks `port`\n  ports: [{port: null}]",
            "spec:\n  ports: [{port: null}] # missing-field: `spec.ports[0]` lacks `port`"),
    )  # fmt: skip


def test_a_list_that_is_written_as_nothing_is_worth_a_note(tmp_path: Path) -> None:
    expect(
        tmp_path,
        """\
        apiVersion: v1
        kind: Service
        metadata:
          name: web
        spec:
          ports: # wrong-type[info]: `spec.ports` is nothing, expected a list
        """,
    )


@pytest.mark.parametrize(
    ("api", "kind", "body"),
    [
        ("rbac.authorization.k8s.io/v1", "ClusterRole", "rules: []"),
        ("cert-manager.io/v1", "ClusterIssuer", "spec: {selfSigned: {}}"),
        ("example.org/v1", "Cup", "spec: {size: small}"),
    ],
)
def test_a_namespace_on_a_kind_that_has_none_is_worth_a_note(api: str, kind: str, body: str, tmp_path: Path) -> None:
    expect(
        tmp_path,
        {
            "crd.yaml": CRD,
            "app.yaml": f"apiVersion: {api}\nkind: {kind}\nmetadata:\n  name: mine\n"
            f"  namespace: web # misplaced-field[info]: a {kind} belongs to no namespace\n{body}\n",
        },
    )


def test_a_namespace_that_kustomize_adds_is_no_matter(tmp_path: Path) -> None:
    role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata:\n  name: mine\nrules: []\n"
    expect(tmp_path, {"kustomization.yaml": "namespace: web\nresources: [role.yaml]\n", "role.yaml": role})


def test_a_crd_of_the_tree_judges_its_objects(tmp_path: Path) -> None:
    expect(
        tmp_path,
        {
            "crd.yaml": CRD,
            "cup.yaml": """\
                apiVersion: example.org/v1
                kind: Cup
                metadata:
                  name: mine
                spec: # missing-field: `spec` lacks `size`
                  handle: true # unknown-field: `handle` is no field of `spec`
                  colour: dark red # invalid-value: `dark red` is no value of `spec.colour`
                ---
                apiVersion: example.org/v1beta1 # removed-api: v1beta1
                kind: Cup
                metadata:
                  name: old
                spec:
                  handle: true
                """,
        },
    )


def test_what_may_be_newer_than_lintkit_is_a_warning(tmp_path: Path) -> None:
    issuer = """\
        apiVersion: cert-manager.io/v1
        kind: Issuer
        metadata:
          name: mine
          namespace: web
        spec:
          selfSigned: {}
          zodiac: {} # unknown-field[warning]: `zodiac` is no field of `spec`
          selfSignd: {} # unknown-field[warning]: `selfSignd`
        """
    expect(tmp_path, issuer)


def test_the_newest_known_kubernetes_is_sure_and_a_newer_one_is_not(tmp_path: Path) -> None:
    files = {"web.yaml": DEPLOYMENT.replace("replicas: 1", "replicas: 1\n  zodiac: lion")}
    for version, severity in (("1.33", "error"), ("", "error"), ("1.99", "warning")):
        ((_, line, rule, found, message),) = told(tmp_path, files, kubernetes_version=version)
        assert (line, rule, found, message) == (7, "unknown-field", severity, "`zodiac` is no field of `spec`")


def test_schemas_of_the_configuration_are_sure(tmp_path: Path) -> None:
    spec = {"type": "object", "additionalProperties": False, "properties": {"size": {"type": "string"}}}
    schema = {"type": "object", "properties": {"spec": spec}}
    path = tmp_path / "schemas" / "example.org" / "cup_v1.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps(schema), "utf-8")
    expect(
        tmp_path,
        CUP.replace("size: small", "sizes: small # unknown-field: did you mean `size`?"),
        schemas=("schemas/{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json",),
    )


def test_a_schema_of_the_configuration_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "schemas").mkdir()
    (tmp_path / "schemas" / "cup_example.org_v1.json").write_text('{"properties": {"spec": {"type": 7}}}', "utf-8")
    with pytest.raises(ConfigurationError, match=r"cup_example\.org_v1\.json` is no JSON Schema"):
        told(tmp_path, {"cup.yaml": CUP}, schemas=("schemas",))


def test_a_crd_that_holds_no_schema_judges_nothing(tmp_path: Path) -> None:
    broken = CRD.replace("enum: [small, large]", "enum: small")
    assert [one for one in told(tmp_path, {"crd.yaml": broken, "cup.yaml": CUP}) if one.path == "cup.yaml"] == []


def test_an_unknown_kind_is_said_once(tmp_path: Path) -> None:
    found = told(tmp_path, {"a.yaml": CUP, "b.yaml": CUP.replace("mine", "yours")})
    ((path, line, rule, severity, message),) = found
    assert (path, line, rule, severity) == ("a.yaml", 2, "unknown-kind", "info")
    assert "Cup" in message


def test_kustomizations_are_judged_and_their_keys_have_no_case(tmp_path: Path) -> None:
    expect(
        tmp_path,
        {
            "web.yaml": DEPLOYMENT,
            "kustomization.yaml": """\
                apiVersion: kustomize.config.k8s.io/v1beta1
                kind: Kustomization
                Resources: [web.yaml]
                resource: [] # unknown-field: `resource` is no field of a Kustomization; did you mean `resources`?
                namePrefix: [a] # wrong-type: `namePrefix` is a list, expected text
                """,
        },
    )


def test_items_of_a_list_are_judged_one_by_one(tmp_path: Path) -> None:
    expect(
        tmp_path,
        """\
        apiVersion: v1
        kind: List
        items:
          - apiVersion: v1
            kind: ConfigMap
            metadata:
              name: web
            data:
              port: 80 # unquoted-string: `80` at `data.port` is a whole number, and text is expected: quote it
        """,
    )


def test_a_violation_knows_its_object_and_the_schema_it_breaks(tmp_path: Path) -> None:
    (tmp_path / "web.yaml").write_text(DEPLOYMENT.replace("replicas: 1", "replicas: many"), "utf-8")
    (violation,) = Validation(engine.load_tree(tmp_path, configuration.load(tmp_path))).violations
    assert violation.resource is not None
    assert (violation.resource.kind, violation.path) == ("Deployment", ("spec", "replicas"))
    assert violation.origin == "Kubernetes 1.37"
