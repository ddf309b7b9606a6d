"""Every overlay of real repositories, built by lintkit and by the kustomize binary: the same objects, word for word."""

from __future__ import annotations

import tarfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from lintkit.collect.repository import Repository
from lintkit.model.kustomize.build import Builder
from tests.corpus.trees import SAFELY
from tests.model.kustomize import trees

if TYPE_CHECKING:
    from collections.abc import Callable

CORPUS = Path(__file__).parents[3] / "shared" / "corpus"
ARCHIVES = sorted(CORPUS.glob("*.tar.xz"))
NAMES = [archive.name.removesuffix(".tar.xz") for archive in ARCHIVES]
pytestmark = [
    pytest.mark.corpus,
    pytest.mark.skipif(not ARCHIVES, reason="the real repositories of ../shared/corpus are not here"),
]

_FOLDED = "kustomize writes a folded text (`>`) with indented lines back with one line break more"
EXCEPTIONS = {
    ("allenporter-k8s-gitops", "kubernetes/monitoring/base/kube-prometheus-stack"): _FOLDED,
    ("allenporter-k8s-gitops", "kubernetes/monitoring/prod"): _FOLDED,
    ("drag0n141-home-ops", "kubernetes/apps/renovate/renovate-operator/jobs"): _FOLDED,
    ("onedr0p-home-ops", "kubernetes/apps/o11y/grafana-operator/instance"): _FOLDED,
    ("szinn-k8s-homelab", "kubernetes/main/apps/media/plex/app"): _FOLDED,
    ("tyriis-home-ops", "kubernetes/main/apps/gaming/minecraft-java/crowlex-lobby-world"): _FOLDED,
}


@pytest.fixture(scope="session")
def unpacked(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """Where a repository of the corpus is unpacked; each is unpacked once."""
    base = tmp_path_factory.mktemp("corpus")

    def unpack(name: str) -> Path:
        root = base / name
        if not root.exists():
            with tarfile.open(CORPUS / f"{name}.tar.xz") as archive:
                archive.extractall(root, **SAFELY)
        inner = list(root.iterdir())
        return inner[0] if len(inner) == 1 and inner[0].is_dir() and not inner[0].name.startswith(".") else root

    return unpack


def overlays(builder: Builder) -> list[str]:
    """Folders with a kustomization that can be built on its own."""
    return [
        folder
        for folder in sorted(builder.repository.listing.folders)
        if (found := builder.kustomization(folder)) is not None and not found.is_component
    ]


@trees.needs_binary
@pytest.mark.parametrize("name", NAMES)
def test_builds_as_the_binary_does(name: str, unpacked: Callable[[str], Path]) -> None:
    root = unpacked(name)
    builder = Builder(Repository.open(root))
    folders = overlays(builder)
    with ThreadPoolExecutor(2) as pool:
        outputs = list(pool.map(lambda folder: trees.run_binary(root / folder), folders))
    different, unnoticed, unfounded = {}, {}, {}
    for folder, output in zip(folders, outputs, strict=True):
        found = builder.build(folder)
        if output.objects is None:
            if not trees.has_mistake(found, builder.repository):
                unnoticed[folder] = output.error
            continue
        if trees.comparable(found, output) != output.objects:
            different[folder] = _difference(trees.comparable(found, output), output.objects)
        if found.problems:
            unfounded[folder] = trees.problems(found)
    assert {folder: text for folder, text in different.items() if (name, folder) not in EXCEPTIONS} == {}
    assert {folder for repository, folder in EXCEPTIONS if repository == name} == set(different), (
        "no exception is stale"
    )
    assert unnoticed == {}, "what the binary refuses, lintkit reports"
    assert unfounded == {}, "what the binary builds has no problem"


def test_the_exceptions_are_fewer_than_two_in_a_hundred(unpacked: Callable[[str], Path]) -> None:
    buildable = 0  # what has a mistake may fail; what has none, the binary builds (see above)
    for name in NAMES:
        builder = Builder(Repository.open(unpacked(name)))
        builds = [builder.build(folder) for folder in overlays(builder)]
        buildable += sum(not (found.problems or found.gaps) for found in builds)
    assert len(EXCEPTIONS) <= 0.02 * buildable


def _difference(ours: dict[trees.Identity, str], theirs: dict[trees.Identity, str]) -> str:
    return "\n".join(
        f"{identity}\n  lintkit {ours.get(identity)}\n  binary  {theirs.get(identity)}"
        for identity in sorted({*ours, *theirs})
        if ours.get(identity) != theirs.get(identity)
    )
