"""What the Airflow charts make of their values: the facts behind the rules about workers and DAGs.

Facts were rendered with the official chart 1.11 to 1.19-dev and read in the community chart 8.9.0.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from lintkit.model.flux import is_helm_release
from lintkit.model.helm import HelmRelease
from lintkit.model.helm_values import Values, values_of
from lintkit.syntax.embedded import embedded
from lintkit.syntax.node import Mapping, Node, Scalar, Sequence

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.contracts import Contracts
    from lintkit.model.helm import Chart

OFFICIAL, COMMUNITY = "official", "community"
DATABASE = "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"
CORE = "AIRFLOW__CORE__SQL_ALCHEMY_CONN"
CONNECTION = frozenset({name + end for name in (DATABASE, CORE) for end in ("", "_CMD", "_SECRET")})
EXECUTION_URL = "AIRFLOW__CORE__EXECUTION_API_SERVER_URL"
_KUBERNETES = ("KubernetesExecutor", "LocalKubernetesExecutor", "CeleryKubernetesExecutor")
_VERSION = re.compile(r"^[v=]?(\d+)\.(\d+)(?:\.(\d+))?(?:-[\w.]+)?$")
_HELPER = re.compile(r"include\s+\"(?:standard_airflow_environment|custom_airflow_environment)\"")


@dataclass(frozen=True, slots=True, eq=False)
class Airflow:
    """A release of an Airflow chart.

    Attributes:
        release: The HelmRelease.
        values: Its values.
        chart: The chart.
        flavour: `official` or `community`.
        version: (major, minor) of the chart; None for a range, or when it is not known.
    """

    release: HelmRelease
    values: Values
    chart: Chart
    flavour: str
    version: tuple[int, int] | None

    @property
    def place(self) -> Node:
        """Where a finding about the whole release stands: its executor, else its values, else its name."""
        executor = self.values.get("executor")
        return executor or self.release.values or self.release.resource.at("metadata", "name") or self.chart.node

    @property
    def airflow_version(self) -> tuple[int, int] | None:
        """(major, minor) of Airflow; None when neither the values nor the chart's version says it."""
        written = parse_version(self.values.text("airflowVersion"))
        if written is not None:
            return written
        if self.version is None:
            return None
        return (3, 0) if self.version >= (1, 17) else (2, 10)

    @property
    def has_worker_pods(self) -> bool | None:
        """Whether tasks run in pods of their own; None when a variable decides it."""
        text = self.values.text("executor")
        if "${" in text or "{{" in text or (not text and not self.values.is_whole):
            return None
        if self.version is not None and self.version < (1, 16):
            return text in _KUBERNETES
        return any(name in text for name in _KUBERNETES)

    @property
    def fullname(self) -> str:
        """What the chart's own objects are called."""
        name = self.release.release_name
        if self.values.flag("useStandardNaming", default=False) and "airflow" not in name:
            return f"{name}-airflow"
        return name

    @property
    def metadata_secret(self) -> Scalar | None:
        """`data.metadataSecretName`, when it is set."""
        node = self.values.get("data", "metadataSecretName")
        return node if isinstance(node, Scalar) and node.text else None

    def built_in(self, name: str) -> bool:
        """Whether the chart sets one of its built-in variables."""
        return self.values.flag("enableBuiltInSecretEnvVars", name, default=True)


def releases(contracts: Contracts) -> Iterator[Airflow]:
    """The Airflow releases of a cluster."""
    for resource in contracts.cluster.resources:
        if not is_helm_release(resource):
            continue
        release = HelmRelease(resource)
        chart = release.chart(contracts.cluster)
        if chart is None or chart.name != "airflow":
            continue
        values = values_of(release, contracts)
        flavour = _flavour(chart, values)
        if flavour:
            yield Airflow(release, values, chart, flavour, parse_version(chart.version))


def _flavour(chart: Chart, values: Values) -> str:
    url = chart.repository.lower()
    if "bitnami" in url:
        return ""
    if "airflow-helm" in url or (not url and isinstance(values.get("airflow", "executor"), Scalar)):
        return COMMUNITY
    return OFFICIAL


def parse_version(text: str) -> tuple[int, int] | None:
    """(major, minor) of an exact version; None for ranges and for text that is none."""
    found = _VERSION.match(text.strip())
    return (int(found[1]), int(found[2])) if found else None


@dataclass(frozen=True, slots=True, eq=False)
class PodTemplate:
    """A pod template in values.

    Attributes:
        node: The text it stands in.
        containers: Its containers; Airflow takes the first one for the task, whatever its name.
        volumes: Name -> volume.
        uses_helper: Whether it includes the chart's own environment.
        error: Why it cannot be read, or empty.
    """

    node: Scalar
    containers: tuple[Mapping, ...]
    uses_helper: bool
    error: str = ""
    volumes: dict[str, Mapping] = field(default_factory=dict)


def pod_template(node: Node | None) -> PodTemplate | None:
    """Read a pod template from a text; None when there is none."""
    if not isinstance(node, Scalar) or node.is_null or not node.text.strip():
        return None
    helper = _HELPER.search(node.text) is not None
    stream = embedded(node, templated=True)
    root = stream.documents[0].root if stream.documents else None
    if stream.error is not None or not isinstance(root, Mapping):
        reason = stream.error.message if stream.error else "it is no mapping"
        return PodTemplate(node, (), helper, reason)
    containers = tuple(root.mappings_at("spec", "containers"))
    volumes = {volume.text("name") or "": volume for volume in root.mappings_at("spec", "volumes")}
    return PodTemplate(node, containers, helper, "" if containers else "it has no `spec.containers`", volumes)


def environment(container: Mapping) -> dict[str, Mapping]:
    """Name -> entry of `env`."""
    return {name: entry for entry in container.mappings_at("env") if (name := entry.text("name"))}


def config_mount(container: Mapping) -> Mapping | None:
    """The mount of an airflow.cfg."""
    for mount in container.mappings_at("volumeMounts"):
        if "airflow.cfg" in (mount.text("mountPath") or "") or mount.text("subPath") == "airflow.cfg":
            return mount
    return None


def mounts_config(container: Mapping) -> bool:
    """Whether a container mounts an airflow.cfg."""
    return config_mount(container) is not None


def text_entries(node: Node | None) -> list[Mapping] | None:
    """The entries of a templated text such as `extraEnv`; None when it cannot be read wholly."""
    if not isinstance(node, Scalar) or not node.text.strip():
        return []
    stream = embedded(node, templated=True)
    root = stream.documents[0].root if stream.documents else None
    if stream.error is not None or not isinstance(root, Sequence):
        return None
    return [entry for entry in root.elements if isinstance(entry, Mapping)]


def text_environment(node: Node | None) -> tuple[dict[str, Node], bool]:
    """Names that a templated text such as `extraEnv` sets, and whether it can be read wholly."""
    entries = text_entries(node)
    found = {name.text: name for entry in entries or () if isinstance(name := entry.get("name"), Scalar)}
    return dict(found), entries is not None
