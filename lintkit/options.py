"""The frozen options of a run: the configuration file merged with the command line.

The dataclasses below are the only place where an option is written down: the reader of configuration files, the
published JSON Schema and the page in the docs are made from their fields.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, Literal

Level = Literal["info", "warning", "error"]
DURATION = r"^([0-9]+(\.[0-9]+)?(h|m|s))+$"
OPTIONAL_DURATION = r"^(([0-9]+(\.[0-9]+)?(h|m|s))+)?$"
PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
"""A named part of a path: `{app}`."""


def option(help_text: str, default: Any = ..., *, pattern: str = "") -> Any:  # noqa: ANN401 - typed by the field
    """A field of an options class, with the words that explain it."""
    metadata = {"help": help_text, "pattern": pattern}
    if default is ...:
        return field(metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class External:
    """An object that this repository needs and does not make."""

    kind: str = option("Kind of the object: `Secret`, `ConfigMap`, `ClusterSecretStore` ...")
    namespace: str = option("Namespace, as a glob.", "*")
    name: str = option("Name, as a glob.", "*")
    keys: tuple[str, ...] = option("Keys it has; empty when they are not known.", ())
    reason: str = option("Who makes it.", "")
    place: object = field(default=None, compare=False, repr=False)  # the Place it was read from; no option


@dataclass(frozen=True, slots=True, kw_only=True)
class Ignore:
    """Findings to leave out; every part that is given must match."""

    rule: str = option("Name of the rule, or `*` for all.")
    path: str = option("Path of the file, as a glob; `**` crosses folders.", "**")
    resource: str = option("`Kind/namespace/name` of the object, as a glob.", "*")
    reason: str = option("Why these findings are accepted.")
    place: object = field(default=None, compare=False, repr=False)  # the Place it was read from; no option


@dataclass(frozen=True, slots=True, kw_only=True)
class ImagePolicy:
    """Which versions of an image may run."""

    image: str = option("Repository of the image, as a glob without tag: `timberio/vector`, `*/vector`.")
    version: str = option("The version: exact (`0.39.0`) or a range (`>=0.39,<0.41`, `~0.39.0`, `^1.2`).", "")
    variant: str = option("What follows the version in the tag: `debian` in `0.39.0-debian`.", "")
    reason: str = option("Why.", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChoice:
    """Files of which an app has exactly one."""

    when: str = option("Only for apps that have this file; empty for all.", "")
    files: tuple[str, ...] = option("The files, seen from the folder of the app.")


@dataclass(frozen=True, slots=True, kw_only=True)
class FluxConvention:
    """What the Flux Kustomizations of an app look like; all of it globs that may hold the names of `path`."""

    file: str = option("The file they stand in, seen from the folder of the app.", "ks.yaml")
    name: str = option("Name: `{app}`.", "")
    namespace: str = option("Namespace: `flux-system`.", "")
    path: str = option("`spec.path`: `{folder}/app`.", "")
    target_namespace: str = option("`spec.targetNamespace`: `{namespace}`.", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class AppFolder:
    """What the folder of an app looks like.

    The names in braces that `path` introduces, and `{folder}` for the whole of it, may be used in the other fields.

    Raises:
        ValueError: A field uses a name that `path` does not introduce.
    """

    path: str = option("The folders that are apps, with their parts named: `kubernetes/apps/{namespace}/{app}`.")
    when: tuple[str, ...] = option("Only folders that hold one of these files, as globs; empty for any file.", ())
    exclude: tuple[str, ...] = option("Folders that are no apps, as globs.", ())
    files: tuple[str, ...] = option("Files that every app has: `ks.yaml`, `app/kustomization.yaml`.", ())
    one_of: tuple[FileChoice, ...] = option("Files of which every app has exactly one.", ())
    not_empty: tuple[str, ...] = option("Kustomizations that must list or generate something.", ())
    registered_in: str = option("The kustomization file that lists every app.", "")
    entry: str = option("The file that is listed there, seen from the folder of the app; empty for the folder.", "")
    flux: FluxConvention = option("What its Flux Kustomizations look like.", FluxConvention())

    def __post_init__(self) -> None:
        known = {*PLACEHOLDER.findall(self.path), "folder"}
        flux = self.flux
        used = (
            *self.when, *self.files, *self.not_empty, self.registered_in, self.entry,
            *(part for choice in self.one_of for part in (choice.when, *choice.files)),
            flux.file, flux.name, flux.namespace, flux.path, flux.target_namespace,
        )  # fmt: skip
        for text in used:
            for name in PLACEHOLDER.findall(text):
                if name not in known:
                    shown = ", ".join(f"`{{{one}}}`" for one in sorted(known))
                    message = f"`{text}` uses `{{{name}}}`, which `path` does not name; it names {shown}"
                    raise ValueError(message)


@dataclass(frozen=True, slots=True, kw_only=True)
class AllowedStore:
    """A store that secrets may come from."""

    kind: str = option("`SecretStore` or `ClusterSecretStore`, as a glob.", "*")
    name: str = option("Name, as a glob.", "*")
    path: str = option("Files that may use it, as a glob.", "**")
    reason: str = option("Why.", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshClass:
    """How often the secrets of a class are fetched."""

    name: str = option("Name, as the objects write it.")
    path: str = option("Files whose secrets are of this class without saying so, as a glob; empty for none.", "")
    policies: tuple[Literal["Periodic", "OnChange", "CreatedOnce"], ...] = option(
        "Allowed values of `refreshPolicy`; empty for all.", ()
    )
    at_least: str = option("The shortest interval of periodic fetches: `24h`.", "", pattern=DURATION)
    at_most: str = option("The longest interval of periodic fetches.", "", pattern=DURATION)


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchBudget:
    """How often a store may be asked."""

    store: str = option("`Kind/name` of the stores that share the budget, as a glob.", "*/*")
    per_day: int = option("Fetches in 24 hours, of all clusters of this repository together.")
    reason: str = option("Why.", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshPolicy:
    """How often secrets are fetched."""

    key: str = option("The label or annotation of an ExternalSecret that names its class.", "")
    classes: tuple[RefreshClass, ...] = option("The classes.", ())
    budgets: tuple[FetchBudget, ...] = option("Fetches that are paid for, or allowed.", ())


@dataclass(frozen=True, slots=True, kw_only=True)
class RequiredLabel:
    """A label or annotation that objects must have."""

    key: str = option("Its key: `app.kubernetes.io/part-of`.")
    field: Literal["labels", "annotations"] = option("Where it stands below `metadata`.", "labels")
    values: tuple[str, ...] = option("Allowed values, as globs; empty for any.", ())
    kind: str = option("Kinds that must have it: `Kind` or `group/Kind`, as a glob.", "*")
    namespace: str = option("Namespaces whose objects must have it, as a glob.", "*")
    path: str = option("Files whose objects must have it, as a glob.", "**")
    reason: str = option("Why.", "")


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedComponent:
    """A component whose logs must be in Loki."""

    name: str = option("Name, for people: `scheduler`.")
    query: str = option('LogQL stream selector: `{namespace="airflow", container="scheduler"}`.')
    within: str = option("How old its newest line may be; empty for that of `loki`.", "", pattern=OPTIONAL_DURATION)


@dataclass(frozen=True, slots=True, kw_only=True)
class LokiAccess:
    """How `lintkit verify` asks Loki, and whose logs it must have.

    Without `url`, `service` and `grafana`, the Service that the tree's Vector or Grafana writes to is asked through a
    forwarded port. Passwords and tokens come from environment variables.
    """

    url: str = option("URL of Loki, to ask it directly.", "")
    service: str = option("`namespace/name:port` of Loki's Service, to ask it through a forwarded port.", "")
    grafana: str = option("URL of Grafana, to ask through its data source proxy.", "")
    datasource: str = option("UID of Loki's data source in Grafana.", "loki")
    tenant: str = option("Tenant, sent as `X-Scope-OrgID`.", "")
    username: str = option("User name for basic authentication.", "")
    password_variable: str = option("Environment variable that holds the password.", "")
    token_variable: str = option("Environment variable that holds a bearer token.", "")
    within: str = option("How old the newest line of a component may be.", "15m", pattern=DURATION)
    components: tuple[LoggedComponent, ...] = option(
        "Whose logs must be there; empty for Airflow's webserver, scheduler and workers, and webhook handlers.", ()
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyOptions:
    """What `lintkit verify` asks of a cluster."""

    loki: LokiAccess = option("How Loki is asked, and whose logs it must have.", LokiAccess())
    restarts: int = option("How many restarts of a container, the last within an hour, are too many.", 5)


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """All options of a run."""

    root: bool = option("This folder is a tree of its own, whatever stands above it.", default=False)
    plugins: tuple[str, ...] = option(
        "Installed packages whose rules, reports, blueprints and probes count; only in a file outside of the tree.", ()
    )
    exclude: tuple[str, ...] = option("Files that are no part of the tree, as gitignore patterns.", ())
    select: tuple[str, ...] = option("Rules or categories to run; empty for the default set.", ())
    extend_select: tuple[str, ...] = option("Rules or categories to run besides.", ())
    ignore: tuple[Ignore | str, ...] = option("Rules or categories not to run, or findings to leave out.", ())
    severity: dict[str, Level] | None = option("Rule -> the severity of all its findings.", None)
    baseline: str = option("File with findings that are accepted for now, as `lintkit baseline write` makes it.", "")
    fail_on: Level = option("The lowest severity that makes a run fail.", "warning")
    flux_version: str = option("Version of Flux, when the tree does not say it.", "", pattern=r"^v?\d+(\.\d+)*$")
    kubernetes_version: str = option(
        "Version of Kubernetes, when the tree does not say it.", "", pattern=r"^v?\d+(\.\d+)*$"
    )
    external: tuple[External, ...] = option("Objects that come from outside of this repository.", ())
    external_variables: tuple[str, ...] = option("Variables that come from outside of this repository, as globs.", ())
    external_namespaces: tuple[str, ...] = option("Namespaces that come from outside of this repository.", ())
    providers: dict[str, str] | None = option(
        "Kind, or `group/Kind`, or `group/*` -> `namespace/name` of the Kustomization that provides it.", None
    )
    detect_providers: bool = option("Look for providers of kinds in the tree as well.", default=False)
    images: tuple[ImagePolicy, ...] = option("Which versions of images may run.", ())
    app_folders: tuple[AppFolder, ...] = option("What the folder of an app looks like, and who registers it.", ())
    stores: tuple[AllowedStore, ...] = option("Stores that secrets may come from; empty for all.", ())
    refresh: RefreshPolicy = option("How often secrets are fetched.", RefreshPolicy())
    required_labels: tuple[RequiredLabel, ...] = option("Labels and annotations that objects must have.", ())
    verify: VerifyOptions = option("What `lintkit verify` asks of a cluster.", VerifyOptions())
    schemas: tuple[str, ...] = option(
        "Folders of JSON Schemas or CRDs, or path templates such as "
        "`schemas/{{.Group}}/{{.ResourceKind}}_{{.ResourceAPIVersion}}.json`.",
        (),
    )

    cache: bool = option("Keep what runs have worked out, for the next; see `lintkit cache`.", default=True)
    places: dict[str, object] = field(default_factory=dict, compare=False, repr=False)
    """Name of a rule or category -> the Place at which the file names it; no option."""

    @property
    def severities(self) -> dict[str, Level]:
        """`severity`, never None."""
        return self.severity or {}
