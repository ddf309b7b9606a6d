"""Where Flux starts, when the repository does not say so outright."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit import configuration, engine

if TYPE_CHECKING:
    from pathlib import Path


def flux(name: str, path: str) -> str:
    return (
        "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\n"
        f"metadata:\n  name: {name}\n  namespace: flux-system\n"
        f"spec:\n  interval: 1h\n  path: ./{path}\n  prune: true\n"
        "  sourceRef:\n    kind: GitRepository\n    name: flux-system\n"
    )


CONFIG = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {0}\n  namespace: web\n"


def entries(root: Path, files: dict[str, str]) -> tuple[bool, set[str]]:
    """Whether an entry point is certain, and the names of what Flux applies."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")
    tree = engine.load_tree(root, configuration.load(root))
    return tree.has_certain_entry, {resource.name for one in tree.applied for resource in one.resources}


def test_an_app_that_builds_its_own_folder_is_no_entry_point_beside_others(tmp_path: Path) -> None:
    files = {
        "apps/one/ks.yaml": flux("one", "apps/one/app"),
        "apps/one/app/config.yaml": CONFIG.format("first"),
        "apps/two/ks.yaml": flux("two", "apps/two"),
        "apps/two/config.yaml": CONFIG.format("second"),
    }
    certain, applied = entries(tmp_path, files)
    assert not certain
    assert {"first", "second"} <= applied


def test_what_applies_the_others_is_the_entry_point(tmp_path: Path) -> None:
    files = {
        "clusters/home/cluster.yaml": flux("cluster", "clusters/home"),
        "clusters/home/one.yaml": flux("one", "apps/one"),
        "apps/one/config.yaml": CONFIG.format("first"),
        "apps/two/ks.yaml": flux("two", "apps/two/app"),
        "apps/two/app/config.yaml": CONFIG.format("second"),
    }
    certain, applied = entries(tmp_path, files)
    assert certain
    assert "first" in applied
    assert "second" not in applied


def test_the_root_of_some_other_repository_is_no_entry_point(tmp_path: Path) -> None:
    """A Kustomization without a path builds the root of its source, which every repository has."""
    source = (
        "---\napiVersion: source.toolkit.fluxcd.io/v1\nkind: GitRepository\nmetadata:\n  name: charts\n"
        "  namespace: flux-system\nspec:\n  interval: 1h\n  url: https://git.example.org/other/charts\n---\n"
    )
    whole = flux("crds", "").replace("  path: ./\n", "").replace("    name: flux-system\n", "    name: charts\n")
    files = {
        "clusters/home/cluster.yaml": flux("cluster", "clusters/home"),
        "clusters/home/one.yaml": flux("one", "apps/one"),
        "old/crds.yaml": source + whole,
        "apps/one/config.yaml": CONFIG.format("first"),
        "apps/two/config.yaml": CONFIG.format("second"),
    }
    certain, applied = entries(tmp_path, files)
    assert certain
    assert "first" in applied
    assert "second" not in applied
