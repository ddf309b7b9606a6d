"""The rule `invalid-substitution`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from lintkit.finding import Applicability, Finding, Fix, Severity
from lintkit.model.substitution import NAME, is_exempt
from lintkit.rules._rule import rule
from lintkit.rules.flux._variables import used
from lintkit.syntax.node import Mapping, Node, Place, Scalar, Sequence
from lintkit.text.edit import Edit, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.cluster import Applied
    from lintkit.model.tree import Tree
    from lintkit.model.variable_uses import Used

_BARE = re.compile(r"(?<![$\w{\\]){([A-Z][A-Z0-9_]{2,})}(?!})")


@rule(severity=Severity.ERROR, since="0.1")
def invalid_substitution(tree: Tree) -> Iterator[Finding]:
    """A text looks like a variable to Flux and cannot be read, or was meant as one and lacks its `$`.

    `${a[0]}`, `${a.b}`, `${ a }`, `${}`, `${a` and `${a-b}` are no variables of Flux, and each fails the whole
    Kustomization. `{DOMAIN}` where `DOMAIN` is defined is most likely `${DOMAIN}`. A variable's name in `postBuild`
    must be made of letters, digits and `_`, and not start with a digit.

    ## Why
    One such text, in a script of one ConfigMap, and nothing of the Kustomization is applied.

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
          app-name: web # error: `app-name` is no name of a variable
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
      first: ${items[0]} # error: `[` cannot follow the name `items`
      second: app.{DOMAIN} # warning: `{DOMAIN}` lacks its `$`
    ```

    ## Good
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
    ```yaml app/config.yaml
    apiVersion: v1
    kind: ConfigMap
    metadata:
      name: config
      namespace: default
    data:
      first: $${items[0]}
      second: app.${DOMAIN}
    ```
    """
    for one in used(tree):
        if one.applied.variables.is_on and one.expression.mistake:
            yield _broken(one)
    for applied in tree.applied:
        yield from _names(applied)
        if applied.variables.is_on and applied.build is not None:
            yield from _bare(applied)


def _broken(one: Used) -> Finding:
    text = one.node.text[one.expression.start : max(one.expression.end, one.expression.start + 2)]
    place = one.node.within(text)
    fix = None
    if place.source.text.startswith("${", place.span.start):
        edit = Edit(place.source.path, Span(place.span.start, place.span.start), "$")
        fix = Fix("escape it with a second `$`", (edit,), Applicability.UNSAFE)
    return Finding.at(place, f"Flux cannot read this variable: {one.expression.mistake}", fix=fix)


def _names(applied: Applied) -> Iterator[Finding]:
    view = applied.kustomization
    inline = view.post_build.mapping_at("substitute") if view and view.post_build else None
    for key, _ in inline.items() if inline else ():
        if not NAME.fullmatch(key.text) and "${" not in key.text:
            yield Finding.at(key, f"`{key.text}` is no name of a variable: letters, digits and `_` make one")


def _bare(applied: Applied) -> Iterator[Finding]:
    names = applied.variables.values
    for resource in applied.build.resources if applied.build else ():
        if is_exempt(resource.root) or not _BARE.search(resource.source.text):
            continue
        stack: list[Node] = [resource.root]
        while stack:
            node = stack.pop()
            if isinstance(node, Mapping):
                stack.extend(node.entries.values())
            elif isinstance(node, Sequence):
                stack.extend(node.elements)
            elif isinstance(node, Scalar) and "{" in node.text and "\n" not in node.text:
                for found in _BARE.finditer(node.text):
                    if found[1] in names:
                        place = node.within(found[0])
                        yield _lacking(place, found[1])


def _lacking(place: Place, name: str) -> Finding:
    edit = Edit(place.source.path, Span(place.span.start, place.span.start), "$")
    fix = Fix(f"change it to `${{{name}}}`", (edit,), Applicability.UNSAFE)
    message = f"`{{{name}}}` lacks its `$`: `{name}` is a variable here"
    return Finding.at(place, message, severity=Severity.WARNING, fix=fix)
