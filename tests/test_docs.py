"""What the pages show is what happens: each command and program is run, and its output compared."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.documents import ROOT, Shown, blocks, commands, matches, wrong

if TYPE_CHECKING:
    from pathlib import Path

PAGES = [
    path
    for path in sorted([ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").rglob("*.md")])
    if path.parent.name not in {"rules", "decisions"}
]
RUN = [path for path in PAGES if {"console", "python"} & {block.info for block in blocks(path.read_text("utf-8"))}]
RUN.remove(ROOT / "CONTRIBUTING.md")  # tests/test_first_rule.py follows it


@pytest.mark.parametrize("path", RUN, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_a_page_shows_is_what_happens(path: Path, tmp_path: Path, own_machine: Path, example_plugin: Path) -> None:
    environment = {
        "PYTHONPATH": str(example_plugin),
        "LINTKIT_STORE": str(own_machine / "store"),
        "LINTKIT_CACHE_DIR": str(tmp_path / "cache"),
        "HELM_CACHE_HOME": str(own_machine / "helm"),
    }
    problems = "\n".join(wrong(path.read_text("utf-8"), tmp_path / "trees", environment))
    assert not problems, f"{path.name}: {problems}"


PAGE = """\
<!-- file: a/b.txt -->
```text
hello
```

<!-- run: empty -->
```console
$ printf 'a\\nb\\nc\\n'
a
...
$ echo took 0.25 s; \\
> (exit 3)
took 9.1 s
$ echo $?
3
```
"""


def test_a_page_that_is_right_and_one_that_is_not(tmp_path: Path) -> None:
    assert list(wrong(PAGE, tmp_path / "right", {})) == []
    (line,) = wrong(PAGE.replace("\n3\n", "\n4\n"), tmp_path / "wrong", {})
    assert line == "line 14: $ echo $?\n3\n--- and the page says\n4\n"


def test_files_are_written_where_commands_run(tmp_path: Path) -> None:
    page = PAGE.replace("<!-- run: empty -->\n", "").replace("```console\n", "```console\n$ cat a/b.txt\nhello\n")
    assert list(wrong(f"<!-- run: empty -->\n{page}", tmp_path / "right", {})) == []


def test_a_command_that_ends_the_shell_is_no_page_that_passes(tmp_path: Path) -> None:
    (line,) = wrong("```console\n$ exit 0\n$ echo no\n```\n", tmp_path / "trees", {})
    assert line == "line 2: the commands after it did not run"


def test_commands_of_a_block() -> None:
    (block,) = blocks("1. so\n\n   ```console\n   $ a \\\n   > b\n   c\n   $ d\n   ```\n")
    assert commands(block) == [Shown(4, "a \\\nb", "c\n"), Shown(7, "d", "")]


@pytest.mark.parametrize(
    ("expected", "output", "same"),
    [
        ("a\n...\nd\n", "a\nb\nc\nd\n", True),
        ("a\n...\nd\n", "a\nb\n", False),
        ("a … c\n", "a b c\n", True),
        ("a … c\n", "a b\nc\n", False),
        ("(0.1 s)\n", "(12 s)\n", True),
        ("2 files\n", "3 files\n", False),
        ("", "a\n", False),
    ],
)
def test_outputs_that_match(expected: str, output: str, same: bool) -> None:
    assert matches(expected, output) is same
