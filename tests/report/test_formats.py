"""What a report looks like: for a person, for a program, for code scanning."""

from __future__ import annotations

import json
import re
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING, Any

import jsonschema
import pytest

from lintkit import engine
from lintkit.report import FORMATS, render

if TYPE_CHECKING:
    from tests.terminal import Terminal

HERE = Path(__file__).resolve().parent
DOCS = HERE.parent.parent / "docs"
SECRET = "correct-horse-battery-staple"  # noqa: S105 - the one that must not be seen
TREE = {
    "a.yaml": """\
        apiVersion: v1
        kind: ConfigMap
        metadata:
          name: config
          namespace: default
          name: other
        """,
    "with space/b.yaml": f"""\
        apiVersion: v1
        kind: Pod
        metadata: {{name: web, namespace: default}}
        spec:
          containers:
            - name: web
              image: nginx:latest # lintkit: ignore[mutable-image-tag] rebuilt every night
              env:
                - name: DB_PASSWORD
                  value: {SECRET}
        """,
    "c.yaml": f"""\
        apiVersion: v1
        kind: Pod
        metadata: {{name: api, namespace: default}}
        spec:
          containers:
            - name: api
              image: timberio/vector:0.40.0-alpine
              env: [{{name: API_PASSWORD, value: {SECRET}}}]
        """,
    ".lintkit.yaml": """\
        select: [syntax, secrets, images, missing-path]
        images:
          - {image: timberio/vector, version: 0.39.0, variant: debian}
        ignore:
          - rule: inline-password
            path: c.yaml
            reason: a playground
        """,
    "ks.yaml": """\
        apiVersion: kustomize.toolkit.fluxcd.io/v1
        kind: Kustomization
        metadata: {name: c, namespace: flux-system}
        spec: {path: ./with space, prune: true, interval: 1h, sourceRef: {kind: GitRepository, name: flux-system}}
        ---
        apiVersion: kustomize.toolkit.fluxcd.io/v1
        kind: Kustomization
        metadata: {name: root, namespace: flux-system}
        spec: {path: ./, prune: true, interval: 1h, sourceRef: {kind: GitRepository, name: flux-system}}
        """,
}


@pytest.fixture
def tree(terminal: Terminal) -> Terminal:
    terminal.write(TREE)
    return terminal


def report(tree: Terminal, form: str) -> Any:  # noqa: ANN401 - JSON
    return json.loads(tree.check("--output", form).out)


def test_text_has_a_frame_for_each_finding(tree: Terminal) -> None:
    out = tree.check().out
    assert out.startswith("""\
a.yaml:6:3: error: the key `name` is already set on line 4 [duplicate-key]
   |
 6 |   name: other
   |   ^^^^
   = the first one: a.yaml:4:3
   = hint: keep one of the two: the last one counts now

""")
    assert (
        """
c.yaml:7:14: error: `timberio/vector` has tag `0.40.0-alpine`; the policy wants version `0.39.0` and variant `debian` \
[unwanted-sidecar-version]
   |
 7 |       image: timberio/vector:0.40.0-alpine
   |              ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
   = unsafe fix: pin it to `0.39.0-debian`
"""
        in out
    )


def test_text_ends_with_counts_time_and_what_was_not_checked(terminal: Terminal) -> None:
    terminal.write({"a.yaml": TREE["a.yaml"]})
    first, second = terminal.check("--select", "syntax").out.splitlines()[-2:]
    assert first.startswith("1 error (1 resource in 1 file, ")
    assert first.endswith(" s)")
    assert second == "not checked: what Flux applies: no Flux Kustomization in this tree"


def test_the_summary_counts_what_is_silenced(tree: Terminal) -> None:
    assert "\n3 errors, 2 suppressed (" in tree.check().out


def test_concise_has_a_line_for_each_finding(tree: Terminal) -> None:
    lines = tree.check("--output-format", "concise").out.splitlines()
    assert lines[0] == "a.yaml:6:3: error: the key `name` is already set on line 4 [duplicate-key]"
    assert lines[2].startswith("with space/b.yaml:10:18: error: the variable `DB_PASSWORD` is a literal password")


@pytest.mark.parametrize("form", ["text", "concise", "json", "sarif"])
def test_no_format_shows_a_secret(tree: Terminal, form: str) -> None:
    outcome = tree.check("--output-format", form, "--verbose", "--statistics")
    assert SECRET not in outcome.out + outcome.err
    assert "inline-password" in outcome.out


@pytest.mark.parametrize("secret", ["pw", SECRET])
def test_a_mask_has_one_length(terminal: Terminal, secret: str) -> None:
    terminal.write({"b.yaml": TREE["with space/b.yaml"].replace(SECRET, secret)})
    assert (
        """
 10 |           value: ••••••••
    |                  ^^^^^^^^
"""
        in terminal.check("--select", "secrets").out
    )


SECRETS = {
    "pod.yaml": """\
        apiVersion: v1
        kind: Pod
        metadata: {{name: web, namespace: default}}
        spec:
          containers:
            - name: web
              image: nginx:1.27.3
              env:
                - {{name: DB_PASSWORD, value: {secret}}}
                - name: BROKER
                  value: redis://app:{secret}@redis:6379/0
                - name: CONFIG
                  value: |
                    a=b
                    password={secret}
        """,
    "secret.yaml": """\
        apiVersion: v1
        kind: Secret
        metadata: {{name: web, namespace: default}}
        stringData:
          password: {secret}
          port: [{secret}]
        """,
    "release.yaml": """\
        apiVersion: helm.toolkit.fluxcd.io/v2
        kind: HelmRelease
        metadata: {{name: web, namespace: default}}
        spec:
          interval: 1h
          chartRef: {{kind: OCIRepository, name: web}}
          values:
            auth:
              password: {secret}
        """,
    "store.yaml": """\
        apiVersion: external-secrets.io/v1
        kind: ExternalSecret
        metadata: {{name: other, namespace: default}}
        spec:
          secretStoreRef: {{kind: ClusterSecretStore, name: store}}
          data: [{{secretKey: a, remoteRef: {{key: a, property: a}}}}]
        """,
    ".lintkit.yaml": "select: [secrets, schema]\n",
}


@pytest.mark.parametrize("form", [*FORMATS])
def test_no_format_tells_how_long_a_secret_is(tmp_path: Path, form: str) -> None:
    shown = []
    for number, secret in enumerate(("hunt3r", "hunt3r-and-much-more-of-it-than-that")):
        folder = tmp_path / str(number)
        for name, text in SECRETS.items():
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(dedent(text.format(secret=secret)), "utf-8")
        text = render(engine.check(folder, root=folder), form)
        assert "inline-password" in text
        shown.append(re.sub(r"\d+\.\d+ ?s|[0-9a-f]{32}", "", text))
    assert shown[0] == shown[1]


class TestJson:
    def test_it_is_what_its_schema_says(self, tree: Terminal) -> None:
        schema = json.loads((DOCS / "schemas" / "output.json").read_text("utf-8"))
        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.Draft202012Validator(schema).validate(report(tree, "json"))

    def test_a_finding(self, tree: Terminal) -> None:
        assert report(tree, "json")["findings"][0] == {
            "rule": "duplicate-key",
            "severity": "error",
            "message": "the key `name` is already set on line 4",
            "path": "a.yaml",
            "line": 6,
            "column": 3,
            "end_line": 6,
            "end_column": 7,
            "related": [
                {"message": "the first one", "path": "a.yaml", "line": 4, "column": 3, "end_line": 4, "end_column": 7}
            ],
            "fix": {
                "title": "keep one of the two: the last one counts now", "applicability": "display", "edits": [],
            },
        }  # fmt: skip

    def test_a_fix_applies(self, tree: Terminal) -> None:
        fix = next(one["fix"] for one in report(tree, "json")["findings"] if one["fix"] and one["fix"]["edits"])
        assert (fix["title"], fix["applicability"]) == ("pin it to `0.39.0-debian`", "unsafe")
        (edit,) = fix["edits"]
        text = (tree.folder / edit["path"]).read_text("utf-8")
        assert "image: timberio/vector:0.39.0-debian\n" in text[: edit["start"]] + edit["text"] + text[edit["end"] :]

    def test_the_summary(self, tree: Terminal) -> None:
        whole = report(tree, "json")
        assert whole["version"] == 1
        assert {name: whole["summary"][name] for name in ("error", "warning", "suppressed", "files")} == {
            "error": 3, "warning": 0, "suppressed": 2, "files": 4,
        }  # fmt: skip

    def test_the_same_on_every_run(self, tree: Terminal) -> None:
        assert tree.check("--output", "json").out == tree.check("--output", "json").out


class TestSarif:
    def test_it_is_what_the_standard_says(self, tree: Terminal) -> None:
        schema = json.loads((HERE / "sarif.schema.json").read_text("utf-8"))
        jsonschema.Draft202012Validator.check_schema(schema)
        jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(
            report(tree, "sarif")
        )

    def test_what_a_schema_cannot_say(self, tree: Terminal) -> None:
        (run,) = report(tree, "sarif")["runs"]
        rules = [rule["id"] for rule in run["tool"]["driver"]["rules"]]
        assert len(rules) == len(set(rules))
        for result in run["results"]:
            assert "suppressions" in result  # section 3.27.23: all results of a run, or none
            assert rules[result["ruleIndex"]] == result["ruleId"]
            places = [*result["locations"], *result.get("relatedLocations", ())]
            ids = [one["id"] for one in places if "id" in one]
            assert len(ids) == len(set(ids))
            for place in places:
                where = place["physicalLocation"]
                region = where["region"]
                assert where["artifactLocation"]["uriBaseId"] in run["originalUriBaseIds"]
                assert (region["startLine"], region["startColumn"]) <= (region["endLine"], region["endColumn"])
        prints = [result["partialFingerprints"]["lintkit/v1"] for result in run["results"]]
        assert len(prints) == len(set(prints))

    def test_a_result(self, tree: Terminal) -> None:
        result = report(tree, "sarif")["runs"][0]["results"][2]
        assert (result["ruleId"], result["level"]) == ("inline-password", "error")
        assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "with%20space/b.yaml"
        assert result["locations"][0]["physicalLocation"]["region"]["startLine"] == 10

    def test_info_is_a_note(self, tree: Terminal) -> None:
        tree.write({".lintkit.yaml": "select: [duplicate-key]\nseverity: {duplicate-key: info}\n"})
        assert [result["level"] for result in report(tree, "sarif")["runs"][0]["results"]] == ["note"]

    def test_what_is_silenced_says_where_and_why(self, tree: Terminal) -> None:
        results = report(tree, "sarif")["runs"][0]["results"]
        assert [(one["ruleId"], one["suppressions"]) for one in results if one["suppressions"]] == [
            ("inline-password", [{"kind": "external", "justification": "a playground"}]),
            ("mutable-image-tag", [{"kind": "inSource", "justification": "rebuilt every night"}]),
        ]

    def test_a_fingerprint_stays_when_lines_move(self, tree: Terminal) -> None:
        before = report(tree, "sarif")["runs"][0]["results"][0]["partialFingerprints"]
        text = (tree.folder / "a.yaml").read_text("utf-8")
        (tree.folder / "a.yaml").write_text(f"# a comment\n{text}", "utf-8")
        after = report(tree, "sarif")["runs"][0]["results"][0]
        assert after["locations"][0]["physicalLocation"]["region"]["startLine"] == 7
        assert after["partialFingerprints"] == before
