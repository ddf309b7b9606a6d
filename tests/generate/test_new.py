"""`lintkit new` as a person or a script sees it: what it writes, what it refuses, and that it is all or nothing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from lintkit.generate.plan import Request, plan
from lintkit.render import kustomize
from tests.generate.trees import cluster, files

if TYPE_CHECKING:
    from lintkit.generate.blueprint import Question
    from tests.terminal import Terminal

NAMES = "airflow, alert, alertmanager, alloy, app, cluster, external-secret"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a repository after `lintkit new cluster home`."""
    return files(cluster(tmp_path_factory.mktemp("home")))


@pytest.fixture
def shell(terminal: Terminal, home: dict[str, bytes]) -> Terminal:
    """A terminal in that repository."""
    for path, text in home.items():
        (terminal.folder / path).parent.mkdir(parents=True, exist_ok=True)
        (terminal.folder / path).write_bytes(text)
    return terminal


def refused(shell: Terminal, *arguments: str, code: int = 2) -> str:
    """The error of a command that leaves everything as it was."""
    before = files(shell.folder)
    outcome = shell.lintkit("new", *arguments)
    assert outcome.code == code, outcome
    assert files(shell.folder) == before
    return outcome.err.strip()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["appp", "web"], "lintkit: `appp` is no blueprint; did you mean `app`?"),
        (["app"], "lintkit: expected BLUEPRINT and NAME; `lintkit new --list` shows the blueprints"),
        (["app", "Web"], "lintkit: `Web` is no name: small letters, digits and dashes, at most 53"),
        (["app", "web", "--namespace", "a/b"], "lintkit: `a/b` is no namespace: small letters, digits and dashes"),
        (["app", "web", "--set", "prot=80"], "lintkit: `prot` is no question of this blueprint; did you mean `port`?"),
        (["app", "web", "--set", "port=http"], "lintkit: `port`: expected a whole number, not `http`"),
        (["app", "web", "--set", "storage=big"], "`storage`: expected a text that matches `([0-9]+[KMGT]i?)?`"),
        (["app", "web", "--set", "port"], "lintkit: `--set port`: expected `key=value`"),
        (["alert", "x", "--set", "kind=lokki"], "`kind`: expected one of loki, prometheus (`loki`?)"),
        (["app", "web", "--set", "base=infra"], "lintkit: `base`: there is no folder `infra`"),
        (["app", "web", "--answers", "none.yaml"], "lintkit: none.yaml: No such file or directory"),
        (["namespace", "flux-system"], "lintkit: `kubernetes/apps/flux-system` exists; nothing is overwritten"),
        (["app", "web", "--root", "none"], "none is no folder"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(arguments: list[str], message: str, shell: Terminal) -> None:
    assert message in refused(shell, *arguments)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("port: [80]\n", "lintkit: `port`: expected a whole number, not `[80]`"),
        ("- port\n", "answers.yaml: answers are a mapping from question to answer"),
        ("port: {\n", "answers.yaml:2: "),
        ("image: {a: b}\n", "lintkit: `image`: expected a text, not "),
    ],
)
def test_wrong_answers_of_a_file_are_refused(text: str, message: str, shell: Terminal) -> None:
    shell.write({"answers.yaml": text})
    assert message in refused(shell, "app", "web", "--answers", "answers.yaml")


def test_answers_come_from_a_file_and_from_the_command_line(shell: Terminal) -> None:
    shell.write({"answers.yaml": "port: 8080\nsecrets: [TOKEN]\nimage: ghcr.io/example/web\n"})
    assert shell.lintkit("new", "app", "web", "--answers", "answers.yaml", "--set", "port=9090").code == 0
    text = (shell.folder / "kubernetes/apps/default/web/app/helmrelease.yaml").read_text("utf-8")
    assert "port: 9090\n" in text
    assert "repository: ghcr.io/example/web\n" in text
    assert (shell.folder / "kubernetes/apps/default/web/app/externalsecret.yaml").is_file()
    assert shell.lintkit("new", "helm-app", "two", "--answers", "-", stdin="version: 6.0.0\n").code == 0
    assert "tag: 6.0.0" in (shell.folder / "kubernetes/apps/default/two/app/ocirepository.yaml").read_text("utf-8")


def test_without_a_cluster_there_is_nothing_to_add_to(terminal: Terminal) -> None:
    message = "lintkit: this tree has no manifest yet; `lintkit new cluster NAME` makes the entry point of a cluster"
    assert refused(terminal, "app", "web") == message


def test_a_name_that_is_taken_is_refused(shell: Terminal) -> None:
    assert shell.lintkit("new", "app", "web").code == 0
    assert refused(shell, "app", "web") == "lintkit: `kubernetes/apps/default/web` exists; nothing is overwritten"
    (shell.folder / "kubernetes/apps/default/other").mkdir()
    assert refused(shell, "app", "other") == "lintkit: `kubernetes/apps/default/other` exists; nothing is overwritten"
    text = (shell.folder / "kubernetes/apps/default/web/ks.yaml").read_text("utf-8")
    (shell.folder / "kubernetes/apps/default/web/ks.yaml").write_text(text.replace("name: web\n", "name: third\n", 1))
    message = "lintkit: there is a Kustomization `third` in `flux-system`; nothing is overwritten"
    assert refused(shell, "app", "third") == message


def test_what_goes_first_is_said(shell: Terminal) -> None:
    err = shell.lintkit("new", "app", "web", "--set", "secrets=TOKEN", "--dry-run").err.splitlines()
    assert err[0] == "note: made first, because the tree had none: secret-store onepassword-connect"


def test_without_a_terminal_nothing_is_asked(shell: Terminal) -> None:
    outcome = shell.lintkit("new", "helm-app", "web", stdin="no answer to this\n")
    assert outcome.code == 0
    assert outcome.out.splitlines() == [
        "wrote kubernetes/apps/default/kustomization.yaml",
        "wrote kubernetes/apps/default/web/app/helmrelease.yaml",
        "wrote kubernetes/apps/default/web/app/kustomization.yaml",
        "wrote kubernetes/apps/default/web/app/ocirepository.yaml",
        "wrote kubernetes/apps/default/web/ks.yaml",
        "changed kubernetes/apps/kustomization.yaml",
    ]


def test_in_a_terminal_it_asks_until_the_answer_fits_and_what_it_has_to(shell: Terminal) -> None:
    asked: list[str] = []
    typed = {"namespace": "shop", "port": 8080, "storage": "2Gi", "storage-path": "/srv"}

    def ask(question: Question, default: object) -> object:
        asked.append(question.name)
        return typed.get(question.name, default)

    overlay = plan(shell.folder, Request("app", "web", ask=ask)).overlay
    assert asked == ["namespace", "image", "tag", "port", "health", "host", "storage", "storage-path", "secrets"]
    text = overlay["kubernetes/apps/shop/web/app/helmrelease.yaml"]
    assert "          - path: /srv\n" in text
    assert "port: 8080\n" in text


def test_what_a_person_types_is_read_until_it_fits(shell: Terminal) -> None:
    script = """
        import pty, os, sys
        pid, terminal = pty.fork()
        if pid == 0:
            os.execvp(sys.executable, [sys.executable, "-m", "lintkit", "new", "namespace"])
        os.write(terminal, b"Shop!\\nn\\n")
        seen = b""
        while True:
            try:
                data = os.read(terminal, 4096)
            except OSError:
                break
            if not data:
                break
            seen += data
        sys.stdout.write(seen.decode())
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
    """
    done = subprocess.run(
        [sys.executable, "-c", dedent(script)], cwd=shell.folder, capture_output=True, text=True, check=False
    )
    assert "Name: " in done.stdout
    assert "`Shop!` is no name: small letters, digits and dashes, at most 53" in done.stdout
    assert done.returncode == 2


def test_a_blueprint_that_would_bring_a_finding_writes_nothing_and_says_which(shell: Terminal) -> None:
    shell.write({
        ".lintkit/templates/bad/blueprint.yaml": """\
            title: A secret in plain text
            apps:
              - manifests: [secret.yaml.j2]
        """,
        ".lintkit/templates/bad/secret.yaml.j2": """\
            ---
            apiVersion: v1
            kind: Secret
            metadata:
              name: [[ name ]]
            stringData:
              password: Correct-Horse-7-Battery
        """,
    })  # fmt: skip
    error = refused(shell, "bad", "web", "--namespace", "shop", code=1)
    assert error.startswith("lintkit: nothing is written, because the new files would bring:\n")
    assert "kubernetes/apps/shop/web/app/secret.yaml:7: " in error
    assert error.endswith("[plaintext-secret]")
    assert "Battery" not in error
    for option in ("--dry-run", "--diff"):
        assert "[plaintext-secret]" in refused(shell, "bad", "web", "--namespace", "shop", option, code=1)


@pytest.mark.skipif(kustomize.binary() is None, reason="no kustomize is on the PATH")
def test_what_does_not_build_is_not_written(shell: Terminal) -> None:
    shell.write({
        ".lintkit/templates/bad/blueprint.yaml": """\
            title: A generator of nothing
            apps:
              - manifests: [map.yaml.j2]
                kustomization: tail.yaml.j2
        """,
        ".lintkit/templates/bad/map.yaml.j2": "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: [[ name ]]\n",
        ".lintkit/templates/bad/tail.yaml.j2": "generators:\n  - none.yaml\n",
    })  # fmt: skip
    assert "kubernetes/apps/shop/web/app: does not build: " in refused(
        shell, "bad", "web", "--namespace", "shop", code=1
    )


def test_dry_run_tells_and_diff_prints_a_patch_that_git_takes(shell: Terminal) -> None:
    before = files(shell.folder)
    outcome = shell.lintkit("new", "app", "web", "--dry-run")
    assert outcome.code == 0
    assert "would write kubernetes/apps/default/web/ks.yaml" in outcome.out.splitlines()
    assert "would change kubernetes/apps/kustomization.yaml" in outcome.out.splitlines()
    done = subprocess.run(
        [sys.executable, "-m", "lintkit", "new", "app", "web", "--diff"],
        cwd=shell.folder,
        capture_output=True,
        check=True,
    )
    assert files(shell.folder) == before
    subprocess.run(["git", "apply", "-"], cwd=shell.folder, input=done.stdout, check=True)
    wanted = plan_of(shell, before)
    after = files(shell.folder)
    assert {path: after[path].decode() for path in wanted} == wanted


def plan_of(shell: Terminal, before: dict[str, bytes]) -> dict[str, str]:
    folder = shell.folder / "copy"
    for path, text in before.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(text)
    (folder / ".git").mkdir()
    return plan(folder, Request("app", "web")).overlay


def test_where_a_file_cannot_be_written_none_is(shell: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    names: list[str] = []
    whole = Path.replace

    def failing(self: Path, target: Path) -> Path:
        names.append(target.name)
        if len(names) == 3:
            raise PermissionError(13, "Permission denied", str(target))
        return whole(self, target)

    monkeypatch.setattr(Path, "replace", failing)
    error = refused(shell, "app", "web")
    assert error.startswith("lintkit: ")
    assert error.endswith("/kubernetes/apps/default/web/app/helmrepository.yaml cannot be written: Permission denied")
    assert len(names) == 3
    assert not (shell.folder / "kubernetes/apps/default").exists()


def test_links_are_not_followed_out_of_the_tree(shell: Terminal, tmp_path_factory: pytest.TempPathFactory) -> None:
    outside = tmp_path_factory.mktemp("outside")
    (shell.folder / "kubernetes/apps/default").symlink_to(outside)
    error = refused(shell, "app", "web")
    assert "kubernetes/apps/default" in error
    assert list(outside.iterdir()) == []


def test_all_blueprints_are_listed_and_described(shell: Terminal) -> None:
    outcome = shell.lintkit("new", "--list")
    assert "postgres           A PostgreSQL cluster by CloudNativePG" in outcome.out.splitlines()
    assert ", ".join(line.split()[0] for line in outcome.out.splitlines()).startswith(NAMES)
    lines = shell.lintkit("new", "--describe", "postgres").out.splitlines()
    assert lines[0] == "postgres: A PostgreSQL cluster by CloudNativePG"
    assert "Made first where the tree has none: secret-store" in lines
    assert "  instances (integer): Number of instances." in lines
    assert lines[lines.index("  instances (integer): Number of instances.") + 1] == "    1"
    assert lines[-1] == "  lintkit new postgres orders --namespace shop"
