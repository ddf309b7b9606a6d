"""Which cluster is meant, and what is asked: trees for several clusters, names that no shell should see, defects."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from typing import TYPE_CHECKING

import jsonschema
import junitparser
import pytest

from lintkit import configuration, engine
from lintkit.errors import UsageError
from lintkit.verify.as_text import printable
from lintkit.verify.loki import where
from lintkit.verify.plan import Choice, plan
from lintkit.verify.probes import _probe
from lintkit.verify.probes._probe import Probe, all_probes
from tests.terminal import Terminal
from tests.verify.conftest import ROOT

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from lintkit.verify.expectation import Expectation
    from lintkit.verify.plan import Plan
    from lintkit.verify.promises import Promises
    from tests.verify.conftest import Trial

SYNC = """\
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: {{name: flux-system, namespace: flux-system}}
spec: {{interval: 1m, url: https://example.org/tree, ref: {{branch: main}}}}
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {{name: flux-system, namespace: flux-system}}
spec: {{interval: 10m, path: ./clusters/{0}, prune: true, sourceRef: {{kind: GitRepository, name: flux-system}}}}
"""
RELEASE = """\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata: {{name: {1}, namespace: {0}}}
spec:
  interval: 1h
  chart: {{spec: {{chart: web, version: 1.0.0, sourceRef: {{kind: HelmRepository, name: charts}}}}}}
"""


def planned(root: Path, below: str = "", *names: str) -> Plan:
    return plan(engine.load_tree(root, configuration.load(root)), root, Choice(below, select=names))


def write(root: Path, *clusters: str) -> None:
    for name in clusters:
        home = root / "clusters" / name
        (home / "flux-system").mkdir(parents=True)
        (home / "flux-system" / "gotk-sync.yaml").write_text(SYNC.format(name))
        (home / "release.yaml").write_text(RELEASE.format("web", f"web-{name}"))


def test_a_tree_for_several_clusters_needs_the_folder_of_one(tmp_path: Path) -> None:
    write(tmp_path, "east", "west")
    with pytest.raises(UsageError) as error:
        planned(tmp_path)
    assert str(error.value) == "this tree is for 2 clusters; name one as PATH: `clusters/east`, `clusters/west`"
    east = planned(tmp_path, "clusters/east", "helm-release")
    assert [one.subject for one in east.expectations] == ["HelmRelease/web/web-east"]


def test_a_cluster_is_called_by_the_folder_that_a_person_knows(tmp_path: Path) -> None:
    """What Flux starts with is not in the repository; where it is written is."""
    write(tmp_path, "east", "west")
    for name in ("east", "west"):
        sync = tmp_path / "clusters" / name / "flux-system" / "gotk-sync.yaml"
        sync.unlink()
        text = SYNC.format(name).partition("---\n")[2].replace("name: flux-system, namespace", "name: apps, namespace")
        (tmp_path / "clusters" / name / "apps.yaml").write_text(text.replace(f"./clusters/{name}", f"./apps/{name}"))
        folder = tmp_path / "apps" / name
        folder.mkdir(parents=True)
        (folder / "release.yaml").write_text(RELEASE.format("web", "web"))
        (folder / "kustomization.yaml").write_text("resources: [release.yaml]\n")
    with pytest.raises(UsageError, match="name one as PATH: `clusters/east`, `clusters/west`"):
        planned(tmp_path)
    assert planned(tmp_path, "clusters/west").promises.cluster.entries[0].folder == "apps/west"
    assert planned(tmp_path, "apps/west").promises.cluster.entries[0].folder == "apps/west"


def test_names_that_a_shell_would_take_for_orders_are_not_asked_for(tmp_path: Path) -> None:
    """No object of such a name can be in a cluster; the inventory says that it is missing."""
    write(tmp_path, "east")
    text = RELEASE.format("web", "'$(reboot)'") + "---\n" + RELEASE.format("'a;b'", "web")
    (tmp_path / "clusters" / "east" / "more.yaml").write_text(text)
    made = planned(tmp_path)
    assert not [one.command for one in made.expectations if "reboot" in one.command or ";" in one.command]
    assert [one.subject for one in made.expectations if one.probe == "helm-release"] == ["HelmRelease/web/web-east"]


def test_loki_is_where_a_data_source_in_helm_values_says(tmp_path: Path) -> None:
    write(tmp_path, "east")
    values = """\
  values:
    grafana:
      additionalDataSources:
        - name: Loki
          type: loki
          url: http://loki.logs.svc.cluster.local:3100
"""
    text = RELEASE.format("monitoring", "stack") + values
    (tmp_path / "clusters" / "east" / "more.yaml").write_text(text)
    found = where(planned(tmp_path).promises)
    assert found is not None
    assert found.service == ("logs", "loki", "3100")
    assert found.place is not None
    assert found.place.source.position(found.place.span.start) == (12, 16)


def test_a_tree_without_flux_has_nothing_to_ask(tmp_path: Path) -> None:
    (tmp_path / "values.yaml").write_text("a: b\n")
    with pytest.raises(UsageError, match="nothing in this tree is applied"):
        planned(tmp_path)


def test_a_probe_that_breaks_takes_no_other_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path, "east")

    def odd(promises: Promises) -> Iterator[Expectation]:
        raise KeyError("x")
        yield from ()

    probes = (*all_probes(), Probe("odd", "odd", odd))
    monkeypatch.setattr("lintkit.verify.plan.all_probes", lambda: probes)
    made = planned(tmp_path)
    (broken,) = [one for one in made.expectations if one.probe == "odd"]
    answer = broken.question(None)  # type: ignore[arg-type]
    assert (answer.outcome.value, answer.evidence) == (
        "unknown",
        "internal error in probe odd, nothing is known: KeyError: 'x'",
    )
    assert len({one.probe for one in made.expectations}) > 3


def test_probes_are_their_files() -> None:
    """A probe is called like its file and its function, and its page says what it does in one sentence first."""
    for one in all_probes():
        assert (ROOT / "lintkit" / "verify" / "probes" / f"{one.name.replace('-', '_')}.py").is_file()
        assert one.summary.endswith("."), one.name
        assert all(verb == "list" for _, _, verb in one.rights)
    assert _probe.reads("apps", "deployments") == (("apps", "deployments", "list"),)


def test_what_a_terminal_would_obey_is_not_printed() -> None:
    assert printable("a\x1b[31mb\nc") == "a�[31mb�c"


def test_reports_are_of_their_form(
    trial: Trial, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    trial.server.remove("Deployment", "airflow-failure-webhook")
    trial.server.find("Kustomization", "loki")["spec"]["suspend"] = True
    terminal = Terminal(trial.example.root, monkeypatch, capsys)
    schema = json.loads((ROOT / "tests" / "report" / "sarif.schema.json").read_text("utf-8"))
    jsonschema.validate(json.loads(terminal.lintkit("verify", "--output-format", "sarif").out), schema)
    (tmp_path / "junit.xml").write_text(terminal.lintkit("verify", "--output-format", "junit").out)
    found = junitparser.JUnitXml.fromfile(str(tmp_path / "junit.xml"))
    assert (found.failures, found.skipped, found.errors) == (1, 2, 0)
    assert {suite.name for suite in found} == {one.probe for one in trial.example.whole.expectations}


def test_a_terminal_shows_how_far_it_is(trial: Trial) -> None:
    """Progress is on standard error, in one line that is gone at the end; the report is in colour."""
    master, slave = pty.openpty()
    command = [sys.executable, "-m", "lintkit", "verify", "--select", "flux-source", str(trial.example.root)]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    environment.pop("NO_COLOR", None)
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=slave, env=environment) as process:
        os.close(slave)
        shown = b""
        try:
            while part := os.read(master, 4096):
                shown += part
        except OSError:
            pass
        finally:
            os.close(master)
        output = process.stdout.read() if process.stdout else b""
    assert process.returncode == 0
    assert b"9 of 9 answered" in shown
    assert shown.endswith(b"\r\x1b[2K")
    assert b"\x1b" not in output
