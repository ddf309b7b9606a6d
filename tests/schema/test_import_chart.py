from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING

import pytest

from lintkit.errors import LintkitError, UsageError
from lintkit.fetch import charts, http, registry
from lintkit.fetch.versions import chosen
from tests.schema.charts import about, packed
from tests.schema.servers import Reply, behind_token, digest, manifest, registry_routes, serving

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.schema.servers import Asked, Server

NAME = "charts/demo"


def chart(version: str = "1.2.3", values: str = "a: 1\n") -> bytes:
    return packed({"Chart.yaml": about(version=version), "values.yaml": values})


@pytest.fixture(autouse=True)
def _no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def server() -> Iterator[Server]:
    with serving(registry_routes(NAME, {tag: chart(tag) for tag in ("1.2.3", "1.10.0", "2.0.0-rc.1")})) as found:
        yield found


def fetch(source: str, *more: str, plain_http: bool = True) -> tuple[str, str]:
    found, origin = charts.fetch(source, more, plain_http=plain_http, progress=lambda _: None)
    return found.version, origin


def refused(source: str, *more: str, plain_http: bool = True) -> str:
    with pytest.raises(LintkitError) as caught:
        fetch(source, *more, plain_http=plain_http)
    return str(caught.value)


@pytest.mark.parametrize(
    ("more", "wanted"),
    [((":1.2.3",), "1.2.3"), (("", "1.2.3"), "1.2.3"), (("",), "1.10.0"), (("", "~1.2"), "1.2.3"),
     (("", "1.x"), "1.10.0"), (("", "2.0.0-rc.1"), "2.0.0-rc.1")],
)  # fmt: skip
def test_a_registry_gives_the_version_that_is_meant(server: Server, more: tuple[str, ...], wanted: str) -> None:
    suffix, *rest = more
    assert fetch(f"oci://{server.host}/{NAME}{suffix}", *rest) == (wanted, f"oci://{server.host}/{NAME}")


def test_a_digest_is_asked_for_and_held_to(server: Server) -> None:
    content = manifest(chart("1.2.3"))
    assert fetch(f"oci://{server.host}/{NAME}@{digest(content)}")[0] == "1.2.3"
    other = digest(b"other")
    server.routes[f"/v2/{NAME}/manifests/{other}"] = Reply(content)
    assert "is not what `sha256:" in refused(f"oci://{server.host}/{NAME}@{other}")


def test_a_plus_in_a_version_is_an_underscore_in_a_tag() -> None:
    with serving(registry_routes(NAME, {"1.0.0_build.1": chart("1.0.0+build.1")})) as server:
        assert fetch(f"oci://{server.host}/{NAME}", "1.0.0+build.1")[0] == "1.0.0+build.1"


def test_a_token_that_everybody_gets_is_asked_for_once(server: Server) -> None:
    behind_token(server)
    assert fetch(f"oci://{server.host}/{NAME}")[0] == "1.10.0"
    assert server.paths().count("/token") == 1
    asked = next(one for one in server.asked if one.path == "/token")
    assert asked.query == "service=registry.test&scope=repository%3Acharts%2Fdemo%3Apull"
    assert asked.authorization == ""


def test_a_redirect_to_a_store_takes_no_token_along(server: Server) -> None:
    content = chart("1.2.3")
    with serving({"/store/blob": Reply(content)}) as store:
        server.routes[f"/v2/{NAME}/blobs/{digest(content)}"] = Reply(
            b"", 307, {"Location": f"{store.url}/store/blob?signature=x"}
        )
        behind_token(server)
        assert fetch(f"oci://{server.host}/{NAME}:1.2.3")[0] == "1.2.3"
        assert [one.authorization for one in store.asked] == [""]


def test_a_redirect_within_a_registry_keeps_the_token(server: Server) -> None:
    content = chart("1.2.3")
    server.routes["/elsewhere"] = Reply(content)
    server.routes[f"/v2/{NAME}/blobs/{digest(content)}"] = Reply(b"", 302, {"Location": "/elsewhere"})
    behind_token(server)
    assert fetch(f"oci://{server.host}/{NAME}:1.2.3")[0] == "1.2.3"


def test_tags_come_in_pages(server: Server) -> None:
    path = f"/v2/{NAME}/tags/list"

    def pages(asked: Asked) -> Reply:
        if "last=" in asked.query:
            return Reply(b'{"tags": ["1.10.0", "latest"]}')
        return Reply(b'{"tags": ["1.2.3"]}', headers={"Link": f'<{path}?last=1.2.3&n=1>; rel="next"'})

    server.routes[path] = pages
    assert fetch(f"oci://{server.host}/{NAME}")[0] == "1.10.0"


def test_pages_of_tags_lead_nowhere_else(server: Server) -> None:
    server.routes[f"/v2/{NAME}/tags/list"] = Reply(b"{}", headers={"Link": '<http://other.test/x>; rel="next"'})
    assert "the list of tags leads to http://other.test/x" in refused(f"oci://{server.host}/{NAME}")


def test_what_a_registry_does_wrong_is_said(server: Server) -> None:
    where = f"oci://{server.host}/{NAME}"
    blob = f"/v2/{NAME}/blobs/{digest(chart('1.2.3'))}"
    server.routes[blob] = Reply(chart("6.6.6"))
    assert f"{where}: what came is not what `{digest(chart('1.2.3'))}` promises" in refused(f"{where}:1.2.3")
    server.routes[blob] = Reply(chart("1.2.3")[:20], length=len(chart("1.2.3")))
    assert "the connection ended after 20 of" in refused(f"{where}:1.2.3")
    server.routes[blob] = Reply(b"", length=10**9)
    assert "larger than 50 MB" in refused(f"{where}:1.2.3")
    server.routes[f"/v2/{NAME}/manifests/1.2.3"] = Reply(
        manifest(b"", config="application/vnd.oci.image.config.v1+json")
    )
    assert refused(f"{where}:1.2.3") == f"{where} is no Helm chart"
    server.routes[f"/v2/{NAME}/manifests/1.2.3"] = Reply(b"<html>")
    assert "this is no answer of a registry" in refused(f"{where}:1.2.3")
    assert "the registry has no such chart or version" in refused(f"{where}:9.9.9")
    assert refused(where, "~9.9") == f"{where}: there is no version `~9.9`; the newest is `1.10.0`"
    server.routes[f"/v2/{NAME}/tags/list"] = Reply(b'{"tags": null}')
    assert refused(where) == f"{where}: it has no versions"


@pytest.mark.parametrize("challenge", ["Basic realm=x", "", 'Bearer realm="http://127.0.0.1:1/token"'])
def test_a_registry_that_wants_a_login_is_said(server: Server, challenge: str) -> None:
    server.routes[f"/v2/{NAME}/manifests/1.2.3"] = Reply(b"", 401, {"WWW-Authenticate": challenge})
    message = refused(f"oci://{server.host}/{NAME}:1.2.3")
    assert "wants a login" in message or "127.0.0.1:1/token: [Errno" in message or "refused" in message


def test_a_registry_that_refuses_the_token_too_is_said(server: Server) -> None:
    behind_token(server)
    server.routes["/token"] = Reply(b'{"token": "wrong"}')
    assert "wants a login; pull the chart with `helm pull`" in refused(f"oci://{server.host}/{NAME}:1.2.3")
    server.routes["/token"] = Reply(b'{"token": "a\\r\\nb: c"}')
    assert "wants a login" in refused(f"oci://{server.host}/{NAME}:1.2.3")


def test_a_registry_is_asked_with_tls_unless_told_otherwise(server: Server) -> None:
    message = refused(f"oci://{server.host}/{NAME}:1.2.3", plain_http=False)
    assert message.startswith(f"https://{server.host}/v2/{NAME}/manifests/1.2.3: ")
    assert server.asked == []


@pytest.mark.parametrize(
    "text", ["oci://", "oci://host", "oci://host/UP", "oci://host/a b", "oci://a@b/c", "oci://host/../x", "oci://h/x@y"]
)
def test_what_is_no_address_of_a_chart_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is no address of a chart"):
        registry.parse(text)


def index(entries: dict[str, list[dict[str, object]]]) -> Reply:
    lines = ["apiVersion: v1", "entries:"]
    for name, versions in entries.items():
        lines.append(f"  {name}:")
        for version in versions:
            lines.append(f"  - name: {name}")
            lines.append("    description: |-\n      two\n\n      paragraphs: here")
            lines += [f"    {key}: {json.dumps(value)}" for key, value in version.items()]
    lines.append('generated: "2026-01-01T00:00:00Z"')
    return Reply("\n".join(lines).encode())


@pytest.fixture
def repository() -> Iterator[Server]:
    with serving() as found:
        new, old = chart("1.10.0"), chart("1.9.0")
        found.routes["/charts/index.yaml"] = index(
            {
                "alpha": [{"version": "3.0.0", "urls": ["alpha.tgz"]}],
                "demo": [
                    {"version": "v1.9.0", "urls": ["files/demo-1.9.0.tgz"], "digest": hashlib.sha256(old).hexdigest()},
                    {"version": "1.10.0", "urls": [f"{found.url}/else/demo.tgz"]},
                    {"version": "2.0.0-rc.1", "urls": []},
                ],
                "omega": [{"version": "4.0.0", "urls": ["omega.tgz"]}],
            }
        )
        found.routes["/charts/files/demo-1.9.0.tgz"] = Reply(old)
        found.routes["/else/demo.tgz"] = Reply(new)
        yield found


@pytest.mark.parametrize("slash", ["", "/"])
def test_a_repository_gives_the_version_that_is_meant(repository: Server, slash: str) -> None:
    url = f"{repository.url}/charts{slash}"
    assert fetch(url, "demo") == ("1.10.0", url)
    assert fetch(url, "demo", "1.9.0") == ("1.9.0", url)
    assert fetch(url, "demo", ">=1.9,<1.10")[0] == "1.9.0"


def test_an_index_in_another_form_is_read_too(repository: Server) -> None:
    content = {"entries": {"demo": [{"version": "1.9.0", "urls": ["files/demo-1.9.0.tgz"]}]}}
    repository.routes["/charts/index.yaml"] = Reply(json.dumps(content).encode())
    assert fetch(f"{repository.url}/charts", "demo")[0] == "1.9.0"
    text = 'entries:\n    "demo":\n        - version: 1.9.0\n          urls: [files/demo-1.9.0.tgz]\n'
    repository.routes["/charts/index.yaml"] = Reply(text.encode())
    assert fetch(f"{repository.url}/charts", "demo")[0] == "1.9.0"


def test_an_index_may_lead_to_a_registry(repository: Server, server: Server) -> None:
    repository.routes["/charts/index.yaml"] = index(
        {"demo": [{"version": "1.2.3", "urls": [f"oci://{server.host}/{NAME}:1.2.3"]}]}
    )
    assert fetch(f"{repository.url}/charts", "demo")[0] == "1.2.3"


def test_what_a_repository_does_wrong_is_said(repository: Server) -> None:
    url = f"{repository.url}/charts"
    assert refused(url) == f"which chart of {url}? Give its name after the URL"
    assert refused(url, "demoo") == f"{url}: it has no chart `demoo`; did you mean `demo`?"
    assert refused(url, "demo", "7.0.0") == f"{url}: `demo`: there is no version `7.0.0`; the newest is `1.10.0`"
    assert refused(url, "demo", "2.0.0-rc.1") == f"{url}: its index gives no URL for `demo` 2.0.0-rc.1"
    repository.routes["/charts/files/demo-1.9.0.tgz"] = Reply(chart("6.6.6"))
    assert "what came for `demo` v1.9.0 is not what the index promises" in refused(url, "demo", "1.9.0")
    assert refused(repository.url, "demo").startswith(f"{repository.url} is no chart repository: ")
    repository.routes["/charts/index.yaml"] = Reply(b"a: [")
    assert f"{url}: its index.yaml is no YAML: line 2" in refused(url, "demo")
    repository.routes["/charts/index.yaml"] = Reply(b"a: 1")
    assert refused(url, "demo") == f"{url} is no chart repository: its index.yaml has no `entries`"
    repository.routes["/charts/index.yaml"] = Reply(b"", 500)
    assert "500" in refused(url, "demo")


def test_a_password_in_a_url_goes_to_its_host_and_nowhere_else(repository: Server) -> None:
    with serving({"/demo.tgz": Reply(chart("1.9.0"))}) as other:
        entries = [
            {"version": "1.9.0", "urls": [f"{other.url}/demo.tgz"]},
            {"version": "1.8.0", "urls": ["files/x.tgz"]},
        ]
        repository.routes["/charts/index.yaml"] = index({"demo": entries})
        repository.routes["/charts/files/x.tgz"] = Reply(chart("1.8.0"))
        url = f"http://me:pass%40word@{repository.host}/charts"
        assert fetch(url, "demo") == ("1.9.0", f"{repository.url}/charts")
        assert fetch(url, "demo", "1.8.0")[0] == "1.8.0"
        assert {one.authorization for one in repository.asked} == {"Basic bWU6cGFzc0B3b3Jk"}
        assert [one.authorization for one in other.asked] == [""]
    assert "pass" not in refused(url, "nothing")


def test_an_archive_comes_from_its_url(repository: Server) -> None:
    url = f"{repository.url}/else/demo.tgz"
    assert fetch(f"{url}?token=secret") == ("1.10.0", url)
    repository.routes["/else/demo.tgz"] = Reply(b"no archive")
    assert refused(url).startswith(f"{url}: this is no gzipped tar archive")
    assert refused(url, "demo") == "the URL of an archive takes no chart name and no version"


def test_files_and_folders_are_read_where_they_are(tmp_path: Path) -> None:
    (tmp_path / "demo.tgz").write_bytes(chart("1.2.3"))
    (tmp_path / "chart").mkdir()
    (tmp_path / "chart" / "Chart.yaml").write_text(about(version="4.5.6"))
    assert fetch(str(tmp_path / "demo.tgz")) == ("1.2.3", str(tmp_path / "demo.tgz"))
    assert fetch(str(tmp_path / "chart")) == ("4.5.6", str(tmp_path / "chart"))
    assert refused(str(tmp_path / "gone")) == f"{tmp_path / 'gone'} does not exist"
    assert refused(str(tmp_path)) == f"{tmp_path}: there is no Chart.yaml with a name and a version in it"
    assert refused(str(tmp_path / "chart"), "1.0.0") == "a file or folder takes no chart name and no version"


@pytest.mark.parametrize("url", ["file:///etc/passwd", "ftp://host/x", "http://", "http://[bad/x", "http://ho st/"])
def test_only_http_is_fetched(url: str) -> None:
    with pytest.raises(UsageError, match="is no URL that can be fetched"):
        http.get(url, limit=10)


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/x"])
def test_redirects_lead_to_http_alone(target: str) -> None:
    with serving({"/a": Reply(b"", 302, {"Location": target})}) as server:
        with pytest.raises(http.FetchError) as caught:
            http.get(f"{server.url}/a", limit=100)
        assert "302" in str(caught.value) or "not encrypted" in str(caught.value)


def test_redirects_end(server: Server) -> None:
    server.routes["/a"] = Reply(b"", 302, {"Location": "/a"})
    with pytest.raises(http.FetchError, match="redirect"):
        http.get(f"{server.url}/a", limit=100)
    assert len(server.asked) < 10


def test_a_body_without_an_end_stops_at_the_limit(server: Server) -> None:
    server.routes["/a"] = Reply(b"x" * 5000, headers={})
    with pytest.raises(http.FetchError, match="larger than 0 MB"):
        http.get(f"{server.url}/a", limit=1000)


def test_a_server_that_is_too_slow_is_left(server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_DEADLINE", -1.0)
    server.routes["/a"] = Reply(b"x")
    with pytest.raises(http.FetchError, match="not finished in"):
        http.get(f"{server.url}/a", limit=1000)


def test_progress_tells_what_has_come(server: Server) -> None:
    said: list[str] = []
    server.routes["/a"] = Reply(b"x" * 2_000_000)
    http.get(f"{server.url}/a?token=secret", limit=10_000_000, progress=said.append)
    assert said[-1] == f"{server.url}/a: 2.0 MB of 2.0 MB"


@pytest.mark.parametrize(
    ("offered", "wanted", "found"),
    [
        (["1.0.0", "1.0.1"], "", "1.0.1"),
        (["1.0.0-rc.1"], "", "1.0.0-rc.1"),
        (["v1.2.0"], "1.2.0", "v1.2.0"),
        (["1.2.0", "latest", "sha-abc"], "", "1.2.0"),
        (["1.2.0_build"], "1.2.0+build", "1.2.0_build"),
        (["1.2.0", "1.3.0-rc"], "^1.2", "1.2.0"),
    ],
)
def test_the_version_that_is_meant_is_chosen(offered: list[str], wanted: str, found: str) -> None:
    assert chosen(offered, wanted, "x") == found
