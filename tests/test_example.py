"""The example repository in `kubernetes/`: it lints clean, builds, fits its charts, and has every part it shows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from lintkit import configuration, engine
from lintkit.finding import Severity
from lintkit.model.contracts import State
from lintkit.schema.validation import Validation
from tests.model.kustomize import trees

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "kubernetes"
REFERENCE = ROOT.parent / "shared" / "reference"
OVERLAYS = sorted(path.parent for path in EXAMPLE.rglob("kustomization.yaml"))


@pytest.fixture(scope="module")
def report() -> engine.Report:
    return engine.check(EXAMPLE, root=ROOT)


def test_it_lints_clean(report: engine.Report) -> None:
    assert not [one for one in report.findings if (one.severity or Severity.ERROR) > Severity.INFO]
    assert not report.failures


@trees.needs_binary
@pytest.mark.parametrize("folder", OVERLAYS, ids=lambda path: path.relative_to(EXAMPLE).as_posix())
def test_it_builds(folder: Path) -> None:
    output = trees.run_binary(folder)
    assert output.objects is not None, output.error


@pytest.mark.skipif(not (REFERENCE / "charts").is_dir(), reason="the chart schemas of ../shared/reference are not here")
def test_its_values_fit_the_schemas_of_its_charts() -> None:
    options = replace(configuration.load(ROOT), schemas=(str(REFERENCE),))
    report = engine.check(EXAMPLE, root=ROOT, options=options)
    assert not [one.message for one in report.findings if (one.severity or Severity.ERROR) > Severity.INFO]
    assert report.tree is not None
    validation = Validation(report.tree)
    views = [view for contracts in report.tree.contracts for view in contracts.views if view.chart]
    known = {view.chart.name: validation.charts.find(view.chart, view.folder) for view in views if view.chart}
    held = {name for name, found in known.items() if found and found.is_exact and found.charts[0].schema}
    assert {"airflow", "loki", "external-secrets", "flux-operator"} <= held


def test_every_secret_that_is_needed_is_made(report: engine.Report) -> None:
    assert report.tree is not None
    answers = [answer for contracts in report.tree.contracts for answer in contracts.answers]
    secrets = {(one.reference.name, one.reference.key): one.state for one in answers if one.reference.kind == "Secret"}
    wanted = [("airflow-postgresql-secret", "password"), ("airflow-metadata", "connection")]
    assert [secrets.get(one) for one in wanted] == [State.MET] * 2
    assert State.UNMET not in secrets.values()


def test_it_has_every_part(report: engine.Report) -> None:
    assert report.tree is not None
    built = [one for applied in report.tree.applied for one in applied.resources]
    objects = {(one.kind, one.namespace, one.name): one for one in (*report.tree.written, *built)}
    kinds = {kind for kind, _, _ in objects}
    assert {"FluxInstance", "ClusterSecretStore", "GrafanaDashboard", "ExternalSecret", "ServiceAccount"} <= kinds
    release = objects["HelmRelease", "airflow", "airflow"]
    values = release.root.mapping_at("spec", "values")
    assert values is not None
    assert release.text("spec", "chart", "spec", "version") == "1.16.0"
    assert values.text_at("executor") == "KubernetesExecutor"
    assert values.text_at("dags", "gitSync", "subPath") == "kubernetes/apps/airflow/airflow/dags"
    template = values.text_at("podTemplate") or ""
    assert "timberio/vector:0.39.0-debian" in template
    assert "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN" in template
    secret = objects["ExternalSecret", "airflow", "airflow-postgresql-secret"]
    assert secret.text("spec", "secretStoreRef", "name") == "onepassword-connect"
    keys = {one.text("secretKey") for one in secret.root.mappings_at("spec", "data")}
    assert {"postgres-password", "password"} <= keys
    dags = {path.stem for path in (EXAMPLE / "apps/airflow/airflow/dags").glob("*.py")}
    assert {"cluster_health_monitoring", "hello_world", "simple_health_check"} <= dags
    alerts = [path.read_text("utf-8") for path in EXAMPLE.rglob("*rules*.yaml")]
    assert any("alert:" in text for text in alerts)
