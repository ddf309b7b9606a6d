"""The probe `running-version`."""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from lintkit.model.kustomize.transform import split_image
from lintkit.verify.expectation import Answer, Expectation, Need, failed, passed, unknown
from lintkit.verify.pods import containers_of, is_over, name_of
from lintkit.verify.probes._probe import PODS, probe
from lintkit.verify.probes.image_version import Sidecar, sidecars
from lintkit.verify.trim import line

if TYPE_CHECKING:
    from collections.abc import Iterator

    from lintkit.verify.live import Live
    from lintkit.verify.promises import Promises

_VERSION = re.compile(r"\bvector v?(\d+\.\d+\.\d+)\b")


@probe(group="workloads", rights=PODS, executes=True)
def running_version(promises: Promises) -> Iterator[Expectation]:
    """`vector --version`, run in one of its containers, says the version that the tree names.

    A tag can be moved, and an image rebuilt; the program itself does not lie.
    """
    for sidecar in sidecars(promises):
        if sidecar.image.repository.rpartition("/")[2] == "vector" and sidecar.image.version:
            yield Expectation(
                f"program `vector` in {sidecar.namespace}",
                f"says that it is of version {sidecar.image.version}",
                sidecar.image.node.place,
                f"kubectl -n {sidecar.namespace} exec POD -c vector -- vector --version",
                partial(_ask, sidecar),
                sidecar.namespace,
                needs=(Need("pods/exec", sidecar.namespace),),
            )


def _ask(sidecar: Sidecar, live: Live) -> Answer:
    for pod in live.all("", "Pod", sidecar.namespace):
        if is_over(pod) or (pod.get("status") or {}).get("phase") != "Running":
            continue
        for container in containers_of(pod.get("spec") or {}):
            if split_image(container.get("image") or "")[0].rpartition("/")[2] != "vector":
                continue
            output = live.execute(sidecar.namespace, name_of(pod), container["name"], "vector", "--version")
            found = _VERSION.search(output.stdout)
            if found is None:
                return unknown(
                    f"`vector --version` in pod {name_of(pod)} says: {line(output.stdout + output.stderr, 120)}"
                )
            if found[1] != sidecar.image.version and not sidecar.fits(found[1]):
                return failed(f"pod {name_of(pod)} runs {found[1]}, the tree names {sidecar.image.version}")
            return passed(f"pod {name_of(pod)} runs {found[1]}")
    return unknown("no running pod has a Vector now")
