"""Stand-ins on loopback: a web server whose answers the test writes, and a registry."""

from __future__ import annotations

import hashlib
import json
import select
import socket
import threading
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Iterator

HELM_CONFIG = "application/vnd.cncf.helm.config.v1+json"
HELM_LAYER = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"


@dataclass
class Asked:
    """One request."""

    path: str
    query: str
    headers: dict[str, str]
    client: str = ""

    @property
    def authorization(self) -> str:
        return self.headers.get("authorization", "")


@dataclass
class Reply:
    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    length: int | None = None


@dataclass
class Server:
    """A running server; `routes` may be changed while it runs."""

    url: str
    host: str
    routes: dict[str, Reply | Callable[[Asked], Reply]]
    asked: list[Asked] = field(default_factory=list)

    def paths(self) -> list[str]:
        return [one.path for one in self.asked]


@contextmanager
def serving(
    routes: dict[str, Reply | Callable[[Asked], Reply]] | None = None, tls: ssl.SSLContext | None = None
) -> Iterator[Server]:
    """A server on a free port of 127.0.0.1."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            request = Asked(path, query, {name.lower(): value for name, value in self.headers.items()}, self._client())
            server.asked.append(request)
            route = server.routes.get(path, Reply(b"no such page", 404))
            reply = route(request) if callable(route) else route
            self.send_response(reply.status)
            self.send_header("Content-Length", str(len(reply.body) if reply.length is None else reply.length))
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(reply.body)

        def _client(self) -> str:
            """The name in the client's certificate."""
            if tls is None:
                return ""
            found = self.connection.getpeercert() or {}
            return "".join(value for part in found.get("subject", ()) for name, value in part if name == "commonName")

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    if tls is not None:
        httpd.socket = tls.wrap_socket(httpd.socket, server_side=True)
    host = f"127.0.0.1:{httpd.server_port}"
    server = Server(f"{'http' if tls is None else 'https'}://{host}", host, dict(routes or {}))
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        httpd.shutdown()
        thread.join()
        httpd.server_close()


@contextmanager
def forwarding() -> Iterator[tuple[str, list[str]]]:
    """A proxy on a free port of 127.0.0.1, and the hosts that it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_CONNECT(self) -> None:
            asked.append(self.path)
            host, _, port = self.path.partition(":")
            with socket.create_connection((host, int(port))) as beyond:
                self.send_response(200)
                self.end_headers()
                ends = {self.connection: beyond, beyond: self.connection}
                while True:
                    for ready in select.select(list(ends), [], [])[0]:
                        content = ready.recv(65536)
                        if not content:
                            return
                        ends[ready].sendall(content)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    httpd = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{httpd.server_port}", asked
    finally:
        httpd.shutdown()
        thread.join()
        httpd.server_close()


def digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


def manifest(chart: bytes, config: str = HELM_CONFIG, layer: str = HELM_LAYER) -> bytes:
    return json.dumps(
        {
            "schemaVersion": 2,
            "config": {"mediaType": config, "digest": digest(b"{}"), "size": 2},
            "layers": [
                {"mediaType": "application/vnd.cncf.helm.chart.provenance.v1.prov", "digest": digest(b"p"), "size": 1},
                {"mediaType": layer, "digest": digest(chart), "size": len(chart)},
            ],
        }
    ).encode()


def registry_routes(name: str, charts: dict[str, bytes]) -> dict[str, Reply | Callable[[Asked], Reply]]:
    """What a registry answers that holds `charts` (tag -> archive) and asks nobody who they are."""
    routes: dict[str, Reply | Callable[[Asked], Reply]] = {
        f"/v2/{name}/tags/list": Reply(json.dumps({"name": name, "tags": list(charts)}).encode())
    }
    for tag, chart in charts.items():
        content = manifest(chart)
        routes[f"/v2/{name}/manifests/{tag}"] = Reply(content)
        routes[f"/v2/{name}/manifests/{digest(content)}"] = Reply(content)
        routes[f"/v2/{name}/blobs/{digest(chart)}"] = Reply(chart)
    return routes


def behind_token(server: Server, token: str = "anonymous") -> None:  # noqa: S107 - a token that everybody gets
    """Make a server ask for a token, and give one to everybody."""
    challenge = f'Bearer realm="{server.url}/token",service="registry.test",scope="repository:charts/demo:pull"'

    def guarded(route: Reply | Callable[[Asked], Reply]) -> Callable[[Asked], Reply]:
        def answer(asked: Asked) -> Reply:
            if asked.authorization != f"Bearer {token}":
                return Reply(b"{}", 401, {"WWW-Authenticate": challenge})
            return route(asked) if callable(route) else route

        return answer

    server.routes = {path: guarded(route) for path, route in server.routes.items()}
    server.routes["/token"] = Reply(json.dumps({"token": token}).encode())
