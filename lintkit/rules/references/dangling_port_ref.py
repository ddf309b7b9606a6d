"""The rule `dangling-port-ref`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Applicability, Finding, Fix, Related, Severity
from lintkit.model.contracts import State
from lintkit.model.names import closest
from lintkit.model.ports import monitored_pods, monitored_ports, service_ports, target_ports, value_ports
from lintkit.rules._rule import rule
from lintkit.syntax.rewrite import replace_scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.contracts import Contracts
    from lintkit.model.ports import PortUse
    from lintkit.model.tree import Tree


@rule(severity=Severity.ERROR, since="0.1")
def dangling_port_ref(tree: Tree) -> Iterator[Finding]:
    """A port is named that the Service or the pod does not have.

    The ports of Ingresses, routes, webhooks and monitors, and the target ports of Services are looked up, and those
    that the values of a chart name of a Service in the same values, where the chart's profile says so.

    ## Why
    The route answers 500, the metrics never arrive, and nothing says why.

    ## Bad
    ```yaml app/service.yaml
    apiVersion: v1
    kind: Service
    metadata:
      name: webserver
      namespace: airflow
      labels:
        app: webserver
    spec:
      ports:
        - name: http
          port: 8080
    ```
    ```yaml app/monitor.yaml
    apiVersion: monitoring.coreos.com/v1
    kind: ServiceMonitor
    metadata:
      name: webserver
      namespace: airflow
    spec:
      selector:
        matchLabels:
          app: webserver
      endpoints:
        - port: metrics # error: Service `webserver` has no port `metrics`
    ```
    ```yaml app/route.yaml
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata:
      name: webserver
      namespace: airflow
    spec:
      rules:
        - backendRefs:
            - name: webserver
              port: 80 # error: Service `webserver` has no port `80`
    ```

    ## Good
    ```yaml app/monitor.yaml
    apiVersion: monitoring.coreos.com/v1
    kind: ServiceMonitor
    metadata:
      name: webserver
      namespace: airflow
    spec:
      selector:
        matchLabels:
          app: webserver
      endpoints:
        - port: http
    ```
    ```yaml app/route.yaml
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata:
      name: webserver
      namespace: airflow
    spec:
      rules:
        - backendRefs:
            - name: webserver
              port: 8080
    ```
    """
    for contracts in tree.contracts:
        cluster = contracts.cluster
        for use in (
            *_referenced(contracts),
            *monitored_ports(cluster),
            *monitored_pods(cluster),
            *target_ports(cluster),
            *value_ports(contracts),
        ):
            if use.wanted.text not in use.names:
                yield _finding(use)


def _referenced(contracts: Contracts) -> Iterator[PortUse]:
    """Ports beside the names of Services."""
    for answer in contracts.answers:
        if answer.state is State.MET and answer.reference.port is not None and answer.target is not None:
            use = service_ports(answer.target, answer.reference.port)
            if use is not None:
                yield use


def _finding(use: PortUse) -> Finding:
    close = closest(use.wanted.text, use.names)
    have = ", ".join(f"`{name}`" for name in sorted(use.names))
    hint = f"; did you mean `{close}`?" if close else f"; it has {have}" if have else ""
    message = f"{use.owner} has no port `{use.wanted.text}`{hint}"
    fix = None
    only = close or (next(iter(use.names)) if len(use.names) == 1 else None)
    if only is not None and not only.isdigit():
        fix = Fix(f"change it to `{only}`", tuple(replace_scalar(use.wanted, only)), Applicability.UNSAFE)
    return Finding.at(use.wanted, message, related=(Related(use.place, "its ports"),), fix=fix)
