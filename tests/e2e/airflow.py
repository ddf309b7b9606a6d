"""Airflow 2.10.5, real: its scheduler with the KubernetesExecutor, on this machine in place of a container.

git-sync is a stand-in: a copy of a commit in a folder, and the link `repo` to it, as git-sync leaves them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from typing import TYPE_CHECKING

from tests.e2e.processes import until

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.e2e.api import Api, Found
    from tests.e2e.build import Components
    from tests.e2e.processes import Process, Processes

NAMESPACE = "airflow"
_PREPARE = """
from airflow.models import DagBag, DagModel
from airflow.utils.session import create_session
DagBag({folder!r}, include_examples=False).sync_to_db()
with create_session() as session:
    for dag in session.query(DagModel):
        dag.is_paused = dag.dag_id != {dag!r}
"""
_TRIGGER = "from airflow.api.common.trigger_dag import trigger_dag; trigger_dag({dag!r}, run_id={run!r})"


class GitSync:
    """The folder that git-sync fills: `root`, with the link `repo` to the newest commit.

    Args:
        repository: Where it pulls from.
        root: What it fills.
    """

    def __init__(self, repository: Path, root: Path) -> None:
        self._repository, self._root = repository, root
        root.mkdir(parents=True, exist_ok=True)

    def pull(self) -> Path:
        """Bring the newest commit; the folder it is in."""
        commit = subprocess.run(
            ["git", "rev-parse", "main"], cwd=self._repository, check=True, capture_output=True, text=True
        ).stdout.strip()
        tree = self._root / ".worktrees" / commit
        if not tree.exists():
            subprocess.run(["git", "clone", "-q", "--branch", "main", self._repository, tree], check=True)
        link = self._root / "repo.new"
        link.unlink(missing_ok=True)
        link.symlink_to(tree)
        link.rename(self._root / "repo")
        return tree


class Airflow:
    """The scheduler, and what it is asked to do.

    Args:
        components: What was built.
        processes: Where it runs.
        home: AIRFLOW_HOME.
        environment: What the scheduler's container has.
    """

    def __init__(
        self, components: Components, processes: Processes, home: Path, environment: Mapping[str, str]
    ) -> None:
        self._program = components.airflow / "airflow"
        self._python = components.airflow / "python"
        self._processes, self.home = processes, home
        home.mkdir(parents=True, exist_ok=True)
        self._environment = {**environment, "AIRFLOW_HOME": str(home)}

    def migrate(self) -> None:
        """Make the tables."""
        self._run(self._program, "db", "migrate")

    def prepare(self, folder: Path, dag: str) -> None:
        """Read the DAGs; all are paused but one."""
        self._run(self._python, "-c", _PREPARE.format(folder=str(folder), dag=dag))

    def trigger(self, dag: str, run: str) -> None:
        """Start a run of a DAG."""
        self._run(self._python, "-c", _TRIGGER.format(dag=dag, run=run))

    def schedule(self, kubeconfig: Path, template: Path) -> Process:
        """Start the scheduler: it makes worker pods from a template."""
        prefix = "AIRFLOW__KUBERNETES_EXECUTOR__"
        more = {
            "AIRFLOW__CORE__EXECUTOR": "KubernetesExecutor",
            f"{prefix}NAMESPACE": NAMESPACE,
            f"{prefix}POD_TEMPLATE_FILE": str(template),
            f"{prefix}IN_CLUSTER": "False",
            f"{prefix}CONFIG_FILE": str(kubeconfig),
            f"{prefix}DELETE_WORKER_PODS": "False",
            f"{prefix}DELETE_WORKER_PODS_ON_FAILURE": "False",
        }
        return self._processes.start("airflow-scheduler", self._program, "scheduler", env=self._environment | more)

    def _run(self, *command: Path | str) -> None:
        ended = subprocess.run(
            command, env={**os.environ, **self._environment}, capture_output=True, text=True, check=False, timeout=300
        )
        assert ended.returncode == 0, ended.stdout[-2000:] + ended.stderr[-2000:]


def worker(api: Api, run: str, process: Process, seconds: float = 120.0) -> Found:
    """The worker pod that the scheduler has made for a run, once it runs."""

    def asked() -> Found | str | None:
        if not process.runs:
            return f"the scheduler ended: {process.said()}"
        pods = api.list("v1", "Pod", NAMESPACE, labelSelector="kubernetes_executor=True")
        found = [
            one
            for one in pods
            if (one["metadata"].get("annotations") or {}).get("run_id") == run
            and (one.get("status") or {}).get("phase") == "Running"
        ]
        return found[0] if found else None

    found = until(f"worker pod of {run}", asked, seconds)
    assert isinstance(found, dict), found
    return found


def stand_in_vector(folder: Path, version: str) -> None:
    """A program `vector` that says a version: no registry serves the real one."""
    folder.mkdir(parents=True, exist_ok=True)
    program = folder / "vector"
    program.write_text(f'#!/bin/sh\necho "vector {version} (x86_64-unknown-linux-gnu)"\n', "utf-8")
    program.chmod(0o755)
    assert shutil.which("vector", path=str(folder))
