"""Helm values held against the charts that a folder of `schemas:` keeps, a chart of the tree, and the store."""

from __future__ import annotations

import json
import textwrap
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from lintkit import engine
from lintkit.options import Options
from lintkit.schema.values import coalesced

if TYPE_CHECKING:
    from pathlib import Path

    from lintkit.finding import Finding

SCHEMA = {
    "type": "object",
    "additionalProperties": False,
    "required": ["host"],
    "properties": {
        "replicaCount": {"type": "integer"},
        "host": {"type": "string"},
        "image": {"type": "object", "properties": {"tag": {"type": "string"}}, "additionalProperties": False},
        "global": {},
    },
}
DEFAULTS = "replicaCount: 1\nhost: hello\nimage:\n  tag: latest\n"


def release(values: str, version: str = "1.2.0", more: str = "") -> str:
    return (
        textwrap.dedent(f"""\
            apiVersion: helm.toolkit.fluxcd.io/v2
            kind: HelmRelease
            metadata:
              name: hello
              namespace: web
            spec:
              interval: 1h
              chart:
                spec:
                  chart: hello
                  version: {version}
                  sourceRef:
                    kind: HelmRepository
                    name: charts
            """)
        + textwrap.indent(textwrap.dedent(more), "  ")
        + "  values:\n"
        + textwrap.indent(textwrap.dedent(values), "    ")
    )


def keep(folder: Path, version: str, schema: dict[str, object] | None = None, values: str = DEFAULTS) -> None:
    """A chart of which the schema and the defaults are kept."""
    chart = folder / "charts" / "hello" / version
    chart.mkdir(parents=True)
    (chart / "values.yaml").write_text(values, "utf-8")
    if schema is not None:
        (chart / "values.schema.json").write_text(json.dumps(schema), "utf-8")


def pack(folder: Path, files: dict[str, str]) -> None:
    """A whole chart, in a folder with its Chart.yaml."""
    for path, text in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text, "utf-8")


def findings(root: Path, text: str, **files: str) -> list[tuple[str, int, str, str]]:
    """(rule, line, severity, message) of what is said of the values."""
    tree = root / "tree"
    (tree / "web").mkdir(parents=True, exist_ok=True)
    (tree / "web" / "hello.yaml").write_text(text, "utf-8")
    for name, content in files.items():
        (tree / "web" / f"{name}.yaml").write_text(content, "utf-8")
    options = replace(Options(), schemas=(str(root / "schemas"),))
    report = engine.check(tree, root=tree, options=options)
    assert not report.failures
    return [_told(one) for one in report.findings if one.rule.endswith("-helm-value") or one.rule in RULES]


RULES = {"misplaced-field", "unquoted-string", "unknown-field"}


def _told(finding: Finding) -> tuple[str, int, str, str]:
    return finding.rule, finding.position[0], str(finding.severity), finding.message


def test_the_very_version_decides(tmp_path: Path) -> None:
    keep(tmp_path / "schemas", "1.2.0", SCHEMA)
    assert findings(tmp_path, release("replicas: 2\nimage:\n  tags: v1\nreplicaCount: many\n")) == [
        ("unknown-helm-value", 16, "error", "`replicas` is no field of the values of chart `hello`"),
        ("unknown-helm-value", 18, "error", "`tags` is no field of `image`; did you mean `tag`?"),
        ("invalid-helm-value", 19, "error", "`replicaCount` is text, expected a whole number"),
    ]


def test_a_number_where_text_is_wanted_is_quoted(tmp_path: Path) -> None:
    keep(tmp_path / "schemas", "1.2.0", SCHEMA)
    rule, line, severity, message = findings(tmp_path, release("image:\n  tag: 1.10\n"))[0]
    assert (rule, line, severity) == ("unquoted-string", 17, "error")
    assert "quote it" in message


def test_null_takes_a_default_away(tmp_path: Path) -> None:
    keep(tmp_path / "schemas", "1.2.0", SCHEMA)
    told = findings(tmp_path, release("host: null\n"))
    assert told == [("invalid-helm-value", 15, "error", "the values of chart `hello` lack `host`")] or told
    assert findings(tmp_path, release("replicaCount: null\n")) == []


def test_what_other_objects_may_bring_is_not_missing(tmp_path: Path) -> None:
    keep(tmp_path / "schemas", "1.2.0", SCHEMA)
    more = "valuesFrom:\n  - kind: Secret\n    name: elsewhere\n"
    assert findings(tmp_path, release("host: null\n", more=more)) == []
    target = "valuesFrom:\n  - kind: Secret\n    name: elsewhere\n    targetPath: image.tag\n"
    assert findings(tmp_path, release("image: {}\n", more=target)) == []


def test_values_of_a_config_map_count(tmp_path: Path) -> None:
    keep(tmp_path / "schemas", "1.2.0", SCHEMA)
    more = "valuesFrom:\n  - kind: ConfigMap\n    name: hello-values\n"
    config = (
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: hello-values\n  namespace: web\n"
        "data:\n  values.yaml: |\n    hosts: a\n"
    )
    told = findings(tmp_path, release("replicaCount: 2\n", more=more), config=config)
    assert told == [
        ("unknown-helm-value", 8, "error", "`hosts` is no field of the values of chart `hello`; did you mean `host`?")
    ]


def test_variables_are_not_judged(tmp_path: Path) -> None:
    keep(tmp_path / "schemas", "1.2.0", SCHEMA)
    assert findings(tmp_path, release("replicaCount: ${REPLICAS}\nhost: ${HOST}\n")) == []


def test_another_version_warns_where_both_neighbours_agree(tmp_path: Path) -> None:
    keep(tmp_path / "schemas", "1.1.0", SCHEMA)
    newer = {**SCHEMA, "properties": {**SCHEMA["properties"], "extra": {}}}  # type: ignore[dict-item]
    keep(tmp_path / "schemas", "1.4.0", newer)
    told = findings(tmp_path, release("extra: 1\nreplicas: 2\n"))
    assert [one[:3] for one in told] == [("unknown-helm-value", 17, "warning")]
    assert "(by chart `hello` 1.1.0 and 1.4.0; this release has 1.2.0)" in told[0][3]


def test_one_neighbour_alone_is_heard_only_where_a_close_name_is_known(tmp_path: Path) -> None:
    keep(tmp_path / "schemas", "1.1.0", SCHEMA)
    assert findings(tmp_path, release("extra: 1\n")) == []
    assert [one[0] for one in findings(tmp_path, release("hosts: a\n"))] == ["unknown-helm-value"]
    assert findings(tmp_path, release("hosts: a\n", version="2.0.0")) == []
    assert findings(tmp_path, release("hosts: a\n", version='">=1.0.0"')) == []


def test_without_a_schema_only_close_names_count(tmp_path: Path) -> None:
    keep(tmp_path / "schemas", "1.2.0", values=f"{DEFAULTS}# resources: {{}}\n")
    told = findings(tmp_path, release("replicasCount: 2\nresources: {}\nextraThing: 1\n_shared: 1\n"))
    assert told == [
        (
            "unknown-helm-value", 16, "warning",
            "`replicasCount` is no field of the values of chart `hello`: no default names it; did you mean `replicaCount`?",  # noqa: E501
        )
    ]  # fmt: skip


CHART = {
    "Chart.yaml": "apiVersion: v2\nname: hello\nversion: 1.2.0\n",
    "values.yaml": f"{DEFAULTS}podAnnotations: {{}}\n",
    "templates/app.yaml": "a: {{ .Values.replicaCount }}\nb: {{ .Values.image.tag }}\nc: {{ .Values.extraEnv }}\n"
    "d: {{ .Values.host }}\ne: {{ toYaml .Values.podAnnotations }}\n",
}


def test_with_templates_at_hand_a_key_that_none_reads_is_unknown(tmp_path: Path) -> None:
    pack(tmp_path / "schemas" / "hello", CHART)
    values = "extraEnv: []\npodAnnotations:\n  a: b\nimage:\n  tag: v1\n  pullSecret: x\nserviceMonitor: {}\n"
    assert findings(tmp_path, release(values)) == [
        ("unknown-helm-value", 21, "error", "`pullSecret` is no field of `image`: no template of the chart reads it"),
        (
            "unknown-helm-value", 22, "error",
            "`serviceMonitor` is no field of the values of chart `hello`: no template of the chart reads it",
        ),
    ]  # fmt: skip


def test_templates_that_hand_the_values_on_may_read_anything(tmp_path: Path) -> None:
    pack(tmp_path / "schemas" / "hello", CHART | {"templates/all.yaml": "{{ toYaml .Values }}"})
    assert findings(tmp_path, release("serviceMonitor: {}\n")) == []


PARENT = {
    "Chart.yaml": "apiVersion: v2\nname: hello\nversion: 1.2.0\ndependencies:\n"
    "  - {name: db, alias: database, version: 1.0.0, condition: database.enabled}\n",
    "values.yaml": "database:\n  enabled: true\n",
    "templates/app.yaml": "a: {{ .Values.host }}\n",
    "charts/db/Chart.yaml": "apiVersion: v2\nname: db\nversion: 1.0.0\n",
    "charts/db/values.yaml": "port: 5432\nenabled: true\n",
    "charts/db/values.schema.json": json.dumps(
        {"properties": {"port": {"type": "integer"}, "enabled": {}, "global": {}}, "additionalProperties": False}
    ),
}


def test_a_subchart_judges_its_own_values(tmp_path: Path) -> None:
    pack(tmp_path / "schemas" / "hello", PARENT)
    assert findings(tmp_path, release("database:\n  ports: 1\n")) == [
        ("unknown-helm-value", 17, "error", "`ports` is no field of `database`; did you mean `port`?")
    ]
    assert findings(tmp_path, release("database:\n  enabled: false\n  ports: 1\n")) == []
    assert findings(tmp_path, release("global:\n  zone: a\n")) == []


def test_values_beside_values_belong_below_them(tmp_path: Path) -> None:
    keep(tmp_path / "schemas", "1.2.0", SCHEMA)
    told = findings(tmp_path, release("host: a\n", more="replicaCount: 2\n"))
    assert told == [
        ("misplaced-field", 15, "error", "`replicaCount` is no field of `spec`; it belongs under `spec.values`")
    ]


def test_a_chart_of_the_tree_itself(tmp_path: Path) -> None:
    pack(tmp_path / "tree" / "charts" / "hello", {**CHART, "values.schema.json": json.dumps(SCHEMA)})
    text = (
        release("hosts: a\n")
        .replace("chart: hello\n", "chart: ./charts/hello\n")
        .replace("HelmRepository", "GitRepository")
    )
    (tmp_path / "schemas").mkdir()
    assert [one[:3] for one in findings(tmp_path, text)] == [("unknown-helm-value", 16, "error")]


def test_a_broken_schema_of_a_chart_says_nothing(tmp_path: Path) -> None:
    keep(tmp_path / "schemas", "1.2.0", {"type": "no such type"})
    assert findings(tmp_path, release("replicas: 2\n")) == []


@pytest.mark.parametrize(
    ("base", "over", "expected"),
    [
        ({"a": {"b": 1, "c": 2}}, {"a": {"b": 3}}, {"a": {"b": 3, "c": 2}}),
        ({"a": {"b": 1}}, {"a": None}, {}),
        ({"a": {"b": 1}}, {"a": {"b": None}}, {"a": {}}),
        ({"a": [1, 2]}, {"a": [3]}, {"a": [3]}),
        ({"a": 1}, {"a": {"b": None, "c": 1}}, {"a": {"c": 1}}),
    ],
)
def test_values_merge_as_helm_merges_them(
    base: dict[str, object], over: dict[str, object], expected: dict[str, object]
) -> None:
    assert coalesced(base, over) == expected


def test_a_hostile_default_says_nothing(tmp_path: Path) -> None:
    keep(tmp_path / "schemas", "1.2.0", values="a: " + "[" * 500_000)
    assert findings(tmp_path, release("replicas: 2\n")) == []
