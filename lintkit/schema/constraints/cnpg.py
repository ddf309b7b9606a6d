"""Rules of CloudNativePG: clusters, databases, image catalogs, roles, publications."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.schema.constraints.constraint import Constraint, of_mapping
from lintkit.schema.constraints.forms import at_most_one, exactly_one, only_with, unique
from lintkit.schema.constraints.reading import elements, find, flag, has, key_of, mapping, mappings, number, text
from lintkit.syntax.node import Scalar

if TYPE_CHECKING:
    from lintkit.schema.constraints.constraint import Check
    from lintkit.syntax.node import Mapping, Node

_GROUP = "postgresql.cnpg.io"
_API = "https://cloudnative-pg.io/documentation/current/cloudnative-pg.v1/"
_WEBHOOK = "https://github.com/cloudnative-pg/cloudnative-pg/blob/v1.27.0/internal/webhook/v1/cluster_webhook.go"
_BY = "the webhook of CloudNativePG"
_LOCALES = (("builtinLocale", "builtin"), ("icuLocale", "icu"), ("icuRules", "icu"))


def _source_of_cluster(*names: str) -> Check:
    """The cluster that is named as a source is described in `externalClusters`."""

    def judge(self: Mapping) -> Node | None:
        origin = mapping(self, *names)
        if origin is None or not text(origin, "source"):
            return None
        known = {text(cluster, "name") for cluster in mappings(self, "externalClusters")}
        return None if text(origin, "source") in known else find(origin, "source")

    return of_mapping(judge)


def _durability(self: Mapping) -> Node | None:
    if text(self, "dataDurability") != "preferred":
        return None
    has_names = elements(self, "standbyNamesPre") or elements(self, "standbyNamesPost")
    return find(self, "dataDurability") if has_names else None


def _is(word: str) -> Check:
    return lambda node: node.place if isinstance(node, Scalar) and node.text == word else None


def _reserved(*names: str) -> Check:
    return of_mapping(lambda self: find(self, "name") if text(self, "name") in names else None)


def _reserved_prefix(prefix: str) -> Check:
    return of_mapping(lambda self: find(self, "name") if text(self, "name").startswith(prefix) else None)


def _no_password(self: Mapping) -> Node | None:
    return key_of(self, "passwordSecret") if has(self, "passwordSecret") and flag(self, "disablePassword") else None


def _more_replicas(self: Mapping) -> Node | None:
    instances, replicas = number(self, "instances"), number(self, "maxSyncReplicas")
    return find(self, "maxSyncReplicas") if replicas and replicas >= (instances or 1) else None


def _sync_order(self: Mapping) -> Node | None:
    least, most = number(self, "minSyncReplicas") or 0, number(self, "maxSyncReplicas") or 0
    return find(self, "minSyncReplicas") if least > most else None


def _storage_size(self: Mapping) -> Node | None:
    if text(self, "size"):
        return None
    template = mapping(self, "pvcTemplate")
    requests = mapping(template, "resources", "requests") if template is not None else None
    return None if requests is not None and has(requests, "storage") else self


def _row(kind: str, path: str, rule: str, message: str, check: Check) -> Constraint:
    return Constraint(_GROUP, (kind,), path, rule, message, check, _API, ("v1",))


def _cluster(path: str, rule: str, message: str, check: Check, *, whole: bool = False) -> Constraint:
    return Constraint(_GROUP, ("Cluster",), path, rule, message, check, _WEBHOOK, ("v1",), by=_BY, whole=whole)


def _known_source(*names: str) -> str:
    steps = ["self", *names]
    absent = " || ".join(f"!has({'.'.join(steps[: at + 1])})" for at in range(1, len(steps)))
    where = ".".join(steps)
    return (
        f"{absent} || !has({where}.source) || {where}.source == '' || (has(self.externalClusters) && "
        f"self.externalClusters.exists(c, c.name == {where}.source))"
    )


CONSTRAINTS = (
    _row(
        "Cluster",
        "spec",
        "!(has(self.imageCatalogRef) && has(self.imageName))",
        "`imageName` and `imageCatalogRef` exclude each other",
        at_most_one("imageCatalogRef", "imageName"),
    ),
    _row(
        "Cluster",
        "spec.imageCatalogRef",
        "self.kind == 'ImageCatalog' || self.kind == 'ClusterImageCatalog'",
        "`kind` is `ImageCatalog` or `ClusterImageCatalog`",
        of_mapping(
            lambda self: (
                find(self, "kind")
                if has(self, "kind") and text(self, "kind") not in {"ImageCatalog", "ClusterImageCatalog"}
                else None
            )
        ),
    ),
    _row(
        "Cluster",
        "spec.imageCatalogRef",
        "self.apiGroup == 'postgresql.cnpg.io'",
        "`apiGroup` is `postgresql.cnpg.io`",
        of_mapping(lambda self: None if text(self, "apiGroup") == _GROUP else find(self, "apiGroup") or self),
    ),
    _row(
        "Cluster",
        "spec.postgresql.synchronous",
        "self.dataDurability!='preferred' || ((!has(self.standbyNamesPre) || self.standbyNamesPre.size()==0) && "
        "(!has(self.standbyNamesPost) || self.standbyNamesPost.size()==0))",
        "`dataDurability: preferred` takes neither `standbyNamesPre` nor `standbyNamesPost`",
        of_mapping(_durability),
    ),
    *(
        _row(
            kind,
            path,
            f"!has(self.{name}) || self.localeProvider == '{provider}'",
            f"`{name}` goes with `localeProvider: {provider}` only",
            only_with(name, "localeProvider", provider),
        )
        for kind, path in (("Cluster", "spec.bootstrap.initdb"), ("Database", "spec"))
        for name, provider in _LOCALES
    ),
    _cluster(
        "spec.bootstrap",
        "(has(self.initdb) ? 1 : 0) + (has(self.recovery) ? 1 : 0) + (has(self.pg_basebackup) ? 1 : 0) <= 1",
        "a cluster starts in one way: `initdb`, `recovery` or `pg_basebackup`",
        at_most_one("initdb", "recovery", "pg_basebackup"),
    ),
    *(
        _cluster(
            "spec",
            _known_source(*names),
            "`externalClusters` has no cluster of this name",
            _source_of_cluster(*names),
            whole=True,
        )
        for names in (("bootstrap", "recovery"), ("bootstrap", "pg_basebackup"), ("replica",))
    ),
    _cluster(
        "spec",
        "!has(self.maxSyncReplicas) || self.maxSyncReplicas == 0 || "
        "self.maxSyncReplicas < (has(self.instances) ? self.instances : 1)",
        "`maxSyncReplicas` is less than `instances`",
        of_mapping(_more_replicas),
    ),
    _cluster(
        "spec",
        "(has(self.minSyncReplicas) ? self.minSyncReplicas : 0) <= "
        "(has(self.maxSyncReplicas) ? self.maxSyncReplicas : 0)",
        "`minSyncReplicas` is at most `maxSyncReplicas`",
        of_mapping(_sync_order),
    ),
    *(
        _cluster(
            path,
            "(has(self.size) && self.size != '') || (has(self.pvcTemplate) && has(self.pvcTemplate.resources) && "
            "has(self.pvcTemplate.resources.requests) && has(self.pvcTemplate.resources.requests.storage))",
            "the size is missing: `size`, or the storage that `pvcTemplate` requests",
            of_mapping(_storage_size),
            whole=True,
        )
        for path in ("spec.storage", "spec.walStorage")
    ),
    _cluster(
        "spec.externalClusters",
        "self.all(a, self.exists_one(b, b.name == a.name))",
        "two clusters have this name",
        unique("name"),
    ),
    _cluster(
        "spec.managed.roles",
        "self.all(a, self.exists_one(b, b.name == a.name))",
        "two roles have this name",
        unique("name"),
    ),
    *(
        _row(
            kind,
            f"spec.{name}",
            f"self.all(e, self.filter(f, f.{key}==e.{key}).size() == 1)",
            message,
            unique(key),
        )
        for kind in ("ImageCatalog", "ClusterImageCatalog")
        for name, key, message in (
            ("images", "major", "two images are for this version"),
            ("componentImages", "key", "two images have this key"),
        )
    ),
    *(
        _row("Database", "spec.name", f"self != '{name}'", f"`{name}` is reserved", _is(name))
        for name in ("postgres", "template0", "template1")
    ),
    *(
        _row("DatabaseRole", "spec", f"self.name != '{name}'", f"`{name}` is reserved", _reserved(name))
        for name in ("postgres", "streaming_replica")
    ),
    *(
        _row(
            "DatabaseRole",
            "spec",
            f"!self.name.startsWith('{prefix}')",
            f"names that begin with `{prefix}` are reserved",
            _reserved_prefix(prefix),
        )
        for prefix in ("pg_", "cnpg_")
    ),
    _row(
        "DatabaseRole",
        "spec",
        "!has(self.passwordSecret) || !has(self.disablePassword) || !self.disablePassword",
        "`passwordSecret` and `disablePassword` exclude each other",
        of_mapping(_no_password),
    ),
    _row(
        "Publication",
        "spec.target",
        "(has(self.allTables) && !has(self.objects)) || (!has(self.allTables) && has(self.objects))",
        "exactly one of `allTables` and `objects` is needed",
        exactly_one("allTables", "objects"),
    ),
    _row(
        "Publication",
        "spec.target.objects[]",
        "(has(self.tablesInSchema) && !has(self.table)) || (!has(self.tablesInSchema) && has(self.table))",
        "exactly one of `tablesInSchema` and `table` is needed",
        exactly_one("tablesInSchema", "table"),
    ),
)
