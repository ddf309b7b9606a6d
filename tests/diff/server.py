"""A stand-in for an API server: it keeps objects, lists kinds, and answers dry-runs by laying objects over others."""

from __future__ import annotations

import json
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING, Any, ClassVar
from urllib.parse import parse_qs, urlsplit

if TYPE_CHECKING:
    from collections.abc import Iterator

KINDS = {
    "/api/v1": {"ConfigMap": "configmaps", "Secret": "secrets", "Namespace": "namespaces", "Service": "services"},
    "/apis/apps/v1": {"Deployment": "deployments"},
    "/apis/kustomize.toolkit.fluxcd.io/v1": {"Kustomization": "kustomizations"},
    "/apis/source.toolkit.fluxcd.io/v1": {"GitRepository": "gitrepositories"},
}
CLUSTER_WIDE = {"Namespace"}


def laid_over(old: Any, new: Any) -> Any:  # noqa: ANN401 - JSON
    """What an apply makes of an object: fields that are given win, others stay."""
    if isinstance(old, dict) and isinstance(new, dict):
        return {key: laid_over(old.get(key), new[key]) if key in new else old[key] for key in {**old, **new}}
    return new


class Server:
    """What the API server has, and what it was asked.

    Attributes:
        objects: Path -> object.
        refused: Path -> status and message with which a dry-run is refused.
        asked: Every request: verb, path, query.
    """

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Any]] = {}
        self.refused: dict[str, tuple[int, str]] = {}
        self.asked: list[tuple[str, str, dict[str, list[str]]]] = []

    def answer(self, verb: str, path: str, body: dict[str, Any] | None) -> tuple[int, dict[str, Any]]:
        """Status and body for a request."""
        if path in self.refused:
            status, message = self.refused[path]
            return status, {"kind": "Status", "message": message}
        if verb == "PATCH" and body is not None:
            made = laid_over(self.objects.get(path, {"spec": {"defaulted": True}} if "spec" in body else {}), body)
            if body["kind"] == "Secret":
                made.pop("stringData", None)
            return 200, {**made, "metadata": {**made["metadata"], "managedFields": [], "uid": "1"}}
        if path == "/version":
            return 200, {"major": "1"}
        if path in KINDS:
            listed = [
                {"name": plural, "kind": kind, "namespaced": kind not in CLUSTER_WIDE}
                for kind, plural in KINDS[path].items()
            ]
            return 200, {"resources": listed}
        groups = [known for known in KINDS if known.rpartition("/")[0] == path and path.startswith("/apis/")]
        if groups:
            return 200, {"preferredVersion": {"groupVersion": groups[0].removeprefix("/apis/")}}
        if path.rpartition("/")[2] in {plural for kinds in KINDS.values() for plural in kinds.values()}:
            plural = path.rpartition("/")[2]
            return 200, {"items": [one for at, one in sorted(self.objects.items()) if f"/{plural}/" in at]}
        found = self.objects.get(path)
        return (200, found) if found is not None else (404, {"kind": "Status", "message": "not found"})


@contextmanager
def running() -> Iterator[tuple[Server, str]]:
    """A server on the loopback interface, and its address."""
    server = Server()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        known: ClassVar[Server] = server

        def _answer(self) -> None:
            split = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            server.asked.append((self.command, split.path, parse_qs(split.query)))
            status, answer = server.answer(self.command, split.path, body)
            raw = json.dumps(answer).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(raw)))
            self.end_headers()
            self.wfile.write(raw)

        do_GET = do_PATCH = _answer  # noqa: N815 - names of the standard library

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - as above
            """Say nothing."""

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    http.daemon_threads = True
    thread = Thread(target=http.serve_forever, daemon=True)
    thread.start()
    try:
        yield server, f"http://127.0.0.1:{http.server_port}"
    finally:
        http.shutdown()
        http.server_close()
        thread.join()
