from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from lintkit.cli.main import main
from tests.graph.trees import AIRFLOW, graph_in, write

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from lintkit.graph.graph import Graph

    Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run `lintkit graph`: exit code, output, errors."""

    def graph(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["graph", *map(str, arguments)])
        output, errors = capsys.readouterr()
        return int(ended.value.code or 0), output, errors

    return graph


@pytest.fixture
def airflow(tmp_path: Path) -> Path:
    """A tree in which a Deployment needs one key that is there, one that is not, and an optional one."""
    return write(tmp_path / "fleet", AIRFLOW)


@pytest.fixture
def graph(airflow: Path) -> Graph:
    return graph_in(airflow)
