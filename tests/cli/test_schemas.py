"""`lintkit schemas`: imports, what it shows of them, and that `check` uses them and asks nobody."""

from __future__ import annotations

import json
import os
import pty
import socket
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from tests.schema.charts import about, packed
from tests.schema.servers import registry_routes, serving
from tests.schema.test_store import CRD, crd, state
from tests.terminal import drained

if TYPE_CHECKING:
    from pathlib import Path

    from tests.terminal import Terminal

WIDGET = """\
apiVersion: example.com/v1
kind: Widget
metadata: {name: one, namespace: default}
spec:
  size: 1
  sise: 2
"""
RELEASE = """\
apiVersion: source.toolkit.fluxcd.io/v1
kind: OCIRepository
metadata: {name: demo, namespace: default}
spec:
  interval: 1h
  url: oci://127.0.0.1:1/charts/demo
  ref: {tag: 1.2.3}
---
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {name: demo, namespace: default}
spec:
  interval: 1h
  chartRef: {kind: OCIRepository, name: demo}
  values:
    size: big
"""
CHART = {
    "Chart.yaml": about(),
    "values.yaml": "size: 1\n",
    "values.schema.json": '{"type": "object", "properties": {"size": {"type": "integer"}}}',
    "templates/a.yaml": "{{ .Values.size }}",
}


@pytest.fixture(autouse=True)
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path.parent / f"{tmp_path.name}-store"
    monkeypatch.setenv("LINTKIT_STORE", str(folder))
    return folder


def test_what_was_imported_is_listed_shown_and_removed(terminal: Terminal) -> None:
    terminal.write({"crds.yaml": CRD})
    origin = terminal.folder / "crds.yaml"
    assert terminal.lintkit("schemas", "import", "crds.yaml") == (0, f"imported 1 kind from {origin}\n", "")
    listed = terminal.lintkit("schemas", "list").out
    assert listed.startswith("kind  Widget.example.com  v1, v1beta1, v1alpha1  20")
    assert listed.endswith(f"  {origin}\n")
    (row,) = json.loads(terminal.lintkit("schemas", "list", "--output-format", "json").out)["kinds"]
    assert (row["kind"], row["group"], row["versions"]) == ("Widget", "example.com", ["v1", "v1beta1", "v1alpha1"])
    for name in ("Widget", "widget", "widgets.example.com", "wd"):
        lines = terminal.lintkit("schemas", "show", name).out.splitlines()
        assert lines[0] == "Widget.example.com (namespaced)"
        assert lines[3:] == [
            "version: v1, 1 CEL rule",
            "version: v1beta1, deprecated: use v1",
            "version: v1alpha1, not served",
            "",
            "v1:",
            "  spec: object",
            "    description: string",
            "    size: integer",
        ]
    (page,) = json.loads(terminal.lintkit("schemas", "show", "Widget", "--output-format", "json").out)
    assert page["scope"] == "Namespaced"
    assert page["versions"][1]["deprecation"] == "use v1"
    assert terminal.lintkit("schemas", "remove", "wd") == (0, "removed kind Widget.example.com\n", "")
    assert terminal.lintkit("schemas", "list").out.startswith("nothing was imported into ")


def test_standard_input_is_imported(terminal: Terminal, store: Path) -> None:
    text = f"\ufeff{CRD}---\nkind: Pod\napiVersion: v1\n"
    outcome = terminal.lintkit("schemas", "import", "-", stdin=text)
    assert outcome == (0, "imported 1 kind from standard input, 1 left out\n", "")


def test_a_json_schema_is_listed_shown_and_removed(terminal: Terminal) -> None:
    schema = json.dumps({"properties": {"spec": {"properties": {"a": {"enum": ["x", "y"]}}, "required": ["a"]}}})
    terminal.write({"example.com/gadget_v2.json": schema, "example.com/gadget_v3.json": schema})
    assert "imported 2 JSON Schemas" in terminal.lintkit("schemas", "import", "example.com").out
    shown = terminal.lintkit("schemas", "show", "gadget").out
    assert "v2:\n  spec: any\n    a!: x | y\n" in shown
    assert "v3:" in shown
    removed = "removed kind gadget.example.com v2\nremoved kind gadget.example.com v3\n"
    assert terminal.lintkit("schemas", "remove", "gadget.example.com").out == removed


@pytest.mark.parametrize(
    "broken", ["a: [", "kind: CustomResourceDefinition\napiVersion: v1\nspec: {}\n", "kind: Pod\napiVersion: v1\n"]
)
def test_a_broken_import_leaves_the_store_as_it_was(terminal: Terminal, store: Path, broken: str) -> None:
    terminal.write(
        {"good.yaml": CRD, "more/a.yaml": crd("Gadget"), "more/b.yaml": f"# CustomResourceDefinition\n{broken}"}
    )
    terminal.lintkit("schemas", "import", "good.yaml")
    before = state(store)
    outcome = terminal.lintkit("schemas", "import", "more/b.yaml")
    assert (outcome.code, outcome.out) == (1, "")
    assert outcome.err.startswith("lintkit: more/b.yaml: ")
    assert state(store) == before


def test_a_broken_file_in_a_folder_leaves_the_store_as_it_was(terminal: Terminal, store: Path) -> None:
    terminal.write({"good.yaml": CRD, "more/a.yaml": crd("Gadget"), "more/b.yaml": "# CustomResourceDefinition\na: ["})
    terminal.lintkit("schemas", "import", "good.yaml")
    before = state(store)
    outcome = terminal.lintkit("schemas", "import", "more")
    assert (outcome.code, outcome.out) == (1, "")
    assert "lintkit: more/b.yaml: no YAML: line 3: " in outcome.err
    assert state(store) == before


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("import",), "give a FILE, a folder or `-`, or --from-cluster"),
        (("import", "x", "--from-cluster"), "give a FILE, a folder or `-`, or --from-cluster"),
        (("import", "x", "--context", "c"), "--context goes with --from-cluster"),
        (("import", "gone.yaml"), "gone.yaml does not exist"),
        (("import-chart", "gone"), "gone does not exist"),
        (("import-chart", "oci://h/x", "1.0.0", "y"), "an `oci://` address takes a version and nothing else"),
        (
            ("import-chart", "oci://h/x:1.0.0", "1.0.0"),
            "the version is given twice: in `oci://h/x:1.0.0` and as `1.0.0`",
        ),
        (("show", "Widgt"), "`Widgt` was not imported; did you mean `Widget`?"),
        (("remove", "demo@1.2.3"), "`demo@1.2.3` was not imported"),
        (("remove",), "give the kinds and charts to remove, or --all"),
    ],
)
def test_wrong_use_is_said(terminal: Terminal, arguments: tuple[str, ...], message: str) -> None:
    terminal.lintkit("schemas", "import", "-", stdin=CRD)
    assert terminal.lintkit("schemas", *arguments) == (2, "", f"lintkit: {message}\n")


def test_a_chart_of_a_registry_is_imported_shown_and_removed(
    terminal: Terminal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    dependencies = "dependencies: [{name: gone, version: 1.0.0}]\n"
    with serving(
        registry_routes("charts/demo", {"1.2.3": packed({**CHART, "Chart.yaml": about(more=dependencies)})})
    ) as at:
        address = f"oci://{at.host}/charts/demo"
        outcome = terminal.lintkit("schemas", "import-chart", address, "1.2.3", "--plain-http")
    assert outcome.out == f"imported `demo` 1.2.3 from {address}: a schema, defaults\n"
    assert outcome.err == "its subchart `gone` is not in it: values below `gone` are not known\n"
    assert terminal.lintkit("schemas", "show", "demo").out.splitlines() == [
        "demo 1.2.3", f"from: {address}", "schema: yes", "defaults: 1 lines", "templates read: size",
        "absent subcharts: gone",
    ]  # fmt: skip
    (page,) = json.loads(terminal.lintkit("schemas", "show", "demo@1.2.3", "--output-format", "json").out)
    assert page["schema"]["properties"] == {"size": {"type": "integer"}}
    assert terminal.lintkit("schemas", "remove", "--all").out == "removed chart demo@1.2.3\n"
    assert terminal.lintkit("schemas", "remove", "--all").out == "nothing was imported\n"


def test_a_cluster_is_imported_and_what_it_lost_goes(
    terminal: Terminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "bin" / "kubectl"
    program.parent.mkdir()
    program.write_text('#!/bin/sh\ncat "$LIST"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{program.parent}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("LIST", str(tmp_path / "list"))
    arguments = ("schemas", "import", "--from-cluster", "--context", "prod")
    both = {"kind": "List", "apiVersion": "v1", "items": loaded("Widget", "Gadget")}
    (tmp_path / "list").write_text(json.dumps(both))
    assert terminal.lintkit(*arguments).out == "imported 2 kinds from cluster prod\n"
    (tmp_path / "list").write_text(json.dumps({"kind": "List", "apiVersion": "v1", "items": loaded("Widget")}))
    out = "imported 1 kind from cluster prod\nremoved `Gadget.example.com`, which cluster prod no longer has\n"
    assert terminal.lintkit(*arguments).out == out


def loaded(*kinds: str) -> list[object]:
    import yaml  # noqa: PLC0415

    return [yaml.safe_load(crd(kind)) for kind in kinds]


def test_another_store_is_named_on_the_command_line(terminal: Terminal, store: Path) -> None:
    terminal.lintkit("schemas", "import", "-", "--store", "mine", stdin=CRD)
    assert not store.exists()
    assert "Widget.example.com" in terminal.lintkit("schemas", "list", "--store", "mine").out


def test_a_damaged_store_is_said(terminal: Terminal, store: Path) -> None:
    store.mkdir()
    (store / "index.json").write_text("{")
    outcome = terminal.lintkit("schemas", "list")
    assert outcome.code == 2
    assert f"lintkit: the store's `{store / 'index.json'}` cannot be read" in outcome.err


def test_progress_is_shown_on_a_terminal_and_nowhere_else(terminal: Terminal) -> None:
    terminal.write({"crds.yaml": CRD})
    command = [sys.executable, "-m", "lintkit", "schemas", "import", "crds.yaml"]
    plain = subprocess.run(command, cwd=terminal.folder, capture_output=True, check=True)
    assert plain.stderr == b""
    leader, follower = pty.openpty()
    try:
        shown = subprocess.run(command, cwd=terminal.folder, stdout=subprocess.PIPE, stderr=follower, check=True)
        os.close(follower)
        assert drained(leader) == b"\r\x1b[Kreading crds.yaml\r\x1b[K"
        assert shown.stdout.startswith(b"imported 1 kind")
    finally:
        os.close(leader)


def test_what_others_wrote_does_not_command_the_terminal(terminal: Terminal) -> None:
    field = '{"properties": {"spec": {"properties": {"a\\u001b[2Jb": {"type": "string"}}}}}'
    terminal.write({"example.com/gadget_v1.json": field})
    terminal.lintkit("schemas", "import", "example.com")
    assert "    a?[2Jb: string" in terminal.lintkit("schemas", "show", "gadget").out


def test_check_holds_a_custom_resource_against_what_was_imported(terminal: Terminal) -> None:
    terminal.write({"widget.yaml": WIDGET})
    before = terminal.check("--output", "concise", "--select", "schema")
    assert "unknown-field" not in before.out
    terminal.lintkit("schemas", "import", "-", stdin=CRD)
    outcome = terminal.check("--output", "concise", "--select", "schema")
    assert "widget.yaml:6:3: error: " in outcome.out
    assert "`sise`" in outcome.out
    assert "[unknown-field]" in outcome.out


def test_check_holds_values_against_a_chart_that_was_imported(terminal: Terminal) -> None:
    terminal.write({"release.yaml": RELEASE, "chart/x": ""})
    assert "invalid-helm-value" not in terminal.check("--output", "concise", "--select", "helm").out
    (terminal.folder.parent / "demo.tgz").write_bytes(packed(CHART))
    terminal.lintkit("schemas", "import-chart", "../demo.tgz")
    outcome = terminal.check("--output", "concise", "--select", "helm")
    assert "release.yaml:16:11: error: " in outcome.out
    assert "[invalid-helm-value]" in outcome.out


def test_check_asks_no_network(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    terminal.write({"widget.yaml": WIDGET, "release.yaml": RELEASE, "crds.yaml": CRD})
    terminal.lintkit("schemas", "import", "crds.yaml")
    asked: list[str] = []

    def refuse(*_: object, **__: object) -> None:
        asked.append("asked")
        message = "no network"
        raise OSError(message)

    for name in ("connect", "connect_ex", "bind", "sendto"):
        monkeypatch.setattr(socket.socket, name, refuse)
    for name in ("getaddrinfo", "gethostbyname", "create_connection"):
        monkeypatch.setattr(socket, name, refuse)
    monkeypatch.setattr(subprocess, "Popen", refuse)
    outcome = terminal.check("--select", "all")
    assert outcome.code == 1
    assert asked == []


def test_check_does_not_even_load_what_could_ask(terminal: Terminal) -> None:
    terminal.write({"widget.yaml": WIDGET, "release.yaml": RELEASE})
    code = (
        "import sys\nfrom lintkit.cli.main import main\n"
        "try: main(['check', '--select', 'all'])\n"
        "except SystemExit: pass\n"
        "print([name for name in sys.modules if name.startswith('lintkit.fetch') or name in "
        "('urllib.request', 'http.client', 'ssl')], file=sys.stderr)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=terminal.folder, capture_output=True, text=True, check=True
    )
    assert ended.stderr.splitlines()[-1] == "[]"
