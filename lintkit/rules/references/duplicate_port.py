"""The rule `duplicate-port`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Finding, Related, Severity
from lintkit.rules._rule import rule
from lintkit.rules.references._pods import containers
from lintkit.rules.references._repairs import without_twin
from lintkit.syntax.node import Mapping, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.resource import Resource
    from lintkit.syntax.node import Node


@rule(severity=Severity.ERROR, since="0.1")
def duplicate_port(resource: Resource) -> Iterator[Finding]:
    """A Service or container gives two ports one name, or one number and protocol twice.

    ## Why
    The API server refuses a Service with two ports of one name, also when they differ in protocol. Of two container
    ports with one name only one can be reached by it.

    ## Bad
    ```yaml app/service.yaml
    apiVersion: v1
    kind: Service
    metadata:
      name: dns
      namespace: network
    spec:
      ports:
        - name: dns
          port: 53
          protocol: UDP
        - name: dns # error: the port name `dns` is used twice
          port: 53
          protocol: TCP
    ```

    ## Good
    ```yaml app/service.yaml
    apiVersion: v1
    kind: Service
    metadata:
      name: dns
      namespace: network
    spec:
      ports:
        - name: dns
          port: 53
          protocol: UDP
        - name: dns-tcp
          port: 53
          protocol: TCP
    ```
    """
    if resource.kind == "Service" and not resource.group:
        yield from _twice(resource.root.at("spec", "ports"), "port")
    for container in containers(resource):
        yield from _twice(container.get("ports"), "containerPort")


def _twice(ports: Node | None, number: str) -> Iterator[Finding]:
    names: dict[str, tuple[int, Node]] = {}
    numbers: dict[tuple[str, str, str], tuple[int, Node]] = {}
    for index, port in enumerate(ports.elements if isinstance(ports, Sequence) else ()):
        if not isinstance(port, Mapping) or not isinstance(ports, Sequence):
            continue
        name = port.get("name")
        if isinstance(name, Scalar) and name.text:
            place, before = names.setdefault(name.text, (index, name))
            if before is not name:
                related = (Related(before.place, "the first one"),)
                message = f"the port name `{name.text}` is used twice"
                yield Finding.at(name, message, related=related, fix=without_twin(ports, index, place))
        node = port.get(number)
        if isinstance(node, Scalar):
            key = (node.text, port.text("protocol") or "TCP", port.text("hostIP") or "")
            place, first = numbers.setdefault(key, (index, node))
            if first is not node:
                related = (Related(first.place, "the first one"),)
                message = f"port {node.text}/{key[1]} is listed twice"
                yield Finding.at(node, message, related=related, fix=without_twin(ports, index, place))
