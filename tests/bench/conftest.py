"""What is timed runs alone: `make bench`, never among other tests."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pytest

HERE = Path(__file__).parent


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    named = [Path(one.partition("::")[0]).resolve() for one in config.args]
    if any(one == HERE or one.is_relative_to(HERE) for one in named):
        return
    timed = [item for item in items if item.path.is_relative_to(HERE)]
    items[:] = [item for item in items if item not in timed]
    config.hook.pytest_deselected(items=timed)
