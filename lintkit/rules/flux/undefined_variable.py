"""The rule `undefined-variable`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Applicability, Finding, Fix, Severity
from lintkit.model.names import closest
from lintkit.model.versions import flux_version
from lintkit.rules._rule import rule
from lintkit.rules.flux._variables import belongs_to_program, is_external, is_systemic, undefined_uses, used
from lintkit.text.edit import Edit, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.tree import Tree
    from lintkit.model.variable_uses import Used

_STRICT = (2, 9)


@rule(severity=Severity.ERROR, since="0.1")
def undefined_variable(tree: Tree) -> Iterator[Finding]:
    """A `${VAR}` that Flux replaces is defined nowhere and has no default.

    Looked up in `postBuild.substitute` and in the ConfigMaps and Secrets of `substituteFrom`, whose keys are read
    from manifests, generators, ExternalSecrets and SOPS files. Where one of these is not in the tree, nothing is
    reported but names that come close to a defined one; and a variable that many Kustomizations use is taken to come
    from outside, as is every one in an OCI artifact, which may be packed with its variables replaced.
    `external-variables:` in the configuration declares others.

    ## Why
    Since Flux 2.9 the Kustomization fails. Before, the variable became the empty text, without a word.

    ## Bad
    ```yaml cluster/apps.yaml
    apiVersion: kustomize.toolkit.fluxcd.io/v1
    kind: Kustomization
    metadata:
      name: apps
      namespace: flux-system
    spec:
      interval: 1h
      prune: true
      path: ./app
      postBuild:
        substitute:
          DOMAIN: example.com
          CLUSTER_ADDRESS: 10.0.0.1
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```
    ```yaml app/config.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: config
      namespace: default
    data:
      host: app.${DOMAIN}
      address: ${CLUSTER_ADDR} # warning: did you mean `CLUSTER_ADDRESS`?
    ```

    ## Good
    ```yaml app/config.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: config
      namespace: default
    data:
      host: app.${DOMAIN}
      address: ${CLUSTER_ADDRESS}
    ```
    """
    version = flux_version(tree)
    severity = None if version is not None and version >= _STRICT else Severity.WARNING
    counts = undefined_uses(tree)
    for one in used(tree):
        variables, expression = one.applied.variables, one.expression
        if not variables.is_on or expression.mistake or expression.name in variables.values:
            continue
        if expression.default is not None or is_external(tree, expression.name):
            continue
        close = closest(expression.name, variables.values)
        if is_systemic(counts, expression.name) or _is_packed(one):
            continue
        if belongs_to_program(one) or (close is None and (variables.is_open or one.is_script)):
            continue
        yield _finding(one, close, severity)


def _is_packed(one: Used) -> bool:
    """Whether the source is an artifact that something packed, which may have replaced variables already."""
    source = one.applied.kustomization.source if one.applied.kustomization else None
    return source is not None and source.kind == "OCIRepository"


def _finding(one: Used, close: str | None, severity: Severity | None) -> Finding:
    name = one.expression.name
    owner = one.applied.kustomization
    where = f" in Kustomization `{owner.name}`" if owner else ""
    hint = f"; did you mean `{close}`?" if close else ""
    place = one.node.within(f"${{{name}")
    fix = None
    if close is not None and place != one.node.place:
        start = place.span.start + 2
        edit = Edit(place.source.path, Span(start, start + len(name)), close)
        fix = Fix(f"rename to `{close}`", (edit,), Applicability.UNSAFE)
    return Finding.at(place, f"`${{{name}}}` is not defined{where}{hint}", severity=severity, fix=fix)
