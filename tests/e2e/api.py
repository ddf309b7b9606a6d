"""The API server as the tests talk to it: as an administrator, in plain JSON."""

from __future__ import annotations

import json
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

import urllib3
import yaml

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

Found = dict[str, Any]


class ApiError(Exception):
    """The API server says no."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(f"{status}: {text[:800]}")
        self.status = status


class Api:
    """A client of one API server.

    Args:
        url: Where it is.
        token: Who asks.
        ca: Certificate that it shows.
    """

    def __init__(self, url: str, token: str, ca: Path) -> None:
        self.url, self.token = url, token
        self._pool = urllib3.PoolManager(16, block=True, ca_certs=str(ca), retries=False, timeout=30.0)
        self._kinds: dict[tuple[str, str], tuple[str, bool]] = {}
        self._lock = threading.Lock()

    def request(
        self, verb: str, path: str, body: object = None, query: dict[str, str] | None = None, form: str = "json"
    ) -> Any:  # noqa: ANN401 - JSON
        """One request; `form` is that of the body: json, merge-patch+json, apply-patch+yaml.

        Raises:
            ApiError: The answer is not 2xx.
        """
        answer = self._pool.request(
            verb, self.url + path + (f"?{urlencode(query)}" if query else ""),
            body=None if body is None else json.dumps(body).encode(),
            headers={"Authorization": f"Bearer {self.token}", "Content-Type": f"application/{form}"},
        )  # fmt: skip
        text = answer.data.decode("utf-8", "replace")
        if answer.status >= 300:
            raise ApiError(answer.status, text)
        return json.loads(text) if text.startswith(("{", "[")) else text

    def path(self, version: str, kind: str, namespace: str = "", name: str = "") -> str:
        """Path of an object, or of all of a kind.

        Raises:
            ApiError: There is no such kind.
        """
        base = f"/apis/{version}" if "/" in version else f"/api/{version}"
        key = version, kind
        if key not in self._kinds:
            with self._lock:
                for one in self.request("GET", base)["resources"]:
                    if "/" not in one["name"]:
                        self._kinds[version, one["kind"]] = one["name"], one["namespaced"]
        if key not in self._kinds:
            raise ApiError(404, f"no {kind} in {version}")
        plural, is_namespaced = self._kinds[key]
        where = f"/namespaces/{namespace or 'default'}" if is_namespaced and (namespace or name) else ""
        return f"{base}{where}/{plural}" + (f"/{quote(name)}" if name else "")

    def get(self, version: str, kind: str, namespace: str, name: str) -> Found | None:
        """One object; None when it is not there."""
        try:
            found: Found = self.request("GET", self.path(version, kind, namespace, name))
        except ApiError as error:
            if error.status == 404:
                return None
            raise
        return found

    def list(self, version: str, kind: str, namespace: str = "", **query: str) -> list[Found]:
        """All objects of a kind, of one namespace or of all; each says its kind."""
        items: list[Found] = self.request("GET", self.path(version, kind, namespace), query=query)["items"]
        return [{"apiVersion": version, "kind": kind, **one} for one in items]

    def apply(self, *objects: Found, manager: str = "e2e") -> None:
        """Server-side apply."""
        for one in objects:
            path = self._of(one)
            query = {"fieldManager": manager, "force": "true"}
            self.request("PATCH", path, one, query, "apply-patch+yaml")

    def create(self, *objects: Found) -> None:
        """Create objects that are not there yet, many at a time."""
        with ThreadPoolExecutor(12) as pool:
            for done in [pool.submit(self._create, one) for one in objects]:
                done.result()

    def _create(self, one: Found) -> None:
        namespace = one["metadata"].get("namespace", "")
        self.request("POST", self.path(one["apiVersion"], one["kind"], namespace), one)
        if "status" in one:
            self.status(one, one["status"])

    def create_files(self, files: Iterable[Path]) -> None:
        """Create every document of some files."""
        texts = (file.read_text("utf-8") for file in files)
        self.create(*(one for text in texts for one in yaml.load_all(text, yaml.CSafeLoader) if one))

    def status(self, one: Found, status: Found) -> None:
        """Write a status, as a controller does."""
        self.request("PATCH", self._of(one) + "/status", {"status": status}, form="merge-patch+json")

    def patch(self, one: Found, change: Found) -> None:
        """Change an object."""
        self.request("PATCH", self._of(one), change, form="merge-patch+json")

    def delete(self, version: str, kind: str, namespace: str, name: str) -> None:
        """Delete an object, if it is there; now."""
        try:
            self.request("DELETE", self.path(version, kind, namespace, name), query={"gracePeriodSeconds": "0"})
        except ApiError as error:
            if error.status != 404:
                raise

    def _of(self, one: Found) -> str:
        metadata = one["metadata"]
        return self.path(one["apiVersion"], one["kind"], metadata.get("namespace", ""), metadata["name"])


def condition(one: Found, kind: str = "Ready") -> Found:
    """A condition of an object; empty when it has none of this kind."""
    stated = (one.get("status") or {}).get("conditions") or ()
    return next((found for found in stated if found["type"] == kind), {})
