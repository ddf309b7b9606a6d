"""The rule `duplicate-port`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Finding, Related, Severity
from lintkit.rules._rule import rule
from lintkit.rules.references._pods import containers
from lintkit.syntax.node import Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.resource import Resource
    from lintkit.syntax.node import Mapping, Node


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
        yield from _twice(resource.root.mappings_at("spec", "ports"), "port")
    for container in containers(resource):
        yield from _twice(container.mappings_at("ports"), "containerPort")


def _twice(ports: list[Mapping], number: str) -> Iterator[Finding]:
    names: dict[str, Node] = {}
    numbers: dict[tuple[str, str, str], Node] = {}
    for port in ports:
        name = port.get("name")
        if isinstance(name, Scalar) and name.text:
            before = names.setdefault(name.text, name)
            if before is not name:
                related = (Related(before.place, "the first one"),)
                yield Finding.at(name, f"the port name `{name.text}` is used twice", related=related)
        node = port.get(number)
        if isinstance(node, Scalar):
            key = (node.text, port.text("protocol") or "TCP", port.text("hostIP") or "")
            first = numbers.setdefault(key, node)
            if first is not node:
                related = (Related(first.place, "the first one"),)
                yield Finding.at(node, f"port {node.text}/{key[1]} is listed twice", related=related)
