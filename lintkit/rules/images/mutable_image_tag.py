"""The rule `mutable-image-tag`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from lintkit.finding import Finding, Severity
from lintkit.model.images import images
from lintkit.rules._rule import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.model.images import Image
    from lintkit.model.resource import Resource

_MOVING = frozenset(
    {
        "latest", "master", "main", "develop", "development", "dev", "devel", "edge", "nightly", "stable", "rolling",
        "canary", "next", "unstable", "testing", "test", "beta", "alpha", "release", "trunk", "head", "current",
        "staging", "production", "preview", "daily", "weekly", "lts", "mainline",
    }
)  # fmt: skip


@rule(severity=Severity.WARNING, since="0.1")
def mutable_image_tag(resource: Resource) -> Iterator[Finding]:
    """An image is named by a tag that moves, or by none, and without a digest.

    `latest`, `main`, `nightly` and the like, also with a suffix (`latest-debian`), and a reference without tag. A
    digest (`latest@sha256:...`) pins the image, so it is silent. In Helm values no tag means the chart's default.

    ## Why
    Two pods of one Deployment can run two versions, a rollback changes nothing, and what ran yesterday cannot be told.

    ## Bad
    ```yaml app/deployment.yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      namespace: default
    spec:
      template:
        spec:
          containers:
            - name: web
              image: ghcr.io/example/web:latest # warning: the tag `latest` of `ghcr.io/example/web` moves
            - name: sidecar
              image: ghcr.io/example/sidecar # warning: has neither tag nor digest
    ```

    ## Good
    ```yaml app/deployment.yaml
    apiVersion: apps/v1
    kind: Deployment
    metadata:
      name: web
      namespace: default
    spec:
      template:
        spec:
          containers:
            - name: web
              image: ghcr.io/example/web:1.4.2
            - name: sidecar
              image: ghcr.io/example/sidecar:0.3.0
    ```
    """
    for image in images(resource):
        message = _message(image)
        if message:
            yield Finding.at(image.node, message)


def _message(image: Image) -> str:
    if image.digest:
        return ""
    if not image.tag:
        return f"the image `{image.repository}` has neither tag nor digest" if image.is_reference else ""
    if is_moving(image.tag):
        return f"the tag `{image.tag}` of `{image.repository}` moves, and no digest pins it"
    return ""


def is_moving(tag: str) -> bool:
    """Whether a tag is given to other images as time goes on."""
    first, _, rest = tag.lower().partition("-")
    return tag.lower() in _MOVING or (first in _MOVING and not any(char.isdigit() for char in rest))
