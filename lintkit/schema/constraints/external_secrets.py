"""Rules of External Secrets: secrets, the stores they come from, and secrets that are pushed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.schema.constraints.constraint import SCHEMA, Constraint, of_mapping
from lintkit.schema.constraints.forms import at_least_one, exactly_one
from lintkit.schema.constraints.reading import elements, find, first_key, has, key_of, mapping, mappings, present, text

if TYPE_CHECKING:
    from lintkit.syntax.node import Mapping, Node

_GROUP = "external-secrets.io"
_STORES = ("SecretStore", "ClusterSecretStore")
_STORE_API = "https://external-secrets.io/latest/api/spec/"
_PUSH_API = "https://external-secrets.io/latest/api/pushsecret/"
_VALIDATOR = (
    "https://github.com/external-secrets/external-secrets/blob/main/apis/externalsecrets/v1/externalsecret_validator.go"
)
_MANAGER = (
    "https://github.com/external-secrets/external-secrets/blob/v1.3.2/pkg/controllers/secretstore/client_manager.go"
)
_WEBHOOK = "the webhook of External Secrets"
_RESERVED_TAGS = ("esoNamespace", "esoStoreName", "esoStoreKind")


def _reserved_tag(self: Mapping) -> Node | None:
    found = present(self, *_RESERVED_TAGS)
    return key_of(self, found[0]) if found else None


def _pushed_to(self: Mapping) -> Node | None:
    """Each `dataTo` says its store, by name or by labels."""
    store = mapping(self, "storeRef")
    if store is None:
        return self
    return None if present(store, "name", "labelSelector") else key_of(self, "storeRef")


def _key_and_rewrite(self: Mapping) -> Node | None:
    return key_of(self, "rewrite") if has(self, "remoteKey") and elements(self, "rewrite") else None


def _deletes_what_is_not_owned(self: Mapping) -> Node | None:
    if text(self, "deletionPolicy", "Retain") == "Delete" and text(self, "creationPolicy", "Owner") in {
        "Merge",
        "None",
    }:
        return find(self, "deletionPolicy")
    return None


def _merges_into_nothing(self: Mapping) -> Node | None:
    if text(self, "deletionPolicy", "Retain") == "Merge" and text(self, "creationPolicy", "Owner") == "None":
        return find(self, "deletionPolicy")
    return None


def _without_data(self: Mapping) -> Node | None:
    return None if elements(self, "data") or elements(self, "dataFrom") else self


def _several_origins(self: Mapping) -> Node | None:
    found = present(self, "extract", "find")
    origin = mapping(self, "sourceRef")
    if origin is not None and has(origin, "generatorRef"):
        found.append("sourceRef")
    return key_of(self, found[1]) if len(found) > 1 else None


def _repeated_key(self: Mapping) -> Node | None:
    target = mapping(self, "target")
    if target is not None and text(target, "deletionPolicy", "Retain") != "Retain":
        return None
    seen: set[str] = set()
    for entry in mappings(self, "data"):
        name = text(entry, "secretKey")
        if name in seen:
            return find(entry, "secretKey")
        seen.add(name)
    return None


def _without_store(self: Mapping) -> Node | None:
    """An entry that takes from a store, where neither it nor the object names one."""
    store = mapping(self, "secretStoreRef")
    if store is not None and has(store, "name"):
        return None
    for name in ("data", "dataFrom"):
        for entry in mappings(self, name):
            origin = mapping(entry, "sourceRef")
            if origin is None or not present(origin, "storeRef", "generatorRef"):
                return first_key(entry)
    return None


def _of_secret(kind: str, path: str) -> tuple[Constraint, ...]:
    """The rules of an ExternalSecret, which a ClusterExternalSecret has inside."""
    below = f"{path}." if path else ""
    by = _WEBHOOK if kind == "ExternalSecret" else f"{_WEBHOOK}, of each ExternalSecret that comes from it"
    return (
        Constraint(
            _GROUP,
            (kind,),
            f"{below}target",
            "!has(self.deletionPolicy) || self.deletionPolicy != 'Delete' || !has(self.creationPolicy) || "
            "!(self.creationPolicy in ['Merge', 'None'])",
            "`deletionPolicy: Delete` needs a secret that External Secrets owns: `creationPolicy: Owner`",
            of_mapping(_deletes_what_is_not_owned),
            _VALIDATOR,
            by=by,
        ),
        Constraint(
            _GROUP,
            (kind,),
            f"{below}target",
            "!has(self.deletionPolicy) || self.deletionPolicy != 'Merge' || !has(self.creationPolicy) || "
            "self.creationPolicy != 'None'",
            "`deletionPolicy: Merge` has nothing to merge with where `creationPolicy` is `None`",
            of_mapping(_merges_into_nothing),
            _VALIDATOR,
            by=by,
        ),
        Constraint(
            _GROUP,
            (kind,),
            path,
            "(has(self.data) && size(self.data) > 0) || (has(self.dataFrom) && size(self.dataFrom) > 0)",
            "neither `data` nor `dataFrom` says what the secret is made of",
            of_mapping(_without_data),
            _VALIDATOR,
            by=by,
        ),
        Constraint(
            _GROUP,
            (kind,),
            f"{below}dataFrom[]",
            "(has(self.extract) ? 1 : 0) + (has(self.find) ? 1 : 0) + "
            "(has(self.sourceRef) && has(self.sourceRef.generatorRef) ? 1 : 0) <= 1",
            "`extract`, `find` and a `generatorRef` exclude each other",
            of_mapping(_several_origins),
            _VALIDATOR,
            by=by,
        ),
        Constraint(
            _GROUP,
            (kind,),
            f"{below}dataFrom[]",
            "has(self.extract) || has(self.find) || has(self.sourceRef)",
            "one of `extract`, `find` and `sourceRef` is needed",
            at_least_one("extract", "find", "sourceRef"),
            _VALIDATOR,
            by=by,
        ),
        Constraint(
            _GROUP,
            (kind,),
            path,
            "(has(self.target) && has(self.target.deletionPolicy) && self.target.deletionPolicy != 'Retain') || "
            "!has(self.data) || self.data.all(a, self.data.exists_one(b, b.secretKey == a.secretKey))",
            "the same `secretKey` is made twice",
            of_mapping(_repeated_key),
            _VALIDATOR,
            ("v1",),
            by=by,
        ),
        Constraint(
            _GROUP,
            (kind,),
            path,
            "(has(self.secretStoreRef) && has(self.secretStoreRef.name)) || "
            "((!has(self.data) || self.data.all(e, has(e.sourceRef) && "
            "(has(e.sourceRef.storeRef) || has(e.sourceRef.generatorRef)))) && "
            "(!has(self.dataFrom) || self.dataFrom.all(e, has(e.sourceRef) && "
            "(has(e.sourceRef.storeRef) || has(e.sourceRef.generatorRef)))))",
            "no store is named for this entry: `secretStoreRef` is missing",
            of_mapping(_without_store),
            _MANAGER,
            by="External Secrets",
        ),
    )


CONSTRAINTS = (
    *_of_secret("ExternalSecret", "spec"),
    *_of_secret("ClusterExternalSecret", "spec.externalSecretSpec"),
    Constraint(
        _GROUP,
        _STORES,
        "spec.provider.aws.customSessionTags",
        "!('esoNamespace' in self) && !('esoStoreName' in self) && !('esoStoreKind' in self)",
        "External Secrets sets this tag itself",
        of_mapping(_reserved_tag),
        _STORE_API,
        ("v1",),
    ),
    Constraint(
        _GROUP,
        _STORES,
        "spec.provider.doppler.auth",
        "(has(self.secretRef) && !has(self.oidcConfig)) || (!has(self.secretRef) && has(self.oidcConfig))",
        "exactly one of `secretRef` and `oidcConfig` is needed",
        exactly_one("secretRef", "oidcConfig"),
        _STORE_API,
        ("v1",),
    ),
    Constraint(
        _GROUP,
        _STORES,
        "spec.provider.nebiusmysterybox.auth",
        "has(self.serviceAccountCredsSecretRef) || has(self.tokenSecretRef)",
        "one of `serviceAccountCredsSecretRef` and `tokenSecretRef` is needed",
        at_least_one("serviceAccountCredsSecretRef", "tokenSecretRef"),
        _STORE_API,
        ("v1",),
    ),
    Constraint(
        _GROUP,
        _STORES,
        "spec.provider.pulumi",
        "(has(self.auth) && !has(self.accessToken)) || (!has(self.auth) && has(self.accessToken))",
        "exactly one of `auth` and `accessToken` is needed",
        exactly_one("auth", "accessToken"),
        _STORE_API,
        ("v1",),
    ),
    Constraint(
        _GROUP,
        _STORES,
        "spec.provider.pulumi.auth",
        "(has(self.accessToken) && !has(self.oidcConfig)) || (!has(self.accessToken) && has(self.oidcConfig))",
        "exactly one of `accessToken` and `oidcConfig` is needed",
        exactly_one("accessToken", "oidcConfig"),
        _STORE_API,
        ("v1",),
    ),
    Constraint(
        _GROUP,
        ("PushSecret",),
        "spec.dataTo[]",
        "has(self.storeRef) && (has(self.storeRef.name) || has(self.storeRef.labelSelector))",
        "no store is named: `storeRef` needs a `name` or a `labelSelector`",
        of_mapping(_pushed_to),
        _PUSH_API,
        ("v1alpha1",),
        also=SCHEMA,
    ),
    Constraint(
        _GROUP,
        ("PushSecret",),
        "spec.dataTo[]",
        "!has(self.remoteKey) || !has(self.rewrite) || size(self.rewrite) == 0",
        "`remoteKey` and `rewrite` exclude each other",
        of_mapping(_key_and_rewrite),
        _PUSH_API,
        ("v1alpha1",),
        also=SCHEMA,
    ),
    Constraint(
        _GROUP,
        ("PushSecret",),
        "spec.dataTo[].rewrite[]",
        "(has(self.regexp) && !has(self.transform)) || (!has(self.regexp) && has(self.transform))",
        "exactly one of `regexp` and `transform` is needed",
        exactly_one("regexp", "transform"),
        _PUSH_API,
        ("v1alpha1",),
        also=SCHEMA,
    ),
    Constraint(
        _GROUP,
        ("PushSecret",),
        "spec.secretStoreRefs[]",
        "has(self.name) || has(self.labelSelector)",
        "no store is named: `name` or `labelSelector` is needed",
        at_least_one("name", "labelSelector"),
        "https://github.com/external-secrets/external-secrets/blob/v1.3.2/pkg/controllers/pushsecret/"
        "pushsecret_controller.go#L598",
        by="External Secrets",
    ),
)
