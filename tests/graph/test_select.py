"""What a person asks to see, and where a line of source can be read."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lintkit.errors import UsageError
from lintkit.graph import links
from lintkit.graph.graph import Position
from lintkit.graph.select import Choice, narrowed

if TYPE_CHECKING:
    from pathlib import Path

    from lintkit.graph.graph import Graph
    from tests.graph.conftest import Run


def titles(graph: Graph) -> set[str]:
    return {node.title for node in graph.nodes if node.kind not in {"entry point", "Kustomization"}}


DEPLOYMENT = {"Deployment/airflow/scheduler", "Secret/airflow/airflow-metadata", "Secret/airflow/airflow-extra"}
EXTERNAL = {"ExternalSecret/airflow/metadata", "Secret/airflow/airflow-metadata", "ClusterSecretStore/vault"}


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (Choice(namespaces=("airflow",)), DEPLOYMENT | EXTERNAL),
        (Choice(kinds=("deployment",)), DEPLOYMENT),
        (Choice(patterns=("deployment/*",)), DEPLOYMENT),
        (Choice(patterns=("*/metadata", "Namespace/unused")), EXTERNAL | {"Namespace/unused"}),
        (Choice(below="infra"), {"Namespace/airflow", "Namespace/unused"}),
        (Choice(below="apps/deployment.yaml"), DEPLOYMENT),
        (Choice(kinds=("ExternalSecret",), namespaces=("airflow",)), EXTERNAL),
    ],
)
def test_a_choice_holds_what_it_names_and_what_that_is_joined_to(
    graph: Graph, choice: Choice, expected: set[str]
) -> None:
    assert titles(narrowed(graph, choice)) == expected


def test_the_way_from_the_entry_point_is_kept(graph: Graph) -> None:
    part = narrowed(graph, Choice(kinds=("Deployment",)))
    assert [node.title for node in part.nodes if node.kind in {"entry point", "Kustomization"}] == [
        "entry point/clusters/prod",
        "Kustomization/flux-system/apps",
        "Kustomization/flux-system/flux-system",
    ]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--namespace", "airfow"), "no object in namespace `airfow`; did you mean `airflow`?"),
        (("--kind", "secrt"), "no object of kind `secrt`; did you mean `Secret`?"),
        (("--select", "Secret/airflow/extra"), "; did you mean `Secret/airflow/airflow-extra`?"),
        (("--kind", "Deployment", "--namespace", "flux-system"), "no object passes all of these filters"),
    ],
)
def test_a_choice_of_nothing_is_wrong_usage(run: Run, airflow: Path, arguments: tuple[str, ...], message: str) -> None:
    code, output, errors = run(airflow, *arguments)
    assert (code, output) == (2, "")
    assert message in errors


def test_what_is_made_is_shown_below_its_maker(run: Run, airflow: Path) -> None:
    _, output, _ = run(airflow, "--kind", "Secret")
    assert "ExternalSecret airflow/metadata  1 info  apps/external-secret.yaml:1" in output
    assert "makes Secret/airflow/airflow-metadata [connection, password]" in output


def test_a_path_narrows_the_graph(run: Run, airflow: Path) -> None:
    _, output, _ = run(airflow / "infra")
    assert "Namespace airflow" in output
    assert "Deployment" not in output


def test_a_path_without_objects(run: Run, airflow: Path) -> None:
    (airflow / "docs").mkdir()
    assert run(airflow / "docs")[::2] == (2, "lintkit: no object written in `docs`\n")


@pytest.mark.parametrize(
    ("remote", "template"),
    [
        ("git@github.com:example/fleet.git", "https://github.com/example/fleet/blob/HEAD/{path}#L{line}"),
        ("https://token@github.com/example/fleet", "https://github.com/example/fleet/blob/HEAD/{path}#L{line}"),
        ("ssh://git@gitlab.example.com:22/a/b/c.git", "https://gitlab.example.com/a/b/c/-/blob/HEAD/{path}#L{line}"),
        ("https://example.com/fleet.git", ""),
        ("", ""),
    ],
)
def test_a_remote_says_where_its_files_are_shown(remote: str, template: str) -> None:
    assert links.of_remote(remote) == template


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("https://example.com/{line}", "--link: `https://example.com/{line}` lacks {path}"),
        ("https://example.com/{path}{lin}", "--link: `{lin}` is no field; expected {path} and {line}"),
        ("javascript:alert({path})", "--link: `javascript:alert({path})` is no address of a page"),
        ("https://example.com/ {path}", "--link: `https://example.com/ {path}` is no address of a page"),
    ],
)
def test_a_template_that_is_none(template: str, message: str) -> None:
    with pytest.raises(UsageError) as raised:
        links.checked(template)
    assert str(raised.value) == message


def test_a_link_to_a_line() -> None:
    assert links.link("vscode://file/fleet/{path}:{line}", Position("a b/ü.yaml", 7)) == (
        "vscode://file/fleet/a%20b/%C3%BC.yaml:7"
    )
