from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import threading
from pathlib import Path
from time import perf_counter

import pytest

from lintkit.errors import ConfigurationError
from lintkit.schema import store_change
from lintkit.schema.catalog import Catalog, Origin
from lintkit.schema.chart_files import read_archive
from lintkit.schema.imports import Imported, read_text
from lintkit.schema.store import Store, default_folder, version_order
from lintkit.schema.store_change import StoreError, changing
from tests.schema.charts import about, packed

CRD = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: widgets.example.com}
spec:
  group: example.com
  scope: Namespaced
  names: {kind: Widget, plural: widgets, singular: widget, shortNames: [wd]}
  versions:
    - name: v1
      served: true
      schema:
        openAPIV3Schema:
          type: object
          description: prose
          properties:
            spec:
              type: object
              x-kubernetes-validations: [{rule: self.size > 0, message: size must be positive}]
              properties:
                description: {type: string, description: prose}
                size: {type: integer, default: 1}
    - name: v1beta1
      served: true
      deprecated: true
      deprecationWarning: use v1
      schema: {openAPIV3Schema: {type: object}}
    - name: v1alpha1
      served: false
      schema: {openAPIV3Schema: {type: object}}
"""


def crd(kind: str, group: str = "example.com") -> str:
    return CRD.replace("Widget", kind).replace("example.com", group)


def fill(folder: Path, text: str = CRD, origin: str = "crds.yaml", *, mirror: bool = False) -> list[str]:
    with changing(folder) as change:
        return change.put(read_text(text), origin, mirror=mirror)


def state(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != "lock"
    }


def test_a_kind_comes_back_with_versions_warnings_scope_and_rules(tmp_path: Path) -> None:
    fill(tmp_path)
    found = Store(tmp_path).kind("example.com", "Widget")
    assert found is not None
    assert (found.scope, found.origin) == ("Namespaced", "crds.yaml")
    assert [(one.name, one.served, one.deprecation) for one in found.versions] == [
        ("v1", True, ""),
        ("v1beta1", True, "use v1"),
        ("v1alpha1", False, ""),
    ]
    assert found.versions[0].schema == {
        "type": "object",
        "properties": {
            "spec": {
                "type": "object",
                "x-kubernetes-validations": [{"rule": "self.size > 0", "message": "size must be positive"}],
                "properties": {"description": {"type": "string"}, "size": {"type": "integer", "default": 1}},
            }
        },
    }
    (listed,) = Store(tmp_path).kinds()
    assert (listed.id, listed.versions, listed.names) == (
        "Widget.example.com",
        ("v1", "v1beta1", "v1alpha1"),
        ("widgets", "widget", "wd"),
    )


def test_the_catalog_finds_what_the_store_has(tmp_path: Path) -> None:
    fill(tmp_path / "store")
    catalog = Catalog(tmp_path, store=Store(tmp_path / "store"))
    found = catalog.find("example.com", "v1beta1", "Widget")
    assert found is not None
    assert (found.origin, found.deprecation, found.where) == (Origin.STORE, "use v1", "crds.yaml")
    gone = catalog.find("example.com", "v1alpha1", "Widget")
    assert gone is not None
    assert (gone.served, gone.versions) == (False, ("v1", "v1beta1"))
    assert catalog.find("example.com", "v1", "Gadget") is None


def test_a_json_schema_tells_of_its_version_alone(tmp_path: Path) -> None:
    schema = {
        "type": "object",
        "properties": {"spec": {"type": "object"}},
        "x-kubernetes-group-version-kind": [{"group": "example.com", "version": "v2", "kind": "Widget"}],
    }
    fill(tmp_path, json.dumps(schema))
    store = Store(tmp_path)
    assert store.kind("example.com", "Widget") is None
    assert store.schema("example.com", "v2", "Widget") == schema
    assert store.schema("example.com", "v1", "Widget") is None
    found = Catalog(tmp_path, store=store).find("example.com", "v2", "Widget")
    assert found is not None
    assert (found.origin, found.where, found.served) == (Origin.STORE, "crds.yaml", True)
    assert Catalog(tmp_path, store=store).find("example.com", "v1", "Widget") is None


def test_a_kind_that_is_imported_again_is_replaced_and_its_old_schema_is_swept(tmp_path: Path) -> None:
    fill(tmp_path)
    fill(tmp_path, CRD.replace("size: {type: integer, default: 1}", "width: {type: integer}"), "other.yaml")
    found = Store(tmp_path).kind("example.com", "Widget")
    assert found is not None
    assert found.origin == "other.yaml"
    assert len(list((tmp_path / "objects").iterdir())) == 1


def test_a_cluster_that_lost_a_kind_loses_it_here_too(tmp_path: Path) -> None:
    fill(tmp_path, f"{crd('Widget')}---{crd('Gadget')}", "cluster a")
    fill(tmp_path, crd("Thing"), "cluster b", mirror=True)
    assert fill(tmp_path, crd("Widget"), "cluster a", mirror=True) == ["Gadget.example.com"]
    assert [one.kind for one in Store(tmp_path).kinds()] == ["Thing", "Widget"]


def test_an_empty_store_costs_nothing(tmp_path: Path) -> None:
    started = perf_counter()
    store = Store(tmp_path / "absent")
    assert store.kind("example.com", "Widget") is None
    assert store.schema("example.com", "v1", "Widget") is None
    assert store.chart("demo") == []
    assert store.fingerprint == ""
    assert perf_counter() - started < 0.005
    assert not (tmp_path / "absent").exists()


def test_the_fingerprint_follows_the_content(tmp_path: Path) -> None:
    fill(tmp_path)
    first = Store(tmp_path).fingerprint
    assert first == Store(tmp_path).fingerprint
    fill(tmp_path, crd("Gadget"))
    assert Store(tmp_path).fingerprint != first


def test_charts_come_back_as_they_were_read(tmp_path: Path) -> None:
    db = packed({"Chart.yaml": about("db", "2.0.0"), "templates/a.yaml": "{{ .Values.user }}"}, "db")
    files = {
        "Chart.yaml": about(more="dependencies: [{name: db, version: 2.0.0, alias: base}, {name: gone, version: 1}]"),
        "values.yaml": "a: 1\n",
        "values.schema.json": '{"type": "object"}',
        "charts/db-2.0.0.tgz": db,
        "templates/a.yaml": "{{ .Values.a }}",
    }
    chart = read_archive(packed(files))
    newer = read_archive(packed({**files, "Chart.yaml": about(version="1.10.0-rc.1")}))
    with changing(tmp_path) as change:
        change.put_chart(chart, "oci://example.com/demo")
        change.put_chart(newer, "demo.tgz")
    store = Store(tmp_path)
    assert [one.version for one in store.chart("demo")] == ["1.10.0-rc.1", "1.2.3"]
    (found,) = store.chart("demo", "v1.2.3")
    assert found.origin == "oci://example.com/demo"
    assert found.subcharts == chart.subcharts
    assert (found.values, found.schema, found.missing) == ("a: 1\n", {"type": "object"}, ("gone",))
    assert found.template_keys == chart.template_keys
    assert found.may_read(("base", "user"))
    assert store.chart("other") == []
    assert [one.id for one in store.charts()] == ["demo@1.10.0-rc.1", "demo@1.2.3"]


def test_one_version_from_two_places_is_kept_twice_and_replaced_by_place(tmp_path: Path) -> None:
    def put(values: str, origin: str) -> None:
        with changing(tmp_path) as change:
            change.put_chart(read_archive(packed({"Chart.yaml": about(), "values.yaml": values})), origin)

    put("a: 1", "here")
    put("a: 2", "there")
    put("a: 3", "here")
    assert sorted((one.origin, one.values) for one in Store(tmp_path).chart("demo", "1.2.3")) == [
        ("here", "a: 3"),
        ("there", "a: 2"),
    ]
    put("a: 2", "elsewhere")
    assert sorted(one.origin for one in Store(tmp_path).chart("demo")) == ["elsewhere", "here"]


def test_versions_sort_as_semantic_versions() -> None:
    wanted = [
        "0.9.0",
        "v1.0.0-alpha",
        "1.0.0-alpha.2",
        "1.0.0-alpha.10",
        "1.0.0-beta",
        "1.0.0",
        "1.2.0+build",
        "1.10.0",
    ]
    mixed = [*wanted[3:], *wanted[:3]]
    assert sorted(mixed, key=version_order) == wanted


def test_an_error_within_a_change_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    fill(tmp_path)
    before = state(tmp_path)

    def breaks() -> None:
        with changing(tmp_path) as change:
            change.put(read_text(crd("Gadget")), "x")
            message = "broken"
            raise RuntimeError(message)

    with pytest.raises(RuntimeError, match="broken"):
        breaks()
    assert state(tmp_path) == before


@pytest.mark.parametrize("step", [1, 2])
def test_a_full_disk_leaves_the_store_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    fill(tmp_path)
    before = state(tmp_path)
    calls: list[int] = []

    def fails(handle: int) -> None:
        calls.append(handle)
        if len(calls) == step:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(store_change.os, "fsync", fails)
    with pytest.raises(StoreError, match=r"cannot be written: No space left on device"):
        fill(tmp_path, crd("Gadget"))
    after = state(tmp_path)
    assert {name: after[name] for name in before} == before
    monkeypatch.undo()
    assert [one.kind for one in Store(tmp_path).kinds()] == ["Widget"]
    fill(tmp_path, crd("Thing"))
    assert len(list((tmp_path / "objects").iterdir())) == 2


def test_a_process_killed_while_it_writes_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    fill(tmp_path)
    code = textwrap.dedent(
        """
        import os, sys
        from pathlib import Path
        from lintkit.schema import store_change
        from tests.schema.test_store import crd, fill
        real = store_change._replace
        def dies(path, content):
            real(path, content)
            os._exit(9)
        store_change._replace = dies
        fill(Path(sys.argv[1]), crd("Gadget"))
        """
    )
    root = Path(__file__).resolve().parents[2]
    ended = subprocess.run([sys.executable, "-c", code, str(tmp_path)], cwd=root, check=False)
    assert ended.returncode == 9
    assert [one.kind for one in Store(tmp_path).kinds()] == ["Widget"]
    assert len(list((tmp_path / "objects").iterdir())) == 2
    fill(tmp_path, crd("Thing"))
    assert [one.kind for one in Store(tmp_path).kinds()] == ["Thing", "Widget"]
    assert len(list((tmp_path / "objects").iterdir())) == 2


def test_imports_at_the_same_time_all_arrive(tmp_path: Path) -> None:
    code = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from tests.schema.test_store import crd, fill
        for number in range(5):
            fill(Path(sys.argv[1]), crd(f"Kind{sys.argv[2]}x{number}"))
        """
    )
    root = Path(__file__).resolve().parents[2]
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path), str(number)], cwd=root) for number in range(4)
    ]
    assert [one.wait() for one in running] == [0, 0, 0, 0]
    assert {one.kind for one in Store(tmp_path).kinds()} == {f"Kind{a}x{b}" for a in range(4) for b in range(5)}


def test_a_reader_never_sees_a_change_in_part(tmp_path: Path) -> None:
    fill(tmp_path)
    stop = threading.Event()
    wrong: list[BaseException] = []

    def read() -> None:
        while not stop.is_set():
            try:
                found = Store(tmp_path).kind("example.com", "Widget")
                assert found is not None
            except BaseException as error:  # noqa: BLE001 - whatever happens in a thread is told
                wrong.append(error)
                return

    readers = [threading.Thread(target=read) for _ in range(2)]
    for one in readers:
        one.start()
    for number in range(20):
        fill(tmp_path, CRD.replace("default: 1", f"default: {number}"))
    stop.set()
    for one in readers:
        one.join()
    assert wrong == []


def test_a_store_that_another_process_holds_is_waited_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_change, "_WAIT", 0.1)
    said: list[str] = []
    with changing(tmp_path), pytest.raises(StoreError, match="another lintkit changes the store"):  # noqa: SIM117
        with changing(tmp_path, said.append):
            pass
    assert "waiting for another import to end" in said


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "cannot be read"),
        ("[]", "is no index"),
        ('{"format": 1}', "is no index"),
        ('{"format": 1, "kinds": {"a/B": {}}, "schemas": {}, "charts": []}', "is no index"),
        ('{"format": 1, "kinds": {}, "schemas": {}, "charts": ["x"]}', "is no index"),
        ('{"format": 99}', "was written by a newer lintkit"),
    ],
)
def test_a_damaged_index_is_said(tmp_path: Path, content: str, message: str) -> None:
    (tmp_path / "index.json").write_text(content)
    with pytest.raises(ConfigurationError, match=message):
        Store(tmp_path).kind("a", "B")
    with pytest.raises(ConfigurationError, match=message):
        fill(tmp_path)
    assert (tmp_path / "index.json").read_text() == content


def test_an_object_that_is_gone_is_said(tmp_path: Path) -> None:
    fill(tmp_path)
    next((tmp_path / "objects").iterdir()).unlink()
    with pytest.raises(ConfigurationError, match=r"lacks the object of `example.com/Widget`; import it again"):
        Store(tmp_path).kind("example.com", "Widget")


def test_an_index_cannot_name_a_file_elsewhere(tmp_path: Path) -> None:
    fill(tmp_path)
    index = json.loads((tmp_path / "index.json").read_text())
    index["kinds"]["example.com/Widget"]["object"] = "../../secret"
    (tmp_path / "index.json").write_text(json.dumps(index))
    with pytest.raises(ConfigurationError, match="is damaged"):
        Store(tmp_path).kind("example.com", "Widget")


def test_values_that_json_lacks_are_refused(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="values that JSON lacks"):
        fill(tmp_path, CRD.replace("default: 1", "default: .inf"))
    assert Store(tmp_path).is_empty


@pytest.mark.skipif(sys.platform in {"darwin", "win32"}, reason="the platform has folders of its own")
def test_the_folder_follows_the_platform_and_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("LINTKIT_STORE", raising=False)
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_folder() == tmp_path / ".local/share/lintkit/store"
    monkeypatch.setenv("XDG_DATA_HOME", "/data")
    assert default_folder() == Path("/data/lintkit/store")
    monkeypatch.setenv("XDG_DATA_HOME", "relative")
    assert default_folder() == tmp_path / ".local/share/lintkit/store"
    monkeypatch.setenv("LINTKIT_STORE", "~/mine")
    assert default_folder() == tmp_path / "mine"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="permissions do not stop this user")
def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="cannot be written"):
        fill(tmp_path / "store")


def test_nothing_imported_changes_nothing(tmp_path: Path) -> None:
    with changing(tmp_path) as change:
        change.put(Imported(), "x")
    assert Store(tmp_path).is_empty
