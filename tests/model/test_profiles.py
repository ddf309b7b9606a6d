"""What a chart profile can say: conditions, keys, names from values, and what follows from them."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pytest

from lintkit import configuration, engine
from lintkit.errors import ConfigurationError
from lintkit.model.contracts import Answer, Contracts, State
from lintkit.model.profiles import read_profiles

if TYPE_CHECKING:
    from pathlib import Path

RELEASE = """\
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
      version: 1.0.0
      sourceRef:
        kind: HelmRepository
        name: charts
  values:
"""
OBJECTS = """\
apiVersion: v1
kind: Secret
metadata: {name: login, namespace: web}
stringData: {user: a, pass: b}
---
apiVersion: v1
kind: ConfigMap
metadata: {name: settings, namespace: web}
data: {app.yaml: ""}
"""


def contracts(root: Path, profile: str, values: str) -> Contracts:
    files = {
        ".lintkit/charts/hello.yaml": "chart: hello\n" + textwrap.dedent(profile),
        "web/hello.yaml": RELEASE + textwrap.indent(textwrap.dedent(values), "    "),
        "web/objects.yaml": OBJECTS,
    }
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    return engine.load_tree(root, configuration.load(root)).contracts[0]


def needs(root: Path, profile: str, values: str) -> set[tuple[str, str | None, str]]:
    """(target, key, state) of what the values name."""
    return {
        _told(one)
        for one in contracts(root, profile, values).answers
        if one.reference.row.role in {"values", "existing"}
    }


def _told(answer: Answer) -> tuple[str, str | None, str]:
    reference = answer.reference
    return f"{reference.kind}/{reference.name}", reference.key, answer.state.value


@pytest.mark.parametrize(
    ("condition", "values", "counts"),
    [
        ("tls.enabled", "tls: {enabled: true}", True),
        ("tls.enabled", "tls: {enabled: false}", False),
        ("tls.enabled", "tls: {}", False),
        ("'!tls.enabled'", "tls: {}", True),
        ("mode=one", "mode: one", True),
        ("mode=one", "mode: two", False),
        ("create!=false", "other: 1", True),
        ("create!=false", "create: false", False),
        ("[mode=one, tls.enabled]", "mode: one", False),
        ("[mode=one, tls.enabled]", "{mode: one, tls: {enabled: yes}}", True),
    ],
)
def test_conditions(tmp_path: Path, condition: str, values: str, counts: bool) -> None:
    profile = f"references:\n  secretName: {{to: Secret, when: {condition}}}\n"
    text = (
        f"secretName: login\n{values}\n"
        if not values.startswith("{")
        else values.replace("{", "{secretName: login, ", 1)
    )
    assert (("Secret/login", None, "met") in needs(tmp_path, profile, text)) is counts


def test_conditions_on_the_mapping_and_several_references_on_one_path(tmp_path: Path) -> None:
    profile = """\
        references:
          mounts.*:
            - {to: Secret, name: name, when: .type=secret, keys-in: ["items[].key"]}
            - {to: ConfigMap, name: name, when: [.type=configMap, "!.items"], keys-in: ["files[].subPath"]}
        """
    values = """\
        mounts:
          a: {type: secret, name: login, items: [{key: user}, {key: word}]}
          b: {type: configMap, name: settings, files: [{subPath: app.yaml}, {subPath: app.yml}]}
          c: {type: other, name: nobody}
        """
    assert needs(tmp_path, profile, values) == {
        ("Secret/login", "user", "met"),
        ("Secret/login", "word", "unmet"),
        ("ConfigMap/settings", "app.yaml", "met"),
        ("ConfigMap/settings", "app.yml", "unmet"),
    }


def test_keys_have_defaults_and_conditions(tmp_path: Path) -> None:
    profile = """\
        references:
          auth: {to: Secret, name: secret, key: secretKey, default-key: pass}
          admin.secret: {to: Secret, keys: {admin.key: {default: user, when: admin.enabled}}, needs: [pass]}
        """
    assert needs(tmp_path, profile, "auth: {secret: login}\n") == {("Secret/login", "pass", "met")}
    values = "admin: {secret: login, enabled: true, key: name}\n"
    assert needs(tmp_path, profile, values) == {("Secret/login", "pass", "met"), ("Secret/login", "name", "unmet")}


def test_a_reference_may_say_its_namespace(tmp_path: Path) -> None:
    profile = "references:\n  ref: {to: Secret, name: name, namespace: namespace}\n"
    found = contracts(tmp_path, profile, "ref: {name: login, namespace: other}\n")
    answer = next(one for one in found.answers if one.reference.row.role in {"values", "existing"})
    assert answer.reference.namespace == "other"
    assert answer.state is not State.MET


def test_names_and_keys_of_what_is_made_come_from_the_values(tmp_path: Path) -> None:
    profile = """\
        fullname: "{release}"
        references: {uses: Secret, "all[].use": Secret}
        makes-all: [{kind: Secret, when: "!extra"}]
        makes:
          - {kind: Secret, name: "{auth.name}", keys: ["{auth.key}"]}
          - {kind: Secret, each: "users[]", name: "{fullname}-{.name}", keys: [password]}
          - {kind: Secret, each: "tokens.*", name: "{key}-token", keys: ["{key}"]}
        """
    values = """\
        auth: {name: main, key: word}
        users: [{name: ann}]
        tokens: {ci: {}}
        """
    found = contracts(tmp_path, profile, values).producers
    made = {name: set(producers[0].keys) for (kind, name), producers in found.items() if kind == "Secret"}
    assert made == {"main": {"word"}, "hello-ann": {"password"}, "ci-token": {"ci"}, "login": {"user", "pass"}}


def test_volumes_of_a_pod_are_known_in_every_chart(tmp_path: Path) -> None:
    values = """\
        extraVolumes:
          - {name: a, secret: {secretName: login, items: [{key: word, path: x}]}}
          - {name: b, configMap: {name: gone}}
          - name: c
            projected: {sources: [{secret: {name: login}}]}
        volumeMounts:
          - {name: a, secret: {secretName: no-volume}}
        """
    found = needs(tmp_path, "references: {}\n", values)
    assert ("Secret/login", "word", "unmet") in found
    assert ("Secret/login", None, "met") in found
    assert any(target == "ConfigMap/gone" for target, _, _ in found)
    assert not any("no-volume" in target for target, _, _ in found)


def test_an_alias_is_read_wherever_it_stands(tmp_path: Path) -> None:
    values = """\
        existing: &name login
        env:
          - name: WORD
            valueFrom: {secretKeyRef: {name: *name, key: word}}
        """
    found = needs(tmp_path, "references: {existing: Secret}\n", values)
    assert found == {("Secret/login", None, "met"), ("Secret/login", "word", "unmet")}


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("chart: a\nreference: {}\n", 2, "`reference` is no field of a chart profile"),
        ("chart: a\nreferences:\n  x: {to: Secret, nme: y}\n", 3, "`nme` is no field of `x`"),
        ("chart: a\nreferences:\n  x: {name: y}\n", 3, "`to` is missing"),
        ("chart: a\nmakes-all: [{kinds: x}]\n", 2, "`kinds` is no field of an entry of `makes-all`"),
        ("chart: [\n", 2, ""),
    ],
)
def test_a_mistake_in_a_profile_names_its_line(text: str, line: int, message: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        read_profiles(text, ".lintkit/charts/a.yaml")
    assert (raised.value.path, raised.value.line) == (".lintkit/charts/a.yaml", line)
    assert message in raised.value.message
