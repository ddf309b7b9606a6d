"""The real cluster, by the official client: kubeconfig, in-cluster, proxies and credential plugins as kubectl has them.

Only the client's way to log in and its connections are used: answers are read as plain JSON, which costs a tenth of the
memory of its models. Why this client: docs/decisions/0014-kubernetes-client.md.
"""

from __future__ import annotations

import json
import re
import time
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from lintkit.errors import ClusterError
from lintkit.verify.cluster import Log, NoAccess, Output, Page, Served, Unanswered
from lintkit.verify.refusals import (
    GoneError,
    MissingError,
    NotLoggedInError,
    SlowError,
    cause,
    exit_code,
    refused,
    status_in,
)
from lintkit.verify.trim import line, trimmed
from lintkit.verify.web import fetch, over_socket

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kubernetes.client import ApiClient

    from lintkit.verify.cluster import Ask

_PAGE = 500
_PAGES = {"Secret": 100, "ConfigMap": 100}
"""These may hold a megabyte each."""
_FILTERS = {"Secret": {"fieldSelector": "type!=helm.sh/release.v1"}}
"""What Helm remembers of its releases is most of all Secrets, and nobody's need."""
_LINES = 400
_STAMP = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d) ?")
_RETRIED = frozenset({429, 500, 502, 503, 504})
_PAUSES = (0.3, 1.0, 2.5)
_CORE = "/api/v1"


class KubernetesCluster:
    """A cluster behind an API server.

    Attributes:
        name: What it is called: the context.
        calls: How often each (verb, path) was asked.
    """

    def __init__(self, api: ApiClient, name: str, timeout: float = 30.0) -> None:
        self.name = name
        self.calls: dict[str, int] = {}
        self._pods: dict[tuple[str, str, str], tuple[str, str, int]] = {}
        self._api = api
        self._timeout = timeout

    def greet(self) -> None:
        """Ask for a sign of life; whatever the server answers is one.

        Raises:
            ClusterError: It does not answer.
        """
        try:
            self._request("GET", "/version")
        except (NoAccess, NotLoggedInError, MissingError):
            return
        except Unanswered as error:
            message = f"cluster `{self.name}` cannot be reached: {error}"
            raise ClusterError(message) from None

    def close(self) -> None:
        """Let the connections go."""
        self._api.rest_client.pool_manager.clear()

    def begin(self) -> None:
        """A round of questions begins: other pods may be behind Services now."""
        self._pods.clear()

    def may_ask_again(self, seconds_left: float) -> bool:
        """Whether there is time."""
        return seconds_left > 0

    def now(self) -> datetime:
        """The time."""
        return datetime.now(UTC)

    def served(self, group: str) -> tuple[Served, ...]:
        """The kinds of an API group, each in the version that the server prefers of those that have it."""
        paths = [_CORE]
        if group:
            found = self._json("GET", f"/apis/{quote(group)}", missing={})
            preferred = (found.get("preferredVersion") or {}).get("groupVersion")
            versions = [preferred, *(one.get("groupVersion") for one in found.get("versions") or ())]
            paths = [f"/apis/{one}" for one in dict.fromkeys(versions) if one]
        kinds: dict[str, Served] = {}
        for path in paths:
            for one in self._json("GET", path, missing={}).get("resources") or ():
                if "/" not in one["name"]:
                    kinds.setdefault(one["kind"], Served(path, one["name"], one["kind"], bool(one["namespaced"])))
        return tuple(kinds.values())

    def objects(self, served: Served, namespace: str | None, name: str | None = None) -> list[dict[str, Any]]:
        """Objects of a kind, page by page, without secret values."""
        where = f"/namespaces/{quote(namespace)}" if namespace and served.is_namespaced else ""
        path = f"{served.path}{where}/{served.plural}"
        if name is not None:
            found = self._json("GET", f"{path}/{quote(name)}", missing=None)
            return [] if found is None else [trimmed(found, served.kind)]
        for _ in range(2):
            try:
                return self._pages(path, served.kind)
            except GoneError:
                continue  # the list was too old to be continued; begin again
        message = f"the list of {served.plural} was out of date before it was read (410 Gone)"
        raise Unanswered(message)

    def _pages(self, path: str, kind: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []
        token = ""
        while True:
            query = {"limit": str(_PAGES.get(kind, _PAGE)), **_FILTERS.get(kind, {})}
            query |= {"continue": token} if token else {}
            page = self._json("GET", path, query)
            found += [trimmed(one, kind) for one in page.get("items") or ()]
            token = (page.get("metadata") or {}).get("continue") or ""
            if not token:
                return found

    def log(self, namespace: str, pod: str, container: str, pattern: str) -> Log:
        """How much a container wrote lately, and the lines in which a pattern is found."""
        path = f"{_CORE}/namespaces/{quote(namespace)}/pods/{quote(pod)}/log"
        query = {"container": container, "tailLines": str(_LINES), "timestamps": "true"}
        written = self._request("GET", path, query).splitlines()
        stamp = _STAMP.match(written[-1]) if written else None
        lines = [_STAMP.sub("", one) for one in written]
        wanted = re.compile(pattern)
        found = tuple(line(one) for one in lines if wanted.search(one))
        return Log(len(lines), found, stamp[0].strip() if stamp else "")

    def execute(self, namespace: str, pod: str, container: str, command: tuple[str, ...]) -> Output:
        """Run a command in a container, without a terminal."""
        ws_client: Any = import_module("kubernetes.stream.ws_client")

        path = f"{_CORE}/namespaces/{quote(namespace)}/pods/{quote(pod)}/exec"
        query = [("container", container), ("stdout", "true"), ("stderr", "true")]
        with self._websocket(f"run `{line(' '.join(command), 60)}` in {namespace}/{pod}"):
            url = ws_client.get_websocket_url(self._url(path), [*query, *(("command", one) for one in command)])
            socket = ws_client.WSClient(self._api.configuration, url, self._headers(), True)  # noqa: FBT003 - theirs
            try:
                socket.run_forever(timeout=self._timeout * 2)
                if socket.is_open():
                    message = f"`{line(' '.join(command), 60)}` did not end within {self._timeout * 2:g} s"
                    raise Unanswered(message)
                return Output(
                    socket.read_channel(ws_client.STDOUT_CHANNEL),
                    socket.read_channel(ws_client.STDERR_CHANNEL),
                    exit_code(socket.read_channel(ws_client.ERROR_CHANNEL)),
                )
            finally:
                socket.sock.shutdown()  # its own `close` leaves the connection open where the server closed first

    def fetch(self, ask: Ask) -> Page:
        """GET over HTTP: directly, or through a port of a pod behind a Service."""
        if ask.service is None:
            return fetch(ask.url, ask.headers, self._timeout)
        if ask.service not in self._pods:
            self._pods[ask.service] = self._behind(*ask.service)
        namespace, pod, port = self._pods[ask.service]
        ws_client: Any = import_module("kubernetes.stream.ws_client")

        path = f"{_CORE}/namespaces/{quote(namespace)}/pods/{quote(pod)}/portforward"
        with self._websocket(f"forward a port of {namespace}/{pod}"):
            forward = ws_client.portforward_call(
                self._api.configuration, "GET", self._url(path),
                headers=self._headers(), query_params=[("ports", str(port))],
            )  # fmt: skip
        try:
            return over_socket(forward.socket(port), ask.url, ask.headers, self._timeout)
        except Unanswered as refusal:
            message = f"port {port} of pod {namespace}/{pod}: {line(forward.error(port) or str(refusal), 160)}"
            forward.websocket.shutdown()  # its thread may be dead, and lets nothing go then
            forward.local_ports[port].python.close()
            raise Unanswered(message) from None
        finally:
            forward.close()

    def dry_run(self, item: dict[str, Any], served: Served, manager: str) -> dict[str, Any]:
        """What a server-side apply of an object would make of it; nothing is changed."""
        metadata = item["metadata"]
        where = f"/namespaces/{quote(metadata.get('namespace') or 'default')}" if served.is_namespaced else ""
        path = f"{served.path}{where}/{served.plural}/{quote(metadata['name'])}"
        query = {"dryRun": "All", "fieldManager": manager, "force": "true"}
        made: dict[str, Any] = json.loads(self._request("PATCH", path, query, body=json.dumps(item)))
        return made

    def raw(self, served: Served, namespace: str, name: str) -> dict[str, Any] | None:
        """One object as it is, secret values included: for comparing, never for showing."""
        where = f"/namespaces/{quote(namespace)}" if served.is_namespaced else ""
        found: dict[str, Any] | None = self._json(
            "GET", f"{served.path}{where}/{served.plural}/{quote(name)}", missing=None
        )
        return found

    def _behind(self, namespace: str, service: str, port: str) -> tuple[str, str, int]:
        """A ready pod behind a port of a Service, and the pod's own port."""
        path = f"{_CORE}/namespaces/{quote(namespace)}"
        found = self._json("GET", f"{path}/services/{quote(service)}", missing=None)
        if found is None:
            message = f"there is no Service `{service}` in namespace `{namespace}`"
            raise Unanswered(message)
        spec = found.get("spec") or {}
        ports = spec.get("ports") or []
        wanted = next((one for one in ports if port in {str(one.get("port")), one.get("name")}), None)
        if wanted is None or not spec.get("selector"):
            message = f"Service `{service}` has no port `{port}` that leads to pods"
            raise Unanswered(message)
        selector = ",".join(f"{name}={value}" for name, value in sorted(spec["selector"].items()))
        for pod in self._json("GET", f"{path}/pods", {"labelSelector": selector}).get("items") or ():
            conditions = (pod.get("status") or {}).get("conditions") or ()
            if any(one.get("type") == "Ready" and one.get("status") == "True" for one in conditions):
                return namespace, pod["metadata"]["name"], _target(wanted, pod)
        message = f"no ready pod is behind Service `{namespace}/{service}`"
        raise Unanswered(message)

    @contextmanager
    def _websocket(self, what: str) -> Iterator[None]:
        import websocket  # noqa: PLC0415 - comes with the client
        from kubernetes.client import ApiException  # noqa: PLC0415

        websocket.setdefaulttimeout(self._timeout)
        self._count("CONNECT", what)
        try:
            yield
        except websocket.WebSocketBadStatusException as error:
            body = getattr(error, "resp_body", b"") or b""
            raise refused(error.status_code, body.decode("utf-8", "replace"), what) from None
        except ApiException as error:
            status = error.status or status_in(str(error.reason))
            raise refused(status, str(error.body or error.reason), what) from None
        except (websocket.WebSocketException, OSError, ValueError, KeyError) as error:
            message = f"cannot {what}: {line(str(error)) or type(error).__name__}"
            raise Unanswered(message) from None

    def _json(self, verb: str, path: str, query: dict[str, str] | None = None, *, missing: Any = ...) -> Any:  # noqa: ANN401 - JSON
        """The answer as JSON; `missing` in place of a 404."""
        try:
            return json.loads(self._request(verb, path, query))
        except MissingError:
            if missing is ...:
                raise
            return missing
        except ValueError:
            message = f"the API server answers `{path}` with something that is no JSON"
            raise Unanswered(message) from None

    def _request(self, verb: str, path: str, query: dict[str, str] | None = None, body: str | None = None) -> str:
        """One request, repeated while the server is away for a moment."""
        self._count(verb, path)
        reason: Unanswered = Unanswered("the API server does not answer")
        for pause in (*_PAUSES, None):
            try:
                status, text = self._once(verb, path, query, body)
            except Unanswered as error:
                reason = error
            else:
                if status < 300:
                    return text
                reason = refused(status, text, path)
                if status not in _RETRIED:
                    raise reason
            if pause is None or isinstance(reason, SlowError):
                break
            time.sleep(pause)
        raise reason

    def _once(self, verb: str, path: str, query: dict[str, str] | None, body: str | None) -> tuple[int, str]:
        from urllib3 import Timeout  # noqa: PLC0415 - comes with the client
        from urllib3.exceptions import HTTPError, NewConnectionError, TimeoutError  # noqa: A004, PLC0415

        url = self._url(path) + (f"?{urlencode(query)}" if query else "")
        headers = {"Accept": "application/json, */*", **self._headers()}
        if body is not None:
            headers["Content-Type"] = "application/apply-patch+yaml"
        try:
            answer = self._api.rest_client.pool_manager.request(
                verb, url, headers=headers, body=body, retries=False,
                timeout=Timeout(connect=min(10.0, self._timeout), read=self._timeout),
            )  # fmt: skip
            return answer.status, answer.data.decode("utf-8", "replace")
        except NewConnectionError as error:  # a kind of TimeoutError in their words
            message = f"the API server does not answer: {cause(error)}"
            raise Unanswered(message) from None
        except TimeoutError:
            message = f"the API server did not answer within {self._timeout:g} s"
            raise SlowError(message) from None
        except (HTTPError, OSError) as error:
            message = f"the API server does not answer: {cause(error)}"
            raise Unanswered(message) from None

    def _url(self, path: str) -> str:
        return f"{self._api.configuration.host}{path}"

    def _headers(self) -> dict[str, str]:
        """What logs in; expired credentials of a plugin are made anew here."""
        settings = self._api.configuration.auth_settings()
        return {one["key"]: one["value"] for one in settings.values() if one["in"] == "header" and one["value"]}

    def _count(self, verb: str, path: str) -> None:
        self.calls[f"{verb} {path}"] = self.calls.get(f"{verb} {path}", 0) + 1


def _target(port: dict[str, Any], pod: dict[str, Any]) -> int:
    target = port.get("targetPort") or port["port"]
    if isinstance(target, int):
        return target
    for container in pod["spec"]["containers"]:
        for one in container.get("ports") or ():
            if one.get("name") == target:
                return int(one["containerPort"])
    message = f"the pod has no port called `{target}`"
    raise Unanswered(message)
