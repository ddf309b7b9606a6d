"""Charts in OCI registries, by the registries' HTTP API and without a login."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit

from lintkit.errors import UsageError
from lintkit.fetch.http import Answer, FetchError, Progress, StatusError, get, shown
from lintkit.fetch.versions import chosen
from lintkit.schema.chart_archive import MAX_ARCHIVE

_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_CONFIG = "application/vnd.cncf.helm.config.v1+json"
_LAYERS = ("application/vnd.cncf.helm.chart.content.v1.tar+gzip", "application/tar+gzip")
_REFERENCE = re.compile(
    r"oci://(?P<host>[A-Za-z0-9.-]+(?::\d+)?|\[[0-9a-fA-F:]+\](?::\d+)?)/(?P<name>[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)"
    r"(?::(?P<tag>\w[\w.-]{0,127}))?(?:@(?P<digest>sha256:[0-9a-f]{64}))?"
)
_DOCKER = {"docker.io": "registry-1.docker.io", "index.docker.io": "registry-1.docker.io"}
_PARAMETER = re.compile(r'(\w+)="([^"]*)"')
_NEXT = re.compile(r'<([^>]+)>\s*;\s*rel="?next"?')
_SMALL = 4_000_000
_MAX_PAGES = 100
_UNAUTHORIZED = 401


@dataclass(frozen=True, slots=True)
class Reference:
    """A chart in a registry."""

    host: str
    name: str
    tag: str = ""
    digest: str = ""

    @property
    def origin(self) -> str:
        """Its address, without a version."""
        return f"oci://{self.host}/{self.name}"


def parse(text: str) -> Reference:
    """Read `oci://host/path/chart[:tag][@sha256:...]`.

    Raises:
        UsageError: It is none.
    """
    found = _REFERENCE.fullmatch(text)
    if found is None:
        message = f"`{text}` is no address of a chart; expected `oci://host/path/chart[:version]`"
        raise UsageError(message)
    return Reference(found["host"], found["name"], found["tag"] or "", found["digest"] or "")


def pull(reference: Reference, version: str, *, plain_http: bool, progress: Progress) -> bytes:
    """The packed chart.

    Args:
        reference: Where it is.
        version: Version or range; empty for that of the reference, else the newest.
        plain_http: Whether the registry speaks no TLS.
        progress: Told what is going on.

    Raises:
        FetchError: There is none, or it is not what the registry promised.
    """
    registry = _Registry(reference, progress, plain_http=plain_http)
    if reference.digest:
        wanted = reference.digest
    else:
        asked = version or reference.tag
        tag = asked.replace("+", "_")
        wanted = tag if tag and re.fullmatch(r"v?\d+\.\d+\.\d+\S*", asked) else ""
        if not wanted:
            wanted = chosen(registry.tags(), asked, reference.origin)
    manifest = registry.manifest(wanted)
    return registry.blob(_layer(manifest, reference))


def _layer(manifest: dict[str, Any], reference: Reference) -> dict[str, Any]:
    config = manifest.get("config")
    layers = manifest.get("layers")
    if isinstance(config, dict) and config.get("mediaType") == _CONFIG and isinstance(layers, list):
        for layer in layers:
            if isinstance(layer, dict) and layer.get("mediaType") in _LAYERS:
                return layer
    message = f"{reference.origin} is no Helm chart"
    raise FetchError(message)


class _Registry:
    """One repository of a registry, for one pull."""

    def __init__(self, reference: Reference, progress: Progress, *, plain_http: bool) -> None:
        self._reference = reference
        self._progress = progress
        self._plain_http = plain_http
        host = _DOCKER.get(reference.host, reference.host)
        name = reference.name
        if host in _DOCKER.values() and "/" not in name:
            name = f"library/{name}"
        self._scope = f"repository:{name}:pull"
        self._base = f"{'http' if plain_http else 'https'}://{host}/v2/{name}/"
        self._token = ""

    def tags(self) -> list[str]:
        """All tags."""
        found: list[str] = []
        url = f"{self._base}tags/list?n=1000"
        for _ in range(_MAX_PAGES):
            answer = self._get(url, _SMALL)
            tags = _json(answer).get("tags")
            found += [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []
            following = _NEXT.search(answer.headers.get("Link") or "")
            if following is None:
                break
            url = urljoin(url, following[1])
            if not url.startswith(self._base):
                message = f"{self._reference.origin}: the list of tags leads to {shown(url)}"
                raise FetchError(message)
        return found

    def manifest(self, wanted: str) -> dict[str, Any]:
        """The manifest of a tag or digest."""
        answer = self._get(f"{self._base}manifests/{wanted}", _SMALL, accept=_MANIFEST)
        if wanted.startswith("sha256:"):
            _verify(answer.body, wanted, self._reference)
        return _json(answer)

    def blob(self, layer: dict[str, Any]) -> bytes:
        """The content of a layer."""
        digest = layer.get("digest")
        if not isinstance(digest, str) or not re.fullmatch(r"sha256:[0-9a-f]{64}", digest):
            message = f"{self._reference.origin}: its manifest names no digest"
            raise FetchError(message)
        answer = self._get(f"{self._base}blobs/{digest}", MAX_ARCHIVE)
        _verify(answer.body, digest, self._reference)
        return answer.body

    def _get(self, url: str, limit: int, accept: str = "*/*") -> Answer:
        for attempt in range(2):
            headers = {"Accept": accept}
            if self._token:
                headers["Authorization"] = f"Bearer {self._token}"
            try:
                return get(url, limit=limit, headers=headers, progress=self._progress)
            except StatusError as error:
                if error.status != _UNAUTHORIZED or attempt:
                    raise self._explained(error) from None
                self._token = self._anonymous_token(error.headers.get("WWW-Authenticate") or "")
        raise AssertionError

    def _explained(self, error: StatusError) -> FetchError:
        if error.status in {401, 403}:
            return self._closed()
        if error.status == 404:
            return FetchError(f"{self._reference.origin}: the registry has no such chart or version ({error})")
        return error

    def _closed(self) -> FetchError:
        return FetchError(
            f"{self._reference.origin}: the registry wants a login; pull the chart with `helm pull` and import the file"
        )

    def _anonymous_token(self, challenge: str) -> str:
        """What the registry gives to everybody."""
        if not challenge.lower().startswith("bearer "):
            raise self._closed()
        given = dict(_PARAMETER.findall(challenge))
        realm = given.get("realm", "")
        scheme = urlsplit(realm).scheme
        if scheme != "https" and not (scheme == "http" and self._plain_http):
            message = f"{self._reference.origin}: it sends to {shown(realm)} for a token, which is not encrypted"
            raise FetchError(message)
        query = {"service": given["service"]} if "service" in given else {}
        query["scope"] = given.get("scope") or self._scope
        joint = "&" if urlsplit(realm).query else "?"
        try:
            answer = _json(get(f"{realm}{joint}{urlencode(query)}", limit=_SMALL))
        except StatusError as error:
            raise self._explained(error) from None
        token = answer.get("token") or answer.get("access_token")
        if not isinstance(token, str) or not re.fullmatch(r"[\x21-\x7e]+", token):
            raise self._closed()
        return token


def _json(answer: Answer) -> dict[str, Any]:
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        message = f"{shown(answer.url)}: this is no answer of a registry"
        raise FetchError(message)
    return found


def _verify(content: bytes, digest: str, reference: Reference) -> None:
    if f"sha256:{hashlib.sha256(content).hexdigest()}" != digest:
        message = f"{reference.origin}: what came is not what `{digest}` promises"
        raise FetchError(message)
