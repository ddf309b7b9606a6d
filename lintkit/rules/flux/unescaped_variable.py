"""The rule `unescaped-variable`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Applicability, Finding, Fix, Severity
from lintkit.model.names import closest
from lintkit.model.substitution import NAME
from lintkit.rules._rule import rule
from lintkit.rules.flux._variables import belongs_to_program, is_external, used
from lintkit.syntax.node import Place
from lintkit.text.edit import Edit, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.tree import Tree
    from lintkit.model.variable_uses import Used


@rule(severity=Severity.ERROR, since="0.1")
def unescaped_variable(tree: Tree) -> Iterator[Finding]:
    """A `${VAR}` that is meant for a program is replaced by Flux first.

    Scripts, arguments and configuration texts have variables of their own. Flux replaces every `${VAR}` of the objects
    it applies with `postBuild`, and what it does not know becomes empty, or, since Flux 2.9, fails the Kustomization.
    `$${VAR}` is what Flux leaves as `${VAR}`; a label or annotation `kustomize.toolkit.fluxcd.io/substitute: disabled`
    takes the whole object out.

    ## Why
    The script runs with empty variables: `rm -rf "${DIR}/"` becomes `rm -rf "/"`.

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
      sourceRef:
        kind: GitRepository
        name: flux-system
    ```
    ```yaml app/script.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: script
      namespace: default
    data:
      clean.sh: |
        #!/bin/sh
        DIR=$(mktemp -d)
        rm -rf "${DIR}/" # error: `${DIR}` is meant for the program
    ```

    ## Good
    ```yaml app/script.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: script
      namespace: default
    data:
      clean.sh: |
        #!/bin/sh
        DIR=$(mktemp -d)
        rm -rf "$${DIR}/"
    ```
    """
    counts: dict[tuple[int, str], int] = {}
    for one in used(tree):
        variables, expression = one.applied.variables, one.expression
        name = expression.name
        if not variables.is_on or not name or name in variables.values or is_external(tree, name):
            continue
        if expression.mistake or (expression.default is not None and not belongs_to_program(one)):
            continue
        if not _is_for_program(one):
            continue
        key = (id(one.node), name)
        counts[key] = counts.get(key, -1) + 1
        yield _finding(one, counts[key])


def _is_for_program(one: Used) -> bool:
    if belongs_to_program(one):
        return True
    name, variables = one.expression.name, one.applied.variables
    if variables.is_open or closest(name, variables.values) is not None:
        return False
    return one.is_script


def _finding(one: Used, occurrence: int) -> Finding:
    name = one.expression.name
    place = _place(one, occurrence)
    source, span = place
    fix = None
    if source.text.startswith("${", span.start):
        edit = Edit(source.path, Span(span.start, span.start), "$")
        fix = Fix(f"escape it as `$${{{name}}}`", (edit,), Applicability.UNSAFE)
    owner = one.applied.kustomization
    where = f" of Kustomization `{owner.name}`" if owner else ""
    message = f"`${{{name}}}` is meant for the program, and the `postBuild`{where} replaces it first"
    return Finding.at(place, message, fix=fix)


def _place(one: Used, occurrence: int) -> Place:
    """The expression in the source, the how-manieth of its name in the text."""
    source, at = one.node.source, one.node.start
    seen = -1
    while True:
        at = source.text.find(f"${{{one.expression.name}", at, one.node.end)
        if at < 0:
            return one.node.place
        after = NAME.match(source.text, at + 2)
        escaped = source.text[at - 1 : at] == "$"
        if after and after[0] == one.expression.name and not escaped:
            seen += 1
            if seen == occurrence:
                end = source.text.find("}", at, one.node.end)
                return Place(source, Span(at, end + 1 if end > 0 else at + 2))
        at += 2
