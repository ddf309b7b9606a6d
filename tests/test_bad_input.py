# ruff: noqa: E501 - one case a line reads as a table
"""Input that is broken, hostile or odd: one clear finding or message each, and the rest is still linted."""

from __future__ import annotations

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lintkit import engine
from lintkit.collect import repository
from lintkit.collect.repository import Repository
from lintkit.errors import ConfigurationError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.engine import Report

HEAD = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: odd}\n"
GOOD = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: good\n  name: good\n"
THE_REST = ("app/good.yaml", 5, "duplicate-key", "the key `name` is already set on line 4")
SECONDS = 20


@pytest.fixture(autouse=True)
def in_time() -> Iterator[None]:
    """Nothing hangs."""

    def stop(*_: object) -> None:
        pytest.fail(f"it took more than {SECONDS} seconds")

    before = signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A root with one folder that lists what a test puts beside a file with one mistake."""
    root = tmp_path / "root"
    (root / ".git").mkdir(parents=True)
    (root / "app").mkdir()
    (root / "app/kustomization.yaml").write_text("resources:\n- good.yaml\n- odd.yaml\n", "utf-8")
    (root / "app/good.yaml").write_text(GOOD, "utf-8")
    return root


def linted(root: Path) -> tuple[Report, list[tuple[str, int, str, str]]]:
    """A run, and its other findings once the mistake of the good file is seen."""
    report = engine.check(root, root=root)
    assert report.failures == ()
    found = [(one.path, one.position[0], one.rule, one.message) for one in report.findings]
    assert THE_REST in found
    found.remove(THE_REST)
    return report, found


def bomb() -> str:
    lines = ["  a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"  a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]" for level in range(1, 10)]
    return f"{HEAD}data:\n" + "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("raw", "line", "message"),
    [
        pytest.param(
            HEAD.encode() + b"data: {a: b\n",
            4,
            "did not find expected ',' or '}' while parsing a flow mapping",
            id="broken",
        ),
        pytest.param(HEAD.encode() + b"data: {a: caf\xe9}\n", 4, "this byte is not valid UTF-8", id="invalid UTF-8"),
        pytest.param(
            HEAD.encode() + b"data: {a: x\0y}\n", 4, "the character U+0000 is not allowed in YAML", id="NUL byte"
        ),
        pytest.param(bomb().encode(), 10, "aliases expand to more than 1,000,000 values", id="alias bomb"),
        pytest.param(
            f"{HEAD}data: {'[' * 10_000}{']' * 10_000}\n".encode(),
            4,
            "nested deeper than 300 levels",
            id="10,000 levels in flow style",
        ),
        pytest.param(
            f"{HEAD}data:\n  {'- ' * 10_000}x\n".encode(),
            5,
            "nested deeper than 300 levels",
            id="10,000 levels in block style",
        ),
        pytest.param(
            f"{HEAD}data: {'{a: ' * 10_000}{'}' * 10_000}\n".encode(),
            4,
            "nested deeper than 300 levels",
            id="10,000 mappings",
        ),
        pytest.param(f"{HEAD}data: &a [*a]\n".encode(), 4, "the anchor `a` contains itself", id="an alias of itself"),
    ],
)
def test_a_file_that_is_no_yaml(tree: Path, raw: bytes, line: int, message: str) -> None:
    (tree / "app/odd.yaml").write_bytes(raw)
    _, found = linted(tree)
    assert found == [("app/odd.yaml", line, "syntax-error", message)]


def test_an_empty_file(tree: Path) -> None:
    (tree / "app/odd.yaml").touch()
    report, found = linted(tree)
    assert found == []
    assert [one.reason for one in report.skipped if one.path == "app/odd.yaml"] == [
        "no Kubernetes object: no `apiVersion` and `kind` at the left margin"
    ]


def test_a_file_of_50_megabytes(tree: Path) -> None:
    with (tree / "app/odd.yaml").open("wb") as file:
        file.write(HEAD.encode())
        file.truncate(50_000_000)
    report, found = linted(tree)
    assert found == []
    assert "app/odd.yaml: larger than 10 MB (50 MB)" in report.not_checked


def forbid(monkeypatch: pytest.MonkeyPatch, path: Path) -> None:
    """Make a path unreadable; for root, whom no mode stops, as if it were."""
    path.chmod(0)
    if os.geteuid() != 0:
        return
    scandir = os.scandir

    def check(asked: Any) -> None:  # noqa: ANN401 - whatever names a path
        if Path(asked) == path:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(asked))

    def scan(asked: Any) -> Any:  # noqa: ANN401
        check(asked)
        return scandir(asked)

    def opened(asked: Any, mode: str) -> Any:  # noqa: ANN401
        check(asked)
        return open(asked, mode)  # noqa: PTH123

    monkeypatch.setattr(os, "scandir", scan)
    monkeypatch.setattr(repository, "open", opened, raising=False)


def test_an_unreadable_file(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tree / "app/odd.yaml").write_text(HEAD, "utf-8")
    forbid(monkeypatch, tree / "app/odd.yaml")
    report, found = linted(tree)
    assert found == []
    assert "app/odd.yaml: cannot be read: Permission denied" in report.not_checked


def test_an_unreadable_folder(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tree / "app/odd").mkdir()
    (tree / "app/kustomization.yaml").write_text("resources:\n- good.yaml\n- odd\n- odd/file.yaml\n", "utf-8")
    forbid(monkeypatch, tree / "app/odd")
    report, found = linted(tree)
    (tree / "app/odd").chmod(0o755)
    assert found == [], "what stands in it is not known, so nothing is missing"
    assert "app/odd: cannot be read: Permission denied" in report.not_checked


def test_a_folder_with_the_name_of_a_file(tree: Path) -> None:
    (tree / "app/odd.yaml").mkdir()
    _, found = linted(tree)
    assert found == [("app/kustomization.yaml", 3, "missing-entry", "the folder `odd.yaml` has no kustomization file")]


def test_a_folder_with_the_name_of_a_kustomization(tree: Path) -> None:
    (tree / "app/odd.yaml").write_text(HEAD, "utf-8")
    (tree / "other/kustomization.yaml").mkdir(parents=True)
    _, found = linted(tree)
    assert found == []


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are of Unix")
@pytest.mark.parametrize("name", ["odd.yaml", ".gitignore", ".sourceignore"])
def test_a_pipe(tree: Path, name: str) -> None:
    (tree / "app/odd.yaml").write_text(HEAD, "utf-8")
    (tree / "app" / name).unlink(missing_ok=True)
    os.mkfifo(tree / "app" / name)
    report, found = linted(tree)
    assert found == []
    assert [one.reason for one in report.skipped if one.path == f"app/{name}"] == ["neither a file nor a folder"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="named pipes are of Unix")
@pytest.mark.parametrize("name", [".lintkit.yaml", "pyproject.toml", "app/.lintkit.yaml", ".git/config"])
def test_a_pipe_where_configuration_stands(tree: Path, name: str) -> None:
    (tree / "app/odd.yaml").write_text(HEAD, "utf-8")
    os.mkfifo(tree / name)
    _, found = linted(tree)
    assert found == []


@pytest.mark.parametrize("target", [".", "..", "odd.yaml", "../app", "../../outside", "absent"])
def test_a_link_is_never_followed(tree: Path, target: str) -> None:
    outside = tree.parent / "outside"
    outside.mkdir()
    (outside / "kustomization.yaml").write_text("resources: [secret.yaml]\n", "utf-8")
    (outside / "secret.yaml").write_text(f"{HEAD}data: {{a: b, a: c}}\n", "utf-8")
    (tree / "app/odd.yaml").symlink_to(target)
    report, found = linted(tree)
    assert found == []
    assert any("`odd.yaml` is reached through a symbolic link" in line for line in report.not_checked)
    assert all("outside" not in path and "secret" not in path for path in Repository.open(tree).listing.files)


def test_a_link_to_a_file_outside_is_never_read(tree: Path) -> None:
    (tree.parent / "secret.yaml").write_text(f"{HEAD}data: {{a: b, a: c}}\n", "utf-8")
    (tree / "app/odd.yaml").symlink_to("../../secret.yaml")
    report, found = linted(tree)
    assert found == []
    assert any("`odd.yaml` is reached through a symbolic link" in line for line in report.not_checked)


@pytest.mark.parametrize("name", [".lintkit.yaml", "pyproject.toml"])
def test_a_configuration_outside_of_the_root_is_never_read(tree: Path, name: str) -> None:
    (tree.parent / "outside").write_text("password: outside\n", "utf-8")
    (tree / name).symlink_to("../outside")
    with pytest.raises(ConfigurationError, match="is a link out of the tree, and those are not followed") as caught:
        engine.check(tree, root=tree)
    assert "password" not in str(caught.value)


@pytest.mark.parametrize("entry", ["../../outside.yaml", "../../outside", "/etc/passwd", "~/outside.yaml"])
def test_a_path_out_of_the_root_is_never_read(tree: Path, entry: str) -> None:
    (tree.parent / "outside").mkdir()
    (tree.parent / "outside/kustomization.yaml").write_text("resources: [absent.yaml]\n", "utf-8")
    (tree.parent / "outside.yaml").write_text(f"{HEAD}data: {{a: b, a: c}}\n", "utf-8")
    (tree / "app/kustomization.yaml").write_text(
        f"resources: [good.yaml]\nconfigMapGenerator: [{{name: x, files: ['{entry}']}}]\n"
        f"patches: [{{path: '{entry}'}}]\ncomponents: ['{entry}']\n",
        "utf-8",
    )
    _, found = linted(tree)
    assert [one for one in found if "outside" in one[0]] == []
    if entry.startswith("../"):
        assert {message for *_, message in found} == {f"`{entry}` leads out of the repository"}
    elif entry != "~/outside.yaml":
        assert found == []


@pytest.mark.parametrize("options", ["", "schemas: ['{{.Group}}/{{.ResourceKind}}.json']\n"])
@pytest.mark.parametrize(
    ("api_version", "kind"),
    [("../v1", "../../outside"), ("a.example.com/v1", "../../../outside"), ("a.example.com/v1", "k" * 5000)],
)
def test_a_kind_that_is_no_file_name(tree: Path, options: str, api_version: str, kind: str) -> None:
    (tree.parent / "outside.json").write_text("[", "utf-8")
    (tree.parent / "outside.yaml").write_text("[", "utf-8")
    (tree / ".lintkit.yaml").write_text(options, "utf-8")
    (tree / "app/odd.yaml").write_text(f"apiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: odd}}\n", "utf-8")
    _, found = linted(tree)
    assert {path for path, *_ in found} <= {"app/odd.yaml"}


def test_names_that_no_file_system_takes(tree: Path) -> None:
    (tree / "app/kustomization.yaml").write_text(
        f'resources: [good.yaml, "a\\0b", "{"x" * 5000}", "a/\\u0007", ""]\n', "utf-8"
    )
    _, found = linted(tree)
    assert {(path, rule) for path, _, rule, _ in found} <= {
        ("app/kustomization.yaml", "missing-entry"),
        ("app/kustomization.yaml", "invalid-kustomization"),
    }


@pytest.mark.parametrize(
    "kustomization",
    [
        "null\n",
        "[]\n",
        "text\n",
        "resources: text\n",
        "resources: {a: b}\n",
        "resources: [null, {}, [], 1, 2024-01-15]\n",
        "resources: [good.yaml]\npatches: [null, text, {patch: 1}, {patch: [a]}, {path: {}}]\n",
        "resources: [good.yaml]\nreplacements: [{source: {kind: ConfigMap}, targets: [{select: {}, options: {index: x}}]}]\n",
        "resources: [good.yaml]\nimages: [null, {name: [a]}, {name: a, newTag: {}}]\n",
        "resources: [good.yaml]\nlabels: [{pairs: [a]}, {pairs: {a: {}}}]\nnamespace: {}\nnamePrefix: []\n",
        "configMapGenerator: [{name: [a], literals: [{}, null], files: {}, envs: 1}]\nresources: [good.yaml]\n",
        f"resources: [good.yaml]\npatches: [{{target: {{kind: ConfigMap}}, patch: '{'[' * 10_000}{']' * 10_000}'}}]\n",
        "resources: [good.yaml]\npatches: [{target: {name: '(a+)+$'}, patch: '{metadata: {labels: {a: b}}}'}]\n",
    ],
)  # fmt: skip
def test_a_kustomization_of_any_shape(tree: Path, kustomization: str) -> None:
    (tree / "app/kustomization.yaml").write_text(kustomization, "utf-8")
    linted(tree)


def test_expressions_that_take_for_ever(tree: Path) -> None:
    (tree / "app/kustomization.yaml").write_text(
        "resources: [good.yaml, odd.yaml]\n"
        "patches: [{target: {name: '(a|a)*b|(.*)*c|.*.*.*.*.*d'}, patch: '{metadata: {labels: {a: b}}}'}]\n"
        "images: [{name: '(x+x+)+y', newTag: '1'}]\n",
        "utf-8",
    )
    (tree / "app/odd.yaml").write_text(
        f"apiVersion: v1\nkind: Pod\nmetadata: {{name: {'a' * 200}}}\n"
        f"spec: {{containers: [{{name: a, image: {'x' * 200}}}]}}\n",
        "utf-8",
    )
    report, _ = linted(tree)
    assert any("the regular expression `(x+x+)+y` is not read" in line for line in report.not_checked)


def test_all_of_it_at_once_from_the_command_line(tree: Path) -> None:
    app = tree / "app"
    entries = ["good.yaml"]
    for name, text in {
        "broken.yaml": f"{HEAD}data: {{a\n",
        "bomb.yaml": bomb(),
        "deep.yaml": f"{HEAD}data: {'[' * 10_000}\n",
        "nul.yaml": f"{HEAD}data: \0\n",
        "empty.yaml": "",
    }.items():
        (app / name).write_text(text, "utf-8")
        entries.append(name)
    os.mkfifo(app / "pipe.yaml")
    (app / "loop").symlink_to("..")
    (app / "folder.yaml").mkdir()
    entries += ["pipe.yaml", "loop/app", "folder.yaml"]
    (app / "kustomization.yaml").write_text("resources:\n" + "".join(f"- {one}\n" for one in entries), "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "lintkit", "check", str(tree), "--output-format", "concise"],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    lines = [line.partition(": ")[0] for line in done.stdout.splitlines()]
    assert [line for line in lines if line.startswith("app/")] == [
        "app/bomb.yaml:10:47",
        "app/broken.yaml:4:7",
        "app/deep.yaml:4:306",
        "app/good.yaml:5:3",
        "app/kustomization.yaml:10:3",
        "app/nul.yaml:4:7",
    ]
