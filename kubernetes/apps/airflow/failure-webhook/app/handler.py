"""Write every failure that is reported here as one line of JSON, for Loki.

POST /failures takes what the DAGs send when a task has failed, POST /alerts what Alertmanager sends. This is the place
to pass failures on to a chat or a pager.
"""

from __future__ import annotations

import json
import sys
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT = 8080
LIMIT = 1024 * 1024
"""The largest body that is read, in bytes."""


def lines(path: str, body: object) -> list[dict[str, object]]:
    """What to write about a body that was posted.

    Raises:
        KeyError: Nothing is taken at this path.
        ValueError: The body is not of the form that is taken there.
    """
    if path not in {"/failures", "/alerts"}:
        raise KeyError(path)
    if not isinstance(body, dict):
        raise ValueError("not an object")  # noqa: TRY004 - of the sender's making, not of the caller's
    if path == "/failures":
        return [{**body, "event": "failure"}]
    alerts = body.get("alerts")
    if not isinstance(alerts, list) or not all(isinstance(alert, dict) for alert in alerts):
        raise ValueError("no list of alerts")
    return [
        {"event": "alert", **{key: alert.get(key) for key in ("status", "labels", "annotations", "startsAt")}}
        for alert in alerts
    ]


class Handler(BaseHTTPRequestHandler):
    """Answers the probes, the DAGs and Alertmanager."""

    def do_GET(self) -> None:
        """Answer the probes."""
        self._answer(HTTPStatus.OK if self.path == "/healthz" else HTTPStatus.NOT_FOUND)

    def do_POST(self) -> None:
        """Take a failure, or alerts."""
        try:
            length = int(self.headers.get("Content-Length", 0))
            if not 0 <= length <= LIMIT:
                self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
                return
            found = lines(self.path, json.loads(self.rfile.read(length)))
        except KeyError:
            self._answer(HTTPStatus.NOT_FOUND)
            return
        except ValueError as error:
            self._answer(HTTPStatus.BAD_REQUEST, str(error))
            return
        for line in found:
            sys.stdout.write(json.dumps(line) + "\n")
        self._answer(HTTPStatus.NO_CONTENT)

    def log_message(self, *_: object) -> None:
        """Keep the probes out of the log."""

    def _answer(self, status: HTTPStatus, text: str = "") -> None:
        body = text.encode()
        self.send_response(status)
        if status != HTTPStatus.NO_CONTENT:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


if __name__ == "__main__":
    ThreadingHTTPServer(("", PORT), Handler).serve_forever()
