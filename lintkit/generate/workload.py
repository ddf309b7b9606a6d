"""An existing workload, and where in its file a sidecar and its volumes go."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Literal

from lintkit.errors import UsageError
from lintkit.model.resource import make, manifests
from lintkit.syntax.embedded import embedded
from lintkit.syntax.node import Mapping, Scalar
from lintkit.syntax.parser import parse
from lintkit.text.source import Source

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.generate.found import Found
    from lintkit.model.resource import Resource

Form = Literal["", "pod", "airflow", "app-template"]
KINDS = ("Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job", "Pod", "HelmRelease")
_POD = {"Pod": ("spec",), "CronJob": ("spec", "jobTemplate", "spec", "template", "spec")}
_AIRFLOW_LOGS = "/opt/airflow/logs"


@dataclass(frozen=True, slots=True)
class Workload:
    """A workload of the tree; false when there is none.

    Attributes:
        kind: Its kind; `HelmRelease` for what a chart makes.
        name: Its name.
        namespace: The namespace that it lives in.
        path: The file it is written in.
        form: How it is written: a pod, values of Airflow, values of app-template; empty when it is none of these.
        chart: Name of the chart of a HelmRelease.
        written_namespace: `metadata.namespace` as it stands in the file.
    """

    kind: str = ""
    name: str = ""
    namespace: str = ""
    path: str = ""
    form: Form = ""
    chart: str = ""
    written_namespace: str = ""

    def __bool__(self) -> bool:
        return bool(self.kind)

    @property
    def is_airflow(self) -> bool:
        """Whether its tasks are those of Airflow."""
        return self.chart == "airflow"

    @property
    def logs(self) -> str:
        """Where it writes log files, as far as that is known."""
        return _AIRFLOW_LOGS if self.is_airflow else "/var/log/app"

    def inside(self, text: str) -> Mapping | None:
        """What a sidecar is added to, in a text of its file: the pod's `spec`, the values, or a controller of them."""
        stream = parse(Source(self.path, text))
        for root in manifests(stream) if stream.error is None else ():
            one = make(root)
            if (one.kind, one.name) == (self.kind, self.name):
                return _place(one, self.form)
        return None

    def volume_at(self, text: str, path: str) -> str:
        """The volume that its own container mounts at a path; empty when there is none."""
        inside = self.inside(text)
        if self.form == "airflow":
            return "logs" if path == _AIRFLOW_LOGS else ""
        if inside is None:
            return ""
        if self.form == "app-template":
            return next((name for name, one in persistence(inside) if path in _mounted(one)), "")
        for container in inside.mappings_at("containers")[:1]:
            for mount in container.mappings_at("volumeMounts"):
                if mount.text("mountPath") == path:
                    return mount.text("name") or ""
        return ""


def find_workload(found: Found, name: str, namespace: str = "", kind: str = "") -> Workload:
    """The workload of a name; false when there is none that takes a sidecar.

    Raises:
        UsageError: Several have that name.
    """
    fits = [
        (one, resource)
        for resource in _candidates(found)
        if (one := _workload(found, resource)).name == name
        and namespace in {"", one.namespace}
        and kind in {"", one.kind}
    ]
    unique = {(one.kind, one.namespace): one for one, _ in fits if one.form}
    if len(unique) > 1:
        places = ", ".join(f"{one.kind} in `{one.namespace}` ({one.path})" for one in unique.values())
        message = f"several workloads are called `{name}`: {places}; `--namespace` or `--set kind=` says which"
        raise UsageError(message)
    return next(iter(unique.values()), fits[0][0] if fits else Workload())


def the_workload(found: Found, name: str, namespace: str = "", kind: str = "") -> Workload:
    """The workload of a name that takes a sidecar.

    Raises:
        UsageError: There is none.
    """
    one = find_workload(found, name, namespace, kind)
    if one.form:
        return one
    if one:
        message = (
            f"{one.path}: {one.kind} `{name}` of chart `{one.chart}` has no pod template in its values; "
            "lintkit knows plain workloads, pod templates, Airflow and app-template"
        )
        raise UsageError(message)
    known = sorted({resource.name for resource in _candidates(found)})
    close = get_close_matches(name, known, 1)
    hint = f"; did you mean `{close[0]}`?" if close else ""
    where = f" in namespace `{namespace}`" if namespace else ""
    message = f"there is no workload `{name}`{where}{hint}"
    raise UsageError(message)


def persistence(values_part: Mapping) -> Iterator[tuple[str, Mapping]]:
    """Name -> entry of app-template's `persistence`."""
    node = values_part.get("persistence")
    for key, value in node.items() if isinstance(node, Mapping) else ():
        if isinstance(value, Mapping):
            yield key.text, value


def controller(values: Mapping) -> tuple[str, Mapping] | None:
    """The first controller in app-template's values."""
    node = values.get("controllers")
    pairs = [(key.text, one) for key, one in node.items()] if isinstance(node, Mapping) else []
    return next(((name, one) for name, one in pairs if isinstance(one, Mapping) and "containers" in one.entries), None)


def _mounted(entry: Mapping) -> set[str]:
    """Paths that an entry of `persistence` is mounted at; its own name where it says none."""
    paths = {mount.text("path") or "" for mount in entry.mappings_at("globalMounts")}
    advanced = entry.mapping_at("advancedMounts")
    for _, containers in advanced.items() if advanced is not None else ():
        for _, mounts in containers.items() if isinstance(containers, Mapping) else ():
            for mount in getattr(mounts, "elements", ()):
                if isinstance(mount, Mapping):
                    paths.add(mount.text("path") or "")
    return paths


def _candidates(found: Found) -> Iterator[Resource]:
    for kind in KINDS:
        yield from found.objects(kind)


def _workload(found: Found, resource: Resource) -> Workload:
    chart = found.chart_of(resource) if resource.kind == "HelmRelease" else ""
    written = make(resource.written)
    values = written.root.mapping_at("spec", "values")
    form: Form = "pod"
    if resource.kind == "HelmRelease":
        form = ""
        if _template(values) is not None:
            form = "pod"
        elif chart == "airflow":
            form = "airflow"
        elif values is not None and controller(values) is not None:
            form = "app-template"
    elif _place(written, "pod") is None:
        form = ""
    return Workload(resource.kind, written.name, resource.namespace, resource.path, form, chart, written.namespace)


def _place(resource: Resource, form: Form) -> Mapping | None:
    root = resource.root
    if resource.kind != "HelmRelease":
        return root.mapping_at(*_POD.get(resource.kind, ("spec", "template", "spec")))
    values = root.mapping_at("spec", "values")
    if form == "pod":
        return _template(values)
    return values if values is not None else root.mapping_at("spec")


def _template(values: Mapping | None) -> Mapping | None:
    """`spec` of the pod template in the values of Airflow."""
    node = values.get("podTemplate") if values is not None else None
    if not isinstance(node, Scalar) or node.style != "|":
        return None
    stream = embedded(node, templated=True)
    root = stream.documents[0].root if stream.documents and stream.error is None else None
    return root.mapping_at("spec") if root is not None else None
