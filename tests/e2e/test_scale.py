"""5,000 objects in 300 Kustomizations: verified in under a minute, with few list calls, and with one of them broken."""

from __future__ import annotations

import base64
import json
import time
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import urllib3

from tests.e2e.crowd import APPS, Crowd
from tests.e2e.proxy import Proxy
from tests.e2e.world import verify

if TYPE_CHECKING:
    from pathlib import Path

    from tests.e2e.cluster import ControlPlane

pytestmark = pytest.mark.e2e

SECONDS, MEGABYTES = 60, 300


@pytest.fixture(scope="module")
def crowd(control_plane: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Crowd:
    made = Crowd(tmp_path_factory.mktemp("crowd"))
    began = time.monotonic()
    made.live(control_plane.api, made.write())
    print(f"{made.objects} objects written in {time.monotonic() - began:.0f} s")
    return made


def test_thousands_of_objects_take_few_calls(crowd: Crowd, control_plane: ControlPlane, tmp_path: Path) -> None:
    assert crowd.objects >= 5000
    before = control_plane.asked()
    said = tmp_path / "memory"
    verified = verify(crowd.root, control_plane.kubeconfig(), measure=said)
    asked = control_plane.asked() - before
    assert verified.not_passed() == []
    assert verified.code == 0
    assert len(verified.results) > 5 * APPS
    megabytes = int(said.read_text("utf-8")) / 1024
    print(f"{len(verified.results)} expectations: {verified.seconds:.1f} s, {megabytes:.0f} MB, {dict(asked)}")
    assert verified.seconds < SECONDS
    assert megabytes < MEGABYTES
    lists = {what: count for (verb, what), count in asked.items() if verb == "list"}
    assert set(lists) <= {
        "kustomizations", "gitrepositories", "helmreleases", "externalsecrets", "clustersecretstores", "secrets",
        "deployments", "statefulsets", "daemonsets", "replicasets", "pods",
    }  # fmt: skip
    pages = {what: count for what, count in lists.items() if count > 1}
    assert pages == {"externalsecrets": 3, "secrets": 12}  # 1,200 of each, in pages of 500 and of 100
    assert [what for verb, what in asked if verb not in {"list", "get"}] == []
    assert sum(count for (verb, _), count in asked.items() if verb == "get") < 15  # what the API server has


def test_a_list_that_is_too_old_to_be_continued(crowd: Crowd, control_plane: ControlPlane) -> None:
    """410 Gone: the real answer of the API server to a place in a list that etcd has forgotten."""
    compacted = urllib3.request("POST", f"{control_plane.etcd_url}/v3/kv/compaction", json={"revision": "100"})
    assert compacted.status == 200, compacted.data
    asked: list[str] = []

    def older(target: str) -> str:
        parts = urlsplit(target)
        token = (parse_qs(parts.query).get("continue") or [""])[0]
        if not token:
            return target
        place = json.loads(base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)))
        asked.append(parts.path)
        made = base64.urlsafe_b64encode(json.dumps({**place, "rv": 1}).encode()).decode().rstrip("=")
        return f"{parts.path}?limit=500&continue={quote(made)}"

    key = control_plane.ca.with_suffix(".key")
    proxy = Proxy(control_plane.url, (control_plane.ca, key), older)
    try:
        kubeconfig = control_plane.kubeconfig(url=proxy.url)
        verified = verify(crowd.root, kubeconfig, "--select", "external-secret,secret-store")
    finally:
        proxy.end()
    assert asked == ["/apis/external-secrets.io/v1/externalsecrets"] * 2  # begun again once
    assert verified.code == 4
    assert {one["evidence"] for one in verified.of("unknown")} == {
        "the list of externalsecrets was out of date before it was read (410 Gone)"
    }
    assert {one["probe"] for one in verified.of("unknown")} == {"external-secret"}
    assert [one["probe"] for one in verified.of("pass")] == ["secret-store"]
