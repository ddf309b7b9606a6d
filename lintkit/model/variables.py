"""The variables of a Flux Kustomization: what `postBuild` defines, and what the objects that it names hold."""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING

from lintkit.model.external_secrets import produced_keys
from lintkit.model.flux import named
from lintkit.model.substitution import NONE, Variables
from lintkit.syntax.node import Node, Scalar

if TYPE_CHECKING:
    from lintkit.model.cluster import Cluster
    from lintkit.model.flux import FluxKustomization
    from lintkit.model.resource import Resource


def variables_of(view: FluxKustomization, cluster: Cluster) -> Variables:
    """The variables of a Flux Kustomization's `postBuild`."""
    post_build = view.post_build
    if post_build is None:
        return NONE
    values: dict[str, str | None] = {}
    origins: dict[str, Node] = {}
    is_open = False
    for index in range(len(post_build.elements_at("substituteFrom"))):
        reference = named(view.resource, "spec", "postBuild", "substituteFrom", index)
        if reference is None or "${" in reference.name:
            is_open = True
            continue
        known = known_data(cluster, reference.kind, view.namespace, reference.name)
        if known is None:
            is_open = True
            continue
        is_open = is_open or known.is_open
        values.update(known.values)
        origins.update(known.origins)
    inline = post_build.mapping_at("substitute")
    for key, value in inline.items() if inline else ():
        values[key.text] = value.text if isinstance(value, Scalar) and "${" not in value.text else None
        origins[key.text] = key
    always = view.resource.text("spec", "postBuild", "substituteStrategy") == "Always"
    return Variables(values, origins, is_open, bool(values) or is_open or always)


def known_data(cluster: Cluster, kind: str, namespace: str, name: str) -> Variables | None:
    """The keys and, where they can be read, the values of a ConfigMap or Secret; None when nothing produces it."""
    found = cluster.find("", kind, namespace, name)
    if found is None and not namespace:
        found = next(iter(cluster.named("", kind, name)), None)
    if found is not None:
        return _data_of(found)
    if kind != "Secret":
        return None
    for producer in cluster.of_kind("external-secrets.io", "ExternalSecret"):
        produced = produced_keys(producer)
        if produced is not None and produced.name == name and producer.namespace == namespace:
            return Variables(dict.fromkeys(produced.keys), produced.keys, produced.is_open, is_on=True)
    for sealed in cluster.of_kind("bitnami.com", "SealedSecret"):
        if sealed.name == name and sealed.namespace == namespace:
            data = sealed.root.mapping_at("spec", "encryptedData")
            keys: dict[str, Node] = {key.text: key for key, _ in data.items()} if data else {}
            return Variables(dict.fromkeys(keys), keys, is_on=True)
    return None


def _data_of(resource: Resource) -> Variables:
    values: dict[str, str | None] = {}
    origins: dict[str, Node] = {}
    encrypted = "sops" in resource.root.entries
    for field_name in ("data", "stringData", "binaryData"):
        data = resource.root.mapping_at(field_name)
        for key, node in data.items() if data else ():
            text = node.text if isinstance(node, Scalar) else None
            if encrypted or (text is not None and text.startswith("ENC[")):
                text = None
            elif text is not None and resource.kind == "Secret" and field_name == "data":
                text = _decoded(text)
            values[key.text] = text
            origins[key.text] = key
    return Variables(values, origins, is_on=True)


def _decoded(text: str) -> str | None:
    try:
        return b64decode(text, validate=True).decode()
    except ValueError:
        return None
