"""The probe `image-version`."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from lintkit.model.images import Image, images
from lintkit.model.kustomize.transform import split_image
from lintkit.model.version_range import satisfies
from lintkit.suppress import glob
from lintkit.verify.expectation import Answer, Expectation, failed, passed, unknown
from lintkit.verify.pods import containers_of, is_over, name_of
from lintkit.verify.probes._probe import PODS, probe
from lintkit.verify.promises import is_name

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.options import ImagePolicy
    from lintkit.verify.live import Live
    from lintkit.verify.promises import Promises

_SIDECARS = frozenset({"vector"})


class Sidecar(NamedTuple):
    """An image whose version matters, in one namespace."""

    image: Image
    namespace: str
    policy: ImagePolicy | None

    @property
    def wanted(self) -> str:
        """The version, for messages."""
        if self.policy is None:
            return f"tag `{self.image.tag}`"
        parts = (("version", self.policy.version), ("variant", self.policy.variant))
        return " and ".join(f"{what} `{value}`" for what, value in parts if value)

    def fits(self, tag: str) -> bool:
        """Whether a tag is right."""
        if self.policy is None:
            return tag == self.image.tag
        number, _, variant = tag.removeprefix("v").partition("-")
        right = not self.policy.version or (number[:1].isdigit() and satisfies(number, self.policy.version))
        return right and (not self.policy.variant or variant == self.policy.variant)


def sidecars(promises: Promises) -> Iterator[Sidecar]:
    """The images that the policy names, or that are Vector; each once for a namespace."""
    seen = set()
    policies = [one for one in promises.options.images if one.version or one.variant]
    for resource in promises.cluster.resources:
        for image in images(resource):
            policy = next((one for one in policies if glob(one.image).fullmatch(image.repository)), None)
            is_known = image.repository.rpartition("/")[2] in _SIDECARS and bool(image.tag)
            namespace = resource.text("spec", "targetNamespace") or resource.namespace
            key = (image.repository, namespace, image.tag if policy is None else "")
            if (policy or is_known) and is_name(namespace) and key not in seen:
                seen.add(key)
                yield Sidecar(image, namespace, policy)


@probe(group="workloads", rights=PODS)
def image_version(promises: Promises) -> Iterator[Expectation]:
    """Every container of an image that the policy names, and every Vector, runs in the version wanted.

    `images:` of the configuration says which versions may run; without a policy for it, Vector's tag is the one that
    the tree writes. Pods that have ended count as long as they are there; where no pod has the image, it is not known.
    """
    for sidecar in sidecars(promises):
        resource = sidecar.image.resource
        yield Expectation(
            f"image `{sidecar.image.repository}` in {sidecar.namespace}",
            f"runs with {sidecar.wanted}",
            sidecar.image.node.place,
            f"kubectl -n {sidecar.namespace} get pods -o custom-columns="
            "NAME:.metadata.name,IMAGES:.spec.containers[*].image,INIT:.spec.initContainers[*].image",
            partial(_ask, sidecar),
            resource.namespace,
        )


def _ask(sidecar: Sidecar, live: Live) -> Answer:
    seen: list[str] = []
    for pod in live.all("", "Pod", sidecar.namespace):
        for container in containers_of(pod.get("spec") or {}):
            repository, tag, digest = split_image(container.get("image") or "")
            if _plain(repository) != _plain(sidecar.image.repository) or (digest and not tag):
                continue
            state = ", which has ended" if is_over(pod) else ""
            if not sidecar.fits(tag):
                where = f"container `{container.get('name')}` of pod {name_of(pod)}{state}"
                return failed(f"{where} has tag `{tag}`, wanted {sidecar.wanted}")
            seen.append(tag)
    if not seen:
        return unknown("no pod has this image now")
    return passed(f"{len(seen)} {'container' if len(seen) == 1 else 'containers'} with tag `{seen[0]}`")


def _plain(repository: str) -> str:
    return repository.removeprefix("index.").removeprefix("docker.io/").removeprefix("library/")
