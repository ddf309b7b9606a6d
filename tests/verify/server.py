"""A stand-in for an API server on loopback: lists, logs, exec, forwarded ports, from plain objects, with faults."""

from __future__ import annotations

import base64
import hashlib
import json
import socket
import struct
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import parse_qs, unquote, urlsplit

import yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

KINDS = yaml.safe_load("""
"": {v1: {Pod: pods, Secret: secrets, ConfigMap: configmaps, Service: services, Namespace: "namespaces*"}}
apps: {v1: {Deployment: deployments, StatefulSet: statefulsets, DaemonSet: daemonsets, ReplicaSet: replicasets}}
batch: {v1: {Job: jobs, CronJob: cronjobs}}
kustomize.toolkit.fluxcd.io: {v1: {Kustomization: kustomizations}}
helm.toolkit.fluxcd.io: {v2: {HelmRelease: helmreleases}}
source.toolkit.fluxcd.io:
  v1: {GitRepository: gitrepositories, HelmRepository: helmrepositories, HelmChart: helmcharts, Bucket: buckets}
  v1beta2: {GitRepository: gitrepositories, OCIRepository: ocirepositories}
external-secrets.io:
  v1: {ExternalSecret: externalsecrets, SecretStore: secretstores, ClusterSecretStore: "clustersecretstores*"}
monitoring.coreos.com: {v1: {PrometheusRule: prometheusrules}}
grafana.integreatly.org: {v1beta1: {GrafanaDashboard: grafanadashboards, GrafanaDatasource: grafanadatasources}}
""")
_GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Call(NamedTuple):
    """What was asked, in the words of RBAC; `resource` with its subresource, empty for what is no resource."""

    verb: str
    group: str
    resource: str
    namespace: str
    name: str


@dataclass
class Faults:
    """What goes wrong.

    Attributes:
        refuse: Calls that are forbidden.
        expired: Whether the token is no longer known.
        gone: How many continued lists are too old.
        hang: Resources that are never answered.
        reset: How many calls are cut off without an answer.
        wrong: Resources that answer with what is no JSON.
        restart: The number of the call at which the server goes away, to come back a moment later; 0 for none.
        garbled: Whether a forwarded port says what no client understands.
        spare: How many calls are answered before any of it begins.
    """

    refuse: Callable[[Call], bool] = lambda _: False
    expired: bool = False
    gone: int = 0
    hang: frozenset[str] = frozenset()
    reset: int = 0
    wrong: frozenset[str] = frozenset()
    restart: int = 0
    garbled: bool = False
    spare: int = 0


@dataclass(repr=False)
class StandIn:
    """An API server.

    Attributes:
        objects: What is in the cluster.
        logs: (namespace, pod, container) -> text.
        commands: (container, beginning of a command) -> stdout, stderr, exit code; None for a code that is not told.
        ports: Port of a pod -> local port that it leads to.
        kinds: Group -> version -> kind -> plural; a `*` marks those without a namespace.
        silent: For how many seconds no container has written.
        page: The longest list in one answer.
        calls: What was asked so far.
        queries: Resource -> the query of the last call.
    """

    objects: list[dict[str, Any]]
    logs: dict[tuple[str, str, str], str] = field(default_factory=dict)
    commands: dict[tuple[str, str], tuple[str, str, int | None]] = field(default_factory=dict)
    ports: dict[int, int] = field(default_factory=dict)
    kinds: dict[str, Any] = field(default_factory=lambda: KINDS)
    page: int = 500
    silent: float = 0.0
    faults: Faults = field(default_factory=Faults)
    calls: list[Call] = field(default_factory=list)
    queries: dict[str, dict[str, list[str]]] = field(default_factory=dict)
    _server: ThreadingHTTPServer | None = None
    _port: int = 0

    def start(self) -> None:
        """Listen; again on the same port after a stop."""
        stand_in = self

        class Bound(_Handler):
            owner = stand_in

        class Server(ThreadingHTTPServer):
            daemon_threads = True
            block_on_close = False
            allow_reuse_address = True
            request_queue_size = 64

            def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401
                """A client that went away is none of our business."""

        self._server = Server(("127.0.0.1", self._port), Bound)
        self._port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        """Go away; who asks is refused."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def kubeconfig(self, path: Path, token: str = "let-me-in") -> Path:  # noqa: S107 - the stand-in's own
        """Write a kubeconfig for it."""
        config = {
            "apiVersion": "v1", "kind": "Config", "current-context": "stand-in",
            "clusters": [{"name": "stand-in", "cluster": {"server": self.url}}],
            "users": [{"name": "tester", "user": {"token": token}}],
            "contexts": [{"name": "stand-in", "context": {"cluster": "stand-in", "user": "tester"}}],
        }  # fmt: skip
        path.write_text(yaml.safe_dump(config), "utf-8")
        return path

    def find(self, kind: str, name: str, namespace: str = "") -> dict[str, Any]:
        """An object, to change it."""
        return next(
            one for one in self.objects
            if one["kind"] == kind and one["metadata"]["name"] == name
            and namespace in {"", one["metadata"].get("namespace", "")}
        )  # fmt: skip

    def remove(self, kind: str, name: str) -> None:
        self.objects.remove(self.find(kind, name))

    def of(self, group: str, kind: str, namespace: str | None) -> Iterator[dict[str, Any]]:
        for one in self.objects:
            of_group = one["apiVersion"].rpartition("/")[0]
            if (of_group, one["kind"]) == (group, kind) and namespace in {None, one["metadata"].get("namespace")}:
                yield one


class _Handler(BaseHTTPRequestHandler):
    owner: StandIn
    protocol_version = "HTTP/1.1"
    timeout = 30
    disable_nagle_algorithm = True

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        split = urlsplit(self.path)
        parts = [unquote(one) for one in split.path.strip("/").split("/")]
        query = parse_qs(split.query)
        call, found = self._resolved(parts)
        self.owner.calls.append(call)
        self.owner.queries[call.resource] = query
        if self._is_broken(call):
            return
        if not found:
            self._answer_discovery(parts)
        elif call.resource == "pods/log":
            self._answer_log(call, query)
        elif call.resource in {"pods/exec", "pods/portforward"}:
            self._answer_socket(call, query)
        elif call.verb == "get":
            group, kind = found
            one = next(
                (o for o in self.owner.of(group, kind, call.namespace or None) if o["metadata"]["name"] == call.name),
                None,
            )
            self._json(one) if one else self._status(404, f'{call.resource} "{call.name}" not found')
        else:
            self._answer_list(call, found, query)

    def _resolved(self, parts: list[str]) -> tuple[Call, tuple[str, str] | None]:
        """The call, and (group, kind) when it is about a resource."""
        group, rest = ("", parts[2:]) if parts[0] == "api" else (parts[1] if len(parts) > 1 else "", parts[3:])
        version = parts[1] if parts[0] == "api" and len(parts) > 1 else parts[2] if len(parts) > 2 else ""
        if not rest or parts[0] not in {"api", "apis"}:
            return Call("get", "", "", "", "/" + "/".join(parts)), None
        namespace = ""
        if rest[0] == "namespaces" and len(rest) > 2:
            namespace, rest = rest[1], rest[2:]
        plurals = {
            plural.rstrip("*"): kind for kind, plural in self.owner.kinds.get(group, {}).get(version, {}).items()
        }
        resource, name = rest[0], rest[1] if len(rest) > 1 else ""
        if len(rest) > 2:
            resource = f"{resource}/{rest[2]}"
        verb = "get" if name else "list"
        if resource in {"pods/exec", "pods/portforward"}:
            verb = "get"  # a WebSocket is a GET; since 1.35 the API server asks for `create` as well
        kind = plurals.get(rest[0])
        return Call(verb, group, resource, namespace, name), (group, kind) if kind else ("", "")

    def _is_broken(self, call: Call) -> bool:
        faults = self.owner.faults
        if faults.spare > 0:
            faults.spare -= 1
            return False
        if faults.restart and len(self.owner.calls) >= faults.restart:
            faults.restart, faults.reset = 0, 1
            self.owner.stop()
            threading.Timer(0.4, self.owner.start).start()
        if faults.reset > 0:
            faults.reset -= 1
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self.connection.close()
            self.close_connection = True
            return True
        if call.resource.partition("/")[0] in faults.hang or call.resource in faults.hang:
            time.sleep(8)
            self.close_connection = True
            return True
        if faults.expired or self.headers.get("authorization") != "Bearer let-me-in":
            self._status(401, "Unauthorized")
            return True
        if call.resource and faults.refuse(call):
            who = f'User "tester" cannot {call.verb} resource "{call.resource}" in API group "{call.group}"'
            self._status(403, f"{call.resource} is forbidden: {who}")
            return True
        if call.resource in faults.wrong:
            self._send(200, b"<html>a proxy's page</html>", "text/html")
            return True
        return False

    def _answer_discovery(self, parts: list[str]) -> None:
        kinds = self.owner.kinds
        if parts == ["version"]:
            self._json({"major": "1", "minor": "36", "gitVersion": "v1.36.3"})
        elif parts[0] == "apis" and len(parts) == 2 and parts[1] in kinds:
            versions = [{"groupVersion": f"{parts[1]}/{one}", "version": one} for one in kinds[parts[1]]]
            self._json({"kind": "APIGroup", "name": parts[1], "versions": versions, "preferredVersion": versions[0]})
        elif (parts[0] == "api" and len(parts) == 2) or (parts[0] == "apis" and len(parts) == 3):
            group = parts[1] if parts[0] == "apis" else ""
            found = kinds.get(group, {}).get(parts[-1], {})
            resources = [
                {"name": plural.rstrip("*"), "kind": kind, "namespaced": not plural.endswith("*")}
                for kind, plural in found.items()
            ]
            self._json(
                {
                    "kind": "APIResourceList",
                    "resources": [*resources, {"name": "pods/log", "kind": "Pod", "namespaced": True}],
                }
            )
        else:
            self._status(404, "the server could not find the requested resource")

    def _answer_list(self, call: Call, found: tuple[str, str], query: dict[str, list[str]]) -> None:
        if not found[1]:
            self._status(404, "the server could not find the requested resource")
            return
        objects = list(self.owner.of(*found, call.namespace or None))
        for wanted in query.get("labelSelector", [""])[0].split(","):
            name, _, value = wanted.partition("=")
            objects = [one for one in objects if not name or (one["metadata"].get("labels") or {}).get(name) == value]
        start = int(query.get("continue", ["0"])[0])
        if start and self.owner.faults.gone:
            self.owner.faults.gone -= 1
            self._status(410, "The provided continue parameter is too old")
            return
        limit = min(int(query.get("limit", ["500"])[0]), self.owner.page)
        # as in a real list, the items have no kind of their own
        items = [
            {k: v for k, v in one.items() if k not in {"kind", "apiVersion"}} for one in objects[start : start + limit]
        ]
        more = {"continue": str(start + limit)} if start + limit < len(objects) else {}
        self._json({"kind": f"{found[1]}List", "metadata": {"resourceVersion": "1", **more}, "items": items})

    def _answer_log(self, call: Call, query: dict[str, list[str]]) -> None:
        text = self.owner.logs.get((call.namespace, call.name, query["container"][0]))
        if text is None:
            self._status(400, f'container "{query["container"][0]}" in pod "{call.name}" is waiting to start')
        else:
            stamped = [f"{stamp} {one}" for stamp, one in zip(self._stamps(), text.splitlines(), strict=False)]
            self._send(200, "".join(f"{one}\n" for one in stamped).encode(), "text/plain")

    def _stamps(self) -> Iterator[str]:
        """What stands before each line of a log, with `timestamps`: the same time."""
        then = datetime.now(UTC) - timedelta(seconds=self.owner.silent)
        while True:
            yield then.strftime("%Y-%m-%dT%H:%M:%S.%f") + "123Z"

    def _answer_socket(self, call: Call, query: dict[str, list[str]]) -> None:
        key = self.headers["Sec-WebSocket-Key"].encode()
        accept = base64.b64encode(hashlib.sha1(key + _GUID).digest()).decode()  # noqa: S324 - the protocol's
        self.send_response(101, "Switching Protocols")
        for name, value in (
            ("Upgrade", "websocket"), ("Connection", "Upgrade"), ("Sec-WebSocket-Accept", accept),
            ("Sec-WebSocket-Protocol", "v4.channel.k8s.io"),
        ):  # fmt: skip
            self.send_header(name, value)
        self.end_headers()
        self.wfile.flush()
        self.close_connection = True
        if call.resource == "pods/exec":
            self._run(query)
        else:
            self._forward(int(query["ports"][0]))
        with suppress(OSError):
            self._frame(b"\x03\xe8", 8)

    def _run(self, query: dict[str, list[str]]) -> None:
        container, command = query["container"][0], " ".join(query["command"])
        for (of, begin), (stdout, stderr, code) in self.owner.commands.items():
            if of == container and command.startswith(begin):
                self._frame(b"\x01" + stdout.encode())
                if stderr:
                    self._frame(b"\x02" + stderr.encode())
                status: dict[str, Any] = {"status": "Success"} if code == 0 else {
                    "status": "Failure", "reason": "NonZeroExitCode",
                    "details": {"causes": [{"reason": "ExitCode", "message": str(code)}]},
                }  # fmt: skip
                self._frame(b"\x03" + json.dumps(status if code is not None else {"status": "Failure"}).encode())
                return
        message = f'exec: "{query["command"][0]}": executable file not found in $PATH'
        self._frame(b"\x03" + json.dumps({"status": "Failure", "reason": "InternalError", "message": message}).encode())

    def _forward(self, port: int) -> None:
        number = struct.pack("<H", port)
        self._frame(b"\x00" + number)
        self._frame(b"\x01" + number)
        if self.owner.faults.garbled:
            self._frame(b"\x09" + b"what is this")
            return
        if port not in self.owner.ports:
            self._frame(b"\x01" + b"connection refused")
            return
        with socket.create_connection(("127.0.0.1", self.owner.ports[port])) as target:
            back = threading.Thread(target=self._pump, args=(target,), daemon=True)
            back.start()
            while (frame := self._read_frame()) is not None:
                target.sendall(frame[1:])
            with suppress(OSError):
                target.shutdown(socket.SHUT_WR)
            back.join(5)

    def _pump(self, target: socket.socket) -> None:
        with suppress(OSError):
            while data := target.recv(65536):
                self._frame(b"\x00" + data)
            self._frame(b"\x03\xe8", 8)

    def _frame(self, payload: bytes, opcode: int = 2) -> None:
        size = len(payload)
        head = bytes([0x80 | opcode]) + (
            bytes([size])
            if size < 126
            else b"\x7e" + struct.pack(">H", size)
            if size < 65536
            else b"\x7f" + struct.pack(">Q", size)
        )
        self.wfile.write(head + payload)
        self.wfile.flush()

    def _read_frame(self) -> bytes | None:
        """The payload of the client's next frame; None when it is the last."""
        head = self.rfile.read(2)
        if len(head) < 2 or head[0] & 15 == 8:
            return None
        size = head[1] & 127
        size = struct.unpack(">H", self.rfile.read(2))[0] if size == 126 else size
        size = struct.unpack(">Q", self.rfile.read(8))[0] if size == 127 else size
        mask = self.rfile.read(4)
        return bytes(byte ^ mask[index % 4] for index, byte in enumerate(self.rfile.read(size)))

    def _json(self, value: Any) -> None:  # noqa: ANN401 - JSON
        self._send(200, json.dumps(value).encode(), "application/json")

    def _status(self, code: int, message: str) -> None:
        body = {"kind": "Status", "status": "Failure", "code": code, "message": message}
        self._send(code, json.dumps(body).encode(), "application/json")

    def _send(self, code: int, body: bytes, form: str) -> None:
        self.send_response(code)
        self.send_header("Content-Type", form)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
