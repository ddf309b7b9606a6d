"""The real world of the tests here: started once, removed at the end, even when a test is interrupted."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING

import pytest

from tests.e2e.build import components, missing
from tests.e2e.cluster import ControlPlane
from tests.e2e.world import World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.e2e.build import Components


@pytest.fixture(scope="session")
def built() -> Iterator[Components]:
    """Everything that was built; skips where it was not."""
    lacking = missing()
    if lacking:
        pytest.skip(f"{', '.join(lacking)} not built; run `make e2e`")
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that fixtures end what they have started
    yield components()
    signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="session")
def world(built: Components, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The example repository in a real cluster, all well."""
    made = World(built, tmp_path_factory.mktemp("world"))
    print("started within", {name: round(seconds, 1) for name, seconds in made.times.items()})
    yield made
    made.end()


@pytest.fixture(scope="session")
def control_plane(built: Components, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ControlPlane]:
    """etcd and an API server with all CRDs, and nobody who would change what is written there."""
    made = ControlPlane(built, tmp_path_factory.mktemp("plane"))
    try:
        made.install_crds()
        yield made
    finally:
        made.end()
