"""What forges and review tools are told, each held against its documented form, or read by a parser that is not ours.

The schemas below are written from what the makers of each form document; the address stands beside each.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from junitparser import Error, Failure, JUnitXml, TestCase
from markdown_it import MarkdownIt

from lintkit import engine
from lintkit.finding import Finding, Fix, Severity
from lintkit.fingerprint import fingerprints
from lintkit.report import FORMATS, render
from lintkit.syntax.node import Place
from lintkit.text.edit import Edit, Span
from lintkit.text.source import Source

if TYPE_CHECKING:
    from tests.terminal import Terminal

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
    "b, c: 100%/ü b.yaml": f"""\
        apiVersion: v1
        kind: Pod
        metadata: {{name: web, namespace: default}}
        spec:
          containers:
            - {{name: 'ü', image: 'timberio/vector:0.40.0-alpine'}}
            - name: web
              image: nginx:latest
              env: [{{name: DB_PASSWORD, value: {SECRET}}}]
        """,
    ".lintkit.yaml": """\
        select: [syntax, secrets, images]
        images:
          - {image: timberio/vector, version: 0.39.0, variant: debian}
        severity: {mutable-image-tag: info}
        """,
}
POD = "b, c: 100%/ü b.yaml"
PINNED = "unwanted-sidecar-version"

GITLAB: dict[str, Any] = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["description", "check_name", "fingerprint", "location", "severity"],
        "properties": {
            "description": {"type": "string", "minLength": 1},
            "check_name": {"type": "string", "minLength": 1},
            "fingerprint": {"type": "string", "minLength": 1},
            "severity": {"enum": ["info", "minor", "major", "critical", "blocker"]},
            "location": {
                "type": "object",
                "required": ["path", "lines"],
                "properties": {
                    "path": {"type": "string", "pattern": r"^(?!\./|/)"},
                    "lines": {
                        "type": "object",
                        "required": ["begin"],
                        "properties": {"begin": {"type": "integer", "minimum": 1}},
                    },
                },
            },
        },
    },
}

POSITION: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {"line": {"type": "integer", "minimum": 1}, "column": {"type": "integer", "minimum": 1}},
}
RANGE: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["start"],
    "properties": {"start": POSITION, "end": POSITION},
}
NAMED: dict[str, Any] = {"type": "object", "additionalProperties": False}
RDJSON: dict[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "source": {**NAMED, "properties": {"name": {"type": "string"}, "url": {"type": "string"}}},
        "severity": {"enum": ["UNKNOWN_SEVERITY", "ERROR", "WARNING", "INFO"]},
        "diagnostics": {
            "type": "array",
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["message", "location"],
                "properties": {
                    "message": {"type": "string"},
                    "location": {**NAMED, "properties": {"path": {"type": "string"}, "range": RANGE}},
                    "severity": {"enum": ["UNKNOWN_SEVERITY", "ERROR", "WARNING", "INFO"]},
                    "code": {**NAMED, "properties": {"value": {"type": "string"}, "url": {"type": "string"}}},
                    "suggestions": {
                        "type": "array",
                        "items": {**NAMED, "properties": {"range": RANGE, "text": {"type": "string"}}},
                    },
                },
            },
        },
    },
}


@pytest.fixture
def tree(terminal: Terminal) -> Terminal:
    terminal.write(TREE)
    return terminal


def made_up(*messages: str, fix: Fix | None = None, text: str = "a: 1\nb: secret-text\n", **more: Any) -> engine.Report:  # noqa: ANN401 - parts of a Report
    """A report with a finding on each line of a text."""
    source = Source("x.yaml", text)
    starts = source.line_starts
    found = tuple(
        Finding(Place(source, Span(starts[index], starts[index] + 1)), message, Severity.ERROR, fix=fix, rule="made-up")
        for index, message in enumerate(messages)
    )
    return engine.Report(more.pop("root", Path("/nowhere")), found, **more)


class TestGithub:
    """https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions"""

    COMMAND = re.compile(r"::(?P<name>error|warning|notice) (?P<properties>[^:\n]*)::(?P<message>[^\n]*)")

    def read(self, text: str) -> list[tuple[str, dict[str, str], str]]:
        """Commands as the runner reads them: properties end at `,`, and `%XX` is undone."""
        found = []
        for line in text.splitlines():
            command = self.COMMAND.fullmatch(line)
            assert command is not None, line
            pairs = (pair.split("=", 1) for pair in command["properties"].split(","))
            properties = {
                key: value.replace("%2C", ",").replace("%3A", ":").replace("%0A", "\n").replace("%0D", "\r")
                .replace("%25", "%")
                for key, value in pairs
            }  # fmt: skip
            message = command["message"].replace("%0A", "\n").replace("%0D", "\r").replace("%25", "%")
            found.append((command["name"], properties, message))
        return found

    def test_each_finding_is_an_annotation(self, tree: Terminal) -> None:
        found = self.read(tree.check("--output", "github").out)
        assert found[0] == (
            "error",
            {"file": "a.yaml", "line": "6", "endLine": "6", "col": "3", "endColumn": "7", "title": "duplicate-key"},
            "the key `name` is already set on line 4",
        )
        assert [(name, at["file"], at["title"]) for name, at, _ in found[1:]] == [
            ("error", POD, PINNED),
            ("notice", POD, "mutable-image-tag"),
            ("error", POD, "inline-password"),
        ]

    def test_a_message_cannot_start_a_command(self) -> None:
        ((name, _, message),) = self.read(render(made_up("50%25\n::set-env name=A::b"), "github"))
        assert (name, message) == ("error", "50%25\n::set-env name=A::b")

    def test_columns_are_left_out_where_lines_differ(self) -> None:
        source = Source("x.yaml", "a:\n  b: 1\n  c: 2\n")
        finding = Finding(Place(source, Span(0, 11)), "long", Severity.WARNING, rule="made-up")
        report = made_up()
        ((_, at, _),) = self.read(render(engine.Report(report.root, (finding,)), "github"))
        assert at == {"file": "x.yaml", "line": "1", "endLine": "3", "title": "made-up"}

    def test_paths_start_at_the_repository_also_for_a_tree_in_a_folder_of_it(self, terminal: Terminal) -> None:
        terminal.write({"cluster/.lintkit.yaml": "root: true\nselect: [syntax]\n", "cluster/a.yaml": TREE["a.yaml"]})
        ((_, at, _),) = self.read(terminal.check("--output", "github", "cluster").out)
        assert at["file"] == "cluster/a.yaml"


class TestAzure:
    """https://learn.microsoft.com/azure/devops/pipelines/scripts/logging-commands"""

    COMMAND = re.compile(r"##vso\[task\.logissue (?P<properties>[^\]\n]*)\](?P<message>[^\n]*)")

    def test_each_finding_is_an_issue(self, tree: Terminal) -> None:
        lines = tree.check("--output", "azure").out.splitlines()
        assert lines[0] == (
            "##vso[task.logissue type=error;sourcepath=a.yaml;linenumber=6;columnnumber=3;code=duplicate-key;]"
            "the key `name` is already set on line 4"
        )
        commands = [self.COMMAND.fullmatch(line) for line in lines]
        paths = [dict(pair.split("=", 1) for pair in one["properties"].rstrip(";").split(";"))["sourcepath"]
                 for one in commands if one]  # fmt: skip
        assert paths == ["a.yaml", "b, c: 100%AZP25/ü b.yaml", "b, c: 100%AZP25/ü b.yaml"]
        assert lines[2].startswith(f"{POD.replace('%', '%AZP25')}:8:14: info: ")
        assert lines[2].endswith("[mutable-image-tag]")

    def test_a_message_cannot_start_a_command(self) -> None:
        (line,) = render(made_up("a\r\n##vso[task.complete result=Succeeded;]"), "azure").splitlines()
        assert line.endswith("]a%0D%0A##vso[task.complete result=Succeeded;]")


class TestGitlab:
    """https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format"""

    def test_the_report(self, tree: Terminal) -> None:
        issues = json.loads(tree.check("--output", "gitlab").out)
        jsonschema.Draft202012Validator(GITLAB).validate(issues)
        assert [(one["check_name"], one["severity"], one["location"]["path"], one["location"]["lines"]["begin"])
                for one in issues] == [
            ("duplicate-key", "major", "a.yaml", 6),
            (PINNED, "major", POD, 6),
            ("mutable-image-tag", "info", POD, 8),
            ("inline-password", "major", POD, 9),
        ]  # fmt: skip
        assert len({one["fingerprint"] for one in issues}) == 4

    def test_no_findings_are_an_empty_list(self) -> None:
        assert json.loads(render(made_up(), "gitlab")) == []


class TestJunit:
    """Read by junitparser."""

    def test_the_report(self, tree: Terminal) -> None:
        report = JUnitXml.fromstring(tree.check("--output", "junit").out.encode())
        assert (report.tests, report.failures, report.errors) == (4, 3, 0)
        assert [(suite.name, suite.tests, suite.failures) for suite in report] == [("a.yaml", 1, 1), (POD, 3, 2)]
        cases: list[TestCase] = [case for suite in report for case in suite]
        assert (cases[0].classname, cases[0].name) == ("a.yaml", "duplicate-key at 6:3")
        (failure,) = cases[0].result
        assert isinstance(failure, Failure)
        assert (failure.type, failure.message) == ("duplicate-key", "the key `name` is already set on line 4")
        assert failure.text == "a.yaml:6:3: error: the key `name` is already set on line 4 [duplicate-key]"
        assert cases[2].is_passed
        assert cases[2].system_out.startswith(f"{POD}:8:14: info: ")

    def test_a_clean_run_is_a_test_that_passes(self) -> None:
        (suite,) = JUnitXml.fromstring(render(made_up(), "junit").encode())
        assert [(case.name, case.is_passed) for case in suite] == [("no findings", True)]

    def test_a_rule_that_broke_is_an_error(self) -> None:
        text = render(made_up(failures=(engine.Failure("made-up", "KeyError: 'x'"),)), "junit")
        (suite,) = JUnitXml.fromstring(text.encode())
        (case,) = suite
        (error,) = case.result
        assert isinstance(error, Error)
        assert (case.name, error.message) == ("made-up", "KeyError: 'x'")

    @pytest.mark.parametrize("form", ["junit", "checkstyle"])
    def test_what_xml_cannot_hold(self, form: str) -> None:
        root = ET.fromstring(  # noqa: S314 - our own
            render(made_up('a\x00b\x1b[1m ]]> \ud800 <&"'), form)
        )
        words = [one.get("message") for one in root.iter() if one.get("message")]
        assert words == ['a\ufffdb\ufffd[1m ]]> \ufffd <&"']


class TestCheckstyle:
    """The form that Checkstyle's XMLLogger writes: https://github.com/checkstyle/checkstyle"""

    def test_the_report(self, tree: Terminal) -> None:
        root = ET.fromstring(  # noqa: S314 - our own
            tree.check("--output", "checkstyle").out.encode()
        )
        assert (root.tag, sorted(root.attrib)) == ("checkstyle", ["version"])
        assert [(file.tag, file.attrib) for file in root] == [("file", {"name": "a.yaml"}), ("file", {"name": POD})]
        for error in root.iter("error"):
            assert set(error.attrib) == {"line", "column", "severity", "message", "source"}
            assert error.get("severity") in {"info", "warning", "error"}
        assert [(one.get("line"), one.get("column"), one.get("source")) for one in root.iter("error")] == [
            ("6", "3", "lintkit.duplicate-key"),
            ("6", "26", f"lintkit.{PINNED}"),
            ("8", "14", "lintkit.mutable-image-tag"),
            ("9", "40", "lintkit.inline-password"),
        ]


class TestRdjson:
    """Message DiagnosticResult: https://github.com/reviewdog/reviewdog/blob/master/proto/rdf/reviewdog.proto"""

    def read(self, text: str) -> list[dict[str, Any]]:
        whole = json.loads(text)
        jsonschema.Draft202012Validator(RDJSON).validate(whole)
        return whole["diagnostics"]

    def test_the_report(self, tree: Terminal) -> None:
        found = self.read(tree.check("--output", "rdjson").out)
        assert found[0] == {
            "message": "the key `name` is already set on line 4",
            "location": {
                "path": "a.yaml",
                "range": {"start": {"line": 6, "column": 3}, "end": {"line": 6, "column": 7}},
            },
            "severity": "ERROR",
            "code": {"value": "duplicate-key"},
        }

    def test_a_suggestion_applies_at_its_bytes(self, tree: Terminal) -> None:
        one = next(one for one in self.read(tree.check("--output", "rdjson").out) if one["code"]["value"] == PINNED)
        (suggestion,) = one["suggestions"]
        start, end = suggestion["range"]["start"], suggestion["range"]["end"]
        assert start["line"] == end["line"] == 6
        line = (tree.folder / POD).read_bytes().splitlines()[5]
        changed = line[: start["column"] - 1] + suggestion["text"].encode() + line[end["column"] - 1 :]
        assert changed.decode() == "    - {name: 'ü', image: 'timberio/vector:0.39.0-debian'}"

    def test_edits_of_one_fix_are_one_suggestion(self) -> None:
        fix = Fix("swap", (Edit("x.yaml", Span(0, 1), "b"), Edit("x.yaml", Span(5, 6), "a")))
        (one,) = self.read(render(made_up("swapped", fix=fix), "rdjson"))
        assert one["suggestions"] == [
            {"range": {"start": {"line": 1, "column": 1}, "end": {"line": 2, "column": 2}}, "text": "b: 1\na"}
        ]

    @pytest.mark.parametrize(
        "edits",
        [
            [Edit("x.yaml", Span(8, 19), "quoted")],  # takes the secret away
            [Edit("x.yaml", Span(10, 10), '"')],  # stands inside of it
            [Edit("x.yaml", Span(0, 1), "c"), Edit("x.yaml", Span(20, 20), "#")],  # has it between two edits
            [Edit("x.yaml", Span(0, 1), "c"), Edit("y.yaml", Span(0, 1), "c")],  # in a file that nobody has read
        ],
    )
    def test_a_fix_that_would_show_a_secret_is_left_out(self, edits: list[Edit]) -> None:
        report = made_up("m", fix=Fix("f", tuple(edits)), sensitive={"x.yaml": [Span(8, 19)]})
        (one,) = self.read(render(report, "rdjson"))
        assert "suggestions" not in one


class TestSarifFixes:
    def result(self, tree: Terminal, rule: str) -> dict[str, Any]:
        results = json.loads(tree.check("--output", "sarif").out)["runs"][0]["results"]
        return next(one for one in results if one["ruleId"] == rule)

    def test_a_fix_is_text_to_replace(self, tree: Terminal) -> None:
        (fix,) = self.result(tree, PINNED)["fixes"]
        assert fix["description"] == {"text": "pin it to `0.39.0-debian`"}
        assert fix["properties"] == {"applicability": "unsafe"}
        ((change),) = fix["artifactChanges"]
        assert change["artifactLocation"]["uri"] == "b%2C%20c%3A%20100%25/%C3%BC%20b.yaml"
        (one,) = change["replacements"]
        region = one["deletedRegion"]
        line = (tree.folder / POD).read_text("utf-8").splitlines()[region["startLine"] - 1]
        changed = line[: region["startColumn"] - 1] + one["insertedContent"]["text"] + line[region["endColumn"] - 1 :]
        assert changed == "    - {name: 'ü', image: 'timberio/vector:0.39.0-debian'}"

    def test_a_fix_that_writes_a_secret_elsewhere_is_left_out(self, tmp_path: Path) -> None:
        (tmp_path / "x.yaml").write_text(
            "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\nstringData: {password: secret-text}\n", "utf-8"
        )
        report = engine.check(tmp_path, root=tmp_path)
        finding = report.findings[0]
        for text, shown in (("b: secret-text", False), ("b: other", True)):
            moved = Finding(finding.place, "m", Severity.ERROR, fix=Fix("f", (Edit("x.yaml", Span(0, 0), text),)))
            changed = engine.Report(report.root, (moved,), sensitive=report.sensitive, tree=report.tree)
            (result,) = json.loads(render(changed, "sarif"))["runs"][0]["results"]
            assert ("fixes" in result) == shown


class TestMarkdown:
    """Read by markdown-it-py."""

    def cells(self, text: str) -> list[list[str]]:
        tokens = MarkdownIt("commonmark").enable("table").parse(text)
        rows: list[list[str]] = []
        for index, token in enumerate(tokens):
            if token.type == "tr_open":
                rows.append([])
            elif token.type in {"td_open", "th_open"}:
                rows[-1].append("".join(one.content for one in tokens[index + 1].children or ()))
        return rows

    def test_the_summary(self, tree: Terminal) -> None:
        text = tree.check("--output", "markdown").out
        assert text.startswith("### lintkit\n\n3 errors, 1 info (")
        head, first, *_ = self.cells(text)
        assert head == ["severity", "place", "finding", "rule"]
        assert first == [
            "error",
            "<code>a.yaml:6:3</code>",
            "the key <code>name</code> is already set on line 4",
            "<code>duplicate-key</code>",
        ]
        assert "<details><summary>More about this run</summary>" in text

    @pytest.mark.parametrize("text", ["a | b", "`a | b` and <b>", "`**x** [l](http://e)` ![i](u) @me #1 <!--", "a\nb"])
    def test_nothing_of_a_message_is_markup(self, text: str) -> None:
        written = render(made_up(text), "markdown")
        _, (_, _, cell, _) = self.cells(written)
        assert cell.replace("<code>", "`").replace("</code>", "`") == text.replace("\n", " ")
        tokens = MarkdownIt("commonmark").enable("table").parse(written)
        inline = {child.type for token in tokens for child in token.children or ()}
        assert inline <= {"text", "html_inline", "text_special"}

    def test_a_long_list_is_cut(self) -> None:
        many = made_up(*(f"m{index}" for index in range(600)), text="a: 1\n" * 600)
        written = render(many, "markdown")
        assert "\nand 100 more\n" in written
        assert "m499" in written
        assert "m500" not in written


class TestAllOfThem:
    @pytest.mark.parametrize("form", FORMATS)
    def test_no_format_shows_a_secret(self, tree: Terminal, form: str) -> None:
        outcome = tree.check("--output-format", form)
        assert SECRET not in outcome.out + outcome.err
        assert "inline-password" in outcome.out

    def test_several_in_one_run(self, tree: Terminal) -> None:
        outcome = tree.check(*(part for form in FORMATS for part in ("--output", f"{form}:out.{form}")))
        assert (outcome.code, outcome.out, outcome.err) == (1, "", "")
        for form in FORMATS:
            written = (tree.folder / f"out.{form}").read_text("utf-8")
            if form not in {"text", "markdown", "concise"}:  # these tell the time
                assert written == tree.check("--output", form).out

    def test_file_and_terminal_in_one_run(self, tree: Terminal) -> None:
        outcome = tree.check("--output", "sarif:out.sarif", "--output", "github")
        assert outcome.out.startswith("::error file=a.yaml,line=6,")
        assert json.loads((tree.folder / "out.sarif").read_text("utf-8"))["version"] == "2.1.0"


class TestFingerprints:
    def of(self, text: str, *starts: int, rule: str = "made-up", sensitive: tuple[Span, ...] = ()) -> list[str]:
        source = Source("x.yaml", text)
        found = [Finding(Place(source, Span(at, at + 1)), "m", Severity.ERROR, rule=rule) for at in starts]
        return fingerprints(found, {"x.yaml": sensitive})

    def test_lines_that_move_or_are_indented_keep_theirs(self) -> None:
        assert self.of("a:  1\n", 0) == self.of("# more\n\n  a: 1  \n", 10)

    def test_another_text_file_or_rule_has_another(self) -> None:
        assert len({*self.of("a: 1\n", 0), *self.of("a: 2\n", 0), *self.of("a: 1\n", 0, rule="other")}) == 3

    def test_equal_lines_are_counted(self) -> None:
        first, second = self.of("a: 1\nb: 2\na: 1\n", 0, 10)
        assert first != second
        assert self.of("a: 1\n", 0) == [first]

    @pytest.mark.parametrize(
        ("text", "other", "sensitive"),
        [
            ("a: hunter2 # x\n", "a: hunter3 # x\n", (Span(3, 10),)),
            ("password: hunter2\n", "password: hunter3\n", ()),
            ('"db_password" : hunter2\n', '"db_password" : hunter3\n', ()),
            ("url: postgres://me:hunter2@db\n", "url: postgres://me:hunter3@db\n", ()),
            ("- API_KEY=hunter2\n", "- API_KEY=hunter3\n", ()),
        ],
    )
    def test_a_secret_is_no_part_of_it(self, text: str, other: str, sensitive: tuple[Span, ...]) -> None:
        assert self.of(text, 0, sensitive=sensitive) == self.of(other, 0, sensitive=sensitive)

    def test_what_could_not_be_read_is_no_part_of_it(self) -> None:
        assert self.of("x: 'hunter2\n", 0, rule="syntax-error") == self.of("x: 'hunter3\n", 0, rule="syntax-error")

    def test_the_name_of_a_secret_is_part_of_it(self) -> None:
        assert self.of("secretName: a\n", 0) != self.of("secretName: b\n", 0)
