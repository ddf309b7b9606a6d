"""Which files are read, what is skipped, and why."""

from __future__ import annotations

from pathlib import Path

import pytest

from lintkit.collect.discover import Skipped, discover
from lintkit.collect.repository import Repository, looks_like_manifest, looks_templated, root_of


def write(root: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")


def make(root: Path, *paths: str) -> None:
    write(root, dict.fromkeys(paths, ""))


def test_files_and_folders(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": "a: b\n", "dir/b.yml": "", "dir/sub/c": "", ".dotted/d.yaml": "", ".git/config": ""})
    listing = discover(tmp_path)
    assert listing.files == {"a.yaml": 5, "dir/b.yml": 0, "dir/sub/c": 0, ".dotted/d.yaml": 0}
    assert listing.folders == {"", "dir", "dir/sub", ".dotted"}
    assert listing.skipped == []


def test_the_order_is_the_same_on_every_run(tmp_path: Path) -> None:
    make(tmp_path, *(f"{folder}/{name}" for folder in "cab" for name in ("z.yaml", "é.yaml", "A.yaml")))
    assert list(discover(tmp_path).files) == list(discover(tmp_path).files)


@pytest.mark.parametrize("name", [".gitignore", ".sourceignore"])
def test_what_is_ignored_says_by_which_file(tmp_path: Path, name: str) -> None:
    write(tmp_path, {name: "/dir/\n", "dir/a.yaml": "", "other/a.yaml": "", f"other/{name}": "a.yaml\n"})
    listing = discover(tmp_path)
    assert set(listing.files) == {name, f"other/{name}"}
    assert sorted(listing.skipped, key=lambda one: one.path) == [
        Skipped("dir", f"ignored by {name}"),
        Skipped("other/a.yaml", f"ignored by other/{name}"),
    ]
    assert listing.is_hidden("dir/a.yaml") == f"ignored by {name}"
    assert listing.is_hidden("other") is None


def test_one_ignore_file_does_not_take_back_what_the_other_ignores(tmp_path: Path) -> None:
    write(tmp_path, {".gitignore": "a.yaml\n", ".sourceignore": "!a.yaml\nb.yaml\n", "a.yaml": "", "b.yaml": ""})
    listing = discover(tmp_path)
    assert listing.hidden == {"a.yaml": "ignored by .gitignore", "b.yaml": "ignored by .sourceignore"}


def test_patterns_of_the_configuration(tmp_path: Path) -> None:
    make(tmp_path, "a.yaml", "old/b.yaml")
    listing = discover(tmp_path, exclude=["old/"])
    assert set(listing.files) == {"a.yaml"}
    assert listing.skipped == [Skipped("old", "excluded by the configuration")]


def test_what_flux_leaves_out(tmp_path: Path) -> None:
    make(tmp_path, ".github/workflows/a.yaml", ".circleci/config.yml", "a.yaml")
    listing = discover(tmp_path)
    assert set(listing.files) == {"a.yaml"}
    assert listing.is_hidden(".github/workflows/a.yaml") == "Flux leaves this folder out of every artifact"


def test_links_are_noted_and_never_followed(tmp_path: Path) -> None:
    root = tmp_path / "root"
    make(root, "dir/a.yaml")
    make(tmp_path, "outside/secret.yaml")
    for name, target in {
        "to-file.yaml": "dir/a.yaml",
        "to-folder": "dir",
        "dir/up": "..",
        "self": "self",
        "out": "../outside",
        "out.yaml": "../outside/secret.yaml",
        "gone": "absent",
    }.items():
        (root / name).symlink_to(target)
    listing = discover(root)
    assert set(listing.files) == {"dir/a.yaml"}
    assert listing.folders == {"", "dir"}
    assert listing.links == {"to-file.yaml", "to-folder", "dir/up", "self", "out", "out.yaml", "gone"}
    repository = Repository.open(root)
    for path in ("out/secret.yaml", "out.yaml", "to-folder/a.yaml", "dir/up/dir/a.yaml"):
        assert repository.exists_unseen(path) == "reached through a symbolic link"
        assert repository.source(path) is None


def test_an_ignore_file_that_is_a_link_is_not_read(tmp_path: Path) -> None:
    root = tmp_path / "root"
    make(root, "a.yaml")
    (tmp_path / "patterns").write_text("*\n", "utf-8")
    (root / ".gitignore").symlink_to("../patterns")
    assert set(discover(root).files) == {"a.yaml"}


def test_a_tree_of_its_own(tmp_path: Path) -> None:
    write(
        tmp_path,
        {
            ".lintkit.yaml": "root: true\n",
            "own/.lintkit.yaml": "# of its own\nroot:  true # yes\n",
            "own/a.yaml": "",
            "part/.lintkit.yaml": "root: false\n",
            "part/a.yaml": "",
        },
    )
    listing = discover(tmp_path)
    assert set(listing.files) == {".lintkit.yaml", "part/.lintkit.yaml", "part/a.yaml"}
    assert listing.skipped == [Skipped("own", "a tree of its own: its .lintkit.yaml says `root: true`")]


def test_an_overlay_lies_over_the_disk(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": "a: disk\n", "b.yaml": "b: disk\n"})
    repository = Repository.open(tmp_path, overlay={"a.yaml": "a: laid\n", "new/dir/c.yaml": "c: laid\n"})
    texts = {path: source.text for path in repository.listing.files if (source := repository.source(path))}
    assert texts == {"a.yaml": "a: laid\n", "b.yaml": "b: disk\n", "new/dir/c.yaml": "c: laid\n"}
    assert repository.is_folder("new/dir")
    assert (tmp_path / "a.yaml").read_text("utf-8") == "a: disk\n"


def test_a_file_is_read_and_parsed_once(tmp_path: Path) -> None:
    write(tmp_path, {"a.yaml": "a: b\n"})
    repository = Repository.open(tmp_path)
    first = repository.stream("a.yaml")
    (tmp_path / "a.yaml").unlink()
    assert repository.stream("a.yaml") is first
    assert list(repository.parsed()) == ["a.yaml"]


def test_what_is_asked_of_a_repository(tmp_path: Path) -> None:
    make(tmp_path, "App/A.yaml", "App/kustomization.yml", "App/Kustomization", "b.txt")
    repository = Repository.open(tmp_path)
    assert repository.other_case("app/a.yaml") == "App/A.yaml"
    assert repository.other_case("App/A.yaml") is None
    assert repository.other_case("none") is None
    assert repository.kustomization_files("App") == ["App/kustomization.yml", "App/Kustomization"]
    assert repository.kustomization_files("") == []
    assert sorted(repository.yaml_files()) == ["App/A.yaml", "App/Kustomization", "App/kustomization.yml"]
    assert repository.source("absent") is None
    assert repository.stream("absent") is None
    assert repository.exists_unseen("absent") is None


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("apiVersion: v1\n", True),
        ("# c\nkind: X\n", True),
        ('"apiVersion": v1\n', True),
        ("kind : X\n", True),
        ("spec:\n  kind: X\n", False),
        ("kinds: X\n", False),
        ("", False),
    ],
)
def test_looks_like_manifest(text: str, answer: bool) -> None:
    assert looks_like_manifest(text) is answer


@pytest.mark.parametrize(
    ("text", "answer"), [("a: {{ b }}\n", True), ("{% if a %}\n", True), ("  <% a %>\n", True), ("a: ${b}\n", False)]
)
def test_looks_templated(text: str, answer: bool) -> None:
    assert looks_templated(text) is answer


def test_root_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make(tmp_path, "repo/.git/config", "repo/a/b.yaml", "repo/part/.lintkit.yaml", "repo/part/c/d.yaml", "loose/e.yaml")
    monkeypatch.chdir(tmp_path / "loose")
    assert root_of(tmp_path / "repo/a/b.yaml") == tmp_path / "repo"
    assert root_of(tmp_path / "repo/part/c") == tmp_path / "repo/part"
    assert root_of(tmp_path / "loose/e.yaml") == tmp_path / "loose"
    assert root_of(Path()) == tmp_path / "loose"
    monkeypatch.chdir(tmp_path / "repo")
    assert root_of(tmp_path / "loose") == tmp_path / "loose"
