"""An API server that one can come between: HTTPS on loopback, led on to the real one, with the path changed."""

from __future__ import annotations

import ssl
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import urllib3

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path


class Proxy:
    """GET requests are led on; the rest is refused.

    Args:
        url: The real API server.
        certificate: What it shows, and its key: shown here too.
        change: Path and query as they came -> as they are led on.
    """

    def __init__(self, url: str, certificate: tuple[Path, Path], change: Callable[[str], str]) -> None:
        pool = urllib3.PoolManager(ca_certs=str(certificate[0]), retries=False)

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                headers = {"Authorization": self.headers["Authorization"], "Accept": "application/json"}
                answer = pool.request("GET", url + change(self.path), headers=headers)
                self.send_response(answer.status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(answer.data)))
                self.end_headers()
                self.wfile.write(answer.data)

            def log_message(self, *_: Any) -> None:  # noqa: ANN401
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*certificate)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"https://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Stop."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)
