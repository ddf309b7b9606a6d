"""In place of External Secrets and of the Grafana Operator: they write what the real ones write.

The value of a Secret comes from `vault`: (key, property) -> value. What is not there leaves the ExternalSecret with
`SecretSyncedError` and its Secret as it was.
"""

from __future__ import annotations

import base64
import re
import threading
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from urllib.parse import quote

from tests.e2e.api import condition

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.api import Api, Found

_SECRETS = "external-secrets.io/v1"
_GRAFANA = "grafana.integreatly.org/v1beta1"
_PAUSE = 0.5
_FIELD = re.compile(r"\{\{\s*\.(\w+)\s*(\|\s*urlquery\s*)?\}\}")


class Stores:
    """The stand-ins, in a thread of their own.

    Args:
        api: The cluster.
        vault: What the store behind all holds; may be changed while this runs.
        log: For what goes wrong.

    Attributes:
        is_paused: Whether everything is left as it is.
    """

    def __init__(self, api: Api, vault: dict[tuple[str, str], str], log: Path) -> None:
        self._api, self.vault, self._log = api, vault, log
        self.is_paused = False
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def end(self) -> None:
        """Stop."""
        self._over.set()
        self._thread.join(10)

    def _run(self) -> None:
        while not self._over.wait(_PAUSE):
            try:
                if not self.is_paused:
                    self.reconcile()
            except Exception as error:  # noqa: BLE001 - the API server may be away; the next round is soon
                with self._log.open("a") as log:
                    log.write(f"{error!r}\n")

    def reconcile(self) -> None:
        """Look at everything once."""
        for one in self._api.list(_SECRETS, "ClusterSecretStore"):
            self._state(one, "True", "Valid", "store validated", capabilities="ReadWrite")
        for one in self._api.list(_SECRETS, "ExternalSecret"):
            self._sync(one)
        for kind, word in (("GrafanaDashboard", "Dashboard"), ("GrafanaDatasource", "Datasource")):
            for one in self._api.list(_GRAFANA, kind):
                message = f"{word} was successfully applied to 1 instances"
                self._state(one, "True", "ApplySuccessful", message, f"{word}Synchronized", hash="0")

    def _sync(self, one: Found) -> None:
        spec = one["spec"]
        found, missing = {}, ""
        for entry in spec["data"]:
            remote = entry["remoteRef"]
            value = self.vault.get((remote["key"], remote["property"]))
            missing = missing if value is not None else f"key {remote['key']}/{remote['property']} does not exist"
            found[entry["secretKey"]] = value or ""
        if missing:
            message = f"error processing spec.data[0] (key: {spec['data'][0]['remoteRef']['key']}), err: {missing}"
            self._state(one, "False", "SecretSyncedError", message)
            return
        template = (spec["target"].get("template") or {}).get("data")
        data = {key: _filled(text, found) for key, text in template.items()} if template else found
        metadata = {"name": spec["target"]["name"], "namespace": one["metadata"]["namespace"]}
        encoded = {key: base64.b64encode(value.encode()).decode() for key, value in data.items()}
        have = self._api.get("v1", "Secret", metadata["namespace"], metadata["name"])
        if have is None or have.get("data") != encoded:
            self._api.apply(
                {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "data": encoded}, manager="externalsecrets"
            )
        self._state(one, "True", "SecretSynced", "secret synced", refreshTime=_now())

    def _state(self, one: Found, status: str, reason: str, message: str, kind: str = "Ready", **more: str) -> None:
        have, generation = condition(one, kind), one["metadata"]["generation"]
        is_seen = kind == "Ready" or have.get("observedGeneration") == generation
        if is_seen and (have.get("status"), have.get("reason"), have.get("message")) == (status, reason, message):
            return
        stated = {"type": kind, "status": status, "reason": reason, "message": message, "lastTransitionTime": _now()}
        if kind != "Ready":
            stated["observedGeneration"] = generation
        self._api.status(one, {"conditions": [stated], **more})


def _filled(text: str, values: dict[str, str]) -> str:
    return _FIELD.sub(lambda found: quote(values[found[1]], safe="") if found[2] else values[found[1]], text)


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
