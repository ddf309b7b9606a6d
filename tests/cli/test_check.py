"""`lintkit check`: arguments, exit codes, configuration, suppressions."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from lintkit.report import FORMATS
from tests.terminal import drained

if TYPE_CHECKING:
    from pathlib import Path

    from tests.terminal import Terminal

DUPLICATE = """\
apiVersion: v1
kind: ConfigMap
metadata:
  name: config
  namespace: default
  name: other
"""
FOUND = "error: the key `name` is already set on line 4 [duplicate-key]"
MOVING = """\
apiVersion: v1
kind: Pod
metadata: {name: web, namespace: default}
spec:
  containers:
    - name: web
      image: nginx:latest
"""
MOVES = "warning: the tag `latest` of `nginx` moves, and no digest pins it [mutable-image-tag]"
CLEAN = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: clean, namespace: default}\n"


def found(out: str) -> list[str]:
    """The findings of a concise report."""
    return [line for line in out.splitlines() if line.endswith("]") and re.match(r"\S+:\d+:\d+: ", line)]


def concise(terminal: Terminal, *arguments: str, stdin: str = "") -> list[str]:
    """The findings that `check` shows."""
    return found(terminal.check("--output-format", "concise", *arguments, stdin=stdin).out)


class TestExitCodes:
    def test_0_without_findings(self, terminal: Terminal) -> None:
        terminal.write({"a.yaml": CLEAN})
        outcome = terminal.check()
        assert (outcome.code, outcome.err) == (0, "")
        assert outcome.out.startswith("no findings (1 resource in 1 file, ")

    def test_1_with_findings(self, terminal: Terminal) -> None:
        terminal.write({"a.yaml": DUPLICATE})
        assert terminal.check().code == 1

    def test_2_for_a_path_that_does_not_exist(self, terminal: Terminal) -> None:
        outcome = terminal.check("nope")
        assert (outcome.code, outcome.out, outcome.err) == (2, "", "lintkit: nope does not exist\n")

    def test_2_for_an_unknown_option(self, terminal: Terminal) -> None:
        outcome = terminal.check("--quiett")
        assert outcome.code == 2
        assert "No such option '--quiett'" in outcome.err

    def test_2_for_an_unknown_command(self, terminal: Terminal) -> None:
        outcome = terminal.lintkit("chek")
        assert (outcome.code, outcome.err) == (2, "lintkit: `chek` is no command; did you mean `check`?\n")

    def test_3_when_there_is_nothing_to_lint(self, terminal: Terminal) -> None:
        terminal.write({"notes.txt": "nothing\n"})
        outcome = terminal.check()
        assert outcome.code == 3
        assert outcome.err == f"lintkit: no Kubernetes manifest below {terminal.folder}\n"

    def test_3_when_a_rule_breaks(self, terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
        terminal.write({"a.yaml": DUPLICATE})

        def broken(*_: object) -> list[object]:
            message = "no such thing"
            raise RuntimeError(message)

        monkeypatch.setattr("lintkit.engine._check", broken)
        outcome = terminal.check("--select", "duplicate-key")
        assert outcome.code == 3
        assert "internal error in rule duplicate-key: RuntimeError: no such thing\n" in outcome.out
        assert "internal error in rule duplicate-key" in terminal.check("--select", "duplicate-key", "--quiet").out

    def test_3_for_a_defect_of_lintkit(self, terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
        terminal.write({"a.yaml": CLEAN})
        monkeypatch.setattr("lintkit.engine.load_tree", lambda *_, **__: 1 // 0)
        outcome = terminal.check()
        assert outcome.code == 3
        assert "ZeroDivisionError" in outcome.err
        assert outcome.err.endswith("lintkit: this is a defect of lintkit, and nothing is known about the tree\n")

    def test_exit_zero(self, terminal: Terminal) -> None:
        terminal.write({"a.yaml": DUPLICATE})
        outcome = terminal.check("--exit-zero", "--output-format", "concise")
        assert outcome.code == 0
        assert f"a.yaml:6:3: {FOUND}" in found(outcome.out)

    @pytest.mark.parametrize(("level", "code"), [("error", 0), ("warning", 1), ("info", 1)])
    def test_fail_on(self, terminal: Terminal, level: str, code: int) -> None:
        terminal.write({"a.yaml": MOVING})
        assert terminal.check("--fail-on", level, "--select", "mutable-image-tag").code == code

    def test_info_fails_only_when_asked(self, terminal: Terminal) -> None:
        terminal.write({"a.yaml": DUPLICATE, ".lintkit.yaml": "severity: {duplicate-key: info}\n"})
        assert terminal.check("--select", "duplicate-key").code == 0
        assert terminal.check("--select", "duplicate-key", "--fail-on", "info").code == 1


class TestWhichRules:
    def test_select_takes_rules_and_categories(self, terminal: Terminal) -> None:
        terminal.write({"a.yaml": DUPLICATE, "b.yaml": MOVING})
        assert concise(terminal, "--select", "syntax") == [f"a.yaml:6:3: {FOUND}"]
        assert concise(terminal, "--select", "mutable-image-tag") == [f"b.yaml:7:14: {MOVES}"]
        assert concise(terminal, "--select", "syntax,images") == [f"a.yaml:6:3: {FOUND}", f"b.yaml:7:14: {MOVES}"]

    def test_ignore(self, terminal: Terminal) -> None:
        terminal.write({"a.yaml": DUPLICATE, "b.yaml": MOVING})
        assert concise(terminal, "--select", "syntax,images", "--ignore", "syntax") == [f"b.yaml:7:14: {MOVES}"]

    def test_a_name_that_is_no_rule(self, terminal: Terminal) -> None:
        terminal.write({"a.yaml": CLEAN})
        outcome = terminal.check("--select", "duplicate-keys")
        assert outcome.code == 2
        assert outcome.err == "lintkit: `duplicate-keys` is no rule and no category; did you mean `duplicate-key`?\n"

    def test_statistics(self, terminal: Terminal) -> None:
        terminal.write({"a.yaml": DUPLICATE, "b.yaml": MOVING})
        assert terminal.check("--select", "syntax,images", "--statistics").out.endswith(
            "     1  duplicate-key\n     1  mutable-image-tag\n"
        )


class TestPathsAndRoots:
    def test_path_chooses_whose_findings_are_shown(self, terminal: Terminal) -> None:
        terminal.write({"a/a.yaml": DUPLICATE, "b/b.yaml": MOVING})
        assert concise(terminal, "a", "--select", "syntax,images") == [f"a/a.yaml:6:3: {FOUND}"]
        assert concise(terminal, "b/b.yaml", "--select", "syntax,images") == [f"b/b.yaml:7:14: {MOVES}"]

    def test_the_root_is_the_nearest_folder_with_git(self, terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
        terminal.write({"deep/er/a.yaml": DUPLICATE})
        monkeypatch.chdir(terminal.folder / "deep")
        assert concise(terminal, "--select", "syntax") == [f"deep/er/a.yaml:6:3: {FOUND}"]
        assert concise(terminal, "--select", "syntax", "--root", ".") == [f"er/a.yaml:6:3: {FOUND}"]

    def test_a_root_that_is_no_folder(self, terminal: Terminal) -> None:
        assert terminal.check("--root", "nope").err == "lintkit: --root nope is not a folder\n"

    def test_a_tree_of_its_own_below(self, terminal: Terminal) -> None:
        terminal.write({"a.yaml": CLEAN, "own/.lintkit.yaml": "root: true\n", "own/b.yaml": DUPLICATE})
        outcome = terminal.check()
        assert found(outcome.out) == []
        assert "not checked: own: a tree of its own: its .lintkit.yaml says `root: true`\n" in outcome.out
        assert concise(terminal, "own", "--select", "syntax") == [f"b.yaml:6:3: {FOUND}"]

    def test_a_path_that_is_no_part_of_the_tree(self, terminal: Terminal) -> None:
        terminal.write({"a.yaml": CLEAN, ".lintkit.yaml": "exclude: [old/]\n", "old/b.yaml": DUPLICATE})
        (terminal.folder / "empty").mkdir()
        (terminal.folder / ".github").mkdir()
        assert "not checked: old: " in terminal.check("old").out
        assert "not checked: .github: Flux leaves this folder out of every artifact\n" in terminal.check(".github").out
        assert "not checked: empty: no file of this tree\n" in terminal.check("empty").out

    def test_standard_input(self, terminal: Terminal) -> None:
        terminal.write({"a.yaml": CLEAN, "b.yaml": DUPLICATE})
        arguments = ("-", "--stdin-filename", "a.yaml", "--select", "syntax")
        assert concise(terminal, *arguments, stdin=DUPLICATE) == [f"a.yaml:6:3: {FOUND}"]

    def test_standard_input_of_a_file_that_is_not_there_yet(self, terminal: Terminal) -> None:
        terminal.write({"a.yaml": CLEAN})
        arguments = ("-", "--stdin-filename", "new/b.yaml", "--select", "syntax")
        assert concise(terminal, *arguments, stdin=DUPLICATE) == [f"new/b.yaml:6:3: {FOUND}"]

    def test_standard_input_needs_a_name(self, terminal: Terminal) -> None:
        assert terminal.check("-").err == "lintkit: `-` takes --stdin-filename and no other PATH\n"


class TestConfiguration:
    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("exclude: []\nfail-onn: error\n", ":2:1: `fail-onn` is no option; did you mean `fail-on`?"),
            ("fail-on: fatal\n", ":1:10: fail-on is one of info, warning, error, not `fatal`"),
            ("exclude: old/\n", ":1:10: exclude is a list, not `old/`"),
            ("ignore:\n  - rule: missing-path\n", ":2:5: ignore[0] needs `reason`"),
            (
                "ignore:\n  - rule: missing-paths\n    reason: x\n",
                ":2:5: `missing-paths` is no rule; did you mean `missing-path`?",
            ),
            ("select: [secretz]\n", ":1:10: `secretz` is no rule and no category; did you mean `secrets`?"),
            (
                "# mine\nextend-select:\n  - secrets\n  - housse\n",
                ":4:5: `housse` is no rule and no category; did you mean `house`?",
            ),
            (
                "ignore: [missing-paths]\n",
                ":1:10: `missing-paths` is no rule and no category; did you mean `missing-path`?",
            ),
            (
                "severity:\n  syntax: info\n  missing-paths: info\n",
                ":3:3: `missing-paths` is no rule and no category; did you mean `missing-path`?",
            ),
            (
                "select: [a, a\n",
                ":1:9: did not find expected ',' or ']' while parsing a flow sequence",
            ),
        ],
    )
    def test_a_mistake_is_named_with_file_and_line(self, terminal: Terminal, text: str, message: str) -> None:
        terminal.write({"a.yaml": CLEAN, ".lintkit.yaml": text})
        outcome = terminal.check()
        assert (outcome.code, outcome.err) == (2, f"lintkit: .lintkit.yaml{message}\n")

    def test_pyproject(self, terminal: Terminal) -> None:
        terminal.write(
            {
                "a.yaml": DUPLICATE,
                "b.yaml": MOVING,
                "pyproject.toml": '[project]\nname = "x"\n[tool.lintkit]\nselect = ["images"]\nfail-on = "error"\n',
            }
        )
        outcome = terminal.check("--output-format", "concise")
        assert (outcome.code, found(outcome.out)) == (0, [f"b.yaml:7:14: {MOVES}"])

    def test_a_mistake_in_pyproject(self, terminal: Terminal) -> None:
        terminal.write({"a.yaml": CLEAN, "pyproject.toml": '[tool.lintkit]\nselect = []\nexlude = ["a"]\n'})
        assert terminal.check().err == "lintkit: pyproject.toml:3:1: `exlude` is no option; did you mean `exclude`?\n"

    def test_lintkit_yaml_wins_over_pyproject(self, terminal: Terminal) -> None:
        terminal.write(
            {
                "a.yaml": DUPLICATE,
                ".lintkit.yaml": "select: [syntax]\n",
                "pyproject.toml": '[tool.lintkit]\nselect = ["images"]\n',
            }
        )
        assert concise(terminal) == [f"a.yaml:6:3: {FOUND}"]

    def test_a_file_named_on_the_command_line(self, terminal: Terminal) -> None:
        terminal.write({"a.yaml": DUPLICATE, "other.yaml": "select: [images]\n"})
        assert concise(terminal, "--config", "other.yaml") == []
        assert (
            terminal.check("--config", "no.yaml").err == "lintkit: no.yaml: cannot be read: No such file or directory\n"
        )

    def test_the_command_line_wins(self, terminal: Terminal) -> None:
        terminal.write({"a.yaml": DUPLICATE, "b.yaml": MOVING, ".lintkit.yaml": "select: [images]\nfail-on: error\n"})
        assert concise(terminal, "--select", "syntax") == [f"a.yaml:6:3: {FOUND}"]
        assert terminal.check("--fail-on", "warning").code == 1


class TestSuppressions:
    @pytest.mark.parametrize(
        "text",
        [
            MOVING.replace("latest", "latest # lintkit: ignore[mutable-image-tag] rebuilt every night"),
            MOVING.replace("      image", "      # lintkit: ignore[mutable-image-tag] rebuilt\n      image"),
            f"# lintkit: ignore-file[mutable-image-tag] a playground\n{MOVING}",
        ],
    )
    def test_a_comment_silences(self, terminal: Terminal, text: str) -> None:
        terminal.write({"a.yaml": text})
        outcome = terminal.check("--select", "images,suppression")
        assert (outcome.code, outcome.out.splitlines()[0].partition(" (")[0]) == (0, "no findings, 1 suppressed")

    @pytest.mark.parametrize(
        ("comment", "finding"),
        [
            (
                "ignore[duplicate-key] was set twice",
                "1:19: warning: `duplicate-key` finds nothing here [unused-suppression]",
            ),
            ("ignore[duplicate-keys] x", "1:19: warning: `duplicate-keys` is no rule; did you mean `duplicate-key`?"),
            ("ignore[duplicate-key]", "1:19: warning: no reason is given after the bracket [invalid-suppression]"),
            ("ignore duplicate-key", "1:1: warning: `ignore` names no rule; expected `ignore[rule-name] reason`"),
            ("ignor[duplicate-key] x", "1:1: warning: `ignor` is not `ignore` or `ignore-file` [invalid-suppression]"),
        ],
    )
    def test_a_comment_that_does_not(self, terminal: Terminal, comment: str, finding: str) -> None:
        terminal.write({"a.yaml": f"# lintkit: {comment}\n{CLEAN}"})
        shown = concise(terminal)
        assert any(line.startswith(f"a.yaml:{finding}") for line in shown), shown

    def test_an_unused_comment_is_silent_when_its_rule_does_not_run(self, terminal: Terminal) -> None:
        terminal.write({"a.yaml": f"# lintkit: ignore[duplicate-key] set twice\n{CLEAN}"})
        assert concise(terminal, "--select", "images,suppression") == []

    @pytest.mark.parametrize(
        "entry",
        [
            "rule: mutable-image-tag",
            "rule: '*'\n    path: apps/**",
            "rule: mutable-image-tag\n    path: '**/a.yaml'\n    resource: Pod/default/web",
            "rule: mutable-image-tag\n    resource: Pod/we*",
        ],
    )
    def test_an_entry_of_the_configuration_silences(self, terminal: Terminal, entry: str) -> None:
        terminal.write({"apps/x/a.yaml": MOVING})
        (terminal.folder / ".lintkit.yaml").write_text(f"ignore:\n  - {entry}\n    reason: rebuilt every night\n")
        outcome = terminal.check("--select", "images,suppression")
        assert outcome.out.startswith("no findings, 1 suppressed (")

    @pytest.mark.parametrize(
        ("entry", "what"),
        [
            ("rule: duplicate-key", "`duplicate-key` finds"),
            ("rule: mutable-image-tag\n    path: other/**", "`mutable-image-tag` finds"),
            ("rule: mutable-image-tag\n    resource: Deployment/*", "`mutable-image-tag` finds"),
            ("rule: '*'\n    path: other/**", "no rule finds"),
        ],
    )
    def test_an_entry_that_silences_nothing(self, terminal: Terminal, entry: str, what: str) -> None:
        terminal.write({"apps/x/a.yaml": MOVING})
        (terminal.folder / ".lintkit.yaml").write_text(f"exclude: []\nignore:\n  - {entry}\n    reason: x\n")
        assert (
            f".lintkit.yaml:3:5: warning: {what} nothing that this entry would leave out [unused-suppression]"
            in concise(terminal)
        )

    def test_an_unused_entry_in_pyproject(self, terminal: Terminal) -> None:
        terminal.write(
            {
                "a.yaml": CLEAN,
                "pyproject.toml": '[[tool.lintkit.ignore]]\nrule = "duplicate-key"\nreason = "x"\n',
            }
        )
        assert any(
            line.startswith("pyproject.toml:") and "`duplicate-key` finds nothing" in line for line in concise(terminal)
        )

    def test_an_unused_entry_is_silent_when_its_rule_does_not_run(self, terminal: Terminal) -> None:
        terminal.write({"a.yaml": CLEAN, ".lintkit.yaml": "ignore:\n  - {rule: duplicate-key, reason: x}\n"})
        assert concise(terminal, "--select", "images,suppression") == []


class TestWhereOutputGoes:
    def test_several_outputs(self, terminal: Terminal) -> None:
        terminal.write({"a.yaml": DUPLICATE})
        outcome = terminal.check("--select", "syntax", "--output", "concise", "--output", "json:out.json")
        assert found(outcome.out) == [f"a.yaml:6:3: {FOUND}"]
        written = json.loads((terminal.folder / "out.json").read_text("utf-8"))
        assert [one["line"] for one in written["findings"]] == [6]

    def test_a_file_that_cannot_be_written(self, terminal: Terminal) -> None:
        terminal.write({"a.yaml": CLEAN})
        outcome = terminal.check("--output", "json:no/out.json")
        assert outcome.code == 2
        assert outcome.err == "lintkit: no/out.json cannot be written: No such file or directory\n"

    def test_a_format_that_is_none(self, terminal: Terminal) -> None:
        terminal.write({"a.yaml": CLEAN})
        expected = f"lintkit: `xml` is no output format; expected one of {', '.join(FORMATS)}\n"
        assert terminal.check("--output", "xml").err == expected

    def test_verbose_says_what_was_left_alone_and_why(self, terminal: Terminal) -> None:
        terminal.write({"a.yaml": CLEAN, "chart/Chart.yaml": "name: x\n", "chart/templates/a.yaml": "a: {{ .x }}\n"})
        out = terminal.check("--verbose").out
        assert f"root: {terminal.folder}\n" in out
        assert re.search(r"^  chart[^:]*: .+$", out, re.MULTILINE)
        assert re.search(r"^ +[0-9.]+ ms  parse$", out, re.MULTILINE)

    def test_quiet(self, terminal: Terminal) -> None:
        terminal.write({"a.yaml": DUPLICATE})
        for form in ("text", "concise"):
            out = terminal.check("--quiet", "--select", "syntax", "--output-format", form).out
            assert out.startswith(f"a.yaml:6:3: {FOUND}\n")
            assert "resource" not in out
        assert terminal.check("--quiet", "--select", "images").out == ""

    def test_the_same_on_every_run(self, terminal: Terminal) -> None:
        terminal.write({f"{name}.yaml": DUPLICATE for name in "cab"})
        first = concise(terminal)
        assert first == sorted(first)
        assert first == concise(terminal)


class TestColour:
    """On a real terminal, which is no pipe."""

    @pytest.fixture
    def tree(self, tmp_path: Path) -> Path:
        (tmp_path / ".git").mkdir()
        (tmp_path / "a.yaml").write_text(DUPLICATE, "utf-8")
        return tmp_path

    def on_terminal(self, tree: Path, *arguments: str, **environment: str) -> str:
        ours, theirs = pty.openpty()
        command = [sys.executable, "-m", "lintkit", "check", "--select", "syntax", *arguments]
        plain = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
        subprocess.run(command, cwd=tree, stdout=theirs, check=False, env={**plain, "TERM": "xterm", **environment})
        os.close(theirs)
        text = drained(ours).decode()
        os.close(ours)
        return text

    def test_on_a_terminal(self, tree: Path) -> None:
        assert "\x1b[1;31merror\x1b[0m" in self.on_terminal(tree)

    def test_not_when_it_is_not_wanted(self, tree: Path) -> None:
        assert "\x1b" not in self.on_terminal(tree, "--color", "never")
        assert "\x1b" not in self.on_terminal(tree, NO_COLOR="1")
        assert "\x1b" not in self.on_terminal(tree, TERM="dumb")

    def test_not_in_a_pipe_unless_asked(self, terminal: Terminal) -> None:
        terminal.write({"a.yaml": DUPLICATE})
        assert "\x1b" not in terminal.check().out
        assert "\x1b[1;31m" in terminal.check("--color", "always").out

    def test_a_terminal_without_the_characters(self, tree: Path) -> None:
        (tree / "b.yaml").write_text(
            "apiVersion: v1\nkind: Pod\nmetadata: {name: a, namespace: default}\nspec:\n  containers:\n"
            "    - name: a\n      env: [{name: DB_PASSWORD, value: hunter2}]\n",
            "utf-8",
        )
        run = subprocess.run(
            [sys.executable, "-m", "lintkit", "check", "--select", "secrets"],
            cwd=tree, capture_output=True, check=False, env={**os.environ, "PYTHONIOENCODING": "latin-1"},
        )  # fmt: skip
        assert run.returncode == 1
        assert b"value: ????????}]" in run.stdout


class TestFromAnotherFolder:
    def test_root_alone_shows_the_whole_tree(self, terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
        terminal.write({"tree/a.yaml": DUPLICATE, "elsewhere/b.txt": ""})
        monkeypatch.chdir(terminal.folder / "elsewhere")
        assert concise(terminal, "--root", "../tree", "--select", "syntax") == [f"a.yaml:6:3: {FOUND}"]

    def test_a_path_outside_of_the_root(self, terminal: Terminal) -> None:
        terminal.write({"tree/a.yaml": CLEAN, "elsewhere/b.yaml": DUPLICATE})
        outcome = terminal.check("--root", "tree", "elsewhere")
        assert (outcome.code, outcome.err) == (2, "lintkit: elsewhere is not below the root tree\n")
