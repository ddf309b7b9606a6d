"""`lintkit baseline` and `check --baseline`: what is accepted, what is new, what is stale."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lintkit import baseline, engine
from lintkit.baseline import Entry
from tests.cli.test_check import DUPLICATE, MOVING

if TYPE_CHECKING:
    from pathlib import Path

    from tests.terminal import Terminal

FOUND = "error: the key `name` is already set on line 4 [duplicate-key]"
SECRET = "correct-horse-battery-staple"  # noqa: S105 - the one that must not be seen
POD = f"""\
apiVersion: v1
kind: Pod
metadata: {{name: web, namespace: default}}
spec:
  containers:
    - name: web
      env: [{{name: DB_PASSWORD, value: {SECRET}}}]
"""
SELECT = "select: [syntax, images, secrets, suppression]\n"


@pytest.fixture
def tree(terminal: Terminal) -> Terminal:
    terminal.write({"a.yaml": DUPLICATE, "b c.yaml": MOVING, "pod.yaml": POD, ".lintkit.yaml": SELECT})
    return terminal


def lines(terminal: Terminal, *arguments: str) -> list[str]:
    """The findings of a check, one a line."""
    out = terminal.check("--output-format", "concise", "--quiet", *arguments).out
    return out.splitlines()


def use(terminal: Terminal) -> None:
    """Name the baseline in the configuration."""
    (terminal.folder / ".lintkit.yaml").write_text(f"{SELECT}baseline: .lintkit-baseline\n", "utf-8")


def test_what_is_accepted_is_not_shown_and_fails_nothing(tree: Terminal) -> None:
    assert tree.check().code == 1
    wrote = tree.lintkit("baseline", "write")
    assert wrote.out == (
        "3 findings accepted in .lintkit-baseline\n"
        "`baseline: .lintkit-baseline` in .lintkit.yaml makes every run use it; `--baseline` makes one use it\n"
    )
    outcome = tree.check("--baseline", ".lintkit-baseline")
    assert (outcome.code, outcome.out.partition(" (")[0]) == (0, "no findings, 3 suppressed")
    assert tree.check().code == 1
    use(tree)
    assert tree.check().code == 0
    assert tree.lintkit("baseline", "write").out == "3 findings accepted in .lintkit-baseline\n"


def test_the_file_is_sorted_and_says_what_it_is(tree: Terminal) -> None:
    tree.lintkit("baseline", "write")
    text = (tree.folder / ".lintkit-baseline").read_text("utf-8")
    head, *rest = text.splitlines()
    assert head == "# lintkit baseline 1"
    entries = [line.split(" ", 2) for line in rest if not line.startswith("#")]
    assert [(rule, path) for _, rule, path in entries] == [
        ("duplicate-key", "a.yaml"),
        ("mutable-image-tag", "b c.yaml"),
        ("inline-password", "pod.yaml"),
    ]
    assert all(len(mark) == 32 for mark, _, _ in entries)
    assert SECRET not in text


def test_the_same_secret_or_another_is_the_same_entry(tree: Terminal) -> None:
    """Neither the secret nor its hash is in the file."""
    tree.lintkit("baseline", "write")
    before = (tree.folder / ".lintkit-baseline").read_bytes()
    (tree.folder / "pod.yaml").write_text(POD.replace(SECRET, "hunter2hunter2"), "utf-8")
    tree.lintkit("baseline", "write")
    assert (tree.folder / ".lintkit-baseline").read_bytes() == before


def test_entries_follow_their_lines(tree: Terminal) -> None:
    tree.lintkit("baseline", "write")
    use(tree)
    (tree.folder / "a.yaml").write_text(f"# more\n# lines\n{DUPLICATE}", "utf-8")
    assert lines(tree) == []


def test_a_second_finding_of_the_kind_is_new(tree: Terminal) -> None:
    tree.lintkit("baseline", "write")
    use(tree)
    (tree.folder / "a.yaml").write_text(f"{DUPLICATE}---\n{DUPLICATE}", "utf-8")
    count = len(DUPLICATE.splitlines())
    assert lines(tree) == [
        f"a.yaml:{count + 7}:3: error: the key `name` is already set on line {count + 5} [duplicate-key]"
    ]
    assert tree.check().code == 1


def test_a_stale_entry_is_reported_and_pruned(tree: Terminal) -> None:
    tree.lintkit("baseline", "write")
    use(tree)
    (tree.folder / "a.yaml").unlink()
    stale = ".lintkit-baseline:4:1: info: `duplicate-key` in a.yaml is gone [stale-baseline-entry]"
    assert lines(tree) == [stale]
    assert tree.check().code == 0
    assert tree.check("--fail-on", "info").code == 1
    assert tree.lintkit("baseline", "show").out.splitlines()[-2:] == [
        "a.yaml: stale [duplicate-key]",
        "2 findings accepted, 1 entry stale",
    ]
    assert tree.lintkit("baseline", "prune").out == "1 entry taken out, 2 left\n"
    assert lines(tree) == []
    before = (tree.folder / ".lintkit-baseline").stat().st_mtime_ns
    assert tree.lintkit("baseline", "prune").out == "0 entries taken out, 2 left\n"
    assert (tree.folder / ".lintkit-baseline").stat().st_mtime_ns == before


def test_an_entry_of_a_rule_that_did_not_run_is_not_stale(tree: Terminal) -> None:
    tree.lintkit("baseline", "write")
    use(tree)
    (tree.folder / "a.yaml").unlink()
    assert lines(tree, "--select", "images,suppression") == []
    (tree.folder / ".lintkit.yaml").write_text("select: [images]\nbaseline: .lintkit-baseline\n", "utf-8")
    assert tree.lintkit("baseline", "prune").out == "0 entries taken out, 3 left\n"


def test_show_says_where_they_are_now(tree: Terminal) -> None:
    tree.lintkit("baseline", "write")
    (tree.folder / "a.yaml").write_text(f"# more\n{DUPLICATE}", "utf-8")
    out = tree.lintkit("baseline", "show").out.splitlines()
    assert out[0] == "a.yaml:7:3: the key `name` is already set on line 5 [duplicate-key]"
    assert out[-1] == "3 findings accepted, 0 entries stale"
    assert SECRET not in "\n".join(out)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", ":1: is no baseline that this version reads: its first line is not `# lintkit baseline 1`"),
        ("# lintkit baseline 2\n", ":1: is no baseline that this version reads: its first line is not "),
        ("# lintkit baseline 1\nabc duplicate-key a.yaml\n", ":2: is no entry of a baseline; expected a fingerprint,"),
    ],
)
def test_a_file_that_is_none(tree: Terminal, text: str, message: str) -> None:
    (tree.folder / "base").write_text(text, "utf-8")
    outcome = tree.check("--baseline", "base")
    assert outcome.code == 2
    assert outcome.err.startswith(f"lintkit: base{message}")


def test_a_file_that_is_not_there(tree: Terminal) -> None:
    outcome = tree.check("--baseline", "base")
    assert (outcome.code, outcome.err) == (
        2,
        "lintkit: base: the baseline cannot be read: No such file or directory; `lintkit baseline write` makes it\n",
    )
    (tree.folder / "base").mkdir()
    assert tree.check("--baseline", "base").err == "lintkit: base: is no file\n"


def test_a_broken_rule_writes_nothing(tree: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "run_rules", lambda *_: ([], [engine.Failure("made-up", "KeyError: 1")]))
    outcome = tree.lintkit("baseline", "write")
    assert outcome.code == 3
    assert outcome.err.startswith("lintkit: internal error in `made-up`: ")
    assert not (tree.folder / ".lintkit-baseline").exists()


def test_a_root_that_is_none(tree: Terminal) -> None:
    assert tree.lintkit("baseline", "show", "--root", "no").err == "lintkit: --root no is not a folder\n"


def test_paths_of_all_kinds_come_back(tmp_path: Path) -> None:
    paths = ["a b", "a\\nb", "a\nb\t\r", "ü/x", " x ", "#"]
    baseline.save(tmp_path / "base", [Entry(path, "duplicate-key", "0" * 32) for path in paths])
    assert [entry.path for entry in baseline.read(tmp_path / "base", tmp_path)] == sorted(paths)
