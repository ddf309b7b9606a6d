"""The rule `missing-entry`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Applicability, Finding, Fix, Severity
from lintkit.rules._rule import rule
from lintkit.rules.kustomize._problems import findings
from lintkit.text.edit import Edit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.kustomize.item import Problem
    from lintkit.model.tree import Tree


@rule(severity=Severity.ERROR, since="0.1")
def missing_entry(tree: Tree) -> Iterator[Finding]:
    """A kustomization lists a file or folder that is not there.

    Resources, components, patches, files of generators, configurations and replacements are looked up. A name that
    differs in letter case alone counts as missing: it is, on every machine that builds for a cluster.

    ## Why
    `kustomize build` fails, so Flux applies nothing of the Kustomization, and goes on running what it applied before.

    ## Bad
    ```yaml app/kustomization.yaml
    apiVersion: kustomize.config.k8s.io/v1beta1
    kind: Kustomization
    resources:
      - ./externalSecret.yaml # error: `./externalsecret.yaml` differs in letter case
      - ./pvc.yaml # error: no file or folder at `./pvc.yaml`
    ```
    ```yaml app/externalsecret.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: stand-in
      namespace: default
    ```

    ## Good
    ```yaml app/kustomization.yaml
    apiVersion: kustomize.config.k8s.io/v1beta1
    kind: Kustomization
    resources:
      - ./externalsecret.yaml
    ```
    """
    yield from findings(tree, "missing-entry", _fix)


def _fix(problem: Problem) -> Fix | None:
    if problem.suggestion is None:
        return None
    source, span = problem.place
    written = source.text[span.start : span.end]
    quote = written[:1] if written[:1] in {'"', "'"} else ""
    name = written.strip("\"'").partition("=")[0] + "=" if "=" in written else ""
    edit = Edit(source.path, span, f"{quote}{name}{problem.suggestion}{quote}")
    return Fix(f"change it to `{problem.suggestion}`", (edit,), Applicability.UNSAFE)
