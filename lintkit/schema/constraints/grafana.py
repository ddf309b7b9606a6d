"""Rules of the Grafana operator: dashboards, data sources, folders, alert rules, contact points."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.schema.constraints.constraint import SCHEMA, Constraint
from lintkit.schema.constraints.forms import at_least_one, at_most_one, exactly_one, not_beside

if TYPE_CHECKING:
    from lintkit.schema.constraints.constraint import Check

_GROUP = "grafana.integreatly.org"
_API = "https://grafana.github.io/grafana-operator/docs/api/"
_CODE = "https://github.com/grafana/grafana-operator/blob/v5.20.0/controllers/content/fetchers/"
_CONTENTS = ("configMapRef", "grafanaCom", "gzipJson", "json", "jsonnet", "jsonnetLib", "url")
_COUNT = " + ".join(f"(has(self.{name}) ? 1 : 0)" for name in _CONTENTS)


def _row(kinds: tuple[str, ...], path: str, rule: str, message: str, check: Check, also: str = "") -> Constraint:
    return Constraint(_GROUP, kinds, path, rule, message, check, _API, ("v1beta1",), also=also)


def _one_of_two(first: str, second: str) -> str:
    """The way in which the operator says that two fields exclude each other."""
    return (
        f"(has(self.{first}) && !(has(self.{second}))) || (has(self.{second}) && !(has(self.{first}))) || "
        f"!(has(self.{second}) && (has(self.{first})))"
    )


CONSTRAINTS = (
    _row(
        ("GrafanaDashboard", "GrafanaLibraryPanel"),
        "spec",
        _one_of_two("folderUID", "folderRef"),
        "`folderUID` and `folderRef` exclude each other",
        at_most_one("folderUID", "folderRef"),
    ),
    _row(
        ("GrafanaDashboard",),
        "spec",
        "(has(self.folder) && !(has(self.folderRef) || has(self.folderUID))) || !(has(self.folder))",
        "`folder` excludes `folderRef` and `folderUID`",
        not_beside("folder", "folderRef", "folderUID"),
    ),
    _row(
        ("GrafanaFolder",),
        "spec",
        _one_of_two("parentFolderUID", "parentFolderRef"),
        "`parentFolderUID` and `parentFolderRef` exclude each other",
        at_most_one("parentFolderUID", "parentFolderRef"),
    ),
    _row(
        ("GrafanaAlertRuleGroup",),
        "spec",
        "(has(self.folderUID) && !(has(self.folderRef))) || (has(self.folderRef) && !(has(self.folderUID)))",
        "exactly one of `folderUID` and `folderRef` is needed",
        exactly_one("folderUID", "folderRef"),
    ),
    _row(
        ("GrafanaDatasource",),
        "spec.valuesFrom[].valueFrom",
        "(has(self.configMapKeyRef) && !has(self.secretKeyRef)) || "
        "(!has(self.configMapKeyRef) && has(self.secretKeyRef))",
        "exactly one of `configMapKeyRef` and `secretKeyRef` is needed",
        exactly_one("configMapKeyRef", "secretKeyRef"),
        SCHEMA,
    ),
    _row(
        ("GrafanaContactPoint",),
        "spec.valuesFrom[].valueFrom",
        "(has(self.configMapKeyRef) && !has(self.secretKeyRef)) || "
        "(!has(self.configMapKeyRef) && has(self.secretKeyRef))",
        "exactly one of `configMapKeyRef` and `secretKeyRef` is needed",
        exactly_one("configMapKeyRef", "secretKeyRef"),
    ),
    *(
        _row(
            ("Grafana",),
            path,
            "(has(self.insecureSkipVerify) && !(has(self.certSecretRef))) || "
            "(has(self.certSecretRef) && !(has(self.insecureSkipVerify)))",
            "exactly one of `insecureSkipVerify` and `certSecretRef` is needed",
            exactly_one("insecureSkipVerify", "certSecretRef"),
        )
        for path in ("spec.client.tls", "spec.external.tls")
    ),
    Constraint(
        _GROUP,
        ("GrafanaDashboard",),
        "spec",
        f"{_COUNT} <= 1",
        "a dashboard has one source, this is a second one",
        at_most_one(*_CONTENTS),
        _CODE,
        ("v1beta1",),
        by="the Grafana operator",
    ),
    Constraint(
        _GROUP,
        ("GrafanaDashboard",),
        "spec",
        f"{_COUNT} >= 1",
        "a dashboard needs a source, such as `json`, `url`, `grafanaCom` or `configMapRef`",
        at_least_one(*_CONTENTS),
        _CODE,
        ("v1beta1",),
        by="the Grafana operator",
        whole=True,
    ),
)
