"""Errors of a validator become statements about fields: what is there, what was expected, what was meant, and where."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Any

import pytest

from lintkit.schema.explain import explain
from lintkit.schema.shapes import compile_shape
from lintkit.schema.structural import closed
from lintkit.schema.validation import plain
from lintkit.schema.validator import _Fast, _Portable
from lintkit.schema.violation import Subject
from lintkit.syntax.parser import parse
from lintkit.text.source import Source

if TYPE_CHECKING:
    from collections.abc import Callable

    from lintkit.schema.validator import Validator
    from lintkit.schema.violation import Violation
    from lintkit.syntax.node import Mapping

VALIDATORS = [pytest.param(_Fast, id="jsonschema-rs"), pytest.param(_Portable, id="jsonschema")]
SHAPE = """\
definitions:
  provider: {name!: string, region: string}
shape:
  replicas: int(0..)
  interval: duration
  size: quantity
  mode: enabled | disabled
  host: {$is: string, $max: 20}
  paused: bool
  labels: {$is: map string, $names: port-name}
  values: any
  at: date-time
  port: int-or-string
  hosts: {$is: [string], $min: 1, $unique: true}
  template:
    metadata: {labels: map string}
    serviceAccountName: string
    containers:
      - name!: string
        image!: string
        args: [string]
        resources: {limits: map quantity}
  replacement: {new: string}
  provider:
    $is:
      aws: "@provider"
      azure: "@provider"
    $min: 1
    $max: 1
  one:
    $is: {a: string, b: string}
    $oneOf: [{required: [a]}, {required: [b]}]
  pair:
    $is: {a: string, b: string}
    $not: {required: [a, b]}
  strategy:
    $is: {type: string, rolling: object}
    $not: {required: [type, rolling], properties: {type: {enum: [Recreate]}}}
  source:
    $anyOf:
      - {kind!: const Git, branch!: string}
      - {kind!: const Bucket, bucket!: string, region: string}
"""


def _schema() -> dict[str, Any]:
    root: Any = parse(Source("shape.yaml", SHAPE)).documents[0].root
    schema = closed(compile_shape(root.entries["shape"], root.entries["definitions"]), close=False)
    schema["properties"]["replacement"]["properties"]["old"] = False
    schema["properties"]["fixed"] = {"const": "on"}
    return schema


SCHEMA = _schema()
COMPILED: dict[str, Validator] = {}


def violations(text: str, make: Callable[[dict[str, Any]], Validator] = _Fast) -> list[Violation]:
    """What is wrong with a mapping."""
    root: Any = parse(Source("app.yaml", textwrap.dedent(text))).documents[0].root
    validator = COMPILED.setdefault(make.__name__, make(SCHEMA))
    return list(explain(validator.errors(plain(root)), Subject(root, SCHEMA, "a Cup")))


def said(text: str, make: Callable[[dict[str, Any]], Validator] = _Fast) -> list[tuple[str, str, str]]:
    """Each violation as `line:column`, rule and message."""
    found = []
    for one in violations(text, make):
        line, column = one.place.source.position(one.place.span.start)
        found.append((f"{line}:{column}", one.rule, one.message))
    return sorted(found)


CASES = [
    # unknown, misspelled and misplaced fields
    ("replica: 1", ("1:1", "unknown-field", "`replica` is no field of a Cup; did you mean `replicas`?")),
    ("service_account: a", ("1:1", "unknown-field", "`service_account` is no field of a Cup")),
    ("serviceAccountName: a", (
        "1:1", "misplaced-field", "`serviceAccountName` is no field of a Cup; it belongs under `template`",
    )),
    ("template:\n  containers:\n    - name: a\n      image: b\n      replicas: 3", (
        "5:7", "misplaced-field", "`replicas` is no field of `template.containers[0]`; it belongs at the top level",
    )),
    ("template:\n  containers:\n    - name: a\n      image: b\n      limits:\n        cpu: 1", (
        "5:7",
        "misplaced-field",
        "`limits` is no field of `template.containers[0]`; it belongs under `template.containers[0].resources`",
    )),
    ("template:\n  metadata:\n    name: a", ("3:5", "unknown-field", "`name` is no field of `template.metadata`")),
    ("replacement: {old: a}", ("1:15", "unknown-field", "`old` is no field of `replacement`")),
    ("intervall: 5m", ("1:1", "unknown-field", "`intervall` is no field of a Cup; did you mean `interval`?")),
    ("provider: {aw: {name: a}}", ("1:12", "unknown-field", "`aw` is no field of `provider`; did you mean `aws`?")),
    # missing fields
    ("template:\n  containers:\n    - name: a", ("3:7", "missing-field", "`template.containers[0]` lacks `image`")),
    ("provider:\n  aws:\n    region: x", ("2:3", "missing-field", "`provider.aws` lacks `name`")),
    # types
    ("replicas: three", ("1:11", "wrong-type", "`replicas` is text, expected a whole number")),
    ("replicas: 1.5", ("1:11", "wrong-type", "`replicas` is a number, expected a whole number")),
    ("paused: 'true'", ("1:9", "wrong-type", "`paused` is text, expected true or false")),
    ("hosts: a", ("1:8", "wrong-type", "`hosts` is text, expected a list")),
    ("template: [a]", ("1:1", "wrong-type", "`template` is a list, expected a mapping")),
    ("template:\n  containers:\n    name: a", (
        "2:3", "wrong-type", "`template.containers` is a mapping, expected a list",
    )),
    ("port: true", ("1:7", "wrong-type", "`port` is true or false, expected a whole number or text")),
    ("template:\n  containers:\n    - name: a\n      image: b\n      args: [8080]", (
        "5:14",
        "unquoted-string",
        "`8080` at `template.containers[0].args[0]` is a whole number, and text is expected: quote it",
    )),
    ("template:\n  metadata:\n    labels:\n      a.b/c: true", (
        "4:14",
        "unquoted-string",
        '`true` at `template.metadata.labels["a.b/c"]` is true or false, and text is expected: quote it',
    )),
    # values
    ("replicas: -1", ("1:11", "invalid-value", "`-1` is no value of `replicas`: expected 0 or more")),
    ("mode: enable", (
        "1:7",
        "invalid-value",
        "`enable` is no value of `mode`: expected `enabled` or `disabled`; did you mean `enabled`?",
    )),
    ("mode: ''", ("1:7", "invalid-value", "the empty value of `mode`: expected `enabled` or `disabled`")),
    ("interval: 5 minutes", (
        "1:11", "invalid-value", "`5 minutes` is no value of `interval`: expected a duration such as `5m` or `1h30m`",
    )),
    ("size: 5GB", ("1:7", "invalid-value", "`5GB` is no value of `size`: expected a quantity such as `500m` or `2Gi`")),
    ("host: a.very.long.host.example.com", (
        "1:7", "invalid-value", "`a.very.long.host.example.com` is no value of `host`: expected 20 characters or fewer",
    )),
    ("at: tomorrow", ("1:5", "invalid-value", "the value of `at`: expected a time such as `2026-01-31T12:00:00Z`")),
    ("labels:\n  HTTP: a", (
        "2:3",
        "invalid-value",
        "the key `HTTP` of `labels`: expected at most 15 lower case letters, digits and `-`, with a letter among them",
    )),
    ("hosts: []", ("1:1", "invalid-value", "`hosts`: expected 1 element or more")),
    ("hosts: [a, a]", ("1:1", "invalid-value", "`hosts` has an element twice")),
    ("fixed: off", ("1:8", "invalid-value", "`off` is no value of `fixed`: expected `on`")),
    # several schemas at once
    ("provider: {aws: {name: a}, azure: {name: b}}", (
        "1:1", "invalid-value", "`provider`: expected 1 field or fewer",
    )),
    ("one: {}", ("1:1", "missing-field", "`one` lacks `a` or `b`")),
    ("one: {a: x, b: y}", ("1:1", "invalid-value", "`one` takes only one of `a` or `b`")),
    ("pair: {a: x, b: y}", ("1:14", "invalid-value", "`a` and `b` cannot stand together in `pair`")),
    ("strategy: {type: Recreate, rolling: {}}", (
        "1:28", "invalid-value", "`rolling` cannot stand in `strategy` beside `type: Recreate`",
    )),
    ("source: {kind: Bucket, region: x}", ("1:1", "missing-field", "`source` lacks `bucket`")),
    ("source: {kind: Git, branch: 1}", (
        "1:29", "unquoted-string", "`1` at `source.branch` is a whole number, and text is expected: quote it",
    )),
]  # fmt: skip


@pytest.mark.parametrize("make", VALIDATORS)
@pytest.mark.parametrize(("text", "expected"), CASES, ids=[text for text, _ in CASES])
def test_what_is_wrong_is_said_at_its_place(
    text: str, expected: tuple[str, str, str], make: Callable[[dict[str, Any]], Validator]
) -> None:
    assert said(text, make) == [expected]


@pytest.mark.parametrize(
    "text",
    [
        "replicas: ${REPLICAS}",
        "mode: ${MODE:=enabled}",
        "interval: '{{ .Values.interval }}'",
        "size: ENC[AES256_GCM,data:x,iv:y,tag:z,type:str]",
        "labels: {'${KEY}': a}",
        "template: {containers: [{name: a, '${FIELD}': b}]}",
        "one: {'${KEY}': a}",
        "source: {kind: '${KIND}', branch: a, bucket: b}",
        "hosts: ${HOSTS}",
        "values: {anything: [goes]}",
        "replicas: null",
        "template: {containers: null}",
    ],
)
def test_what_is_hidden_or_open_or_nothing_is_not_judged(text: str) -> None:
    assert said(text) == []


def test_one_value_is_spoken_of_once_although_several_schemas_refuse_it() -> None:
    assert said("source: {kind: Bucket, bucket: a, regions: b}") == [
        ("1:35", "unknown-field", "`regions` is no field of `source`; did you mean `region`?")
    ]


def test_a_violation_knows_what_a_fix_needs() -> None:
    (unknown,) = violations("replica: 1")
    assert (unknown.suggestion, unknown.path) == ("replicas", ("replica",))
    assert unknown.key is not None
    assert unknown.key.text == "replica"
    (misplaced,) = violations("serviceAccountName: a")
    assert misplaced.belongs == ("template",)
    (value,) = violations("mode: Enabled")
    assert value.suggestion == "enabled"


def test_a_secret_value_is_not_repeated() -> None:
    ((_, _, message),) = said("at: hunter2")
    assert "hunter2" not in message


def test_a_long_value_is_not_repeated() -> None:
    text = "x" * 80
    ((_, _, message),) = said(f"host: {text}")
    assert message == "the value of `host`: expected 20 characters or fewer"


def test_the_path_begins_where_the_schema_begins() -> None:
    root: Mapping = parse(Source("app.yaml", "replica: 1")).documents[0].root  # type: ignore[assignment]
    (one,) = explain(_Fast(SCHEMA).errors(plain(root)), Subject(root, SCHEMA, "the values", ("spec", "values")))
    assert one.message == "`replica` is no field of `spec.values`; did you mean `replicas`?"
    assert one.path == ("spec", "values", "replica")
