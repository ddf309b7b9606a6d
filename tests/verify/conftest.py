"""The example repository as it was committed, a healthy cluster for it, and a terminal beside both."""

from __future__ import annotations

import copy
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from lintkit import configuration, engine
from lintkit.verify.login import connect, quiet_client
from lintkit.verify.plan import Choice, plan
from lintkit.verify.run import ask
from tests.git import git
from tests.verify import healthy
from tests.verify.loki import Loki
from tests.verify.server import StandIn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.verify.expectation import Result
    from lintkit.verify.plan import Plan

ROOT = Path(__file__).resolve().parents[2]


def repository(folder: Path) -> Path:
    """A clone of the example repository with one commit."""
    shutil.copytree(ROOT / "kubernetes", folder / "kubernetes")
    shutil.copy(ROOT / ".lintkit.yaml", folder)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "remote", "add", "origin", "https://github.com/lintkit/lintkit")
    git(folder, "add", ".")
    git(folder, "commit", "-q", "-m", "the example")
    return folder


@dataclass(repr=False)
class Example:
    """The example repository, what it promises, and a healthy cluster for it."""

    root: Path
    whole: Plan
    objects: list[dict[str, Any]]
    commands: dict[tuple[str, str], tuple[str, str, int | None]]


@dataclass(repr=False)
class Trial:
    """A cluster of one test, and the plan that is asked of it."""

    example: Example
    server: StandIn
    loki: Loki
    seconds: float = 5.0

    def ask(self, *names: str, **choice: Any) -> list[Result]:  # noqa: ANN401 - the fields of a Choice
        """The answers to what some probes expect."""
        made = plan(self.example.whole.promises.tree, self.example.root, Choice(select=names, **choice))
        cluster = connect(timeout=self.seconds)
        try:
            with quiet_client():
                return list(ask(made.expectations, cluster, made.namespaces))
        finally:
            cluster.close()

    def lines(self, *names: str, **choice: Any) -> list[str]:  # noqa: ANN401 - as above
        """`outcome subject: evidence` of what is not as it should be."""
        return [
            f"{one.outcome.value} {one.expectation.subject}: {one.answer.evidence}"
            for one in self.ask(*names, **choice)
            if one.outcome.value != "pass"
        ]

    def one(self, name: str, subject: str) -> Result:
        """The answer of one probe about one object."""
        (found,) = [one for one in self.ask(name) if one.expectation.subject == subject]
        return found


@pytest.fixture(scope="session")
def example(tmp_path_factory: pytest.TempPathFactory) -> Example:
    root = repository(tmp_path_factory.mktemp("example"))
    whole = plan(engine.load_tree(root, configuration.load(root)), root, Choice())
    return Example(root, whole, healthy.cluster(whole.promises), healthy.commands(whole.promises))


@pytest.fixture
def trial(example: Example, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Trial]:
    """A healthy cluster, to be broken."""
    worker = ("airflow", "hello-world-task-1", "base")
    server = StandIn(copy.deepcopy(example.objects), {worker: "task started\ntask done\n"}, dict(example.commands))
    logs = Loki(dict.fromkeys(("webserver", "scheduler", "base", "handler"), 5.0))
    logs.start()
    server.ports[8080] = logs.port
    server.start()
    monkeypatch.setenv("KUBECONFIG", str(server.kubeconfig(tmp_path / "kubeconfig")))
    yield Trial(example, server, logs)
    server.stop()
    logs.stop()
