"""What the pages show is what happens: each command and program is run, and its output compared."""

from __future__ import annotations

import json
import os
import re
import shlex
import tomllib
from typing import TYPE_CHECKING

import click
import pytest
import yaml

from lintkit import configuration
from lintkit.cli.main import lintkit
from lintkit.engine import select_rules
from lintkit.options import Options
from tests.documents import ROOT, Block, Shown, blocks, commands, matches, rewritten, wrong

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
    page = path.read_text("utf-8")
    found = list(wrong(page, tmp_path / "trees", environment))
    if found and os.environ.get("LINTKIT_WRITE_SHOWN"):
        path.write_text(rewritten(page, found), "utf-8")
    assert not found, f"{path.name}: " + "\n".join(map(str, found)) + "\n`make shown` writes it anew"


def shown(*languages: str) -> list[tuple[str, Block]]:
    """The blocks of the pages in some languages, each with where it is."""
    return [
        (f"{path.relative_to(ROOT).as_posix()}:{block.line}", block)
        for path in PAGES
        for block in blocks(path.read_text("utf-8"))
        if block.info in languages
    ]


COMMANDS = [
    (f"{where}: {command}", shlex.split(command, comments=True))
    for where, block in shown("sh")
    for line in block.text.replace("\\\n", " ").splitlines()
    for command in re.findall(r"(?:^|\| )(lintkit [^|<>&]+)", line)
]


@pytest.mark.parametrize("words", [words for _, words in COMMANDS], ids=[where for where, _ in COMMANDS])
def test_a_command_that_a_page_names_is_one(words: list[str]) -> None:
    context = lintkit.make_context("lintkit", words[1:])
    name, found, rest = lintkit.resolve_command(context, [*context._protected_args, *context.args])
    while isinstance(found, click.Group) and rest:
        context = found.make_context(name, rest, parent=context)
        name, found, rest = found.resolve_command(context, [*context._protected_args, *context.args])
    assert found is not None
    with found.make_context(name, rest, parent=context) as made:
        assert made.params is not None


OPTIONS = {one.name.replace("_", "-") for one in configuration.fields(Options)}
CONFIGURATIONS = [
    (where, block.text)
    for where, block in shown("yaml")
    if "file" not in block.orders
    and not re.search(r"^(summary|apiVersion|title):", block.text, re.MULTILINE)  # a rule, an object, a blueprint
    and OPTIONS & set(re.findall(r"^([\w-]+):", block.text, re.MULTILINE))
]


@pytest.mark.parametrize("text", [text for _, text in CONFIGURATIONS], ids=[where for where, _ in CONFIGURATIONS])
def test_a_configuration_that_a_page_shows_is_read(text: str) -> None:
    options = configuration.read_yaml(text, ".lintkit.yaml")
    select_rules(options)


def test_hooks_and_inputs_that_pages_show_are_there() -> None:
    hooks = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text("utf-8"))}
    inputs = set(yaml.safe_load((ROOT / "action.yml").read_text("utf-8"))["inputs"])
    used: dict[str, set[str]] = {"hooks": set(), "inputs": set()}
    for _, block in shown("yaml"):
        page = yaml.safe_load(block.text) if block.text.startswith(("repos:", "# .pre-commit", "on:")) else {}
        for repository in page.get("repos", ()):
            used["hooks"] |= {hook["id"] for hook in repository["hooks"] if "lintkit" in repository["repo"]}
            for hook in repository["hooks"] if repository["repo"] == "local" else ():
                same = ("id", "entry", "files", "require_serial")
                assert {name: hook[name] for name in same} == {name: hooks[hook["id"]][name] for name in same}
        for job in page.get("jobs", {}).values():
            for step in job["steps"]:
                if step["uses"].startswith("lintkit/"):
                    used["inputs"] |= set(step["with"])
    assert used["hooks"] == {"lintkit", "lintkit-secrets"}
    assert used["hooks"] <= set(hooks)
    assert used["inputs"] == {"changed-since", "sarif"}
    assert used["inputs"] <= inputs


def test_editors_start_the_server_as_their_pages_say() -> None:
    def only(page: str, language: str) -> str:
        (text,) = [block.text for where, block in shown(language) if where.startswith(f"docs/editors/{page}.md")]
        return text

    code = json.loads(only("vscode", "json"))
    helix = tomllib.loads(only("helix", "toml"))["language-server"]["lintkit"]
    starts = [
        (code["glspc.server.command"], code["glspc.server.commandArguments"]),
        (helix["command"], helix["args"]),
        *(("lintkit", [found]) for found in re.findall(r'command: "lintkit", args: \["(\w+)"\]', only("vscode", "ts"))),
        *(
            ("lintkit", [found])
            for where, block in shown("lua")
            for found in re.findall(r'cmd = \{ "lintkit", "(\w+)" \}', block.text)
        ),
    ]
    assert starts == [("lintkit", ["server"])] * 5
    assert lintkit.get_command(click.Context(lintkit), "server") is not None


def test_what_programs_print_is_run_or_says_why_not() -> None:
    """A block of plain text is what the program above it prints, written by `make docs`, or marked."""
    left: list[str] = []
    for path in PAGES:
        text = re.sub(r"(?s)<!-- generated: .*?<!-- end -->", "", path.read_text("utf-8"))
        before = ""
        for block in blocks(text):
            if block.info in {"", "text"} and before != "python" and not {"not run", "same as"} & set(block.orders):
                left.append(f"{path.name}: {block.text[:60]}")
            before = block.info
    assert left == []
    assert [where for where, block in shown("sh", "shell", "bash") if block.text.startswith("$ ")] == []


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
    stale = PAGE.replace("\n3\n", "\n4\n").replace("a\n...\n", "a\nc\n")
    found = list(wrong(stale, tmp_path / "wrong", {}))
    assert str(found[1]) == "line 14: $ echo $?\n3\n--- and the page says\n4\n"
    assert rewritten(stale, found) == PAGE.replace("a\n...\n", "a\nb\nc\n")
    (left,) = wrong(PAGE.replace("a\n...\n", "b\n...\n"), tmp_path / "left", {})
    assert rewritten(PAGE, [left]) == PAGE
    (later,) = wrong(PAGE.replace("took 9.1 s\n", "took 9.1 s!\n"), tmp_path / "later", {})
    assert rewritten(PAGE, [later]) == PAGE


def test_files_are_written_where_commands_run(tmp_path: Path) -> None:
    page = PAGE.replace("<!-- run: empty -->\n", "").replace("```console\n", "```console\n$ cat a/b.txt\nhello\n")
    assert list(wrong(f"<!-- run: empty -->\n{page}", tmp_path / "right", {})) == []


def test_a_command_that_ends_the_shell_is_no_page_that_passes(tmp_path: Path) -> None:
    (found,) = wrong("```console\n$ exit 0\n$ echo no\n```\n", tmp_path / "trees", {})
    assert str(found) == "line 2: the commands after it did not run"


def test_commands_of_a_block() -> None:
    (block,) = blocks("1. so\n\n   ```console\n   $ a \\\n   > b\n   c\n   $ d\n   ```\n")
    assert commands(block) == [Shown(4, "a \\\nb", "c\n", 6, "   "), Shown(7, "d", "", 8, "   ")]


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
