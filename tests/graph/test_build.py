"""From a tree to nodes and edges."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.graph.graph import Keys, Relation, Role, State
from lintkit.graph.text import render
from tests.graph.trees import AIRFLOW, APPS, EXTERNAL, KUSTOMIZATION, NAMESPACE, SYNC, graph_in, write

if TYPE_CHECKING:
    from pathlib import Path

    from lintkit.graph.graph import Edge, Graph
    from tests.graph.conftest import Run

METADATA = "Secret/airflow/airflow-metadata"
SCHEDULER = "Deployment.apps/airflow/scheduler"

RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: grafana
  namespace: airflow
spec:
  interval: 1h
  chart:
    spec:
      chart: grafana
      version: 9.0.0
      sourceRef:
        kind: HelmRepository
        name: grafana
        namespace: flux-system
"""


def edge(graph: Graph, source: str, target: str, key: str | None = None) -> Edge:
    return next(one for one in graph.edges if (one.source, one.target, one.key) == (source, target, key))


def test_an_entry_point_leads_to_every_object_that_flux_applies(graph: Graph) -> None:
    flux = "Kustomization.kustomize.toolkit.fluxcd.io/flux-system/"
    ways = {(one.source, one.target) for one in graph.edges if one.relation is Relation.APPLIES}
    assert {
        ("entry point/clusters/prod", f"{flux}flux-system"),
        (f"{flux}flux-system", f"{flux}apps"),
        (f"{flux}flux-system", f"{flux}infra"),
        (f"{flux}apps", SCHEDULER),
        (f"{flux}infra", "Namespace/airflow"),
    } <= ways
    assert graph.by_id[f"{flux}apps"].folder == "apps"


def test_a_dependency_and_a_source_are_edges_of_their_own(graph: Graph) -> None:
    flux = "Kustomization.kustomize.toolkit.fluxcd.io/flux-system/"
    found = edge(graph, f"{flux}apps", f"{flux}infra")
    assert (found.relation, str(found.position)) == (Relation.DEPENDS_ON, "clusters/prod/apps.yaml:8:13")
    source = edge(graph, f"{flux}apps", "GitRepository.source.toolkit.fluxcd.io/flux-system/flux-system")
    assert source.relation is Relation.SOURCE


def test_an_external_secret_makes_a_secret_with_its_keys(graph: Graph) -> None:
    node = graph.by_id[METADATA]
    assert (node.role, node.keys) == (Role.MADE, Keys(("connection", "password"), is_open=False))
    assert str(node.position) == "apps/external-secret.yaml:11:11"
    made = edge(graph, "ExternalSecret.external-secrets.io/airflow/metadata", METADATA)
    assert made.relation is Relation.MAKES


def test_each_key_that_is_needed_has_an_edge_with_its_state_and_place(graph: Graph) -> None:
    there = edge(graph, SCHEDULER, METADATA, "connection")
    lost = edge(graph, SCHEDULER, METADATA, "passwrod")
    assert (there.state, str(there.position)) == (State.MET, "apps/deployment.yaml:23:24")
    assert (lost.state, str(lost.position)) == (State.UNMET, "apps/deployment.yaml:28:24")


def test_what_may_come_from_elsewhere_is_undecided_and_says_why(graph: Graph) -> None:
    optional = edge(graph, SCHEDULER, "Secret/airflow/airflow-extra", "extra")
    assert (optional.state, optional.is_optional) == (State.UNDECIDED, True)
    assert optional.reason == "nothing in this tree makes it"
    assert graph.by_id["ClusterSecretStore.external-secrets.io/vault"].role is Role.OUTSIDE


def test_a_file_that_nothing_lists_is_not_applied(graph: Graph) -> None:
    node = next(node for node in graph.nodes if node.name == "unused")
    assert (node.role, str(node.position)) == (Role.UNAPPLIED, "infra/unused.yaml:1:1")


def test_findings_stand_at_the_object_that_they_are_in(graph: Graph) -> None:
    notes = [note for note in graph.by_id[SCHEDULER].findings if note.rule == "dangling-secret-key"]
    assert [str(note.position) for note in notes] == ["apps/deployment.yaml:28:24"]
    assert notes[0].message == "Secret `airflow-metadata` has no key `passwrod`; did you mean `password`?"


def test_a_finding_in_a_kustomization_file_stands_at_who_builds_it(tmp_path: Path) -> None:
    files = AIRFLOW | {"infra/kustomization.yaml": KUSTOMIZATION.format("namespace.yaml\n  - lost.yaml")}
    graph = graph_in(write(tmp_path, files))
    infra = graph.by_id["Kustomization.kustomize.toolkit.fluxcd.io/flux-system/infra"]
    assert [(note.rule, note.position.short) for note in infra.findings if note.severity == "error"] == [
        ("missing-entry", "infra/kustomization.yaml:5")
    ]


def test_each_cluster_has_nodes_of_its_own(tmp_path: Path) -> None:
    files = {f"clusters/{name}/flux-system/gotk-sync.yaml": SYNC.replace("prod", name) for name in ("one", "two")}
    files |= {f"clusters/{name}/namespace.yaml": NAMESPACE for name in ("one", "two")}
    graph = graph_in(write(tmp_path, files))
    found = {node.id for node in graph.nodes if node.kind == "Namespace"}
    assert found == {"Namespace/airflow@clusters/one", "Namespace/airflow@clusters/two"}


def test_a_tree_without_flux_is_drawn_from_its_folders(tmp_path: Path) -> None:
    files = {"infra/kustomization.yaml": KUSTOMIZATION.format("namespace.yaml"), "infra/namespace.yaml": NAMESPACE}
    graph = graph_in(write(tmp_path, files))
    found = [(graph.by_id[one.source].role, one.source, one.target) for one in graph.edges]
    assert found == [(Role.FOLDER, "folder/infra", "Namespace/airflow")]


def test_two_makers_of_one_secret_are_both_joined_to_it(tmp_path: Path) -> None:
    more = EXTERNAL.replace("name: metadata", "name: more").replace("target:", "target:\n    creationPolicy: Merge")
    files = AIRFLOW | {"apps/more.yaml": more.replace("secretKey: password", "secretKey: extra")}
    graph = graph_in(write(tmp_path, files))
    makers = {one.source: one.purpose for one in graph.incoming[METADATA] if one.relation is Relation.MAKES}
    assert makers == {
        "ExternalSecret.external-secrets.io/airflow/metadata": "",
        "ExternalSecret.external-secrets.io/airflow/more": "adds keys",
    }
    assert graph.by_id[METADATA].keys == Keys(("connection", "extra", "password"), is_open=False)


def test_the_order_does_not_depend_on_the_order_of_files(tmp_path: Path) -> None:
    first = graph_in(write(tmp_path / "one", AIRFLOW))
    second = graph_in(write(tmp_path / "two", dict(reversed(AIRFLOW.items()))))
    assert (first.nodes, first.edges) == (second.nodes, second.edges)


def test_what_certainly_nothing_makes_is_missing(run: Run, tmp_path: Path) -> None:
    wrong = AIRFLOW["apps/deployment.yaml"].replace("airflow-metadata", "airflow-metadta")
    tree = write(tmp_path, AIRFLOW | {"apps/deployment.yaml": wrong})
    graph = graph_in(tree)
    node = graph.by_id["Secret/airflow/airflow-metadta"]
    assert (node.role, node.position, node.keys) == (Role.MISSING, None, None)
    assert edge(graph, SCHEDULER, node.id, "connection").state is State.UNMET
    assert "needs Secret/airflow/airflow-metadta [connection, passwrod]  missing: key connection" in run(tree)[1]
    assert run(tree, "--needs", node.id)[1].splitlines()[1] == "  unmet: nothing makes it"
    assert f"::{Role.MISSING.value}" in run(tree, "--resources", "--output-format", "mermaid")[1]


def test_an_object_of_a_chart_is_made_by_its_release(tmp_path: Path) -> None:
    backend = """\
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: grafana
  namespace: airflow
spec:
  defaultBackend:
    service:
      name: grafana
      port:
        name: service
"""
    graph = graph_in(write(tmp_path, AIRFLOW | {"apps/ingress.yaml": backend, "apps/release.yaml": RELEASE}))
    service = graph.by_id["Service/airflow/grafana"]
    assert (service.role, str(service.position)) == (Role.MADE, "apps/release.yaml:1:1")
    made = edge(graph, "HelmRelease.helm.toolkit.fluxcd.io/airflow/grafana", service.id)
    assert made.relation is Relation.MAKES


def test_an_object_beside_a_flux_kustomization_that_nothing_reads_is_applied_with_it(tmp_path: Path) -> None:
    files = {
        "clusters/prod/apps.yaml": f"{APPS}---\n{NAMESPACE}",
        "apps/deployment.yaml": AIRFLOW["apps/deployment.yaml"],
    }
    graph = graph_in(write(tmp_path, files))
    entry = next(node for node in graph.nodes if node.role is Role.ENTRY)
    assert (entry.name, entry.reason) == (
        "clusters/prod/apps.yaml",
        "nothing in the repository says that Flux starts here",
    )
    assert edge(graph, entry.id, "Namespace/airflow").relation is Relation.APPLIES
    assert f"({entry.reason})" in render(graph)


def test_a_finding_in_a_file_that_no_node_is_written_in_stands_elsewhere(tmp_path: Path) -> None:
    graph = graph_in(write(tmp_path, AIRFLOW | {"docs/broken.yaml": "apiVersion: v1\nkind: [\n"}))
    assert [(note.rule, note.position.path) for note in graph.elsewhere] == [("syntax-error", "docs/broken.yaml")]
    assert "findings in files that nothing applies\ndocs/broken.yaml:" in render(graph)


def test_the_text_names_each_cluster(tmp_path: Path) -> None:
    files = {f"clusters/{name}/flux-system/gotk-sync.yaml": SYNC.replace("prod", name) for name in ("one", "two")}
    lines = render(graph_in(write(tmp_path, files))).splitlines()
    assert [line for line in lines if line.startswith("cluster ")] == ["cluster clusters/one", "cluster clusters/two"]
