"""The rule `missing-dag-path`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Applicability, Finding, Fix, Severity
from lintkit.model.airflow import releases
from lintkit.model.cluster import normal_url
from lintkit.model.flux import SOURCE, normal_path
from lintkit.rules._rule import rule
from lintkit.syntax.node import Scalar
from lintkit.syntax.rewrite import replace_scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.airflow import Airflow
    from lintkit.model.contracts import Contracts
    from lintkit.model.tree import Tree

_FIELDS = (
    (("dags", "gitSync", "repo"), ("dags", "gitSync", "subPath")),
    (("dags", "gitSync", "repo"), ("dags", "gitSync", "repoSubPath")),
)
_DAG_FILES = (".py", ".zip")


@rule(severity=Severity.ERROR, since="0.1")
def missing_dag_path(tree: Tree) -> Iterator[Finding]:
    """git-sync is to fetch DAGs from a folder of this repository that is not there, or that holds no DAG.

    Judged where the URL that git-sync reads is this repository: that of the GitRepository that Flux applies the tree
    from, or the git remote. For another repository, or another branch, nothing can be said.

    ## Why
    git-sync succeeds, Airflow starts, and there is not one DAG in it.

    ## Bad
    ```yaml cluster/flux-system/gotk-sync.yaml
    apiVersion: source.toolkit.fluxcd.io/v1
    kind: GitRepository
    metadata:
      name: flux-system
      namespace: flux-system
    spec:
      interval: 1h
      url: https://example.com/team/home.git
    ---
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: flux-system
      namespace: flux-system
    spec:
      interval: 1h
      prune: true
      path: ./cluster
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```
    ```yaml cluster/airflow/helmrelease.yaml
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata:
      name: airflow
      namespace: airflow
    spec:
      interval: 1h
      chart:
        spec:
          chart: airflow
          version: 1.16.0
          sourceRef:
            kind: HelmRepository
            name: apache-airflow
      values:
        dags:
          gitSync:
            enabled: true
            repo: git@example.com:team/home.git
            subPath: cluster/airflow/dag # error: did you mean `cluster/airflow/dags`?
    ```
    ```text cluster/airflow/dags/hello_world.py
    ```

    ## Good
    ```yaml cluster/airflow/helmrelease.yaml
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata:
      name: airflow
      namespace: airflow
    spec:
      interval: 1h
      chart:
        spec:
          chart: airflow
          version: 1.16.0
          sourceRef:
            kind: HelmRepository
            name: apache-airflow
      values:
        dags:
          gitSync:
            enabled: true
            repo: git@example.com:team/home.git
            subPath: cluster/airflow/dags
    ```
    """
    for contracts in tree.contracts:
        for airflow in releases(contracts):
            yield from _judged(tree, contracts, airflow)


def _judged(tree: Tree, contracts: Contracts, airflow: Airflow) -> Iterator[Finding]:
    values = airflow.values
    if not values.flag("dags", "gitSync", "enabled", default=False):
        return
    for repo_path, sub_path in _FIELDS:
        repo, node = values.text(*repo_path), values.get(*sub_path)
        if not repo or not isinstance(node, Scalar) or "${" in repo + node.text or "{{" in node.text:
            continue
        if normal_url(repo) not in _own_urls(tree, contracts) or _is_other_branch(contracts, airflow):
            continue
        yield from _folder(tree, node)


def _own_urls(tree: Tree, contracts: Contracts) -> set[str]:
    sources = {
        (source.kind, source.name, source.namespace)
        for applied in contracts.cluster.applied
        if applied.kustomization and applied.build and (source := applied.kustomization.source)
    }
    return tree.reach.own_urls(contracts.cluster, sources)


def _is_other_branch(contracts: Contracts, airflow: Airflow) -> bool:
    """Whether git-sync reads another branch than Flux applies, as far as both are written."""
    wanted = airflow.values.text("dags", "gitSync", "branch")
    branches = {
        resource.text("spec", "ref", "branch")
        for resource in contracts.cluster.of_kind(SOURCE, "GitRepository")
        if normal_url(resource.text("spec", "url") or "") == normal_url(airflow.values.text("dags", "gitSync", "repo"))
    } - {None}
    return bool(wanted) and bool(branches) and wanted not in branches


def _folder(tree: Tree, node: Scalar) -> Iterator[Finding]:
    folder = normal_path(node.text)
    repository = tree.repository
    if not repository.is_folder(folder):
        if not repository.exists_unseen(folder):
            hint, fix = "", None
            close = next((one for one in sorted(repository.listing.folders) if _is_close(one, folder)), None)
            if close:
                hint = f"; did you mean `{close}`?"
                fix = Fix(f"change it to `{close}`", tuple(replace_scalar(node, close)), Applicability.UNSAFE)
            message = f"the folder `{node.text}` is not in this repository: git-sync finds no DAG{hint}"
            yield Finding.at(node, message, fix=fix)
        return
    prefix = f"{folder}/" if folder else ""
    if not any(path.startswith(prefix) and path.endswith(_DAG_FILES) for path in repository.listing.files):
        yield Finding.at(node, f"the folder `{node.text}` holds no DAG file", severity=Severity.WARNING)


def _is_close(one: str, other: str) -> bool:
    return one.lower() == other.lower() or one.rstrip("s") == other.rstrip("s") or one.endswith(f"/{other}")
