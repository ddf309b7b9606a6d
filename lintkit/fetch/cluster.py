"""CustomResourceDefinitions of a live cluster, by kubectl: it logs in as the user does."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from typing import TYPE_CHECKING

from lintkit.errors import ClusterError, ToolMissingError
from lintkit.schema.imports import Imported, read_text

if TYPE_CHECKING:
    from lintkit.fetch.http import Progress

_RESOURCE = "customresourcedefinitions.apiextensions.k8s.io"
_REQUEST_TIMEOUT = "60s"
_TIMEOUT = 600
_LIST_OF_NONE = 1000


def fetch(context: str, progress: Progress) -> tuple[Imported, str]:
    """All custom kinds of a cluster, and what it is called.

    Args:
        context: Context of the kubeconfig; empty for the current one.
        progress: Told what is going on.

    Raises:
        ToolMissingError: There is no kubectl.
        ClusterError: The cluster is out of reach, or does not let the user list them.
    """
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        message = (
            "`--from-cluster` needs kubectl on the PATH; "
            "`kubectl get crd -o json` elsewhere and `lintkit schemas import FILE` here do the same"
        )
        raise ToolMissingError(message)
    name = context or _current(kubectl)
    label = f"cluster {name}" if name else "cluster"
    progress(f"{label}: listing its CustomResourceDefinitions")
    chosen = [f"--context={context}"] if context else []
    text = _run([kubectl, *chosen, f"--request-timeout={_REQUEST_TIMEOUT}", "get", _RESOURCE, "--output=json"], label)
    progress(f"{label}: reading {len(text) / 1e6:.1f} MB")
    if _is_empty(text):
        return Imported(), label
    return read_text(text, f"{label}.json"), label


def _current(kubectl: str) -> str:
    """The current context; empty in a pod, where there is none."""
    try:
        return _run([kubectl, "config", "current-context"], "kubeconfig").strip()
    except ClusterError:
        return ""


def _run(command: list[str], label: str) -> str:
    try:
        ended = subprocess.run(  # noqa: S603 - a fixed program with fixed words
            command, stdin=_terminal(), capture_output=True, timeout=_TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        message = f"{label}: kubectl did not end in {_TIMEOUT // 60} minutes"
        raise ClusterError(message) from None
    except OSError as error:
        message = f"{label}: kubectl cannot be run: {error.strerror or error}"
        raise ClusterError(message) from None
    if ended.returncode:
        lines = ended.stderr.decode("utf-8", "replace").strip().splitlines()
        reason = "".join(filter(str.isprintable, lines[-1])) if lines else f"kubectl ended with {ended.returncode}"
        message = f"{label}: {reason}"
        raise ClusterError(message)
    return ended.stdout.decode("utf-8", "replace")


def _terminal() -> int | None:
    """Credential plugins may ask the person in front of it; without one, nobody is waited for."""
    return None if os.isatty(0) else subprocess.DEVNULL


def _is_empty(text: str) -> bool:
    if len(text) > _LIST_OF_NONE:
        return False
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return False
    return isinstance(found, dict) and found.get("items") == []
