"""The rule `irregular-refresh`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Finding, Severity
from lintkit.rules._rule import rule
from lintkit.rules.house._objects import all_objects
from lintkit.rules.house._refresh import refresh_of, seconds
from lintkit.suppress import closest, glob

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.tree import Tree
    from lintkit.options import Options, RefreshClass, RefreshPolicy
    from lintkit.rules.house._refresh import Refresh


@rule(severity=Severity.ERROR, since="0.1")
def irregular_refresh(tree: Tree, options: Options) -> Iterator[Finding]:
    """An ExternalSecret is fetched otherwise than its refresh class says, or is of no class.

    `refresh.classes` in the configuration names the classes, each with the values of `refreshPolicy` and the interval
    that it allows. An object says its class in the label or annotation `refresh.key`; or a class has a `path`, whose
    files belong to it. What is not written counts as External Secrets reads it: `Periodic`, every hour.

    ## Why
    Every fetch is a request that the store counts, and many bill. The default of one hour is right for few secrets,
    and a class says which: those that people rotate while they work, and those that stay for months.

    ## Bad
    ```yaml .lintkit.yaml
    refresh:
      key: example.org/refresh
      classes:
        - name: stable
          policies: [Periodic]
          at-least: 24h
        - name: manual
          policies: [OnChange]
    ```
    ```yaml app/secret.yaml
    apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    metadata:
      name: database
      namespace: airflow
      annotations:
        example.org/refresh: stable
    spec:
      refreshInterval: 15m # error: `refreshInterval` is `15m`; the class `stable` wants at least `24h`
      secretStoreRef:
        kind: ClusterSecretStore
        name: onepassword
      data:
        - secretKey: password
          remoteRef:
            key: airflow
    ```

    ## Good
    ```yaml app/secret.yaml
    apiVersion: external-secrets.io/v1
    kind: ExternalSecret
    metadata:
      name: database
      namespace: airflow
      annotations:
        example.org/refresh: stable
    spec:
      refreshInterval: 24h
      secretStoreRef:
        kind: ClusterSecretStore
        name: onepassword
      data:
        - secretKey: password
          remoteRef:
            key: airflow
    ```
    """
    if not options.refresh.classes:
        return
    for resource in all_objects(tree):
        refresh = refresh_of(resource)
        if refresh is not None:
            yield from _judged(refresh, options.refresh)


def _judged(refresh: Refresh, policy: RefreshPolicy) -> Iterator[Finding]:
    found, finding = _class_of(refresh, policy)
    if finding is not None:
        yield finding
    if found is not None:
        yield from _against(refresh, found)


def _class_of(refresh: Refresh, policy: RefreshPolicy) -> tuple[RefreshClass | None, Finding | None]:
    """The class of an object, or why it has none."""
    resource = refresh.resource
    names = [one.name for one in policy.classes]
    written = None
    for field in ("annotations", "labels"):
        written = written or (resource.root.at("metadata", field, policy.key) if policy.key else None)
    if written is not None:
        name = resource.annotation(policy.key) or resource.label(policy.key) or ""
        if "${" in name:
            return None, None
        found = next((one for one in policy.classes if one.name == name), None)
        if found is None:
            hint = closest(name, names) or f"; expected one of {', '.join(f'`{one}`' for one in names)}"
            return None, Finding.at(written, f"`{name}` is no refresh class{hint}")
        return found, None
    for one in policy.classes:
        if one.path and glob(one.path).fullmatch(resource.path):
            return one, None
    if not policy.key:
        return None, None
    expected = ", ".join(f"`{name}`" for name in names)
    message = f"`{resource.name}` is of no refresh class: `{policy.key}` is not set; expected one of {expected}"
    return None, Finding.at(resource.name_place, message)


def _against(refresh: Refresh, wanted: RefreshClass) -> Iterator[Finding]:
    """Hold an object against its class."""
    if "${" in refresh.policy or "${" in refresh.interval:
        return
    if wanted.policies and refresh.policy not in wanted.policies:
        allowed = " or ".join(f"`{one}`" for one in wanted.policies)
        state = f"`refreshPolicy` is `{refresh.policy}`"
        if refresh.spec.get("refreshPolicy") is None:
            state = f"`refreshPolicy` is not set, so it is `{refresh.policy}`"
        yield Finding.at(refresh.place("refreshPolicy"), f"{state}; the class `{wanted.name}` wants {allowed}")
        return
    if refresh.policy != "Periodic" or refresh.seconds is None:
        return
    state = f"`refreshInterval` is `{refresh.interval}`"
    if refresh.spec.get("refreshInterval") is None:
        state = f"`refreshInterval` is not set, so it is `{refresh.interval}`"
    place = refresh.place("refreshInterval")
    least, most = seconds(wanted.at_least), seconds(wanted.at_most)
    if least is not None and 0 < refresh.seconds < least:
        yield Finding.at(place, f"{state}; the class `{wanted.name}` wants at least `{wanted.at_least}`")
    if most is not None and not 0 < refresh.seconds <= most:
        yield Finding.at(place, f"{state}; the class `{wanted.name}` wants at most `{wanted.at_most}`")
