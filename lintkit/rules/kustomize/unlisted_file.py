"""The rule `unlisted-file`."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from lintkit.collect.repository import KUSTOMIZATION_NAMES
from lintkit.finding import Finding, Related, Severity
from lintkit.model.resource import make
from lintkit.rules._rule import rule
from lintkit.rules.kustomize._entries import listed
from lintkit.syntax.comments import comments
from lintkit.syntax.node import Place

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.kustomize.kustomization import Kustomization
    from lintkit.model.resource import Resource
    from lintkit.model.tree import Tree


@rule(severity=Severity.WARNING, since="0.1")
def unlisted_file(tree: Tree) -> Iterator[Finding]:
    """A manifest stands beside a kustomization that does not list it.

    A file that the kustomization mentions in a comment is switched off on purpose, and not reported.

    ## Why
    Nothing applies the file: the Secret that the app waits for never comes, the app that was added never starts.

    ## Bad
    ```yaml app/kustomization.yaml
    apiVersion: kustomize.config.k8s.io/v1beta1
    kind: Kustomization
    resources:
      - ./deployment.yaml
    ```
    ```yaml app/deployment.yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      namespace: default
    ```
    ```yaml app/externalsecret.yaml
    apiVersion: external-secrets.io/v1 # warning: `externalsecret.yaml` is not listed in `app/kustomization.yaml`
    kind: ExternalSecret
    metadata:
      name: web
      namespace: default
    ```

    ## Good
    ```yaml app/kustomization.yaml
    apiVersion: kustomize.config.k8s.io/v1beta1
    kind: Kustomization
    resources:
      - ./deployment.yaml
      - ./externalsecret.yaml
    ```
    """
    listed, meant = tree.listed_files, _meant(tree)
    by_path: dict[str, list[Resource]] = {}
    for resource in tree.written:
        by_path.setdefault(resource.path, []).append(resource)
    for path, resources in by_path.items():
        if path in listed or posixpath.basename(path) in KUSTOMIZATION_NAMES:
            continue
        kustomization = _above(tree, path)
        if kustomization is None or _is_of_no_concern(tree, kustomization):
            continue
        entry = posixpath.relpath(path, kustomization.folder or ".")
        if _mentions(tree, kustomization, entry):
            continue
        is_kept = (kustomization.path, entry) in meant or _is_built(tree, kustomization, resources)
        yield _finding(kustomization, entry, resources, is_kept=is_kept)


def _above(tree: Tree, path: str) -> Kustomization | None:
    """The kustomization of the nearest folder that has one."""
    folder = posixpath.dirname(path)
    while True:
        found = tree.kustomizations.get(folder)
        if found is not None or tree.repository.kustomization_files(folder):
            return found
        if not folder:
            return None
        folder = posixpath.dirname(folder)


def _is_of_no_concern(tree: Tree, kustomization: Kustomization) -> bool:
    """Whether nothing is expected to be listed: in a component without resources, or where Flux never looks."""
    if tree.has_certain_entry and kustomization.folder not in tree.reached_folders:
        return True
    return not any(True for _ in kustomization.resources()) and kustomization.is_component


def _mentions(tree: Tree, kustomization: Kustomization, entry: str) -> bool:
    """Whether a comment of the kustomization names the file, or the folder it is in."""
    stream = tree.repository.stream(kustomization.path)
    if stream is None:
        return False
    text = " ".join(stream.source.text[span.start : span.end] for span in comments(stream))
    first = entry.split("/", maxsplit=1)[0]
    is_named = re.search(rf"(?<![\w.-]){re.escape(entry)}(?![\w-])", text) is not None
    return is_named or (first != entry and f"{first}/" in text) or _names(text, first)


def _names(text: str, first: str) -> bool:
    return any(word.strip("./\"'") == first for word in text.split())


def _meant(tree: Tree) -> set[tuple[str, str]]:
    """Kustomization and entry, where a misspelled entry of it means the file."""
    return {
        (found.problem.place.source.path, found.problem.suggestion.removeprefix("./"))
        for found in tree.problems("missing-entry")
        if found.problem.suggestion
    }


def _is_built(tree: Tree, kustomization: Kustomization, resources: list[Resource]) -> bool:
    """Whether another file already brings one of these objects, in whatever version: then it would be there twice."""
    taken = {make(resource.written).id for resource in tree.reach.build(kustomization.folder).resources}
    return any(resource.id in taken for resource in resources)


def _finding(kustomization: Kustomization, entry: str, resources: list[Resource], *, is_kept: bool) -> Finding:
    resource = resources[0]
    message = f"`{entry}` is not listed in `{kustomization.path}`: {_named(resources)} never applied"
    node = kustomization.fields.get("resources")
    related = (Related(node.place if node else kustomization.root.place, "what it lists"),)
    fix = None if is_kept or not kustomization.path else listed(kustomization, entry)
    place = Place(resource.source, resource.root.pairs[0][0].place.span) if resource.root.pairs else resource.root.place
    return Finding.at(place, message, related=related, fix=fix)


def _named(resources: list[Resource]) -> str:
    names = [f"{resource.kind} `{resource.name}`" for resource in resources[:3]]
    if len(resources) > 3:
        names.append(f"{len(resources) - 3} more")
    text = names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"
    return f"{text} {'is' if len(resources) == 1 else 'are'}"
