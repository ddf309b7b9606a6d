"""The programs that are compared with lintkit, where they are installed.

`LINTKIT_BENCH_PATH` names more folders to look in than PATH does.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

from lintkit import engine
from lintkit.options import Options
from tests.bench.measure import Command

if TYPE_CHECKING:
    from collections.abc import Iterator

CRDS = Path(__file__).parents[3] / "shared" / "reference" / "crds"
NAMES = ("kubeconform", "kube-linter", "flate", "flux-local", "checkov", "yamllint", "kustomize")


def found(name: str) -> str | None:
    """Where a peer is; None when it is not installed, or does not start."""
    more = os.environ.get("LINTKIT_BENCH_PATH", "")
    where = shutil.which(name, path=os.pathsep.join(filter(None, (os.environ.get("PATH", ""), more))))
    if where is None:
        return None
    asked = subprocess.run([where, "--help"], capture_output=True, check=False, stdin=subprocess.DEVNULL, text=True)
    return None if "Error" in asked.stderr else where  # it needs another Python, or a part of it is missing


def version(name: str, where: str) -> str:
    """What a peer says its version is."""
    arguments = {"kubeconform": ["-v"], "kustomize": ["version"], "kube-linter": ["version"]}.get(name, ["--version"])
    told = subprocess.run([where, *arguments], capture_output=True, check=False, text=True)
    return (told.stdout.strip() or told.stderr.strip()).splitlines()[-1].split()[-1] if told.stdout else "?"


def write_schemas(root: Path, own: Path, full: Path) -> None:
    """Write the schemas that lintkit holds a tree against as files for kubeconform.

    Args:
        root: Root of the tree.
        own: Gets those of lintkit, which have no descriptions.
        full: Gets those that CRDs have, where they are at hand; lintkit's for all other kinds.
    """
    validation = engine.judge(root, Options()).validation
    if validation is None:
        return
    kinds = {(one.group, one.version, one.kind) for one in validation.tree.written}
    kinds |= {("kustomize.config.k8s.io", "v1beta1", "Kustomization")}
    kinds |= {("kustomize.config.k8s.io", "v1alpha1", "Component")}
    for kind in kinds:
        known = validation.catalog.find(*kind)
        group, version, name = kind
        where = f"{group or 'core'}/{name.lower()}_{version}.json"
        text = json.dumps(known.schema) if known is not None and known.schema is not None else ""
        crd = CRDS / where
        for folder, content in ((own, text), (full, crd.read_text("utf-8") if crd.is_file() else text)):
            if content:
                (folder / where).parent.mkdir(parents=True, exist_ok=True)
                (folder / where).write_text(content, "utf-8")


def on_tree(root: Path, own: Path, full: Path, cluster: str) -> Iterator[Command]:
    """The peers on a whole tree; `cluster`: where Flux starts in it, empty when that is not known."""
    for name in NAMES:
        where = found(name)
        if where is None:
            continue
        if name == "kubeconform":
            yield Command(name, [where, *_kubeconform(full), "."], root)
            yield Command("kubeconform, schemas of lintkit", [where, *_kubeconform(own), "."], root)
        elif name == "kube-linter":
            yield Command(name, [where, "lint", "."], root)
        elif name == "yamllint":
            yield Command(name, [where, "-f", "parsable", "."], root)
        elif name == "checkov":
            options = ["--framework", "kubernetes", "--compact", "--quiet", "--skip-download"]
            yield Command(name, [where, "-d", ".", *options], root)
        elif name == "kustomize":
            yield Command("kustomize build, each overlay", ["/bin/sh", "-c", _overlays(root, where)], root)
        elif cluster:
            test = ["test", "ks", "--path"] if name == "flate" else ["test", "--path"]
            yield Command(f"{name} {test[0]}", [where, *test, cluster], root)


def on_file(root: Path, file: str, schemas: Path) -> Iterator[Command]:
    """The peers on one file of a tree."""
    arguments = {
        "kubeconform": [*_kubeconform(schemas), file],
        "kube-linter": ["lint", file],
        "yamllint": ["-f", "parsable", file],
        "checkov": ["-f", file, "--framework", "kubernetes", "--compact", "--quiet", "--skip-download"],
    }
    for name, given in arguments.items():
        where = found(name)
        if where is not None:
            yield Command(name, [where, *given], root)


def _kubeconform(schemas: Path) -> list[str]:
    where = [f"{schemas}/{{{{.Group}}}}/{{{{.ResourceKind}}}}_{{{{.ResourceAPIVersion}}}}.json"]
    where.append(f"{schemas}/core/{{{{.ResourceKind}}}}_{{{{.ResourceAPIVersion}}}}.json")
    locations = [part for one in where for part in ("-schema-location", one)]
    return ["-n", "2", "-strict", "-summary", "-ignore-missing-schemas", *locations]


def _overlays(root: Path, kustomize: str) -> str:
    """A shell line that builds every folder with a kustomization; what cannot be built is passed over."""
    names = ("kustomization.yaml", "kustomization.yml", "Kustomization")
    folders = sorted({str(path.parent.relative_to(root)) for name in names for path in root.rglob(name)})
    return "; ".join(f"'{kustomize}' build '{folder}'" for folder in folders) + "; true"
