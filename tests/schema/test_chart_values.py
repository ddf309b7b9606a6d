"""What lintkit knows of app-template without its chart: violating and clean values for each area and major version."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

import pytest
import yaml

from lintkit.errors import ConfigurationError
from lintkit.schema import chart_values
from tests.schema.trees import expect

RULES = ("unknown-helm-value", "invalid-helm-value", "misplaced-field", "unquoted-string")
URL = "oci://ghcr.io/bjw-s-labs/helm/app-template"


def release(version: str, values: str, url: str = URL) -> str:
    """A release of app-template."""
    head = f"""\
        apiVersion: source.toolkit.fluxcd.io/v1
        kind: OCIRepository
        metadata:
          name: app-template
          namespace: web
        spec:
          interval: 1h
          url: {url}
          ref:
            tag: "{version}"
        ---
        apiVersion: helm.toolkit.fluxcd.io/v2
        kind: HelmRelease
        metadata:
          name: hello
          namespace: web
        spec:
          interval: 1h
          chartRef:
            kind: OCIRepository
            name: app-template
          values:
        """
    return textwrap.dedent(head) + textwrap.indent(textwrap.dedent(values), "    ")


BROKEN = yaml.safe_load(Path(__file__).with_name("app_template_broken.yaml").read_text("utf-8"))
CLEAN = {
    "3.0.3 3.7.3": """\
        controllers:
          hello:
            nameOverride: web
            containers:
              app:
                image: {repository: nginx, tag: 1.27}
                env: {A: b, B: 1, C: true, D: {valueFrom: {secretKeyRef: {name: a, key: b}}}}
        service:
          web: {controller: hello, nameOverride: web, ports: {http: {port: 80}}}
        serviceAccount: {create: true, name: hello}
        persistence:
          data: {size: 1Gi, accessMode: ReadWriteOnce, globalMounts: [{path: /data}]}
          tmp: {type: emptyDir, advancedMounts: {hello: {app: [{path: /tmp}]}}}
        """,
    "4.0.1 4.6.2": """\
        controllers:
          hello:
            forceRename: "{{ .Release.Name }}"
            serviceAccount: {identifier: hello}
            containers: {app: {image: {repository: nginx, tag: "1.27"}}}
        service: {web: {suffix: web, ports: {http: {port: 80}}}}
        serviceAccount: {hello: {staticToken: true}}
        rawResources: {pod: {apiVersion: v1, kind: Pod, spec: {}}}
        """,
    "5.0.1 5.1.0": """\
        controllers:
          hello:
            type: statefulset
            replicas: "${REPLICAS}"
            horizontalPodAutoscaler: {maxReplicas: 3}
            pod: {resizePolicy: [{resourceName: cpu, restartPolicy: NotRequired}]}
        persistence: {scratch: {type: ephemeral, size: 1Gi}}
        rawResources: {pod: {manifest: {apiVersion: v1, kind: Pod, spec: {}}}}
        mine: {is: read}
        contents: "{{ .Values.mine.is }}"
        """,
}


@pytest.mark.parametrize(
    ("version", "values"),
    [
        pytest.param(version, one["values"], id=f"{one['area']} {version}")
        for one in BROKEN
        for version in one["versions"]
    ],
)
def test_what_is_wrong_is_said_at_its_line(version: str, values: str, tmp_path: Path) -> None:
    expect(tmp_path, release(version, values), rules=RULES)


@pytest.mark.parametrize(
    ("version", "values"), [(version, values) for versions, values in CLEAN.items() for version in versions.split()]
)
def test_what_is_right_is_left_alone(version: str, values: str, tmp_path: Path) -> None:
    expect(tmp_path, release(version, values), rules=RULES)


def test_a_type_that_another_object_may_bring_is_not_called_missing(tmp_path: Path) -> None:
    values = "persistence:\n  data:\n    hostPath: /data\n    surplus: 1  # unknown-helm-value: `surplus` is no field\n"
    text = release("5.1.0", values).replace("  values:", "  valuesFrom: [{kind: ConfigMap, name: more}]\n  values:")
    expect(tmp_path, text, rules=RULES)


WRONG = "controllers: {hello: {replica: 1}}\n"


@pytest.mark.parametrize(
    ("version", "url"),
    [
        ("2.6.0", URL),
        ("6.0.0", URL),
        ("5.1", URL),
        ("5.1.0-beta.1", URL),
        ("latest", URL),
        ("5.1.0", "oci://registry.example/charts/app-template"),
    ],
)
def test_another_version_or_another_chart_of_that_name_is_unknown(version: str, url: str, tmp_path: Path) -> None:
    expect(tmp_path, release(version, WRONG, url), rules=RULES)


def test_a_newer_version_of_the_same_major_one_is_warned_of_close_names(tmp_path: Path) -> None:
    values = """\
        controllers:
          hello:
            replica: 1  # unknown-helm-value[warning]: did you mean `replicas`? (by lintkit's schema of chart
            brandNew: true
        """
    expect(tmp_path, release("5.9.0", values), rules=RULES)


def test_the_chart_itself_wins(tmp_path: Path) -> None:
    folder = tmp_path / "charts" / "app-template" / "5.1.0"
    folder.mkdir(parents=True)
    schema = {"type": "object", "properties": {"controllers": {"additionalProperties": {"required": ["theirs"]}}}}
    (folder / "values.schema.json").write_text(json.dumps(schema), "utf-8")
    values = "controllers:\n  hello:  # invalid-helm-value: `controllers.hello` lacks `theirs`\n    replica: 1\n"
    expect(tmp_path, release("5.1.0", values), rules=RULES, schemas=("charts",))


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("chart: a\nsurplus: b\n", "a file of values has the fields"),
        ("- a\n", "a file of values has the fields"),
        ("chart: [\n", "did not find"),
        ("chart: a\nvalues:\n  b >x: string\n", "`>x` is no range of versions"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(text: str, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        chart_values.read(text, "schemas/values/a.yaml")
