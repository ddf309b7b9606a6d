"""What goes wrong on the way to a cluster is `unknown` with its reason; never a pass, never a traceback."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from tests.e2e.certificates import signed_token
from tests.e2e.processes import until
from tests.e2e.world import environment, read, verify

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.e2e.world import Verified, World

pytestmark = pytest.mark.e2e


def begun(world: World, *arguments: str) -> Callable[[], Verified]:
    """`lintkit verify`, started; the function waits for its end."""
    began = time.monotonic()
    running = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-m", "lintkit", "verify", "--output-format", "json", *arguments, "."],
        cwd=world.repository, env=environment(world.cluster.kubeconfig()), text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip

    def ended() -> Verified:
        output, error = running.communicate(timeout=300)
        return read(running.returncode, output, error, time.monotonic() - began)

    return ended


def _when_it_executes(world: World) -> None:
    """Wait until a command of `verify` runs in a container: all lists were answered before."""

    def asked() -> bool:
        return b"config get-value" in subprocess.run(["ps", "-eo", "args"], capture_output=True, check=True).stdout

    until("a command in a container", asked, 60, 0.1)


def test_the_api_server_goes_away_in_the_middle_of_a_run(world: World) -> None:
    ended = begun(world, "--select", "airflow-database,dag-list,dag-import")
    _when_it_executes(world)
    world.cluster.server.kill()
    try:
        verified = ended()
    finally:
        world.cluster.server.start()
        world.cluster.server.ready(world.cluster.is_ready)
    assert verified.code == 4, verified.error
    assert verified.of("fail") == []
    unknown = verified.of("unknown")
    assert unknown
    for one in unknown:
        assert re.search(r"API server does not answer|cannot run|did not end|connection|Connection", one["evidence"]), (
            one
        )


def test_waiting_heals_a_restart_of_the_api_server(world: World) -> None:
    ended = begun(world, "--wait", "3m", "--select", "airflow-database,dag-list,dag-import,flux")
    _when_it_executes(world)
    world.cluster.server.kill()
    time.sleep(6)
    world.cluster.server.start()
    world.cluster.server.ready(world.cluster.is_ready)
    verified = ended()
    assert verified.not_passed() == []
    assert verified.code == 0


def test_a_loki_that_hangs(world: World) -> None:
    world.door.hangs = True
    try:
        verified = world.verify("--select", "loki-streams", "--timeout", "2s")
    finally:
        world.door.hangs = False
    assert verified.code == 4
    assert {one["outcome"] for one in verified.results} == {"unknown"}
    for one in verified.results:
        assert "no answer within 2 s" in one["evidence"], one
    assert verified.seconds < 40


def test_waiting_heals_a_loki_that_hangs(world: World) -> None:
    world.door.hangs = True
    healing = threading.Timer(6, setattr, (world.door, "hangs", False))
    healing.start()
    verified = world.verify("--select", "loki-streams", "--timeout", "2s", "--wait", "2m")
    healing.join()
    assert (verified.code, {one["outcome"] for one in verified.results}) == (0, {"pass"})


def test_exec_that_is_denied(world: World) -> None:
    with world.narrow(creates=("pods/portforward",)):
        verified = world.verify(user="narrow")
    assert verified.code == 4
    assert verified.of("fail") == []
    assert {one["probe"] for one in verified.of("unknown")} == {
        "airflow-database", "dag-files", "dag-import", "dag-list", "running-version",
    }  # fmt: skip
    for one in verified.of("unknown"):
        assert "403" in one["evidence"], one
        assert re.search(
            r'no access \(403\): pods "\S+" is forbidden: cannot run `[^`]+` in airflow/', one["evidence"]
        ), one


def test_a_token_that_has_expired(world: World) -> None:
    now = int(time.time())
    claims: dict[str, object] = {
        "iss": "https://kubernetes.default.svc", "aud": ["https://kubernetes.default.svc"],
        "iat": now - 7200, "nbf": now - 7200, "exp": now - 3600, "sub": "system:serviceaccount:default:default",
        "kubernetes.io": {"namespace": "default", "serviceaccount": {"name": "default", "uid": "none"}},
    }  # fmt: skip
    token = signed_token(world.cluster.signing_key, claims)
    verified = verify(world.repository, world.cluster.kubeconfig(token=token))
    assert verified.code == 4
    assert {(one["outcome"], one["evidence"]) for one in verified.results} == {
        ("unknown", "the credentials are refused (401): they have expired, or the cluster does not know them")
    }
    assert token not in verified.output + verified.error
