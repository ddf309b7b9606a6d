from __future__ import annotations

import gzip
import json
import tarfile
from itertools import count
from time import process_time
from typing import TYPE_CHECKING

import pytest

from lintkit.schema import chart_archive
from lintkit.schema.chart_files import ChartError, ChartFiles, find_in_helm_cache, read_archive, read_files, read_folder
from lintkit.schema.template_reads import reads_of_text, templates_of
from tests.schema.charts import about, packed, raw_archive

if TYPE_CHECKING:
    from pathlib import Path

CHART = about()


def chart(template: str = "", **files: str) -> ChartFiles:
    named = {name.replace("__", "/"): text for name, text in files.items()}
    return read_archive(packed({"Chart.yaml": CHART, "templates/all.yaml": template, **named}))


def keys(template: str) -> set[str]:
    found = chart(template).template_keys
    assert found is not None
    return {".".join(path) for path in found}


def test_a_chart_is_read_the_same_from_archive_folder_and_files(tmp_path: Path) -> None:
    schema = {"type": "object", "properties": {"image": {"$ref": "defs.json"}}}
    files = {
        "Chart.yaml": CHART,
        "values.yaml": "# the image\nimage: a\n",
        "values.schema.json": json.dumps(schema),
        "defs.json": '{"type": "string"}',
        "dashboards/one.json": '{"panels": []}',
        "templates/a.yaml": "image: {{ .Values.image }}\n",
    }
    for path, text in files.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text)
    found = read_archive(packed(files))
    assert found == read_folder(tmp_path) == read_files({path: text.encode() for path, text in files.items()})
    assert (found.name, found.version, found.values) == ("demo", "1.2.3", "# the image\nimage: a\n")
    assert found.schema == schema
    assert found.schemas == {"defs.json": {"type": "string"}}
    assert found.template_keys == {("image",)}
    assert not found.uses_whole_values


@pytest.mark.parametrize(
    ("template", "wanted"),
    [
        ("{{ .Values.a.b }}", {"a.b"}),
        ("{{- $.Values.a | quote -}}", {"a"}),
        ("{{ .Values.a }}{{ .Values.a.b.c }}", {"a"}),
        ("{{ $root.Values.a }}{{ .context.Values.b.c }}", {"a", "b.c"}),
        ("{{ ((.Values.a).b).c }}", {"a.b.c"}),
        ('{{ index .Values "kube-state" "enabled" }}', {"kube-state.enabled"}),
        ('{{ index .Values.a "b.c" $x }}', {"a.b.c"}),
        ('{{ if hasKey .Values.a "b" }}{{ end }}', {"a.b"}),
        ("{{/* .Values.gone */}}{{ .Values.a }}", {"a"}),
        ("say .Values.text {{ .Values.a }}", {"a"}),
        ('{{ fail "set .Values.a.b, or the whole of .Values" }}', {"a.b"}),
        ('{{ tpl "{{ .Values.a }}" . }}', {"a"}),
        ("{{ .Values.a_1.bC }}{{ .ValuesOf.b }}", {"a_1.bC"}),
        ("{{ .Subcharts.db.Values.user }}", {"db.user"}),
        ('{{ "}}" }}{{ .Values.a }}', {"a"}),
        ("{{ with .Values.a }}{{ .b }}{{ end }}", {"a"}),
        ('{{ define "x" }}{{ .Values.unused }}{{ end }}{{ .Values.a }}', {"a"}),
        ('{{ define "x" }}{{ if .Values.b }}{{ end }}{{ .Values.c }}{{ end }}{{ include "x" . }}', {"b", "c"}),
        ('{{ define "x" }}{{ template "y" . }}{{ end }}{{ define "y" }}{{ .Values.c }}{{ end }}{{ template "x" $ }}',
         {"c"}),
        ('{{ define "x" }}{{ .Values.b }}{{ end }}{{ include (print "x") . }}', {"b"}),
    ],
)  # fmt: skip
def test_what_templates_read_is_found(template: str, wanted: set[str]) -> None:
    assert keys(template) == wanted
    assert not chart(template).uses_whole_values


@pytest.mark.parametrize(
    "template",
    [
        "{{ toYaml .Values }}",
        "{{ range $k, $v := .Values }}{{ end }}",
        "{{ $v := $.Values }}",
        "{{ index .Values $name }}",
        '{{ tpl (printf "{{ .Values.%s }}" $key) . }}',
        '{{ define "x" }}{{ .Values | toYaml }}{{ end }}{{ include "x" . }}',
    ],
)
def test_values_handed_on_as_a_whole_are_said(template: str) -> None:
    found = chart(template)
    assert found.uses_whole_values
    assert found.may_read(("anything",))


def test_a_template_that_nothing_includes_reads_nothing() -> None:
    assert not chart('{{ define "x" }}{{ toYaml .Values }}{{ end }}').uses_whole_values


def test_a_template_that_the_archive_lacks_leaves_it_open() -> None:
    found = chart('{{ include "common.all" . }}{{ .Values.a }}')
    assert found.template_keys is None
    assert found.may_read(("b",))


def test_a_path_may_be_read_below_and_above_what_is_named() -> None:
    found = chart("{{ .Values.a.b }}")
    assert found.may_read(("a",))
    assert found.may_read(("a", "b", "c"))
    assert not found.may_read(("a", "c"))
    assert not found.may_read(("b",))


def test_files_that_a_template_evaluates_are_read_too() -> None:
    found = chart('{{ tpl (.Files.Get "conf/x.conf") . }}', **{"conf__x.conf": "user={{ .Values.user }}"})
    assert found.template_keys == {("user",)}
    assert found.evaluates_text
    assert not chart("{{ .Values.a }}", **{"conf__x.conf": "{{ .Values.user }}"}).may_read(("user",))


def test_defaults_that_are_run_as_templates_read_values_too() -> None:
    named = '{{ define "host" }}{{ .Values.domain }}{{ end }}'
    files = {"values.yaml": "url: 'https://{{ include \"host\" . }}/{{ .Values.path }}'\n"}
    assert chart(f"{named}{{{{ tpl .Values.url . }}}}", **files).template_keys == {("url",), ("domain",), ("path",)}
    assert chart(f"{named}{{{{ .Values.url }}}}", **files).template_keys == {("url",)}


DEPENDENCIES = """dependencies:
  - {name: db, version: 1.0.0, alias: first, condition: first.enabled, tags: [store]}
  - {name: db, version: 1.0.0, alias: second, import-values: [data]}
  - {name: cache, version: 2.x.x}
"""


def test_subcharts_come_with_alias_and_condition_and_absent_ones_are_named() -> None:
    db = {"Chart.yaml": about("db", "1.0.0"), "templates/a.yaml": "{{ .Values.user }}{{ .Values.global.zone }}"}
    extra = {"Chart.yaml": about("extra", "0.1.0")}
    found = read_archive(
        packed(
            {
                "Chart.yaml": about(more=DEPENDENCIES),
                "charts/db-1.0.0.tgz": packed(db, "db"),
                **{f"charts/extra/{path}": text for path, text in extra.items()},
                "templates/a.yaml": "{{ .Values.a }}",
            }
        )
    )
    first, second, third = found.subcharts
    assert (first.name, first.key, first.condition, first.tags) == ("db", "first", "first.enabled", ("store",))
    assert (second.key, second.condition, second.imports_values) == ("second", "", True)
    assert (third.key, third.version) == ("extra", "0.1.0")
    assert found.missing == ("cache",)
    assert found.template_keys == {("a",), ("first", "enabled"), ("tags", "store")}
    for path in ("first.user", "second.user", "first.enabled", "global.zone", "cache.anything", "tags.store"):
        assert found.may_read(tuple(path.split("."))), path
    for path in ("second.enabled", "first.users", "global.region", "extra.a", "tags.other"):
        assert not found.may_read(tuple(path.split("."))), path


def test_a_library_reads_the_values_of_the_chart_that_uses_it() -> None:
    library = {
        "Chart.yaml": about("common", "1.0.0", more="type: library\n"),
        "templates/_all.tpl": '{{ define "common.all" }}{{ .Values.controllers }}{{ end }}',
    }
    files = {f"charts/common/{path}": text for path, text in library.items()}
    more = "dependencies:\n  - {name: common, version: 1.0.0}\n"
    found = read_archive(
        packed({"Chart.yaml": about(more=more), **files, "templates/a.yaml": '{{ include "common.all" . }}'})
    )
    assert found.template_keys == {("controllers",)}
    assert found.subcharts[0].is_library


def test_requirements_of_an_old_chart_are_read() -> None:
    found = chart("", **{"requirements.yaml": "dependencies:\n  - {name: db, version: 1.0.0, alias: base}\n"})
    assert found.missing == ("base",)


def test_a_broken_subchart_is_a_missing_one() -> None:
    found = read_archive(packed({"Chart.yaml": CHART, "charts/postgresql-10.12.4.tgz": b""}))
    assert found.missing == ("postgresql",)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "this is no gzipped tar archive"),
        (b"not gzip", "this is no gzipped tar archive"),
        (gzip.compress(b"not tar" * 200), "this is no gzipped tar archive"),
        (packed({"values.yaml": ""}), "there is no Chart.yaml with a name and a version in it"),
        (packed({"Chart.yaml": "name: x"}), "there is no Chart.yaml with a name and a version in it"),
        (packed({"Chart.yaml": "name: ../../x\nversion: 1"}), "there is no Chart.yaml with a name"),
        (packed({"Chart.yaml": "name: [x"}), "Chart.yaml is no YAML"),
        (packed({"Chart.yaml": "[" * 500_000}), "Chart.yaml is no YAML: nested over 200 deep"),
        (packed({"Chart.yaml": "- " * 500_000}), "Chart.yaml is no YAML: nested over 200 deep"),
        (packed({"../../evil": "x"}), "leads out of it"),
        (packed({"x": "x"}, "/etc"), "leads out of it"),
        (packed({"..\\x": "x"}), "leads out of it"),
        (packed({"x": "x"}, "C:"), "leads out of it"),
        (packed({"values.yaml": b"\0" * (chart_archive.MAX_FILE + 1)}), "`demo/values.yaml` is larger than 5 MiB"),
        (packed({"Chart.yaml": CHART})[:-40], "this is no gzipped tar archive"),
    ],
    ids=count(),
)
def test_what_is_no_honest_chart_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(ChartError, match=message.replace("\\", ".")):
        read_archive(content)


def test_a_bomb_stops_at_the_limit() -> None:
    zeros = b"\0" * chart_archive.MAX_FILE
    bomb = packed({"Chart.yaml": CHART, **{f"templates/{number}": zeros for number in range(22)}})
    assert len(bomb) < 1_000_000
    with pytest.raises(ChartError, match="the chart holds over 100 MiB"):
        read_archive(bomb)


def test_a_bomb_of_bombs_shares_one_limit() -> None:
    zeros = b"\0" * chart_archive.MAX_FILE
    inner = packed({"Chart.yaml": about("inner"), **{f"templates/{number}": zeros for number in range(8)}})
    files = {f"charts/inner-{number}.tgz": inner for number in range(4)}
    with pytest.raises(ChartError, match="the chart holds over 100 MiB"):
        read_archive(packed({"Chart.yaml": CHART, **files}))


def test_charts_in_charts_end_somewhere() -> None:
    content = packed({"Chart.yaml": CHART})
    for _ in range(10):
        content = packed({"Chart.yaml": CHART, "charts/demo.tgz": content})
    with pytest.raises(ChartError, match="over 8 deep"):
        read_archive(content)


def test_too_many_files_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    content = packed({"Chart.yaml": CHART, **{f"templates/{number}": "" for number in range(20)}})
    with pytest.raises(ChartError, match="files"):
        chart_archive.files_of_archive(content, chart_archive.Budget(files=10))


def test_links_and_devices_are_left_out() -> None:
    link = tarfile.TarInfo("demo/values.yaml")
    link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
    hard = tarfile.TarInfo("demo/values.schema.json")
    hard.type, hard.linkname = tarfile.LNKTYPE, "demo/Chart.yaml"
    pipe = tarfile.TarInfo("demo/templates/a.yaml")
    pipe.type = tarfile.FIFOTYPE
    content = raw_archive((tarfile.TarInfo("demo/Chart.yaml"), CHART.encode()), (link, b""), (hard, b""), (pipe, b""))
    found = read_archive(content)
    assert (found.values, found.schema) == (None, None)


def test_links_in_a_folder_are_not_followed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("password: hunter2")
    folder = tmp_path / "chart"
    folder.mkdir()
    (folder / "Chart.yaml").write_text(CHART)
    (folder / "values.yaml").symlink_to(tmp_path / "secret")
    (folder / "templates").symlink_to(tmp_path)
    found = read_folder(folder)
    assert found.values is None


def test_a_schema_that_is_no_json_object_is_none() -> None:
    assert chart("", **{"values.schema.json": "[1]"}).schema is None
    assert chart("", **{"values.schema.json": "[" * 100_000}).schema is None


@pytest.mark.parametrize(
    "template",
    [
        "{{ " * 500_000 + '"' * 1000,
        "{{ " + "/*" * 1_000_000,
        "{{/*" + "/*" * 1_000_000,
        "{{ index " + ".Values.a" * 400_000 + " }}",
        "{{ (" + ".Values.a" * 400_000 + " }}",
        "{{ " + "(" * 1_000_000 + " }}",
        "{{ " + "`" * 999_999 + " }}",
        ("{{ index " + ".Values.a" * 1_000 + " }}") * 100,
        ("{{ " + "( " * 4_000 + ".Values }}") * 100,
        ("{{ include " + '"' * 8_001 + " }}") * 100,
        "{{ .Values.a }}" * 100_000,
        "{{ x }}" * 1_500_000,
    ],
    ids=range(12),
)
def test_no_template_is_endless_work(template: str) -> None:
    started = process_time()
    templates_of({"a.yaml": template})
    assert process_time() - started < 4


def test_beyond_a_limit_everything_counts_as_read() -> None:
    assert templates_of({"a.yaml": "x" * 10_000_001}).rendered.whole
    assert templates_of({"a.yaml": "{{ " + "x " * 10_001 + "}}"}).rendered.whole
    assert reads_of_text("x" * 10_000_001).whole


def test_helms_cache_is_looked_up_by_name_and_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HELM_CACHE_HOME", str(tmp_path))
    (tmp_path / "repository").mkdir()
    (tmp_path / "repository" / "demo-1.2.3.tgz").write_bytes(packed({"Chart.yaml": CHART, "values.yaml": "a: 1"}))
    (tmp_path / "repository" / "other-1.2.3.tgz").write_bytes(packed({"Chart.yaml": CHART}))
    (tmp_path / "repository" / "broken-1.tgz").write_bytes(b"x")
    found = find_in_helm_cache("demo", "v1.2.3")
    assert found is not None
    assert found.values == "a: 1"
    assert find_in_helm_cache("demo", "1.2.4") is None
    assert find_in_helm_cache("other", "1.2.3") is None
    assert find_in_helm_cache("broken", "1") is None
    assert find_in_helm_cache("../repository/demo", "1.2.3") is None
