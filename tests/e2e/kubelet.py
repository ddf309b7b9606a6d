"""What kwok leaves out of a kubelet: the environment of a container, its command, and its log.

kwok makes pods ready and answers exec and logs; it runs nothing by itself. Here a container gets the environment that
its pod asks for, keys of Secrets and ConfigMaps included, for `exec`; and its command can be run, with its real output
served as its log.
"""

from __future__ import annotations

import base64
import os
import subprocess
from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.e2e.api import Api, Found

_KWOK = "kwok.x-k8s.io/v1alpha1"


class MissingError(Exception):
    """A kubelet would not start the container; the text is what it would say."""


class Kubelet:
    """The missing parts of one.

    Args:
        api: The cluster.
        folder: For logs and working directories.
        machine: Environment that images would bring: `PATH`, and how names of Services are resolved.
    """

    def __init__(self, api: Api, folder: Path, machine: Mapping[str, str]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._api, self._folder, self._machine = api, folder, dict(machine)

    def environment(self, pod: Found, name: str) -> dict[str, str]:
        """The environment of a container.

        Raises:
            MissingError: A Secret, a ConfigMap or a key is missing.
        """
        container, namespace = _container(pod, name), pod["metadata"]["namespace"]
        made = dict(self._machine)
        for entry in container.get("envFrom") or ():
            for field, kind in (("secretRef", "Secret"), ("configMapRef", "ConfigMap")):
                if field in entry:
                    made |= self._data(kind, namespace, entry[field]["name"])
        for entry in container.get("env") or ():
            made[entry["name"]] = self._value(entry, pod)
        return made

    def _value(self, entry: Found, pod: Found) -> str:
        origin = entry.get("valueFrom") or {}
        for field, kind in (("secretKeyRef", "Secret"), ("configMapKeyRef", "ConfigMap")):
            if field in origin:
                name, key = origin[field]["name"], origin[field]["key"]
                data = self._data(kind, pod["metadata"]["namespace"], name)
                if key not in data:
                    message = f"couldn't find key {key} in {kind} {pod['metadata']['namespace']}/{name}"
                    raise MissingError(message)
                return data[key]
        if "fieldRef" in origin:
            return str(pod["metadata"].get(origin["fieldRef"]["fieldPath"].rpartition(".")[2], ""))
        return str(entry.get("value", ""))

    def _data(self, kind: str, namespace: str, name: str) -> dict[str, str]:
        found = self._api.get("v1", kind, namespace, name)
        if found is None:
            message = f'{kind.lower()} "{name}" not found'
            raise MissingError(message)
        data = found.get("data") or {}
        return {key: base64.b64decode(value).decode() for key, value in data.items()} if kind == "Secret" else data

    def admit(self, pod: Found) -> None:
        """Let commands be run in the containers of a pod, and their logs be read."""
        names = [one["name"] for field in ("containers", "initContainers") for one in pod["spec"].get(field) or ()]
        metadata = {key: pod["metadata"][key] for key in ("name", "namespace")}
        execs, logs = [], []
        for name in names:
            log = self.log(pod, name)
            log.touch()
            envs = [{"name": key, "value": value} for key, value in sorted(self.environment(pod, name).items())]
            execs.append({"containers": [name], "local": {"envs": envs, "workDir": str(self._folder)}})
            logs.append({"containers": [name], "logsFile": str(log), "follow": False})
        self._api.apply({"apiVersion": _KWOK, "kind": "Exec", "metadata": metadata, "spec": {"execs": execs}})
        self._api.apply({"apiVersion": _KWOK, "kind": "Logs", "metadata": metadata, "spec": {"logs": logs}})

    def log(self, pod: Found, name: str) -> Path:
        """The file that holds the log of a container."""
        return self._folder / f"{pod['metadata']['namespace']}_{pod['metadata']['name']}_{name}.log"

    def run(self, pod: Found, name: str, more: Mapping[str, str] | None = None) -> int:
        """Run the command of a container to its end, with its environment; what it writes is its log.

        Returns:
            Its exit code.
        """
        container = _container(pod, name)
        command = [*(container.get("command") or ()), *(container.get("args") or ())]
        environment = {**self.environment(pod, name), **(more or {}), "LANG": os.environ.get("LANG", "C.UTF-8")}
        ended = subprocess.run(
            command, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            cwd=self._folder, check=False, timeout=300,
        )  # fmt: skip
        self.write(pod, name, *ended.stdout.decode("utf-8", "replace").splitlines())
        return ended.returncode

    def write(self, pod: Found, name: str, *lines: str) -> None:
        """Add lines to the log of a container, in the form that container runtimes write."""
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f000Z")
        with self.log(pod, name).open("a", encoding="utf-8") as log:
            log.writelines(f"{now} stdout F {line}\n" for line in lines)


def _container(pod: Found, name: str) -> Found:
    spec = pod["spec"]
    found: Found = next(
        one for one in (*spec["containers"], *(spec.get("initContainers") or ())) if one["name"] == name
    )
    return found
