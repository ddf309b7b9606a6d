"""Who makes which Secret and ConfigMap, and with which keys.

A Secret is made by a manifest, a generator, an operator or a chart. Where its keys are not known the producer is open:
a key that is asked of it is undecided, never wrong.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lintkit.model.external_secrets import produced_keys
from lintkit.syntax.node import Mapping, Node, Scalar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from lintkit.model.resource import Resource

_REFLECT = "reflector.v1.k8s.emberstack.com/"
_REPLICATE = "replicator.v1.mittwald.de/"
_CNPG_KEYS = (
    "dbname", "host", "port", "user", "username", "password", "pgpass", "uri", "jdbc-uri", "fqdn-uri", "fqdn-jdbc-uri",
)  # fmt: skip
_SYNC = "kubed.appscode.com/sync"
_GENERATED = "secret-generator.v1.mittwald.de/autogenerate"
_TOKEN_KEYS = ("token", "ca.crt", "namespace", "service-ca.crt")
_TLS_KEYS = ("tls.crt", "tls.key")


@dataclass(frozen=True, slots=True, eq=False)
class Producer:
    """One maker of one Secret or ConfigMap.

    Attributes:
        kind: `Secret` or `ConfigMap`.
        namespace: Where it is made; None for any namespace.
        name: Its name.
        resource: The object that makes it.
        node: Where a person would change its name.
        keys: Key -> where it is written.
        is_open: It may have other keys.
        owns: Whether it makes the object, rather than adding keys to one that exists.
        is_hashed: kustomize adds a content hash to the name.
    """

    kind: str
    namespace: str | None
    name: str
    resource: Resource
    node: Node
    keys: dict[str, Node] = field(default_factory=dict)
    is_open: bool = False
    owns: bool = True
    is_hashed: bool = False

    @property
    def may_have_more(self) -> bool:
        """Whether it may have keys that files do not show: an empty manifest is there for a controller to fill."""
        return self.is_open or (not self.keys and self.resource.kind == self.kind)


def producers_of(resource: Resource) -> Iterator[Producer]:
    """The Secrets and ConfigMaps that an object makes, itself included."""
    if resource.kind in {"Secret", "ConfigMap"} and not resource.group:
        yield from _manifest(resource)
        return
    make = _MAKERS.get((resource.group, resource.kind)) or _MAKERS.get(("*", resource.kind))
    if make is not None:
        yield from make(resource)
    yield from _connection_secret(resource)


def _manifest(resource: Resource) -> Iterator[Producer]:
    keys: dict[str, Node] = {}
    for name in ("data", "stringData", "binaryData"):
        data = resource.root.mapping_at(name)
        for key, _ in data.items() if data else ():
            keys[key.text] = key
    node = resource.at("metadata", "name") or resource.root
    copied = resource.annotation(f"{_REPLICATE}replicate-from") or resource.annotation(f"{_REFLECT}reflects")
    if resource.text("type") == "kubernetes.io/service-account-token":
        keys = {**dict.fromkeys(_TOKEN_KEYS, node), **keys}
    for generated in (resource.annotation(_GENERATED) or "").split(","):
        if generated.strip():
            keys.setdefault(generated.strip(), node)
    is_unknown = any("${" in key for key in keys)
    yield Producer(
        resource.kind, resource.namespace, resource.name, resource, node, keys, bool(copied) or is_unknown,
        is_hashed=resource.hashed,
    )  # fmt: skip
    yield from _copies(
        resource, resource.kind, resource.name, keys, resource.root.mapping_at("metadata", "annotations")
    )


def _copies(
    resource: Resource, kind: str, name: str, keys: dict[str, Node], annotations: Mapping | None
) -> Iterator[Producer]:
    """Copies that reflector, replicator or config-syncer make in other namespaces."""
    if annotations is None:
        return
    allowed = annotations.text(f"{_REFLECT}reflection-allowed") == "true"
    automatic = annotations.text(f"{_REFLECT}reflection-auto-enabled") == "true"
    wanted: list[str] = []
    if allowed and automatic:
        text = annotations.text(f"{_REFLECT}reflection-auto-namespaces") or annotations.text(
            f"{_REFLECT}reflection-allowed-namespaces"
        )
        wanted += (text or ".*").split(",")
    for field_name in ("replicate-to", "replication-allowed-namespaces"):
        text = annotations.text(_REPLICATE + field_name)
        wanted += text.split(",") if text else []
    if annotations.text(_SYNC) is not None:
        wanted.append(".*")
    node = resource.at("metadata", "name") or resource.root
    for namespace in wanted:
        plain = re.fullmatch(r"[a-z0-9-]+", namespace.strip()) is not None
        yield Producer(kind, namespace.strip() if plain else None, name, resource, node, keys, is_open=False)


def _external_secret(resource: Resource) -> Iterator[Producer]:
    produced = produced_keys(resource)
    if produced is None:
        return
    yield Producer(
        "Secret", resource.namespace, produced.name, resource, produced.name_node, produced.keys, produced.is_open,
        produced.makes,
    )  # fmt: skip
    annotations = resource.root.mapping_at("spec", "target", "template", "metadata", "annotations")
    yield from _copies(resource, "Secret", produced.name, produced.keys, annotations)


def _cluster_external_secret(resource: Resource) -> Iterator[Producer]:
    produced = produced_keys(resource, ("spec", "externalSecretSpec"))
    if produced is None:
        return
    name = produced.name
    if resource.at("spec", "externalSecretSpec", "target", "name") is None:
        name = resource.text("spec", "externalSecretName") or resource.name
    yield Producer("Secret", None, name, resource, produced.name_node, produced.keys, produced.is_open, produced.makes)


def _sealed_secret(resource: Resource) -> Iterator[Producer]:
    data = resource.root.mapping_at("spec", "encryptedData")
    keys: dict[str, Node] = {key.text: key for key, _ in data.items()} if data else {}
    templated = resource.root.mapping_at("spec", "template", "data")
    for key, _ in templated.items() if templated else ():
        keys[key.text] = key
    name = resource.text("spec", "template", "metadata", "name") or resource.name
    node = resource.at("metadata", "name") or resource.root
    yield Producer("Secret", resource.namespace, name, resource, node, keys)
    annotations = resource.root.mapping_at("spec", "template", "metadata", "annotations")
    yield from _copies(resource, "Secret", name, keys, annotations)


def _certificate(resource: Resource) -> Iterator[Producer]:
    node = resource.at("spec", "secretName")
    if isinstance(node, Scalar) and not node.is_null:
        keys: dict[str, Node] = dict.fromkeys((*_TLS_KEYS, "ca.crt"), node)
        has_more = resource.at("spec", "keystores") or resource.at("spec", "additionalOutputFormats")
        yield Producer("Secret", resource.namespace, node.text, resource, node, keys, has_more is not None)
        annotations = resource.root.mapping_at("spec", "secretTemplate", "annotations")
        yield from _copies(resource, "Secret", node.text, keys, annotations)


def _issuer(resource: Resource) -> Iterator[Producer]:
    node = resource.at("spec", "acme", "privateKeySecretRef", "name")
    if isinstance(node, Scalar) and not node.is_null:
        namespace = resource.namespace if resource.kind == "Issuer" else None
        yield Producer("Secret", namespace, node.text, resource, node, {"tls.key": node})


def _cnpg(resource: Resource) -> Iterator[Producer]:
    node = resource.at("metadata", "name") or resource.root
    name, namespace = resource.name, resource.namespace
    written = any(
        resource.at("spec", "bootstrap", how, "secret", "name") is not None
        for how in ("initdb", "recovery", "pg_basebackup")
    )
    if not written:
        keys: dict[str, Node] = dict.fromkeys(_CNPG_KEYS, node)
        yield Producer("Secret", namespace, f"{name}-app", resource, node, keys)
    enabled = resource.at("spec", "enableSuperuserAccess")
    if isinstance(enabled, Scalar) and enabled.value is True and resource.at("spec", "superuserSecret") is None:
        yield Producer("Secret", namespace, f"{name}-superuser", resource, node, dict.fromkeys(_CNPG_KEYS, node))
    yield Producer("Secret", namespace, f"{name}-ca", resource, node, dict.fromkeys(("ca.crt", "ca.key"), node))
    for suffix in ("server", "replication"):
        yield Producer("Secret", namespace, f"{name}-{suffix}", resource, node, dict.fromkeys(_TLS_KEYS, node))


def _bucket_claim(resource: Resource) -> Iterator[Producer]:
    node = resource.at("metadata", "name") or resource.root
    secret: dict[str, Node] = dict.fromkeys(("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), node)
    config: dict[str, Node] = dict.fromkeys(
        ("BUCKET_HOST", "BUCKET_NAME", "BUCKET_PORT", "BUCKET_REGION", "BUCKET_SUBREGION"), node
    )
    yield Producer("Secret", resource.namespace, resource.name, resource, node, secret)
    yield Producer("ConfigMap", resource.namespace, resource.name, resource, node, config)


def _bundle(resource: Resource) -> Iterator[Producer]:
    """trust-manager: a Bundle makes a ConfigMap (or Secret) of its name in every namespace it selects."""
    node = resource.at("metadata", "name") or resource.root
    for target, kind in (("configMap", "ConfigMap"), ("secret", "Secret")):
        key = resource.at("spec", "target", target, "key")
        if isinstance(key, Scalar):
            has_more = resource.at("spec", "target", "additionalFormats") is not None
            yield Producer(kind, None, resource.name, resource, node, {key.text: key}, has_more)


def _named(*path: str, namespace: tuple[str, ...] = ()) -> Callable[[Resource], Iterator[Producer]]:
    """A maker whose Secret's name stands at a path, and whose keys are not known."""

    def make(resource: Resource) -> Iterator[Producer]:
        node = resource.at(*path)
        if isinstance(node, Scalar) and not node.is_null and node.text:
            where = (resource.text(*namespace) if namespace else None) or resource.namespace
            yield Producer("Secret", where, node.text, resource, node, is_open=True)

    return make


def _derived(*patterns: str) -> Callable[[Resource], Iterator[Producer]]:
    """A maker whose Secrets' names are made of its own, and whose keys are not known."""

    def make(resource: Resource) -> Iterator[Producer]:
        node = resource.at("metadata", "name") or resource.root
        for pattern in patterns:
            yield Producer(
                "Secret", resource.namespace, pattern.format(name=resource.name), resource, node, is_open=True
            )

    return make


def _crunchy(resource: Resource) -> Iterator[Producer]:
    node = resource.at("metadata", "name") or resource.root
    users = [user.text("name") or "" for user in resource.root.mappings_at("spec", "users")] or [resource.name]
    for user in users:
        yield Producer("Secret", resource.namespace, f"{resource.name}-pguser-{user}", resource, node, is_open=True)


def _object_store_user(resource: Resource) -> Iterator[Producer]:
    store = resource.text("spec", "store") or ""
    node = resource.at("metadata", "name") or resource.root
    keys: dict[str, Node] = dict.fromkeys(("AccessKey", "SecretKey", "Endpoint"), node)
    name = f"rook-ceph-object-user-{store}-{resource.name}"
    yield Producer("Secret", resource.namespace, name, resource, node, keys, is_open=True)


def _policy(resource: Resource) -> Iterator[Producer]:
    """Kyverno: what a rule generates or clones, often in every namespace; names that hold `{{ }}` are decided there."""
    for rule in resource.root.mappings_at("spec", "rules"):
        made = rule.mapping_at("generate")
        name = made.get("name") if made else None
        kind = made.text("kind") if made else None
        if made is not None and kind in {"Secret", "ConfigMap"} and isinstance(name, Scalar) and "{{" not in name.text:
            namespace = made.text("namespace") or ""
            yield Producer(kind, None if "{{" in namespace else namespace, name.text, resource, name, is_open=True)


def _cluster_secret(resource: Resource) -> Iterator[Producer]:
    """clustersecret.io: a Secret of its name in every namespace that it matches."""
    node = resource.at("metadata", "name") or resource.root
    yield Producer("Secret", None, resource.name, resource, node, is_open=True)


_MAKERS: dict[tuple[str, str], Callable[[Resource], Iterator[Producer]]] = {
    ("external-secrets.io", "ExternalSecret"): _external_secret,
    ("external-secrets.io", "ClusterExternalSecret"): _cluster_external_secret,
    ("bitnami.com", "SealedSecret"): _sealed_secret,
    ("cert-manager.io", "Certificate"): _certificate,
    ("cert-manager.io", "Issuer"): _issuer,
    ("cert-manager.io", "ClusterIssuer"): _issuer,
    ("postgresql.cnpg.io", "Cluster"): _cnpg,
    ("objectbucket.io", "ObjectBucketClaim"): _bucket_claim,
    ("trust.cert-manager.io", "Bundle"): _bundle,
    ("onepassword.com", "OnePasswordItem"): _derived("{name}"),
    ("secrets.hashicorp.com", "VaultStaticSecret"): _named("spec", "destination", "name"),
    ("secrets.hashicorp.com", "VaultDynamicSecret"): _named("spec", "destination", "name"),
    ("secrets.infisical.com", "InfisicalSecret"): _named("spec", "managedSecretReference", "secretName"),
    ("secrets.doppler.com", "DopplerSecret"): _named("spec", "managedSecret", "name"),
    ("k8s.bitwarden.com", "BitwardenSecret"): _named("spec", "secretName"),
    ("ricoberger.de", "VaultSecret"): _derived("{name}"),
    ("postgres-operator.crunchydata.com", "PostgresCluster"): _crunchy,
    ("ceph.rook.io", "CephObjectStoreUser"): _object_store_user,
    ("rabbitmq.com", "RabbitmqCluster"): _derived("{name}-default-user"),
    ("kafka.strimzi.io", "KafkaUser"): _derived("{name}"),
    ("kafka.strimzi.io", "Kafka"): _derived("{name}-cluster-ca-cert", "{name}-clients-ca-cert"),
    ("elasticsearch.k8s.elastic.co", "Elasticsearch"): _derived(
        "{name}-es-elastic-user", "{name}-es-http-certs-public"
    ),
    ("cluster.x-k8s.io", "Cluster"): _derived("{name}-kubeconfig"),
    ("kyverno.io", "ClusterPolicy"): _policy,
    ("kyverno.io", "Policy"): _policy,
    ("clustersecret.io", "ClusterSecret"): _cluster_secret,
    ("secretgen.k14s.io", "Password"): _derived("{name}"),
    ("secretgen.carvel.dev", "SecretImport"): _derived("{name}"),
    ("secretgenerator.mittwald.de", "StringSecret"): _derived("{name}"),
    ("infra.contrib.fluxcd.io", "Terraform"): _named("spec", "writeOutputsToSecret", "name"),
}


def _connection_secret(resource: Resource) -> Iterator[Producer]:
    """Crossplane's common field, of whatever kind."""
    node = resource.at("spec", "writeConnectionSecretToRef", "name")
    if isinstance(node, Scalar) and not node.is_null:
        namespace = resource.text("spec", "writeConnectionSecretToRef", "namespace") or resource.namespace
        yield Producer("Secret", namespace, node.text, resource, node, is_open=True)


def makes_claim(resource: Resource, name: str) -> bool:
    """Whether a StatefulSet, or a pod with an ephemeral volume, makes a PersistentVolumeClaim of a name."""
    own = re.escape(resource.name)
    if (resource.group, resource.kind) == ("apps", "StatefulSet"):
        templates = resource.root.mappings_at("spec", "volumeClaimTemplates")
        claims = [f"{re.escape(one.text_at('metadata', 'name') or '')}-{own}-[0-9]+" for one in templates]
        pod, volumes = f"{own}-[0-9]+", resource.root.mappings_at("spec", "template", "spec", "volumes")
    elif (resource.group, resource.kind) == ("", "Pod"):
        claims, pod, volumes = [], own, resource.root.mappings_at("spec", "volumes")
    else:
        return False
    claims += [f"{pod}-{re.escape(one.text('name') or '')}" for one in volumes if "ephemeral" in one.entries]
    return any(re.fullmatch(claim, name) for claim in claims)


def index(resources: Iterable[Resource]) -> dict[tuple[str, str], list[Producer]]:
    """(kind, name) -> producers, in whatever namespace."""
    found: dict[tuple[str, str], list[Producer]] = {}
    for resource in resources:
        for producer in producers_of(resource):
            found.setdefault((producer.kind, producer.name), []).append(producer)
    return found
