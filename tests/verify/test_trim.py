"""What must not leave the process is dropped where it comes in."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lintkit.verify.trim import REDACTED, clean_all, line, trimmed

SECRET = "Zm9vYmFy-hunter2"  # noqa: S105 - what is looked for


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"postgresql://airflow:{SECRET}@db:5432/airflow", f"postgresql://{REDACTED}@db:5432/airflow"),
        (f"password={SECRET} host=db", f"password={REDACTED} host=db"),
        (f"MYSQL_ROOT_PASSWORD: {SECRET}", f"MYSQL_ROOT_PASSWORD: {REDACTED}"),
        (f'{{"client_secret": "{SECRET}", "id": 1}}', f'{{"client_secret": "{REDACTED}", "id": 1}}'),
        (f"AWS_SECRET_ACCESS_KEY_2={SECRET}", f"AWS_SECRET_ACCESS_KEY_2={REDACTED}"),
        (f"Authorization: Bearer {SECRET}", f"Authorization: Bearer {REDACTED}"),
        ("SecretSyncedError: could not get it", "SecretSyncedError: could not get it"),
        ("couldn't find key connection in Secret airflow/db", "couldn't find key connection in Secret airflow/db"),
        ("https://example.org/path?a=b", "https://example.org/path?a=b"),
    ],
)
def test_texts(text: str, shown: str) -> None:
    assert clean_all(text) == shown


@pytest.mark.parametrize(
    ("kind", "item"),
    [
        ("Secret", {"data": {"a": SECRET}, "stringData": {"b": SECRET}}),
        ("Secret", {"metadata": {"annotations": {"copy": SECRET}}}),
        ("ConfigMap", {"data": {"a": SECRET}, "binaryData": {"b": SECRET}}),
        ("Pod", {"spec": {"containers": [{"env": [{"name": "A", "value": SECRET}], "args": [SECRET]}]}}),
        ("Pod", {"spec": {"containers": [{"command": ["sh", "-c", SECRET]}]}}),
        ("Pod", {"metadata": {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": SECRET}}}),
        ("HelmRelease", {"spec": {"values": {"auth": {"pass": SECRET}}}}),
        ("Kustomization", {"spec": {"postBuild": {"substitute": {"A": SECRET}}}}),
        ("Grafana", {"spec": {"config": {"security": {"admin_password": SECRET}}}}),
        ("GrafanaDatasource", {"spec": {"datasource": {"secureJsonData": {"httpHeaderValue1": SECRET}}}}),
        ("Pod", {"status": {"containerStatuses": [{"message": f"password={SECRET}"}]}}),
        ("GitRepository", {"spec": {"url": f"https://me:{SECRET}@example.org/x"}}),
        ("Pod", {"metadata": {"managedFields": [{"fieldsV1": SECRET}]}}),
    ],
)
def test_objects(kind: str, item: dict[str, Any]) -> None:
    assert SECRET not in json.dumps(trimmed(item, kind))


def test_names_stay() -> None:
    item = {"metadata": {"name": "a"}, "data": {"connection": SECRET}}
    assert trimmed(item, "Secret") == {"kind": "Secret", "metadata": {"name": "a"}, "data": {"connection": ""}}
    spec = {"containers": [{"name": "a", "image": "b:c", "env": [{"name": "X", "value": "y"}]}]}
    assert trimmed({"spec": spec}, "Pod")["spec"] == {
        "containers": [{"name": "a", "image": "b:c", "env": [{"name": "X"}]}]
    }


@given(st.text())
def test_a_line_is_one_line_that_can_be_shown(text: str) -> None:
    shown = line(text)
    assert shown.isprintable()
    assert len(shown) <= 300
