"""A stand-in for Loki: the newest line of each container, on loopback, behind a tenant or a login."""

from __future__ import annotations

import json
import re
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Loki:
    """Loki.

    Attributes:
        ages: Container -> age of its newest line, in seconds.
        prefix: What stands before `/loki/api/v1`.
        headers: Headers without which it refuses.
        names: Labels that there are.
        hangs: Whether it never answers.
        asked: Headers of every request.
    """

    ages: dict[str, float]
    prefix: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    names: list[str] = field(default_factory=lambda: ["container", "namespace", "pod"])
    hangs: bool = False
    asked: list[dict[str, str]] = field(default_factory=list)
    port: int = 0
    _server: ThreadingHTTPServer | None = None

    def start(self) -> None:
        loki = self

        class Bound(_Handler):
            owner = loki

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Bound)
        self._server.daemon_threads = True
        self._server.block_on_close = False
        self.port = self._server.server_address[1]
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


class _Handler(BaseHTTPRequestHandler):
    owner: Loki
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_: object) -> None:
        pass

    def do_GET(self) -> None:
        loki = self.owner
        loki.asked.append(dict(self.headers.items()))
        split = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(split.query).items()}
        if loki.hangs:
            time.sleep(5)
            self.close_connection = True
        elif any(self.headers.get(name) != value for name, value in loki.headers.items()):
            self._send(401, b"no org id\n")
        elif not split.path.startswith(f"{loki.prefix}/loki/api/v1/"):
            self._send(404, b"404 page not found\n")
        else:
            self._answer(split.path.removeprefix(f"{loki.prefix}/loki/api/v1/"), query)

    def _answer(self, what: str, query: dict[str, str]) -> None:
        window = (int(query["end"]) - int(query["start"])) / 1e9
        if what == "labels":
            self._data(self.owner.names if self.owner.ages else [])
        elif what == "label/container/values":
            self._data(sorted(self.owner.ages))
        elif what == "label/namespace/values":
            self._data(["airflow"])
        elif what == "query_range":
            found = re.search(r'container="([^"]*)"', query["query"])
            age = self.owner.ages.get(found[1]) if found else None
            shown = [] if age is None or age > window else [[str(int((time.time() - age) * 1e9)), "a line"]]
            self._data({"resultType": "streams", "result": [{"stream": {}, "values": shown}] if shown else []})
        else:
            self._send(404, b"404 page not found\n")

    def _data(self, data: Any) -> None:  # noqa: ANN401 - JSON
        self._send(200, json.dumps({"status": "success", "data": data}).encode())

    def _send(self, code: int, body: bytes) -> None:
        self.send_response(code)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
