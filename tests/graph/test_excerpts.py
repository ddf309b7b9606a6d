"""Lines of source in the page: there is no way in for a secret."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lintkit import engine
from lintkit.graph import excerpts
from lintkit.graph.build import graph_of
from tests.graph.trees import AIRFLOW, write

if TYPE_CHECKING:
    from pathlib import Path

    from tests.graph.conftest import Run

HEAD = "apiVersion: v1\nkind: Secret\nmetadata:\n  name: login\n  namespace: airflow\n"
SECRETS = {
    "plain": f"{HEAD}stringData:\n  user: hunter2\n",
    "encoded": f"{HEAD}data:\n  user: hunter2\n",
    "quoted": f'{HEAD}"stringData":\n  "user": "hunter2" # hunter2\n',
    "flow": f"{HEAD}stringData: {{user: hunter2}}\n",
    "block": f"{HEAD}stringData:\n  config.yaml: |\n    user: hunter2\n    other\n\n    hunter2\n",
    "partly a variable": f"{HEAD}stringData:\n  user: ${{NAME}}-hunter2\n",
    "comment in it": f"{HEAD}stringData:\n  # user: hunter2\n  user: ${{NAME}}\n",
    "comment": f"{HEAD}# password: hunter2\ntype: Opaque\n",
    "list": "apiVersion: v1\nkind: List\nitems:\n"
    + "".join(f"  {'- ' if not index else '  '}{line}\n" for index, line in enumerate(HEAD.splitlines()))
    + "    stringData:\n      user: hunter2\n",
    "text in a text": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: login\n  namespace: airflow\ndata:\n  login.yaml: |\n"
        "    kind: Secret\n    stringData:\n      user: hunter2\n"
    ),
    "literal in values": (
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: login\n  namespace: airflow\ndata:\n  password: hunter2\n"
    ),
}
PATCHED = """\
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources:
  - deployment.yaml
  - external-secret.yaml
  - login.yaml
patches:
  - target:
      kind: Secret
    patch: |
      - op: replace
        path: /stringData/user
        value: hunter2
secretGenerator:
  - name: generated
    literals:
      - user=hunter2
"""


def excerpts_of(folder: Path) -> excerpts.Excerpts:
    report = engine.check(folder, root=folder)
    assert report.tree is not None
    return excerpts.of_graph(graph_of(report.tree, report.findings), report.tree, report.sensitive)


@pytest.mark.parametrize("text", [pytest.param(text, id=name) for name, text in SECRETS.items()])
def test_no_secret_is_in_a_page(run: Run, tmp_path: Path, text: str) -> None:
    tree = write(tmp_path / "fleet", AIRFLOW | {"apps/login.yaml": text})
    page = run(tree, "--output-format", "html")[1]
    assert "hunter2" not in page
    assert excerpts_of(tree)["apps/login.yaml"][0][1][0] == "apiVersion: v1"
    for form in ("text", "mermaid", "dot", "json"):
        assert "hunter2" not in run(tree, "--output-format", form)[1]


def test_no_secret_of_a_patch_or_a_generator_is_in_a_page(run: Run, tmp_path: Path) -> None:
    files = AIRFLOW | {"apps/kustomization.yaml": PATCHED, "apps/login.yaml": SECRETS["plain"]}
    assert "hunter2" not in run(write(tmp_path / "fleet", files), "--output-format", "html")[1]


def test_keys_of_a_secret_and_what_follows_it_stay(tmp_path: Path) -> None:
    text = f"{HEAD}stringData:\n  user: hunter2\n  other: |\n    hunter2\ntype: Opaque\n"
    tree = write(tmp_path, AIRFLOW | {"apps/login.yaml": text})
    assert excerpts_of(tree)["apps/login.yaml"] == [
        (1, [*HEAD.splitlines(), "stringData:", "  user: ••••••", "  other: ••••••", "••••••", "type: Opaque"])
    ]


def test_an_excerpt_holds_the_lines_around_each_place(tmp_path: Path) -> None:
    lines = [f"  key-{number}: value" for number in range(100)]
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: long\n  namespace: airflow\ndata:\n" + "\n".join(lines)
    found = excerpts_of(write(tmp_path, AIRFLOW | {"apps/long.yaml": text}))
    ((first, shown),) = found["apps/long.yaml"]
    assert (first, len(shown), shown[0]) == (1, 17, "apiVersion: v1")
    shown = {first + index: line for first, run in found["apps/deployment.yaml"] for index, line in enumerate(run)}
    assert shown[28] == "                  key: passwrod"
    assert (18 in shown, 24 in shown) == (False, True)


def test_a_long_line_is_cut(tmp_path: Path) -> None:
    text = f"apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: long\n  namespace: airflow\ndata:\n  a: {'b' * 900}\n"
    found = excerpts_of(write(tmp_path, AIRFLOW | {"apps/long.yaml": text}))
    line = found["apps/long.yaml"][0][1][6]
    assert (len(line), line[-1]) == (200, "…")
