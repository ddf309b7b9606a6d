"""In place of source-controller, which cannot be built from its published modules: sources get their artifacts.

It looks at every GitRepository, OCIRepository, HelmRepository and HelmChart, puts what they name on an HTTP server,
and writes the status that source-controller would write. What is behind them: a Git repository on disk, and charts
that are packed from `tests/e2e/charts`, with the name and version that is asked for.
"""

from __future__ import annotations

import functools
import gzip
import hashlib
import io
import subprocess
import tarfile
import threading
from datetime import UTC, datetime
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from tests.e2e.api import ApiError, condition

if TYPE_CHECKING:
    from collections.abc import Mapping

    from tests.e2e.api import Api, Found

CHARTS = Path(__file__).parent / "charts"
_VERSION = "source.toolkit.fluxcd.io/v1"
_PAUSE = 0.4


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: Any) -> None:  # noqa: ANN401
        """Say nothing."""


class Sources:
    """The stand-in, in a thread of its own.

    Args:
        api: The cluster.
        repository: What GitRepositories hold: its branch `main`.
        folder: For artifacts.
        words: What is replaced in the charts: `@WORD@`.
    """

    def __init__(self, api: Api, repository: Path, folder: Path, words: Mapping[str, str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._api, self._repository, self._folder, self._words = api, repository, folder, words
        handler = functools.partial(_Quiet, directory=str(folder))
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self._http.daemon_threads = True
        self._over = threading.Event()
        self._threads = [
            threading.Thread(target=self._http.serve_forever, daemon=True),
            threading.Thread(target=self._run, daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Stop."""
        self._over.set()
        self._http.shutdown()
        self._http.server_close()
        for thread in self._threads:
            thread.join(10)

    def _run(self) -> None:
        while not self._over.wait(_PAUSE):
            try:
                self.reconcile()
            except Exception as error:  # noqa: BLE001 - the API server may be away; the next round is soon
                with (self._folder / "sources.log").open("a") as log:
                    log.write(f"{error!r}\n")

    def reconcile(self) -> None:
        """Look at every source once."""
        for kind in ("GitRepository", "OCIRepository", "HelmRepository", "HelmChart"):
            for one in self._api.list(_VERSION, kind):
                if (one.get("spec") or {}).get("suspend") is True:
                    continue
                revision, name, data = self._fetched(one)
                self._write(one, revision, name, data)

    def _fetched(self, one: Found) -> tuple[str, str, bytes | None]:
        """Revision, file name, and content unless it is there already."""
        spec, kind = one["spec"], one["kind"]
        if kind == "GitRepository":
            commit = self._git("rev-parse", "main").decode().strip()
            name = f"git-{commit}.tar.gz"
            return (
                f"main@sha1:{commit}",
                name,
                self._once(name, lambda: self._git("archive", "--format=tar.gz", "main")),
            )
        if kind == "HelmRepository":
            name = f"index-{one['metadata']['name']}.yaml"
            index = f"apiVersion: v1\nentries: {{}}\n# {spec['url']}\n".encode()
            return f"sha256:{hashlib.sha256(index).hexdigest()}", name, self._once(name, lambda: index)
        chart = spec["chart"] if kind == "HelmChart" else spec["url"].rpartition("/")[2]
        version = spec["version"] if kind == "HelmChart" else spec["ref"]["tag"]
        name = f"{chart}-{version}.tgz"
        data = self._once(name, lambda: packed(chart, version, self._words))
        if kind == "HelmChart":
            return version, name, data
        digest = hashlib.sha256((self._folder / name).read_bytes() if data is None else data).hexdigest()
        return f"{version}@sha256:{digest}", name, data

    def _once(self, name: str, make: Any) -> bytes | None:  # noqa: ANN401 - a function
        return None if (self._folder / name).exists() else make()

    def _write(self, one: Found, revision: str, name: str, data: bytes | None) -> None:
        file = self._folder / name
        if data is not None:
            file.write_bytes(data)
        generation = one["metadata"]["generation"]
        have = one.get("status") or {}
        is_same = (have.get("artifact") or {}).get("revision") == revision
        if is_same and have.get("observedGeneration") == generation and condition(one).get("status") == "True":
            return
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        content = file.read_bytes()
        status: Found = {
            "observedGeneration": generation,
            "artifact": {
                "path": name,
                "url": f"http://127.0.0.1:{self._http.server_port}/{name}",
                "revision": revision,
                "digest": f"sha256:{hashlib.sha256(content).hexdigest()}",
                "lastUpdateTime": now,
                "size": len(content),
            },
            "conditions": [
                {
                    "type": kind, "status": "True", "reason": "Succeeded", "observedGeneration": generation,
                    "lastTransitionTime": now, "message": f"stored artifact for revision '{revision}'",
                }
                for kind in ("Ready", "ArtifactInStorage")
            ],
        }  # fmt: skip
        if one["kind"] == "HelmChart":
            status["observedChartName"] = one["spec"]["chart"]
        try:
            self._api.status(one, status)
        except ApiError as error:
            if error.status not in {404, 409}:
                raise

    def _git(self, *arguments: str) -> bytes:
        return subprocess.run(["git", *arguments], cwd=self._repository, check=True, capture_output=True).stdout


def packed(name: str, version: str, words: Mapping[str, str]) -> bytes:
    """A chart: its own folder in `charts/`, else `charts/plain`; as the repository would serve it."""
    folder = CHARTS / name if (CHARTS / name).is_dir() else CHARTS / "plain"
    files = {one.relative_to(folder).as_posix(): one.read_text("utf-8") for one in folder.rglob("*") if one.is_file()}
    files["Chart.yaml"] = yaml.safe_dump({"apiVersion": "v2", "name": name, "version": version})
    made = io.BytesIO()
    with gzip.GzipFile(fileobj=made, mode="wb", mtime=0) as zipped, tarfile.open(fileobj=zipped, mode="w") as archive:
        for path, text in sorted(files.items()):
            for word, value in words.items():
                text = text.replace(f"@{word}@", value)  # noqa: PLW2901 - all words, one after the other
            entry = tarfile.TarInfo(f"{name}/{path}")
            entry.size, entry.mode = len(text.encode()), 0o644
            archive.addfile(entry, io.BytesIO(text.encode()))
    return made.getvalue()
