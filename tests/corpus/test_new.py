"""Every blueprint in the style of every real repository: clean, built, registered by the lines it must, and alike."""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from lintkit import configuration, engine
from lintkit.collect.repository import Repository
from lintkit.generate.blueprint import names
from lintkit.generate.found import Found
from lintkit.generate.plan import Request, judge, plan
from lintkit.generate.style import style_of
from lintkit.generate.words import Words
from lintkit.generate.workload import KINDS
from lintkit.model.tree import Tree
from tests.corpus.trees import ABSENT, ARCHIVES, NAMES, unpacked

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from lintkit.generate.plan import Plan
    from lintkit.options import Options

ROOT = Path(__file__).parents[2]
BLUEPRINTS = [name for name in sorted(names(ROOT)) if name != "vector-sidecar"]
ANSWERS = {"app": {"host": "sample.example.com", "storage": "5Gi", "secrets": "TOKEN,API_KEY=api-key"}}
pytestmark = [pytest.mark.corpus, pytest.mark.slow, pytest.mark.skipif(not ARCHIVES, reason=ABSENT)]


class Look(NamedTuple):
    """What a release with a secret looks like in a repository.

    Attributes:
        release: Path of the HelmRelease.
        head: The first line of manifests: a marker, a schema comment, or neither.
        schema: Whether there are schema comments.
        source: Kind of the chart source, and whether it is one that was there.
        store: Store of secrets.
        remote: How an ExternalSecret names `api-key` of the item `sample`.
        entry: The line that registers the app.
    """

    release: str
    schema: bool
    source: tuple[str, bool]
    store: str
    remote: dict[str, str]
    entry: str


PROPERTY = {"key": "sample", "property": "api-key"}
LOOKS = {
    "allenporter-k8s-gitops": Look(
        "kubernetes/compute/base/sample/app/helmrelease.yaml", False, ("HelmRepository", True), "onepassword-connect",
        PROPERTY, "- ../base/sample",
    ),
    "bjw-s-labs-home-ops": Look(
        "kubernetes/apps/default/sample/app/helmrelease.yaml", True, ("OCIRepository", False), "onepassword-connect",
        PROPERTY, "  - ./sample/ks.yaml",
    ),
    "drag0n141-home-ops": Look(
        "kubernetes/apps/default/sample/app/helmrelease.yaml", False, ("OCIRepository", True), "onepassword-connect",
        PROPERTY, "  - ./sample/ks.yaml",
    ),
    "fluxcd-flux2-kustomize-helm-example": Look(
        "apps/base/sample/app/helmrelease.yaml", False, ("HelmRepository", False), "onepassword-connect", PROPERTY,
        "  - ../base/sample",
    ),
    "mchestr-home-cluster": Look(
        "kubernetes/apps/default/sample/app/helmrelease.yaml", False, ("HelmRepository", False), "onepassword",
        PROPERTY, "  - ./sample/ks.yaml",
    ),
    "onedr0p-home-ops": Look(
        "kubernetes/apps/default/sample/app/helmrelease.yaml", True, ("OCIRepository", False), "onepassword-connect",
        PROPERTY, "  - ./sample/ks.yaml",
    ),
    "szinn-k8s-homelab": Look(
        "kubernetes/main/apps/default/sample/app/helmrelease.yaml", True, ("OCIRepository", True),
        "onepassword-connect", PROPERTY, "  - sample/install.yaml",
    ),
    "tyriis-home-ops": Look(
        "kubernetes/main/apps/default/sample/app/helm-release.yaml", True, ("HelmRepository", True),
        "openbao-backend", PROPERTY, "  - ./sample/flux-sync.yaml",
    ),
    "wcygan-anton": Look(
        "kubernetes/apps/default/sample/app/helmrelease.yaml", False, ("HelmRepository", False),
        "onepassword-connect", {"key": "sample/api-key"}, "  - ./sample/ks.yaml",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("new")


@lru_cache(maxsize=1)
def as_it_is(root: Path) -> tuple[Options, engine.Report]:
    """All rules there are, and what they find today."""
    options = replace(configuration.load(root), select=("all",))
    return options, engine.check(root, root=root, options=options)


def against(root: Path, made: Plan) -> list[str]:
    """What speaks against a plan, by every rule there is."""
    options, before = as_it_is(root)
    return judge(made, options, before).lines()


def lost(before: str, after: str) -> list[str]:
    """Lines that are gone or stand in another order."""
    left = iter(after.splitlines())
    return [line for line in before.splitlines() if line not in left]


def new_lines(before: str, after: str) -> list[str]:
    """Lines that are there besides."""
    left, found = before.splitlines(), []
    for line in after.splitlines():
        if left and line == left[0]:
            left.pop(0)
        else:
            found.append(line)
    return found


@pytest.mark.parametrize("blueprint", BLUEPRINTS)
@pytest.mark.parametrize("name", NAMES)
def test_every_blueprint_is_clean_and_registered(name: str, blueprint: str, base: Path) -> None:
    root = unpacked(name, base)
    made = plan(root, Request(blueprint, "sample", answers=ANSWERS.get(blueprint, {})))
    assert against(root, made) == []
    registered = 0
    for change in made.changes.values():
        if change.before is not None:
            assert lost(change.before, change.after) == []
            lines = new_lines(change.before, change.after)
            # an entry of a list, or the name that a patch was meant for
            assert [line for line in lines if not re.fullmatch(r" *- \S+|      name: \S+", line)] == []
            registered += len(lines)
    assert registered or blueprint == "cluster" or not any(map(is_listing, new_above(root, made)))


def new_above(root: Path, made: Plan) -> set[Path]:
    """The folders that new folders are put into."""
    folders = {one for path in made.changes for one in (root / path).parents if not one.exists()}
    return {one.parent for one in folders if one.parent.exists()}


def is_listing(folder: Path) -> bool:
    """Whether a kustomization says what of a folder counts; where none does, Flux takes all of it."""
    return (folder / "kustomization.yaml").exists()


@pytest.mark.parametrize("name", NAMES)
def test_an_app_looks_like_the_others(name: str, base: Path) -> None:
    root, look = unpacked(name, base), LOOKS[name]
    made = plan(root, Request("app", "sample", answers=ANSWERS["app"]))
    overlay = made.overlay
    release = overlay[look.release]
    assert release.startswith("---\n"), "all of them begin so"
    assert ("yaml-language-server" in release) == look.schema
    kind, was_there = look.source
    assert f"kind: {kind}\n" in release
    own = [path for path in overlay if path.startswith(look.release.rpartition("/")[0]) and "repository" in path]
    assert (own == []) == was_there
    secret = next(text for text in overlay.values() if "kind: ExternalSecret\n" in text and "TOKEN" in text)
    assert f"    name: {look.store}\n" in secret
    assert all(
        f"        {key}: {value}\n" in secret.replace("\n    ", "\n      ") for key, value in look.remote.items()
    )
    assert look.entry in [
        line for change in made.changes.values() if change.before for line in new_lines(change.before, change.after)
    ] or any(text.endswith(f"{look.entry}\n") for text in overlay.values())


def workloads(root: Path) -> Iterator[tuple[str, str, str, str]]:
    """One workload of each form that takes a sidecar: form, name, namespace, text of its file."""
    tree = Tree(Repository.open(root), configuration.load(root))
    found = Found(tree, style_of(tree).layout)
    words = Words.__new__(Words)
    words.found = found
    seen: set[str] = set()
    for kind in KINDS:
        for resource in found.objects(kind):
            if "${" in resource.name or "{{" in resource.name:
                continue
            one = words.workload(resource.name, resource.namespace, kind)
            if one.form and one.form not in seen:
                seen.add(one.form)
                yield one.form, one.name, one.namespace, one.kind


@pytest.mark.parametrize("name", NAMES)
def test_a_sidecar_keeps_every_line(name: str, base: Path) -> None:
    root = unpacked(name, base)
    for form, workload, namespace, kind in workloads(root):
        made = plan(root, Request("vector-sidecar", workload, namespace, {"kind": kind}))
        assert against(root, made) == [], form
        assert sum("timberio/vector" in text for text in changed(made).values()) == 1, form
        for path, change in made.changes.items():
            assert lost(change.before or "", change.after) == [], path


def changed(made: Plan) -> Mapping[str, str]:
    return {path: change.after for path, change in made.changes.items() if change.before is not None}
