"""`lintkit graph --needs`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from tests.graph.trees import AIRFLOW, EXTERNAL, write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.graph.conftest import Run

METADATA = """\
Secret/airflow/airflow-metadata  apps/external-secret.yaml:11:11
  unmet: nothing makes key `passwrod`

made by
  ExternalSecret/airflow/metadata  apps/external-secret.yaml:11:11  keys connection, password

needed by
  Deployment/airflow/scheduler  apps/deployment.yaml:23:24  key connection
  Deployment/airflow/scheduler  apps/deployment.yaml:28:24  key passwrod, missing

missing keys
  passwrod  nothing makes it; did you mean `password`?
"""
EXTRA = """\
Secret/airflow/airflow-extra
  undecided: nothing in this tree makes it

made by
  nothing in this tree

needed by
  Deployment/airflow/scheduler  apps/deployment.yaml:33:24  key extra, optional, nothing in this tree makes it
"""


def test_who_needs_it_who_makes_it_and_which_keys(run: Run, airflow: Path) -> None:
    code, output, _ = run(airflow, "--needs", "Secret/airflow/airflow-metadata")
    assert (code, output) == (0, METADATA)


def test_what_is_undecided_and_why(run: Run, airflow: Path) -> None:
    assert run(airflow, "--needs", "Secret/airflow/airflow-extra")[1] == EXTRA


def test_unknown_keys_leave_a_need_undecided(run: Run, tmp_path: Path) -> None:
    fetched = EXTERNAL.partition("  data:\n")[0] + "  dataFrom:\n    - extract:\n        key: airflow\n"
    tree = write(tmp_path / "fleet", AIRFLOW | {"apps/external-secret.yaml": fetched})
    _, output, _ = run(tree, "--needs", "Secret/airflow/airflow-metadata")
    assert "\n  undecided: " in output
    assert "ExternalSecret/airflow/metadata  apps/external-secret.yaml:11:11  keys not known" in output


def test_an_object_with_a_manifest_says_who_applies_it_and_what_it_needs(run: Run, airflow: Path) -> None:
    _, output, _ = run(airflow, "--needs", "deployment/scheduler")
    assert "  met: it is there, and nothing in this tree needs it\n" in output
    assert "  its own manifest, applied by Kustomization/flux-system/apps  apps/deployment.yaml:1:1\n" in output
    assert "  Secret/airflow/airflow-metadata  apps/deployment.yaml:28:24  key passwrod, missing\n" in output


def test_a_need_that_is_met(run: Run, tmp_path: Path) -> None:
    right = AIRFLOW["apps/deployment.yaml"].replace("passwrod", "password")
    tree = write(tmp_path / "fleet", AIRFLOW | {"apps/deployment.yaml": right})
    _, output, _ = run(tree, "--needs", "Secret/airflow/airflow-metadata")
    assert output.splitlines()[1] == "  met: it is there, with every key that is needed"


def test_a_flux_kustomization_says_who_depends_on_it(run: Run, airflow: Path) -> None:
    _, output, _ = run(airflow, "--needs", "Kustomization/infra")
    assert "  Kustomization/flux-system/apps  clusters/prod/apps.yaml:8:13  depends on it\n" in output


def test_an_object_that_nothing_applies(run: Run, airflow: Path) -> None:
    _, output, _ = run(airflow, "--needs", "Namespace/unused")
    assert output.splitlines()[1] == "  undecided: it is written here, and nothing applies it"


def test_the_same_as_json(run: Run, airflow: Path) -> None:
    _, output, _ = run(airflow, "--needs", "Secret/airflow/airflow-metadata", "--output-format", "json")
    (found,) = json.loads(output)["objects"]
    assert (found["state"], found["reason"]) == ("unmet", "nothing makes key `passwrod`")
    assert [(one["kind"], one["key"], one["line"]) for one in found["needed_by"]] == [
        ("Deployment", "connection", 23),
        ("Deployment", "passwrod", 28),
    ]
    assert found["made_by"][0]["keys"] == {"names": ["connection", "password"], "complete": True}
    assert found["missing_keys"][0]["did_you_mean"] == "password"


def test_the_same_as_a_drawing(run: Run, airflow: Path) -> None:
    _, output, _ = run(airflow, "--needs", "Secret/airflow/airflow-extra", "--output-format", "mermaid")
    assert '["Deployment<br>airflow/scheduler<br>1 finding"]' in output
    assert '("Secret<br>airflow/airflow-extra"):::outside' in output
    assert '|"extra"|' in output
    assert "airflow-metadata" not in output


@pytest.mark.parametrize(
    ("wanted", "message"),
    [
        ("Secret/airflow/airflow-metdata", "; did you mean `Secret/airflow/airflow-metadata`?"),
        ("Secret/default/airflow-metadata", "; did you mean `Secret/airflow/airflow-metadata`?"),
    ],
)
def test_a_wrong_name_gets_the_closest_one(run: Run, airflow: Path, wanted: str, message: str) -> None:
    assert run(airflow, "--needs", wanted) == (2, "", f"lintkit: no object `{wanted}`{message}\n")


def test_a_wrong_kind_gets_the_closest_one(run: Run, airflow: Path) -> None:
    expected = "lintkit: no object of kind `Secrt`; did you mean `Secret`?\n"
    assert run(airflow, "--needs", "Secrt/airflow/airflow-metadata") == (2, "", expected)


def test_what_is_no_object(run: Run, airflow: Path) -> None:
    code, _, errors = run(airflow, "--needs", "airflow-metadata")
    assert code == 2
    assert errors == "lintkit: --needs: `airflow-metadata` is no object; expected KIND/NAMESPACE/NAME or KIND/NAME\n"


def test_a_name_in_two_namespaces_is_ambiguous(run: Run, tmp_path: Path) -> None:
    other = AIRFLOW["apps/deployment.yaml"].replace("namespace: airflow", "namespace: other")
    tree = write(tmp_path / "fleet", AIRFLOW | {"apps/other.yaml": other})
    code, _, errors = run(tree, "--needs", "Deployment/scheduler")
    either = "`Deployment.apps/airflow/scheduler` or `Deployment.apps/other/scheduler`"
    assert (code, errors) == (2, f"lintkit: `Deployment/scheduler` could be {either}\n")
    assert run(tree, "--needs", "Deployment.apps/other/scheduler")[0] == 0


def test_filters_do_not_go_with_it(run: Run, airflow: Path) -> None:
    code, _, errors = run(airflow, "--needs", "Secret/airflow/airflow-extra", "--kind", "Secret")
    assert (code, errors) == (2, "lintkit: --needs names one object: it takes no --namespace, --kind and --select\n")
