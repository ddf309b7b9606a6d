"""The rule `unwanted-sidecar-version`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Applicability, Finding, Fix, Related, Severity
from lintkit.model.images import images
from lintkit.model.version_range import satisfies
from lintkit.options import ImagePolicy, Options
from lintkit.rules._rule import rule
from lintkit.rules.images.mutable_image_tag import is_moving
from lintkit.suppress import glob
from lintkit.text.edit import Edit, Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.contracts import Contracts
    from lintkit.model.images import Image
    from lintkit.model.tree import Tree

_BUILT_IN = (ImagePolicy(image="**/vector", reason="Vector"), ImagePolicy(image="vector", reason="Vector"))


@rule(severity=Severity.ERROR, since="0.1")
def unwanted_sidecar_version(tree: Tree, options: Options) -> Iterator[Finding]:
    """A sidecar runs in a version that the policy does not want, or in several versions at once.

    `images:` in the configuration names images with the version (or range) and the variant that may run, in pod
    specs, in Helm values and in embedded pod templates. Without a policy for it, Vector must be pinned and of one
    version in a cluster.

    ## Why
    Sidecars of one pipeline speak to one another. A Vector that is newer than its configuration refuses to start, and
    takes the task it stands beside down with it.

    ## Bad
    ```yaml .lintkit.yaml
    images:
      - image: timberio/vector
        version: 0.39.0
        variant: debian
    ```
    ```yaml app/pod.yaml
    apiVersion: v1
    kind: Pod
    metadata:
      name: worker
      namespace: airflow
    spec:
      containers:
        - name: base
          image: apache/airflow:2.10.5
        - name: vector
          image: timberio/vector:0.40.1-alpine # error: the policy wants version `0.39.0` and variant `debian`
    ```

    ## Good
    ```yaml app/pod.yaml
    apiVersion: v1
    kind: Pod
    metadata:
      name: worker
      namespace: airflow
    spec:
      containers:
        - name: base
          image: apache/airflow:2.10.5
        - name: vector
          image: timberio/vector:0.39.0-debian
    ```
    """
    for contracts in tree.contracts:
        yield from _in_cluster(contracts, options)


def _in_cluster(contracts: Contracts, options: Options) -> Iterator[Finding]:
    found: dict[str, list[Image]] = {}
    for resource in contracts.cluster.resources:
        for image in images(resource):
            policy = _policy(image, options.images)
            if policy is not None and (policy.version or policy.variant):
                yield from _against(image, policy)
            elif policy is not None or _policy(image, _BUILT_IN) is not None:
                found.setdefault(image.repository.rpartition("/")[2], []).append(image)
    for uses in found.values():
        yield from _without_version(uses)


def _policy(image: Image, policies: tuple[ImagePolicy, ...]) -> ImagePolicy | None:
    names = {
        image.repository,
        image.repository.removeprefix("docker.io/"),
        image.repository.removeprefix("index.docker.io/"),
    }
    for policy in policies:
        if any(glob(policy.image).fullmatch(name) for name in names):
            return policy
    return None


def _against(image: Image, policy: ImagePolicy) -> Iterator[Finding]:
    """Hold an image against a policy that says which version may run."""
    fits_version = not policy.version or (bool(image.version) and satisfies(image.version, policy.version))
    fits_variant = not policy.variant or image.variant == policy.variant
    if (fits_version and fits_variant) or (image.digest and not image.tag):
        return
    if not image.tag and not image.is_reference:
        return
    wanted = " and ".join(
        f"{what} `{value}`" for what, value in (("version", policy.version), ("variant", policy.variant)) if value
    )
    have = f"tag `{image.tag}`" if image.tag else "no tag"
    reason = f" ({policy.reason})" if policy.reason else ""
    message = f"`{image.repository}` has {have}; the policy wants {wanted}{reason}"
    yield Finding.at(image.node, message, fix=_pin(image, policy))


def _pin(image: Image, policy: ImagePolicy) -> Fix | None:
    """The one tag that the policy allows."""
    exact = policy.version if policy.version.replace(".", "").isdigit() and policy.version.count(".") == 2 else ""
    version = exact or (image.version if image.version and satisfies(image.version, policy.version) else "")
    if not version or image.digest:
        return None
    prefix = "v" if image.tag.startswith("v") else ""
    variant = policy.variant or image.variant
    tag = f"{prefix}{version}-{variant}" if variant else f"{prefix}{version}"
    node, source = image.node, image.node.source
    written = source.text[node.start : node.end]
    if image.is_reference:
        at = written.rfind(f":{image.tag}") if image.tag else -1
        if at < 0:
            end = node.start + len(written.rstrip("\"'"))
            edit = Edit(source.path, Span(end, end), f":{tag}")
        else:
            edit = Edit(source.path, Span(node.start + at + 1, node.start + at + 1 + len(image.tag)), tag)
    else:
        at = written.find(image.tag)
        edit = Edit(source.path, Span(node.start + at, node.start + at + len(image.tag)), tag)
    return Fix(f"pin it to `{tag}`", (edit,), Applicability.UNSAFE)


def _without_version(uses: list[Image]) -> Iterator[Finding]:
    """Without a version in the policy: pinned, and one version in a cluster."""
    versions: dict[str, Image] = {}
    for image in uses:
        if not image.digest and (is_moving(image.tag) or (image.is_reference and not image.tag)):
            have = f"the moving tag `{image.tag}`" if image.tag else "no tag"
            message = f"`{image.repository}` has {have}; a sidecar must be pinned to one version"
            yield Finding.at(image.node, message, severity=Severity.WARNING)
        elif image.version:
            versions.setdefault(image.version, image)
    if len(versions) < 2:
        return
    shown = ", ".join(f"`{version}`" for version in sorted(versions))
    for image in uses:
        others = [other for version, other in versions.items() if version != image.version]
        if image.version and others:
            message = f"`{image.repository}` runs in several versions here: {shown}"
            related = tuple(Related(other.node.place, f"version `{other.version}`") for other in others[:3])
            yield Finding.at(image.node, message, severity=Severity.WARNING, related=related)
