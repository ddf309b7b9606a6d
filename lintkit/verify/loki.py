"""Loki: how it is reached, what is asked of it, and whose logs a tree says it must have."""

from __future__ import annotations

import base64
import json
import os
import re
import shlex
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote, urlencode, urlsplit

from lintkit.syntax.node import Mapping, Scalar, scalars, walk
from lintkit.verify.airflow import is_airflow_3, release_of
from lintkit.verify.cluster import Ask, NoAccess, Unanswered
from lintkit.verify.expectation import Need
from lintkit.verify.promises import is_name
from lintkit.verify.times import parse_duration
from lintkit.verify.trim import line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.resource import Resource
    from lintkit.options import LokiAccess
    from lintkit.syntax.node import Node, Place
    from lintkit.verify.live import Live
    from lintkit.verify.promises import Promises

_GRAFANA = "grafana.integreatly.org"
_IN_CLUSTER = re.compile(
    r"^http://(?P<name>[a-z0-9-]+)\.(?P<namespace>[a-z0-9-]+)(?:\.svc[a-z.]*)?(?::(?P<port>\d+))?(?=/|$)"
)
_SERVICE = re.compile(r"(?P<namespace>[^/:]+)/(?P<name>[^/:]+)(?::(?P<port>[\w-]+))?")
_PUSH = re.compile(r"http://[\w.-]+(?::\d+)?(?=/loki/api/v1/push)")
_SINK = re.compile(r"type:\s*loki\b(?:(?!\n\S).)*?\bendpoint:\s*[\"']?(http://[\w.:-]+)", re.DOTALL)
_LABEL = re.compile(r"(\w+)\s*(?:=~|!=|!~|=)")
_EARLIER = timedelta(days=1)
_SHOWN = 8


class Loki(NamedTuple):
    """Where Loki is.

    Attributes:
        base: What stands before `/loki/api/v1`: a whole URL, or a path below the Service.
        service: (namespace, Service, port) when it is reached through a forwarded port.
        command: How a person would ask it.
        place: Where the tree says where it is; None for the configuration.
    """

    base: str
    service: tuple[str, str, str] | None
    command: str
    place: Place | None = None


class Component(NamedTuple):
    """Whose logs must be there.

    Attributes:
        name: For people.
        query: LogQL stream selector.
        within: How old the newest line may be.
        place: Where the tree says that it runs.
        namespace: Its namespace, when it is known.
        release: Name of the Airflow whose workers these are; empty for what runs all the time.
        is_usual: Whether its labels are those that collectors usually give, and nobody has named them.
    """

    name: str
    query: str
    within: timedelta
    place: Place
    namespace: str = ""
    release: str = ""
    is_usual: bool = True


class Missing(NamedTuple):
    """What Loki has in place of what a query asks for.

    Attributes:
        text: The labels that do exist.
        lacks: Whether a label of the query exists nowhere.
    """

    text: str
    lacks: bool


class Line(NamedTuple):
    """The newest line of a query."""

    time: datetime
    text: str


def where(promises: Promises) -> Loki | None:
    """How Loki is reached: as the configuration says, else where the tree sends its logs to; None when neither does."""
    access = promises.options.verify.loki
    if access.grafana:
        base = f"{access.grafana.rstrip('/')}/api/datasources/proxy/uid/{quote(access.datasource)}"
        return Loki(base, None, _logcli(base, access))
    if access.url:
        base = access.url.rstrip("/")
        return Loki(base, None, _logcli(base, access))
    found = _SERVICE.fullmatch(access.service)
    if found:
        service = found["namespace"], found["name"], found["port"] or "3100"
        return Loki("", service, _forwarded(service, access))
    for url, place in _written(promises):
        inside = _IN_CLUSTER.match(url)
        if inside:
            service = inside["namespace"], inside["name"], inside["port"] or "80"
            return Loki(urlsplit(url).path.rstrip("/"), service, _forwarded(service, access), place)
    return None


def _written(promises: Promises) -> Iterator[tuple[str, Place]]:
    """URLs of Loki in the tree: of data sources, then of whoever pushes."""
    for resource in promises.of_kind(_GRAFANA, "GrafanaDatasource"):
        node = resource.at("spec", "datasource", "url")
        if resource.text("spec", "datasource", "type") == "loki" and isinstance(node, Scalar):
            yield node.text, node.place
    for resource in promises.cluster.resources:
        if "loki" not in resource.root.source.text:
            continue
        for _, node in walk(resource.root):
            url = node.get("url") or node.get("endpoint") if isinstance(node, Mapping) else None
            if isinstance(node, Mapping) and isinstance(url, Scalar) and node.text("type") == "loki":
                yield url.text, url.place
        for scalar in scalars(resource.root):
            for pattern in (_PUSH, _SINK) if "http://" in scalar.text else ():
                for found in pattern.finditer(scalar.text):
                    yield (found[1] if pattern.groups else found[0]), scalar.place


def _logcli(base: str, access: LokiAccess) -> str:
    org = f" --org-id={shlex.quote(access.tenant)}" if access.tenant else ""
    return f"logcli --addr={shlex.quote(base)}{org} query --since={access.within} --limit=1 {{query}}"


def _forwarded(service: tuple[str, str, str], access: LokiAccess) -> str:
    namespace, name, port = service
    return f"kubectl -n {namespace} port-forward svc/{name} 3100:{port} & {_logcli('http://127.0.0.1:3100', access)}"


def components(promises: Promises) -> Iterator[Component]:
    """Whose logs must be in Loki: as the configuration says, else Airflow's parts and webhook handlers beside it."""
    access = promises.options.verify.loki
    usual = parse_duration(access.within)
    home = _home(promises)
    if access.components:
        for one in access.components:
            yield Component(one.name, one.query, parse_duration(one.within) or usual, home, is_usual=False)
        return
    for airflow in promises.airflows:
        release = release_of(airflow)
        place = airflow.place.place
        served = "api-server" if is_airflow_3(airflow) else "webserver"
        for name in (served, "scheduler"):
            query = f'{{namespace="{release.namespace}", container="{name}"}}'
            yield Component(name, query, usual, place, release.namespace)
        if airflow.has_worker_pods:
            query = f'{{namespace="{release.namespace}", container="base"}}'
            yield Component("worker", query, usual, place, release.namespace, release.name)
        for resource in promises.of_kind("apps", "Deployment"):
            if "webhook" in resource.name and resource.namespace == release.namespace:
                yield from _handler(resource, usual)


def _handler(resource: Resource, within: timedelta) -> Iterator[Component]:
    for container in resource.root.mappings_at("spec", "template", "spec", "containers"):
        name = container.get("name")
        if isinstance(name, Scalar) and is_name(name.text):
            query = f'{{namespace="{resource.namespace}", container="{name.text}"}}'
            yield Component(
                f"webhook handler `{resource.name}`", query, within, resource.name_place, resource.namespace
            )


def _home(promises: Promises) -> Place:
    """Where a promise stands that the configuration makes."""
    found = where(promises)
    if found and found.place:
        return found.place
    first: Node | None = promises.airflows[0].place if promises.airflows else None
    return first.place if first else next(iter(promises.cluster.resources)).name_place


def forwards(service: tuple[str, str, str] | None) -> tuple[Need, ...]:
    """The rights that a forwarded port needs."""
    if service is None:
        return ()
    namespace, name, _ = service
    return Need("services", namespace, (name,)), Need("pods/portforward", namespace)


def newest(query: str, within: timedelta, loki: Loki, access: LokiAccess, live: Live) -> Line | None:
    """The newest line that a query finds.

    Raises:
        Unanswered: Loki does not say.
    """
    found = _get("query_range", {"query": query, "limit": "1", "direction": "backward"}, within, loki, access, live)
    lines = [
        Line(_time(value[0]), str(value[1]))
        for stream in found.get("data", {}).get("result") or ()
        for value in stream.get("values") or ()
    ]
    return max(lines, default=None)


def _time(nanoseconds: str) -> datetime:
    return datetime.fromtimestamp(int(nanoseconds) / 1e9, UTC)


def labels(query: str, within: timedelta, loki: Loki, access: LokiAccess, live: Live) -> Missing:
    """The labels that do exist, for a query that finds nothing."""
    have = _get("labels", {}, within, loki, access, live).get("data") or []
    if not have:
        return Missing("Loki has no streams at all", lacks=False)
    parts, lacks = [], False
    for name in dict.fromkeys(_LABEL.findall(query.partition("}")[0])):
        if name not in have:
            lacks = True
            parts.append(f"there is no label `{name}`, there are {_listed(have)}")
            continue
        values = _get(f"label/{name}/values", {}, within, loki, access, live).get("data") or []
        parts.append(f"`{name}` is one of {_listed(values)}")
    return Missing("; ".join(parts), lacks)


def _listed(names: list[Any]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(f"`{line(str(one), 60)}`" for one in sorted(map(str, names))[:_SHOWN]) + more


def _get(
    what: str, query: dict[str, str], within: timedelta, loki: Loki, access: LokiAccess, live: Live
) -> dict[str, Any]:
    end = live.now()
    start = end - within
    times = {"start": str(int(start.timestamp() * 1e9)), "end": str(int(end.timestamp() * 1e9))}
    url = f"{loki.base}/loki/api/v1/{what}?{urlencode({**query, **times})}"
    name = f"loki {what} {query.get('query', '')} in {int(within.total_seconds())}s".replace("  ", " ")
    page = live.fetch(Ask(url, loki.service, _headers(access), name))
    if page.status in {401, 403}:
        hint = "; `verify.loki` of the configuration says how to log in" if not _logs_in(access) else ""
        hint = "; `verify.loki.tenant` names the tenant" if "org id" in page.text else hint
        message = f"Loki refuses ({page.status}): {line(page.text, 160)}{hint}"
        raise NoAccess(message)
    if page.status >= 300:
        message = f"Loki answers {page.status}: {line(page.text, 160)}"
        raise Unanswered(message)
    try:
        found = json.loads(page.text)
    except ValueError:
        found = None
    if not isinstance(found, dict) or found.get("status") != "success":
        message = f"what answers is not Loki: {line(page.text, 80)}"
        raise Unanswered(message)
    return found


def _logs_in(access: LokiAccess) -> bool:
    return bool(access.tenant or access.username or access.token_variable)


def _headers(access: LokiAccess) -> dict[str, str]:
    made = {"X-Scope-OrgID": access.tenant} if access.tenant else {}
    if access.token_variable:
        made["Authorization"] = f"Bearer {_variable(access.token_variable)}"
    elif access.username:
        pair = f"{access.username}:{_variable(access.password_variable)}"
        made["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
    return made


def _variable(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        message = (
            f"the environment variable `{name}` for Loki is not set" if name else "no `password-variable` for Loki"
        )
        raise NoAccess(message)
    return value


def earlier(component: Component) -> timedelta:
    """How far to look back for a component that is silent."""
    return max(_EARLIER, 4 * component.within)
