"""The rule `missing-label`."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING

from lintkit.finding import Finding, Severity
from lintkit.rules._rule import rule
from lintkit.rules.house._objects import all_objects
from lintkit.suppress import closest, glob
from lintkit.syntax.node import Mapping, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.resource import Resource
    from lintkit.model.tree import Tree
    from lintkit.options import Options, RequiredLabel


@rule(severity=Severity.ERROR, since="0.1")
def missing_label(tree: Tree, options: Options) -> Iterator[Finding]:
    """An object lacks a label or annotation that `required-labels` in the configuration asks for.

    An entry asks for a key, in `labels` or `annotations`, of the objects of a kind, a namespace and a path; `values`
    says which values it may have. Labels that a kustomization adds count. Without entries the rule is silent.

    ## Why
    Labels are how people and programs find things: who is called at night, what a backup includes, which costs belong
    to which team. An object without them is found by nobody.

    ## Bad
    ```yaml .lintkit.yaml
    required-labels:
      - key: example.org/team
        kind: Deployment
        values: [data, web]
    ```
    ```yaml app/deployment.yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: shop
      namespace: web
      labels:
        example.org/team: wbe # error: `wbe` is no value for the label `example.org/team`; did you mean `web`?
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: blog # error: Deployment `blog` has no label `example.org/team`
      namespace: web
    ```

    ## Good
    ```yaml app/deployment.yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: shop
      namespace: web
      labels:
        example.org/team: web
    ---
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: blog
      namespace: web
      labels:
        example.org/team: web
    ```
    """
    if not options.required_labels:
        return
    for resource in all_objects(tree):
        for wanted in options.required_labels:
            if _concerns(wanted, resource):
                yield from _judged(resource, wanted)


def _concerns(wanted: RequiredLabel, resource: Resource) -> bool:
    kinds = {resource.kind, f"{resource.group}/{resource.kind}"}
    if not any(glob(wanted.kind).fullmatch(kind) for kind in kinds):
        return False
    namespace = "" if resource.is_cluster_scoped else resource.namespace
    return bool(glob(wanted.namespace).fullmatch(namespace) and glob(wanted.path).fullmatch(resource.path))


def _judged(resource: Resource, wanted: RequiredLabel) -> Iterator[Finding]:
    singular = wanted.field.removesuffix("s")
    reason = f" ({wanted.reason})" if wanted.reason else ""
    node = resource.at("metadata", wanted.field)
    value = resource.at("metadata", wanted.field, wanted.key)
    if value is None:
        keys = list(node.entries) if isinstance(node, Mapping) else []
        close = get_close_matches(wanted.key, keys, 1, 0.85)
        place = node.key(close[0]) if close and isinstance(node, Mapping) else None
        hint = f"; `{close[0]}` is close" if close else _choice(wanted)
        message = f"{resource.kind} `{resource.name}` has no {singular} `{wanted.key}`{reason}{hint}"
        yield Finding.at(place or resource.name_place, message)
        return
    text = value.text if isinstance(value, Scalar) and not value.is_null else ""
    if not wanted.values or "${" in text or any(glob(one).fullmatch(text) for one in wanted.values):
        return
    hint = closest(text, wanted.values) or _choice(wanted)
    what = f"`{text}` is no value for the {singular} `{wanted.key}`" if text else f"{singular} `{wanted.key}` is empty"
    yield Finding.at(value, f"{what}{reason}{hint}")


def _choice(wanted: RequiredLabel) -> str:
    return f"; expected one of {', '.join(f'`{one}`' for one in wanted.values)}" if wanted.values else ""
