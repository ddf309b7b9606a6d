"""Who makes which Secret and ConfigMap, and with which keys: every kind of maker.

Each case is a tree with objects in namespace `app`; what is asked of the tree is the answer to one need.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from lintkit import engine
from lintkit.model.contracts import State
from lintkit.options import Options

if TYPE_CHECKING:
    from pathlib import Path

MET, UNDECIDED, UNMET = State.MET, State.UNDECIDED, State.UNMET
POD = """\
apiVersion: v1
kind: Pod
metadata: {{name: consumer, namespace: {namespace}}}
spec:
  containers:
    - name: main
      image: nginx:1.27.3
      env:
        - name: VALUE
          valueFrom:
            {kind}KeyRef: {{name: {name}, key: {key}}}
"""
ES_HEAD = """\
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: {name: made, namespace: app}
spec:
  secretStoreRef: {kind: ClusterSecretStore, name: store}
"""
ONE = "  data:\n    - {secretKey: fetched, remoteRef: {key: x}}\n"
ALL = "  dataFrom:\n    - extract: {key: x}\n"


class Need(NamedTuple):
    """What is asked: a name, a key, where, and the answer."""

    name: str
    key: str
    state: State
    namespace: str = "app"
    kind: str = "secret"


class Case(NamedTuple):
    """Files and what is asked of them."""

    id: str
    files: dict[str, str] | str
    needs: tuple[Need, ...]


def answers(folder: Path, files: dict[str, str], need: Need) -> list[State]:
    """The answers to a need in a tree."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")
    (folder / "app").mkdir(exist_ok=True)
    (folder / ".git").mkdir(exist_ok=True)
    tree = engine.load_tree(folder, Options())
    (contracts,) = tree.contracts
    return [
        answer.state
        for answer in contracts.answers
        if answer.reference.consumer.name.endswith("consumer") and answer.reference.name == need.name
    ]


def _template(body: str, *, merge: str = "", fetch: str = ONE) -> str:
    merge = f"      mergePolicy: {merge}\n" if merge else ""
    return f"{ES_HEAD}  target:\n    template:\n{merge}{body}{fetch}"


DATA = "      data: {rendered: '{{ .fetched }}'}\n"
EXTERNAL_SECRETS = (
    Case("no template: what is fetched", ES_HEAD + ONE, (
        Need("made", "fetched", MET), Need("made", "other", UNMET), Need("made", "fetched", UNMET, "web"))),
    Case("dataFrom: keys are undecided", ES_HEAD + ALL, (Need("made", "any", UNDECIDED),)),
    Case("target.name", ES_HEAD + "  target: {name: renamed}\n" + ONE, (
        Need("renamed", "fetched", MET), Need("made", "fetched", UNMET))),
    Case("a template of type alone changes no key", _template("      type: Opaque\n"), (
        Need("made", "fetched", MET),)),
    Case("a template of metadata alone with dataFrom", _template(
        "      metadata: {labels: {a: b}}\n", fetch=ALL), (Need("made", "any", UNDECIDED),)),
    Case("template.data replaces what is fetched", _template(DATA), (
        Need("made", "rendered", MET), Need("made", "fetched", UNMET))),
    Case("template.data over dataFrom is decided", _template(DATA, fetch=ALL), (
        Need("made", "rendered", MET), Need("made", "any", UNMET))),
    Case("mergePolicy Replace", _template(DATA, merge="Replace"), (Need("made", "fetched", UNMET),)),
    Case("mergePolicy Merge", _template(DATA, merge="Merge"), (
        Need("made", "rendered", MET), Need("made", "fetched", MET), Need("made", "other", UNMET))),
    Case("mergePolicy Merge with dataFrom", _template(DATA, merge="Merge", fetch=ALL), (
        Need("made", "rendered", MET), Need("made", "any", UNDECIDED))),
    Case("templateFrom as values", _template(
        "      templateFrom:\n        - configMap: {name: t, items: [{key: file.txt}]}\n"), (
        Need("made", "file.txt", MET), Need("made", "fetched", UNMET))),
    Case("templateFrom as keys and values", _template(
        "      templateFrom:\n        - configMap: {name: t, items: [{key: f, templateAs: KeysAndValues}]}\n"), (
        Need("made", "any", UNDECIDED),)),
    Case("templateFrom literal", _template("      templateFrom:\n        - literal: '{{ .fetched }}: a'\n"), (
        Need("made", "any", UNDECIDED),)),
    Case("templateFrom into annotations makes no key", _template(
        DATA + "      templateFrom:\n        - {target: Annotations, literal: 'a: b'}\n"), (
        Need("made", "any", UNMET), Need("made", "rendered", MET))),
    Case("a template of nothing", _template("      data: {}\n"), (Need("made", "fetched", MET),)),
    Case("creationPolicy Orphan", ES_HEAD + "  target: {creationPolicy: Orphan}\n" + ONE, (
        Need("made", "fetched", MET),)),
    Case("creationPolicy None makes nothing", ES_HEAD + "  target: {creationPolicy: None}\n" + ONE, (
        Need("made", "fetched", UNMET),)),
    Case("creationPolicy Merge needs another maker", ES_HEAD + "  target: {creationPolicy: Merge}\n" + ONE, (
        Need("made", "fetched", UNMET),)),
    Case("creationPolicy Merge adds keys to a Secret", ES_HEAD + "  target: {creationPolicy: Merge}\n" + ONE + """\
---
apiVersion: v1
kind: Secret
metadata: {name: made, namespace: app}
stringData: {own: x}
""", (Need("made", "fetched", MET), Need("made", "own", MET), Need("made", "other", UNMET))),
    Case("target.manifest makes another kind", f"{ES_HEAD}  target: {{manifest: {{kind: ConfigMap}}}}\n{ONE}", (
        Need("made", "fetched", UNMET),)),
    Case("a generator", ES_HEAD + """\
  dataFrom:
    - sourceRef: {generatorRef: {apiVersion: generators.external-secrets.io/v1alpha1, kind: Password, name: p}}
""", (Need("made", "password", UNDECIDED),)),
    Case("ClusterExternalSecret: in every namespace, by its own name", """\
apiVersion: external-secrets.io/v1
kind: ClusterExternalSecret
metadata: {name: made}
spec:
  namespaceSelectors: [{matchLabels: {a: b}}]
  externalSecretSpec:
    secretStoreRef: {kind: ClusterSecretStore, name: store}
    data:
      - {secretKey: fetched, remoteRef: {key: x}}
""", (Need("made", "fetched", MET), Need("made", "fetched", MET, "web"), Need("made", "other", UNMET))),
    Case("ClusterExternalSecret: externalSecretName, target.name", """\
apiVersion: external-secrets.io/v1
kind: ClusterExternalSecret
metadata: {name: one}
spec:
  externalSecretName: named
  externalSecretSpec:
    secretStoreRef: {kind: ClusterSecretStore, name: store}
    data: [{secretKey: fetched, remoteRef: {key: x}}]
---
apiVersion: external-secrets.io/v1
kind: ClusterExternalSecret
metadata: {name: two}
spec:
  externalSecretName: unimportant
  externalSecretSpec:
    secretStoreRef: {kind: ClusterSecretStore, name: store}
    target: {name: targeted}
    data: [{secretKey: fetched, remoteRef: {key: x}}]
""", (Need("named", "fetched", MET), Need("targeted", "fetched", MET), Need("one", "fetched", UNMET))),
)  # fmt: skip
OPERATORS = (
    Case("Kyverno: a rule that clones a Secret into every namespace", """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: sync}
spec:
  rules:
    - name: sync
      match: {resources: {kinds: [Namespace]}}
      generate:
        apiVersion: v1
        kind: Secret
        name: shared
        namespace: "{{request.object.metadata.name}}"
        clone: {namespace: database, name: shared}
""", (Need("shared", "any", UNDECIDED), Need("other", "any", UNMET))),
    Case("Kyverno: names that are decided in the cluster", """\
apiVersion: kyverno.io/v1
kind: ClusterPolicy
metadata: {name: make}
spec:
  rules:
    - name: make
      match: {resources: {kinds: [Deployment]}}
      generate:
        apiVersion: v1
        kind: Secret
        name: "{{request.object.metadata.name}}-token"
        namespace: "{{request.namespace}}"
        data: {stringData: {token: x}}
""", (Need("web-token", "any", UNDECIDED), Need("web", "any", UNMET))),
    Case("clustersecret.io", """\
apiVersion: clustersecret.io/v1
kind: ClusterSecret
metadata: {name: shared}
matchNamespace: [".*"]
""", (Need("shared", "any", UNDECIDED),)),
    Case("config-syncer copies a Secret into other namespaces", """\
apiVersion: v1
kind: Secret
metadata:
  name: shared
  namespace: database
  annotations: {kubed.appscode.com/sync: ""}
stringData: {fetched: "${X}"}
""", (Need("shared", "fetched", MET), Need("shared", "other", UNMET))),
    Case("keys that are generated into a Secret", """\
apiVersion: v1
kind: Secret
metadata:
  name: made
  namespace: app
  annotations: {secret-generator.v1.mittwald.de/autogenerate: "password, token"}
""", (Need("made", "token", MET), Need("made", "other", UNMET))),
    Case("a Secret: data, stringData", """\
apiVersion: v1
kind: Secret
metadata: {name: made, namespace: app}
data: {a: eA==}
stringData: {b: x}
""", (Need("made", "a", MET), Need("made", "b", MET), Need("made", "c", UNMET))),
    Case("a ConfigMap: data, binaryData", """\
apiVersion: v1
kind: ConfigMap
metadata: {name: made, namespace: app}
data: {a: x}
binaryData: {b: eA==}
""", (Need("made", "a", MET, kind="configMap"), Need("made", "b", MET, kind="configMap"),
        Need("made", "c", UNMET, kind="configMap"), Need("made", "a", UNMET))),
    Case("SOPS: keys stay readable", """\
apiVersion: v1
kind: Secret
metadata: {name: made, namespace: app}
stringData:
  password: ENC[AES256_GCM,data:abcd,iv:abcd,tag:abcd,type:str]
sops: {mac: "ENC[AES256_GCM,data:abcd,iv:abcd,tag:abcd,type:str]", version: 3.9.0}
""", (Need("made", "password", MET), Need("made", "username", UNMET))),
    Case("SealedSecret", """\
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata: {name: made, namespace: app}
spec:
  encryptedData: {password: AgBy}
  template:
    data: {config.yaml: "{{ index . \\"password\\" }}"}
""", (Need("made", "password", MET), Need("made", "config.yaml", MET), Need("made", "other", UNMET))),
    Case("SealedSecret: another name in its template", """\
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata: {name: sealed, namespace: app}
spec:
  encryptedData: {password: AgBy}
  template: {metadata: {name: made}}
""", (Need("made", "password", MET), Need("sealed", "password", UNMET))),
    Case("Certificate", """\
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: web, namespace: app}
spec: {secretName: made, issuerRef: {name: x}}
""", (Need("made", "tls.crt", MET), Need("made", "tls.key", MET), Need("made", "ca.crt", MET),
        Need("made", "tls.pem", UNMET))),
    Case("Certificate: keystores and other formats add keys", """\
apiVersion: cert-manager.io/v1
kind: Certificate
metadata: {name: web, namespace: app}
spec: {secretName: made, issuerRef: {name: x}, additionalOutputFormats: [{type: CombinedPEM}]}
""", (Need("made", "tls.crt", MET), Need("made", "tls-combined.pem", UNDECIDED))),
    Case("CNPG: its own Secrets", """\
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: {name: db, namespace: app}
spec: {instances: 1}
""", (Need("db-app", "uri", MET), Need("db-app", "password", MET), Need("db-app", "connection", UNMET),
        Need("db-ca", "ca.crt", MET), Need("db-server", "tls.crt", MET), Need("db-replication", "tls.key", MET),
        Need("db-superuser", "password", UNMET))),
    Case("CNPG: the superuser's Secret where it is asked for", """\
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: {name: db, namespace: app}
spec: {instances: 1, enableSuperuserAccess: true}
""", (Need("db-superuser", "password", MET),)),
    Case("CNPG: a bootstrap secret that is given is not made", """\
apiVersion: postgresql.cnpg.io/v1
kind: Cluster
metadata: {name: db, namespace: app}
spec: {instances: 1, bootstrap: {initdb: {secret: {name: given}}}}
""", (Need("db-app", "uri", UNMET), Need("given", "password", UNMET))),
    Case("ObjectBucketClaim: a Secret and a ConfigMap", """\
apiVersion: objectbucket.io/v1alpha1
kind: ObjectBucketClaim
metadata: {name: made, namespace: app}
spec: {generateBucketName: x}
""", (Need("made", "AWS_ACCESS_KEY_ID", MET), Need("made", "access-key", UNMET),
        Need("made", "BUCKET_HOST", MET, kind="configMap"), Need("made", "HOST", UNMET, kind="configMap"))),
    Case("a root CA in every namespace", "apiVersion: v1\nkind: Namespace\nmetadata: {name: app}\n", (
        Need("kube-root-ca.crt", "ca.crt", UNDECIDED, kind="configMap"),
        Need("kube-root-ca.crt", "ca.crt", UNDECIDED, "web", "configMap"))),
    Case("a token of a service account", """\
apiVersion: v1
kind: Secret
metadata:
  name: made
  namespace: app
  annotations: {kubernetes.io/service-account.name: robot}
type: kubernetes.io/service-account-token
""", (Need("made", "token", MET), Need("made", "ca.crt", MET), Need("made", "password", UNMET))),
    Case("reflector: copies into namespaces", """\
apiVersion: v1
kind: Secret
metadata:
  name: made
  namespace: origin
  annotations:
    reflector.v1.k8s.emberstack.com/reflection-allowed: "true"
    reflector.v1.k8s.emberstack.com/reflection-auto-enabled: "true"
    reflector.v1.k8s.emberstack.com/reflection-auto-namespaces: app
stringData: {a: x}
""", (Need("made", "a", MET), Need("made", "b", UNMET), Need("made", "a", UNMET, "web"))),
    Case("reflector: copies by a pattern may be anywhere", """\
apiVersion: v1
kind: Secret
metadata:
  name: made
  namespace: origin
  annotations:
    reflector.v1.k8s.emberstack.com/reflection-allowed: "true"
    reflector.v1.k8s.emberstack.com/reflection-auto-enabled: "true"
    reflector.v1.k8s.emberstack.com/reflection-auto-namespaces: "ap.*"
stringData: {a: x}
""", (Need("made", "a", MET), Need("made", "b", UNMET))),
    Case("reflector: allowed alone copies nothing", """\
apiVersion: v1
kind: Secret
metadata:
  name: made
  namespace: origin
  annotations: {reflector.v1.k8s.emberstack.com/reflection-allowed: "true"}
stringData: {a: x}
""", (Need("made", "a", UNMET),)),
    Case("reflector: a mirror gets its keys later", """\
apiVersion: v1
kind: Secret
metadata:
  name: made
  namespace: app
  annotations: {reflector.v1.k8s.emberstack.com/reflects: origin/made}
""", (Need("made", "a", UNDECIDED),)),
    Case("reflector: by an ExternalSecret", ES_HEAD.replace("namespace: app", "namespace: origin") + """\
  target:
    template:
      metadata:
        annotations:
          reflector.v1.k8s.emberstack.com/reflection-allowed: "true"
          reflector.v1.k8s.emberstack.com/reflection-auto-enabled: "true"
""" + ONE, (Need("made", "fetched", MET), Need("made", "other", UNMET))),
    Case("replicator: pushed and pulled", """\
apiVersion: v1
kind: Secret
metadata:
  name: made
  namespace: origin
  annotations: {replicator.v1.mittwald.de/replicate-to: "app,web"}
stringData: {a: x}
---
apiVersion: v1
kind: Secret
metadata:
  name: pulled
  namespace: app
  annotations: {replicator.v1.mittwald.de/replicate-from: origin/other}
data: {}
""", (Need("made", "a", MET), Need("made", "a", MET, "web"), Need("made", "a", UNMET, "db"),
        Need("pulled", "x", UNDECIDED))),
    Case("an operator whose keys are not known", """\
apiVersion: onepassword.com/v1
kind: OnePasswordItem
metadata: {name: made, namespace: app}
spec: {itemPath: x}
""", (Need("made", "any", UNDECIDED),)),
    Case("a connection secret of Crossplane", """\
apiVersion: database.example.org/v1
kind: Instance
metadata: {name: db, namespace: app}
spec: {writeConnectionSecretToRef: {name: made, namespace: web}}
""", (Need("made", "any", UNDECIDED, "web"), Need("made", "any", UNMET))),
)  # fmt: skip
RELEASE = """\
apiVersion: source.toolkit.fluxcd.io/v1
kind: HelmRepository
metadata: {name: apache-airflow, namespace: app}
spec: {interval: 1h, url: "https://airflow.apache.org"}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: airflow, namespace: app}
spec:
  interval: 1h
  chart: {spec: {chart: airflow, version: 1.16.0, sourceRef: {kind: HelmRepository, name: apache-airflow}}}
"""
CHARTS = (
    Case("a chart's own Secrets", RELEASE, (
        Need("airflow-metadata", "connection", MET), Need("airflow-metadata", "conn", UNMET),
        Need("airflow-metadata", "connection", UNMET, "web"), Need("airflow-fernet-key", "fernet-key", MET))),
    Case("a chart makes no Secret whose name it is given", RELEASE + """\
  values: {data: {metadataSecretName: given}}
""", (Need("given", "connection", UNMET), Need("airflow-metadata", "connection", UNDECIDED))),
    Case("a chart may make what is called like it", RELEASE, (Need("airflow-other", "x", UNDECIDED),)),
    Case("the name of a release", RELEASE + "  releaseName: prod\n", (
        Need("prod-metadata", "connection", MET), Need("airflow-metadata", "connection", UNMET))),
    Case("a target namespace", RELEASE + "  targetNamespace: web\n", (
        Need("web-airflow-metadata", "connection", MET, "web"), Need("web-airflow-metadata", "connection", UNMET))),
    Case("an unknown chart", RELEASE.replace("chart: airflow", "chart: house"), (
        Need("airflow-metadata", "connection", UNDECIDED), Need("database", "x", UNMET))),
)  # fmt: skip
KUSTOMIZATION = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
namespace: app
resources: [consumer.yaml]
"""
GENERATORS = (
    Case("a generator: literals, files, env files", {
        "app/kustomization.yaml": KUSTOMIZATION + """\
secretGenerator:
  - name: made
    literals: [a=x]
    files: [b.txt, c=b.txt]
    envs: [d.env]
""", "app/b.txt": "x", "app/d.env": "D=1\n# no\nE=2\n"}, (
        Need("made", "a", MET), Need("made", "b.txt", MET), Need("made", "c", MET), Need("made", "D", MET),
        Need("made", "E", MET), Need("made", "F", UNMET))),
    Case("a generator without a hash", {"app/kustomization.yaml": KUSTOMIZATION + """\
generatorOptions: {disableNameSuffixHash: true}
configMapGenerator:
  - {name: made, literals: [a=x]}
"""}, (Need("made", "a", MET, kind="configMap"), Need("made", "b", UNMET, kind="configMap"))),
    Case("a generator's own option", {"app/kustomization.yaml": KUSTOMIZATION + """\
configMapGenerator:
  - {name: made, literals: [a=x], options: {disableNameSuffixHash: true}}
"""}, (Need("made", "a", MET, kind="configMap"),)),
    Case("prefix and suffix are written in the pod too", {"app/kustomization.yaml": KUSTOMIZATION + """\
namePrefix: x-
secretGenerator:
  - {name: made, literals: [a=x]}
"""}, (Need("x-made", "a", MET),)),
)  # fmt: skip
CASES = [
    pytest.param(case, need, id=f"{case.id}: {need.namespace}/{need.name}[{need.key}]")
    for case in (*EXTERNAL_SECRETS, *OPERATORS, *CHARTS, *GENERATORS)
    for need in case.needs
]


@pytest.mark.parametrize(("case", "need"), CASES)
def test_a_need_and_who_meets_it(case: Case, need: Need, tmp_path: Path) -> None:
    files = dict(case.files) if isinstance(case.files, dict) else {"app/makers.yaml": case.files}
    name = need.name.removeprefix("x-") if "kustomization.yaml" in "".join(files) else need.name
    files["app/consumer.yaml"] = POD.format(name=name, key=need.key, namespace=need.namespace, kind=need.kind)
    assert answers(tmp_path, files, need) == [need.state]
