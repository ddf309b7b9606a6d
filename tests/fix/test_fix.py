"""Fixes: applied in memory, judged again, written as a whole; nothing but what they say changes."""

from __future__ import annotations

import os
import stat
import subprocess
from shutil import which
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from lintkit import configuration
from lintkit.cli.check import command
from lintkit.errors import WriteError
from lintkit.finding import Applicability, Finding, Fix
from lintkit.fix.choose import chosen, is_applicable
from lintkit.fix.hold import what_moved
from lintkit.fix.loop import Change, Outcome, fixed
from lintkit.fix.patch import patch
from lintkit.fix.write import write
from lintkit.syntax.node import Place
from lintkit.text.edit import Edit, Span
from lintkit.text.source import Source

if TYPE_CHECKING:
    from pathlib import Path

SERVICE = """\
# what people call
apiVersion: v1
kind: Service
metadata:
  name: web   # the one name
  namespace: apps
  annotations:
    example.com/public: true # for all
spec:
  ports:
    - {name: http, port: 80}
"""


def tree(root: Path, **files: str | bytes) -> Path:
    (root / ".git").mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        path = root / name.replace("__", "/").replace("_yaml", ".yaml")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return root


def repair(root: Path, *, unsafe: bool = False) -> Outcome:
    return fixed(root, configuration.load(root), unsafe=unsafe)


def run(*arguments: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(command, arguments, standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return result.return_value, result.stdout, result.stderr


def test_a_safe_fix_changes_the_value_and_keeps_every_comment(tmp_path: Path) -> None:
    outcome = repair(tree(tmp_path, web_yaml=SERVICE))
    assert outcome.changes == {
        "web.yaml": Change(SERVICE, SERVICE.replace("public: true", 'public: "true"')),
    }
    assert [(one.rule, one.position[0]) for one in outcome.applied] == [("unquoted-string", 8)]
    assert not [one for one in outcome.report.findings if one.rule == "unquoted-string"]
    assert (tmp_path / "web.yaml").read_text("utf-8") == SERVICE, "nothing is written in memory"


def test_a_second_run_changes_nothing(tmp_path: Path) -> None:
    tree(tmp_path, web_yaml=SERVICE)
    assert run("--fix", str(tmp_path))[0] == 0
    first = (tmp_path / "web.yaml").read_bytes()
    assert run("--diff", str(tmp_path))[:2] == (0, "")
    run("--fix", str(tmp_path))
    assert (tmp_path / "web.yaml").read_bytes() == first


KUSTOMIZATION = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - web.yml
"""


def test_unsafe_fixes_are_applied_only_when_asked_for(tmp_path: Path) -> None:
    tree(tmp_path, app__kustomization_yaml=KUSTOMIZATION, app__web_yaml=SERVICE.replace("true", '"true"'))
    assert repair(tmp_path).changes == {}
    outcome = repair(tmp_path, unsafe=True)
    assert outcome.changes["app/kustomization.yaml"].after == KUSTOMIZATION.replace("web.yml", "web.yaml")


def test_only_findings_below_the_paths_are_repaired(tmp_path: Path) -> None:
    tree(tmp_path, one__web_yaml=SERVICE, two__web_yaml=SERVICE.replace("apps", "more"))
    code, output, errors = run("--diff", str(tmp_path / "one"))
    assert code == 1
    assert "a/one/web.yaml" in output
    assert "two/web.yaml" not in output
    assert "would fix 1 finding in 1 file:" in errors


def test_a_fix_that_would_bring_a_finding_is_refused(tmp_path: Path) -> None:
    text = KUSTOMIZATION.replace("web.yml", "other.yaml")
    broken = SERVICE.replace("true", '"true"').replace("name: http", "nome: http")
    tree(
        tmp_path, app__kustomization_yaml=text, app__web_yaml=broken, app__other_yaml=SERVICE.replace("true", '"true"')
    )
    outcome = repair(tmp_path, unsafe=True)
    assert all(one.finding.rule != "unlisted-file" or one.reason for one in outcome.refused)


@pytest.mark.parametrize("break_", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_breaks_marks_and_modes_stay(tmp_path: Path, break_: str, mark: bytes) -> None:
    before = mark + SERVICE.replace("\n", break_).encode()
    tree(tmp_path, web_yaml=before)
    (tmp_path / "web.yaml").chmod(0o640)
    run("--fix", str(tmp_path))
    assert (tmp_path / "web.yaml").read_bytes() == before.replace(b"public: true", b'public: "true"')
    assert stat.S_IMODE((tmp_path / "web.yaml").stat().st_mode) == 0o640
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["web.yaml"]


@pytest.mark.skipif(which("git") is None, reason="git is not installed")
@pytest.mark.parametrize("text", [SERVICE, SERVICE.rstrip("\n"), SERVICE.replace("\n", "\r\n")])
def test_git_takes_the_patch(tmp_path: Path, text: str) -> None:
    tree(tmp_path, apps__web_yaml=text)
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    code, _, _ = run("--diff", str(tmp_path))
    assert code == 1
    outcome = repair(tmp_path)
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, check=True, input=patch(outcome.changes).encode())
    assert (tmp_path / "apps" / "web.yaml").read_bytes().decode() == outcome.changes["apps/web.yaml"].after


@pytest.mark.skipif(which("git") is None, reason="git is not installed")
def test_git_takes_a_new_file_and_names_that_need_quotes(tmp_path: Path) -> None:
    subprocess.run(["git", "init", "-q"], cwd=tmp_path, check=True)
    changes = {'a "b" ü.yaml': Change(None, "a: 1\nb: 2"), "c.yaml": Change(None, "c: 3\n")}
    subprocess.run(["git", "apply", "-"], cwd=tmp_path, check=True, input=patch(changes).encode())
    for path, change in changes.items():
        assert (tmp_path / path).read_text("utf-8") == change.after


@pytest.mark.parametrize(
    ("before", "edits", "moved"),
    [
        ("a: 1\nb: 2\n", [Edit("f", Span(3, 4), "5")], False),
        ("a: 1\nb: 2\n", [Edit("f", Span(5, 5), "c: 3\n")], False),
        ("a: 1\nb: 2\n", [Edit("f", Span(5, 5), "c:\n  ")], True),
        ("a:\n  - x\n", [Edit("f", Span(7, 8), "x: 1")], False),
        ("a: 1\nb: 2\n", [Edit("f", Span(3, 4), "[")], True),
        ("a: |\n  x\nb: 2\n", [Edit("f", Span(9, 9), "  y\n")], False),
        ("a:\n  b: 1\nc: 2\n", [Edit("f", Span(0, 0), "z:\n ")], True),
        ("a:\nb: 2\n", [Edit("f", Span(2, 3), "\n  c: 3\n")], False),
        ("a:\nb: 2\n", [Edit("f", Span(3, 3), "  c: 3\n")], True),
    ],
)
def test_what_an_edit_moves_is_seen(before: str, edits: list[Edit], moved: bool) -> None:
    after = before
    for edit in edits:
        after = after[: edit.span.start] + edit.text + after[edit.span.end :]
    assert bool(what_moved("f", before, after, edits)) is moved


def _finding(*edits: Edit, applicability: Applicability = Applicability.SAFE) -> Finding:
    place = Place(Source("f", "abcdefgh"), Span(0, 1))
    return Finding.at(place, "message", fix=Fix("do it", edits, applicability))


def test_fixes_that_touch_the_same_text_do_not_go_together() -> None:
    one = _finding(Edit("f", Span(0, 2), "x"), Edit("g", Span(0, 1), "y"))
    other = _finding(Edit("g", Span(0, 1), "z"))
    third = _finding(Edit("f", Span(4, 5), "x"))
    assert chosen([one, other, third]) == [one, third]
    same = _finding(Edit("f", Span(0, 2), "x"), Edit("g", Span(0, 1), "y"))
    assert chosen([one, same]) == [one, same]


def test_elements_of_a_list_may_be_put_at_one_place() -> None:
    one, other = _finding(Edit("f", Span(4, 4), "- a\n")), _finding(Edit("f", Span(4, 4), "- b\n"))
    assert chosen([one, other]) == [one, other]
    assert chosen([one, _finding(Edit("f", Span(4, 4), "b: c\n"))]) == [one]


def test_a_hint_is_never_applied() -> None:
    hint = _finding(Edit("f", Span(0, 1), "x"), applicability=Applicability.DISPLAY)
    assert not is_applicable(hint.fix, unsafe=True)


def test_a_link_is_not_written_through(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "web.yaml").write_text("a: 1\n", "utf-8")
    root = tmp_path / "root"
    root.mkdir()
    (root / "web.yaml").symlink_to(tmp_path / "outside" / "web.yaml")
    (root / "folder").symlink_to(tmp_path / "outside")
    for path in ("web.yaml", "folder/web.yaml", "../outside/web.yaml"):
        with pytest.raises(WriteError):
            write(root, {path: "b: 2\n"})
    assert (tmp_path / "outside" / "web.yaml").read_text("utf-8") == "a: 1\n"


def test_where_one_file_cannot_be_written_none_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.yaml").write_text("a: 1\n", "utf-8")
    (tmp_path / "b.yaml").write_text("b: 1\n", "utf-8")
    flush = os.fsync
    calls: list[int] = []

    def fails(descriptor: int) -> None:
        calls.append(descriptor)
        if len(calls) == 2:
            raise OSError(28, "No space left on device")
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(WriteError, match="No space left"):
        write(tmp_path, {"a.yaml": "a: 2\n", "b.yaml": "b: 2\n", "new/c.yaml": "c: 2\n"})
    assert {path.name: path.read_text("utf-8") for path in tmp_path.iterdir()} == {
        "a.yaml": "a: 1\n",
        "b.yaml": "b: 1\n",
    }


def test_standard_input_is_not_repaired(tmp_path: Path) -> None:
    tree(tmp_path, web_yaml=SERVICE)
    with pytest.raises(Exception, match="not standard input"):
        CliRunner().invoke(
            command, ["--fix", "-", "--stdin-filename", str(tmp_path / "web.yaml")], input=SERVICE,
            standalone_mode=False, catch_exceptions=False,
        )  # fmt: skip
