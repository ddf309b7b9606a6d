"""Every format of `lintkit graph`, from the command line."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from lintkit.graph.dot import quoted
from lintkit.graph.html import embedded
from lintkit.graph.mermaid import escaped, limits
from lintkit.graph.text import render
from tests.graph.trees import AIRFLOW, SYNC, graph_in, many, write

if TYPE_CHECKING:
    from pathlib import Path

    from lintkit.graph.graph import Graph
    from tests.graph.conftest import Run

TEXT = """\
entry point clusters/prod  clusters/prod/flux-system/gotk-sync.yaml:17
└─ Kustomization flux-system/flux-system builds ./clusters/prod  clusters/prod/flux-system/gotk-sync.yaml:10
   │  source GitRepository/flux-system/flux-system
   ├─ GitRepository flux-system/flux-system  clusters/prod/flux-system/gotk-sync.yaml:1
   ├─ Kustomization flux-system/apps builds ./apps  clusters/prod/apps.yaml:1
   │  │  source GitRepository/flux-system/flux-system
   │  │  depends on Kustomization/flux-system/infra
   │  ├─ Deployment airflow/scheduler  1 error  apps/deployment.yaml:1
   │  │     needs Secret/airflow/airflow-extra [extra]  (optional; nothing in this tree makes it)
   │  │     needs Secret/airflow/airflow-metadata [connection, passwrod]  missing: key passwrod
"""


def test_text_is_the_default(run: Run, airflow: Path) -> None:
    code, output, _ = run(airflow)
    assert code == 0
    assert output.startswith(TEXT)
    assert "not applied\n└─ Namespace unused" in output


def test_text_fits_the_terminal(graph: Graph) -> None:
    lines = render(graph, width=60).splitlines()
    assert max(map(len, lines)) <= 60
    assert any(line.endswith("…") for line in lines)
    assert next(line for line in lines if "Deployment airflow/scheduler" in line).endswith("t.yaml:1")


def test_text_has_no_colour_outside_of_a_terminal(run: Run, airflow: Path, graph: Graph) -> None:
    assert "\x1b" not in run(airflow)[1]
    assert "\x1b[31m" in render(graph, color=True)


def test_mermaid_draws_flux_kustomizations(run: Run, airflow: Path) -> None:
    _, output, _ = run(airflow, "--output-format", "mermaid")
    lines = output.splitlines()
    assert lines[0] == "flowchart LR"
    assert '  n0(["entry point<br>clusters/prod"]):::entry' in lines
    assert '  n1 -.->|"depends on"| n3' in lines
    assert "Deployment" not in output


def test_mermaid_draws_every_object_when_asked(run: Run, airflow: Path) -> None:
    _, output, _ = run(airflow, "--output-format", "mermaid", "--resources")
    assert '  n4["Deployment<br>airflow/scheduler<br>1 finding"]' in output
    assert '  n4 -.->|"passwrod #40;missing#41;#44; connection"| n8' in output


def test_mermaid_links_to_the_source(run: Run, airflow: Path) -> None:
    _, output, _ = run(airflow, "--output-format", "mermaid", "--link", "https://example.com/{path}#{line}")
    assert '  click n1 href "https://example.com/clusters/prod/apps.yaml#1" _blank' in output


def test_a_chart_that_pages_do_not_draw_is_said(run: Run, tmp_path: Path) -> None:
    tree = write(tmp_path / "fleet", many(40))
    _, _, errors = run(tree, "--output-format", "mermaid", "--resources")
    assert re.search(r"^lintkit: \d+ edges: GitHub and most other pages draw 500 at most; narrow it with PATH", errors)
    assert limits(graph_in(tree), "x") in errors


def test_dot_is_drawn(run: Run, airflow: Path) -> None:
    _, output, _ = run(airflow, "--output-format", "dot", "--resources")
    assert '  n4 [label="Deployment\\nairflow/scheduler\\n1 finding", fillcolor="white"' in output
    assert '  n4 -> n8 [label="passwrod (missing), connection", color="#b3261e"' in output
    assert '  n1 -> n3 [tooltip="depends on", color="#3357a8", style=dashed, constraint=false];' in output


@pytest.mark.skipif(shutil.which("dot") is None, reason="no Graphviz on the PATH (Debian: apt install graphviz)")
def test_graphviz_draws_a_chain_of_dependencies(run: Run, tmp_path: Path) -> None:
    files = many(60)
    for number in range(1, 60):
        path = f"clusters/prod/app-{number:03}.yaml"
        wanted = "".join(f"    - name: app-{before:03}\n" for before in range(number % 7, number, 7))
        files[path] = files[path].replace("spec:\n", f"spec:\n  dependsOn:\n{wanted}" if wanted else "spec:\n", 1)
    _, output, _ = run(write(tmp_path / "fleet", files), "--output-format", "dot")
    drawn = subprocess.run(["dot", "-Tsvg"], input=output, capture_output=True, text=True, check=True)
    assert drawn.stderr == ""
    assert "app&#45;059" in drawn.stdout


def test_json_holds_nodes_edges_and_findings(run: Run, airflow: Path) -> None:
    _, output, _ = run(airflow, "--output-format", "json")
    values = json.loads(output)
    node = next(node for node in values["nodes"] if node["id"] == "Secret/airflow/airflow-metadata")
    assert (node["role"], node["keys"]) == ("made", {"names": ["connection", "password"], "complete": True})
    edge = next(edge for edge in values["edges"] if edge["key"] == "passwrod")
    assert (edge["state"], edge["path"], edge["line"]) == ("unmet", "apps/deployment.yaml", 28)
    deployment = next(node for node in values["nodes"] if node["kind"] == "Deployment")
    assert deployment["findings"][0]["rule"] == "dangling-secret-key"
    assert values["version"] == 1


@pytest.mark.parametrize(
    ("name", "begin"),
    [("a.html", "<!doctype html>"), ("a.json", "{"), ("a.dot", "digraph"), ("a.mmd", "flowchart"), ("a.txt", "entry")],
)
def test_the_name_of_the_file_says_the_format(run: Run, airflow: Path, tmp_path: Path, name: str, begin: str) -> None:
    code, output, _ = run(airflow, "--output", tmp_path / name)
    assert (code, output) == (0, "")
    assert (tmp_path / name).read_text("utf-8").startswith(begin)


def test_the_page_carries_everything_it_needs(run: Run, airflow: Path) -> None:
    _, page, _ = run(airflow, "--output-format", "html")
    assert not re.search(r"""(?:src|href)=["'](?!#|data:,)""", page.partition('<script type="application/json"')[0])
    assert "default-src 'none'" in page
    assert "{{" not in page.partition('<script type="application/json"')[0]


def test_the_page_links_to_files_from_where_it_lies(run: Run, airflow: Path, tmp_path: Path) -> None:
    run(airflow, "--output", tmp_path / "page.html")
    assert '"template":"fleet/{path}"' in (tmp_path / "page.html").read_text("utf-8")
    assert f'"template":"{airflow.as_uri()}/{{path}}"' in run(airflow, "--output-format", "html")[1]


def test_the_page_links_to_the_remote(run: Run, airflow: Path) -> None:
    (airflow / ".git" / "config").write_text('[remote "origin"]\n\turl = git@github.com:example/fleet.git\n')
    _, page, _ = run(airflow, "--output-format", "html")
    assert '"template":"https://github.com/example/fleet/blob/HEAD/{path}#L{line}"' in page


def test_names_cannot_break_out_of_the_page(run: Run, tmp_path: Path) -> None:
    name = "</script><img src=x onerror=alert(1)>"
    files = AIRFLOW | {"apps/evil.yaml": f'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: "{name}"\n'}
    _, page, _ = run(write(tmp_path / "fleet", files), "--output-format", "html")
    assert "<img" not in page
    assert embedded("</script>") == '"\\u003c/script\\u003e"'


def test_names_cannot_break_out_of_drawings() -> None:
    assert escaped('a"]; click b') == "a#34;#93;#59; click b"
    assert quoted('a"\\b\nc') == '"a\\"\\\\b\\nc"'


def test_a_page_is_not_for_a_terminal(run: Run, airflow: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    code, _, errors = run(airflow, "--output-format", "html")
    assert (code, errors) == (2, "lintkit: a page is not for a terminal: give --output FILE\n")


def test_a_file_that_cannot_be_written_is_wrong_usage(run: Run, airflow: Path, tmp_path: Path) -> None:
    code, _, errors = run(airflow, "--output", tmp_path / "no" / "page.html")
    assert code == 2
    assert errors == f"lintkit: --output {tmp_path}/no/page.html: No such file or directory\n"


def test_a_folder_without_manifests_is_nothing_to_draw(run: Run, tmp_path: Path) -> None:
    code, _, errors = run(tmp_path, "--root", tmp_path)
    assert code == 3
    assert "no Kubernetes manifest below" in errors


def test_a_path_that_is_not_there(run: Run, tmp_path: Path) -> None:
    assert run(tmp_path / "no")[::2] == (2, f"lintkit: {tmp_path}/no does not exist\n")
    other = write(tmp_path / "other", {"sync.yaml": SYNC})
    (tmp_path / "root").mkdir()
    code, _, errors = run(other, "--root", tmp_path / "root")
    assert (code, errors) == (2, f"lintkit: --root {tmp_path}/root is no folder that holds {other}\n")
