"""The rule `duplicate-env`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Finding, Related, Severity
from lintkit.model.flux import is_helm_release
from lintkit.rules._rule import rule
from lintkit.rules.references._pods import containers
from lintkit.rules.references._repairs import without_twin
from lintkit.syntax.node import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.resource import Resource


@rule(severity=Severity.ERROR, since="0.1")
def duplicate_env(resource: Resource) -> Iterator[Finding]:
    """A container sets one environment variable twice.

    In pod templates, in lists of variables in Helm values, and in pod templates embedded in a text.

    ## Why
    The last one wins in the pod. Server-side apply, which Flux uses, merges the list by name: it refuses the object, or
    drops one of the two when the other is removed later.

    ## Bad
    ```yaml app/pod.yaml
    apiVersion: v1
    kind: Pod
    metadata:
      name: worker
      namespace: airflow
    spec:
      containers:
        - name: base
          image: apache/airflow:2.10.5
          env:
            - name: AIRFLOW__CORE__EXECUTOR
              value: LocalExecutor
            - name: AIRFLOW__CORE__EXECUTOR # error: `AIRFLOW__CORE__EXECUTOR` is set twice
              value: KubernetesExecutor
    ```

    ## Good
    ```yaml app/pod.yaml
    apiVersion: v1
    kind: Pod
    metadata:
      name: worker
      namespace: airflow
    spec:
      containers:
        - name: base
          image: apache/airflow:2.10.5
          env:
            - name: AIRFLOW__CORE__EXECUTOR
              value: LocalExecutor
    ```
    """
    lists = [node for container in containers(resource) if isinstance(node := container.get("env"), Sequence)]
    if is_helm_release(resource):
        lists += _in_values(resource.at("spec", "values"))
    seen: set[int] = set()
    for variables in lists:
        if id(variables) not in seen:
            seen.add(id(variables))
            yield from _twice(variables)


def _in_values(values: Node | None) -> Iterator[Sequence]:
    """Lists of `{name, value}` in Helm values."""
    stack: list[Node] = [values] if values is not None else []
    while stack:
        node = stack.pop()
        if isinstance(node, Mapping):
            for key, value in node.entries.items():
                if key in {"env", "extraEnv", "extraEnvVars"} and isinstance(value, Sequence):
                    yield value
                stack.append(value)
        elif isinstance(node, Sequence):
            stack.extend(node.elements)


def _twice(variables: Sequence) -> Iterator[Finding]:
    first: dict[str, tuple[int, Scalar]] = {}
    for index, entry in enumerate(variables.elements):
        name = entry.at("name")
        if not isinstance(name, Scalar) or not name.text:
            continue
        place, before = first.setdefault(name.text, (index, name))
        if before is not name:
            related = (Related(before.place, "the first one"),)
            fix = without_twin(variables, index, place)
            yield Finding.at(name, f"`{name.text}` is set twice", related=related, fix=fix)
