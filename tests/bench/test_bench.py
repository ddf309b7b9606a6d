"""`make bench`: how fast lintkit is beside other tools on the same trees, and where its time goes.

`LINTKIT_BENCH_PAGE=docs/benchmarks.md make bench` writes the page that the documentation shows.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from lintkit import engine
from lintkit.options import Options
from tests.bench import lintkit_runs, page, peers
from tests.bench.lintkit_runs import COLD, EDITED, UNCHANGED, WARM
from tests.bench.measure import Best, interleaved
from tests.corpus.trees import ABSENT, ARCHIVES, unpacked

pytestmark = [pytest.mark.slow, pytest.mark.skipif(not ARCHIVES, reason=ABSENT)]

RUNS = int(os.environ.get("LINTKIT_BENCH_RUNS", "3"))
FLUX = {
    "onedr0p-home-ops": "kubernetes/flux/cluster",
    "fluxcd-flux2-kustomize-helm-example": "clusters/production",
}
TREES = ("onedr0p-home-ops", "szinn-k8s-homelab", "allenporter-k8s-gitops", "fluxcd-flux2-kustomize-helm-example")
FILE = "kubernetes/apps/default/atuin/app/helmrelease.yaml"

_PARTS: dict[str, str] = {}


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bench")


@pytest.fixture(autouse=True)
def _own_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    # no configuration of git or of a user may change what takes part
    monkeypatch.setenv("NO_COLOR", "1")


@pytest.fixture(scope="module", autouse=True)
def _page() -> object:
    yield
    target = os.environ.get("LINTKIT_BENCH_PAGE")
    if target and _PARTS:
        path = Path(target)
        text = path.read_text("utf-8")
        for name, part in {"machine": f"{page.machine()}\n\n{page.versions()}", **_PARTS}.items():
            begin, end = f"<!-- bench: {name} -->", "<!-- bench: end -->"
            before, found, after = text.partition(begin)
            if found:
                text = f"{before}{begin}\n{part}\n{end}{after.partition(end)[2]}"
        path.write_text(text, "utf-8")


def _show(name: str, title: str, lines: list[str]) -> None:
    _PARTS[name] = "\n".join(lines)
    print(f"\n\n## {title}\n\n{_PARTS[name]}")  # noqa: T201 - what it is for


@pytest.mark.parametrize("name", TREES)
def test_whole_trees(name: str, base: Path) -> None:
    root = unpacked(name, base)
    own, full = base / f"own-{name}", base / f"full-{name}"
    peers.write_schemas(root, own, full)
    work = base / f"work-{name}"
    commands = [*lintkit_runs.on_tree(root, work), *peers.on_tree(root, own, full, FLUX.get(name, ""))]
    results = interleaved(commands, RUNS)
    reference = "kubeconform" if "kubeconform" in results else COLD
    _show(f"tree {name}", f"{name}, all of it", list(page.table(results, reference)))
    assert results[COLD].is_fair
    assert results[WARM].is_fair
    assert results[COLD].memory < 150
    if name == "onedr0p-home-ops":
        _compare("kubeconform", results, COLD, 2.0)


def test_one_file(base: Path) -> None:
    root = base / "edited"
    shutil.copytree(unpacked("onedr0p-home-ops", base), root)
    schemas = base / "full-file"
    peers.write_schemas(root, base / "own-file", schemas)
    commands = [*lintkit_runs.on_file(root, FILE, base / "work-file"), *peers.on_file(root, FILE, schemas)]
    results = interleaved(commands, RUNS)
    reference = "kubeconform" if "kubeconform" in results else EDITED
    _show("file", "one file of onedr0p-home-ops", list(page.table(results, reference)))
    assert results[EDITED].is_fair
    assert results[UNCHANGED].is_fair


def _compare(peer: str, results: dict[str, Best], label: str, limit: float) -> None:
    """Say whether the aim is met; how long a peer takes depends too much on the machine to fail over it."""
    if peer not in results or not results[peer].is_fair:
        return
    wall = results[label].wall / results[peer].wall
    verdict = "met" if wall <= limit else "MISSED"
    print(f"\n{label}: {wall:.2f} times the wall time of {peer}; the aim of {limit} is {verdict}")  # noqa: T201


@pytest.mark.parametrize("name", TREES[:2])
def test_where_the_time_goes(name: str, base: Path) -> None:
    root = unpacked(name, base)
    reports = [engine.judge(root, Options()) for _ in range(3)]
    report = min(reports, key=lambda one: one.seconds)
    documents = sum(len(stream.documents) for stream in report.tree.repository.parsed().values()) if report.tree else 1
    lines = [f"{documents} documents in {report.seconds * 1000:.0f} ms: {documents / report.seconds:.0f} a second", ""]
    _show(f"stages {name}", f"{name}, by stage and rule", [*lines, *page.stages(report.timings, documents)])
    assert not report.failures
