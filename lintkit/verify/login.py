"""Logging in to a cluster as kubectl does: kubeconfig, in-cluster, proxies and credential plugins."""

from __future__ import annotations

import logging
import os
import threading
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from lintkit.errors import ClusterError, ToolMissingError, UsageError
from lintkit.verify.client import KubernetesCluster
from lintkit.verify.trim import line

if TYPE_CHECKING:
    from collections.abc import Iterator


def connect(context: str = "", *, timeout: float = 30.0) -> KubernetesCluster:
    """Log in as kubectl would.

    Args:
        context: Context of the kubeconfig; empty for the current one, or for the pod that this runs in.
        timeout: Seconds for one answer.

    Raises:
        ToolMissingError: The client is not installed.
        UsageError: There is no kubeconfig, or no such context.
        ClusterError: The cluster is out of reach.
    """
    try:
        from kubernetes import client  # noqa: PLC0415 - heavy, and an extra
    except ImportError:
        message = "`lintkit verify` needs the Kubernetes client: `pip install 'lintkit[verify]'`"
        raise ToolMissingError(message) from None
    config: Any = import_module("kubernetes.config")
    settings = client.Configuration()
    file = os.environ.get("KUBECONFIG") or "~/.kube/config"
    said = _Said()
    logging.getLogger().addHandler(said)  # a plugin that fails is only logged, and the next answer would be a 401
    try:
        if not context and "KUBERNETES_SERVICE_HOST" in os.environ and not _is_there(file):
            config.load_incluster_config(client_configuration=settings)
            name = "in-cluster"
        else:
            _, active = config.list_kube_config_contexts(file)
            config.load_kube_config(file, context or None, settings, persist_config=False)
            name = context or active["name"]
    except Exception as error:  # noqa: BLE001 - a kubeconfig is a file of the user, and each mistake raises another
        is_pod = not context and "KUBERNETES_SERVICE_HOST" in os.environ
        reason = line(str(error)) if is_pod or _is_there(file) else f"there is no kubeconfig at {file}"
        message = f"no cluster to ask: {reason}"
        raise UsageError(message) from None
    finally:
        logging.getLogger().removeHandler(said)
    if said.errors:
        message = f"cluster `{name}`: cannot log in: {line(said.errors[0])}"
        raise ClusterError(message)
    settings.retries = False
    settings.connection_pool_maxsize = 16
    cluster = KubernetesCluster(client.ApiClient(settings), name, timeout)
    cluster.greet()
    return cluster


class _Said(logging.Handler):
    """What the client logs as an error while it logs in."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.errors: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.errors.append(record.getMessage())


def _is_there(files: str) -> bool:
    return any(Path(one).expanduser().is_file() for one in files.split(os.pathsep) if one)


@contextmanager
def quiet_client() -> Iterator[None]:
    """What the client logs, and how its thread for a forwarded port ends, is told by the answers."""
    before = threading.excepthook
    handler = logging.NullHandler()
    logging.getLogger().addHandler(handler)

    def hook(arguments: threading.ExceptHookArgs) -> None:
        if arguments.thread is None or not arguments.thread.name.startswith("Kubernetes port forward proxy"):
            before(arguments)

    threading.excepthook = hook
    try:
        yield
    finally:
        threading.excepthook = before
        logging.getLogger().removeHandler(handler)
